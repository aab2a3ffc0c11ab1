"""Stripe's own Python library, pointed at the simulator over HTTP, sees what the simulator holds."""

import pytest
import stripe

from stripesql.simulator import Fault, Simulator, serve


@pytest.fixture(scope="module")
def sim():
    return Simulator()


@pytest.fixture(scope="module")
def client(sim):
    with serve(sim) as server:
        yield stripe.StripeClient("sk_test_sdk", base_addresses={"api": server.url, "files": server.url}, max_network_retries=0)


def ids(rows):
    return [row["id"] for row in rows]


def test_list_and_auto_paging(sim, client):
    page = client.v1.charges.list({"limit": 100})
    assert page.has_more
    assert ids(page.data) == ids(sim.listed("charges"))[:100]
    assert ids(client.v1.charges.list({"limit": 100}).auto_paging_iter()) == ids(sim.listed("charges"))


def test_hidden_rows_are_hidden(sim, client):
    shown = ids(client.v1.subscriptions.list({"limit": 100}).auto_paging_iter())
    assert shown == [row["id"] for row in sim.objects("subscriptions") if row["status"] != "canceled" and row["test_clock"] is None]


def test_retrieve_and_expand(sim, client):
    charge = next(row for row in sim.listed("charges") if row["customer"])
    got = client.v1.charges.retrieve(charge["id"], {"expand": ["customer", "balance_transaction"]})
    assert got.amount == charge["amount"]
    assert got.customer.id == charge["customer"]


def test_created_filter(sim, client):
    rows = sim.listed("charges")
    low, high = rows[200]["created"], rows[20]["created"]
    got = client.v1.charges.list({"created": {"gte": low, "lt": high}, "limit": 100}).auto_paging_iter()
    assert ids(got) == [row["id"] for row in rows if low <= row["created"] < high]


def test_nested_lists_and_arrays(sim, client):
    invoice = sim.objects("invoices")[0]["id"]
    assert ids(client.v1.invoices.line_items.list(invoice).data) == [
        row["id"] for row in sim.objects("invoice_line_items") if row["invoice"] == invoice
    ]
    keys = {"lookup_keys": ["team_monthly_usd", "team_monthly_eur"]}
    assert {row.lookup_key for row in client.v1.prices.list(keys).data} == set(keys["lookup_keys"])


def test_search(client):
    assert all(row.status == "failed" for row in client.v1.charges.search({"query": 'status:"failed"'}).auto_paging_iter())


def test_v2_paging(sim, client):
    wanted = [row["id"] for row in sim.objects("v2_core_accounts") if not row["closed"]]
    assert ids(client.v2.core.accounts.list({"limit": 2}).auto_paging_iter()) == wanted


def test_connected_account(sim, client):
    connected = next(row["id"] for row in sim.objects("accounts") if row["id"] != sim.account_id)
    got = client.v1.charges.list({"limit": 100}, {"stripe_account": connected}).auto_paging_iter()
    assert ids(got) == ids(sim.listed("charges", account=connected))


def test_errors_are_understood(sim, client):
    with pytest.raises(stripe.InvalidRequestError) as missing:
        client.v1.charges.retrieve("ch_nope")
    assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")
    sim.faults.next(Fault.RATE_LIMIT)
    with pytest.raises(stripe.RateLimitError):
        client.v1.charges.list()
    sim.faults.next(Fault.RESET_BEFORE)
    with pytest.raises(stripe.APIConnectionError):
        client.v1.charges.list()
    assert client.v1.balance.retrieve().object == "balance"
