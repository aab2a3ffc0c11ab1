"""Hold the undocumented ways of DuckDB that the engine stands on, and the exactness of the filters that it hands over.

A new version of DuckDB or pyarrow that fails here asks for another way to show row sources, not for a looser test.
"""

import datetime as dt
import math
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest

from stripesql.engine.cursor import Source
from stripesql.engine.instance import Engine

NOW = dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC)
UTC = dt.UTC
JSON = {"ARROW:extension:name": "arrow.json", "ARROW:extension:metadata": ""}
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field("n", pa.int64()),
        pa.field("f", pa.float64()),
        pa.field("b", pa.bool_()),
        pa.field("t", pa.timestamp("us", tz="UTC")),
        pa.field("d", pa.decimal128(38, 12)),
        pa.field("j", pa.string(), metadata=JSON),
        pa.field("day", pa.date32()),
    ]
)


def _row(index):
    none = index % 7 == 0
    return {
        "id": f"id_{index:02}" if index % 11 else None,
        "n": None if none else index - 10,
        "f": [1.5, -0.0, 0.0, math.nan, math.inf, -math.inf, None, 2.5][index % 8],
        "b": [True, False, None][index % 3],
        "t": None if index % 5 == 0 else dt.datetime(2024, 3, 31, tzinfo=UTC) + dt.timedelta(minutes=30 * (index - 10)),
        "d": None if none else Decimal(index - 10) / 8,
        "j": [None, "{}", '{"a": 1}', "[1, 2]", '"x"'][index % 5],
        "day": None if none else dt.date(2024, 2, 27) + dt.timedelta(days=index % 6),
    }


ROWS = [_row(index) for index in range(40)]
OTHER = pa.table({"key": pa.array(["id_01", "id_02", "id_03", None, "id_99"]), "n": pa.array([1, 2, None, 4, 1], pa.int64())})


class Recorded:
    """Give rows in batches of three, and note what was asked."""

    def __init__(self, table, size=3):
        self.schema = table.schema
        self.table = table
        self.size = size
        self.asked = []
        self.given = 0

    def batches(self, columns):
        self.asked.append(None if columns is None else list(columns))
        for batch in self.table.select(self.schema.names if columns is None else columns).to_batches(max_chunksize=self.size):
            self.given += 1
            yield batch


TABLE = pa.Table.from_pylist(ROWS, schema=SCHEMA)


@pytest.fixture(scope="module")
def engine():
    engine = Engine()
    yield engine
    engine.close()


@pytest.fixture
def cursor(engine):
    cursor = engine.cursor()
    cursor.begin("Europe/Berlin", NOW)
    yield cursor
    cursor.close()


@pytest.fixture(scope="module")
def native():
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'Europe/Berlin'; SET threads = 1")
    connection.register("arrow_a", TABLE)
    connection.register("arrow_o", OTHER)
    connection.execute("CREATE TABLE a AS SELECT * FROM arrow_a; CREATE TABLE o AS SELECT * FROM arrow_o")
    yield connection
    connection.close()


def _rows(cursor, text, mentioned=None):
    source, other = Recorded(TABLE), Recorded(OTHER)
    result = cursor.run(text, {"a": Source(source, mentioned), "o": Source(other, None)})
    return [
        tuple(row.values())
        for batch in result.batches()
        for row in batch.rename_columns([str(i) for i in range(batch.num_columns)]).to_pylist()
    ]


def _comparable(rows):
    return sorted(repr(row) for row in rows)


FILTERS = [
    "id = 'id_05'", "id <> 'id_05'", "id < 'id_05'", "id >= 'id_30'", "id IN ('id_01', 'id_02', 'nothing')", "id NOT IN ('id_01', 'id_02')", "id NOT IN ('id_01', NULL)",
    "id IS NULL", "id IS NOT NULL", "NOT (id = 'id_05')", "id LIKE 'id_1%'", "id NOT LIKE 'id_1%'", "id ILIKE 'ID_1%'", "id BETWEEN 'id_03' AND 'id_07'", "id IS DISTINCT FROM 'id_05'",
    "id IS NOT DISTINCT FROM NULL", "starts_with(id, 'id_2')", "length(id) = 5", "id = ''", "id > chr(0)",
    "n = 5", "n <> 5", "n < 0", "n <= 0", "n > 0", "n >= 0", "n IN (1, 2, 3)", "n NOT IN (1, 2, 3)", "n IN (1, NULL)", "n IS NULL", "NOT (n > 5)", "NOT (n IS NULL)", "n BETWEEN -3 AND 3",
    "n = 5.0", "n = 5.5", "n > 4.5", "n::VARCHAR = '5'", "n + 1 = 6", "n = 9223372036854775807", "n > 9223372036854775806::HUGEINT", "n % 2 = 0", "abs(n) = 3",
    "f = 1.5", "f <> 1.5", "f > 1", "f >= 2.5", "f < 0", "f <= 0", "f = 0", "f = -0.0", "f = 'nan'::DOUBLE", "f > 'inf'::DOUBLE", "f >= 'inf'::DOUBLE", "f < 'nan'::DOUBLE", "f <> 'nan'::DOUBLE",
    "NOT (f > 1)", "NOT (f < 1)", "f IN (0.0, 1.5)", "f NOT IN (0.0, 1.5)", "f IN ('nan'::DOUBLE)", "f IS NULL", "isnan(f)", "f BETWEEN 0 AND 2",
    "b", "NOT b", "b = true", "b = false", "b IS NULL", "b IS NOT TRUE", "b IS FALSE", "b IS NOT NULL", "b <> true", "b IS DISTINCT FROM true",
    "t = TIMESTAMPTZ '2024-03-31 02:00:00+00'", "t > TIMESTAMPTZ '2024-03-31 02:00:00+01'", "t < TIMESTAMPTZ '2024-03-31 03:30:00 Europe/Berlin'", "t >= TIMESTAMP '2024-03-31 03:00:00'",
    "t >= DATE '2024-03-31'", "t::DATE = DATE '2024-03-31'", "date_trunc('hour', t) = TIMESTAMPTZ '2024-03-31 00:00:00+00'", "t IN (TIMESTAMPTZ '2024-03-31 00:30:00+00', NULL)",
    "t NOT IN (TIMESTAMPTZ '2024-03-31 00:30:00+00')", "t IS NULL", "NOT (t > TIMESTAMPTZ '2024-03-31 00:00:00+00')", "extract(hour FROM t) = 4", "t > TIMESTAMPTZ '2024-03-31 00:00:00.0000001+00'",
    "d = 0.125", "d = 0.1250000000000", "d < -0.5", "d > 0.1", "d IN (0.125, 0.25)", "d NOT IN (0.125, 0.25)", "d IS NULL", "d = 1", "NOT (d >= 0.5)",
    "j = '{}'", "j IS NULL", "j->>'a' = '1'", "j <> '{}'", "json_valid(j)", "j IN ('{}', '[1, 2]')",
    "day = DATE '2024-02-29'", "day > DATE '2024-02-28'", "day IN (DATE '2024-02-29')", "day <> DATE '2024-02-29'", "day = TIMESTAMP '2024-02-29 00:00:01'", "day IS NULL",
    "n > 0 AND b", "n > 0 OR b", "NOT (n > 0 AND b)", "NOT (n > 0 OR b IS NULL)", "n > 0 AND f > 0 AND id > 'id_2'", "(n = 1 OR n = 2) AND (b OR f > 0)", "n = 1 OR id = 'id_20' OR t IS NULL",
    "CASE WHEN n > 0 THEN b ELSE NOT b END", "coalesce(n, 0) = 0", "true", "false", "NULL", "n = n", "n <> n", "f = f", "n > f", "n::DOUBLE = f", "id = j::VARCHAR",
]  # fmt: skip


@pytest.mark.parametrize("condition", FILTERS)
def test_a_filter_keeps_the_rows_that_a_native_table_keeps(cursor, native, condition):
    for text in (
        f"SELECT * FROM a WHERE {condition}",
        f"SELECT count(*) FROM a WHERE NOT ({condition})",
        f"SELECT n FROM a WHERE {condition}",
    ):
        assert _comparable(_rows(cursor, text)) == _comparable(_rows_of(native, text))


def _rows_of(native, text):
    table = native.sql(text).to_arrow_table()
    return [tuple(row.values()) for row in table.rename_columns([str(i) for i in range(table.num_columns)]).to_pylist()]


SHAPES = [
    "SELECT * FROM a", "SELECT id FROM a", "SELECT count(*) FROM a", "SELECT count(id), count(DISTINCT b), sum(n), avg(f), min(t), max(day) FROM a", "SELECT 1 FROM a",
    "SELECT b, count(*), sum(n) FROM a GROUP BY b", "SELECT b, count(*) FROM a GROUP BY ALL HAVING count(*) > 12", "SELECT DISTINCT b FROM a", "SELECT DISTINCT ON (b) b FROM a",
    "SELECT id, n FROM a ORDER BY n NULLS FIRST, id", "SELECT id, t FROM a ORDER BY t DESC NULLS LAST LIMIT 5", "SELECT * FROM a ORDER BY id NULLS LAST LIMIT 3 OFFSET 4", "SELECT id FROM a WHERE n > 0 ORDER BY id LIMIT 2",
    "SELECT a.id, o.n FROM a JOIN o ON a.id = o.key", "SELECT a.id, o.n FROM a LEFT JOIN o ON a.id = o.key", "SELECT a.id, o.key FROM a RIGHT JOIN o ON a.id = o.key", "SELECT a.id, o.key FROM a FULL JOIN o ON a.id = o.key",
    "SELECT a.id FROM a SEMI JOIN o ON a.id = o.key", "SELECT a.id FROM a ANTI JOIN o ON a.id = o.key", "SELECT count(*) FROM a CROSS JOIN o", "SELECT a.id, o.n FROM a JOIN o USING (n)", "SELECT count(*) FROM a NATURAL JOIN o",
    "SELECT a.n, o.n FROM a JOIN o ON a.n < o.n", "SELECT x.id, y.id FROM a x JOIN a y ON x.n = y.n + 1", "SELECT * FROM a WHERE id IN (SELECT key FROM o)", "SELECT * FROM a WHERE id NOT IN (SELECT key FROM o)",
    "SELECT * FROM a WHERE id NOT IN (SELECT key FROM o WHERE key IS NOT NULL)", "SELECT * FROM a WHERE EXISTS (SELECT 1 FROM o WHERE o.key = a.id)", "SELECT * FROM a WHERE NOT EXISTS (SELECT 1 FROM o WHERE o.key = a.id)",
    "SELECT id, (SELECT max(o.n) FROM o WHERE o.key = a.id) FROM a", "SELECT * FROM a WHERE n > (SELECT avg(n) FROM a)", "SELECT * FROM a WHERE n >= ALL (SELECT n FROM o WHERE n IS NOT NULL)",
    "SELECT id, x.k FROM a, LATERAL (SELECT o.key AS k FROM o WHERE o.n = a.n) x", "SELECT id FROM a UNION SELECT key FROM o", "SELECT id FROM a UNION ALL SELECT key FROM o", "SELECT id FROM a EXCEPT SELECT key FROM o",
    "SELECT id FROM a INTERSECT SELECT key FROM o", "SELECT id, row_number() OVER (PARTITION BY b ORDER BY id) FROM a", "SELECT id FROM a QUALIFY row_number() OVER (PARTITION BY b ORDER BY id) = 1",
    "WITH x AS (SELECT * FROM a WHERE n > 0) SELECT count(*) FROM x x1 JOIN x x2 USING (id)", "WITH RECURSIVE r(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM r WHERE i < 3) SELECT i, id FROM r JOIN a ON a.n = r.i",
    "PIVOT (SELECT b, n, day FROM a) ON b USING sum(n) GROUP BY day", "UNPIVOT (SELECT id, n, n + 1 AS m FROM a) ON n, m INTO NAME k VALUE v", "SELECT COLUMNS('^[nd]$') FROM a", "SELECT max(COLUMNS(*)) FROM (SELECT id, n FROM a)",
    "SELECT a FROM a WHERE n = 1", "FROM a SELECT id WHERE b", "SELECT unnest([id, j::VARCHAR]) FROM a", "SELECT list(n ORDER BY n) FROM a WHERE b", "SELECT id, sum(n) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM a",
    "SELECT b, day, count(*) FROM a GROUP BY GROUPING SETS ((b), (day), ())", "SELECT b, count(*) FROM a GROUP BY ROLLUP (b)", "SELECT id FROM (SELECT id, n FROM a ORDER BY n DESC NULLS LAST, id LIMIT 5) WHERE n > 1",
    "SELECT j.a FROM a WHERE j = '{\"a\": 1}'", "SELECT t AT TIME ZONE 'UTC', t::DATE, date_trunc('day', t) FROM a", "SELECT a.id FROM a ASOF JOIN o ON a.n >= o.n", "SELECT arg_max(id, n), arg_min(id, n), mode(b), median(f) FROM a WHERE NOT isnan(f)",
]  # fmt: skip


@pytest.mark.parametrize("text", SHAPES)
def test_a_query_gives_the_rows_of_a_native_table(cursor, native, text):
    assert _comparable(_rows(cursor, text)) == _comparable(_rows_of(native, text))


@pytest.mark.parametrize("text", [text for text in SHAPES if "ORDER BY" in text and "OVER" not in text and "ON (" not in text][:4])
def test_an_order_survives(cursor, native, text):
    assert [repr(row) for row in _rows(cursor, text)] == [repr(row) for row in _rows_of(native, text)]


def test_only_the_columns_that_a_query_uses_are_asked_for(cursor):
    source = Recorded(TABLE)
    result = cursor.run("SELECT id FROM a", {"a": Source(source, None)})
    list(result.batches())
    assert source.asked == [["id"]]


def test_a_filter_is_handed_over_and_its_columns_are_read_too(cursor):
    source = Recorded(TABLE)
    result = cursor.run("SELECT id FROM a WHERE n = 5", {"a": Source(source, frozenset({"id", "n", "a"}))})
    assert [batch.to_pylist() for batch in result.batches() if batch.num_rows] == [[{"id": "id_15"}]]
    assert [set(columns) for columns in source.asked] == [{"id", "n"}]


def test_a_count_asks_for_no_column_that_matters(cursor):
    source = Recorded(TABLE)
    list(cursor.run("SELECT count(*) FROM a", {"a": Source(source, None)}).batches())
    assert [len(columns) for columns in source.asked] <= [1]


@pytest.mark.parametrize(
    ("text", "most"), [("SELECT * FROM a LIMIT 2", 1), ("SELECT id FROM a WHERE n IS NOT NULL LIMIT 2", 1), ("SELECT * FROM a LIMIT 0", 1)]
)
def test_a_limit_reads_no_batch_beyond_what_it_needs(cursor, text, most):
    source = Recorded(TABLE)
    list(cursor.run(text, {"a": Source(source, None)}).batches())
    assert source.given <= most


def test_the_first_rows_come_before_the_source_is_read_through(cursor):
    many = pa.table({"id": [f"id_{i}" for i in range(10_000)]})
    source = Recorded(many, size=100)
    batches = cursor.run("SELECT * FROM a", {"a": Source(source, None)}).batches()
    assert next(batches).num_rows > 0
    assert source.given <= 3


def test_a_source_may_be_scanned_again_within_a_query(cursor):
    source = Recorded(TABLE)
    text = "SELECT count(*) FROM a x, a y"
    (batch,) = cursor.run(text, {"a": Source(source, None)}).batches()
    assert batch.to_pylist()[0].popitem()[1] == len(ROWS) ** 2
    assert len(source.asked) == 2


def test_a_source_that_fails_raises_its_own_error(cursor):
    class Failing(Recorded):
        def batches(self, columns):
            yield from super().batches(columns)
            raise KeyError("lost")

    from stripesql.errors import InternalError, OperationalError

    with pytest.raises(InternalError, match="KeyError") as caught:
        list(cursor.run("SELECT sum(n) FROM a", {"a": Source(Failing(TABLE), None)}).batches())
    assert isinstance(caught.value.__cause__, KeyError)

    problem = OperationalError("the network is down")

    class Down(Recorded):
        def batches(self, columns):
            raise problem
            yield

    with pytest.raises(OperationalError) as caught:
        list(cursor.run("SELECT sum(n) FROM a", {"a": Source(Down(TABLE), None)}).batches())
    assert caught.value is problem


def test_a_source_of_no_rows_gives_none(cursor):
    source = Recorded(TABLE.slice(0, 0))
    assert list(cursor.run("SELECT * FROM a WHERE n = 1", {"a": Source(source, None)}).batches()) == []


def test_a_cursor_that_is_used_again_reads_the_rows_of_its_own_statement(engine):
    for round_ in range(6):
        cursor = engine.cursor()
        cursor.begin("UTC" if round_ % 2 else "Asia/Tokyo", NOW)
        table = pa.table({"n": list(range(round_ * 3))} if round_ % 3 else {"n": [str(round_)]})
        source = Source(Recorded(table), None)
        (batch,) = [
            batch
            for batch in cursor.run("SELECT count(*), min(n)::VARCHAR, current_date FROM a", {"a": source}).batches()
            if batch.num_rows
        ]
        rows = table.column("n").to_pylist()
        assert [column.to_pylist()[0] for column in batch.columns][:2] == [len(rows), str(min(rows))]
        cursor.close()


def test_a_cursor_that_was_interrupted_is_not_used_again(engine):
    cursor = engine.cursor()
    cursor.begin("UTC", NOW)
    reader = cursor.run("SELECT * FROM a", {"a": Source(Recorded(TABLE), None)}).batches()
    next(reader)
    cursor.interrupt()
    cursor.close()
    another = engine.cursor()
    cursor.interrupt()
    another.begin("UTC", NOW)
    assert len(_rows(another, "SELECT * FROM a")) == len(ROWS)
    another.close()


def test_nothing_holds_a_source_after_its_statement(engine):
    import gc
    import weakref

    cursor = engine.cursor()
    cursor.begin("UTC", NOW)
    source = Recorded(TABLE)
    seen = weakref.ref(source)
    result = cursor.run("SELECT count(*) FROM a", {"a": Source(source, None)})
    list(result.batches())
    result.close()
    del result, source
    gc.collect()
    assert seen() is None
    cursor.close()


def test_a_statement_may_read_many_relations(engine):
    cursor = engine.cursor()
    cursor.begin("UTC", NOW)
    for first in (0, 40, 0):
        names = [f"r_{index}" for index in range(first, first + 40)]
        text = " UNION ALL ".join(f"SELECT count(*) AS n FROM {name}" for name in names)
        batches = cursor.run(f"SELECT sum(n)::BIGINT AS n FROM ({text})", {name: Source(Recorded(TABLE), None) for name in names}).batches()
        assert [row["n"] for batch in batches for row in batch.to_pylist()] == [40 * len(ROWS)]
    cursor.close()
