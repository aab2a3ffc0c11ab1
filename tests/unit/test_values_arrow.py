"""What Arrow readers of a cursor get."""

import duckdb
import polars as pl
import pyarrow as pa
import pytest

import stripesql
from stripesql.simulator import Simulator
from stripesql.simulator.faults import Fault


@pytest.fixture(scope="module")
def sim():
    return Simulator(scale=0.2)


@pytest.fixture
def connection(sim):
    sim.faults.clear()
    with stripesql.connect(demo=True, transport=sim.transport()) as connection:
        yield connection


QUERY = "SELECT id, created, metadata, amount FROM charges"


def test_table_holds_text_for_json_and_microseconds_for_times(connection):
    table = connection.execute(QUERY).fetch_arrow_table()
    assert table.schema.types == [pa.string(), pa.timestamp("us", "UTC"), pa.string(), pa.int64()]
    rows = connection.execute(QUERY).fetchall()
    assert table.column("id").to_pylist() == [row[0] for row in rows]
    assert table.num_rows == len(rows)


@pytest.mark.parametrize(
    ("expression", "kind", "value"),
    [
        ("sum(x)", pa.int64(), 6),
        ("list(x::HUGEINT)", pa.list_(pa.int64()), [1, 2, 3]),
        ("{'a': 1::HUGEINT}", pa.struct([("a", pa.int64())]), {"a": 1}),
        ("MAP {'a': 1::HUGEINT}", pa.map_(pa.string(), pa.int64()), [("a", 1)]),
        ("[1::HUGEINT, 2]::HUGEINT[2]", pa.list_(pa.int64(), 2), [1, 2]),
        ("5::UHUGEINT", pa.uint64(), 5),
        ("5::DECIMAL(38, 0)", pa.decimal128(38, 0), 5),
        ("{'a': {'b': [NULL, 7::HUGEINT]}}", None, {"a": {"b": [None, 7]}}),
    ],
)
def test_integers_of_128_bits_become_64(connection, expression, kind, value):
    table = connection.execute(f"SELECT {expression} AS v FROM (SELECT unnest([1, 2, 3]) AS x) GROUP BY ALL LIMIT 1").fetch_arrow_table()
    if kind is not None:
        assert table.schema.field("v").type.equals(kind)
    found = table.column("v").to_pylist()[0]
    assert found == value or dict(found) == dict(value)


@pytest.mark.parametrize("expression", ["9223372036854775808::HUGEINT", "170141183460469231731687303715884105727::HUGEINT", "(-9223372036854775809)::HUGEINT", "[9223372036854775808::HUGEINT]", "18446744073709551616::UHUGEINT", "340282366920938463463374607431768211455::UHUGEINT"])  # fmt: skip
def test_integers_that_do_not_fit_are_data_errors_and_never_wrap(connection, expression):
    with pytest.raises(stripesql.DataError, match="64 bits"):
        connection.execute(f"SELECT {expression}").fetch_arrow_table()
    with pytest.raises(stripesql.DataError, match="64 bits"):
        connection.execute(f"SELECT {expression}").fetch_arrow().read_all()


def test_session_zone_is_the_zone_of_arrow_times(connection):
    connection.execute("SET timezone = 'Europe/Berlin'")
    assert connection.execute("SELECT now()").fetch_arrow_table().schema.types == [pa.timestamp("us", "Europe/Berlin")]


@pytest.mark.parametrize("name", ["fetch_arrow", "fetch_record_batch"])
def test_a_reader_streams(connection, sim, name):
    sim.clear_log()
    reader = getattr(connection.execute(QUERY), name)()
    assert isinstance(reader, pa.RecordBatchReader)
    assert reader.read_next_batch().num_rows > 0
    assert len(sim.log) <= 4  # after one page, at most three are read ahead
    rest = reader.read_all()
    assert rest.num_rows > 0
    assert len(sim.log) > 4


def test_polars_and_duckdb_and_pyarrow_read_a_cursor(connection):
    expected = connection.execute(QUERY).fetch_arrow_table()
    assert pa.table(connection.execute(QUERY)).equals(expected)
    assert pl.DataFrame(connection.execute(QUERY)).to_arrow().column("id").to_pylist() == expected.column("id").to_pylist()
    cursor = connection.execute(QUERY)  # noqa: F841  DuckDB finds it by its name
    assert (
        duckdb.sql("SELECT count(*), sum(amount) FROM cursor").fetchall()
        == connection.execute(f"SELECT count(*), sum(amount) FROM ({QUERY})").fetchall()
    )


def test_arrow_gives_the_rows_that_tuples_left(connection):
    ids = [row[0] for row in connection.execute("SELECT id FROM charges").fetchall()]
    cursor = connection.execute("SELECT id FROM charges")
    first = [cursor.fetchone()[0], *(row[0] for row in cursor.fetchmany(130))]
    reader = cursor.fetch_arrow()
    second = reader.read_next_batch().column(0).to_pylist()
    third = [row[0] for row in cursor.fetchmany(5)]
    assert cursor.rownumber == len(first) + len(second) + len(third)
    rest = cursor.fetch_arrow_table().column(0).to_pylist()
    assert first + second + third + rest == ids
    assert cursor.rowcount == len(ids)
    assert cursor.fetchall() == []
    assert cursor.fetch_arrow_table().num_rows == 0


def test_an_empty_result_has_its_schema(connection):
    table = connection.execute("SELECT id, sum(amount) AS s FROM charges WHERE id = 'ch_none' GROUP BY id").fetch_arrow_table()
    assert table.schema.names == ["id", "s"]
    assert table.schema.types == [pa.string(), pa.int64()]


def test_errors_of_a_stream_are_ours(connection, sim):
    for read in (
        lambda cursor: cursor.fetch_arrow_table(),
        lambda cursor: cursor.fetch_arrow().read_all(),
        lambda cursor: list(cursor.fetch_arrow()),
    ):
        cursor = connection.execute("SELECT id FROM charges")
        cursor.fetchone()
        sim.faults.every(Fault.BAD_JSON, 1)
        with pytest.raises(stripesql.ApiFailure):
            read(cursor)
        sim.faults.clear()


def test_errors_that_cross_the_c_interface_keep_their_words(connection, sim):
    cursor = connection.execute("SELECT id FROM charges")
    cursor.fetchone()
    sim.faults.every(Fault.BAD_JSON, 1)
    with pytest.raises(pa.ArrowException, match="answer is not JSON"):
        pa.table(cursor)


def test_a_reader_ends_with_its_cursor_and_its_statement(connection):
    cursor = connection.execute("SELECT id FROM charges")
    reader = cursor.fetch_arrow()
    reader.read_next_batch()
    cursor.execute("SELECT 1 AS id")
    with pytest.raises(stripesql.InterfaceError, match="another statement"):
        reader.read_next_batch()
    assert cursor.fetchall() == [(1,)]
    late = connection.execute("SELECT id FROM charges")
    reader = late.fetch_arrow()
    late.close()
    with pytest.raises(stripesql.InterfaceError, match="closed"):
        reader.read_next_batch()


def test_explain_and_show_are_arrow_too(connection):
    assert connection.execute("EXPLAIN SELECT id FROM customers").fetch_arrow_table().num_rows > 0
    assert connection.execute("SHOW timezone").fetch_arrow_table().to_pylist() == [{"timezone": "UTC"}]


def test_a_cursor_has_no_method_that_notebooks_take_for_duckdbs(connection):
    assert not hasattr(connection.cursor(), "df")
    assert not hasattr(connection.cursor(), "pl")
