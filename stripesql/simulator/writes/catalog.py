"""Offer things: products, prices and plans.

In: create, update, delete. Out: rows. A price never changes its amount; a recurring price is also a plan of the same id.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from stripesql.simulator import errors
from stripesql.simulator.business.records import Loose
from stripesql.simulator.business.render_subscriptions import plan
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import plain
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.model import Handlers, Row, Write

INTERVALS = {"day": 1095, "week": 156, "month": 36, "year": 3}


def create_product(write: Write) -> Row:
    """Add a product, with its first price where ``default_price_data`` is given."""
    if len(write.values.get("images") or []) > 8:
        raise ApiError(400, "Array images exceeded maximum 8 allowed elements.", param="images")
    values = {name: value for name, value in write.values.items() if name != "default_price_data"}
    name, product_id = plain.add(
        write, {**plain.overlaid("products", plain.made(Write(write.hand, write.route, {})), values), "shippable": values.get("shippable")}
    )
    data = write.values.get("default_price_data")
    if isinstance(data, dict):
        made = make_price(write.hand, {**data, "product": product_id}, "default_price_data")
        write.hand.change("products", product_id, {"default_price": made["id"]}, event=False)
    return name, product_id


def update_product(write: Write) -> Row:
    """Change a product; its default price must be a price of its own."""
    if len(write.values.get("images") or []) > 8:
        raise ApiError(400, "Array images exceeded maximum 8 allowed elements.", param="images")
    default = write.values.get("default_price")
    if default:
        price = write.hand.named("prices", default, "default_price")
        if price["product"] != write.id:
            raise ApiError(400, f"The price {default} does not belong to the product {write.id}.", param="default_price")
    return plain.update(write)


def delete_product(write: Write) -> Object:
    """Delete a product that has no prices."""
    plain.target(write)
    if write.hand.having("prices", "product", write.id):
        raise ApiError(400, "This product cannot be deleted because it has one or more user-created prices.")
    return write.hand.remove("products", write.id)


def amounts(values: dict[str, Any], where: str = "") -> tuple[int | None, str | None]:
    """Return whole and decimal amount of ``unit_amount`` or ``unit_amount_decimal``, of which only one may be given."""
    whole, decimal = values.get("unit_amount"), values.get("unit_amount_decimal")
    prefix = (lambda name: f"{where}[{name}]") if where else (lambda name: name)
    if whole is not None and decimal is not None:
        raise ApiError(400, "You may only specify one of these parameters: unit_amount, unit_amount_decimal.", param=prefix("unit_amount"))
    if whole is not None:
        if whole < 0:
            raise ApiError(
                400, "This value must be greater than or equal to 0.", code="parameter_invalid_integer", param=prefix("unit_amount")
            )
        return whole, str(whole)
    if decimal is None:
        return None, None
    exact = Decimal(decimal)
    return (int(exact) if exact == int(exact) else None), decimal


def make_price(hand: Hand, values: dict[str, Any], where: str = "", *, beyond: bool = False) -> Object:
    """Add a price, and the plan that a recurring one also is; ``beyond`` keeps it out of every list (prices made inline)."""
    if values.get("product") is None:
        raise errors.missing_parameter(f"{where}[product]" if where else "product")
    tiers, custom = values.get("tiers"), values.get("custom_unit_amount")
    whole, decimal = amounts(values, where)
    tiered = values.get("billing_scheme") == "tiered"
    if decimal is None and not tiers and not custom:
        raise errors.missing_parameter(f"{where}[unit_amount]" if where else "unit_amount")
    if tiered != bool(tiers):
        raise ApiError(400, "Tiers go together with billing_scheme=tiered.", param="tiers" if tiered else "billing_scheme")
    recurring = _recurring(values.get("recurring"), where)
    currency = values["currency"]
    option = {
        "custom_unit_amount": custom,
        "tax_behavior": values.get("tax_behavior") or "unspecified",
        "unit_amount": whole,
        "unit_amount_decimal": decimal,
    }
    fields: Object = {
        "active": values.get("active") is not False,
        "billing_scheme": values.get("billing_scheme") or "per_unit",
        "currency": currency,
        "currency_options": {currency: option, **_options(values.get("currency_options"))},
        "custom_unit_amount": {"maximum": custom.get("maximum"), "minimum": custom.get("minimum"), "preset": custom.get("preset")}
        if custom
        else None,
        "lookup_key": values.get("lookup_key"),
        "metadata": values.get("metadata") or {},
        "nickname": values.get("nickname"),
        "product": values["product"],
        "recurring": recurring,
        "tax_behavior": values.get("tax_behavior") or "unspecified",
        "tiers_mode": values.get("tiers_mode"),
        "transform_quantity": values.get("transform_quantity"),
        "type": "recurring" if recurring else "one_time",
        "unit_amount": whole,
        "unit_amount_decimal": decimal,
    }
    if tiers:
        fields["tiers"] = [_tier(tier) for tier in tiers]
    if values.get("id"):
        fields["id"] = values["id"]
    made = hand.add("prices", fields, beyond=beyond, event=not beyond)
    if recurring:
        hand.add("plans", {**plan(Loose(made["id"], hand.now, made)), "tiers": made.get("tiers")}, beyond=beyond, event=not beyond)
    return made


def _recurring(given: Any, where: str) -> Object | None:
    if not isinstance(given, dict):
        return None
    count = given.get("interval_count") or 1
    if not 1 <= count <= INTERVALS[given["interval"]]:
        name = "recurring[interval_count]" if not where else f"{where}[recurring][interval_count]"
        raise ApiError(400, f"Invalid interval_count: at most {INTERVALS[given['interval']]} for {given['interval']}.", param=name)
    return {
        "interval": given["interval"],
        "interval_count": count,
        "meter": given.get("meter"),
        "trial_period_days": given.get("trial_period_days"),
        "usage_type": given.get("usage_type") or "licensed",
    }


def _options(given: Any) -> Object:
    """Return the options in other currencies, with their amounts as numbers (the spec does not tell their types)."""
    found: Object = {}
    for currency, option in (given or {}).items():
        if not isinstance(option, dict):
            raise errors.invalid_value(f"currency_options[{currency}]", "Invalid object")
        entry = {key: int(value) if key == "unit_amount" and str(value).isdecimal() else value for key, value in option.items()}
        if entry.get("unit_amount") is not None and "unit_amount_decimal" not in entry:
            entry["unit_amount_decimal"] = str(entry["unit_amount"])
        found[currency] = {"custom_unit_amount": None, "tax_behavior": "unspecified", **entry}
    return found


def _tier(tier: Object) -> Object:
    whole, decimal = amounts(tier, "tiers")
    flat, flat_decimal = amounts({"unit_amount": tier.get("flat_amount"), "unit_amount_decimal": tier.get("flat_amount_decimal")}, "tiers")
    up_to = None if tier.get("up_to") == "inf" else tier.get("up_to")
    return {"flat_amount": flat, "flat_amount_decimal": flat_decimal, "unit_amount": whole, "unit_amount_decimal": decimal, "up_to": up_to}


def create_price(write: Write) -> Row:
    """Add a price of a product, or of one that is made along with it."""
    values, hand = dict(write.values), write.hand
    if values.get("product") is None and not values.get("product_data"):
        raise errors.missing_parameter("product")
    if values.get("product") is not None and values.get("product_data"):
        raise ApiError(400, "You may only specify one of these parameters: product, product_data.", param="product")
    if values.get("product") is None:
        data = dict(values["product_data"])
        data["metadata"] = data.get("metadata") or {}
        values["product"] = hand.add("products", {**data, "active": data.get("active") is not False, "type": "service", "shippable": None})[
            "id"
        ]
    _claim_lookup_key(hand, values)
    return "prices", make_price(hand, values)["id"]


def _claim_lookup_key(hand: Hand, values: dict[str, Any], own: str | None = None) -> None:
    """Refuse a lookup key that another price has, or take it over."""
    key = values.get("lookup_key")
    for other in hand.having("prices", "lookup_key", key) if key else ():
        if other["id"] == own:
            continue
        if not values.get("transfer_lookup_key"):
            raise ApiError(
                400, f"A price (`{other['id']}`) already uses that lookup key.", code="resource_already_exists", param="lookup_key"
            )
        hand.change("prices", other["id"], {"lookup_key": None})


def update_price(write: Write) -> Row:
    """Change what is no money: active, nickname, metadata, lookup key, tax behavior."""
    price = plain.target(write)
    new = write.values.get("tax_behavior")
    if new and price["tax_behavior"] not in ("unspecified", new):
        raise ApiError(400, "You cannot change the tax_behavior of a price once it is set.", param="tax_behavior")
    _claim_lookup_key(write.hand, write.values, write.id)
    row = plain.change(write, plain.overlaid("prices", price, {**write.values, "currency_options": price.get("currency_options")}))
    if write.hand.find("plans", write.id) is not None:
        shared: Object = {name: write.values[name] for name in ("active", "nickname") if name in write.values}
        write.hand.change("plans", write.id, shared, event=False)
    return row


def create_plan(write: Write) -> Row:
    """Add a plan, which is a recurring price of the same id."""
    values, hand = dict(write.values), write.hand
    own = values.get("id")
    if own is not None:
        plain.refuse_taken(hand, "plans", own)
        if hand.find("prices", own) is not None:
            raise ApiError(400, "Plan already exists.", code="resource_already_exists", param="id")
    product = values.get("product")
    if isinstance(product, dict):
        product = hand.add(
            "products", {**product, "active": True, "type": "service", "shippable": None, "metadata": product.get("metadata") or {}}
        )["id"]
    if product is None:
        raise errors.missing_parameter("product")
    if isinstance(product, str) and hand.find("products", product) is None:
        raise errors.no_such("product", product, "product")
    recurring = {name: values.get(name) for name in ("interval", "interval_count", "meter", "trial_period_days", "usage_type")}
    kept: Object = {
        name: values[name]
        for name in ("active", "billing_scheme", "currency", "metadata", "nickname", "tiers", "tiers_mode", "id")
        if name in values
    }
    money = {"unit_amount": values.get("amount"), "unit_amount_decimal": values.get("amount_decimal")}
    return "plans", make_price(hand, {**kept, **money, "product": product, "recurring": recurring})["id"]


def update_plan(write: Write) -> Row:
    """Change a plan and the price that it is."""
    row = plain.update(write)
    shared: Object = {name: write.values[name] for name in ("active", "nickname") if name in write.values}
    if shared and write.hand.find("prices", write.id) is not None:
        write.hand.change("prices", write.id, shared, event=False)
    return row


def delete_plan(write: Write) -> Object:
    """Delete a plan; subscriptions that have it keep it."""
    plain.target(write)
    if write.hand.find("prices", write.id) is not None:
        write.hand.remove("prices", write.id, event=False)
    return write.hand.remove("plans", write.id)


CREATE: Handlers = {
    "products": create_product,
    "prices": create_price,
    "plans": create_plan,
}
UPDATE: Handlers = {"products": update_product, "prices": update_price, "plans": update_plan}
DELETE: Handlers = {"products": delete_product, "plans": delete_plan}
