"""Write subscriptions, their items and prices, and checkout sessions as Stripe does.

In: records. Out: fields; what a record does not know is filled from the catalogue's shape by ``account``, which also adds
embedded lists.
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator.business.records import Item, Loose, Session, Subscription

PRICE_EXPAND_ONLY = ("tiers", "currency_options")


def price(row: Loose) -> dict[str, Any]:
    """Return a price as it stands inside another object: without its expand-only fields."""
    return {key: value for key, value in row.object.items() if key not in PRICE_EXPAND_ONLY}


def plan(row: Loose) -> dict[str, Any]:
    """Return the ``plan`` that a recurring price also is."""
    source = row.object
    recurring = source["recurring"] or {}
    return {
        "id": source["id"],
        "object": "plan",
        "active": source["active"],
        "amount": source["unit_amount"],
        "amount_decimal": source["unit_amount_decimal"],
        "billing_scheme": source["billing_scheme"],
        "created": source["created"],
        "currency": source["currency"],
        "interval": recurring.get("interval"),
        "interval_count": recurring.get("interval_count"),
        "livemode": source["livemode"],
        "metadata": source["metadata"],
        "meter": recurring.get("meter"),
        "nickname": source["nickname"],
        "product": source["product"],
        "tiers_mode": source["tiers_mode"],
        "transform_usage": None,
        "trial_period_days": recurring.get("trial_period_days"),
        "usage_type": recurring.get("usage_type"),
    }


def plan_row(row: Loose) -> Loose:
    """Return the row of the plan, with its expand-only tiers."""
    return Loose(row.id, row.created, {**plan(row), "tiers": row.object.get("tiers")}, beyond_list=row.beyond_list)


def discount_id(owner: str) -> str:
    """Return the id of the discount on a subscription."""
    return "di_1" + owner[-18:]


def discount(row: Subscription) -> dict[str, Any]:
    """Return the ``discount`` on a subscription; it is no row of any table, and stands only where it is expanded."""
    return {
        "id": discount_id(row.id),
        "object": "discount",
        "checkout_session": None,
        "customer": row.customer.id,
        "customer_account": None,
        "end": None,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": None,
        "source": {"coupon": row.coupon, "type": "coupon"},
        "start": row.created,
        "subscription": row.id,
        "subscription_item": None,
    }


def subscription(row: Subscription) -> dict[str, Any]:
    """Return a ``subscription`` without its items."""
    sent = row.collection_method == "send_invoice"
    return {
        "id": row.id,
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": row.customer.index % 7 == 2,
            "liability": {"type": "self"} if row.customer.index % 7 == 2 else None,
        },
        "billing_cycle_anchor": row.anchor,
        "billing_cycle_anchor_config": None,
        "billing_mode": {"flexible": None, "type": "classic"},
        "billing_thresholds": None,
        "cancel_at": row.period_end if row.cancel_at_period_end else None,
        "cancel_at_period_end": row.cancel_at_period_end,
        "canceled_at": row.canceled_at,
        "cancellation_details": {
            "comment": None,
            "feedback": "too_expensive" if row.reason == "cancellation_requested" and row.anchor % 2 else None,
            "reason": row.reason,
        },
        "collection_method": row.collection_method,
        "created": row.created,
        "currency": row.currency,
        "customer": row.customer.id,
        "customer_account": None,
        "days_until_due": 30 if sent else None,
        "default_payment_method": None if row.method is None else row.method.id,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [discount_id(row.id)] if row.coupon else [],
        "ended_at": row.ended_at,
        "invoice_settings": {
            "account_tax_ids": None,
            "custom_fields": None,
            "description": None,
            "footer": None,
            "issuer": {"type": "self"},
        },
        "latest_invoice": row.latest_invoice,
        "livemode": False,
        "metadata": row.metadata,
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": {"behavior": "keep_as_draft", "resumes_at": None} if row.paused else None,
        "payment_settings": {"payment_method_options": None, "payment_method_types": None, "save_default_payment_method": "off"},
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": row.schedule,
        "start_date": row.created,
        "status": row.status,
        "test_clock": row.customer.test_clock,
        "transfer_data": None,
        "trial_end": row.trial_end,
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": row.trial_start,
    }


def item(row: Item) -> dict[str, Any]:
    """Return a ``subscription_item``."""
    return {
        "id": row.id,
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": row.created,
        "current_period_end": row.subscription.period_end,
        "current_period_start": row.subscription.period_start,
        "discounts": [],
        "metadata": {},
        "plan": plan(row.price),
        "price": price(row.price),
        "quantity": row.quantity,
        "subscription": row.subscription.id,
        "tax_rates": [],
    }


def session(row: Session) -> dict[str, Any]:
    """Return a ``checkout.session`` without its line items."""
    complete = row.status == "complete"
    details: dict[str, Any] = {
        "address": None,
        "business_name": None,
        "email": row.email,
        "individual_name": None,
        "name": row.customer.name if row.customer else None,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
    return {
        "id": row.id,
        "object": "checkout.session",
        "allow_promotion_codes": True,
        "amount_subtotal": row.amount,
        "amount_total": row.amount,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": "https://lantern.example/cancel",
        "client_reference_id": f"cart-{row.created % 100_000}",
        "created": row.created,
        "currency": row.currency,
        "custom_fields": [],
        "customer": row.customer.id if row.customer else None,
        "customer_creation": "if_required" if row.mode == "payment" else None,
        "customer_details": details if complete or row.created % 2 else None,
        "customer_email": None if row.customer else row.email,
        "expires_at": row.created + 86_400,
        "invoice": row.invoice,
        "livemode": False,
        "locale": None,
        "metadata": row.metadata,
        "mode": row.mode,
        "payment_intent": row.intent,
        "payment_link": row.payment_link,
        "payment_method_collection": "if_required",
        "payment_method_types": ["card"],
        "payment_status": "paid" if complete else "unpaid",
        "status": row.status,
        "subscription": row.subscription,
        "success_url": "https://lantern.example/thanks",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": None if row.status != "open" else f"https://checkout.stripe.com/c/pay/{row.id}",
    }


def session_line(row: Session) -> Loose:
    """Return the one ``item`` of a checkout session; the session's id is no field of it."""
    value: dict[str, Any] = {
        "id": "li_1" + row.id[-20:],
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": row.amount,
        "amount_tax": 0,
        "amount_total": row.amount,
        "currency": row.currency,
        "description": row.price.object["nickname"] or "Lantern",
        "price": price(row.price),
        "quantity": row.quantity,
    }
    return Loose(value["id"], row.created, value, {"checkout_session": row.id})
