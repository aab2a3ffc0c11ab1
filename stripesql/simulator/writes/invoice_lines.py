"""Change the lines of a draft: add, update, remove.

In: the line actions of invoices, and the update of one line. Out: rows; each added line is an invoice item as well.
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator import errors
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import invoice_items, lines, plain
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.model import Handlers, Row, Write, wrong_state


def _draft(hand: Hand, invoice_id: str) -> Object:
    invoice = hand.get("invoices", invoice_id, "invoice")
    if invoice["status"] != "draft":
        raise wrong_state("You can only change the lines of draft invoices.", "invoice_not_editable")
    return invoice


def _noted(hand: Hand, invoice: Object, values: dict[str, Any]) -> None:
    if "invoice_metadata" in values:
        fields = plain.overlaid("invoices", invoice, {"metadata": values["invoice_metadata"]})
        hand.change("invoices", invoice["id"], {"metadata": fields["metadata"]})


def add_lines(write: Write) -> Row:
    """Add lines, new ones or pending items."""
    hand = write.hand
    invoice = _draft(hand, write.id)
    for place, entry in enumerate(write.values["lines"]):
        if entry.get("invoice_item") is not None:
            item = hand.named("invoice_items", entry["invoice_item"], f"lines[{place}][invoice_item]")
            if item["invoice"] is not None:
                raise wrong_state("This invoice item is already on an invoice.", "invoice_not_editable", f"lines[{place}][invoice_item]")
            hand.change("invoice_items", item["id"], {"invoice": invoice["id"]}, event=False)
        else:
            data = entry.get("price_data")
            if isinstance(data, dict) and data.get("product_data"):
                product = hand.add("products", {**data["product_data"], "active": True, "type": "service", "metadata": {}})["id"]
                entry = {**entry, "price_data": {**{k: v for k, v in data.items() if k != "product_data"}, "product": product}}
            item = invoice_items.add(hand, entry, invoice["customer"], invoice)
        lines.item_line(hand, invoice, item)
    _noted(hand, invoice, write.values)
    lines.reckon(hand, write.id)
    return "invoices", write.id


def _line(hand: Hand, invoice_id: str, line_id: str, param: str) -> Object:
    row = hand.find("invoice_line_items", line_id)
    if row is None or row["invoice"] != invoice_id:
        raise errors.no_such("line item", line_id, param)
    return row


def remove_lines(write: Write) -> Row:
    """Remove lines; the item of a line is deleted, or pending again."""
    hand = write.hand
    invoice = _draft(hand, write.id)
    for place, entry in enumerate(write.values["lines"]):
        row = _line(hand, write.id, entry["id"], f"lines[{place}][id]")
        item_id = ((row["parent"] or {}).get("invoice_item_details") or {}).get("invoice_item")
        if item_id is None:
            raise wrong_state("Lines of subscriptions cannot be removed.", "invoice_not_editable", f"lines[{place}][id]")
        hand.remove("invoice_line_items", row["id"], event=False)
        if entry["behavior"] == "unassign":
            hand.change("invoice_items", item_id, {"invoice": None}, event=False)
        else:
            hand.remove("invoice_items", item_id)
    _noted(hand, invoice, write.values)
    lines.reckon(hand, write.id)
    return "invoices", write.id


def _changed(hand: Hand, row: Object, values: dict[str, Any]) -> None:
    """Change one line, and the item that it stands for."""
    names = ("description", "discountable", "metadata", "period")
    fields = plain.overlaid("invoice_line_items", row, {name: values[name] for name in names if name in values})
    money = {name: values[name] for name in ("amount", "quantity", "price_data", "pricing") if values.get(name) is not None}
    item_id = ((row["parent"] or {}).get("invoice_item_details") or {}).get("invoice_item")
    if money and item_id is None:
        raise wrong_state("The amounts of subscription lines cannot be changed.", "invoice_not_editable")
    if money and item_id is not None:
        item = hand.get("invoice_items", item_id)
        fields |= {name: value for name, value in invoice_items.repriced(hand, item, money).items() if name != "net_amount"}
    if item_id is not None:
        shared = {name: fields[name] for name in (*names, "amount", "quantity", "pricing")}
        hand.change("invoice_items", item_id, shared, event=False)
    hand.change("invoice_line_items", row["id"], {**fields, "subtotal": fields["amount"]}, event=False)


def update_lines(write: Write) -> Row:
    """Change several lines."""
    hand = write.hand
    invoice = _draft(hand, write.id)
    for place, entry in enumerate(write.values["lines"]):
        _changed(hand, _line(hand, write.id, entry["id"], f"lines[{place}][id]"), entry)
    _noted(hand, invoice, write.values)
    lines.reckon(hand, write.id)
    return "invoices", write.id


def update_line(write: Write) -> Row:
    """Change one line."""
    hand = write.hand
    invoice_id = write.route.arguments[0]
    _draft(hand, invoice_id)
    row = plain.target(write)
    _changed(hand, row, write.values)
    lines.reckon(hand, invoice_id)
    return "invoice_line_items", row["id"]


def attach_payment(write: Write) -> Row:
    """Tie a payment intent to an open invoice; one that has succeeded pays it."""
    hand, values = write.hand, write.values
    from stripesql.simulator.writes import collecting

    invoice = hand.get("invoices", write.id, "invoice")
    if invoice["status"] != "open":
        raise wrong_state(
            f"You can only attach payments to open invoices; this one has status {invoice['status']}.", "invoice_not_editable"
        )
    if values.get("payment_intent") is None:
        raise errors.missing_parameter("payment_intent")
    intent = hand.named("payment_intents", values["payment_intent"], "payment_intent")
    if intent["customer"] != invoice["customer"] or intent["currency"] != invoice["currency"]:
        raise ApiError(400, "The payment intent has another customer or currency than the invoice.", param="payment_intent")
    collecting.attach(hand, invoice, intent)
    return "invoices", write.id


UPDATE: Handlers = {"invoice_line_items": update_line}
ACTIONS: Handlers = {
    "invoices.add_lines": add_lines,
    "invoices.remove_lines": remove_lines,
    "invoices.update_lines": update_lines,
    "invoices.attach_payment": attach_payment,
}
