"""State which events tell of changes, and what ids begin with, by our own hand.

In: a table and a verb. Out: the event's type, or None where Stripe tells nothing. Source: API reference, types of events,
2026-06-24.
"""

from __future__ import annotations

PREFIXES = {
    "account_external_accounts": "ba_1", "account_persons": "person_1", "application_fee_refunds": "fr_1", "billing_portal_configurations": "bpc_1",
    "credit_note_line_items": "cnli_1", "customer_balance_transactions": "cbtxn_1", "customer_sources": "card_1", "file_links": "link_1",
    "product_features": "prodft_", "quote_line_items": "li_1", "payment_link_line_items": "li_1", "checkout_session_line_items": "li_1",
    "shipping_rates": "shr_1", "transfer_reversals": "trr_1", "apple_pay_domains": "apwc_1", "apps_secrets": "appsecret_1",
    "test_helpers_test_clocks": "clock_1", "v2_core_event_destinations": "ed_test_1", "v2_core_account_persons": "person_test_1",
    "subscription_schedules": "sub_sched_1", "application_fees": "fee_1",
}  # fmt: skip

_ALL = ("created", "updated", "deleted")
_MADE = ("created", "updated")
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "account_external_accounts": ("account.external_account", _ALL),
    "account_persons": ("person", _ALL),
    "accounts": ("account", ("updated",)),
    "application_fees": ("application_fee", ("created", "refunded")),
    "application_fee_refunds": ("application_fee.refund", ("updated",)),
    "billing_credit_grants": ("billing.credit_grant", _MADE),
    "billing_meters": ("billing.meter", ("created", "updated", "deactivated", "reactivated")),
    "billing_portal_configurations": ("billing_portal.configuration", _MADE),
    "charges": ("charge", ("succeeded", "failed", "captured", "refunded", "updated", "expired", "pending")),
    "checkout_sessions": ("checkout.session", ("completed", "expired")),
    "coupons": ("coupon", _ALL),
    "credit_notes": ("credit_note", ("created", "updated", "voided")),
    "customer_sources": ("customer.source", _ALL),
    "customers": ("customer", _ALL),
    "disputes": ("charge.dispute", ("created", "updated", "closed")),
    "files": ("file", ("created",)),
    "invoice_items": ("invoiceitem", ("created", "deleted")),
    "invoices": (
        "invoice",
        (
            "created",
            "updated",
            "deleted",
            "finalized",
            "paid",
            "payment_succeeded",
            "payment_failed",
            "sent",
            "voided",
            "marked_uncollectible",
        ),
    ),
    "issuing_cardholders": ("issuing_cardholder", _MADE),
    "issuing_cards": ("issuing_card", _MADE),
    "payment_intents": (
        "payment_intent",
        ("created", "succeeded", "payment_failed", "canceled", "amount_capturable_updated", "requires_action"),
    ),
    "payment_links": ("payment_link", _MADE),
    "payment_methods": ("payment_method", ("attached", "detached", "updated")),
    "payouts": ("payout", ("created", "updated", "canceled", "paid", "failed")),
    "plans": ("plan", _ALL),
    "prices": ("price", _ALL),
    "products": ("product", _ALL),
    "promotion_codes": ("promotion_code", _MADE),
    "quotes": ("quote", ("created", "finalized", "accepted", "canceled")),
    "refunds": ("refund", ("created", "updated", "failed")),
    "reviews": ("review", ("closed",)),
    "setup_intents": ("setup_intent", ("created", "succeeded", "setup_failed", "canceled")),
    "subscription_schedules": ("subscription_schedule", ("created", "updated", "canceled", "released")),
    "subscriptions": ("customer.subscription", ("created", "updated", "deleted", "paused", "resumed")),
    "tax_ids": ("customer.tax_id", _ALL),
    "tax_rates": ("tax_rate", _MADE),
    "test_helpers_test_clocks": ("test_helpers.test_clock", ("created", "deleted", "advancing", "ready")),
    "topups": ("topup", ("created", "canceled", "succeeded")),
    "transfers": ("transfer", ("created", "updated", "reversed")),
}


def kind_of(table: str, verb: str) -> str | None:
    """Return ``invoice.paid`` for the verb ``paid`` of invoices."""
    prefix, verbs = KINDS.get(table, ("", ()))
    return f"{prefix}.{verb}" if verb in verbs else None
