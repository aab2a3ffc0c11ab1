"""Joins, semi-joins, unions of lists and sub-lists cost the requests that they must, and give the rows of plain lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from crafted import KEY, column, lines

import stripesql
from stripesql.dbapi.connection import Connection
from stripesql.errors import BudgetExceeded
from stripesql.scan.means import Means
from stripesql.session.owned import Owned
from stripesql.session.session import Session
from stripesql.settings import ApiKey, from_keywords
from stripesql.simulator import Simulator

DAY = 86_400
NOW = 1_790_000_000


@pytest.fixture(scope="module")
def world() -> Simulator:
    """Return an account of 120 customers, each with a few charges, of which one in ten is recent."""
    sim = Simulator(empty=True, now=NOW)
    for number in range(120):
        sim.insert("customers", {"id": f"cus_{number}", "email": f"c{number}@x.example", "created": NOW - 100 * DAY + number})
        for turn in range(3):
            sim.insert(
                "charges",
                {
                    "id": f"ch_{number}_{turn}",
                    "customer": f"cus_{number}",
                    "amount": 100 * turn + number,
                    "currency": "usd",
                    "created": NOW - (2 if number % 10 == 0 and turn == 0 else 50) * DAY + number,
                },
            )
    sim.insert("charges", {"id": "ch_free", "customer": None, "amount": 5, "currency": "usd", "created": NOW - DAY + 5})
    for number in range(4):
        sim.insert("refunds", {"id": f"re_{number}", "charge": f"ch_{number}_1", "amount": 1, "created": NOW - DAY})
    sim.insert("customers", {"id": "cus_gone", "email": "gone@x.example", "created": NOW - 90 * DAY})
    sim.insert("charges", {"id": "ch_gone", "customer": "cus_gone", "amount": 7, "currency": "usd", "created": NOW - DAY})
    sim.delete("customers", "cus_gone")
    return sim


@pytest.fixture
def opened(world: Simulator) -> Iterator[stripesql.Connection]:
    world.clear_log()
    with steady(world) as connection:
        yield connection


def steady(sim: Simulator) -> stripesql.Connection:
    """Open a connection whose scans are not divided among workers: that costs a request here and there, for speed."""
    return Connection(
        Session(
            _SteadyOwned(
                from_keywords({"requests_per_second": 1000, "endpoint_requests_per_second": 1000}), ApiKey(KEY), transport=sim.transport()
            )
        )
    )


class _SteadyOwned(Owned):
    def means(self, *given: Any, **named: Any) -> Means:
        return replace(super().means(*given, **named), workers=1)


def sent(sim: Simulator) -> list[str]:
    """Return the paths that were asked for, with the parameters that are no paging."""
    return [
        each.path + "".join(f" {name}={value}" for name, value in each.params if name not in ("limit", "starting_after"))
        for each in sim.log
    ]


def rows_of(connection: stripesql.Connection, sql: str) -> Counter[str]:
    return Counter(repr(row) for row in connection.execute(sql).fetchall())


def both_ways(world: Simulator, connection: stripesql.Connection, sql: str) -> list[str]:
    """Return what a query sends; its rows are those of plain lists."""
    found = rows_of(connection, sql)
    requests = sent(world)
    connection.execute("SET pushdown = off")
    assert found == rows_of(connection, sql)
    return requests


RECENT = f"to_timestamp({NOW - 10 * DAY})"
SAME = [
    "SELECT ch.id, c.email FROM charges ch LEFT JOIN customers c ON ch.customer = c.id",
    "SELECT ch.id, c.email FROM charges ch RIGHT JOIN customers c ON ch.customer = c.id AND c.email < 'c2'",
    "SELECT ch.id, c.email FROM charges ch FULL JOIN customers c ON ch.customer = c.id AND ch.amount > 100",
    "SELECT ch.id FROM charges ch SEMI JOIN customers c ON ch.customer = c.id AND c.email = 'c3@x.example'",
    "SELECT ch.id FROM charges ch ANTI JOIN customers c ON ch.customer = c.id AND c.email = 'c3@x.example'",
    "SELECT c.id FROM customers c WHERE c.id NOT IN (SELECT customer FROM charges WHERE amount > 300)",
    "SELECT c.id FROM customers c WHERE c.id NOT IN (SELECT customer FROM charges WHERE amount > 300 AND customer IS NOT NULL)",
    "SELECT c.id FROM customers c WHERE NOT EXISTS (SELECT 1 FROM charges ch WHERE ch.customer = c.id AND ch.amount > 300)",
    "SELECT c.id FROM customers c WHERE EXISTS (SELECT count(*) FROM charges ch WHERE ch.customer = c.id AND ch.amount > 9999)",
    "SELECT a.id, b.id FROM charges a JOIN charges b USING (customer) WHERE a.amount > 310",
    "SELECT a.id, b.id FROM charges a JOIN charges b ON a.customer = b.customer AND a.id < b.id",
    "SELECT c.email, t.n FROM customers c LEFT JOIN (SELECT customer, count(*) n FROM charges GROUP BY 1 HAVING count(*) > 2) t "
    "ON t.customer = c.id",
    "SELECT ch.id, x.email FROM charges ch, LATERAL (SELECT email FROM customers c WHERE c.id = ch.customer LIMIT 1) x",
    "SELECT ch.id FROM charges ch WHERE ch.customer IN (SELECT customer FROM charges ORDER BY amount DESC LIMIT 3)",
    "SELECT ch.id, c.email FROM charges ch LEFT JOIN customers c ON ch.customer = c.id WHERE coalesce(c.email, 'none') = 'none'",
    "SELECT ch.id, c.email FROM charges ch JOIN customers AS c(x, y) ON ch.customer = c.x",
    "SELECT r.id, ch.amount, c.email FROM refunds r LEFT JOIN charges ch ON r.charge = ch.id LEFT JOIN customers c ON ch.customer = c.id",
    "SELECT id FROM charges WHERE customer = 'cus_1' OR amount = 7 OR id = 'ch_free'",
    "SELECT id FROM charges WHERE (customer = 'cus_1' AND amount > 50) OR (payment_intent = 'pi_none' AND amount > 50)",
]


@pytest.mark.parametrize("sql", SAME)
def test_rows_are_those_of_plain_lists(world: Simulator, opened: stripesql.Connection, sql: str) -> None:
    both_ways(world, opened, sql)


def test_a_foreign_key_of_a_scanned_table_is_expanded(world: Simulator, opened: stripesql.Connection) -> None:
    found = both_ways(
        world, opened, f"SELECT ch.id, c.email FROM charges ch JOIN customers c ON ch.customer = c.id WHERE ch.created >= {RECENT}"
    )
    assert found == [f"/v1/charges created[gte]={NOW - 10 * DAY} expand[]=data.customer"]


def test_an_expanded_object_is_expanded_in_turn(world: Simulator, opened: stripesql.Connection) -> None:
    sql = "SELECT r.id, ch.amount, c.email FROM refunds r JOIN charges ch ON r.charge = ch.id JOIN customers c ON ch.customer = c.id"
    assert both_ways(world, opened, sql) == ["/v1/refunds expand[]=data.charge expand[]=data.charge.customer"]


def test_a_deleted_object_that_comes_expanded_is_no_row(world: Simulator, opened: stripesql.Connection) -> None:
    sql = f"SELECT ch.id, c.id FROM charges ch LEFT JOIN customers c ON ch.customer = c.id WHERE ch.created >= {RECENT}"
    both_ways(world, opened, sql)
    assert ("ch_gone", None) in opened.execute(sql).fetchall()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*), count(c.id) FROM subscriptions JOIN customers AS c ON c.id = subscriptions.customer",
        "SELECT * FROM (SELECT * FROM customers) AS c JOIN subscriptions ON subscriptions.customer = c.id",
    ],
)
def test_a_field_that_is_named_like_a_table_is_not_asked_for(world: Simulator, opened: stripesql.Connection, sql: str) -> None:
    opened.execute(sql).fetchall()
    assert all("subscriptions" not in value for entry in world.log for _, value in entry.params)


def test_the_selective_side_gives_the_keys(world: Simulator, opened: stripesql.Connection) -> None:
    sql = "SELECT ch.id FROM charges ch JOIN customers c ON ch.customer = c.id WHERE c.email = 'c7@x.example'"
    assert both_ways(world, opened, sql) == ["/v1/customers email=c7@x.example", "/v1/charges customer=cus_7"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM charges WHERE customer IN (SELECT id FROM customers WHERE email = 'c7@x.example')",
        "SELECT id FROM charges WHERE customer = ANY (SELECT id FROM customers WHERE email = 'c7@x.example')",
        "SELECT id FROM charges WHERE customer = (SELECT id FROM customers WHERE email = 'c7@x.example')",
        "SELECT id FROM charges ch WHERE EXISTS (SELECT 1 FROM customers c WHERE c.id = ch.customer AND c.email = 'c7@x.example')",
        "SELECT (SELECT count(*) FROM charges ch WHERE ch.customer = c.id) FROM customers c WHERE c.email = 'c7@x.example'",
        "SELECT t.n FROM customers c JOIN (SELECT customer, count(*) n FROM charges GROUP BY 1) t ON t.customer = c.id "
        "WHERE c.email = 'c7@x.example'",
        "SELECT ch.id FROM charges ch LEFT JOIN customers c ON ch.customer = c.id WHERE c.email = 'c7@x.example'",
    ],
)
def test_a_semi_join_restricts_the_outer_side(world: Simulator, opened: stripesql.Connection, sql: str) -> None:
    assert both_ways(world, opened, sql) == ["/v1/customers email=c7@x.example", "/v1/charges customer=cus_7"]


def test_rows_that_fail_a_test_give_no_keys(world: Simulator, opened: stripesql.Connection) -> None:
    sql = f"SELECT ch.id, r.id FROM charges ch LEFT JOIN refunds r ON r.charge = ch.id WHERE ch.created >= {RECENT} AND ch.amount = 7"
    assert both_ways(world, opened, sql) == [f"/v1/charges created[gte]={NOW - 10 * DAY}", "/v1/refunds charge=ch_gone"]


def test_or_of_two_columns_is_two_lists(world: Simulator, opened: stripesql.Connection) -> None:
    sql = "SELECT id FROM charges WHERE customer = 'cus_1' OR payment_intent = 'pi_1'"
    assert both_ways(world, opened, sql) == ["/v1/charges customer=cus_1", "/v1/charges payment_intent=pi_1"]


def test_a_row_of_both_lists_comes_once(world: Simulator, opened: stripesql.Connection) -> None:
    sql = f"SELECT id FROM charges WHERE customer = 'cus_10' OR created >= {RECENT}"
    assert len(both_ways(world, opened, sql)) == 2
    found = column(opened, sql)
    assert len(found) == len(set(found))


def test_or_with_a_side_that_no_parameter_says_is_one_list(world: Simulator, opened: stripesql.Connection) -> None:
    assert set(both_ways(world, opened, "SELECT id FROM charges WHERE customer = 'cus_1' OR amount = 7")) == {"/v1/charges"}


def test_a_left_join_by_id_lets_the_newest_rows_end_the_scan(world: Simulator, opened: stripesql.Connection) -> None:
    sql = "SELECT ch.id, c.email FROM charges ch LEFT JOIN customers c ON ch.customer = c.id ORDER BY ch.created DESC, ch.id LIMIT 4"
    assert both_ways(world, opened, sql) == ["/v1/charges expand[]=data.customer"]
    assert dict(world.log[0].params)["limit"] == "5"


def test_a_term_on_the_joined_side_keeps_the_limit_back(world: Simulator, opened: stripesql.Connection) -> None:
    sql = "SELECT ch.id FROM charges ch LEFT JOIN customers c ON ch.customer = c.id WHERE c.id IS NULL ORDER BY ch.created DESC LIMIT 2"
    assert len(both_ways(world, opened, sql)) == 4


def test_a_limit_around_a_subquery_reaches_the_list(world: Simulator, opened: stripesql.Connection) -> None:
    assert len(column(opened, "SELECT * FROM (SELECT id FROM charges) AS virtual_table LIMIT 7")) == 7
    assert [dict(each.params)["limit"] for each in world.log] == ["7"]


def test_a_limit_around_a_subquery_stops_at_a_term_that_the_list_cannot_answer(world: Simulator, opened: stripesql.Connection) -> None:
    sql = "SELECT id FROM (SELECT id, amount FROM charges) AS t WHERE amount = 7 AND 1 = 1 LIMIT 1"
    assert column(opened, sql) == ["ch_7_0"] or column(opened, sql) == ["ch_gone"]


def test_the_newest_time_is_one_row(world: Simulator, opened: stripesql.Connection) -> None:
    assert both_ways(world, opened, "SELECT max(created) FROM charges") == ["/v1/charges"]


def test_the_newest_time_beside_a_term_that_is_checked_here_is_the_whole_list(world: Simulator, opened: stripesql.Connection) -> None:
    assert len(both_ways(world, opened, "SELECT max(created) FROM charges WHERE amount > 300")) == 4


def test_a_second_query_knows_how_long_the_list_is(world: Simulator, opened: stripesql.Connection) -> None:
    assert "requests: perhaps 50: one per 100 rows" in lines(opened, "EXPLAIN SELECT count(*) FROM charges")
    column(opened, "SELECT count(*) FROM charges")
    assert "requests: 4 by the last scan" in lines(opened, "EXPLAIN SELECT count(*) FROM charges")


def test_many_values_are_one_wider_list_where_that_is_known_to_be_shorter(world: Simulator, opened: stripesql.Connection) -> None:
    values = ", ".join(f"'cus_{number}'" for number in range(12))
    sql = f"SELECT id FROM charges WHERE customer IN ({values})"
    column(opened, "SELECT count(*) FROM charges")
    world.clear_log()
    assert set(both_ways(world, opened, sql)) == {"/v1/charges"}


def test_many_keys_are_given_up_for_a_list_that_is_known_to_be_shorter(world: Simulator, opened: stripesql.Connection) -> None:
    column(opened, "SELECT count(*) FROM charges")
    world.clear_log()
    sql = "SELECT a.id, b.id FROM charges a JOIN charges b ON a.customer = b.customer WHERE a.amount > 305"
    assert len(both_ways(world, opened, sql)) <= 8


def test_a_filter_without_a_column_needs_its_own_list(world: Simulator, opened: stripesql.Connection) -> None:
    sql = "SELECT ch.id FROM charges ch JOIN balance_transactions b ON ch.balance_transaction = b.id WHERE b.payout = 'po_none'"
    assert "/v1/balance_transactions payout=po_none" in both_ways(world, opened, sql)


def test_a_query_over_its_budget_stops_before_and_says_its_plan(world: Simulator, opened: stripesql.Connection) -> None:
    opened.execute("SET max_requests = 2")
    with pytest.raises(BudgetExceeded) as caught:
        column(opened, "SELECT count(*) FROM charges WHERE amount > 5")
    assert len(world.log) == 2
    said = str(caught.value).splitlines()
    assert "max_requests=2" in said[0]
    assert "  GET /v1/charges" in said
    assert "  checked here: amount > 5" in said


def test_explain_shows_the_ways_that_were_not_taken(world: Simulator, opened: stripesql.Connection) -> None:
    said = lines(opened, "EXPLAIN SELECT ch.id FROM charges ch JOIN customers c ON ch.customer = c.id WHERE c.email = 'c7@x.example'")
    assert "once for each value of c.id:" in said
    assert "GET /v1/charges?customer={key}" in said
    assert "other ways: on its own, perhaps 50" in said
    assert not [line for line in said if line.startswith("checked here")]
    assert world.log == []


# -- sub-lists


@pytest.fixture(scope="module")
def invoices() -> Simulator:
    """Return an account of 1,000 invoices, of which 2 % have more lines than come with them."""
    sim = Simulator(empty=True, now=NOW)
    sim.insert("customers", {"id": "cus_1"})
    for number in range(1000):
        invoice = f"in_{number}"
        sim.insert("invoices", {"id": invoice, "customer": "cus_1", "status": "paid" if number % 100 else "open", "created": NOW - number})
        for line in range(12 if number % 50 == 0 else 2):
            sim.insert("invoice_line_items", {"id": f"il_{number}_{line}", "invoice": invoice, "amount": line})
    return sim


def test_lines_come_with_their_invoices_and_only_long_ones_are_read(invoices: Simulator) -> None:
    invoices.clear_log()
    with steady(invoices) as connection:
        assert column(connection, "SELECT count(*) FROM invoice_line_items") == [980 * 2 + 20 * 12]
    assert Counter(each.path == "/v1/invoices" for each in invoices.log) == {True: 10, False: 20}


def test_lines_of_some_invoices_come_with_those(invoices: Simulator) -> None:
    invoices.clear_log()
    with steady(invoices) as connection:
        sql = "SELECT count(*) FROM invoice_line_items l JOIN invoices i ON l.invoice = i.id WHERE i.status = 'open'"
        assert column(connection, sql) == [10 * 12]
    assert sent(invoices)[0] == "/v1/invoices status=open"
    assert len(invoices.log) == 1 + 10


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT ch.id, ch._raw FROM charges ch JOIN customers c ON c.id = ch.customer",
        "SELECT r.id, r._raw FROM refunds r JOIN charges ch ON ch.id = r.charge JOIN customers c ON c.id = ch.customer",
        "SELECT r.id, ch._raw FROM refunds r JOIN charges ch ON ch.id = r.charge JOIN customers c ON c.id = ch.customer",
        "SELECT ch.id FROM charges ch JOIN customers c ON c.id = ch.customer WHERE ch._raw->>'customer' = 'cus_1'",
        "SELECT i.* FROM invoices i JOIN subscriptions s ON s.id = i.subscription",
        "SELECT t.id, c._raw FROM customer_tax_ids t JOIN customers c ON c.id = t.customer",
        "SELECT t.id, c._raw, c.tax_ids FROM customer_tax_ids t JOIN customers c ON c.id = t.customer",
    ],
)
def test_json_around_an_id_shows_the_id(sql: str) -> None:
    sim = Simulator(empty=True, now=NOW)
    for number in range(3):
        sim.insert("customers", {"id": f"cus_{number}", "created": NOW - number})
        sim.insert("customer_tax_ids", {"id": f"txi_{number}", "customer": f"cus_{number}", "created": NOW - number})
        sim.insert("charges", {"id": f"ch_{number}", "customer": f"cus_{number}", "created": NOW - number})
        sim.insert("refunds", {"id": f"re_{number}", "charge": f"ch_{number}", "created": NOW - number})
        sim.insert("subscriptions", {"id": f"sub_{number}", "customer": f"cus_{number}", "created": NOW - number})
        details = {"subscription": f"sub_{number}", "metadata": {}}
        sim.insert("invoices", {"id": f"in_{number}", "created": NOW - number, "parent": {"subscription_details": details}})
    with steady(sim) as connection:
        both_ways(sim, connection, sql)


def test_what_still_works_for_a_query_is_told_to_end_with_its_last_row(world: Simulator, opened: stripesql.Connection) -> None:
    cursor = opened.execute("SELECT count(*) FROM charges ch JOIN topups t ON t.id = ch.id")
    control = cursor._worker.control
    assert control is not None
    assert not control.cancelled
    assert cursor.fetchall() == [(0,)]
    assert control.cancelled
    assert (cursor.fetchall(), cursor.fetchone(), cursor.rowcount) == ([], None, 1)
