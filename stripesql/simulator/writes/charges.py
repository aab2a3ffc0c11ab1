"""Charge cards: one charge, its outcome, and its booking.

In: an amount and a payment method. Out: a charge that succeeded, is authorized only, or failed. What an intent or an invoice
makes of it is said in ``payments`` and ``invoices``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stripesql.simulator import errors
from stripesql.simulator.business import money
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import books, cards, magic, plain
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.magic import Card
from stripesql.simulator.writes.model import Handlers, Row, Write, needed, wrong_state

LEAST = {"usd": 50, "eur": 50, "gbp": 30, "jpy": 50, "cad": 50, "kwd": 500, "aud": 50, "chf": 50, "sek": 300, "nok": 300, "dkk": 250}
MOST = 99_999_999
APPROVED = {"network_status": "approved_by_network", "reason": None, "seller_message": "Payment complete.", "type": "authorized"}


@dataclass(frozen=True, slots=True)
class Bill:
    """Say what is charged for.

    Attributes:
        amount: minor units.
        currency: of the amount.
        customer: id, or None.
        intent: id of the payment intent, or None for a bare charge.
        capture: False only holds the money.
        fields: further fields of the charge.
    """

    amount: int
    currency: str
    customer: str | None = None
    intent: str | None = None
    capture: bool = True
    fields: Object | None = None


def check_amount(amount: int, currency: str) -> None:
    """Refuse amounts that cannot be charged.

    Raises:
        ApiError: 400.
    """
    if amount < 1:
        raise ApiError(400, "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount")
    if amount < LEAST.get(currency, 50):
        raise ApiError(400, f"Amount must be at least {LEAST.get(currency, 50)} {currency}.", code="amount_too_small", param="amount")
    if amount > MOST:
        raise ApiError(400, f"Amount must be no more than {MOST} {currency}.", code="amount_too_large", param="amount")


def charge(hand: Hand, method: Object, bill: Bill) -> tuple[Object, Card | None]:
    """Add a charge; the second value is the card that declined it, or None."""
    card = cards.card_of(hand, method["id"])
    if method.get("type") not in ("card", None):
        card = magic.CARDS["visa"]
    made = hand.add("charges", _fields(hand, method, bill, card), event=False)
    if card.declines:
        hand.tell("charges", made["id"], "failed")
        return made, card
    if bill.capture:
        made = settle(hand, made["id"], bill.amount, at_once=card.last4 == "0077")
    hand.tell("charges", made["id"], "succeeded")
    if card.last4 in ("0259", "1976") and bill.capture:
        from stripesql.simulator.writes import disputes

        disputes.open_one(hand, made, "fraudulent")
    return made, None


def _fields(hand: Hand, method: Object, bill: Bill, card: Card) -> Object:
    failed = card.declines is not None
    customer = hand.find("customers", bill.customer)
    is_method = method.get("object") == "payment_method"
    outcome = {"risk_level": "normal", "risk_score": 21, "advice_code": None, "network_advice_code": None, "network_decline_code": None}
    kind = method.get("type") or "card"
    return {
        "id": hand.new_id("ch_3" if kind == "card" else "py_3"),
        "amount": bill.amount,
        "amount_captured": 0,
        "amount_refunded": 0,
        "billing_details": method.get("billing_details") or cards.NOBODY,
        "calculated_statement_descriptor": "LANTERN",
        "captured": False,
        "currency": bill.currency,
        "customer": bill.customer,
        "failure_code": card.code if failed else None,
        "failure_message": magic.MESSAGES.get(card.declines or "") or magic.MESSAGES[card.code] if failed else None,
        "outcome": {**outcome, **APPROVED} if not failed else {**outcome, "network_status": "declined_by_network", "reason": card.declines, "seller_message": "The bank did not return any further details with this decline.", "type": "issuer_declined"},
        "paid": not failed,
        "payment_intent": bill.intent,
        "payment_method": method["id"],
        "payment_method_details": {kind: {**(method.get(kind) or {})} if is_method else {"brand": method.get("brand"), "last4": method.get("last4")}, "type": kind},
        "receipt_email": customer["email"] if customer else None,
        "receipt_url": None if failed else f"https://pay.stripe.com/receipts/payment/{bill.intent or method['id']}",
        "refunded": False,
        "source": None if is_method else {key: value for key, value in method.items() if key != "metadata"},
        "status": "failed" if failed else "succeeded",
        **(bill.fields or {}),
    }  # fmt: skip


def settle(hand: Hand, charge_id: str, amount: int, *, at_once: bool = False) -> Object:
    """Book a charge; a part that is not captured goes back to the card."""
    row = hand.get("charges", charge_id)
    booked, currency, rate = money.settled(amount, row["currency"])
    fee = books.fee_of(booked, currency)
    kind = "charge" if charge_id.startswith("ch_") else "payment"
    txn = books.book(hand, kind, booked, charge_id, currency=currency, fee=fee, description=row["description"], at_once=at_once, rate=rate)
    fields = {
        "captured": True,
        "amount_captured": amount,
        "amount_refunded": row["amount"] - amount,
        "balance_transaction": txn,
        "paid": True,
    }
    return hand.change("charges", charge_id, fields, event=False)


def create(write: Write) -> Row:
    """Charge a source at once: the old way, without an intent."""
    values, hand = write.values, write.hand
    needed(values, "amount", "currency")
    check_amount(values["amount"], values["currency"])
    bill = Bill(values["amount"], values["currency"], values.get("customer"), None, values.get("capture") is not False, _described(values))
    made, refusal = charge(hand, _payer(hand, values), bill)
    if refusal is not None:
        raise cards.declined(refusal, {"charge": made["id"]})
    return "charges", made["id"]


def _described(values: dict[str, Any]) -> Object:
    names = (
        "description",
        "metadata",
        "receipt_email",
        "shipping",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_group",
        "on_behalf_of",
    )
    return {name: values[name] for name in names if values.get(name) is not None}


def _payer(hand: Hand, values: dict[str, Any]) -> Object:
    given, customer_id = values.get("source"), values.get("customer")
    if isinstance(given, str) and given.startswith(("card_", "ba_", "src_", "pm_")) and not magic.is_magic(given):
        return cards.resolved(hand, given, "source")
    if given is not None:
        name = hand.account.cards.get(given, given) if isinstance(given, str) else cards.number_of(str(given.get("number", "")))
        name = name.removeprefix("tok_").removeprefix("pm_card_")
        if name not in magic.CARDS:
            raise errors.no_such("token", str(given), "source")
        made = cards.make(hand, f"pm_card_{name}")
        hand.account.spent.add(made["id"])
        return made
    if customer_id is None:
        raise ApiError(400, "Must provide source or customer.", code="parameter_missing")
    customer = hand.named("customers", customer_id, "customer")
    if customer["default_source"] is None:
        raise ApiError(400, "Cannot charge a customer that has no active card", code="missing", param="card", type="card_error")
    return cards.resolved(hand, customer["default_source"], "source")


def capture(write: Write) -> Row:
    """Capture a charge that was made with ``capture=false``; one of an intent is captured through it."""
    hand, values = write.hand, write.values
    row = hand.get("charges", write.id, "charge")
    if row["captured"]:
        raise wrong_state(f"Charge {write.id} has already been captured.", "charge_already_captured")
    if row["status"] != "succeeded" or row["refunded"]:
        raise wrong_state(
            f"Charge {write.id} cannot be captured: its status is {row['status']}.",
            "charge_already_refunded" if row["refunded"] else "charge_invalid_parameter",
        )
    if row["payment_intent"] is not None:
        raise wrong_state("This charge belongs to a PaymentIntent: capture that.", "charge_invalid_parameter")
    amount: int = values["amount"] if "amount" in values else row["amount"]
    if not 0 < amount <= row["amount"]:
        raise wrong_state("The amount to capture is more than the charge holds.", "amount_too_large", "amount")
    settle(hand, write.id, amount)
    hand.tell("charges", write.id, "captured")
    return "charges", write.id


def update(write: Write) -> Row:
    """Change what a charge says of itself."""
    return plain.change(write, plain.overlaid("charges", plain.target(write), write.values))


CREATE: Handlers = {"charges": create}
UPDATE: Handlers = {"charges": update}
ACTIONS: Handlers = {"charges.capture": capture}
