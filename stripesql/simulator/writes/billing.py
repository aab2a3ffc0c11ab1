"""Bill subscriptions: the invoice of a period, and what is pending.

In: a subscription and a period. Out: drafts with lines; ``collecting`` takes it from there.
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import collecting, discounts, invoice_items, invoices, lines, prorations
from stripesql.simulator.writes.hand import Hand, Object

Period = tuple[int, int]


def end_of(at: int, prices: list[Object]) -> int:
    """Return the end of the period that begins at ``at``: the shortest of the prices', a month where there are none."""
    month = {"recurring": {"interval": "month", "interval_count": 1}}
    return min(prorations.after(at, price) for price in (prices or [month]))


def prices_of(hand: Hand, sub_id: str) -> list[Object]:
    """Return the prices of a subscription, each once per item."""
    found = []
    for item in hand.having("subscription_items", "subscription", sub_id):
        price = hand.find("prices", item["price"]["id"])
        found.append(price if price is not None else item["price"])
    return found


def period_of(hand: Hand, sub_id: str) -> Period:
    """Return the current period of a subscription."""
    items = hand.having("subscription_items", "subscription", sub_id)
    if not items:
        return hand.now, hand.now
    return max(item["current_period_start"] for item in items), min(item["current_period_end"] for item in items)


def next_period(hand: Hand, sub_id: str, at: int) -> Period:
    """Return the period that begins at ``at``."""
    return at, end_of(at, prices_of(hand, sub_id))


def move_period(hand: Hand, sub_id: str, period: Period) -> None:
    """Let every item be in another period."""
    for item in hand.having("subscription_items", "subscription", sub_id):
        hand.change("subscription_items", item["id"], {"current_period_start": period[0], "current_period_end": period[1]}, event=False)


def _draft(hand: Hand, sub: Object, reason: str, period: Period) -> Object:
    days = sub["days_until_due"] if sub["collection_method"] == "send_invoice" else None
    values: dict[str, Any] = {
        "collection_method": sub["collection_method"],
        "currency": sub["currency"],
        "days_until_due": days,
        "default_tax_rates": sub["default_tax_rates"],
        "description": (sub["invoice_settings"] or {}).get("description") or sub["description"],
        "footer": (sub["invoice_settings"] or {}).get("footer"),
        "on_behalf_of": sub["on_behalf_of"],
        "subscription": sub["id"],
        "auto_advance": True,
    }
    counting = discounts.counting(hand, sub["discounts"], sub["id"], period[0])
    if counting:
        values["discounts"] = [{"discount": discount_id} for discount_id in counting]
    return invoices.draft(hand, sub["customer"], values, billing_reason=reason, period_start=period[0], period_end=period[1])


def invoice(
    hand: Hand, sub_id: str, reason: str, period: Period, *, free: bool = False, stub: bool = False, prorate: bool = True,
    extra: list[Object] | None = None,
) -> Object:  # fmt: skip
    """Add the draft of a period: a line per item, and the pending items.

    Args:
        hand: writes.
        sub_id: the subscription.
        reason: ``billing_reason``.
        period: what is billed.
        free: a trial: every line is 0.
        stub: the period is shorter than the prices': lines are shares.
        prorate: False bills nothing for a stub.
        extra: ``add_invoice_items``.
    """
    sub = hand.get("subscriptions", sub_id)
    made = _draft(hand, sub, reason, period)
    for item in hand.having("subscription_items", "subscription", sub_id):
        price = hand.find("prices", item["price"]["id"]) or item["price"]
        amount = 0 if free else lines.amount_of(price, item["quantity"])
        if stub and not free:
            whole = prorations.after(period[0], price) - period[0]
            amount = prorations.share(amount, period[0], period[0], period[0] + whole) * (period[1] - period[0]) // whole if prorate else 0
        _item_line(hand, made, sub, item, price, amount, period, free)
    for place, entry in enumerate(extra or []):
        extra_item(hand, sub, entry, f"add_invoice_items[{place}]")
    invoices.take_pending(hand, made, sub_id)
    return lines.reckon(hand, made["id"])


def _item_line(hand: Hand, made: Object, sub: Object, item: Object, price: Object, amount: int, period: Period, free: bool) -> None:
    product = hand.find("products", price["product"]) or {}
    name, each = product.get("name") or "Subscription", (price.get("recurring") or {}).get("interval")
    words = f"Trial period for {name}" if free else f"{item['quantity'] or 0} × {name} (per {each})"  # noqa: RUF001  as Stripe writes it
    details = {
        "invoice_item": None,
        "proration": False,
        "proration_details": {"credited_items": None},
        "subscription": sub["id"],
        "subscription_item": item["id"],
    }
    parent = {"invoice_item_details": None, "subscription_item_details": details, "type": "subscription_item_details"}
    span = {"start": period[0], "end": period[1]}
    lines.add_line(
        hand,
        made,
        amount,
        description=words,
        parent=parent,
        period=span,
        pricing=lines.pricing(price),
        quantity=item["quantity"],
        discounts=item["discounts"],
        metadata=item["metadata"],
    )


def extra_item(hand: Hand, sub: Object, entry: Object, param: str) -> Object:
    """Add a one-time item that the next invoice of a subscription takes."""
    if not (entry.get("price") or entry.get("price_data")):
        raise ApiError(400, f"Missing required param: {param}[price].", code="parameter_missing", param=f"{param}[price]")
    values = {**{name: value for name, value in entry.items() if name != "period"}, "subscription": sub["id"]}
    return invoice_items.add(hand, values, sub["customer"], None)


def pending_invoice(hand: Hand, sub: Object, reason: str) -> Object | None:
    """Add a draft of what is pending for a subscription; None where nothing is."""
    pending = [row for row in hand.having("invoice_items", "customer", sub["customer"]) if row["invoice"] is None]
    if not pending:
        return None
    made = _draft(hand, sub, reason, (hand.now, hand.now))
    invoices.take_pending(hand, made, sub["id"])
    return lines.reckon(hand, made["id"])


def try_to_collect(hand: Hand, sub_id: str, invoice_id: str) -> None:
    """Finalize and charge; a refusal makes the subscription past due and is no error of the call."""
    made = collecting.finalize(hand, invoice_id)
    if made["status"] == "paid" or made["collection_method"] == "send_invoice":
        return
    try:
        collecting.collect(hand, invoice_id)
    except ApiError:
        if hand.get("subscriptions", sub_id)["status"] in ("active", "trialing"):
            hand.change("subscriptions", sub_id, {"status": "past_due"})
