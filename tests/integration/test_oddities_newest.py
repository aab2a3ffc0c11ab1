"""The newest rows of a list, read no further than needed, are those that a sort of the whole table gives."""

from __future__ import annotations

import itertools
from random import Random

import pytest
from crafted import Lists, column, connected, ids

from stripesql.simulator import Simulator

NOW = 1_790_000_000


def charges(times, **fields):
    return [
        {"id": f"ch_{number:05}", "object": "charge", "created": at, "amount": number, "currency": "usd", **fields}
        for number, at in enumerate(times)
    ]


def newest(rows, n, offset=0, key=lambda row: (-row["created"], row["id"])):
    return [row["id"] for row in sorted(rows, key=key)][offset : offset + n]


# -- how much is read


@pytest.mark.parametrize(("n", "requests"), [(1, 1), (10, 1), (99, 1), (100, 2), (150, 2), (250, 3)])
def test_no_more_is_read_than_the_newest_rows(n, requests):
    rows = charges(range(NOW, NOW - 1000, -1))
    lists = Lists({"/v1/charges": rows})
    with connected(lists) as connection:
        assert column(connection, f"SELECT id FROM charges ORDER BY created DESC LIMIT {n}") == ids(rows[:n])
    assert len(lists.seen) == requests


def test_ties_of_the_last_second_are_read_to_their_end():
    rows = charges([NOW] * 3 + [NOW - 5] * 240 + [NOW - 9] * 500)
    for n in (2, 3, 4, 5, 100, 240, 243, 244):
        lists = Lists({"/v1/charges": rows})
        with connected(lists) as connection:
            assert column(connection, f"SELECT id FROM charges ORDER BY created DESC, id DESC LIMIT {n}") == newest(
                rows, n, key=lambda row: (-row["created"], -row["amount"])
            )
        assert len(lists.seen) < 8 or n == 244


def test_a_list_that_is_one_second_is_read_to_its_end():
    rows = charges([NOW] * 450)
    Random(3).shuffle(rows)
    with connected(Lists({"/v1/charges": rows})) as connection:
        assert column(connection, "SELECT id FROM charges ORDER BY created DESC, id LIMIT 5") == newest(rows, 5)


# -- a list that is not in order


@pytest.mark.parametrize("n", [1, 3, 50, 120])
@pytest.mark.parametrize("place", [1, 2, 3, 49, 51, 99, 100])
def test_an_inversion_makes_it_read_on(n, place):
    """A row that is newer than the one before it: nothing is known any more, and the newest may be last."""
    times = list(range(NOW, NOW - 400, -1))
    times[place] = times[place - 1] + 1
    times[-1] = NOW + 100
    rows = charges(times)
    lists = Lists({"/v1/charges": rows})
    with connected(lists) as connection:
        found = column(connection, f"SELECT id FROM charges ORDER BY created DESC, id LIMIT {n}")
    if place <= n:
        assert found == newest(rows, n)
    assert len(found) == n


def test_a_list_oldest_first_is_read_to_its_end():
    rows = charges(range(NOW - 450, NOW))
    lists = Lists({"/v1/charges": rows})
    with connected(lists) as connection:
        assert column(connection, "SELECT id FROM charges ORDER BY created DESC LIMIT 7") == newest(rows, 7)
    assert len(lists.seen) >= 5


def test_a_list_oldest_first_with_ties_is_read_to_its_end():
    rows = charges(sorted([NOW - number // 40 for number in range(450)]))
    with connected(Lists({"/v1/charges": rows})) as connection:
        assert column(connection, "SELECT id FROM charges ORDER BY created DESC, id LIMIT 7") == newest(rows, 7)


def test_random_lists_that_are_nearly_in_order():
    """Rows that moved within what was read, or by less than what is read beyond it, do no harm."""
    chance = Random(11)
    for _ in range(12):
        times = sorted((NOW - chance.randrange(400) for _ in range(260)), reverse=True)
        rows = charges(times)
        n = chance.choice([1, 5, 40, 110])
        swap = chance.randrange(n)
        rows[swap], rows[swap + 1] = rows[swap + 1], rows[swap]
        with connected(Lists({"/v1/charges": rows})) as connection:
            assert column(connection, f"SELECT id FROM charges ORDER BY created DESC, id LIMIT {n}") == newest(rows, n)


# -- two lists


def test_a_table_of_two_lists_is_merged():
    sim = Simulator(empty=True, now=NOW)
    product = sim.insert("products", {})["id"]
    for number in range(130):
        sim.insert("prices", {"product": product, "active": number % 3 > 0, "created": NOW - number * 7 // 2})
    rows = sim.objects("prices")
    for n, offset in ((1, 0), (5, 0), (5, 3), (60, 20), (129, 0), (500, 0)):
        sim.clear_log()
        with connected(sim.transport()) as connection:
            found = column(connection, f"SELECT id FROM prices ORDER BY created DESC, id LIMIT {n} OFFSET {offset}")
        assert found == newest(rows, n, offset)
        assert {dict(request.params)["active"] for request in sim.log} == {"true", "false"}
        if n + offset < 40:
            assert len(sim.log) == 2


def test_a_list_per_value_is_merged():
    sim = Simulator(scale=0.2, now=NOW)
    customers = sorted({row["customer"] for row in sim.listed("charges") if row["customer"]})[:5]
    rows = [row for row in sim.listed("charges") if row["customer"] in customers]
    with connected(sim.transport()) as connection:
        sql = f"SELECT id FROM charges WHERE customer IN ({', '.join('?' * 5)}) ORDER BY created DESC, id LIMIT 4"
        assert column(connection, sql, customers) == newest(rows, 4)


# -- the rest of the statement

SIM = Simulator(scale=0.2, now=NOW)


@pytest.fixture(scope="module")
def whole():
    """Give the whole table in plain DuckDB, to compare with."""
    import duckdb
    import pyarrow as pa

    rows = SIM.listed("charges")
    names = ("id", "amount", "currency", "customer", "status")
    con = duckdb.connect()
    con.execute("SET timezone = 'UTC'")
    frame = pa.table({**{name: [row[name] for row in rows] for name in names}, "stamp": [row["created"] for row in rows]})
    con.register("frame", frame)
    con.execute("CREATE TABLE charges AS SELECT * EXCLUDE (stamp), to_timestamp(stamp) AS created FROM frame")
    yield con
    con.close()


STATEMENTS = [
    "SELECT id FROM charges ORDER BY created DESC, id LIMIT 5",
    "SELECT id FROM charges ORDER BY created DESC, id LIMIT 5 OFFSET 7",
    "SELECT id FROM charges ORDER BY created DESC, id LIMIT 0",
    "SELECT id FROM charges ORDER BY created DESC, id OFFSET 3",
    "SELECT id FROM charges ORDER BY created DESC, amount, id LIMIT 5",
    "SELECT id FROM charges ORDER BY created DESC NULLS LAST, id DESC LIMIT 5",
    "SELECT id FROM charges ORDER BY created DESC NULLS FIRST, id DESC LIMIT 5",
    "SELECT id FROM charges ORDER BY created ASC, id LIMIT 5",
    "SELECT id FROM charges ORDER BY created, id LIMIT 5",
    "SELECT id FROM charges ORDER BY amount DESC, created DESC, id LIMIT 5",
    "SELECT id, created AS amount FROM charges ORDER BY amount DESC, id LIMIT 5",
    "SELECT id, amount AS created FROM charges ORDER BY created DESC, id LIMIT 5",
    "SELECT id, amount AS CREATED FROM charges ORDER BY Created DESC, id LIMIT 5",
    "SELECT id, -epoch(created) AS created FROM charges ORDER BY created DESC, id LIMIT 5",
    "SELECT id, created FROM charges ORDER BY 2 DESC, 1 LIMIT 5",
    "SELECT created, id FROM charges ORDER BY 2 DESC LIMIT 5",
    "SELECT id AS created, created AS id FROM charges ORDER BY created DESC LIMIT 5",
    "SELECT id, amount AS created FROM charges c ORDER BY c.created DESC, id LIMIT 5",
    "SELECT id FROM charges ORDER BY date_trunc('day', created) DESC, id LIMIT 5",
    "SELECT id FROM charges ORDER BY -epoch(created), id LIMIT 5",
    "SELECT DISTINCT currency FROM charges ORDER BY currency LIMIT 2",
    "SELECT currency, max(created) FROM charges GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 2",
    "SELECT id, row_number() OVER (ORDER BY created, id) FROM charges ORDER BY created DESC, id LIMIT 3",
    "SELECT id, sum(amount) OVER () FROM charges ORDER BY created DESC, id LIMIT 3",
    "SELECT id FROM charges QUALIFY row_number() OVER (PARTITION BY currency ORDER BY created, id) = 1 ORDER BY created DESC, id LIMIT 3",
    "SELECT id FROM charges WHERE amount > 5000 ORDER BY created DESC, id LIMIT 5",
    "SELECT id FROM charges WHERE created < '2026-08-01' ORDER BY created DESC, id LIMIT 5",
    "SELECT id FROM charges WHERE created < '2026-08-01 00:00:00.5' ORDER BY created DESC, id LIMIT 5",
    "SELECT id FROM charges WHERE created::DATE = '2026-08-03' ORDER BY created DESC, id LIMIT 5",
    "SELECT id FROM (SELECT id, created FROM charges) ORDER BY created DESC, id LIMIT 5",
    "WITH c AS (SELECT * FROM charges) SELECT id FROM c ORDER BY created DESC, id LIMIT 5",
    "SELECT id FROM charges UNION ALL SELECT id FROM charges ORDER BY id LIMIT 5",
    "(SELECT id FROM charges ORDER BY created DESC, id LIMIT 3) UNION ALL (SELECT id FROM charges ORDER BY created, id LIMIT 3)",
    "SELECT count(*) FROM (SELECT id FROM charges ORDER BY created DESC, id LIMIT 30)",
    "SELECT unnest([1, 2]), id FROM charges ORDER BY created DESC, id, 1 LIMIT 5",
    "SELECT id FROM charges ORDER BY created DESC, id FETCH FIRST 4 ROWS ONLY",
    "SELECT id FROM charges WHERE created >= ALL (SELECT created FROM charges) ORDER BY created DESC, id LIMIT 3",
    "SELECT count(*) FROM (SELECT id FROM charges LIMIT 40)",
    "SELECT count(*) FROM (SELECT id FROM charges LIMIT 40 OFFSET 2)",
    "SELECT count(*) FROM (SELECT id FROM charges LIMIT 10000 OFFSET 20)",
    "SELECT count(*) FROM (SELECT id FROM charges WHERE currency = 'eur' LIMIT 10)",
    "SELECT count(*) FROM (SELECT id FROM charges LIMIT 10 PERCENT)",
    "SELECT count(*) FROM (SELECT DISTINCT customer FROM charges LIMIT 10)",
    "SELECT count(*) FROM (SELECT a.id FROM charges a JOIN charges b USING (id) LIMIT 10)",
    "SELECT count(*) FROM (SELECT count(*) FROM charges LIMIT 10)",
    "SELECT count(*) FROM (SELECT id FROM charges LIMIT 2 + 3)",
    "SELECT count(*) FROM (SELECT id FROM charges LIMIT (SELECT 4))",
]  # fmt: skip


@pytest.mark.parametrize("sql", STATEMENTS)
def test_the_rows_are_those_of_the_whole_table(whole, sql):
    with connected(SIM.transport()) as connection:
        found = connection.execute(sql).fetchall()
        connection.execute("SET pushdown = off")
        assert connection.execute(sql).fetchall() == found
    expected = whole.sql(sql).to_arrow_table()
    texts = [tuple(str(_plain(value)) for value in row) for row in zip(*(each.to_pylist() for each in expected.columns), strict=True)]
    assert [tuple(str(_plain(value)) for value in row) for row in found] == texts


def _plain(value):
    return value.timestamp() if hasattr(value, "timestamp") else value


@pytest.mark.parametrize(
    ("sql", "requests", "rows"),
    [
        ("SELECT id FROM charges LIMIT 7", 1, 7),
        ("SELECT id FROM charges LIMIT 7 OFFSET 5", 1, 12),
        ("SELECT id, upper(currency) FROM charges LIMIT 7", 1, 7),
        ("SELECT id FROM charges ORDER BY created DESC LIMIT 7", 1, 8),
        ("SELECT id FROM charges ORDER BY created DESC LIMIT 7 OFFSET 5", 1, 13),
        ("SELECT * FROM charges c ORDER BY c.created DESC LIMIT 2", 1, 3),
        ("SELECT id FROM charges LIMIT 0", 0, 0),
        ("SELECT id FROM charges ORDER BY created DESC LIMIT 0", 0, 0),
    ],
)
def test_a_limit_travels(sql, requests, rows):
    with connected(SIM.transport()) as connection:
        cursor = connection.execute(sql)
        cursor.fetchall()
        assert (cursor.stats.requests, cursor.stats.rows_fetched) == (requests, rows)


# -- lists that change while they are read


def test_a_cursor_object_that_is_deleted_in_mid_scan_is_stepped_over():
    sim = Simulator(empty=True, now=NOW)
    for number in range(350):
        sim.insert("customers", {"created": NOW - number})
    before = ids(sim.objects("customers"))
    sim.hooks.before(2, lambda: sim.delete("customers", before[99]))
    sim.hooks.before(4, lambda: [sim.delete("customers", gone) for gone in before[180:200]])
    with connected(sim.transport()) as connection:
        found = column(connection, "SELECT id FROM customers")
    assert len(found) == len(set(found))
    assert set(ids(sim.objects("customers"))) <= set(found) <= set(before)


def test_the_newest_rows_step_over_a_deleted_cursor_too():
    sim = Simulator(empty=True, now=NOW)
    for number in range(350):
        sim.insert("customers", {"created": NOW - number})
    before = ids(sim.objects("customers"))
    sim.hooks.before(2, lambda: sim.delete("customers", before[99]))
    with connected(sim.transport()) as connection:
        assert column(connection, "SELECT id FROM customers ORDER BY created DESC LIMIT 150") == before[:150]


def test_rows_that_come_while_a_table_is_read_do_no_harm():
    sim = Simulator(empty=True, now=NOW)
    for number in range(420):
        sim.insert("charges", {"created": NOW - number * 3})
    before = ids(sim.objects("charges"))
    count = itertools.count(1)
    sim.hooks.on_request(lambda *_: sim.insert("charges", {"created": NOW + next(count)}))
    with connected(sim.transport()) as connection:
        found = column(connection, "SELECT id FROM charges")
        assert len(found) == len(set(found))
        assert set(before) <= set(found)
        assert column(connection, "SELECT count(*) = count(DISTINCT id) AND count(*) >= 420 FROM charges") == [True]
        # Both sides of a join, and both uses in a set operation, see one reading.
        assert column(connection, "SELECT count(*) FROM (SELECT id FROM charges EXCEPT SELECT id FROM charges)") == [0]
        assert column(
            connection, "SELECT count(*) FROM charges a FULL JOIN charges b USING (id) WHERE a.created IS NULL OR b.created IS NULL"
        ) == [0]


@pytest.mark.parametrize("skew", [-86_400, -90, 90, 86_400])
def test_a_server_clock_that_is_ahead_or_behind_loses_no_row(skew):
    """Rows that are newer than our own clock are in the scan, and now() is the server's time."""
    import time

    local = time.time()
    sim = Simulator(empty=True, now=local + skew)
    for number in range(700):
        sim.insert("charges", {"created": int(local + skew) - number * 60})
    sim.insert("charges", {"created": int(local + skew) + 3600})
    with connected(sim.transport()) as connection:
        assert column(connection, "SELECT count(*) FROM charges") == [701]
        newest_row = sim.objects("charges")[0]
        assert column(connection, "SELECT id FROM charges ORDER BY created DESC LIMIT 1") == [newest_row["id"]]
        # The first answers have told the server's time: within a minute of it lie two or three rows.
        assert 1 <= column(connection, "SELECT count(*) FROM charges WHERE created BETWEEN now() - INTERVAL 90 SECOND AND now()")[0] <= 3
        today = column(connection, "SELECT epoch(current_date)::BIGINT")[0]
        assert abs(today - int((local + skew) // 86_400) * 86_400) in (0, 86_400)


# -- filter-only columns


@pytest.fixture
def books():
    with connected(SIM.transport()) as connection:
        yield connection


def automatic():
    return [row["id"] for row in SIM.objects("payouts") if row["automatic"]][:3]


def booked(payout):
    import httpx

    with httpx.Client(transport=SIM.transport(), base_url="http://sim", headers={"Authorization": "Bearer sk_test_plain123"}) as http:
        return ids(http.get("/v1/balance_transactions", params={"payout": payout, "limit": 100}).json()["data"])


def test_a_filter_only_column_by_equality_and_by_in(books):
    first, second, third = automatic()
    assert sorted(column(books, "SELECT id FROM balance_transactions WHERE payout = ?", [first])) == sorted(booked(first))
    rows = books.execute("SELECT payout, id FROM balance_transactions WHERE payout IN (?, ?, ?)", [first, second, third]).fetchall()
    assert sorted(rows) == sorted((payout, each) for payout in (first, second, third) for each in booked(payout))
    assert column(books, "SELECT count(*) FROM balance_transactions WHERE payout = ? AND net < 0", [first])[0] <= len(booked(first))


def test_a_filter_only_column_holds_what_was_asked_for_and_is_not_in_star(books):
    first = automatic()[0]
    assert set(column(books, "SELECT payout FROM balance_transactions WHERE payout = ?", [first])) == {first}
    cursor = books.execute("SELECT * FROM balance_transactions WHERE payout = ?", [first])
    assert "payout" not in [each[0] for each in cursor.description]
    assert len(cursor.fetchall()) == len(booked(first))


def test_a_filter_only_column_joins_by_its_keys(books):
    sql = (
        "SELECT p.id, sum(b.net) FROM payouts p JOIN balance_transactions b ON b.payout = p.id "
        "WHERE p.id IN (?, ?, ?) GROUP BY 1 HAVING sum(b.net) = 0"
    )
    rows = books.execute(sql, automatic()).fetchall()
    assert sorted(row[0] for row in rows) == sorted(automatic())


def test_a_true_or_false_filter_only_column(books):
    truth = [row["id"] for row in SIM.objects("events") if row["pending_webhooks"]]
    assert sorted(column(books, "SELECT id FROM events WHERE delivery_success = false")) == sorted(truth)
    assert column(books, "SELECT count(*) FROM events WHERE NOT delivery_success") == [len(truth)]


@pytest.mark.parametrize(
    ("sql", "example"),
    [
        ("SELECT payout FROM balance_transactions", "WHERE payout = '...'"),
        ("SELECT id FROM balance_transactions WHERE payout > 'po_1'", "WHERE payout = '...'"),
        ("SELECT id FROM balance_transactions WHERE payout <> 'po_1'", "WHERE payout = '...'"),
        ("SELECT id FROM balance_transactions WHERE payout LIKE 'po_%'", "WHERE payout = '...'"),
        ("SELECT id FROM balance_transactions WHERE payout IS NULL", "WHERE payout = '...'"),
        ("SELECT id FROM balance_transactions WHERE payout IS NOT NULL", "WHERE payout = '...'"),
        ("SELECT id FROM balance_transactions WHERE NOT (payout = 'po_1')", "WHERE payout = '...'"),
        ("SELECT id FROM balance_transactions WHERE payout = 'po_1' OR amount = 5", "WHERE payout = '...'"),
        ("SELECT id FROM balance_transactions WHERE payout = source", "WHERE payout = '...'"),
        ("SELECT id FROM balance_transactions WHERE upper(payout) = 'PO_1'", "WHERE payout = '...'"),
        ("SELECT id FROM balance_transactions WHERE CASE WHEN payout = 'po_1' THEN true END", "WHERE payout = '...'"),
        ("SELECT id FROM balance_transactions ORDER BY payout", "WHERE payout = '...'"),
        ("SELECT payout, count(*) FROM balance_transactions GROUP BY 1", "WHERE payout = '...'"),
        ("SELECT id FROM events WHERE delivery_success IS NULL", "WHERE delivery_success = true"),
    ],
)
def test_misuse_of_a_filter_only_column_is_an_error_with_an_example(books, sql, example):
    from stripesql.errors import ArgumentRequired

    SIM.clear_log()
    with pytest.raises(ArgumentRequired) as caught:
        books.execute(sql).fetchall()
    assert example in str(caught.value)
    assert "is a parameter of Stripe's list and no field of its rows" in str(caught.value)
    assert SIM.log == []


def test_a_filter_only_column_is_the_same_without_pushdown(books):
    first = automatic()[0]
    books.execute("SET pushdown = off")
    assert sorted(column(books, "SELECT id FROM balance_transactions WHERE payout = ?", [first])) == sorted(booked(first))
