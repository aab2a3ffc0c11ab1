"""Keep the items of subscriptions: add, change, remove, and settle the time between.

In: create, update, delete of items, and ``items`` of a subscription. Out: rows, and prorations as pending invoice items.
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator import errors
from stripesql.simulator.business.records import Loose
from stripesql.simulator.business.render_subscriptions import plan
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import billing, discounts, invoice_items, lines, plain, prorations
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.model import Handlers, Row, Write, wrong_state


def price_of(hand: Hand, entry: Object, where: str) -> Object:
    """Return the recurring price that an entry names or describes."""
    prefix = (lambda name: f"{where}[{name}]") if where else (lambda name: name)
    data, named = entry.get("price_data"), entry.get("price") or entry.get("plan")
    if data is not None and named is not None:
        raise ApiError(400, "You may only specify one of these parameters: price, price_data.", param=prefix("price"))
    if data is None and named is None:
        raise errors.missing_parameter(prefix("price"))
    if data is not None:
        return invoice_items.inline(hand, data, data["recurring"])
    price = lines.price_of(hand, str(named), prefix("price"))
    if price["type"] != "recurring":
        raise ApiError(
            400,
            "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.",
            param=prefix("price"),
        )
    return price


def check_together(prices: list[Object]) -> None:
    """Refuse prices of different currencies, and the same price twice."""
    if len({price["currency"] for price in prices}) > 1:
        raise ApiError(400, "All prices on a subscription must have the same currency.", param="items")
    ids = [price["id"] for price in prices]
    if len(set(ids)) < len(ids):
        raise ApiError(400, "You cannot have the same price twice on a subscription.", param="items")


def add(hand: Hand, sub: Object, price: Object, entry: Object, period: tuple[int, int]) -> Object:
    """Add an item; a metered price has no quantity."""
    metered = price["recurring"]["usage_type"] == "metered"
    if metered and entry.get("quantity") is not None:
        raise ApiError(400, "You cannot set the quantity for metered plans.", param="quantity")
    quantity = None if metered else entry.get("quantity", 1)
    if quantity is not None and quantity < 0:
        raise ApiError(400, "This value must be greater than or equal to 0.", code="parameter_invalid_integer", param="quantity")
    fields: Object = {
        "current_period_end": period[1],
        "current_period_start": period[0],
        "discounts": discounts.made(hand, entry.get("discounts"), {"customer": sub["customer"], "subscription": sub["id"]}),
        "metadata": entry.get("metadata") or {},
        "plan": plan(Loose(price["id"], price["created"], price)),
        "price": lines.embedded_price(price),
        "quantity": quantity,
        "subscription": sub["id"],
        "tax_rates": entry.get("tax_rates") or [],
    }
    return hand.add("subscription_items", fields, event=False)


def _changeable(hand: Hand, sub_id: str, param: str = "subscription") -> Object:
    sub = hand.named("subscriptions", sub_id, param)
    if sub["status"] in ("canceled", "incomplete_expired"):
        raise wrong_state("A canceled subscription can only update its cancellation_details and metadata.", "subscription_canceled", param)
    return sub


def create(write: Write) -> Row:
    """Add an item to a subscription."""
    hand, values = write.hand, write.values
    sub = _changeable(hand, values["subscription"])
    made = _added(hand, sub, values, values, "")
    _settle(hand, sub, values)
    return "subscription_items", made["id"]


def _added(hand: Hand, sub: Object, entry: Object, how: dict[str, Any], where: str) -> Object:
    price = price_of(hand, entry, where)
    check_together([*billing.prices_of(hand, sub["id"]), price])
    made = add(
        hand,
        sub,
        price,
        entry,
        billing.period_of(hand, sub["id"]) if billing.prices_of(hand, sub["id"]) else billing.next_period(hand, sub["id"], hand.now),
    )
    if _prorates(sub, how):
        prorations.credit_and_charge(hand, sub, None, (price, made["quantity"]), made, how.get("proration_date") or hand.now)
    return made


def _prorates(sub: Object, how: dict[str, Any]) -> bool:
    return how.get("proration_behavior") != "none" and sub["status"] in ("active", "past_due", "unpaid")


def _settle(hand: Hand, sub: Object, how: dict[str, Any]) -> None:
    """Bill prorations at once where that is asked for; tell that the subscription changed."""
    hand.tell("subscriptions", sub["id"], "updated", {"items": None})
    if how.get("proration_behavior") == "always_invoice":
        made = billing.pending_invoice(hand, sub, "subscription_update")
        if made is not None:
            hand.change("subscriptions", sub["id"], {"latest_invoice": made["id"]}, event=False)
            billing.try_to_collect(hand, sub["id"], made["id"])


def _changed(hand: Hand, sub: Object, item: Object, entry: Object, how: dict[str, Any], where: str) -> None:
    old_price = hand.find("prices", item["price"]["id"]) or item["price"]
    renamed = any(entry.get(name) is not None for name in ("price", "plan", "price_data"))
    price = price_of(hand, entry, where) if renamed else old_price
    metered = price["recurring"]["usage_type"] == "metered"
    if metered and entry.get("quantity") is not None:
        raise ApiError(400, "You cannot set the quantity for metered plans.", param=f"{where}[quantity]" if where else "quantity")
    quantity = None if metered else entry.get("quantity", item["quantity"] if item["quantity"] is not None else 1)
    fields = plain.overlaid("subscription_items", item, {name: entry[name] for name in ("metadata", "tax_rates") if name in entry})
    fields |= {"price": lines.embedded_price(price), "plan": plan(Loose(price["id"], price["created"], price)), "quantity": quantity}
    if "discounts" in entry:
        fields["discounts"] = discounts.made(hand, entry["discounts"], {"customer": sub["customer"], "subscription": sub["id"]})
    moved = price["id"] != old_price["id"] or quantity != item["quantity"]
    hand.change("subscription_items", item["id"], fields, event=False)
    if moved and _prorates(sub, how):
        prorations.credit_and_charge(
            hand, sub, (old_price, item["quantity"]), (price, quantity), item, how.get("proration_date") or hand.now
        )


def update(write: Write) -> Row:
    """Change price or quantity of an item."""
    hand = write.hand
    item = plain.target(write)
    sub = _changeable(hand, item["subscription"])
    _changed(hand, sub, item, write.values, write.values, "")
    _settle(hand, sub, write.values)
    return "subscription_items", write.id


def _removed(hand: Hand, sub: Object, item: Object, how: dict[str, Any]) -> Object:
    if len(hand.having("subscription_items", "subscription", sub["id"])) == 1:
        raise wrong_state(
            "A subscription must have at least one active plan. To end it, cancel the subscription.", "subscription_item_last"
        )
    price = hand.find("prices", item["price"]["id"]) or item["price"]
    if _prorates(sub, how):
        prorations.credit_and_charge(hand, sub, (price, item["quantity"]), None, item, how.get("proration_date") or hand.now)
    return hand.remove("subscription_items", item["id"], event=False)


def delete(write: Write) -> Object:
    """Remove an item; the last one stays."""
    hand = write.hand
    item = plain.target(write)
    sub = _changeable(hand, item["subscription"])
    answer = _removed(hand, sub, item, write.values)
    _settle(hand, sub, write.values)
    return answer


def change_all(hand: Hand, sub: Object, entries: list[Object], how: dict[str, Any]) -> None:
    """Carry out ``items`` of a subscription's update: new ones, changed ones, deleted ones."""
    _changeable(hand, sub["id"])
    for place, entry in enumerate(entries):
        where = f"items[{place}]"
        if entry.get("id") is None:
            _added(hand, sub, entry, how, where)
            continue
        item = hand.find("subscription_items", entry["id"])
        if item is None or item["subscription"] != sub["id"]:
            raise errors.no_such("subscription_item", entry["id"], f"{where}[id]")
        if entry.get("deleted"):
            _removed(hand, sub, item, how)
        else:
            _changed(hand, sub, item, entry, how, where)
    _settle(hand, sub, how)


def credit_all(hand: Hand, sub: Object) -> None:
    """Give the unused time of every item back."""
    for item in hand.having("subscription_items", "subscription", sub["id"]):
        price = hand.find("prices", item["price"]["id"]) or item["price"]
        prorations.credit_and_charge(hand, sub, (price, item["quantity"]), None, item, hand.now)


CREATE: Handlers = {"subscription_items": create}
UPDATE: Handlers = {"subscription_items": update}
DELETE: Handlers = {"subscription_items": delete}
