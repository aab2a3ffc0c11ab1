"""Hold what a connection keeps for itself: temporary tables, made of Stripe's rows, changed, joined and dropped."""

import threading

import pytest

import stripesql
from stripesql.errors import (
    DataError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    QueryCancelled,
    SqlSyntaxError,
    UnknownName,
)
from stripesql.query import select
from stripesql.simulator import Simulator
from stripesql.simulator.faults import Fault


@pytest.fixture(scope="module")
def sim():
    return Simulator(scale=0.2)


@pytest.fixture
def connection(sim):
    sim.faults.clear()
    sim.clear_log()
    with stripesql.connect(demo=True, transport=sim.transport()) as connection:
        yield connection


def rows(connection, text, parameters=None):
    return connection.execute(text, parameters).fetchall()


def count(connection, text, parameters=None):
    return connection.execute(text, parameters).rowcount


# -- making


def test_a_query_becomes_a_table_with_its_types(connection, sim):
    made = count(connection, "CREATE TEMP TABLE mine AS SELECT id, created, metadata, balance FROM customers")
    assert made == len(sim.listed("customers"))
    before = len(sim.log)
    assert rows(connection, "SELECT * FROM mine EXCEPT ALL SELECT id, created, metadata, balance FROM customers") == []
    assert [each[1] for each in rows(connection, "DESCRIBE mine")] == ["VARCHAR", "TIMESTAMP WITH TIME ZONE", "JSON", "BIGINT"]
    assert rows(connection, "SELECT count(*) FROM mine") == [(made,)]
    assert len(sim.log) - before == -(-made // 100)


def test_a_limit_reaches_stripe(connection, sim):
    assert count(connection, "CREATE TEMPORARY TABLE few AS SELECT id FROM charges LIMIT 3") == 3
    assert [dict(each.params)["limit"] for each in sim.log] == ["3"]


@pytest.mark.parametrize(
    ("text", "columns", "made"),
    [
        ("CREATE TEMP TABLE t (a INT, b TEXT DEFAULT 'x')", ["a", "b"], 0),
        ("CREATE LOCAL TEMP TABLE IF NOT EXISTS t (x, y) AS VALUES (1, 2), (3, 4)", ["x", "y"], 2),
        ("CREATE OR REPLACE TEMP TABLE temp.t AS FROM customers SELECT id AS k LIMIT 2", ["k"], 2),
        ("CREATE TEMP TABLE t AS SELECT id FROM customers WITH NO DATA", ["id"], 0),
        ("CREATE TEMP TABLE t AS WITH q AS (SELECT 1 AS one) SELECT * FROM q WITH DATA", ["one"], 1),
        ('CREATE TEMP TABLE "T" (a BIGINT PRIMARY KEY, CHECK (a > 0)) ON COMMIT PRESERVE ROWS', ["a"], 0),
        ("CREATE TEMP TABLE t AS SELECT 1 AS id, 2 AS id", ["id", "id_1"], 1),
    ],
)
def test_every_form_makes_a_table(connection, text, columns, made):
    connection.execute(text)
    assert [each[0] for each in rows(connection, "DESCRIBE t")] == columns
    assert rows(connection, "SELECT count(*) FROM t") == [(made,)]


def test_parameters_and_symbolic_dates_are_read_in_the_query(connection):
    connection.execute("CREATE TEMP TABLE t AS SELECT id, ? AS note FROM charges WHERE created >= 'yearstart' LIMIT 2", ("it's",))
    assert {note for _, note in rows(connection, "SELECT * FROM t")} == {"it's"}


def test_a_table_that_fails_half_way_is_not_there(connection, sim):
    sim.hooks.before(2, lambda: sim.faults.next(Fault.BAD_JSON, times=30))
    with pytest.raises(OperationalError):
        connection.execute("CREATE TEMP TABLE t AS SELECT id FROM charges")
    with pytest.raises(UnknownName):
        connection.execute("SELECT * FROM t")


def test_a_table_that_cannot_be_replaced_stays(connection):
    connection.execute("CREATE TEMP TABLE t AS SELECT 1 AS a")
    with pytest.raises(DataError):
        connection.execute("CREATE OR REPLACE TEMP TABLE t AS SELECT error('no') AS a FROM t")
    assert rows(connection, "SELECT * FROM t") == [(1,)]


def test_a_table_is_replaced_by_a_query_on_itself(connection):
    connection.execute("CREATE TEMP TABLE t AS SELECT 1 AS a")
    connection.execute("CREATE OR REPLACE TEMP TABLE t AS SELECT a + 1 AS a, 'x' AS b FROM t")
    assert rows(connection, "SELECT * FROM t") == [(2, "x")]


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("CREATE TABLE t AS SELECT 1", NotSupportedError, "write CREATE TEMP TABLE for one that this connection holds"),
        ("CREATE TEMP TABLE customers AS SELECT 1", ProgrammingError, '"customers" is a table of Stripe\'s'),
        ("CREATE TEMP TABLE stripe.t AS SELECT 1", NotSupportedError, 'schema "stripe" is not this connection\'s'),
        ("CREATE TEMP TABLE __t AS SELECT 1", NotSupportedError, "begins with two underscores"),
        ("CREATE TEMP TABLE held (a INT)", ProgrammingError, "CREATE OR REPLACE TEMP TABLE"),
        ("CREATE TEMP TABLE frame AS SELECT 1", ProgrammingError, "connection.unregister('frame')"),
        ("CREATE TEMP TABLE t", SqlSyntaxError, "CREATE TEMP TABLE x AS SELECT"),
        ("CREATE TEMP TABLE t AS", SqlSyntaxError, "query is missing"),
        ("CREATE TEMP TABLE t AS SELECT getenv('HOME')", NotSupportedError, "getenv"),
        ("CREATE TEMP TABLE t (a VARCHAR DEFAULT getenv('HOME'))", NotSupportedError, "getenv"),
        ("CREATE TEMP TABLE t AS SELECT * FROM read_csv('x')", NotSupportedError, "read_csv"),
        ("CREATE INDEX i ON held (a)", NotSupportedError, "CREATE INDEX is not available"),
        ("CREATE TEMP VIEW v AS SELECT 1", NotSupportedError, "CREATE TEMP TABLE x AS SELECT"),
        ("DROP VIEW v", NotSupportedError, "DROP TABLE x drops a temporary table"),
        ("ALTER TABLE held ADD COLUMN b INT", NotSupportedError, "CREATE OR REPLACE TEMP TABLE"),
        ("TRUNCATE held", NotSupportedError, "DELETE FROM x"),
        ("DROP TABLE customers", NotSupportedError, "cannot be dropped"),
        ("DROP TABLE hold", UnknownName, 'did you mean "held"'),
        ("DROP TABLE frame", ProgrammingError, "connection.unregister('frame')"),
        ("DROP SCHEMA stripe", NotSupportedError, "DROP SCHEMA is not available"),
        ("INSERT INTO frame VALUES (1)", NotSupportedError, "register it again"),
    ],
)
def test_what_cannot_be_says_what_to_do(connection, text, error, message):
    connection.execute("CREATE TEMP TABLE held (a INT)")
    connection.register("frame", {"a": [1]})
    with pytest.raises(error) as found:
        connection.execute(text)
    assert message in str(found.value)


def test_drop_forgets_and_passes_over_what_is_not_there(connection):
    connection.execute("CREATE TEMP TABLE t AS SELECT 1")
    connection.execute("DROP TABLE t")
    connection.execute("DROP TABLE IF EXISTS t")
    with pytest.raises(UnknownName):
        connection.execute("SELECT * FROM t")


# -- whose they are


def test_cursors_share_tables_and_connections_do_not(connection, sim):
    connection.cursor().execute("CREATE TEMP TABLE t AS SELECT 7 AS a")
    assert connection.cursor().execute("SELECT a FROM t").fetchall() == [(7,)]
    with stripesql.connect(demo=True, transport=sim.transport()) as other, pytest.raises(UnknownName):
        other.execute("SELECT a FROM t")


def test_tables_are_listed(connection):
    connection.execute("CREATE TEMP TABLE mine (a INT PRIMARY KEY, b TEXT DEFAULT 'x', c DATE NOT NULL)")
    connection.register("frame", {"f": [1]})
    tables = "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'temp' ORDER BY ALL"
    assert rows(connection, tables) == [("frame", "LOCAL TEMPORARY"), ("mine", "LOCAL TEMPORARY")]
    columns = "SELECT column_name, data_type, is_nullable, column_default, column_key FROM information_schema.columns"
    assert rows(connection, f"{columns} WHERE table_name = 'mine' ORDER BY ordinal_position") == [
        ("a", "INTEGER", "NO", None, "PRI"),
        ("b", "VARCHAR", "YES", "'x'", None),
        ("c", "DATE", "NO", None, None),
    ]
    assert {("mine",), ("frame",), ("customers",)} <= set(rows(connection, "SHOW TABLES"))
    assert ("temp",) in rows(connection, "SHOW SCHEMAS")


def test_a_table_with_a_schema_is_itself(connection):
    connection.execute("CREATE TEMP TABLE t AS SELECT 1 AS a")
    assert rows(connection, "SELECT a FROM temp.t") == rows(connection, "SELECT t.a FROM main.t") == [(1,)]


def test_an_open_result_outlives_what_it_reads(connection):
    connection.execute("CREATE TEMP TABLE t AS SELECT range AS n FROM range(100000)")
    reading = connection.execute("SELECT n FROM t")
    first = reading.fetchmany(10)
    connection.execute("DELETE FROM t")
    connection.execute("DROP TABLE t")
    assert len(first) + len(reading.fetchall()) == 100_000


# -- joining


def test_keys_of_a_table_are_looked_up(connection, sim):
    connection.execute("CREATE TEMP TABLE picked AS SELECT id, 'x' AS note FROM products LIMIT 2")
    sim.clear_log()
    found = rows(connection, "SELECT p.name, note FROM picked JOIN products p USING (id)")
    assert len(found) == 2
    assert len(sim.log) <= 2
    assert rows(connection, "SELECT count(*) FROM products WHERE id IN (SELECT id FROM picked)") == [(2,)]


def test_a_table_is_read_twice_in_one_query(connection):
    connection.execute("CREATE TEMP TABLE t AS VALUES (1, 'a'), (2, 'b')")
    connection.execute("CREATE OR REPLACE TEMP TABLE t AS SELECT col0 AS n, col1 AS s FROM t")
    assert rows(connection, "SELECT x.s, y.s FROM t x JOIN t y ON x.n = y.n + 1") == [("b", "a")]
    assert rows(connection, "PIVOT t ON s USING sum(n)") == [(1, 2)]
    assert rows(connection, "SELECT count(*) FROM (SELECT * FROM t EXCEPT SELECT * FROM t)") == [(0,)]


# -- changing


@pytest.fixture
def held(connection):
    connection.execute("CREATE TEMP TABLE t (id TEXT PRIMARY KEY, n INT DEFAULT 5, day DATE)")
    connection.execute("INSERT INTO t VALUES ('a', 1, '2024-01-01'), ('b', 2, NULL), ('c', DEFAULT, NULL)")
    return connection


def test_insert_takes_values_defaults_and_queries(held):
    assert count(held, "INSERT INTO t (id, n) VALUES (?, ?), ('e', DEFAULT)", ("d", 4)) == 2
    assert count(held, "INSERT INTO t (id) SELECT id FROM customers LIMIT 2") == 2
    assert count(held, "INSERT INTO t BY NAME SELECT 9 AS n, 'f' AS id") == 1
    assert count(held, "WITH w AS (SELECT 'g' AS k) INSERT INTO t (id) SELECT k FROM w") == 1
    assert rows(held, "SELECT id, n FROM t WHERE length(id) = 1 ORDER BY id") == [
        ("a", 1), ("b", 2), ("c", 5), ("d", 4), ("e", 5), ("f", 9), ("g", 5),
    ]  # fmt: skip


def test_insert_gives_rows_and_takes_conflicts(held):
    cursor = held.execute("INSERT INTO t (id, n) VALUES ('a', 8) ON CONFLICT (id) DO UPDATE SET n = EXCLUDED.n + t.n RETURNING id, n AS m")
    assert [each[0] for each in cursor.description] == ["id", "m"]
    assert cursor.rowcount == 1
    assert cursor.fetchall() == [("a", 9)]
    assert count(held, "INSERT INTO t (id) VALUES ('a') ON CONFLICT DO NOTHING") == 0
    with pytest.raises(IntegrityError):
        held.execute("INSERT INTO t (id) VALUES ('z'), ('a')")
    assert rows(held, "SELECT count(*) FROM t") == [(3,)]


def test_update_reads_what_it_likes(held, sim):
    customer = rows(held, "SELECT id FROM customers LIMIT 1")[0][0]
    held.execute("INSERT INTO t (id) VALUES (?)", (customer,))
    assert count(held, "UPDATE t SET n = n * 10 WHERE n < 5") == 2
    found = rows(held, "UPDATE t AS x SET n = c.balance, day = DEFAULT FROM customers c WHERE c.id = x.id RETURNING x.id, day")
    assert found == [(customer, None)]
    assert count(held, "UPDATE t SET (n, day) = (0, '2025-02-03') WHERE id IN (SELECT id FROM customers)") == 1
    assert count(held, "WITH w AS (SELECT 'b' AS k) UPDATE t SET n = -1 FROM w WHERE t.id = k") == 1
    assert dict(rows(held, "SELECT id, n FROM t WHERE length(id) = 1")) == {"a": 10, "b": -1, "c": 5}


def test_delete_reads_what_it_likes(held):
    held.execute("INSERT INTO t (id) SELECT id FROM customers LIMIT 3")
    assert count(held, "DELETE FROM t USING customers c WHERE c.id = t.id") == 3
    assert rows(held, "DELETE FROM t WHERE n = 5 RETURNING id") == [("c",)]
    assert count(held, "DELETE FROM t") == 2
    assert count(held, "DELETE FROM t") == 0


def test_a_change_that_fails_changes_nothing(held, sim):
    sim.faults.next(Fault.BAD_JSON, times=30, path="/v1/customers")
    for text in (
        "INSERT INTO t (id) SELECT id FROM customers",
        "UPDATE t SET n = 0 WHERE id NOT IN (SELECT id FROM customers)",
        "DELETE FROM t WHERE id NOT IN (SELECT id FROM customers)",
    ):
        with pytest.raises(OperationalError):
            held.execute(text)
    assert rows(held, "SELECT id, n FROM t ORDER BY id") == [("a", 1), ("b", 2), ("c", 5)]


def test_unknown_columns_are_named(held):
    with pytest.raises(ProgrammingError, match="nn"):
        held.execute("UPDATE t SET nn = 1")
    with pytest.raises(UnknownName, match="nn"):
        held.execute("DELETE FROM t WHERE nn = 1")


def test_executemany_inserts_many_rows_and_updates_one_by_one(held):
    cursor = held.cursor()
    cursor.executemany("INSERT INTO t (id, n) VALUES (?, ?)", [(f"k{n}", n) for n in range(1200)])
    assert cursor.rowcount == 1200
    cursor.executemany("UPDATE t SET n = :n WHERE id = :id", [{"id": f"k{n}", "n": -n} for n in range(3)])
    assert cursor.rowcount == 3
    assert rows(held, "SELECT count(*), sum(n) FROM t WHERE id LIKE 'k%'") == [(1200, sum(range(1200)) - 6)]


def test_rows_of_executemany_may_refer_to_each_other(connection):
    connection.execute("CREATE TEMP TABLE tree (id SERIAL PRIMARY KEY, parent BIGINT REFERENCES tree (id), n INT DEFAULT 0)")
    cursor = connection.cursor()
    cursor.executemany("INSERT INTO tree (id, parent) VALUES (?, ?)", [(1, None), (2, 1), (3, 2)])
    assert cursor.rowcount == 3
    assert rows(connection, "SELECT id, parent FROM tree ORDER BY id") == [(1, None), (2, 1), (3, 2)]
    cursor.executemany("INSERT INTO tree (id) VALUES (?) ON CONFLICT (id) DO UPDATE SET n = tree.n + 1", [(3,), (3,)])
    assert rows(connection, "SELECT n FROM tree WHERE id = 3") == [(2,)]


def test_explain_of_a_change_shows_what_it_reads(held, sim):
    sim.clear_log()
    for text in (
        "CREATE TEMP TABLE u AS SELECT * FROM charges WHERE customer = 'cus_1'",
        "INSERT INTO t (id) SELECT id FROM charges WHERE customer = 'cus_1'",
        "UPDATE t SET n = 1 WHERE id IN (SELECT id FROM charges WHERE customer = 'cus_1')",
        "DELETE FROM t USING charges c WHERE c.id = t.id AND c.customer = 'cus_1'",
    ):
        lines = [line for (line,) in rows(held, f"EXPLAIN {text}")]
        assert any("GET /v1/charges?customer=cus_1" in line for line in lines), lines
    assert sim.log == []


def test_a_change_is_cancelled(connection, sim):
    connection.execute("CREATE TEMP TABLE t (id TEXT)")
    sim.faults.latency_ms = 300
    cursor = connection.cursor()
    timer = threading.Timer(0.4, cursor.cancel)
    timer.start()
    with pytest.raises(QueryCancelled):
        cursor.execute("INSERT INTO t SELECT id FROM charges")
    timer.join()
    sim.faults.clear()
    assert rows(connection, "SELECT count(*) FROM t") == [(0,)]


# -- frames beside them


def test_a_frame_is_forgotten(connection):
    connection.register("frame", {"a": [1]})
    connection.unregister("Frame")
    with pytest.raises(UnknownName):
        connection.execute("SELECT * FROM frame")
    with pytest.raises(InterfaceError, match="no frame"):
        connection.unregister("frame")


def test_a_frame_does_not_hide_a_table(connection):
    connection.execute("CREATE TEMP TABLE t AS SELECT 1 AS a")
    with pytest.raises(InterfaceError, match="DROP TABLE t"):
        connection.register("t", {"a": [2]})


@pytest.fixture
def meddling(connection, monkeypatch):
    """Have another cursor add a product's id to a table each time a statement was planned; return how often it may."""
    ids = iter([each for (each,) in rows(connection, "SELECT id FROM products ORDER BY id LIMIT 6")])
    connection.execute("CREATE TEMP TABLE some (id TEXT)")
    connection.execute("INSERT INTO some VALUES (?)", [next(ids)])
    allowed, inside = [], []
    sources_of = select.sources_of

    def late(*given):
        if allowed and not inside:
            inside.append(allowed.pop())
            connection.execute("INSERT INTO some VALUES (?)", [next(ids)])
            inside.clear()
        return sources_of(*given)

    monkeypatch.setattr(select, "sources_of", late)
    return allowed


JOINED = "SELECT p.id FROM some s JOIN products p ON p.id = s.id"


def test_keys_that_another_cursor_adds_meanwhile_are_not_missed(connection, meddling):
    meddling.append(1)
    assert len(rows(connection, JOINED)) == 2


def test_a_table_that_changes_all_the_time_ends_the_query(connection, meddling):
    meddling += [1] * 3
    with pytest.raises(OperationalError, match="run it again"):
        rows(connection, JOINED)
    assert len(rows(connection, JOINED)) == 4


def test_a_statement_that_would_keep_too_few_rows_keeps_none(connection, meddling):
    meddling.append(1)
    with pytest.raises(OperationalError, match="run it again"):
        connection.execute(f"CREATE TEMP TABLE more AS {JOINED}")
    with pytest.raises(UnknownName):
        connection.execute("SELECT * FROM more")
    assert connection.execute(f"CREATE TEMP TABLE more AS {JOINED}").rowcount == 2
