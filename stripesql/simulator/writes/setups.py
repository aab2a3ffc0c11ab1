"""Play setup intents: save a payment method for later.

In: create, update, confirm, cancel. Out: rows.

    requires_payment_method -> requires_confirmation -> succeeded | requires_action       every open state -> canceled
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import cards, magic, plain
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.model import Handlers, Row, Write, wrong_state

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
CODE = "setup_intent_unexpected_state"


def create(write: Write) -> Row:
    """Add a setup intent, and confirm it where that is asked for."""
    hand, values = write.hand, write.values
    row_id = hand.new_id("seti_1")
    fields: Object = {name: values.get(name) for name in ("customer", "description", "on_behalf_of", "attach_to_self")}
    options = {"card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}}
    fields |= {
        "id": row_id,
        "automatic_payment_methods": {"allow_redirects": "always", "enabled": True, **(values.get("automatic_payment_methods") or {})},
        "client_secret": f"{row_id}_secret_{row_id[-12:]}",
        "metadata": values.get("metadata") or {},
        "payment_method_options": options,
        "payment_method_types": values.get("payment_method_types") or ["card"],
        "status": "requires_payment_method",
        "usage": values.get("usage") or "off_session",
    }
    hand.add("setup_intents", fields)
    _set_method(hand, row_id, values)
    if values.get("confirm"):
        confirm_it(hand, row_id)
    return "setup_intents", row_id


def _set_method(hand: Hand, row_id: str, values: dict[str, Any]) -> None:
    if values.get("payment_method") is not None:
        method = cards.resolved(hand, values["payment_method"])
        hand.change("setup_intents", row_id, {"payment_method": method["id"], "status": "requires_confirmation"}, event=False)


def confirm_it(hand: Hand, row_id: str) -> None:
    """Save the method to the customer.

    Raises:
        ApiError: 402, the card declines; the intent says so too.
    """
    intent = hand.get("setup_intents", row_id, "intent")
    if intent["status"] not in OPEN:
        raise wrong_state(f"You cannot confirm this SetupIntent because it has a status of {intent['status']}.", CODE)
    if intent["payment_method"] is None:
        raise wrong_state("You cannot confirm this SetupIntent because it's missing a payment method.", CODE)
    card = cards.card_of(hand, intent["payment_method"])
    if card.asks and intent["status"] != "requires_action":
        action = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
        hand.change("setup_intents", row_id, {"status": "requires_action", "next_action": action}, event=False)
        return
    attempt = {"customer": intent["customer"], "payment_method": intent["payment_method"], "setup_intent": row_id, "usage": intent["usage"]}
    if card.declines and not card.attaches:
        error = {"code": card.code, "decline_code": card.declines, "message": magic.MESSAGES[card.code], "type": "card_error"}
        hand.add("setup_attempts", {**attempt, "status": "failed", "setup_error": error}, event=False)
        fields = {"status": "requires_payment_method", "payment_method": None, "last_setup_error": error}
        hand.change("setup_intents", row_id, fields, event="setup_failed")
        raise cards.declined(card, {"setup_intent": hand.shown("setup_intents", row_id)})
    made = hand.add("setup_attempts", {**attempt, "status": "succeeded"}, event=False)
    if intent["customer"]:
        cards.attach_to(hand, intent["payment_method"], intent["customer"])
    fields = {"status": "succeeded", "last_setup_error": None, "next_action": None, "latest_attempt": made["id"]}
    hand.change("setup_intents", row_id, fields, event="succeeded")


def confirm(write: Write) -> Row:
    """Confirm a setup intent."""
    intent = write.hand.get("setup_intents", write.id, "intent")
    if intent["status"] in OPEN:
        _set_method(write.hand, write.id, write.values)
    confirm_it(write.hand, write.id)
    return "setup_intents", write.id


def cancel(write: Write) -> Row:
    """Cancel a setup intent that is not finished."""
    intent = write.hand.get("setup_intents", write.id, "intent")
    if intent["status"] not in OPEN:
        raise wrong_state(f"You cannot cancel this SetupIntent because it has a status of {intent['status']}.", CODE)
    reason = write.values.get("cancellation_reason")
    write.hand.change("setup_intents", write.id, {"status": "canceled", "cancellation_reason": reason}, event="canceled")
    return "setup_intents", write.id


def update(write: Write) -> Row:
    """Change a setup intent while it is open."""
    intent = write.hand.get("setup_intents", write.id, "intent")
    if intent["status"] not in OPEN and set(write.values) - {"metadata", "description"}:
        raise wrong_state(f"This SetupIntent could not be updated because it has a status of {intent['status']}.", CODE)
    if intent["customer"] and write.values.get("customer") not in (None, intent["customer"]):
        raise ApiError(400, "You cannot change the customer of a SetupIntent.", param="customer")
    shown = {name: value for name, value in write.values.items() if name not in ("payment_method", "payment_method_options")}
    plain.change(write, plain.overlaid("setup_intents", intent, shown))
    _set_method(write.hand, write.id, write.values)
    return "setup_intents", write.id


CREATE: Handlers = {"setup_intents": create}
UPDATE: Handlers = {"setup_intents": update}
ACTIONS: Handlers = {"setup_intents.confirm": confirm, "setup_intents.cancel": cancel}
