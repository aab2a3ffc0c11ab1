"""The auto-paging of Stripe's own library gives the rows of our scans, and its retrieve the same objects."""

from __future__ import annotations

from decimal import Decimal

import pytest
import stripe
from crafted import column, connected

from stripesql.catalogue.load import catalogue
from stripesql.simulator import Simulator, serve

NOW = 1_790_000_000

# Table: the service of the library, and what its list must be asked for to be the table.
SERVICES: dict[str, tuple[str, dict[str, object]]] = {
    "accounts": ("accounts", {}),
    "application_fees": ("application_fees", {}),
    "balance_transactions": ("balance_transactions", {}),
    "billing_alerts": ("billing.alerts", {}),
    "billing_meters": ("billing.meters", {}),
    "billing_portal_configurations": ("billing_portal.configurations", {}),
    "charges": ("charges", {}),
    "checkout_sessions": ("checkout.sessions", {}),
    "coupons": ("coupons", {}),
    "credit_notes": ("credit_notes", {}),
    "customers": ("customers", {}),
    "disputes": ("disputes", {}),
    "entitlements_features": ("entitlements.features", {}),
    "events": ("events", {}),
    "file_links": ("file_links", {}),
    "files": ("files", {}),
    "invoice_items": ("invoice_items", {}),
    "invoice_payments": ("invoice_payments", {}),
    "invoices": ("invoices", {}),
    "issuing_cardholders": ("issuing.cardholders", {}),
    "issuing_cards": ("issuing.cards", {}),
    "issuing_transactions": ("issuing.transactions", {}),
    "payment_intents": ("payment_intents", {}),
    "payment_links": ("payment_links", {}),
    "payment_methods": ("payment_methods", {}),
    "payouts": ("payouts", {}),
    "plans": ("plans", {}),
    "products": ("products", {}),
    "promotion_codes": ("promotion_codes", {}),
    "quotes": ("quotes", {}),
    "radar_value_lists": ("radar.value_lists", {}),
    "refunds": ("refunds", {}),
    "reviews": ("reviews", {}),
    "setup_intents": ("setup_intents", {}),
    "shipping_rates": ("shipping_rates", {}),
    "subscription_schedules": ("subscription_schedules", {}),
    "subscriptions": ("subscriptions", {"status": "all"}),
    "tax_ids": ("tax_ids", {}),
    "tax_rates": ("tax_rates", {}),
    "tax_registrations": ("tax.registrations", {"status": "all"}),
    "terminal_locations": ("terminal.locations", {}),
    "terminal_readers": ("terminal.readers", {}),
    "topups": ("topups", {}),
    "transfers": ("transfers", {}),
    "webhook_endpoints": ("webhook_endpoints", {}),
}


@pytest.fixture(scope="module")
def sim():
    return Simulator(scale=0.2, now=NOW)


@pytest.fixture(scope="module")
def client(sim):
    with serve(sim) as server:
        addresses = {"api": server.url, "files": server.url}
        yield stripe.StripeClient("sk_test_sdk", base_addresses=addresses, max_network_retries=0)


@pytest.fixture
def connection(sim):
    with connected(sim.transport()) as opened:
        yield opened


def service(client, path):
    found = client.v1
    for name in path.split("."):
        found = getattr(found, name)
    return found


@pytest.mark.parametrize("table", sorted(SERVICES))
def test_the_library_and_the_scan_see_the_same_ids(client, connection, table):
    path, asked = SERVICES[table]
    seen = [row["id"] for row in service(client, path).list({"limit": 100, **asked}).auto_paging_iter()]
    assert len(seen) == len(set(seen))
    assert sorted(column(connection, f"SELECT id FROM {table}")) == sorted(seen)
    assert seen


def test_prices_are_two_lists(client, connection):
    seen = [row["id"] for active in (True, False) for row in client.v1.prices.list({"limit": 100, "active": active}).auto_paging_iter()]
    assert sorted(column(connection, "SELECT id FROM prices")) == sorted(seen)


def test_nested_lists(client, connection):
    seen = []
    for customer in client.v1.customers.list({"limit": 100}).auto_paging_iter():
        seen += [
            (customer.id, row["id"]) for row in client.v1.customers.payment_methods.list(customer.id, {"limit": 100}).auto_paging_iter()
        ]
    assert sorted(connection.execute("SELECT customer, id FROM customer_payment_methods").fetchall()) == sorted(seen)
    lines = []
    for invoice in list(client.v1.invoices.list({"limit": 100}).auto_paging_iter())[:40]:
        lines += [row["id"] for row in client.v1.invoices.line_items.list(invoice.id, {"limit": 100}).auto_paging_iter()]
    assert set(lines) <= set(column(connection, "SELECT id FROM invoice_line_items"))


def test_v2_lists(client, connection):
    seen = [row["id"] for closed in (False, True) for row in client.v2.core.accounts.list({"closed": closed}).auto_paging_iter()]
    assert sorted(column(connection, "SELECT id FROM v2_core_accounts")) == sorted(seen)


RETRIEVED = sorted(
    name
    for name in SERVICES
    if (table := catalogue().table(name)).retrieve is not None
    and len(table.retrieve.arguments) == 1
    and name not in ("accounts", "tax_ids")
)


@pytest.mark.parametrize("table", RETRIEVED)
def test_the_library_retrieves_the_objects_of_the_scan(client, connection, table):
    path, _ = SERVICES[table]
    rows = connection.execute(f"SELECT id, _raw FROM {table} LIMIT 2").fetchall()
    assert rows
    for row_id, whole in rows:
        again = connection.execute(f"SELECT _raw FROM {table} WHERE id = ?", [row_id]).fetchall()[0][0]
        assert again == whole
        assert _with_texts(service(client, path).retrieve(row_id).to_dict()) == _with_texts(whole)


def _with_texts(value):
    """Return the object with decimals as the texts that Stripe writes: the library reads them."""
    if isinstance(value, dict):
        return {name: _with_texts(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_texts(inner) for inner in value]
    return format(value, "f") if isinstance(value, Decimal) else value
