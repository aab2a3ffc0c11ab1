"""Write customers and payment methods as Stripe does.

In: records. Out: fields; what a record does not know is filled from the catalogue's shape by ``store``.
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator.business.records import Customer, Method
from stripesql.simulator.business.words import LOCALE


def address(customer: Customer) -> dict[str, Any]:
    """Return the postal address."""
    line1, city, state, postal = customer.place
    return {"city": city, "country": customer.country, "line1": line1, "line2": None, "postal_code": postal, "state": state or None}


def customer(row: Customer) -> dict[str, Any]:
    """Return a ``customer``."""
    return {
        "id": row.id,
        "object": "customer",
        "address": address(row) if row.name else None,
        "balance": row.balance,
        "cash_balance": _cash_balance(row),
        "created": row.created,
        "currency": row.currency,
        "customer_account": None,
        "default_source": None,
        "delinquent": row.delinquent,
        "description": row.description,
        "discount": None,
        "email": row.email,
        "invoice_credit_balance": {row.currency: 0},
        "invoice_prefix": row.id[-8:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": row.default_method,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": row.metadata,
        "name": row.name,
        "next_invoice_sequence": row.invoices + 1,
        "phone": row.phone,
        "preferred_locales": [LOCALE[row.country]] if row.country in LOCALE else [],
        "shipping": {"address": address(row), "name": row.name, "phone": row.phone or ""} if row.name and row.index % 6 == 0 else None,
        "tax": {
            "automatic_tax": "supported" if row.name else "unrecognized_location",
            "ip_address": None,
            "location": {"country": row.country, "source": "billing_address", "state": row.place[2] or None} if row.name else None,
            "provider": "stripe",
        },
        "tax_exempt": "exempt" if row.index % 53 == 8 else "none",
        "test_clock": row.test_clock,
    }


def _cash_balance(row: Customer) -> dict[str, Any]:
    settings = {"reconciliation_mode": "automatic", "using_merchant_default": True}
    return {
        "object": "cash_balance",
        "available": None,
        "customer": row.id,
        "customer_account": None,
        "livemode": False,
        "settings": settings,
    }


def billing_details(row: Method, who: Customer | None) -> dict[str, Any]:
    """Return the ``billing_details`` of a payment method or of a charge made with it."""
    if who is None:
        return {
            "address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
            "email": "guest@example.com",
            "name": None,
            "phone": None,
            "tax_id": None,
        }
    return {"address": address(who), "email": who.email, "name": who.name, "phone": who.phone, "tax_id": None}


def method(row: Method) -> dict[str, Any]:
    """Return a ``payment_method``; only the sub-object that ``type`` names is there."""
    return {
        "id": row.id,
        "object": "payment_method",
        "allow_redisplay": "always" if row.exp_month % 3 == 0 else "unspecified",
        "billing_details": billing_details(row, row.customer),
        row.type: _instrument(row),
        "created": row.created,
        "customer": None if row.customer is None or row.customer.deleted else row.customer.id,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": row.type,
    }


def _instrument(row: Method) -> dict[str, Any]:
    if row.type == "custom":
        return {"display_name": "Voucher", "logo": None, "type": "cpmt_1lantern"}
    if row.type == "sepa_debit":
        return {
            "bank_code": "37040044",
            "branch_code": "",
            "country": row.country,
            "fingerprint": row.fingerprint,
            "generated_from": {"charge": None, "setup_attempt": None},
            "last4": row.last4,
        }
    if row.type == "us_bank_account":
        return {
            "account_holder_type": "company",
            "account_type": "checking",
            "bank_name": "STRIPE TEST BANK",
            "financial_connections_account": None,
            "fingerprint": row.fingerprint,
            "last4": row.last4,
            "networks": {"preferred": "ach", "supported": ["ach"]},
            "routing_number": "110000000",
            "status_details": {},
        }
    return {
        "brand": row.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": "pass", "cvc_check": "pass"},
        "country": row.country,
        "display_brand": row.brand,
        "exp_month": row.exp_month,
        "exp_year": row.exp_year,
        "fingerprint": row.fingerprint,
        "funding": row.funding,
        "generated_from": None,
        "last4": row.last4,
        "networks": {"available": [row.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }
