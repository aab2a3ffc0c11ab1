"""Write invoices, their lines and payments, and invoice items as Stripe does.

In: records. Out: fields; what a record does not know is filled from the catalogue's shape by ``account``, which also adds
embedded lists.
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator.business.records import Invoice, InvoiceItem, Line, Loose, Payment
from stripesql.simulator.business.render_people import address
from stripesql.simulator.business.render_subscriptions import discount_id


def invoice(row: Invoice) -> dict[str, Any]:
    """Return an ``invoice`` without its lines and payments."""
    who, sub = row.customer, row.subscription
    owed = 0 if row.status == "void" else max(0, row.total)
    automatic = row.collection_method == "charge_automatically"
    finalized = row.finalized_at is not None
    discounts = [{"amount": row.discount, "discount": discount_id(sub.id)}] if row.coupon and sub else []
    return {
        "id": row.id,
        "object": "invoice",
        "account_country": "US",
        "account_name": "Lantern",
        "account_tax_ids": None,
        "amount_due": max(0, row.total),
        "amount_overpaid": 0,
        "amount_paid": row.amount_paid,
        "amount_remaining": owed - row.amount_paid,
        "amount_shipping": 0,
        "application": None,
        "attempt_count": row.attempts,
        "attempted": row.attempts > 0,
        "auto_advance": row.status in ("draft", "open") and automatic,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None, "provider": None, "status": None},
        "automatically_finalizes_at": None if finalized else row.created + 3600,
        "billing_reason": row.reason,
        "collection_method": row.collection_method,
        "confirmation_secret": None,
        "created": row.created,
        "currency": row.currency,
        "custom_fields": None,
        "customer": who.id,
        "customer_account": None,
        "customer_address": address(who) if who.name else None,
        "customer_email": who.email,
        "customer_name": who.name,
        "customer_phone": who.phone,
        "customer_shipping": None,
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [item["discount"] for item in discounts],
        "due_date": row.due_date,
        "effective_at": row.finalized_at,
        "ending_balance": 0 if finalized else None,
        "footer": None,
        "from_invoice": None,
        "hosted_invoice_url": f"https://invoice.stripe.com/i/{row.id}" if finalized else None,
        "invoice_pdf": f"https://pay.stripe.com/invoice/{row.id}/pdf" if finalized else None,
        "issuer": {"type": "self"},
        "last_finalization_error": None,
        "latest_revision": None,
        "livemode": False,
        "metadata": row.metadata,
        "next_payment_attempt": row.next_attempt,
        "number": row.number,
        "on_behalf_of": None,
        "parent": None
        if sub is None
        else {
            "quote_details": None,
            "subscription_details": {"metadata": sub.metadata, "subscription": sub.id},
            "type": "subscription_details",
        },
        "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
        "period_end": row.period_end if row.reason == "subscription_create" else row.period_start,
        "period_start": row.period_start,
        "post_payment_credit_notes_amount": row.credited,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": None,
        "rendering": None,
        "shipping_cost": None,
        "shipping_details": None,
        "starting_balance": 0,
        "statement_descriptor": None,
        "status": row.status,
        "status_transitions": {
            "finalized_at": row.finalized_at,
            "marked_uncollectible_at": row.uncollectible_at,
            "paid_at": row.paid_at,
            "voided_at": row.voided_at,
        },
        "subtotal": row.subtotal,
        "subtotal_excluding_tax": row.subtotal,
        "test_clock": who.test_clock,
        "total": row.total,
        "total_discount_amounts": discounts,
        "total_excluding_tax": row.total - row.tax,
        "total_pretax_credit_amounts": [],
        "total_taxes": [_tax(row.tax, row.total - row.tax)] if row.tax else [],
        "webhooks_delivered_at": row.created,
    }


def _tax(amount: int, on: int) -> dict[str, Any]:
    return {
        "amount": amount,
        "tax_behavior": "exclusive",
        "tax_rate_details": {"tax_rate": "txr_lantern_vat20"},
        "taxability_reason": "standard_rated",
        "taxable_amount": on,
        "type": "tax_rate_details",
    }


def _pricing(row: Loose) -> dict[str, Any]:
    details = {"price": row.id, "product": row.object["product"]}
    return {"price_details": details, "type": "price_details", "unit_amount_decimal": row.object["unit_amount_decimal"]}


def line(row: Line) -> dict[str, Any]:
    """Return a ``line_item`` of an invoice."""
    sub = row.invoice.subscription
    proration = row.invoice_item is not None and row.amount < 0
    common = {"proration": proration, "proration_details": {"credited_items": None}, "subscription": sub.id if sub else None}
    if row.item is not None:
        details = {**common, "invoice_item": None, "subscription_item": row.item}
        parent: dict[str, Any] = {"invoice_item_details": None, "subscription_item_details": details, "type": "subscription_item_details"}
    else:
        details = {**common, "invoice_item": row.invoice_item}
        parent = {"invoice_item_details": details, "subscription_item_details": None, "type": "invoice_item_details"}
    return {
        "id": row.id,
        "object": "line_item",
        "amount": row.amount,
        "currency": row.invoice.currency,
        "description": row.description,
        "discount_amounts": [{"amount": row.discount, "discount": discount_id(sub.id)}] if row.discount and sub else [],
        "discountable": row.amount > 0,
        "discounts": [],
        "invoice": row.invoice.id,
        "livemode": False,
        "metadata": {},
        "parent": parent,
        "period": {"end": row.period_end, "start": row.period_start},
        "pretax_credit_amounts": [],
        "pricing": _pricing(row.price),
        "quantity": row.quantity,
        "quantity_decimal": str(row.quantity),
        "subscription": sub.id if sub else None,
        "subtotal": row.amount,
        "taxes": [_tax(row.tax, row.amount - row.discount)] if row.tax else [],
    }


def invoice_item(row: InvoiceItem) -> dict[str, Any]:
    """Return an ``invoiceitem``: it has ``date`` and no ``created``."""
    details = {"subscription": row.subscription, "subscription_item": None}
    return {
        "id": row.id,
        "object": "invoiceitem",
        "amount": row.amount,
        "currency": row.currency,
        "customer": row.customer.id,
        "customer_account": None,
        "date": row.created,
        "description": row.description,
        "discountable": not row.proration,
        "discounts": [],
        "invoice": row.invoice,
        "livemode": False,
        "metadata": {},
        "net_amount": row.amount,
        "parent": {"subscription_details": details, "type": "subscription_details"} if row.subscription else None,
        "period": {"end": row.created, "start": row.created},
        "pricing": _pricing(row.price),
        "proration": row.proration,
        "quantity": row.quantity,
        "quantity_decimal": str(row.quantity),
        "tax_rates": [],
        "test_clock": row.customer.test_clock,
    }


def payment(row: Payment) -> dict[str, Any]:
    """Return an ``invoice_payment``."""
    canceled = row.intent.canceled_at if row.status == "canceled" else None
    return {
        "id": row.id,
        "object": "invoice_payment",
        "amount_paid": row.amount if row.status == "paid" else None,
        "amount_requested": row.amount,
        "created": row.created,
        "currency": row.invoice.currency,
        "invoice": row.invoice.id,
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": row.intent.id, "type": "payment_intent"},
        "status": row.status,
        "status_transitions": {"canceled_at": canceled, "paid_at": row.paid_at},
    }
