"""Give money back: refunds, never more than was charged.

In: create, update, cancel. Out: rows; the charge counts what went back.
"""

from __future__ import annotations

from stripesql.simulator.business import money
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import books, plain
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.model import Handlers, Row, Write, wrong_state


def create(write: Write) -> Row:
    """Refund a charge, whole or in part; of a charge that is only authorized, let it go."""
    hand, values = write.hand, write.values
    row = _charge(hand, values)
    amount = values.get("amount", row["amount"] - row["amount_refunded"])
    return "refunds", give_back(hand, row, amount, values.get("reason"), values.get("metadata"))["id"]


def _charge(hand: Hand, values: Object) -> Object:
    if values.get("charge") is not None:
        row = hand.named("charges", values["charge"], "charge")
        if values.get("payment_intent") not in (None, row["payment_intent"]):
            raise ApiError(400, "The charge does not belong to the payment intent.", param="payment_intent")
        return row
    if values.get("payment_intent") is None:
        raise ApiError(
            400, "One of the following params should be provided for this request: payment_intent or charge.", code="parameter_missing"
        )
    intent = hand.named("payment_intents", values["payment_intent"], "payment_intent")
    if intent["latest_charge"] is None or intent["status"] not in ("succeeded", "requires_capture"):
        raise wrong_state(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            "payment_intent_unexpected_state",
            "payment_intent",
        )
    return hand.get("charges", intent["latest_charge"])


def give_back(hand: Hand, row: Object, amount: int, reason: str | None, metadata: Object | None = None) -> Object:
    """Add a refund.

    Raises:
        ApiError: 400, the charge failed, is disputed, or holds less.
    """
    left = row["amount"] - row["amount_refunded"]
    if row["refunded"] or (left == 0 and row["amount_refunded"]):
        raise wrong_state(f"Charge {row['id']} has already been refunded.", "charge_already_refunded")
    if row["status"] != "succeeded":
        raise wrong_state(f"Charge {row['id']} cannot be refunded: its status is {row['status']}.", "charge_not_refundable")
    if row["disputed"]:
        raise wrong_state(f"Charge {row['id']} has been charged back; cannot issue a refund.", "charge_disputed")
    if amount < 1:
        raise ApiError(400, "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount")
    if amount > left:
        raise ApiError(400, f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).", param="amount")
    fields: Object = {
        "id": hand.new_id("re_3"),
        "amount": amount,
        "charge": row["id"],
        "currency": row["currency"],
        "destination_details": {
            "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"},
            "type": "card",
        },
        "metadata": metadata or {},
        "payment_intent": row["payment_intent"],
        "reason": reason,
        "status": "succeeded",
    }
    if row["captured"]:
        booked, currency, rate = money.settled(amount, row["currency"])
        kind = "refund" if row["id"].startswith("ch_") else "payment_refund"
        words = f"REFUND FOR CHARGE ({row['id']})"
        fields["balance_transaction"] = books.book(hand, kind, -booked, fields["id"], currency=currency, description=words, rate=rate)
    made = hand.add("refunds", fields)
    gone = row["amount_refunded"] + amount
    hand.change("charges", row["id"], {"amount_refunded": gone, "refunded": gone == row["amount"]}, event="refunded")
    if not row["captured"] and row["payment_intent"] is not None:
        hand.change(
            "payment_intents",
            row["payment_intent"],
            {"status": "canceled", "canceled_at": hand.now, "amount_capturable": 0},
            event="canceled",
        )
    return made


def update(write: Write) -> Row:
    """Change metadata, which is all that a refund lets be changed."""
    return plain.change(write, plain.overlaid("refunds", plain.target(write), write.values))


def cancel(write: Write) -> Row:
    """Cancel a refund that waits for the customer; refunds to cards never do."""
    row = write.hand.get("refunds", write.id, "refund")
    if row["status"] != "requires_action":
        raise wrong_state(
            f"Only refunds with status requires_action can be canceled; this one has status {row['status']}.", "refund_not_cancelable"
        )
    write.hand.change("refunds", write.id, {"status": "canceled"})
    return "refunds", write.id


CREATE: Handlers = {"refunds": create}
UPDATE: Handlers = {"refunds": update}
ACTIONS: Handlers = {"refunds.cancel": cancel}
