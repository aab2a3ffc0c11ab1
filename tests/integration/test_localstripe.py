"""Lists of a server that we did not write: localstripe, oldest first, with no cap on a page and sloppy errors.

It runs as a process of its own on loopback, and ends itself after two minutes whatever happens. What it does otherwise than
Stripe is kept: an unknown cursor gives the first page again, so a list whose cursor object was deleted never ends by itself.
"""

from __future__ import annotations

import importlib.util

import httpx
import pytest
from crafted import column, ids
from peers import localstripe

import stripesql
from stripesql import errors

pytestmark = pytest.mark.skipif(importlib.util.find_spec("localstripe") is None, reason="localstripe is not installed")

KEY = "sk_test_12345"


@pytest.fixture(scope="module")
def url():
    with localstripe() as found:
        yield found


@pytest.fixture(scope="module")
def http(url):
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {KEY}"}, timeout=30) as client:
        _fill(client)
        yield client


@pytest.fixture
def connection(url, http):
    with stripesql.connect(KEY, base_url=url, requests_per_second=10_000, endpoint_requests_per_second=10_000) as opened:
        yield opened


def _fill(http: httpx.Client) -> None:
    def post(path: str, **fields: object) -> dict:
        answer = http.post(path, data={name: str(value) for name, value in fields.items()})
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    card = {
        "source[object]": "card",
        "source[number]": "4242424242424242",
        "source[exp_month]": 12,
        "source[exp_year]": 2040,
        "source[cvc]": 123,
    }
    customers = [post("/v1/customers", email=f"c{number}@example.com", **(card if number < 40 else {})) for number in range(230)]
    product = post("/v1/products", name="T-shirt", type="service")["id"]
    for number in range(15):
        post("/v1/products", name=f"Thing {number}", type="service")
        post("/v1/coupons", id=f"COUPON{number}", percent_off=10 + number, duration="once")
        post("/v1/tax_rates", display_name="VAT", inclusive="false", percentage=number)
        post("/v1/plans", id=f"plan-{number}", product=product, interval="month", amount=1000 + number, currency="eur")
    for number, customer in enumerate(customers[:30]):
        charge = post("/v1/charges", amount=500 + number, currency="eur", customer=customer["id"])
        if number % 3 == 0:
            post("/v1/refunds", charge=charge["id"])
        post("/v1/invoiceitems", customer=customer["id"], amount=100 + number, currency="eur", description="extra")
        post("/v1/subscriptions", customer=customer["id"], **{"items[0][plan]": f"plan-{number % 15}"})
        post("/v1/setup_intents", customer=customer["id"])


LISTS = {
    "balance_transactions": "/v1/balance_transactions",
    "charges": "/v1/charges",
    "coupons": "/v1/coupons",
    "customers": "/v1/customers",
    "events": "/v1/events",
    "invoice_items": "/v1/invoiceitems",
    "invoices": "/v1/invoices",
    "payment_intents": "/v1/payment_intents",
    "plans": "/v1/plans",
    "products": "/v1/products",
    "refunds": "/v1/refunds",
    "setup_intents": "/v1/setup_intents",
    "subscriptions": "/v1/subscriptions",
    "tax_rates": "/v1/tax_rates",
}


def whole(http: httpx.Client, table: str) -> list[dict]:
    parameters = {"limit": 100_000, **({"status": "all"} if table == "subscriptions" else {})}
    answer = http.get(LISTS[table], params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


@pytest.mark.parametrize("table", sorted(LISTS))
def test_every_list_is_read_exactly(http, connection, table):
    rows = whole(http, table)
    assert sorted(column(connection, f"SELECT id FROM {table}")) == sorted(ids(rows))
    assert column(connection, f"SELECT count(*) FROM {table}") == [len(rows)]


def test_there_are_lists_of_several_pages(http):
    assert len(whole(http, "customers")) > 200
    assert [table for table in LISTS if len(whole(http, table)) > 100]


@pytest.mark.parametrize("table", ["customers", "charges", "events", "invoices"])
@pytest.mark.parametrize("n", [1, 3, 120])
def test_the_newest_rows_of_a_list_that_is_oldest_first(http, connection, table, n):
    time_of = {row["id"]: row["created"] for row in whole(http, table)}
    found = column(connection, f"SELECT id FROM {table} ORDER BY created DESC, id LIMIT {n}")
    assert found == sorted(time_of, key=lambda each: (-time_of[each], each))[:n]


def test_values_and_joins(http, connection):
    rows = whole(http, "charges")
    assert sorted(connection.execute("SELECT id, amount, customer FROM charges").fetchall()) == sorted(
        (row["id"], row["amount"], row["customer"]) for row in rows
    )
    emails = {row["id"]: row["email"] for row in whole(http, "customers")}
    joined = connection.execute("SELECT ch.id, cu.email FROM charges ch JOIN customers cu ON cu.id = ch.customer").fetchall()
    assert sorted(joined) == sorted((row["id"], emails[row["customer"]]) for row in rows)


def test_filters(http, connection):
    customer = whole(http, "charges")[3]["customer"]
    assert column(connection, "SELECT id FROM charges WHERE customer = ?", [customer]) == [
        row["id"] for row in whole(http, "charges") if row["customer"] == customer
    ]
    assert column(connection, "SELECT id FROM customers WHERE email = 'c7@example.com'") == [
        row["id"] for row in whole(http, "customers") if row["email"] == "c7@example.com"
    ]


def test_an_id_that_it_does_not_have_is_an_error_because_it_does_not_say_what_is_missing(connection):
    with pytest.raises(errors.InvalidRequest) as caught:
        column(connection, "SELECT id FROM customers WHERE id = 'cus_nobody'")
    assert caught.value.status == 404
    assert caught.value.code is None


def test_what_it_does_not_have_is_an_error(connection):
    with pytest.raises(errors.InvalidRequest) as caught:
        column(connection, "SELECT id FROM disputes")
    assert "Stripe does not know GET /v1/disputes" in str(caught.value)


def test_an_unknown_cursor_gives_the_first_page_again_and_makes_no_endless_loop(url, http):
    """The object that marks the place is deleted while the list is read."""
    gone: list[str] = []

    class Deleting(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            cursor = request.url.params.get("starting_after")
            if cursor is not None and not gone:
                gone.append(cursor)
                http.delete(f"/v1/customers/{cursor}")
            return super().handle_request(request)

    with (
        Deleting() as transport,
        stripesql.connect(KEY, base_url=url, transport=transport) as connection,
        pytest.raises(errors.InternalError) as caught,
    ):
        column(connection, "SELECT id FROM customers")
    assert gone
    assert "began again from its first page" in str(caught.value)
