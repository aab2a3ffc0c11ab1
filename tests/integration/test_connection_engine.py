"""What the engine of a connection offers, and what it keeps locked."""

import datetime as dt
from decimal import Decimal

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import stripesql
from stripesql.simulator import Simulator


@pytest.fixture(scope="module")
def sim():
    return Simulator(scale=0.1)


@pytest.fixture
def connection(sim):
    with stripesql.connect(demo=True, transport=sim.transport()) as connection:
        yield connection


# -- frames

FRAMES = {
    "arrow": lambda columns: pa.table(columns),
    "record batch": lambda columns: pa.table(columns).to_batches()[0],
    "reader": lambda columns: pa.table(columns).to_reader(),
    "dict": lambda columns: columns,
    "pandas": lambda columns: pd.DataFrame(columns),
    "pandas with an index": lambda columns: pd.DataFrame(columns, index=["x", "y", "z"]),
    "polars": lambda columns: pl.DataFrame(columns),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_are_relations(connection, kind):
    columns = {"a": [1, 2, 3], "b": ["x", None, "z"]}
    connection.register("mine", FRAMES[kind](columns))
    for _ in range(2):
        cursor = connection.execute("SELECT * FROM mine WHERE a > 1 ORDER BY a")
        assert [column[0] for column in cursor.description] == ["a", "b"]
        assert cursor.fetchall() == [(2, None), (3, "z")]


def test_frames_join_tables(connection):
    ids = [row[0] for row in connection.execute("SELECT id FROM customers LIMIT 3").fetchall()]
    connection.register("picked", {"id": ids, "note": ["a", "b", "c"]})
    rows = connection.execute("SELECT c.id, note FROM customers c JOIN picked USING (id) ORDER BY note").fetchall()
    assert rows == list(zip(ids, "abc", strict=True))


def test_a_frame_comes_before_a_table_of_its_name(connection):
    connection.register("Customers", {"id": ["mine"]})
    assert connection.execute("SELECT id FROM customers").fetchall() == [("mine",)]
    assert len(connection.execute("SELECT id FROM stripe.customers").fetchall()) > 1


def test_a_name_is_registered_anew(connection):
    connection.register("f", {"a": [1]})
    connection.register("f", {"b": [2, 3]})
    assert connection.execute("SELECT * FROM f").fetchall() == [(2,), (3,)]


def test_a_running_query_keeps_the_frame_that_it_began_with(connection):
    connection.register("f", {"a": list(range(1000))})
    cursor = connection.execute("SELECT a FROM f")
    cursor.fetchone()
    connection.register("f", {"a": ["x"]})
    assert len(cursor.fetchall()) == 999


def test_connections_do_not_see_each_others_frames(connection, sim):
    connection.register("f", {"a": [1]})
    with stripesql.connect(demo=True, transport=sim.transport()) as other, pytest.raises(stripesql.UnknownName):
        other.execute("SELECT * FROM f")


@pytest.mark.parametrize("frame", [5, "text", None, [1, 2], {"a": [1], "b": [1, 2]}, {"a": [1, "x"]}, {"a": 5}])
def test_what_is_no_table_is_refused(connection, frame):
    with pytest.raises(stripesql.InterfaceError):
        connection.register("f", frame)


@pytest.mark.parametrize("name", ["", None, 5])
def test_a_frame_needs_a_name(connection, name):
    with pytest.raises(stripesql.InterfaceError, match="name"):
        connection.register(name, {"a": [1]})


def test_variables_of_the_program_are_no_relations(connection):
    mine = pa.table({"a": [1]})
    with pytest.raises(stripesql.UnknownName):
        connection.execute("SELECT * FROM mine")
    assert mine.num_rows == 1


# -- the statement's time

CLOCKS = ["now()", "current_timestamp", "get_current_timestamp()", "transaction_timestamp()"]
DAYS = ["current_date", "today()"]
LOCAL = ["localtimestamp", "current_localtimestamp()"]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_every_clock_shows_the_same_time_within_a_statement(connection, zone):
    connection.execute(f"SET timezone = '{zone}'")
    text = f"SELECT {', '.join(CLOCKS + DAYS + LOCAL)}, localtime, current_time, (SELECT now()) FROM customers"
    rows = connection.execute(text).fetchall()
    assert len(set(rows)) == 1
    now, *rest = rows[0]
    assert rest[:3] == [now] * 3
    assert rest[3:5] == [now.date()] * 2
    assert rest[5:7] == [now.replace(tzinfo=None)] * 2
    assert rest[7:9] == [now.time()] * 2
    assert rest[9] == now
    assert str(now.tzinfo) == zone


def test_the_time_goes_on_between_statements(connection):
    first = connection.execute("SELECT now(), age(TIMESTAMP '2020-01-01')").fetchone()
    second = connection.execute("SELECT now(), age(TIMESTAMP '2020-01-01')").fetchone()
    assert second[0] > first[0]
    assert second[1] == first[1] or second[1] > first[1]


def test_the_time_is_the_servers():
    ahead = Simulator(empty=True, now=dt.datetime(2030, 6, 1, tzinfo=dt.UTC).timestamp())
    with stripesql.connect(demo=True, transport=ahead.transport()) as connection:
        connection.execute("SELECT id FROM customers").fetchall()
        assert connection.execute("SELECT current_date").fetchone() == (dt.date(2030, 6, 1),)


def test_labels_of_clocks_are_the_users(connection):
    assert [column[0] for column in connection.execute("SELECT now(), current_date, today() AS t").description] == [
        "now()",
        "current_date",
        "t",
    ]


def test_age_counts_from_today(connection):
    assert connection.execute(
        "SELECT age(current_date) = INTERVAL 0 DAY, age(TIMESTAMP '2024-03-01', TIMESTAMP '2024-02-01') = INTERVAL 1 MONTH"
    ).fetchone() == (True, True)


# -- money


@pytest.mark.parametrize(
    ("amount", "currency", "value"),
    [
        ("1234", "'usd'", "12.340"), ("1234", "'jpy'", "1234.000"), ("1234", "'kwd'", "1.234"), ("1234", "'USD'", "12.340"), ("1234", "'JPY'", "1234.000"), ("-5", "'eur'", "-0.050"), ("0", "'usd'", "0.000"),
        ("9223372036854775807", "'usd'", "92233720368547758.070"), ("9223372036854775807", "'kwd'", "9223372036854775.807"), ("9223372036854775807", "'jpy'", "9223372036854775807.000"), ("-9223372036854775808", "'jpy'", "-9223372036854775808.000"),
        ("sum(5)", "'usd'", "0.050"), ("NULL", "'usd'", None), ("5", "NULL", None), ("99999999999999999999999999999999999::HUGEINT", "'jpy'", "99999999999999999999999999999999999.000"),
    ],
)  # fmt: skip
def test_money_is_exact_in_every_currency(connection, amount, currency, value):
    cursor = connection.execute(f"SELECT money({amount}, {currency})")
    assert cursor.description[0][1] == "DECIMAL(38,3)"
    assert cursor.fetchone() == (None if value is None else Decimal(value),)


def test_money_beyond_38_digits_is_an_error(connection):
    with pytest.raises(stripesql.DataError):
        connection.execute("SELECT money(100000000000000000000000000000000000::HUGEINT, 'jpy')").fetchall()


# -- locks


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM read_parquet('x')", "SELECT * FROM glob('/*')", "SELECT * FROM '/etc/passwd'", "SELECT * FROM \"/etc/passwd\"",
        "COPY (SELECT 1) TO '/tmp/x'", "EXPORT DATABASE 'x'", "ATTACH '/tmp/x'", "INSTALL httpfs", "LOAD httpfs", "SELECT * FROM duckdb_settings()", "SELECT * FROM duckdb_tables()", "SELECT * FROM pragma_version()",
        "SELECT getenv('HOME')", "SELECT current_setting('temp_directory')", "SELECT getvariable('stripesql_now')", "CREATE SECRET (TYPE S3)", "SELECT * FROM sqlite_master", "SELECT * FROM pg_catalog.pg_class", "SELECT * FROM which_secret('a', 'b')",
        "SELECT * FROM query('SELECT 1')", "SELECT * FROM query_table('a')", "SELECT * FROM __scan_0", "SELECT load_extension('x')", "SELECT * FROM 'http://example.com/x.csv'", "SELECT write_log('x')",
    ],
)  # fmt: skip
def test_sql_reaches_neither_files_nor_the_engine(connection, statement):
    with pytest.raises(stripesql.DatabaseError) as caught:
        connection.execute(statement).fetchall()
    assert not isinstance(caught.value, stripesql.InternalError)


def test_a_wrong_memory_limit_is_explained(sim):
    with (
        stripesql.connect(demo=True, transport=sim.transport(), memory_limit="lots") as connection,
        pytest.raises(stripesql.OperationalError, match="engine cannot start"),
    ):
        connection.execute("SELECT 1")


def test_cursors_of_one_connection_keep_their_results_apart(connection):
    cursors = [connection.execute(f"SELECT {number} FROM customers") for number in range(4)]
    assert [cursor.fetchone() for cursor in cursors] == [(0,), (1,), (2,), (3,)]
    cursors[1].close()
    assert {row for cursor in (cursors[0], cursors[2]) for row in cursor.fetchall()} == {(0,), (2,)}
