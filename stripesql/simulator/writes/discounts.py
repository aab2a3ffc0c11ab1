"""Apply coupons: to invoices, subscriptions, quotes.

In: ``discounts`` of a call. Out: discounts with ids; and what they take off an amount.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from stripesql.simulator import errors
from stripesql.simulator.business.dates import after_months
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import coupons
from stripesql.simulator.writes.hand import Hand, Object


def made(hand: Hand, given: list[Object] | None, owner: Object, param: str = "discounts") -> list[str]:
    """Make the discounts that a call names and return their ids; ``owner`` says what they stand on."""
    return [_one(hand, entry, owner, f"{param}[{place}]") for place, entry in enumerate(given or [])]


def _one(hand: Hand, entry: Object, owner: Object, where: str) -> str:
    if entry.get("discount"):
        if hand.account.discount(entry["discount"]) is None:
            raise errors.no_such("discount", entry["discount"], f"{where}[discount]")
        return str(entry["discount"])
    coupon, code = entry.get("coupon"), entry.get("promotion_code")
    if code is not None:
        promotion = hand.named("promotion_codes", code, f"{where}[promotion_code]")
        if not promotion["active"]:
            raise ApiError(400, "This promotion code is not active.", code="promotion_code_not_active", param=f"{where}[promotion_code]")
        if promotion["customer"] not in (None, owner.get("customer")):
            raise ApiError(400, "This promotion code is for another customer.", param=f"{where}[promotion_code]")
        coupon = promotion["promotion"]["coupon"]
        hand.change("promotion_codes", code, {"times_redeemed": promotion["times_redeemed"] + 1}, event=False)
    if coupon is None:
        raise errors.missing_parameter(f"{where}[coupon]")
    coupons.redeem(hand, coupon, f"{where}[coupon]")
    discount_id = hand.new_id("di_1")
    base: Object = {
        "checkout_session": None,
        "customer": None,
        "customer_account": None,
        "end": None,
        "invoice": None,
        "invoice_item": None,
    }
    base |= {
        "promotion_code": code,
        "source": {"coupon": coupon, "type": "coupon"},
        "start": hand.now,
        "subscription": None,
        "subscription_item": None,
    }
    hand.account.discounts[discount_id] = {"id": discount_id, "object": "discount", **base, **owner}
    return discount_id


def counting(hand: Hand, discount_ids: list[str], sub_id: str, at: int) -> list[str]:
    """Return the discounts of a subscription that count for an invoice of the time ``at``.

    ``once`` counts for its first invoice, ``repeating`` for some months.
    """
    used = {used_id for row in hand.having("invoices", "parent.subscription_details.subscription", sub_id) for used_id in row["discounts"]}
    return [discount_id for discount_id in discount_ids if _counts(hand, discount_id, used, at)]


def _counts(hand: Hand, discount_id: str, used: set[str], at: int) -> bool:
    discount = hand.account.discount(discount_id)
    coupon = hand.find("coupons", discount["source"]["coupon"]) if discount is not None else None
    if discount is None or coupon is None:
        return False
    if coupon["duration"] == "once":
        return discount_id not in used
    return coupon["duration"] != "repeating" or at < after_months(discount["start"], coupon["duration_in_months"])


def off(hand: Hand, discount_id: str, amount: int, currency: str) -> int:
    """Return how much a discount takes off an amount, never more than it."""
    discount = hand.account.discount(discount_id)
    coupon = hand.find("coupons", discount["source"]["coupon"]) if discount is not None else None
    if coupon is None or amount <= 0:
        return 0
    if coupon["percent_off"] is not None:
        exact = Decimal(amount) * Decimal(str(coupon["percent_off"])) / 100
        return min(amount, int(exact.quantize(Decimal(1), ROUND_HALF_UP)))
    return min(amount, _amount_off(coupon, currency))


def _amount_off(coupon: dict[str, Any], currency: str) -> int:
    if coupon["currency"] == currency:
        return int(coupon["amount_off"] or 0)
    option = (coupon.get("currency_options") or {}).get(currency) or {}
    return int(option.get("amount_off") or 0)
