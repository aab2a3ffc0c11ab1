"""Reckon invoices: lines, discounts, taxes, totals.

In: lines of an invoice. Out: amounts that add up: subtotal - discounts + exclusive taxes = total, and each line's share.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from stripesql.simulator.business.records import Loose
from stripesql.simulator.business.render_subscriptions import price as shown_price
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import discounts
from stripesql.simulator.writes.hand import Hand, Object


def price_of(hand: Hand, price_id: str, param: str) -> Object:
    """Return a price that can be sold."""
    price = hand.named("prices", price_id, param)
    if not price["active"]:
        raise ApiError(
            400, f"The price specified is inactive. This field only accepts active prices: {price_id}", code="price_inactive", param=param
        )
    return price


def embedded_price(price: Object) -> Object:
    """Return a price as it stands inside an item."""
    return shown_price(Loose(price["id"], price["created"], price))


def amount_of(price: Object, quantity: int | None) -> int:
    """Return what a quantity costs, half cents rounded up; nothing for metered prices."""
    if (price.get("recurring") or {}).get("usage_type") == "metered" or quantity is None:
        return 0
    if price["billing_scheme"] == "tiered":
        return _tiered(price.get("tiers") or [], price["tiers_mode"], quantity)
    units = Decimal(quantity)
    divide = price.get("transform_quantity")
    if divide:
        whole, rest = divmod(quantity, divide["divide_by"])
        units = Decimal(whole + (1 if rest and divide["round"] == "up" else 0))
    return rounded(Decimal(price["unit_amount_decimal"] or 0) * units)


def rounded(exact: Decimal) -> int:
    """Return whole minor units."""
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def _tiered(tiers: list[Object], mode: str | None, quantity: int) -> int:
    total, below = Decimal(0), 0
    for tier in tiers:
        top = tier["up_to"] if tier["up_to"] is not None else quantity
        if mode == "volume" and quantity > top:
            continue
        units = quantity if mode == "volume" else max(0, min(quantity, top) - below)
        if units or mode == "volume":
            total += Decimal(tier["unit_amount_decimal"] or 0) * units + Decimal(tier["flat_amount_decimal"] or 0)
        if mode == "volume" or quantity <= top:
            break
        below = top
    return rounded(total)


def pricing(price: Object) -> Object:
    """Return the ``pricing`` of a line or an invoice item."""
    details = {"price": price["id"], "product": price["product"]}
    return {"price_details": details, "type": "price_details", "unit_amount_decimal": price["unit_amount_decimal"]}


def add_line(hand: Hand, invoice: Object, amount: int, **fields: Any) -> Object:
    """Add a line; totals are left to ``reckon``."""
    base: Object = {
        "amount": amount,
        "currency": invoice["currency"],
        "description": None,
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": invoice["id"],
        "livemode": False,
        "metadata": {},
        "period": {"end": hand.now, "start": hand.now},
        "pretax_credit_amounts": [],
        "quantity": 1,
        "subtotal": amount,
        "taxes": [],
    }
    return hand.add("invoice_line_items", {**base, **fields}, event=False)


def item_line(hand: Hand, invoice: Object, item: Object) -> Object:
    """Add the line of an invoice item."""
    details = {
        "invoice_item": item["id"],
        "proration": item["proration"],
        "proration_details": {"credited_items": None},
        "subscription": _subscription_of(item),
    }
    parent = {"invoice_item_details": details, "subscription_item_details": None, "type": "invoice_item_details"}
    names = ("description", "discountable", "discounts", "metadata", "period", "pricing", "quantity", "quantity_decimal")
    shared = {name: item[name] for name in names}
    return add_line(hand, invoice, item["amount"], **shared, parent=parent)


def _subscription_of(item: Object) -> str | None:
    parent = item.get("parent") or {}
    found: str | None = (parent.get("subscription_details") or {}).get("subscription")
    return found


def reckon(hand: Hand, invoice_id: str) -> Object:
    """Work out the totals of a draft from its lines, and return it."""
    invoice = hand.get("invoices", invoice_id)
    rows = hand.having("invoice_line_items", "invoice", invoice_id)
    taken: dict[str, int] = {}
    taxes: dict[str, Object] = {}
    subtotal = sum(row["amount"] for row in rows)
    left = {row["id"]: row["amount"] for row in rows}
    parts: dict[str, list[Object]] = {row["id"]: [] for row in rows}
    for row in rows:
        for discount_id in row["discounts"]:
            _take(hand, discount_id, [row], left, parts, taken, invoice["currency"])
    for discount_id in invoice["discounts"]:
        _take(
            hand, discount_id, [row for row in rows if row["discountable"] and row["amount"] > 0], left, parts, taken, invoice["currency"]
        )
    exclusive = inclusive = 0
    for row in rows:
        own = _taxes(hand, row, invoice, left[row["id"]])
        for tax in own:
            exclusive += tax["amount"] if tax["tax_behavior"] == "exclusive" else 0
            inclusive += tax["amount"] if tax["tax_behavior"] == "inclusive" else 0
            key = tax["tax_rate_details"]["tax_rate"]
            known = taxes.get(key)
            taxes[key] = (
                tax
                if known is None
                else {**known, "amount": known["amount"] + tax["amount"], "taxable_amount": known["taxable_amount"] + tax["taxable_amount"]}
            )
        hand.change(
            "invoice_line_items", row["id"], {"discount_amounts": parts[row["id"]], "taxes": own, "subtotal": row["amount"]}, event=False
        )
    total = subtotal - sum(taken.values()) + exclusive
    customer = hand.find("customers", invoice["customer"]) if invoice["status"] == "draft" else None
    start = customer["balance"] if customer is not None else invoice["starting_balance"] or 0
    applied = balance_applied(total, start)
    fields = {
        "amount_due": max(0, total + applied),
        "amount_remaining": max(0, total + applied) - invoice["amount_paid"],
        "starting_balance": start,
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal - inclusive,
        "total": total,
        "total_discount_amounts": [{"amount": amount, "discount": discount_id} for discount_id, amount in taken.items()],
        "total_excluding_tax": total - exclusive - inclusive,
        "total_pretax_credit_amounts": [],
        "total_taxes": list(taxes.values()),
    }
    return hand.change("invoices", invoice_id, fields, event=False)


def balance_applied(total: int, balance: int) -> int:
    """Return what the customer's balance adds to a total (debt) or takes off it (credit); negative totals go to the balance."""
    return max(-total, balance)


def _take(
    hand: Hand,
    discount_id: str,
    rows: list[Object],
    left: dict[str, int],
    parts: dict[str, list[Object]],
    taken: dict[str, int],
    currency: str,
) -> None:
    """Spread a discount over lines in proportion; rounding goes to the last."""
    base = sum(max(0, left[row["id"]]) for row in rows)
    amount = discounts.off(hand, discount_id, base, currency)
    taken[discount_id] = taken.get(discount_id, 0) + amount
    open_amount = amount
    for place, row in enumerate(rows):
        share = open_amount if place == len(rows) - 1 else amount * max(0, left[row["id"]]) // base if base else 0
        share = min(share, max(0, left[row["id"]]), open_amount)
        open_amount -= share
        left[row["id"]] -= share
        parts[row["id"]].append({"amount": share, "discount": discount_id})
    taken[discount_id] -= open_amount


def _taxes(hand: Hand, row: Object, invoice: Object, taxable: int) -> list[Object]:
    found = []
    for rate_id in _rates(hand, row) or invoice["default_tax_rates"]:
        rate = hand.find("tax_rates", rate_id)
        if rate is None:
            continue
        percentage = Decimal(str(rate["percentage"]))
        base = Decimal(taxable)
        amount = rounded(base * percentage / (100 + percentage)) if rate["inclusive"] else rounded(base * percentage / 100)
        found.append({
            "amount": amount,
            "tax_behavior": "inclusive" if rate["inclusive"] else "exclusive",
            "tax_rate_details": {"tax_rate": rate_id},
            "taxability_reason": "standard_rated",
            "taxable_amount": taxable - amount if rate["inclusive"] else taxable,
            "type": "tax_rate_details",
        })  # fmt: skip
    return found


def _rates(hand: Hand, row: Object) -> list[str]:
    """Return the tax rates of the item that a line stands for."""
    parent = row.get("parent") or {}
    item = hand.find("invoice_items", (parent.get("invoice_item_details") or {}).get("invoice_item"))
    item = item or hand.find("subscription_items", (parent.get("subscription_item_details") or {}).get("subscription_item"))
    return [rate if isinstance(rate, str) else str(rate["id"]) for rate in (item or {}).get("tax_rates") or []]
