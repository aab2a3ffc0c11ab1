"""Preview invoices: what the next one of a customer or a subscription will be.

In: ``create_preview``. Out: a document; the invoice is really drawn up, shown, and taken back, so that a preview cannot differ
from what comes.
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import billing, discounts, invoice_items, invoices, lines, subscribing, subscription_items, subscriptions
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.model import Handlers, Write

MOST_LINES = 10


def create_preview(write: Write) -> Object:
    """Return the invoice that would come next.

    Raises:
        ApiError: 404 ``invoice_upcoming_none``, nothing would come; the mistakes of what is tried out.
    """
    hand, values = write.hand, write.values
    invoice = _drawn(hand, values)
    for place, entry in enumerate(values.get("invoice_items") or []):
        _extra(hand, invoice, entry, f"invoice_items[{place}]")
    if values.get("discounts") is not None:
        made = discounts.made(hand, values["discounts"], {"customer": invoice["customer"], "invoice": invoice["id"]})
        hand.change("invoices", invoice["id"], {"discounts": made}, event=False)
    lines.reckon(hand, invoice["id"])
    shown = hand.shown("invoices", invoice["id"])
    hand.undo()
    return _anonymous(shown)


def _drawn(hand: Hand, values: dict[str, Any]) -> Object:
    """Draw up the next invoice."""
    sub_id, details = values.get("subscription"), values.get("subscription_details") or {}
    if sub_id is None and details.get("items"):
        return _of_new(hand, values, details)
    customer = values.get("customer")
    if sub_id is None and customer is None:
        raise ApiError(
            400, "You must provide one of these parameters: customer, subscription, schedule.", code="parameter_missing", param="customer"
        )
    if sub_id is None:
        living = [
            row
            for row in hand.having("subscriptions", "customer", customer)
            if row["status"] in ("active", "trialing", "past_due") and not row["cancel_at_period_end"]
        ]
        sub_id = living[0]["id"] if living else None
    if sub_id is None:
        pending = [row for row in hand.having("invoice_items", "customer", customer) if row["invoice"] is None]
        if not pending and not values.get("invoice_items"):
            raise ApiError(404, f"No upcoming invoices for customer: {customer}", code="invoice_upcoming_none")
        draft = invoices.draft(hand, str(customer), {"currency": values.get("currency")}, billing_reason="upcoming")
        invoices.take_pending(hand, draft)
        return draft
    return _of_subscription(hand, hand.named("subscriptions", sub_id, "subscription"), details)


def _of_new(hand: Hand, values: dict[str, Any], details: Object) -> Object:
    """Begin a subscription, as far as its first invoice."""
    customer = values.get("customer") or hand.add("customers", {"next_invoice_sequence": 1, "invoice_prefix": "PREVIEW"}, event=False)["id"]
    wish = {
        name: details[name]
        for name in ("default_tax_rates", "trial_end", "billing_cycle_anchor")
        if isinstance(details.get(name), int | list)
    }
    made = subscribing.begin(
        hand,
        {
            "customer": customer,
            "items": details["items"],
            "payment_behavior": "default_incomplete",
            "collection_method": "send_invoice",
            "days_until_due": 30,
            **wish,
        },
    )
    return hand.get("invoices", made["latest_invoice"])


def _of_subscription(hand: Hand, sub: Object, details: Object) -> Object:
    """Change the subscription as asked, and bill its next period."""
    if sub["status"] in subscriptions.ENDED:
        raise ApiError(404, f"No upcoming invoices for subscription: {sub['id']}", code="invoice_upcoming_none")
    if sub["cancel_at_period_end"] and not details.get("items") and details.get("cancel_at_period_end") is not False:
        raise ApiError(404, f"No upcoming invoices for subscription: {sub['id']}", code="invoice_upcoming_none")
    if details.get("items"):
        how = {
            name: value for name, value in details.items() if name == "proration_date" or (name == "proration_behavior" and value == "none")
        }
        subscription_items.change_all(hand, sub, details["items"], how)
    if details.get("proration_behavior") == "always_invoice":
        made = billing.pending_invoice(hand, sub, "upcoming")
        if made is not None:
            return made
    end = sub["trial_end"] if sub["status"] == "trialing" and sub["trial_end"] else billing.period_of(hand, sub["id"])[1]
    return billing.invoice(hand, sub["id"], "upcoming", billing.next_period(hand, sub["id"], end))


def _extra(hand: Hand, invoice: Object, entry: Object, where: str) -> None:
    """Put an item of the call on the preview, or change a pending one there."""
    if entry.get("invoiceitem") is not None:
        item = hand.named("invoice_items", entry["invoiceitem"], f"{where}[invoiceitem]")
        row = invoice_items.line_of(hand, invoice["id"], item["id"])
        if row is not None and entry.get("amount") is not None:
            hand.change("invoice_line_items", row["id"], {"amount": entry["amount"], "subtotal": entry["amount"]}, event=False)
        return
    values = dict(entry)
    if values.get("unit_amount") is not None:
        values["unit_amount_decimal"] = str(values.pop("unit_amount"))
    lines.item_line(hand, invoice, invoice_items.add(hand, values, invoice["customer"], invoice))


def _anonymous(shown: Object) -> Object:
    """Return the document with ids that say that nothing of it exists."""
    preview = f"upcoming_{shown['id']}"
    listed = shown["lines"]
    data = [{**row, "invoice": preview} for row in listed["data"]]
    fields = {
        "status": "draft",
        "number": None,
        "auto_advance": True,
        "automatically_finalizes_at": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
    }
    return {**shown, **fields, "id": preview, "lines": {**listed, "data": data, "url": f"/v1/invoices/{preview}/lines"}}


ACTIONS: Handlers = {"invoices.create_preview": create_preview}
