"""Collect invoices: finalize, pay, void; what an invoice does to intents, balances and subscriptions.

In: an invoice. Out: rows. The states are drawn in ``invoices``.
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import cards, lines, payments
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.model import Handlers, Row, Write, wrong_state


def finalize(hand: Hand, invoice_id: str) -> Object:
    """Make a draft open, or paid where nothing is due: number, balance, intent."""
    invoice = lines.reckon(hand, invoice_id)
    customer = hand.get("customers", invoice["customer"])
    applied = lines.balance_applied(invoice["total"], customer["balance"])
    sequence = customer["next_invoice_sequence"] or 1
    number = invoice["number"] or f"{customer['invoice_prefix'] or customer['id'][-8:].upper()}-{sequence:04d}"
    fields: Object = {
        "auto_advance": invoice["auto_advance"],
        "automatically_finalizes_at": None,
        "effective_at": invoice["effective_at"] or hand.now,
        "ending_balance": customer["balance"] - applied,
        "hosted_invoice_url": f"https://invoice.stripe.com/i/{invoice_id}",
        "invoice_pdf": f"https://pay.stripe.com/invoice/{invoice_id}/pdf",
        "number": number,
        "status": "open",
        "status_transitions": {**(invoice["status_transitions"] or {}), "finalized_at": hand.now},
    }
    hand.change(
        "customers",
        customer["id"],
        {"next_invoice_sequence": sequence + (invoice["number"] is None), "balance": customer["balance"] - applied},
        event=bool(applied),
    )
    if applied:
        booked = {
            "amount": -applied,
            "currency": invoice["currency"],
            "customer": customer["id"],
            "ending_balance": customer["balance"] - applied,
            "invoice": invoice_id,
            "type": "applied_to_invoice",
        }
        hand.add("customer_balance_transactions", booked, event=False)
    hand.change("invoices", invoice_id, fields, event="finalized")
    invoice = hand.get("invoices", invoice_id)
    if invoice["amount_due"] == 0:
        return _settled(hand, invoice_id, 0)
    intend(hand, invoice)
    return hand.get("invoices", invoice_id)


def intend(hand: Hand, invoice: Object) -> Object:
    """Add the intent that is to pay an invoice, and what ties the two."""
    values: dict[str, Any] = {
        "customer": invoice["customer"],
        "description": f"Payment for Invoice {invoice['number']}",
        "setup_future_usage": None,
    }
    fields = payments.fields_of(hand, values, invoice["amount_remaining"], invoice["currency"]) | {
        "automatic_payment_methods": None,
        "capture_method": "automatic",
    }
    intent = hand.add("payment_intents", fields)
    payment = {"payment_intent": intent["id"], "type": "payment_intent"}
    tie = {
        "amount_paid": None,
        "amount_requested": invoice["amount_remaining"],
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "payment": payment,
        "status": "open",
    }
    _tie(hand, invoice, {**tie, "status_transitions": {"canceled_at": None, "paid_at": None}})
    return intent


def _tie(hand: Hand, invoice: Object, fields: Object) -> None:
    """Add a payment of an invoice; that it is on a test clock is no field of it."""
    clock = invoice["test_clock"]
    hand.add("invoice_payments", fields, {"test_clock": clock} if clock else None, event=False)


def tie_of(hand: Hand, invoice_id: str) -> Object | None:
    """Return the open payment of an invoice."""
    return next((row for row in hand.having("invoice_payments", "invoice", invoice_id) if row["status"] == "open"), None)


def realign(hand: Hand, invoice_id: str) -> None:
    """Let the open intent of an invoice ask for what remains, no more and no less; for nothing, let it go."""
    left = hand.get("invoices", invoice_id)["amount_remaining"]
    tie = tie_of(hand, invoice_id)
    if tie is None:
        return
    if left == 0:
        let_go(hand, invoice_id)
        return
    hand.change("payment_intents", tie["payment"]["payment_intent"], {"amount": left}, event=False)
    hand.change("invoice_payments", tie["id"], {"amount_requested": left}, event=False)


def _settled(hand: Hand, invoice_id: str, paid: int) -> Object:
    """Mark an invoice as paid, and let its subscription know."""
    invoice = hand.get("invoices", invoice_id)
    steps = {**invoice["status_transitions"], "paid_at": hand.now}
    fields = {
        "amount_paid": invoice["amount_paid"] + paid,
        "amount_remaining": invoice["amount_remaining"] - paid,
        "attempted": True,
        "next_payment_attempt": None,
        "status": "paid",
        "status_transitions": steps,
    }
    changed = hand.change("invoices", invoice_id, fields, event="paid")
    hand.tell("invoices", invoice_id, "payment_succeeded")
    sub_id = subscription_of(changed)
    subscription = hand.find("subscriptions", sub_id)
    if (
        subscription is not None
        and subscription["status"] in ("incomplete", "past_due", "unpaid")
        and subscription["latest_invoice"] == invoice_id
    ):
        hand.change("subscriptions", subscription["id"], {"status": "active"})
    return changed


def subscription_of(invoice: Object) -> str | None:
    """Return the subscription that an invoice is for."""
    found: str | None = ((invoice.get("parent") or {}).get("subscription_details") or {}).get("subscription")
    return found


def method_of(hand: Hand, invoice: Object, given: str | None) -> str | None:
    """Return what an invoice is paid with: what is named, else its default, the subscription's, the customer's."""
    subscription = hand.find("subscriptions", subscription_of(invoice)) or {}
    customer = hand.find("customers", invoice["customer"]) or {}
    choices = (
        given,
        invoice["default_payment_method"],
        invoice["default_source"],
        subscription.get("default_payment_method"),
        subscription.get("default_source"),
        (customer.get("invoice_settings") or {}).get("default_payment_method"),
        customer.get("default_source"),
    )
    return next((choice for choice in choices if choice), None)


def collect(hand: Hand, invoice_id: str, given: str | None = None, *, forgive: bool = False, off_session: bool = True) -> Object:
    """Charge what an open invoice still asks for.

    Raises:
        ApiError: 400 without a payment method; 402, the card declines, and the invoice stays open.
    """
    invoice = hand.get("invoices", invoice_id)
    method_id = method_of(hand, invoice, given)
    if method_id is None:
        message = "There is no `default_payment_method` set on this Customer or Invoice. Please set a default payment method or give `payment_method`."
        raise ApiError(400, message, code="resource_missing", param="payment_method")
    method = cards.resolved(hand, method_id)
    if method.get("customer") is None and method.get("object") == "payment_method":
        method = cards.attach_to(hand, method["id"], invoice["customer"]) if cards.card_of(hand, method["id"]).attaches else method
    tie = tie_of(hand, invoice_id)
    intent_id = tie["payment"]["payment_intent"] if tie is not None else intend(hand, invoice)["id"]
    tie = tie_of(hand, invoice_id)
    hand.change("payment_intents", intent_id, {"payment_method": method["id"], "status": "requires_confirmation"}, event=False)
    hand.change("invoices", invoice_id, {"attempt_count": invoice["attempt_count"] + 1, "attempted": True}, event=False)
    try:
        intent = payments.confirm_it(hand, intent_id, {"error_on_requires_action": not off_session})
    except ApiError as error:
        if forgive and error.extra.get("decline_code") == "insufficient_funds":
            _tied(hand, tie, "canceled", 0)
            payments.cancel_it(hand, intent_id, "void_invoice")
            return _settled(hand, invoice_id, 0)
        hand.change(
            "invoices", invoice_id, {"next_payment_attempt": hand.now + 3 * 86_400 if invoice["auto_advance"] else None}, event=False
        )
        hand.tell("invoices", invoice_id, "payment_failed")
        raise
    if intent["status"] != "succeeded":
        raise ApiError(402, "This payment requires additional user action before it can be completed successfully.", code="invoice_payment_intent_requires_action", type="card_error", keeps=True, extra={"payment_intent": intent})  # fmt: skip
    _tied(hand, tie, "paid", invoice["amount_remaining"])
    return _settled(hand, invoice_id, invoice["amount_remaining"])


def _tied(hand: Hand, tie: Object | None, status: str, amount: int) -> None:
    if tie is not None:
        steps = {"canceled_at": hand.now if status == "canceled" else None, "paid_at": hand.now if status == "paid" else None}
        hand.change(
            "invoice_payments",
            tie["id"],
            {"status": status, "amount_paid": amount if status == "paid" else None, "status_transitions": steps},
            event=False,
        )


def attach(hand: Hand, invoice: Object, intent: Object) -> None:
    """Tie an intent to an open invoice; what it has received counts at once."""
    done = intent["status"] == "succeeded"
    paid = min(intent["amount_received"], invoice["amount_remaining"]) if done else 0
    tie = {
        "amount_paid": paid if done else None,
        "amount_requested": min(intent["amount"], invoice["amount_remaining"]),
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": False,
    }
    steps = {"canceled_at": None, "paid_at": hand.now if done else None}
    payment = {"payment_intent": intent["id"], "type": "payment_intent"}
    _tie(hand, invoice, {**tie, "payment": payment, "status": "paid" if done else "open", "status_transitions": steps})
    if done and paid == invoice["amount_remaining"]:
        let_go(hand, invoice["id"])
        _settled(hand, invoice["id"], paid)
    elif done:
        left = {"amount_paid": invoice["amount_paid"] + paid, "amount_remaining": invoice["amount_remaining"] - paid}
        hand.change("invoices", invoice["id"], left)
        realign(hand, invoice["id"])


def let_go(hand: Hand, invoice_id: str) -> None:
    """Cancel the intents of an invoice that will not be paid by them."""
    while (tie := tie_of(hand, invoice_id)) is not None:
        payments.cancel_it(hand, tie["payment"]["payment_intent"], "void_invoice")
        _tied(hand, tie, "canceled", 0)


def void(hand: Hand, invoice_id: str) -> Object:
    """Void an invoice: nothing is owed, nothing can be paid."""
    invoice = hand.get("invoices", invoice_id)
    let_go(hand, invoice_id)
    steps = {**invoice["status_transitions"], "voided_at": hand.now}
    fields = {"status": "void", "amount_remaining": 0, "auto_advance": False, "next_payment_attempt": None, "status_transitions": steps}
    return hand.change("invoices", invoice_id, fields, event="voided")


def pay(write: Write) -> Row:
    """Pay an invoice: with a payment method, or by saying that it was paid elsewhere; a draft is finalized first."""
    hand, values = write.hand, write.values
    invoice = hand.get("invoices", write.id, "invoice")
    if invoice["status"] == "draft":
        invoice = finalize(hand, write.id)
        if invoice["status"] == "paid":
            return "invoices", write.id
    if invoice["status"] == "paid":
        raise wrong_state("Invoice is already paid", "invoice_already_paid")
    if invoice["status"] not in ("open", "uncollectible"):
        raise wrong_state(f"This invoice can no longer be paid: its status is {invoice['status']}.", "invoice_not_payable")
    given = values.get("payment_method") or values.get("source")
    if values.get("paid_out_of_band"):
        if given is not None:
            raise ApiError(400, "You cannot give a payment method for an invoice that is paid out of band.", param="payment_method")
        let_go(hand, write.id)
        _settled(hand, write.id, invoice["amount_remaining"])
        return "invoices", write.id
    collect(hand, write.id, given, forgive=bool(values.get("forgive")), off_session=values.get("off_session") is not False)
    return "invoices", write.id


def confirm(write: Write) -> Row:
    """Confirm an intent; one of an invoice pays that, or fails to."""
    hand = write.hand
    ties = [row for row in hand.having("invoice_payments", "payment.payment_intent", write.id) if row["status"] == "open"]
    try:
        row = payments.confirm(write)
    except ApiError as error:
        if ties and error.keeps:
            invoice = hand.get("invoices", ties[0]["invoice"])
            hand.change("invoices", invoice["id"], {"attempt_count": invoice["attempt_count"] + 1, "attempted": True}, event=False)
            hand.tell("invoices", invoice["id"], "payment_failed")
        raise
    intent = hand.get("payment_intents", write.id)
    if ties and intent["status"] == "succeeded":
        invoice = hand.get("invoices", ties[0]["invoice"])
        _tied(hand, ties[0], "paid", intent["amount_received"])
        if intent["amount_received"] >= invoice["amount_remaining"]:
            _settled(hand, invoice["id"], invoice["amount_remaining"])
        else:
            paid, left = invoice["amount_paid"] + intent["amount_received"], invoice["amount_remaining"] - intent["amount_received"]
            hand.change("invoices", invoice["id"], {"amount_paid": paid, "amount_remaining": left})
    return row


ACTIONS: Handlers = {"invoices.pay": pay, "payment_intents.confirm": confirm}
