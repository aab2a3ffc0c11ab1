"""Reckon time: periods of prices, and what a part of one is worth.

In: prices and unix seconds. Out: unix seconds and amounts.
"""

from __future__ import annotations

from decimal import Decimal

from stripesql.simulator.business.dates import DAY, after_months
from stripesql.simulator.writes import lines
from stripesql.simulator.writes.hand import Hand, Object

_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}


def after(at: int, price: Object, periods: int = 1) -> int:
    """Return the end of a number of periods of a price that begin at ``at``."""
    recurring = price["recurring"]
    count: int = recurring["interval_count"] * periods
    if recurring["interval"] in _DAYS:
        return at + count * _DAYS[recurring["interval"]] * DAY
    return after_months(at, count * _MONTHS[recurring["interval"]])


def share(amount: int, at: int, start: int, end: int) -> int:
    """Return what the time from ``at`` to ``end`` is worth of an amount for the whole period."""
    if end <= start or at >= end:
        return 0
    return lines.rounded(Decimal(amount) * (end - max(at, start)) / (end - start))


def credit_and_charge(
    hand: Hand, sub: Object, old: tuple[Object, int | None] | None, new: tuple[Object, int | None] | None, item: Object, at: int
) -> None:
    """Add the pending items of a change in mid-period: back for the unused time, on for the rest of it."""
    for half, sign, words in ((old, -1, "Unused time on"), (new, 1, "Remaining time on")):
        if half is None:
            continue
        price, quantity = half
        amount = sign * share(lines.amount_of(price, quantity), at, item["current_period_start"], item["current_period_end"])
        if amount == 0:
            continue
        what = price["nickname"] or (hand.find("products", price["product"]) or {}).get("name") or "subscription"
        hand.add("invoice_items", {
            "amount": amount,
            "currency": price["currency"],
            "customer": sub["customer"],
            "description": f"{words} {quantity} × {what}",  # noqa: RUF001  as Stripe writes it
            "discountable": False,
            "invoice": None,
            "net_amount": amount,
            "parent": {"subscription_details": {"subscription": sub["id"], "subscription_item": item["id"]}, "type": "subscription_details"},
            "period": {"start": at, "end": item["current_period_end"]},
            "pricing": lines.pricing(price),
            "proration": True,
            "quantity": quantity or 1,
            "quantity_decimal": str(quantity or 1),
            "tax_rates": [],
        })  # fmt: skip
