"""Play payment intents: the states, and which call leads from one to the next.

In: create, update, confirm, capture, cancel. Out: rows.

    requires_payment_method -> requires_confirmation -> succeeded | requires_capture | requires_action
    requires_capture -> succeeded | canceled          a declined confirmation -> requires_payment_method
    every state but succeeded and canceled -> canceled
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import cards, magic, plain
from stripesql.simulator.writes import charges as charging
from stripesql.simulator.writes.charges import Bill
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.model import Handlers, Row, Write, wrong_state

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
ALWAYS = frozenset(
    {"description", "metadata", "receipt_email", "shipping", "transfer_group", "statement_descriptor", "statement_descriptor_suffix"}
)
"""What can be changed in every state."""
CODE = "payment_intent_unexpected_state"


def fields_of(hand: Hand, values: dict[str, Any], amount: int, currency: str) -> Object:
    """Return the fields of a new intent."""
    intent_id = hand.new_id("pi_3")
    automatic = values.get("automatic_payment_methods")
    types = values.get("payment_method_types") or values.get("allowed_payment_method_types") or ["card"]
    named = {name: values.get(name) for name in ("application_fee_amount", "customer", "description", "on_behalf_of", "receipt_email", "setup_future_usage", "shipping", "statement_descriptor", "statement_descriptor_suffix", "transfer_data", "transfer_group")}  # fmt: skip
    return {
        **named,
        "id": intent_id,
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "automatic_payment_methods": {"allow_redirects": "always", **automatic}
        if automatic
        else {"allow_redirects": "always", "enabled": True},
        "capture_method": values.get("capture_method") or "automatic_async",
        "client_secret": f"{intent_id}_secret_{intent_id[-12:]}",
        "confirmation_method": values.get("confirmation_method") or "automatic",
        "currency": currency,
        "metadata": values.get("metadata") or {},
        "payment_method": None,
        "payment_method_options": {
            "card": {"installments": None, "mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
        },
        "payment_method_types": types,
        "status": "requires_payment_method",
    }


def create(write: Write) -> Row:
    """Add an intent, and confirm it where that is asked for."""
    hand, values = write.hand, write.values
    charging.check_amount(values["amount"], values["currency"])
    if values.get("off_session") and not values.get("confirm"):
        raise ApiError(400, "The parameter off_session is only allowed with confirm=true.", param="off_session")
    made = hand.add("payment_intents", fields_of(hand, values, values["amount"], values["currency"]))
    _set_method(hand, made["id"], values)
    if values.get("confirm"):
        confirm_it(hand, made["id"], values)
    return "payment_intents", made["id"]


def _set_method(hand: Hand, intent_id: str, values: dict[str, Any]) -> None:
    """Give an intent the method that a call names; it must belong to the intent's customer or to nobody."""
    intent = hand.get("payment_intents", intent_id)
    given = values.get("payment_method")
    data = values.get("payment_method_data")
    if given is None and isinstance(data, dict):
        given = cards.make(hand, "pm_card_visa", {"billing_details": cards.NOBODY})["id"]
    if given is None:
        return
    method = cards.resolved(hand, given)
    owner = method.get("customer")
    if owner is not None and owner != intent["customer"]:
        message = f"The provided PaymentMethod belongs to the customer {owner}; give the same customer to the PaymentIntent."
        raise ApiError(400, message, param="payment_method")
    if method["id"] in hand.account.spent:
        message = "This PaymentMethod was used without being attached to a Customer or was detached from one, and may not be used again."
        raise wrong_state(message, "payment_method_unexpected_state", "payment_method")
    hand.change("payment_intents", intent_id, {"payment_method": method["id"], "status": "requires_confirmation"}, event=False)


def confirm_it(hand: Hand, intent_id: str, values: dict[str, Any]) -> Object:
    """Try to take the money.

    Raises:
        ApiError: 402, the card declines; the intent says so too.
    """
    intent = hand.get("payment_intents", intent_id)
    if intent["status"] not in OPEN:
        raise wrong_state(f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}.", CODE)
    if intent["payment_method"] is None:
        message = "You cannot confirm this PaymentIntent because it's missing a payment method. Update it with a payment method and then confirm it again."
        raise wrong_state(message, CODE)
    method = cards.resolved(hand, intent["payment_method"])
    card = cards.card_of(hand, method["id"])
    if card.asks and intent["status"] != "requires_action":
        return _ask(hand, intent, method, values)
    held = (values.get("capture_method") or intent["capture_method"]) == "manual"
    names = (
        "description",
        "metadata",
        "transfer_group",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "shipping",
        "on_behalf_of",
        "application_fee_amount",
    )
    bill = Bill(intent["amount"], intent["currency"], intent["customer"], intent_id, not held, {name: intent[name] for name in names})
    row, refusal = charging.charge(hand, method, bill)
    if refusal is not None:
        raise _refused(hand, intent_id, row, refusal, method)
    if intent["setup_future_usage"] and intent["customer"] and method.get("object") == "payment_method":
        cards.attach_to(hand, method["id"], intent["customer"])
    elif method.get("customer") is None:
        hand.account.spent.add(method["id"])
    fields: Object = {"latest_charge": row["id"], "last_payment_error": None, "next_action": None}
    if held:
        return hand.change(
            "payment_intents",
            intent_id,
            {**fields, "status": "requires_capture", "amount_capturable": intent["amount"]},
            event="amount_capturable_updated",
        )
    return hand.change(
        "payment_intents", intent_id, {**fields, "status": "succeeded", "amount_received": intent["amount"]}, event="succeeded"
    )


def _ask(hand: Hand, intent: Object, method: Object, values: dict[str, Any]) -> Object:
    """Ask for authentication, or refuse where nobody is there to give it."""
    if values.get("off_session") or values.get("error_on_requires_action"):
        card = magic.Card("visa", "3184", declines="authentication_required", code="authentication_required")
        row = hand.add("charges", {"amount": intent["amount"], "currency": intent["currency"], "customer": intent["customer"], "payment_intent": intent["id"], "payment_method": method["id"], "status": "failed", "paid": False, "captured": False, "failure_code": "authentication_required"})  # fmt: skip
        raise _refused(hand, intent["id"], row, card, method)
    action = {
        "type": "use_stripe_sdk",
        "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": "https://hooks.stripe.com/3d_secure_2"},
    }
    return hand.change("payment_intents", intent["id"], {"status": "requires_action", "next_action": action}, event="requires_action")


def _refused(hand: Hand, intent_id: str, row: Object, card: magic.Card, method: Object) -> ApiError:
    message = magic.MESSAGES.get(card.declines or "") or magic.MESSAGES.get(
        card.code, "This payment needs to be authenticated by the customer."
    )
    error = {
        "charge": row["id"],
        "code": card.code,
        "decline_code": card.declines,
        "doc_url": "https://stripe.com/docs/error-codes/" + card.code.replace("_", "-"),
        "message": message,
        "payment_method": method,
        "type": "card_error",
    }
    fields = {
        "status": "requires_payment_method",
        "payment_method": None,
        "last_payment_error": error,
        "latest_charge": row["id"],
        "next_action": None,
    }
    hand.change("payment_intents", intent_id, fields, event="payment_failed")
    extra = {
        "charge": row["id"],
        "decline_code": card.declines,
        "payment_intent": hand.shown("payment_intents", intent_id),
        "payment_method": method,
    }
    return ApiError(402, message, code=card.code, type="card_error", extra=extra, keeps=True)


def confirm(write: Write) -> Row:
    """Confirm an intent."""
    hand, values = write.hand, write.values
    intent = hand.get("payment_intents", write.id, "intent")
    if intent["status"] in OPEN:
        _set_method(hand, write.id, values)
        named = {
            name: values[name]
            for name in ("setup_future_usage", "receipt_email", "shipping", "capture_method")
            if values.get(name) is not None
        }
        hand.change("payment_intents", write.id, named, event=False)
    confirm_it(hand, write.id, values)
    return "payment_intents", write.id


def capture(write: Write) -> Row:
    """Capture what an intent holds, or a part of it; the rest goes back."""
    hand = write.hand
    intent = hand.get("payment_intents", write.id, "intent")
    if intent["status"] != "requires_capture":
        message = f"This PaymentIntent could not be captured because it has a status of {intent['status']}. Only one with status requires_capture can."
        raise wrong_state(message, CODE)
    values = write.values
    amount: int = values["amount_to_capture"] if "amount_to_capture" in values else intent["amount_capturable"]
    if amount < 1:
        raise ApiError(400, "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount_to_capture")
    if amount > intent["amount_capturable"]:
        message = f"The amount to capture ({amount}) is more than the amount that can be captured ({intent['amount_capturable']})."
        raise wrong_state(message, "amount_too_large", "amount_to_capture")
    charging.settle(hand, intent["latest_charge"], amount)
    hand.tell("charges", intent["latest_charge"], "captured")
    hand.change("payment_intents", write.id, {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}, event="succeeded")
    return "payment_intents", write.id


def cancel_it(hand: Hand, intent_id: str, reason: str | None) -> None:
    """Cancel an intent; money that it holds goes back."""
    intent = hand.get("payment_intents", intent_id, "intent")
    if intent["status"] not in (*OPEN, "requires_capture"):
        message = f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only one with status {', '.join((*OPEN, 'requires_capture'))} can be canceled."
        raise wrong_state(message, CODE)
    if intent["status"] == "requires_capture":
        hand.change(
            "charges", intent["latest_charge"], {"refunded": True, "amount_refunded": intent["amount_capturable"]}, event="refunded"
        )
    fields = {"status": "canceled", "canceled_at": hand.now, "cancellation_reason": reason, "amount_capturable": 0, "next_action": None}
    hand.change("payment_intents", intent_id, fields, event="canceled")


def cancel(write: Write) -> Row:
    """Cancel an intent that is not finished; one of an invoice is canceled by voiding that."""
    hand = write.hand
    hand.get("payment_intents", write.id, "intent")
    if hand.having("invoice_payments", "payment.payment_intent", write.id):
        raise wrong_state("You cannot cancel a PaymentIntent that belongs to an invoice: void the invoice.", CODE)
    cancel_it(hand, write.id, write.values.get("cancellation_reason"))
    return "payment_intents", write.id


def update(write: Write) -> Row:
    """Change an intent: everything while it is open, descriptions afterwards."""
    hand, values = write.hand, write.values
    intent = hand.get("payment_intents", write.id, "intent")
    frozen = sorted(set(values) - ALWAYS)
    if intent["status"] not in OPEN and frozen:
        raise wrong_state(
            f"This PaymentIntent's {frozen[0]} could not be updated because it has a status of {intent['status']}.", CODE, frozen[0]
        )
    if "amount" in values or "currency" in values:
        shown_as = {**intent, **values}
        charging.check_amount(shown_as["amount"], shown_as["currency"])
    shown = {
        name: value for name, value in values.items() if name not in ("payment_method", "payment_method_options", "payment_method_data")
    }
    plain.change(write, plain.overlaid("payment_intents", intent, shown))
    _set_method(hand, write.id, values)
    return "payment_intents", write.id


def increment(write: Write) -> Row:
    """Hold more money."""
    hand = write.hand
    intent = hand.get("payment_intents", write.id, "intent")
    amount = write.values["amount"]
    if intent["status"] != "requires_capture":
        raise wrong_state(f"This PaymentIntent cannot be incremented because it has a status of {intent['status']}.", CODE)
    if amount <= intent["amount"]:
        raise ApiError(400, "The new amount must be greater than the amount that is held.", param="amount")
    hand.change("charges", intent["latest_charge"], {"amount": amount}, event=False)
    hand.change("payment_intents", write.id, {"amount": amount, "amount_capturable": amount}, event="amount_capturable_updated")
    return "payment_intents", write.id


CREATE: Handlers = {"payment_intents": create}
UPDATE: Handlers = {"payment_intents": update}
ACTIONS: Handlers = {
    "payment_intents.capture": capture,
    "payment_intents.cancel": cancel,
    "payment_intents.increment_authorization": increment,
}
