"""Begin subscriptions: items, trial, first period, first invoice, and what the card says to it.

In: the parameters of a create. Out: rows. What happens later is in ``subscriptions``.
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator import errors
from stripesql.simulator.business.dates import DAY
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import billing, cards, collecting, discounts, subscription_items
from stripesql.simulator.writes.hand import Hand, Object

MOST_ITEMS = 20


def begin(hand: Hand, values: dict[str, Any]) -> Object:
    """Add a subscription and what follows.

    Raises:
        ApiError: 400; 402 with ``error_if_incomplete``, which leaves nothing behind.
    """
    if values.get("customer") is None:
        raise errors.missing_parameter("customer")
    entries = values.get("items") or []
    if not entries and not values.get("add_invoice_items"):
        raise errors.missing_parameter("items")
    if len(entries) > MOST_ITEMS:
        raise ApiError(400, f"A subscription has at most {MOST_ITEMS} items.", param="items")
    customer = hand.named("customers", values["customer"], "customer")
    prices = [subscription_items.price_of(hand, entry, f"items[{place}]") for place, entry in enumerate(entries)]
    subscription_items.check_together(prices)
    sub = _add(hand, values, customer, prices)
    for entry, price in zip(entries, prices, strict=True):
        subscription_items.add(hand, sub, price, entry, sub["period"])
    hand.tell("subscriptions", sub["id"], "created")
    _first_invoice(hand, sub, values)
    return hand.get("subscriptions", sub["id"])


def _trial_end(hand: Hand, values: dict[str, Any], prices: list[Object]) -> int | None:
    if values.get("trial_end") is not None and values.get("trial_period_days") is not None:
        raise ApiError(400, "You may only specify one of these parameters: trial_end, trial_period_days.", param="trial_end")
    days = values.get("trial_period_days")
    if days is None and values.get("trial_from_plan"):
        days = max((price["recurring"].get("trial_period_days") or 0 for price in prices), default=0)
    end: int | None = values.get("trial_end") if days is None else hand.now + days * DAY
    return end if end is not None and end > hand.now else None


def _add(hand: Hand, values: dict[str, Any], customer: Object, prices: list[Object]) -> Object:
    trial_end = _trial_end(hand, values, prices)
    start = values.get("backdate_start_date") or hand.now
    anchor = values.get("billing_cycle_anchor") or trial_end or hand.now
    if values.get("billing_cycle_anchor") is not None and anchor <= hand.now:
        raise ApiError(400, "billing_cycle_anchor must be in the future.", param="billing_cycle_anchor")
    period = (hand.now, anchor if anchor > hand.now else billing.end_of(hand.now, prices))
    sends = values.get("collection_method") == "send_invoice"
    if sends and values.get("days_until_due") is None:
        raise errors.missing_parameter("days_until_due")
    method = values.get("default_payment_method")
    if method is not None:
        method = owned(hand, method, customer["id"])
    currency = values.get("currency") or (prices[0]["currency"] if prices else customer["currency"])
    if customer["currency"] not in (None, currency):
        message = f"You cannot combine currencies on a single customer. This customer has currency {customer['currency']}, and the prices are in {currency}."
        raise ApiError(400, message, param="currency")
    sub_id = hand.id_of("subscriptions")
    names = ("application_fee_percent", "default_source", "description", "on_behalf_of", "pending_invoice_item_interval", "transfer_data")
    fields: Object = {
        **{name: values.get(name) for name in names},
        "id": sub_id,
        "automatic_tax": {"disabled_reason": None, "enabled": bool((values.get("automatic_tax") or {}).get("enabled")), "liability": None},
        "billing_cycle_anchor": anchor,
        "billing_mode": {"flexible": None, "type": (values.get("billing_mode") or {}).get("type") or "flexible"},
        "cancel_at": values.get("cancel_at") or (period[1] if values.get("cancel_at_period_end") else None),
        "cancel_at_period_end": values.get("cancel_at_period_end") is True,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": values.get("collection_method") or "charge_automatically",
        "currency": currency,
        "customer": customer["id"],
        "days_until_due": values.get("days_until_due"),
        "default_payment_method": method,
        "default_tax_rates": values.get("default_tax_rates") or [],
        "discounts": discounts.made(hand, values.get("discounts"), {"customer": customer["id"], "subscription": sub_id}),
        "invoice_settings": {"account_tax_ids": None, "custom_fields": None, "description": None, "footer": None, "issuer": {"type": "self"}, **(values.get("invoice_settings") or {})},
        "metadata": values.get("metadata") or {},
        "payment_settings": {"payment_method_options": None, "payment_method_types": None, "save_default_payment_method": "off", **(values.get("payment_settings") or {})},
        "start_date": start,
        "status": "trialing" if trial_end else "active" if sends else "incomplete",
        "test_clock": customer["test_clock"],
        "trial_end": trial_end,
        "trial_settings": values.get("trial_settings") or {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": hand.now if trial_end else None,
    }  # fmt: skip
    made = hand.add("subscriptions", fields, event=False)
    if customer["currency"] is None:
        hand.change("customers", customer["id"], {"currency": currency}, event=False)
    return {**made, "period": period}


def owned(hand: Hand, method_id: str, customer_id: str) -> str:
    """Return the payment method, which must belong to the customer; a test card is saved first."""
    method = cards.resolved(hand, method_id, "default_payment_method")
    if method_id.startswith("pm_card_"):
        method = cards.attach_to(hand, method["id"], customer_id)
    if method.get("customer") != customer_id:
        message = "The customer does not have a payment method with this ID. The payment method must be attached to the customer."
        raise ApiError(400, message, code="resource_missing", param="default_payment_method")
    return str(method["id"])


def _first_invoice(hand: Hand, sub: Object, values: dict[str, Any]) -> None:
    """Bill the first period; the answer of the card decides the state."""
    behavior = values.get("payment_behavior") or "allow_incomplete"
    prorate = values.get("proration_behavior") != "none"
    invoice = billing.invoice(
        hand,
        sub["id"],
        "subscription_create",
        sub["period"],
        free=sub["status"] == "trialing",
        stub=values.get("billing_cycle_anchor") is not None,
        prorate=prorate,
        extra=values.get("add_invoice_items"),
    )
    hand.change("subscriptions", sub["id"], {"latest_invoice": invoice["id"]}, event=False)
    if sub["collection_method"] == "send_invoice":
        return
    invoice = collecting.finalize(hand, invoice["id"])
    if invoice["status"] == "paid":
        if sub["status"] == "incomplete":
            hand.change("subscriptions", sub["id"], {"status": "active"}, event=False)
        return
    if behavior == "default_incomplete":
        return
    if collecting.method_of(hand, invoice, None) is None:
        message = "This customer has no attached payment source or default payment method. Please consider adding a default payment method."
        raise ApiError(400, message, code="resource_missing")
    try:
        collecting.collect(hand, invoice["id"], off_session=values.get("off_session") is True)
    except ApiError as error:
        if behavior == "error_if_incomplete":
            error.keeps = False
            raise
        if error.status != 402:
            raise
