"""EXPLAIN ANALYZE says how many rows were fetched and how many each table's own conditions keep; a budget refuses beforehand."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from crafted import connected, lines
from test_requests_joins import steady

import stripesql
from stripesql.errors import BudgetExceeded
from stripesql.simulator import Simulator

NOW = 1_790_000_000


@pytest.fixture(scope="module")
def sim() -> Simulator:
    """Return an account of 150 customers, 40 of them in Bonn, and two charges for each."""
    sim = Simulator(empty=True, now=NOW)
    for number in range(150):
        address = {"city": "Bonn" if number < 40 else "Ulm"}
        row = {"id": f"cus_{number}", "address": address, "created": NOW - number, "metadata": {"n": str(number % 10)}}
        sim.insert("customers", row)
        for turn in range(2):
            charge = {"id": f"ch_{number}_{turn}", "customer": f"cus_{number}", "amount": number + turn, "created": NOW - number}
            sim.insert("charges", charge)
    return sim


@pytest.fixture
def opened(sim: Simulator) -> Iterator[stripesql.Connection]:
    sim.clear_log()
    with steady(sim) as connection:
        yield connection


def figures(opened: stripesql.Connection, sql: str) -> dict[str, tuple[int, int | None]]:
    """Return rows fetched and rows returned, by the names of each scan."""
    (document,) = opened.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}").fetchone()
    scans = json.loads(document)["scans"]
    return {" ".join(scan["names"]): (scan["actual"]["rows_fetched"], scan["actual"]["rows_returned"]) for scan in scans}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT id FROM customers", {"customers": (150, 150)}),
        ("SELECT id FROM customers WHERE address.city = 'Bonn'", {"customers": (150, 40)}),
        ("SELECT count(*) FROM customers WHERE address_city = 'Bonn' AND metadata['n'] = '3'", {"customers": (150, 4)}),
        ("SELECT count(*) FROM customers c WHERE c.metadata.n IN ('1', '2') OR c.id = 'cus_0'", {"c": (150, 31)}),
        ("SELECT id FROM charges WHERE amount * 2 > 280 AND length(id) > 3", {"charges": (300, 19)}),
        ("SELECT id FROM charges WHERE customer = 'cus_5' AND amount = 5", {"charges": (2, 1)}),
        ("SELECT id FROM charges WHERE id IN ('ch_1_0', 'ch_2_0', 'nope') AND amount = 1", {"charges": (2, 1)}),
        ("SELECT x FROM (SELECT id AS x, amount AS y FROM charges) t WHERE y < 2", {"charges": (300, 3)}),
        ("SELECT c.id FROM charges h JOIN customers c ON h.customer = c.id WHERE c.address.city = 'Bonn' AND h.amount < 5 AND h.amount > -length(c.id)",
         {"h": (300, 9), "c": (150, 40)}),
        ("SELECT a.id FROM charges a, charges b WHERE a.id = b.id AND a.amount < 2 AND b.amount > 148", {"a b": (300, 6)}),
        ("SELECT h.id FROM charges h WHERE h.customer IN (SELECT id FROM customers WHERE address_city = 'Bonn')", {"h": (300, 300), "customers": (150, 40)}),
        ("SELECT id FROM customers LIMIT 7", {"customers": (7, 7)}),
        ("SELECT id FROM charges WHERE false", {"charges": (0, 0)}),
    ],
)  # fmt: skip
def test_rows_fetched_and_rows_that_the_own_conditions_keep(
    opened: stripesql.Connection, sql: str, expected: dict[str, tuple[int, int]]
) -> None:
    assert figures(opened, sql) == expected


def test_the_text_says_both(opened: stripesql.Connection) -> None:
    said = lines(opened, "EXPLAIN ANALYZE SELECT id FROM customers WHERE address.city = 'Bonn'")
    assert "actual: 2 requests, 150 rows fetched, 40 returned" in said


def test_a_condition_that_cannot_be_counted_alone_leaves_no_figure(opened: stripesql.Connection) -> None:
    assert figures(opened, "SELECT id FROM customers WHERE now() > created AND address.city = 'Bonn'") == {"customers": (150, 40)}


def test_a_plain_query_counts_nothing(opened: stripesql.Connection) -> None:
    cursor = opened.execute("SELECT id FROM customers WHERE address.city = 'Bonn'")
    assert len(cursor.fetchall()) == 40


# -- budgets


@pytest.mark.parametrize(
    ("sql", "most", "least"),
    [
        ("SELECT id FROM charges WHERE id IN ('ch_1_0', 'ch_2_0', 'ch_3_0')", 2, 3),
        ("SELECT id FROM charges WHERE customer IN ('cus_1', 'cus_2', 'cus_3')", 2, 3),
        ("SELECT count(*) FROM prices", 1, 2),
        ("SELECT id FROM customers", 0, 1),
        ("SELECT a.id, b.id FROM prices a JOIN prices b ON a.product = b.product", 1, 2),
    ],
)
def test_a_query_that_is_sure_to_need_more_sends_nothing(
    sim: Simulator, opened: stripesql.Connection, sql: str, most: int, least: int
) -> None:
    opened.execute(f"SET max_requests = {most}")
    with pytest.raises(BudgetExceeded) as caught:
        opened.execute(sql)
    assert sim.log == []
    said = str(caught.value)
    assert said.startswith(f"the query needs {least} requests or more, and max_requests={most} allows fewer: nothing was sent")
    assert "The plan:\n" in said
    assert "GET /v1/" in said


@pytest.mark.parametrize(
    ("sql", "most", "rows"),
    [
        ("SELECT id FROM charges WHERE id IN ('ch_1_0', 'ch_2_0', 'ch_3_0') LIMIT 1", 1, 1),
        ("SELECT 1 WHERE EXISTS (SELECT 1 FROM prices)", 2, 0),
        ("SELECT id FROM charges WHERE amount > 5 AND amount < 3", 0, 0),
        ("SELECT 1 FROM charges LIMIT 0", 0, 0),
        ("DESCRIBE SELECT id FROM charges", 0, 1),
        ("SELECT id FROM customers", 2, 150),
    ],
)
def test_a_query_that_may_need_no_more_is_begun(opened: stripesql.Connection, sql: str, most: int, rows: int) -> None:
    opened.execute(f"SET max_requests = {most}")
    assert len(opened.execute(sql).fetchall()) == rows


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("EXPLAIN SELECT amuont FROM charges", 'there is no column "amuont" in charges; did you mean "amount"?'),
        ("EXPLAIN SELECT summ(amount) FROM charges", 'there is no function "summ"'),
        ("EXPLAIN SELECT amount FROM charges GROUP BY currency", "amount"),
        ("EXPLAIN (FORMAT JSON) SELECT c.emial FROM customers c JOIN charges ch ON ch.customer = c.id", "emial"),
    ],
)
def test_what_cannot_run_is_not_explained(sql: str, told: str) -> None:
    sim = Simulator(scale=0.02)
    with connected(sim.transport()) as connection:
        with pytest.raises(stripesql.ProgrammingError) as refused:
            connection.execute(sql)
        assert told in str(refused.value)
        assert not sim.log


@pytest.mark.parametrize(
    "sql",
    [
        "PIVOT charges ON currency USING sum(amount)",
        "SUMMARIZE SELECT amount FROM charges",
        "SELECT now(), count(*) FROM charges WHERE created > 'today'",
        "DESCRIBE SELECT * FROM charges",
        "FROM generate_series(3)",
        "SELECT * FROM information_schema.tables",
    ],
)
def test_explaining_reads_nothing(sql: str) -> None:
    sim = Simulator(scale=0.02)
    with connected(sim.transport()) as connection:
        assert connection.execute(f"EXPLAIN {sql}").fetchall()
        assert not sim.log
        assert connection.execute("SELECT 1").fetchone() == (1,)
