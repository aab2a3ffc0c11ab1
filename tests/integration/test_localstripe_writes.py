"""Writes to a server that we did not write: localstripe, which reads forms by its own rules and refuses by its own words.

It has no finalize: an invoice goes from draft to paid at once. What it does not know is told as an error, and nothing is lost.
"""

from __future__ import annotations

import importlib.util

import pytest
from crafted import column
from peers import localstripe

import stripesql
from stripesql import errors

pytestmark = pytest.mark.skipif(importlib.util.find_spec("localstripe") is None, reason="localstripe is not installed")

KEY = "sk_test_12345"


@pytest.fixture(scope="module")
def url():
    with localstripe() as found:
        yield found


@pytest.fixture
def connection(url):
    with stripesql.connect(KEY, base_url=url, requests_per_second=10_000, endpoint_requests_per_second=10_000) as opened:
        yield opened


def one(connection, statement, parameters=()):
    (row,) = connection.execute(statement, parameters).fetchall()
    return row


def new_customer(connection, email):
    return one(connection, "INSERT INTO customers (email) VALUES (?) RETURNING id", [email])[0]


def test_a_customer_is_created_changed_and_deleted(connection):
    created = one(
        connection,
        "INSERT INTO customers (email, name, address, metadata) "
        "VALUES ('life@example.com', 'Ann & Söhne', {'city': 'Berlin', 'line1': 'A=B&C', 'country': 'DE'}, {'k': 'v'}) "
        "RETURNING id, email, name, address_city, address_line1, metadata",
    )
    assert created[1:] == ("life@example.com", "Ann & Söhne", "Berlin", "A=B&C", {"k": "v"})
    cursor = connection.execute("UPDATE customers SET name = upper(name), metadata.k2 = 'w' WHERE email = 'life@example.com'")
    assert (cursor.rowcount, cursor.lastrowid) == (1, created[0])
    assert one(connection, "SELECT name, metadata FROM customers WHERE id = ?", created[:1]) == ("ANN & SÖHNE", {"k": "v", "k2": "w"})
    assert connection.execute("DELETE FROM customers WHERE email = 'life@example.com'").rowcount == 1
    assert column(connection, "SELECT id FROM customers WHERE email = 'life@example.com'") == []


def test_products_and_plans_are_created_changed_and_deleted(connection):
    shirt, hat = column(connection, "INSERT INTO products (name, type) VALUES ('Shirt', 'service'), ('Hat', 'service') RETURNING id")
    connection.execute("UPDATE products SET description = 'warm' WHERE name = 'Hat'")
    assert dict(connection.execute("SELECT id, description FROM products WHERE name IN ('Shirt', 'Hat')").fetchall()) == {
        shirt: None,
        hat: "warm",
    }
    connection.execute(
        "INSERT INTO plans (id, product, amount, currency, interval) SELECT 'plan_' || n, ?, 1000 + n, 'eur', 'month' FROM range(3) AS r(n)",
        [shirt],
    )
    assert connection.execute("UPDATE plans SET nickname = 'N' || amount WHERE amount IN (1001, 1002)").rowcount == 2
    found = connection.execute("SELECT id, amount, nickname FROM plans WHERE id LIKE 'plan_%' ORDER BY id").fetchall()
    assert found == [("plan_0", 1000, None), ("plan_1", 1001, "N1001"), ("plan_2", 1002, "N1002")]
    assert connection.execute("DELETE FROM plans WHERE product = ?", [shirt]).rowcount == 3
    # It refuses the parameter ids, so the list is read whole.
    assert connection.execute("DELETE FROM products WHERE name IN ('Shirt', 'Hat')").rowcount == 2
    assert column(connection, "SELECT id FROM products WHERE name IN ('Shirt', 'Hat')") == []
    assert column(connection, "SELECT id FROM plans WHERE id LIKE 'plan_%'") == []


@pytest.fixture
def customer_with_card(connection):
    customer = new_customer(connection, "payer@example.com")
    card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"}
    cursor = connection.cursor()
    cursor.callproc("payment_methods.create", {"type": "card", "card": card})
    method = cursor.lastrowid
    assert one(connection, "CALL payment_methods.attach(?, customer => ?)", [method, customer])[0] == method
    connection.execute("UPDATE customers SET invoice_settings_default_payment_method = ? WHERE id = ?", [method, customer])
    yield customer
    connection.execute("DELETE FROM customers WHERE id = ?", [customer])


def test_an_invoice_is_created_and_paid(connection, customer_with_card):
    product = one(connection, "INSERT INTO products (name, type) VALUES ('Club', 'service') RETURNING id")[0]
    connection.execute("INSERT INTO plans (id, product, amount, currency, interval) VALUES ('club', ?, 1900, 'eur', 'month')", [product])
    subscription = one(
        connection,
        "INSERT INTO subscriptions (customer, items) VALUES (?, [{'plan': 'club', 'quantity': 2}]) RETURNING id",
        [customer_with_card],
    )[0]
    preview = one(connection, "CALL invoices.create_preview(customer => ?, subscription => ?)", [customer_with_card, subscription])
    assert preview[0].startswith("upcoming_")
    lines = connection.execute("CALL invoices.create_preview_lines(customer => ?)", [customer_with_card]).fetch_arrow_table()
    assert lines.select(["amount", "currency"]).to_pylist() == [{"amount": 3800, "currency": "eur"}]
    connection.execute(
        "INSERT INTO invoice_items (customer, amount, currency, description) VALUES (?, 500, 'eur', 'extra')", [customer_with_card]
    )
    invoice, status, total = one(
        connection, "INSERT INTO invoices (customer, description) VALUES (?, 'by hand') RETURNING id, status, total", [customer_with_card]
    )
    assert (status, total) == ("draft", 4300)
    with pytest.raises(errors.InvalidRequest, match=f"Stripe does not know POST /v1/invoices/{invoice}/finalize"):
        connection.execute("CALL invoices.finalize(?)", [invoice])
    cursor = connection.execute("CALL invoices.pay(id) FROM invoices WHERE customer = ? AND lower(status) = 'draft'", [customer_with_card])
    assert cursor.lastrowid == invoice
    assert connection.execute("SELECT status, amount_paid FROM invoices WHERE id = ?", [invoice]).fetchall() == [("paid", 4300)]
    assert one(connection, "CALL subscriptions.cancel(?)", [subscription])[0] == subscription


def test_a_refusal_is_told_in_its_own_words(connection):
    with pytest.raises(errors.InvalidRequest, match="Stripe refused POST /v1/plans"):
        connection.execute("INSERT INTO plans (product, amount, currency, interval) VALUES ('prod_none', -1, 'eur', 'month')")


def test_any_request_is_sent_and_its_answer_filtered(connection):
    emails = [(f"any{number}@example.com",) for number in range(12)]
    connection.cursor().executemany("INSERT INTO customers (email) VALUES (?)", emails)
    posted = one(
        connection,
        "CALL stripe.request(method => 'POST', path => '/v1/customers', body => {'email': 'x@example.com', 'metadata': {'a': 1}}, "
        "filter => '$.metadata.a')",
    )
    assert posted == ("1", "$['metadata']['a']", 1)
    found = column(
        connection,
        "CALL stripe.request(path => '/v1/customers', params => {'limit': 5}, paginate => true, "
        "filter => '$.data[?(@.email =~ /any\\d+@example.com/)].email')",
    )
    assert sorted(found) == sorted(email for (email,) in emails)
    deleted = connection.execute(
        "CALL stripe.request(method => 'DELETE', path => '/v1/customers/' || id, filter => '$.deleted') "
        "FROM customers WHERE email LIKE 'any%' OR email = 'x@example.com'"
    )
    assert [row[0] for row in deleted.fetchall()] == [True] * 13
    assert column(connection, "SELECT email FROM customers WHERE email LIKE 'any%'") == []
