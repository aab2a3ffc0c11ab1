"""State the list parameters of billing: customers, prices, subscriptions, invoices, coupons, quotes, tax.

Sources: API reference of each list, 2026-06-24. Oddities that are easy to miss: ``customers.email`` is case-sensitive and
``promotion_codes.code`` is not; ``subscriptions.status`` has words that no subscription has; ``invoiceitems.created`` is a
range on ``date``; ``subscriptions.current_period_end`` is the earliest end of any item, ``_start`` the latest start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stripesql.simulator.filters.model import (
    ACCOUNT_OF_CUSTOMER,
    CREATED,
    CUSTOMER,
    Filter,
    Form,
    any_of,
    choice,
    flag,
    ignored,
    needed,
    ref,
    special,
    text,
    within,
)

if TYPE_CHECKING:
    from stripesql.simulator.account import Account
    from stripesql.simulator.store import Test

CLOCK = ref("test_clock", "test_helpers_test_clocks")
METHOD = choice("collection_method", "charge_automatically send_invoice")


def _status(account: Account, wanted: str) -> Test:
    """``all`` is everything, ``ended`` is canceled and incomplete_expired."""
    statuses = {"all": None, "ended": ("canceled", "incomplete_expired")}.get(wanted, (wanted,))
    read = account.shelf("subscriptions").reader("status")
    return lambda row: statuses is None or read(row) in statuses


def _registration(account: Account, wanted: str) -> Test:
    """``all`` is everything."""
    read = account.shelf("tax_registrations").reader("status")
    return lambda row: wanted in ("all", read(row))


def _price(account: Account, price_id: str) -> Test:
    """Any item has the price (prices and plans share ids)."""
    items = account.shelf("subscription_items")
    read = items.reader("subscription")
    owners = {read(item) for item in items.having("price", price_id)}
    return lambda row: row.id in owners


def _period(edge: str, pick: Any) -> Any:
    def meaning(account: Account, bounds: tuple[int, int]) -> Test:
        items = account.shelf("subscription_items")
        read = items.reader(edge)

        def test(row: Any) -> bool:
            ends = [read(item) for item in items.having("subscription", row.id)]
            return bool(ends) and bounds[0] <= pick(ends) <= bounds[1]

        return test

    return meaning


def _code(account: Account, code: str) -> Test:
    """Codes are the same in any case."""
    read = account.shelf("promotion_codes").reader("code")
    return lambda row: (read(row) or "").lower() == code.lower()


def _pending(account: Account, pending: bool) -> Test:
    """Pending means: not on an invoice yet."""
    read = account.shelf("invoice_items").reader("invoice")
    return lambda row: (read(row) is None) == pending


def _scheduled(account: Account, scheduled: bool) -> Test:
    """Schedules that have not started yet; ``false`` lets everything through."""
    read = account.shelf("subscription_schedules").reader("status")
    return lambda row: not scheduled or read(row) == "not_started"


def _archived(account: Account, archived: bool) -> Test:
    read = account.shelf("entitlements_features").reader("active")
    return lambda row: (not read(row)) == archived


def _grant_customer(account: Account, customer: str) -> Test:
    """Bookings on the grants of the customer; the booking itself does not name it."""
    grants = {row.id for row in account.shelf("billing_credit_grants").having("customer", customer)}
    read = account.shelf("billing_credit_balance_transactions").reader("credit_grant")
    return lambda row: read(row) in grants


def _rate_currency(account: Account, currency: str) -> Test:
    """The amount's own currency, or one of its options."""
    read = account.shelf("shipping_rates").reader("fixed_amount")
    return lambda row: (amount := read(row) or {}).get("currency") == currency or currency in (amount.get("currency_options") or {})


FILTERS: dict[str, tuple[Filter, ...]] = {
    "billing_alerts": (choice("alert_type", "usage_threshold"), text("meter", "usage_threshold.meter")),
    "billing_credit_balance_transactions": (
        text("credit_grant"),
        special("customer", Form.TEXT, _grant_customer, refers="customers"),
        ignored("customer_account", Form.TEXT),
    ),
    "billing_credit_grants": (CUSTOMER, ACCOUNT_OF_CUSTOMER),
    "billing_meters": (choice("status", "active inactive"),),
    "billing_meter_event_summaries": (
        needed(ignored("customer", Form.TEXT)),
        needed(ignored("end_time", Form.INTEGER)),
        needed(ignored("start_time", Form.INTEGER)),
        ignored("value_grouping_window", Form.TEXT, "day hour"),
    ),
    "billing_portal_configurations": (flag("active"), flag("is_default")),
    "checkout_session_line_items": (),
    "checkout_sessions": (
        CREATED,
        CUSTOMER,
        ACCOUNT_OF_CUSTOMER,
        text("customer_details[email]"),
        ref("payment_intent", "payment_intents"),
        ref("payment_link", "payment_links"),
        choice("status", "complete expired open"),
        ref("subscription", "subscriptions"),
    ),
    "coupons": (CREATED,),
    "credit_note_line_items": (),
    "credit_notes": (CREATED, CUSTOMER, ACCOUNT_OF_CUSTOMER, ref("invoice", "invoices")),
    "customer_balance_transactions": (CREATED, ref("invoice", "invoices")),
    "customer_cash_balance_transactions": (),
    "customer_sources": (text("object"),),
    "customer_tax_ids": (),
    "customers": (CREATED, text("email"), CLOCK),
    "entitlements_active_entitlements": (needed(ref("customer", "customers")),),
    "entitlements_features": (special("archived", Form.BOOLEAN, _archived), text("lookup_key")),
    "invoice_items": (
        within("created", "date"),
        CUSTOMER,
        ACCOUNT_OF_CUSTOMER,
        ref("invoice", "invoices"),
        special("pending", Form.BOOLEAN, _pending),
    ),
    "invoice_line_items": (),
    "invoice_payments": (
        CREATED,
        ref("invoice", "invoices"),
        text("payment[payment_intent]"),
        text("payment[payment_record]"),
        choice("payment[type]", "payment_intent payment_record"),
        choice("status", "canceled open paid"),
    ),
    "invoice_rendering_templates": (choice("status", "active archived"),),
    "invoices": (
        METHOD,
        CREATED,
        CUSTOMER,
        ACCOUNT_OF_CUSTOMER,
        within("due_date"),
        choice("status", "draft open paid uncollectible void"),
        ref("subscription", "subscriptions", "parent.subscription_details.subscription"),
    ),
    "payment_link_line_items": (),
    "payment_links": (flag("active"),),
    "plans": (flag("active"), CREATED, ref("product", "products")),
    "prices": (
        flag("active"),
        CREATED,
        text("currency"),
        any_of("lookup_keys", "lookup_key", 10),
        ref("product", "products"),
        choice("recurring[interval]", "day month week year"),
        text("recurring[meter]"),
        choice("recurring[usage_type]", "licensed metered"),
        choice("type", "one_time recurring"),
    ),
    "product_features": (),
    "products": (
        flag("active"),
        CREATED,
        Filter("ids", Form.TEXTS, "id", most=100, no_cursor=True),
        flag("shippable"),
        choice("type", "good service"),
        text("url"),
    ),
    "promotion_codes": (
        flag("active"),
        special("code", Form.TEXT, _code),
        ref("coupon", "coupons", "promotion.coupon"),
        CREATED,
        CUSTOMER,
        ACCOUNT_OF_CUSTOMER,
    ),
    "quote_computed_upfront_line_items": (),
    "quote_line_items": (),
    "quotes": (CUSTOMER, ACCOUNT_OF_CUSTOMER, choice("status", "accepted canceled draft open"), CLOCK),
    "shipping_rates": (flag("active"), CREATED, special("currency", Form.TEXT, _rate_currency)),
    "subscription_items": (needed(ref("subscription", "subscriptions")),),
    "subscription_schedules": (
        within("canceled_at"),
        within("completed_at"),
        CREATED,
        CUSTOMER,
        ACCOUNT_OF_CUSTOMER,
        within("released_at"),
        special("scheduled", Form.BOOLEAN, _scheduled),
    ),
    "subscriptions": (
        flag("automatic_tax[enabled]"),
        METHOD,
        CREATED,
        special("current_period_end", Form.RANGE, _period("current_period_end", min)),
        special("current_period_start", Form.RANGE, _period("current_period_start", max)),
        CUSTOMER,
        ACCOUNT_OF_CUSTOMER,
        special("plan", Form.TEXT, _price, refers="plans"),
        special("price", Form.TEXT, _price, refers="prices"),
        special("status", Form.TEXT, _status, "active all canceled ended incomplete incomplete_expired past_due paused trialing unpaid"),
        CLOCK,
    ),
    "tax_calculation_line_items": (),
    "tax_codes": (),
    "tax_ids": (
        choice("owner[type]", "account application customer self"),
        text("owner[account]"),
        text("owner[application]"),
        text("owner[customer]"),
        text("owner[customer_account]"),
    ),
    "tax_rates": (flag("active"), CREATED, flag("inclusive")),
    "tax_registrations": (special("status", Form.TEXT, _registration, "active all expired scheduled"),),
    "tax_transaction_line_items": (),
    "test_helpers_test_clocks": (),
}
