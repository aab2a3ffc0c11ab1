"""Change what things cost: coupons, promotion codes, tax rates, shipping rates.

In: creates. Out: rows; and the redemption of a coupon. Updates and deletes are ``plain``.
"""

from __future__ import annotations

from stripesql.simulator import errors
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import plain
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.model import Handlers, Row, Write, wrong_state


def create_coupon(write: Write) -> Row:
    """Add a coupon: a percentage, or an amount in a currency."""
    values = write.values
    percent, amount = values.get("percent_off"), values.get("amount_off")
    duration = values.get("duration") or "once"
    if (percent is None) == (amount is None):
        words = (
            "You may only specify one of these parameters: percent_off, amount_off."
            if percent is not None
            else "You must pass either percent_off or amount_off."
        )
        raise ApiError(400, words, code=None if percent is not None else "parameter_missing", param="percent_off")
    if percent is not None and not 0 < percent <= 100:
        raise ApiError(400, "Invalid percent_off: it is more than 0 and at most 100.", param="percent_off")
    if amount is not None and amount < 1:
        raise ApiError(400, "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount_off")
    if amount is not None and values.get("currency") is None:
        raise errors.missing_parameter("currency")
    if (duration == "repeating") != (values.get("duration_in_months") is not None):
        raise ApiError(
            400,
            "You must pass duration_in_months for a repeating coupon, and for no other.",
            code="parameter_missing" if duration == "repeating" else None,
            param="duration_in_months",
        )
    fields = plain.made(write) | {"duration": duration, "times_redeemed": 0, "valid": True}
    fields["id"] = values.get("id") or write.hand.new_id("")[-8:]
    return plain.add(write, fields)


def create_promotion_code(write: Write) -> Row:
    """Add a code for a coupon; two active codes cannot be the same, in any case."""
    hand, values = write.hand, write.values
    promotion = values["promotion"]
    if promotion.get("coupon") is None:
        raise errors.missing_parameter("promotion[coupon]")
    code = values.get("code") or hand.new_id("")[-8:].upper()
    read = hand.account.shelf("promotion_codes").reader
    shelf = hand.account.shelf("promotion_codes")
    for other in shelf.all():
        if (
            read("active")(other)
            and (read("code")(other) or "").lower() == code.lower()
            and read("customer")(other) == values.get("customer")
        ):
            raise ApiError(
                400, f"An active promotion code with `code: {code}` already exists.", code="resource_already_exists", param="code"
            )
    restrictions = {
        "first_time_transaction": False,
        "minimum_amount": None,
        "minimum_amount_currency": None,
        **(values.get("restrictions") or {}),
    }
    fields = plain.made(write) | {
        "active": values.get("active") is not False,
        "code": code,
        "promotion": {"coupon": promotion["coupon"], "type": "coupon"},
    }
    return plain.add(write, {**fields, "restrictions": restrictions, "times_redeemed": 0})


def create_tax_rate(write: Write) -> Row:
    """Add a tax rate."""
    percentage = write.values["percentage"]
    if not 0 <= percentage <= 100:
        raise ApiError(400, "Invalid percentage: it is between 0 and 100.", param="percentage")
    fields = plain.made(write) | {
        "active": write.values.get("active") is not False,
        "effective_percentage": percentage,
        "rate_type": "percentage",
    }
    return plain.add(write, fields)


def create_shipping_rate(write: Write) -> Row:
    """Add a shipping rate; its amount is given."""
    if write.values.get("fixed_amount") is None:
        raise errors.missing_parameter("fixed_amount")
    fields = plain.made(write) | {"active": True, "type": "fixed_amount", "tax_behavior": write.values.get("tax_behavior") or "unspecified"}
    return plain.add(write, fields)


def used_up(coupon: Object) -> bool:
    """Say whether a coupon can no longer be redeemed."""
    return bool(coupon["max_redemptions"] and coupon["times_redeemed"] >= coupon["max_redemptions"])


def redeem(hand: Hand, coupon_id: str, param: str) -> Object:
    """Count a redemption of a coupon.

    Raises:
        ApiError: 400, it is expired or used up.
    """
    coupon = hand.named("coupons", coupon_id, param)
    if not coupon["valid"] or used_up(coupon) or (coupon["redeem_by"] and coupon["redeem_by"] < hand.now):
        raise wrong_state(f"Coupon expired: {coupon_id}", "coupon_expired", param)
    count = coupon["times_redeemed"] + 1
    return hand.change(
        "coupons", coupon_id, {"times_redeemed": count, "valid": not used_up({**coupon, "times_redeemed": count})}, event=False
    )


CREATE: Handlers = {
    "coupons": create_coupon,
    "promotion_codes": create_promotion_code,
    "tax_rates": create_tax_rate,
    "shipping_rates": create_shipping_rate,
}
