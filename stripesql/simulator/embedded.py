"""State which objects carry lists of others, and how: the first ten, with ``has_more`` and ``url``.

In: nothing. Out: ``EMBEDDED`` per table, ``EXPAND_ONLY``: fields that are absent unless they are asked for, and ``RATES``: fields
that are set by ids and show the objects.
Stated by hand (API reference 2026-06-24; expand-only since 2020-08-27 for customers, 2022-11-15 for charges.refunds).
"""

from __future__ import annotations

from dataclasses import dataclass

EMBEDDED_LIMIT = 10


@dataclass(frozen=True, slots=True)
class Embedded:
    """Say one embedded list.

    Attributes:
        field: name in the parent.
        table: whose rows it shows, in that table's list order.
        column: field of those rows that holds the parent's id.
        url: where the whole list is; ``{id}`` is the parent's.
        on_demand: absent unless expanded.
        plain: a bare array instead of a list object.
        without: rows left out, as (field, value).
    """

    field: str
    table: str
    column: str
    url: str
    on_demand: bool = False
    plain: bool = False
    without: tuple[str, str] | None = None


EMBEDDED: dict[str, tuple[Embedded, ...]] = {
    "account": (Embedded("external_accounts", "account_external_accounts", "account", "/v1/accounts/{id}/external_accounts"),),
    "accounts": (Embedded("external_accounts", "account_external_accounts", "account", "/v1/accounts/{id}/external_accounts"),),
    "application_fees": (Embedded("refunds", "application_fee_refunds", "fee", "/v1/application_fees/{id}/refunds"),),
    "charges": (Embedded("refunds", "refunds", "charge", "/v1/charges/{id}/refunds", on_demand=True),),
    "checkout_sessions": (
        Embedded("line_items", "checkout_session_line_items", "checkout_session", "/v1/checkout/sessions/{id}/line_items", on_demand=True),
    ),
    "credit_notes": (Embedded("lines", "credit_note_line_items", "credit_note", "/v1/credit_notes/{id}/lines"),),
    "customers": (
        Embedded("sources", "customer_sources", "customer", "/v1/customers/{id}/sources", on_demand=True),
        Embedded(
            "subscriptions", "subscriptions", "customer", "/v1/customers/{id}/subscriptions", on_demand=True, without=("status", "canceled")
        ),
        Embedded("tax_ids", "tax_ids", "customer", "/v1/customers/{id}/tax_ids", on_demand=True),
    ),
    "disputes": (Embedded("balance_transactions", "balance_transactions", "source", "", plain=True),),
    "files": (Embedded("links", "file_links", "file", "/v1/file_links?file={id}"),),
    "invoices": (
        Embedded("lines", "invoice_line_items", "invoice", "/v1/invoices/{id}/lines"),
        Embedded("payments", "invoice_payments", "invoice", "/v1/invoice_payments?invoice={id}", on_demand=True),
    ),
    "payment_links": (
        Embedded("line_items", "payment_link_line_items", "payment_link", "/v1/payment_links/{id}/line_items", on_demand=True),
    ),
    "quotes": (Embedded("line_items", "quote_line_items", "quote", "/v1/quotes/{id}/line_items", on_demand=True),),
    "radar_value_lists": (Embedded("list_items", "radar_value_list_items", "value_list", "/v1/radar/value_list_items?value_list={id}"),),
    "subscriptions": (Embedded("items", "subscription_items", "subscription", "/v1/subscription_items?subscription={id}"),),
    "tax_calculations": (
        Embedded("line_items", "tax_calculation_line_items", "tax_calculation", "/v1/tax/calculations/{id}/line_items", on_demand=True),
    ),
    "tax_transactions": (
        Embedded("line_items", "tax_transaction_line_items", "tax_transaction", "/v1/tax/transactions/{id}/line_items", on_demand=True),
    ),
    "transfers": (Embedded("reversals", "transfer_reversals", "transfer", "/v1/transfers/{id}/reversals"),),
    "treasury_transactions": (
        Embedded(
            "entries", "treasury_transaction_entries", "transaction", "/v1/treasury/transaction_entries?transaction={id}", on_demand=True
        ),
    ),
}

EXPAND_ONLY: dict[str, tuple[str, ...]] = {
    "coupons": ("applies_to", "currency_options"),
    "customers": ("cash_balance", "invoice_credit_balance", "tax"),
    "identity_verification_sessions": ("verified_outputs",),
    "invoices": ("confirmation_secret",),
    "issuing_cards": ("cvc", "number"),
    "issuing_disputes": ("balance_transactions",),
    "plans": ("tiers",),
    "prices": ("currency_options", "tiers"),
    "tax_calculation_line_items": ("tax_breakdown",),
    "treasury_financial_accounts": ("features",),
    "treasury_transaction_entries": ("flow_details",),
    "treasury_transactions": ("flow_details",),
}
"""Fields of the object itself, without the lists above, that are written only when expanded."""

INCLUDE_ONLY: dict[str, tuple[str, ...]] = {
    "v2_core_accounts": ("configuration", "defaults", "future_requirements", "identity", "requirements"),
    "v2_core_event_destinations": ("webhook_endpoint",),
}
"""Fields of v2 objects that are null unless ``include`` names them, or something inside them."""

SAME_ROWS: dict[str, tuple[str, str]] = {
    "customer_payment_methods": ("payment_methods", "customer"),
    "customer_tax_ids": ("tax_ids", "customer"),
}
"""Nested lists that show rows of another table: those whose field names the parent."""
RATES: dict[str, str] = {
    "invoice_items": "tax_rates",
    "invoices": "default_tax_rates",
    "subscription_items": "tax_rates",
    "subscriptions": "default_tax_rates",
}
