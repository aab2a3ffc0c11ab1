"""Play invoices: from draft to the end.

In: create, update, delete, and the actions. Out: rows; lines and totals agree at every step.

    draft -> open -> paid | void | uncollectible        uncollectible -> paid | void
    a draft of nothing, or one that the balance covers, is paid when it is finalized
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator import errors
from stripesql.simulator.business.dates import DAY
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import collecting, discounts, lines, plain
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.model import Handlers, Row, Write, wrong_state

ALWAYS = frozenset({"metadata", "auto_advance", "default_payment_method", "default_source", "payment_settings", "expand"})
"""What can be changed on a final invoice; ``due_date`` while it is open."""
COPIED = {
    "customer_address": "address",
    "customer_email": "email",
    "customer_name": "name",
    "customer_phone": "phone",
    "customer_shipping": "shipping",
    "customer_tax_exempt": "tax_exempt",
}


def create(write: Write) -> Row:
    """Add a draft; pending items go on it where that is asked for."""
    values, hand = write.values, write.hand
    if values.get("customer") is None and values.get("from_invoice") is None:
        raise errors.missing_parameter("customer")
    if values.get("from_invoice") is not None:
        raise ApiError(400, "The simulator does not play revisions of invoices.", code="simulator_not_played", param="from_invoice")
    invoice = draft(hand, values["customer"], values)
    if values.get("pending_invoice_items_behavior") == "include":
        take_pending(hand, invoice, values.get("subscription"))
    lines.reckon(hand, invoice["id"])
    return "invoices", invoice["id"]


def draft(hand: Hand, customer_id: str, values: dict[str, Any], **more: Any) -> Object:
    """Add an empty draft."""
    customer = hand.named("customers", customer_id, "customer")
    collection = values.get("collection_method") or "charge_automatically"
    due = values.get("due_date")
    if collection == "send_invoice":
        if due is None and values.get("days_until_due") is None:
            raise ApiError(
                400,
                "If invoice `collection_method`=`send_invoice`, you must specify `due_date` or `days_until_due`.",
                code="parameter_missing",
                param="days_until_due",
            )
        due = due if due is not None else hand.now + values["days_until_due"] * DAY
    else:
        _refuse_due(values)
    pending = [row for row in hand.having("invoice_items", "customer", customer_id) if row["invoice"] is None]
    currency = values.get("currency") or customer["currency"] or (pending[0]["currency"] if pending else "usd")
    invoice_id = hand.new_id("in_1")
    subscription = hand.find("subscriptions", values.get("subscription"))
    details = {"metadata": subscription["metadata"] if subscription else {}, "subscription": values.get("subscription")}
    plainly = (
        "account_tax_ids",
        "custom_fields",
        "default_payment_method",
        "default_source",
        "description",
        "effective_at",
        "footer",
        "number",
        "on_behalf_of",
        "rendering",
        "shipping_details",
        "statement_descriptor",
    )
    fields: Object = {
        **{name: values.get(name) for name in plainly},
        **{name: customer[source] for name, source in COPIED.items()},
        "id": invoice_id,
        "account_country": "US",
        "account_name": "Lantern",
        "amount_overpaid": 0,
        "amount_shipping": 0,
        "auto_advance": values.get("auto_advance") is True,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": bool((values.get("automatic_tax") or {}).get("enabled")),
            "liability": None,
            "provider": None,
            "status": None,
        },
        "automatically_finalizes_at": hand.now + 3600 if values.get("auto_advance") else None,
        "billing_reason": "manual",
        "collection_method": collection,
        "currency": currency,
        "customer": customer_id,
        "customer_tax_ids": [{"type": row["type"], "value": row["value"]} for row in hand.having("tax_ids", "customer", customer_id)],
        "default_tax_rates": values.get("default_tax_rates") or [],
        "discounts": discounts.made(hand, values.get("discounts"), {"customer": customer_id, "invoice": invoice_id}),
        "due_date": due,
        "issuer": values.get("issuer") or {"type": "self"},
        "metadata": values.get("metadata") or {},
        "parent": {"quote_details": None, "subscription_details": details, "type": "subscription_details"}
        if values.get("subscription")
        else None,
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
            **(values.get("payment_settings") or {}),
        },
        "period_end": hand.now,
        "period_start": hand.now,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": 0,
        "status": "draft",
        "test_clock": customer["test_clock"],
        "webhooks_delivered_at": hand.now,
        **more,
    }
    if not values.get("discounts") and "discounts" not in values and customer.get("discount"):
        fields["discounts"] = [customer["discount"]["id"]]
    made = hand.add("invoices", fields)
    if customer["currency"] is None:
        hand.change("customers", customer_id, {"currency": currency}, event=False)
    return made


def take_pending(hand: Hand, invoice: Object, subscription: str | None = None) -> int:
    """Put the customer's pending items of the invoice's currency on it; return how many."""
    taken = 0
    for item in hand.having("invoice_items", "customer", invoice["customer"]):
        belongs = ((item.get("parent") or {}).get("subscription_details") or {}).get("subscription")
        if item["invoice"] is None and item["currency"] == invoice["currency"] and belongs in (None, subscription):
            hand.change("invoice_items", item["id"], {"invoice": invoice["id"]}, event=False)
            lines.item_line(hand, invoice, item)
            taken += 1
    return taken


def _refuse_due(values: dict[str, Any]) -> None:
    """Refuse a due date of an invoice that nobody is asked to pay."""
    for name in ("due_date", "days_until_due"):
        if values.get(name) is not None:
            raise ApiError(400, f"You can only set `{name}` if the collection method is `send_invoice`.", param=name)


def update(write: Write) -> Row:
    """Change a draft; of a final invoice only what is no money."""
    hand, values = write.hand, write.values
    invoice = plain.target(write)
    if invoice["status"] != "draft":
        allowed = ALWAYS | ({"due_date", "days_until_due"} if invoice["status"] == "open" else frozenset())
        frozen = sorted(set(values) - allowed)
        if frozen:
            raise wrong_state(f"Finalized invoices can't be updated in this way: {frozen[0]}", "invoice_not_editable", frozen[0])
    kept = {name: value for name, value in values.items() if name not in ("discounts", "days_until_due")}
    fields = plain.overlaid("invoices", invoice, kept)
    if values.get("days_until_due") is not None:
        fields["due_date"] = invoice["created"] + values["days_until_due"] * DAY
    if fields["collection_method"] == "charge_automatically":
        _refuse_due(values)
        fields["due_date"] = None
    elif fields["collection_method"] == "send_invoice" and fields["due_date"] is None:
        raise ApiError(
            400,
            "If invoice `collection_method`=`send_invoice`, you must specify `due_date` or `days_until_due`.",
            code="parameter_missing",
            param="days_until_due",
        )
    if "discounts" in values:
        fields["discounts"] = discounts.made(hand, values["discounts"], {"customer": invoice["customer"], "invoice": invoice["id"]})
    hand.change("invoices", write.id, fields)
    if invoice["status"] == "draft":
        lines.reckon(hand, write.id)
    return "invoices", write.id


def delete(write: Write) -> Object:
    """Delete a draft that belongs to no subscription, with its lines and items."""
    hand = write.hand
    invoice = plain.target(write)
    if invoice["status"] != "draft":
        raise wrong_state("You can only delete draft invoices.", "invoice_not_editable")
    if invoice["parent"] is not None:
        raise wrong_state("You can't delete the invoice of a subscription: finalize and void it.", "invoice_not_editable")
    for row in hand.having("invoice_line_items", "invoice", write.id):
        hand.remove("invoice_line_items", row["id"], event=False)
    for item in hand.having("invoice_items", "invoice", write.id):
        hand.remove("invoice_items", item["id"])
    return hand.remove("invoices", write.id)


def finalize(write: Write) -> Row:
    """Make a draft final."""
    invoice = write.hand.get("invoices", write.id, "invoice")
    if invoice["status"] != "draft":
        raise wrong_state("This invoice is already finalized, you can't re-finalize a non-draft invoice.", "invoice_not_editable")
    if "auto_advance" in write.values:
        write.hand.change("invoices", write.id, {"auto_advance": write.values["auto_advance"]}, event=False)
    collecting.finalize(write.hand, write.id)
    return "invoices", write.id


def send(write: Write) -> Row:
    """Send an invoice; a draft is finalized first. Nothing is sent here but the event."""
    hand = write.hand
    invoice = hand.get("invoices", write.id, "invoice")
    if invoice["collection_method"] != "send_invoice":
        raise wrong_state("You can only manually send an invoice if its collection method is 'send_invoice'.", "invoice_not_sendable")
    if invoice["status"] == "draft":
        invoice = collecting.finalize(hand, write.id)
    if invoice["status"] not in ("open", "paid", "uncollectible"):
        raise wrong_state(f"You can't send an invoice with status {invoice['status']}.", "invoice_not_sendable")
    hand.tell("invoices", write.id, "sent")
    return "invoices", write.id


def void(write: Write) -> Row:
    """Void an open or uncollectible invoice, for good."""
    hand = write.hand
    invoice = hand.get("invoices", write.id, "invoice")
    if invoice["status"] not in ("open", "uncollectible"):
        raise wrong_state(
            f"You can only void open or uncollectible invoices; this one has status {invoice['status']}.", "invoice_not_editable"
        )
    collecting.void(hand, write.id)
    return "invoices", write.id


def mark_uncollectible(write: Write) -> Row:
    """Give up on an open invoice; it can still be paid or voided."""
    hand = write.hand
    invoice = hand.get("invoices", write.id, "invoice")
    if invoice["status"] != "open":
        raise wrong_state(
            f"You can only mark open invoices as uncollectible; this one has status {invoice['status']}.", "invoice_not_editable"
        )
    steps = {**invoice["status_transitions"], "marked_uncollectible_at": hand.now}
    hand.change(
        "invoices", write.id, {"status": "uncollectible", "status_transitions": steps, "auto_advance": False}, event="marked_uncollectible"
    )
    return "invoices", write.id


CREATE: Handlers = {"invoices": create}
UPDATE: Handlers = {"invoices": update}
DELETE: Handlers = {"invoices": delete}
ACTIONS: Handlers = {
    "invoices.finalize": finalize,
    "invoices.send": send,
    "invoices.void": void,
    "invoices.mark_uncollectible": mark_uncollectible,
}
