"""Say which tables have hand-made rows, how those are rendered, and which of their fields can be read without rendering.

In: a world. Out: a builder of a ``Kind`` per table; nothing is made before a builder's rows are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

from stripesql.simulator.business import (
    clocks,
    discounts,
    events,
    render_invoices,
    render_ledger,
    render_payments,
    render_people,
    render_subscriptions,
)
from stripesql.simulator.business.records import Loose
from stripesql.simulator.business.world import World
from stripesql.simulator.store import Kind

Quick = dict[str, Callable[[Any], Any]]


def _same(*names: str) -> Quick:
    """Fields that the record has under the same name."""
    return {name: attrgetter(name) for name in ("id", "created", *names)}


CUSTOMERS: Quick = _same("name", "email", "phone", "description", "currency", "delinquent", "balance", "metadata", "test_clock")
METHODS: Quick = {
    "test_clock": lambda row: row.customer and row.customer.test_clock,
    **_same("type"),
    "customer": lambda row: None if row.customer is None or row.customer.deleted else row.customer.id,
    "allow_redisplay": lambda row: "always" if row.exp_month % 3 == 0 else "unspecified",
}
CHARGES: Quick = {
    "test_clock": lambda row: row.intent.customer and row.intent.customer.test_clock,
    **_same("amount", "status", "disputed"),
    "customer": lambda row: row.intent.customer and row.intent.customer.id,
    "payment_intent": lambda row: row.intent.id,
    "currency": lambda row: row.intent.currency,
    "transfer_group": lambda row: row.intent.transfer_group,
    "payment_method": lambda row: row.method.id,
    "metadata": lambda row: row.intent.metadata,
}
INTENTS: Quick = {
    "test_clock": lambda row: row.customer and row.customer.test_clock,
    **_same("amount", "status", "currency", "latest_charge", "metadata"),
    "customer": lambda row: row.customer and row.customer.id,
    "customer_account": lambda row: None,
}
REFUNDS: Quick = {
    **_same("amount", "status"),
    "charge": lambda row: row.charge.id,
    "payment_intent": lambda row: row.charge.intent.id,
}
DISPUTES: Quick = {**REFUNDS}
TXNS: Quick = _same("currency", "type", "source", "payout", "available_on", "amount", "net")
PAYOUTS: Quick = {**_same("amount", "status", "currency", "automatic"), "arrival_date": lambda row: row.arrival}
SUBSCRIPTIONS: Quick = {
    **_same("status", "collection_method", "currency", "latest_invoice", "metadata", "canceled_at"),
    "customer": lambda row: row.customer.id,
    "test_clock": lambda row: row.customer.test_clock,
    "automatic_tax.enabled": lambda row: row.customer.index % 7 == 2,
    "customer_account": lambda row: None,
}
ITEMS: Quick = {
    **_same("quantity"),
    "subscription": lambda row: row.subscription.id,
    "price": lambda row: row.price.id,
    "plan": lambda row: row.price.id,
    "current_period_start": lambda row: row.subscription.period_start,
    "current_period_end": lambda row: row.subscription.period_end,
}
INVOICES: Quick = {
    **_same("status", "collection_method", "currency", "due_date", "total", "number", "metadata"),
    "customer": lambda row: row.customer.id,
    "customer_account": lambda row: None,
    "test_clock": lambda row: row.customer.test_clock,
    "parent.subscription_details.subscription": lambda row: row.subscription and row.subscription.id,
}
LINES: Quick = {**_same("amount"), "invoice": lambda row: row.invoice.id}
INVOICE_ITEMS: Quick = {
    **_same("invoice", "amount"),
    "date": lambda row: row.created,
    "customer": lambda row: row.customer.id,
    "test_clock": lambda row: row.customer.test_clock,
}
PAYMENTS: Quick = {
    "test_clock": lambda row: row.invoice.customer.test_clock,
    **_same("status"),
    "invoice": lambda row: row.invoice.id,
    "payment.payment_intent": lambda row: row.intent.id,
    "payment.type": lambda row: "payment_intent",
}
EVENTS: Quick = {**_same("type"), "pending_webhooks": events.pending_webhooks}
SESSIONS: Quick = {
    **_same("status", "subscription", "payment_link"),
    "customer": lambda row: row.customer and row.customer.id,
    "payment_intent": lambda row: row.intent,
}


def builders(world: World, now: Callable[[], int]) -> dict[str, Callable[[], Kind]]:
    """Return a builder per table with hand-made rows."""

    def compact(
        name: str, rows: Callable[[], Iterable[Any]], render: Callable[[Any], dict[str, Any]], quick: Quick, *, items: bool = False
    ) -> Callable[[], Kind]:
        return lambda: Kind(name, "", rows if not world.empty else tuple, render, quick, items)

    def loose(name: str, rows: Callable[[], Iterable[Loose]], *, items: bool = False, kept_when_empty: bool = False) -> Callable[[], Kind]:
        return lambda: Kind(name, "", rows if kept_when_empty or not world.empty else tuple, in_item_order=items)

    made = [
        compact("balance_transactions", lambda: world.ledger.txns, lambda row: render_ledger.txn(row, now()), TXNS),
        compact("charges", lambda: world.finished.till.charges, render_payments.charge, CHARGES),
        compact("customers", lambda: world.finished.customers, render_people.customer, CUSTOMERS),
        compact("disputes", lambda: world.finished.till.disputes, render_payments.dispute, DISPUTES),
        compact("events", lambda: events.recent(world), lambda row: events.render(row, world.bank), EVENTS),
        compact("invoice_items", lambda: world.finished.invoice_items, render_invoices.invoice_item, INVOICE_ITEMS),
        compact("invoice_line_items", lambda: world.finished.lines, render_invoices.line, LINES, items=True),
        compact("invoice_payments", lambda: world.finished.payments, render_invoices.payment, PAYMENTS),
        compact("invoices", lambda: world.finished.invoices, render_invoices.invoice, INVOICES),
        compact("payment_intents", lambda: world.finished.till.intents, render_payments.intent, INTENTS),
        compact("payment_methods", lambda: world.finished.customers and world.people.methods, render_people.method, METHODS),
        compact("payouts", lambda: world.ledger.payouts, lambda row: render_ledger.payout(row, world.bank(row.currency)), PAYOUTS),
        compact("refunds", lambda: world.finished.till.refunds, render_payments.refund, REFUNDS),
        compact("subscription_items", lambda: world.finished.items, render_subscriptions.item, ITEMS),
        compact("subscriptions", lambda: world.finished.subscriptions, render_subscriptions.subscription, SUBSCRIPTIONS),
        compact("checkout_sessions", lambda: world.finished.sessions, render_subscriptions.session, SESSIONS),
        loose("account_external_accounts", lambda: world.accounts.banks),
        loose("account_persons", lambda: world.accounts.persons),
        loose("accounts", lambda: world.accounts.accounts, kept_when_empty=True),
        loose("application_fee_refunds", lambda: world.platform.fee_refunds),
        loose("application_fees", lambda: world.platform.fees),
        loose(
            "checkout_session_line_items", lambda: [render_subscriptions.session_line(row) for row in world.finished.sessions], items=True
        ),
        loose("coupons", lambda: discounts.coupons(world.offers, world.start)),
        loose("credit_note_line_items", lambda: world.credit_notes[1], items=True),
        loose("credit_notes", lambda: world.credit_notes[0]),
        loose("file_links", lambda: world.paperwork.file_links),
        loose("files", lambda: world.paperwork.files),
        loose("payment_link_line_items", lambda: world.paperwork.link_lines, items=True),
        loose("payment_links", lambda: world.paperwork.payment_links),
        loose(
            "plans",
            lambda: [
                render_subscriptions.plan_row(row)
                for row in (*world.offers.prices, *world.finished.inline_prices)
                if row.object["recurring"]
            ],
        ),
        loose("prices", lambda: [*world.offers.prices, *world.finished.inline_prices]),
        loose("products", lambda: world.offers.products),
        loose("promotion_codes", lambda: discounts.promotion_codes(world.ids, world.people, world.start)),
        loose("quote_line_items", lambda: world.paperwork.quote_lines, items=True),
        loose("quotes", lambda: world.paperwork.quotes),
        loose("reviews", lambda: world.reviews),
        loose("setup_intents", lambda: world.paperwork.setup_intents),
        loose("shipping_rates", lambda: discounts.shipping_rates(world.ids, world.start)),
        loose("subscription_schedules", lambda: world.paperwork.schedules),
        loose("tax_ids", lambda: world.tax_ids),
        loose("tax_rates", lambda: discounts.tax_rates(world.start)),
        loose("test_helpers_test_clocks", lambda: clocks.clocks(world.now) if world.main else []),
        loose("topups", lambda: world.platform.topups),
        loose("transfer_reversals", lambda: world.platform.reversals),
        loose("transfers", lambda: world.platform.transfers),
        loose("webhook_endpoints", lambda: world.paperwork.webhooks),
    ]
    return {build().table: build for build in made}
