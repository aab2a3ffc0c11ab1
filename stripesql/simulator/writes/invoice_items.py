"""Keep invoice items: pending until an invoice takes them, or on a draft from the start.

In: create, update, delete. Out: rows; a draft's lines and totals follow. An amount, or a quantity times a unit price.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from stripesql.simulator import errors
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import catalog, discounts, lines, plain
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.model import Handlers, Row, Write, wrong_state


def create(write: Write) -> Row:
    """Add an item."""
    values, hand = write.values, write.hand
    invoice = hand.named("invoices", values["invoice"], "invoice") if values.get("invoice") else None
    customer = values.get("customer") or (invoice["customer"] if invoice else None)
    if customer is None:
        raise errors.missing_parameter("customer")
    if invoice is not None and invoice["status"] != "draft":
        raise wrong_state("The invoice is no longer a draft: no items can be added to it.", "invoice_not_editable", "invoice")
    if invoice is not None and invoice["customer"] != customer:
        raise ApiError(400, "The invoice belongs to another customer.", param="invoice")
    item = add(hand, values, customer, invoice)
    if invoice is not None:
        lines.item_line(hand, invoice, item)
        lines.reckon(hand, invoice["id"])
    return "invoice_items", item["id"]


def money(hand: Hand, values: dict[str, Any], currency: str | None, customer: str) -> Object:
    """Return amount, currency, pricing and quantity.

    Raises:
        ApiError: 400, none of the ways to give an amount, or two of them.
    """
    price_id = (values.get("pricing") or {}).get("price") or values.get("price")
    data = values.get("price_data")
    ways = [
        name
        for name, given in (
            ("amount", values.get("amount")),
            ("pricing", price_id),
            ("price_data", data),
            ("unit_amount_decimal", values.get("unit_amount_decimal")),
        )
        if given is not None
    ]
    if not ways:
        raise errors.missing_parameter("amount")
    if len(ways) > 1:
        raise ApiError(400, f"You may only specify one of these parameters: {', '.join(ways)}.", param=ways[0])
    if values.get("quantity") is not None and values.get("quantity_decimal") is not None:
        raise ApiError(400, "You may only specify one of these parameters: quantity, quantity_decimal.", param="quantity")
    count = Decimal(values.get("quantity_decimal") or values.get("quantity", 1))
    quantity = int(count)
    counted = {"quantity": quantity, "quantity_decimal": str(count)}
    if price_id is not None or data is not None:
        price = lines.price_of(hand, price_id, "pricing[price]") if price_id is not None else inline(hand, data or {}, None)
        if price["type"] != "one_time":
            raise ApiError(
                400,
                "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.",
                param="pricing[price]",
            )
        return {
            "amount": lines.amount_of(price, quantity)
            if count == quantity
            else lines.rounded(Decimal(price["unit_amount_decimal"] or 0) * count),
            "currency": price["currency"],
            "pricing": lines.pricing(price),
            **counted,
        }
    known = values.get("currency") or currency or hand.named("customers", customer, "customer")["currency"]
    if known is None:
        raise errors.missing_parameter("currency")
    unit = Decimal(values["unit_amount_decimal"]) * count if "amount" not in ways else Decimal(values["amount"])
    amount = lines.rounded(unit)
    each = values.get("unit_amount_decimal") or str(values["amount"])
    return {
        "amount": amount,
        "currency": known,
        "pricing": {"price_details": None, "type": "price_details", "unit_amount_decimal": each},
        **(counted if "amount" not in ways else {"quantity": 1, "quantity_decimal": "1"}),
    }


def inline(hand: Hand, data: Object, recurring: Object | None) -> Object:
    """Make the price that ``price_data`` describes; no list shows it."""
    price = {**data, "recurring": recurring or data.get("recurring"), "active": False}
    return hand.get("prices", catalog.make_price(hand, price, "price_data", beyond=True)["id"])


def add(hand: Hand, values: dict[str, Any], customer: str, invoice: Object | None, **more: Any) -> Object:
    """Add an item of a customer to an invoice, or pending."""
    shown = money(hand, values, invoice["currency"] if invoice else None, customer)
    if invoice is not None and shown["currency"] != invoice["currency"]:
        raise ApiError(
            400,
            f"The currency of the invoice item ({shown['currency']}) is not that of the invoice ({invoice['currency']}).",
            param="currency",
        )
    period = values.get("period") or {"end": hand.now, "start": hand.now}
    if period["end"] < period["start"]:
        raise ApiError(400, "The end of a period cannot lie before its start.", param="period[end]")
    subscription = values.get("subscription")
    details = {"subscription": subscription, "subscription_item": None}
    item_id = hand.new_id("ii_1")
    fields: Object = {
        **shown,
        "id": item_id,
        "customer": customer,
        "description": values.get("description"),
        "discountable": values.get("discountable") is not False,
        "discounts": discounts.made(hand, values.get("discounts"), {"customer": customer, "invoice_item": item_id}),
        "invoice": invoice["id"] if invoice else None,
        "metadata": values.get("metadata") or {},
        "net_amount": shown["amount"],
        "parent": {"subscription_details": details, "type": "subscription_details"} if subscription else None,
        "period": period,
        "proration": False,
        "tax_rates": values.get("tax_rates") or [],
        **more,
    }
    return hand.add("invoice_items", fields)


def _editable(hand: Hand, item: Object) -> Object | None:
    """Return the draft that an item is on, None for a pending one.

    Raises:
        ApiError: 400, its invoice is final.
    """
    invoice = hand.find("invoices", item["invoice"])
    if invoice is not None and invoice["status"] != "draft":
        raise wrong_state("This invoice item is on an invoice that is no longer a draft.", "invoice_not_editable")
    return invoice


def update(write: Write) -> Row:
    """Change an item that is pending or on a draft."""
    hand, values = write.hand, write.values
    item = plain.target(write)
    invoice = _editable(hand, item)
    names = ("amount", "pricing", "price_data", "unit_amount_decimal", "quantity")
    fields = plain.overlaid("invoice_items", item, {name: value for name, value in values.items() if name not in (*names, "discounts")})
    if any(values.get(name) is not None for name in names):
        fields |= repriced(hand, item, values)
    if "discounts" in values:
        fields["discounts"] = discounts.made(hand, values["discounts"], {"customer": item["customer"], "invoice_item": item["id"]})
    hand.change("invoice_items", item["id"], fields)
    if invoice is not None:
        _relined(hand, invoice, item["id"])
    return "invoice_items", item["id"]


def repriced(hand: Hand, item: Object, values: dict[str, Any]) -> Object:
    """Return the fields of an item with another amount, price or quantity."""
    given = dict(values)
    if not any(values.get(name) is not None for name in ("amount", "pricing", "price_data", "unit_amount_decimal")):
        details = item["pricing"]["price_details"] if item["pricing"] else None
        if details is not None:
            price = hand.get("prices", details["price"])
            return {
                "quantity": values["quantity"],
                "quantity_decimal": str(values["quantity"]),
                "amount": lines.amount_of(price, values["quantity"]),
                "net_amount": lines.amount_of(price, values["quantity"]),
            }
        given["unit_amount_decimal"] = (item["pricing"] or {}).get("unit_amount_decimal") or str(item["amount"])
    if given.get("quantity_decimal") is None:
        given.setdefault("quantity", item["quantity"])
    shown = money(hand, given, item["currency"], item["customer"])
    return {**shown, "net_amount": shown["amount"]}


def line_of(hand: Hand, invoice_id: str, item_id: str) -> Object | None:
    """Return the line of an item."""
    for row in hand.having("invoice_line_items", "invoice", invoice_id):
        if ((row["parent"] or {}).get("invoice_item_details") or {}).get("invoice_item") == item_id:
            return row
    return None


def _relined(hand: Hand, invoice: Object, item_id: str) -> None:
    """Let the line of an item follow it, and the totals the line."""
    item, row = hand.get("invoice_items", item_id), line_of(hand, invoice["id"], item_id)
    if row is not None:
        names = ("amount", "description", "discountable", "discounts", "metadata", "period", "pricing", "quantity", "quantity_decimal")
        hand.change("invoice_line_items", row["id"], {name: item[name] for name in names}, event=False)
    lines.reckon(hand, invoice["id"])


def delete(write: Write) -> Object:
    """Delete an item that is pending or on a draft."""
    hand = write.hand
    item = plain.target(write)
    invoice = _editable(hand, item)
    if invoice is not None:
        row = line_of(hand, invoice["id"], item["id"])
        if row is not None:
            hand.remove("invoice_line_items", row["id"], event=False)
    answer = hand.remove("invoice_items", item["id"])
    if invoice is not None:
        lines.reckon(hand, invoice["id"])
    return answer


CREATE: Handlers = {"invoice_items": create}
UPDATE: Handlers = {"invoice_items": update}
DELETE: Handlers = {"invoice_items": delete}
