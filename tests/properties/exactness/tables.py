"""Say which tables and columns the random queries use, where in the object each value lies, and what it may be.

Written by hand and apart from the catalogue: the brute force must not share its mistakes.
"""

import datetime as dt
from dataclasses import dataclass
from itertools import product
from zoneinfo import ZoneInfo

NOW = 1_731_240_000
"""The statement's time, 2024-11-10 12:00:00 UTC (a fraction of a second later, see ``NOW_US``): a week after the last switch."""
NOW_US = NOW * 1_000_000 + 250_000
EVENTS_SINCE = NOW - 30 * 86_400

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Asia/Kathmandu")
"""Lord Howe's clock moves by half an hour; in Havana the switch is at midnight, so that a day begins twice or at one."""


def at(text: str, zone: str = "UTC") -> int:
    """Return a local time as unix seconds."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


SWITCHES = tuple(
    at(text)
    for text in (
        *("2024-03-31 01:00", "2024-10-27 01:00"),  # Berlin
        *("2024-03-10 07:00", "2024-11-03 06:00"),  # New York
        *("2024-04-06 15:00", "2024-10-05 15:30"),  # Lord Howe
        *("2024-03-10 05:00", "2024-11-03 05:00"),  # Havana
    )
)
MIDNIGHTS = tuple(at(day, zone) for day, zone in product(("2024-01-01", "2024-10-27", "2024-11-01", "2024-11-03", "2024-11-10"), ZONES))
TIMES = tuple(
    dict.fromkeys(
        (
            *(NOW - 3600, NOW - 3600, NOW, NOW + 1, NOW - 86_400, NOW - 7 * 86_400, 0, 1),
            *(moment + shift for moment in SWITCHES for shift in (0, -1, 1, -1800, 1800, -3600, 3600)),
            *(moment + shift for moment in MIDNIGHTS for shift in (0, -1)),
        )
    )
)
RECENT = tuple(moment for moment in TIMES if moment >= EVENTS_SINCE)

TEXTS = ("a", "A", "ab", "a_b", "a%b", "O'Brien", "", "ü", "Ü", "日本", "🎉", "x\ny", " a", "a ", "NULL", '"q"', "\\", "today", "1", "true")
EMAILS = ("a@example.com", "A@example.com", "ä@example.com", "", "o'b@example.com", "a_b@example.com")
AMOUNTS = (0, 1, -1, 5, 100, 2**53 + 1, -(10**12))
CURRENCIES = ("usd", "eur", "jpy", "USD")
METADATA = ({}, {"order_id": "1"}, {"order_id": ""}, {"order_id": "O'Brien", "a.b": "x"}, {"Order_id": "2"}, {"a/b~": "ü"})
DECIMALS = ("0", "0.125", "10", "-0.5", "999999999999.000000000001")
FLAGS = (True, False)


@dataclass(frozen=True)
class Field:
    """Say one column: SQL type, way to the value, and what rows may hold; ``references`` names the table of a key."""

    name: str
    type: str
    path: tuple[str, ...]
    pool: tuple[object, ...] = ()
    references: str | None = None
    alias: str | None = None  # another name for the same column


def _field(name, type_, pool=(), *, path=None, references=None, null=False, alias=None):
    return Field(name, type_, tuple((path or name).split(".")), (*pool, *((None,) if null else ())), references, alias)


def text(name, pool=TEXTS, **more):
    """Return a nullable text."""
    return _field(name, "VARCHAR", pool, null=True, **more)


def word(name, *pool, **more):
    """Return a text that is never NULL."""
    return _field(name, "VARCHAR", pool, **more)


def key(name, references, **more):
    """Return a nullable foreign key."""
    return _field(name, "VARCHAR", references=references, null=True, **more)


def whole(name, **more):
    """Return an integer."""
    return _field(name, "BIGINT", AMOUNTS, **more)


def flag(name, **more):
    """Return a boolean."""
    return _field(name, "BOOLEAN", FLAGS, **more)


def time(name, pool=TIMES, **more):
    """Return a time."""
    return _field(name, "TIMESTAMPTZ", pool, **more)


ID = _field("id", "VARCHAR")
CREATED = time("created")
MAPPED = _field("metadata", "JSON", METADATA)
CUSTOMER = key("customer", "customers")
CURRENCY = word("currency", *CURRENCIES)
METHOD = word("collection_method", "charge_automatically", "send_invoice")

TABLES: dict[str, tuple[Field, ...]] = {
    "customers": (
        *(ID, CREATED, text("email", EMAILS), text("name"), whole("balance"), flag("delinquent", null=True), text("description"), MAPPED),
        *(text("address_city", path="address.city"), text("address_country", ("DE", "US"), path="address.country")),
    ),
    "charges": (
        *(ID, CREATED, whole("amount"), whole("amount_refunded"), CURRENCY, word("status", "succeeded", "failed", "pending"), flag("paid"), CUSTOMER),
        *(key("payment_intent", "payment_intents"), text("description"), text("transfer_group", ("g", "G")), MAPPED),
        text("billing_details_email", EMAILS, path="billing_details.email"),
    ),
    "payment_intents": (
        *(ID, CREATED, whole("amount"), CURRENCY, word("status", "succeeded", "canceled", "requires_action"), CUSTOMER, time("canceled_at", null=True)),
        text("description"),
    ),
    "subscriptions": (
        *(ID, CREATED, word("status", "active", "canceled", "incomplete_expired", "past_due", "trialing", "brand_new"), CUSTOMER, METHOD, MAPPED),
        *(time("canceled_at", null=True), flag("cancel_at_period_end"), flag("automatic_tax_enabled", path="automatic_tax.enabled")),
    ),
    "products": (
        *(ID, CREATED, flag("active"), text("name"), text("description"), flag("shippable", null=True), text("url", ("https://x", "")), time("updated")),
        word("type", "service", "good"),
    ),
    "prices": (
        *(ID, CREATED, flag("active"), key("product", "products"), CURRENCY, text("lookup_key", ("k1", "K1", "k2", "k 3")), whole("unit_amount", null=True)),
        *(_field("unit_amount_decimal", "DECIMAL(38,12)", DECIMALS, null=True), word("type", "one_time", "recurring", "brand_new")),
        *(text("recurring_interval", ("month", "year", "day"), path="recurring.interval"), text("nickname")),
    ),
    "invoices": (
        *(ID, CREATED, _field("status", "VARCHAR", ("draft", "open", "paid", "void"), null=True), CUSTOMER, METHOD, time("due_date", null=True)),
        *(whole("total"), whole("amount_due"), CURRENCY),
        key("parent_subscription_details_subscription", "subscriptions", path="parent.subscription_details.subscription", alias="subscription"),
    ),
    "invoice_items": (
        *(ID, time("date", alias="created"), CUSTOMER, key("invoice", "invoices"), whole("amount"), CURRENCY, flag("discountable"), text("description")),
    ),
    "promotion_codes": (
        *(ID, CREATED, word("code", "SPRING", "Spring", "spring", "FALL", "ß"), flag("active"), CUSTOMER, time("expires_at", null=True)),
        key("promotion_coupon", "coupons", path="promotion.coupon"),
    ),
    "coupons": (ID, CREATED, text("name"), _field("percent_off", "DOUBLE", (0.0, 7.5, 0.1, 100.0), null=True), flag("valid")),
    "reviews": (ID, CREATED, word("reason", "rule", "manual"), key("charge", "charges"), _field("open", "BOOLEAN", (True,))),
    "events": (
        *(ID, time("created", RECENT), whole("pending_webhooks"), text("api_version", ("2024-10-28", "2020-08-27"))),
        word("type", "invoice.paid", "invoice.created", "invoice", "invoiceitem.created", "invoice_payment.paid", "invoice.payment_failed", "ping"),
    ),
    "topups": (ID, CREATED, whole("amount"), word("status", "succeeded", "failed", "reversed"), CURRENCY, text("description")),
    "payouts": (
        *(ID, CREATED, time("arrival_date"), word("status", "paid", "failed", "in_transit"), whole("amount"), flag("automatic"), CURRENCY),
    ),
    "refunds": (ID, CREATED, key("charge", "charges"), key("payment_intent", "payment_intents"), whole("amount"), text("reason", ("duplicate", "fraudulent"))),
    "checkout_sessions": (
        *(ID, CREATED, text("status", ("open", "complete", "expired")), CUSTOMER, key("payment_intent", "payment_intents"), whole("amount_total", null=True)),
        text("customer_details_email", EMAILS, path="customer_details.email"),
    ),
    "tax_rates": (ID, CREATED, flag("active"), flag("inclusive"), _field("percentage", "DOUBLE", (0.0, 7.5, 19.0, 0.1)), text("country", ("DE", "US"))),
    "balance_transactions": (
        *(ID, CREATED, time("available_on"), whole("amount"), whole("fee"), CURRENCY, word("type", "charge", "refund", "payout"), text("description")),
        key("source", "charges"),
    ),
    "subscription_schedules": (ID, CREATED, CUSTOMER, time("canceled_at", null=True), time("completed_at", null=True), word("status", "active", "not_started")),
    "subscription_items": (ID, CREATED, word("subscription", references="subscriptions"), whole("quantity", null=True), MAPPED),
    "invoice_line_items": (ID, word("invoice", references="invoices"), whole("amount"), CURRENCY, whole("quantity", null=True), text("description")),
}  # fmt: skip

NEEDS = {"subscription_items": "subscription", "invoice_line_items": "invoice"}
"""Lists that Stripe gives only per parent: the column that names it."""

OWN_IDS = {
    "products": ("prod_1", "search", "a b/c", "ü", "it's", "p.q", "PROD_1"),
    "coupons": ("25OFF", "25off", "search", "half price", "50%"),
}
"""Tables whose ids the account chooses."""


def field_of(table: str, name: str) -> Field:
    """Return a field by its name."""
    return next(each for each in TABLES[table] if each.name == name)
