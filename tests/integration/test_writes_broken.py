"""What writes did wrong when somebody tried to break them: each is an example that failed first."""

from __future__ import annotations

import uuid

import numpy as np
import pandas as pd
import pytest
from crafted import column, connected

from stripesql import connect, errors
from stripesql.catalogue.load import catalogue
from stripesql.catalogue.procedures import procedures
from stripesql.simulator import Fault, Simulator
from stripesql.write.target import is_sibling


@pytest.fixture
def sim():
    return Simulator(empty=True)


@pytest.fixture
def connection(sim):
    with connected(sim.transport(), requests_per_second=1e6, endpoint_requests_per_second=1e6) as opened:
        opened.cursor().executemany(
            "INSERT INTO customers (email, balance) VALUES (?, ?)", [["a@example.com", 1], ["b@example.com", 2], ["a@example.com", 3]]
        )
        sim.log.clear()
        yield opened


def sent(sim):
    return [(each.method, each.path, each.body) for each in sim.log if each.method != "GET"]


# -- executemany that meets one row several times


def test_executemany_never_computes_twice_from_the_same_old_row(connection, sim):
    with pytest.raises(errors.ProgrammingError, match=r"two sets of parameters meet the row 'cus_\w+'.*nothing was written.*\(row 1, "):
        connection.cursor().executemany(
            "UPDATE customers SET balance = balance + ? WHERE email = ?", [[1, "a@example.com"], [1, "a@example.com"]]
        )
    assert sent(sim) == []
    cursor = connection.cursor()
    cursor.executemany("UPDATE customers SET balance = balance + ? WHERE email = ?", [[10, "a@example.com"], [20, "b@example.com"]])
    assert (cursor.rowcount, sorted(column(connection, "SELECT balance FROM customers"))) == (3, [11, 13, 22])


def test_executemany_writes_one_row_several_times_in_order(connection, sim):
    cursor = connection.cursor()
    cursor.executemany("UPDATE customers SET name = ? WHERE email = ?", [[name, "a@example.com"] for name in ("1", "2", "3")])
    assert (cursor.rowcount, column(connection, "SELECT DISTINCT name FROM customers WHERE email = 'a@example.com'")) == (6, ["3"])


def test_executemany_deletes_a_row_once(connection, sim):
    cursor = connection.cursor()
    cursor.executemany("DELETE FROM customers WHERE email = ?", [["a@example.com"], ["b@example.com"], ["a@example.com"]])
    assert (cursor.rowcount, len(sent(sim)), column(connection, "SELECT id FROM customers")) == (3, 3, [])


# -- one key, one body


def test_under_a_prefix_columns_in_another_order_are_the_same_write(sim):
    with connected(sim.transport(), idempotency_key_prefix="job") as connection:
        connection.execute("INSERT INTO customers (email, metadata.n, name) VALUES ('a@example.com', 1, 'A')")
        connection.execute("INSERT INTO customers (name, email, metadata.n) VALUES ('A', 'a@example.com', '1')")
        assert column(connection, "SELECT email FROM customers") == ["a@example.com"]


# -- ids that are other requests


def test_the_siblings_of_ids_are_those_of_the_catalogue():
    def shape(path):
        return tuple("{}" if part.startswith("{") else part for part in path.split("/"))

    tables = [catalogue().table(name) for name in catalogue().table_names()]
    endpoints = [each for table in tables for each in (table.create, table.update, table.delete) if each is not None]
    endpoints += [each.endpoint for each in procedures(catalogue()) if each.endpoint.method in ("POST", "DELETE")]
    shapes = {shape(each.path) for each in endpoints}
    places = {(path[:at], len(path) - at) for path in shapes for at, part in enumerate(path) if part == "{}"}
    siblings = {path[at] for path in shapes for at in range(len(path)) if path[at] != "{}" and (path[:at], len(path) - at) in places}
    assert {each for each in siblings if not is_sibling(each)} == set()
    assert not any(map(is_sibling, ("cus_1", "basic", "search", "list")))


def test_an_id_never_leads_to_another_request(connection, sim):
    assert connection.execute("UPDATE invoices SET description = 'a' WHERE id = 'create_preview'").rowcount == 0
    for call in ("CALL invoices.update('create_preview', description => 'a')", "CALL invoices.finalize('create_preview')"):
        with pytest.raises(errors.DataError, match="invoice takes an id, not 'create_preview'"):
            connection.execute(call)
    assert sent(sim) == []


# -- whole tables


@pytest.mark.parametrize(
    "where",
    ["id IS NOT NULL", "NOT (customers.id IS NULL)", "id = id", "id LIKE '%'", "id IN (SELECT id FROM customers)", "1 = 1 OR name = 'a'",
     "name = name OR name IS NULL", "id <> ''"],
)  # fmt: skip
@pytest.mark.parametrize("statement", ["UPDATE customers SET name = 'a'", "DELETE FROM customers"])
def test_a_where_that_holds_for_every_row_needs_the_setting(connection, sim, statement, where):
    with pytest.raises(errors.WriteRefused, match="its WHERE is always true"):
        connection.execute(f"{statement} WHERE {where}")
    assert sim.log == []
    told = [line for (line,) in connection.execute(f"EXPLAIN {statement} WHERE {where}")]
    assert any("would be refused" in line for line in told)


# -- names and values


def test_keys_of_metadata_hold_quotes(connection, sim):
    connection.execute("INSERT INTO customers (metadata['it''s']) VALUES (7)")
    assert (
        connection.execute("UPDATE customers SET metadata['it''s'] = metadata['it''s'] || '!' WHERE metadata['it''s'] = '7'").rowcount == 1
    )
    assert column(connection, "SELECT metadata['it''s'] FROM customers WHERE metadata['it''s'] IS NOT NULL") == ["7!"]
    assert [body for _, _, body in sent(sim)] == [(("metadata[it's]", "7"),), (("metadata[it's]", "7!"),)]


def test_excluded_names_a_key_of_metadata_beside_computed_values(connection):
    upsert = """
        INSERT INTO products (id, name, metadata.n) VALUES ('prod_1', 'A', ?)
        ON CONFLICT (id) DO UPDATE SET name = products.name || EXCLUDED.name, metadata.n = EXCLUDED.metadata.n
    """
    for number in (1, 2):
        connection.execute(upsert, [number])
    assert connection.execute("SELECT name, metadata.n FROM products").fetchall() == [("AA", "2")]


def test_callproc_takes_the_values_that_parameters_take(connection, sim):
    values = {
        "balance": np.int64(3),
        "preferred_locales": np.array(["de", "en"]),
        "metadata": {"a": uuid.UUID(int=1), "b": np.float64(1.5), "c": pd.NA, "d": np.datetime64("2026-01-02")},
    }
    connection.cursor().callproc("customers.create", values)
    assert dict(sent(sim)[0][2]) == {
        "balance": "3",
        "preferred_locales[0]": "de",
        "preferred_locales[1]": "en",
        "metadata[a]": "00000000-0000-0000-0000-000000000001",
        "metadata[b]": "1.5",
        "metadata[d]": "2026-01-02T00:00:00",
    }


@pytest.mark.parametrize("value", ["'acct_1' || chr(13) || chr(10) || 'Host: b'", "'é'", "{'a': 1}"])
def test_a_header_is_one_line_of_ascii(connection, sim, value):
    with pytest.raises(errors.DataError, match="Stripe-Account takes one line of ASCII text"):
        connection.execute(f"CALL stripe.request(path => '/v1/customers', headers => {{'Stripe-Account': {value}}})")
    assert sim.log == []


# -- errors


def test_resume_covers_calls(connection, sim):
    sim.faults.next(Fault.FORBIDDEN, path="/v1/customers", method="POST")
    cursor = connection.cursor()
    with pytest.raises(errors.BatchFailed) as caught:
        cursor.execute("CALL customers.create(email => i || '@calls.example') FROM range(5) AS t(i)")
    assert len(caught.value.failed) == 1
    assert cursor.resume(caught.value, failed=True).rowcount == 5 - len(caught.value.done)
    assert len(column(connection, "SELECT id FROM customers WHERE email LIKE '%@calls.example'")) == 5


def test_resume_says_what_it_takes(connection, sim):
    sim.faults.next(Fault.FORBIDDEN, path="/v1/customers", method="POST")
    with pytest.raises(errors.PermissionDenied) as caught:
        connection.execute("CALL customers.create(email => 'a@example.com')")
    with pytest.raises(errors.InterfaceError, match="run the statement again"):
        connection.cursor().resume(caught.value)


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.SERVER_ERROR_AFTER])
def test_a_call_whose_delete_lost_its_answer_tells_what_is_there(fault):
    sim = Simulator(scale=0.05)
    with connected(sim.transport()) as connection:
        (subscription,) = column(connection, "SELECT id FROM subscriptions WHERE status = 'active' LIMIT 1")
        sim.faults.next(fault, method="DELETE")
        cursor = connection.execute("CALL subscriptions.cancel(?)", [subscription])
        assert cursor.fetch_arrow_table().select(["id", "status"]).to_pylist() == [{"id": subscription, "status": "canceled"}]
        (customer,) = column(connection, "SELECT id FROM customers LIMIT 1")
        sim.faults.next(fault, method="DELETE")
        cursor = connection.execute("CALL customers.delete(?)", [customer])
        assert cursor.fetch_arrow_table().select(["id", "deleted"]).to_pylist() == [{"id": customer, "deleted": True}]
        (customer,) = column(connection, "SELECT id FROM customers LIMIT 1")
        sim.faults.next(fault, method="DELETE")
        cursor = connection.execute("CALL stripe.request('DELETE', '/v1/customers/' || ?)", [customer])
        assert [value for value, *_ in cursor.fetchall()] == [{}]


def test_a_call_whose_object_cannot_be_read_again_invents_no_row():
    sim = Simulator(scale=0.05)
    with connected(sim.transport()) as connection:
        (subscription,) = column(connection, "SELECT id FROM subscriptions WHERE status = 'active' LIMIT 1")
        sim.faults.next(Fault.RESET_AFTER, method="DELETE")
        sim.faults.next(Fault.FORBIDDEN, method="GET")
        with pytest.raises(errors.BatchFailed, match=r"has written 1 row, .* the key may not GET") as caught:
            connection.execute("CALL subscriptions.cancel(?)", [subscription])
        assert list(caught.value.done) == [0]
        assert column(connection, "SELECT status FROM subscriptions WHERE id = ?", [subscription]) == ["canceled"]


def test_under_a_prefix_a_generic_body_in_another_order_is_the_same_write(sim):
    with connected(sim.transport(), idempotency_key_prefix="job") as connection:
        for body in ("{'name': 'A', 'email': 'a@example.com'}", "{'email': 'a@example.com', 'name': 'A'}"):
            connection.execute(f"CALL stripe.request('POST', '/v1/customers', body => {body})")
        assert column(connection, "SELECT name FROM customers") == ["A"]


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("INSERT INTO customers (balance) VALUES (1.5)", "balance takes a whole number"),
        ("INSERT INTO invoices (currency) VALUES ('usd')", "needs one of customer"),
        ("UPDATE customers SET balance = 1.5 WHERE id = 'cus_1'", "balance takes a whole number"),
    ],
)
def test_explain_tells_what_would_be_refused(connection, sim, statement, reason):
    told = column(connection, f"EXPLAIN {statement}")
    assert reason in told[-1]
    assert told[-1].startswith("  would be refused: ")
    assert sim.log == []


def test_a_preview_of_nothing_says_so(connection):
    customer = column(connection, "SELECT id FROM customers")[0]
    with pytest.raises(errors.InvalidRequest, match="nothing is to be invoiced"):
        connection.execute("CALL invoices.create_preview(customer => ?)", [customer])


def test_a_live_key_explains_what_it_may_not_do(sim):
    with connect("sk_live_" + "a" * 16, transport=sim.transport()) as connection:
        told = [line for (line,) in connection.execute("EXPLAIN INSERT INTO customers (email) VALUES ('a@example.com')")]
    assert told[1].strip().startswith("POST /v1/customers")
    assert any("would be refused" in line and "read_only=False" in line for line in told)
    assert sim.log == []
