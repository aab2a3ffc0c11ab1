"""What the rows of a cursor hold, type by type."""

import datetime as dt
import math
import uuid
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

import stripesql
from stripesql.simulator import Simulator

UTC = dt.UTC
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module")
def sim():
    sim = Simulator(empty=True)
    sim.insert("customers", {"id": "cus_json", "metadata": {"a": "1", "ü": "☃"}, "created": 1_700_000_000})
    sim.insert("customers", {"id": "cus_none", "metadata": {}, "created": 1_700_000_001})
    return sim


@pytest.fixture
def connection(sim):
    with stripesql.connect(demo=True, transport=sim.transport()) as connection:
        yield connection


VALUES = [
    ("1::TINYINT", 1), ("1::UBIGINT", 1), ("18446744073709551615::UBIGINT", 2**64 - 1), ("(-5)::HUGEINT", -5), ("170141183460469231731687303715884105727::HUGEINT", 2**127 - 1),
    ("(-170141183460469231731687303715884105728)::HUGEINT", -(2**127)), ("340282366920938463463374607431768211455::UHUGEINT", 2**128 - 1), ("123456789012345678901234567890123456789012345::BIGNUM", 123456789012345678901234567890123456789012345),
    ("[1::HUGEINT, NULL]", [1, None]), ("[340282366920938463463374607431768211455::UHUGEINT]", [2**128 - 1]), ("sum(5)", 5),
    ("1.50::DECIMAL(10, 2)", Decimal("1.50")), ("(-0.000000000001)::DECIMAL(38, 12)", Decimal("-1E-12")), ("99999999999999999999999999.999999999999::DECIMAL(38, 12)", Decimal("99999999999999999999999999.999999999999")),
    ("'inf'::DOUBLE", math.inf), ("1.5::FLOAT", 1.5), ("true", True), ("'a'", "a"), ("''", ""), ("NULL", None), ("'a'::ENUM('a', 'b')", "a"), ("'\\xAA\\x00'::BLOB", b"\xaa\x00"), ("'0101'::BIT", "0101"), ("['01'::BIT]", ["01"]),
    ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::UUID", uuid.UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")), ("['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::UUID]", [uuid.UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")]),
    ("'{\"a\": [1, 2.5, null, true, \"x\"]}'::JSON", {"a": [1, 2.5, None, True, "x"]}), ("'null'::JSON", None), ("'123456789012345678901234567890'::JSON", 123456789012345678901234567890), ("NULL::JSON", None), ("'\"x\"'::JSON", "x"),
    ("['{}'::JSON, NULL]", [{}, None]), ("[['[1]'::JSON]]", [[[1]]]), ("{'j': '{\"a\": 1}'::JSON, 'k': NULL::JSON}", {"j": {"a": 1}, "k": None}), ("MAP {'a': '[1]'::JSON, 'b': NULL}", {"a": [1], "b": None}), ("'{\"a\": 1}'::VARIANT", '{"a": 1}'),
    ("{'a': 1, 'b c': {'d': [1, 2]}}", {"a": 1, "b c": {"d": [1, 2]}}), ("{'say \"hi\"': '01'::BIT}", {'say "hi"': "01"}), ("NULL::STRUCT(a HUGEINT)", None), ("[]", []), ("[NULL]", [None]), ("[1, 2]::INTEGER[2]", [1, 2]), ("['1'::BIT]::BIT[1]", ["1"]),
    ("MAP {}", {}), ("MAP {1: 'a', 2: NULL}", {1: "a", 2: None}), ("MAP {[1]: 'a'}", [([1], "a")]), ("MAP {'a': '1'::BIT}", {"a": "1"}), ("NULL::MAP(VARCHAR, INTEGER)", None), ("union_value(a := 1)", 1),
    ("DATE '0001-01-01'", dt.date(1, 1, 1)), ("DATE '9999-12-31'", dt.date(9999, 12, 31)), ("TIME '23:59:59.999999'", dt.time(23, 59, 59, 999999)), ("TIMESTAMP '1969-12-31 23:59:59.5'", dt.datetime(1969, 12, 31, 23, 59, 59, 500000)),
    ("TIMESTAMP_S '2020-01-01 00:00:01'", dt.datetime(2020, 1, 1, 0, 0, 1)), ("TIMESTAMP_MS '2020-01-01 00:00:00.001'", dt.datetime(2020, 1, 1, 0, 0, 0, 1000)), ("TIMESTAMP_NS '2020-01-01 00:00:00.123456789'", dt.datetime(2020, 1, 1, 0, 0, 0, 123456)),
    ("TIMESTAMP_NS '1969-12-31 23:59:59.999999999'", dt.datetime(1969, 12, 31, 23, 59, 59, 999999)), ("[TIMESTAMP_NS '2020-01-01 00:00:00.123456789']", [dt.datetime(2020, 1, 1, 0, 0, 0, 123456)]),
    ("'10:00:00+02'::TIMETZ", dt.time(10, tzinfo=dt.timezone(dt.timedelta(hours=2)))), ("['10:00:00.5-03:30'::TIMETZ, NULL]", [dt.time(10, 0, 0, 500000, dt.timezone(-dt.timedelta(hours=3, minutes=30))), None]),
    ("INTERVAL '1 month 2 days 3 seconds'", dt.timedelta(days=32, seconds=3)), ("INTERVAL '-1 hour'", -dt.timedelta(hours=1)), ("[INTERVAL 1 DAY]", [dt.timedelta(days=1)]), ("INTERVAL 1 MICROSECOND", dt.timedelta(microseconds=1)),
    ("TIMESTAMPTZ '1969-07-20 20:17:40.000001+00'", dt.datetime(1969, 7, 20, 20, 17, 40, 1, tzinfo=UTC)), ("TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'", dt.datetime.max.replace(tzinfo=UTC)), ("TIMESTAMPTZ '0001-01-01 00:00:00+00'", dt.datetime.min.replace(tzinfo=UTC)),
]  # fmt: skip


def _same_types(left, right):
    assert type(left) is type(right), (left, right)
    if isinstance(left, list | tuple):
        for a, b in zip(left, right, strict=True):
            _same_types(a, b)
    if isinstance(left, dict):
        for key, value in left.items():
            _same_types(value, right[key])


@pytest.mark.parametrize(("expression", "value"), VALUES, ids=[expression for expression, _ in VALUES])
def test_values_of_each_type(connection, expression, value):
    found = connection.execute(f"SELECT {expression} AS v").fetchone()[0]
    assert found == value
    _same_types(found, value)


def test_a_column_that_needs_care_does_not_disturb_labels_or_order(connection):
    cursor = connection.execute(
        'SELECT x AS a, \'1\'::BIT AS a, x::BIGNUM AS "b ""c""" FROM (SELECT unnest([3, 1, 2]) AS x) ORDER BY x DESC -- the end'
    )
    assert [column[:2] for column in cursor.description] == [("a", "INTEGER"), ("a", "BIT"), ('b "c"', "BIGNUM")]
    assert cursor.fetchall() == [(3, "1", 3), (2, "1", 2), (1, "1", 1)]


@pytest.mark.parametrize("expression", ["TIMESTAMPTZ '10000-01-01 00:00:00+00'", "TIMESTAMPTZ 'infinity'", "TIMESTAMP '-infinity'", "DATE 'infinity'", "DATE '5000-01-01 (BC)'", "[TIMESTAMPTZ 'infinity']", "TIMESTAMPTZ '0044-03-15 (BC) 00:00:00+00'"])  # fmt: skip
def test_times_beyond_python_are_data_errors_that_name_the_way_out(connection, expression):
    with pytest.raises(stripesql.DataError, match="fetch_arrow_table"):
        connection.execute(f"SELECT {expression}").fetchall()


def test_json_columns_are_objects_of_their_own(connection):
    rows = connection.execute("SELECT metadata FROM customers ORDER BY id").fetchall()
    assert rows == [({"a": "1", "ü": "☃"},), ({},)]
    assert connection.execute("SELECT list(metadata ORDER BY id) FROM customers").fetchone() == ([{"a": "1", "ü": "☃"}, {}],)


def test_json_that_only_python_accepts_is_read(connection):
    field = pa.field("j", pa.string(), metadata={"ARROW:extension:name": "arrow.json", "ARROW:extension:metadata": ""})
    connection.register("odd", pa.table([pa.array(['"\\ud83d"', "[NaN]"])], schema=pa.schema([field])))
    (lone,), (nan,) = connection.execute("SELECT j FROM odd").fetchall()
    assert lone == "\ud83d"
    assert math.isnan(nan[0])


@pytest.mark.parametrize(
    ("instant", "offset_h", "fold"),
    [
        ("2024-10-27 00:30:00+00", 2, 0),
        ("2024-10-27 01:30:00+00", 1, 1),
        ("2024-03-31 00:59:59+00", 1, 0),
        ("2024-03-31 01:00:00+00", 2, 0),
        ("1916-05-01 12:00:00+00", 2, 0),
    ],
)
def test_times_are_in_the_zone_of_the_session_around_folds(connection, instant, offset_h, fold):
    connection.execute("SET timezone = 'Europe/Berlin'")
    for expression in (f"TIMESTAMPTZ '{instant}'", f"[TIMESTAMPTZ '{instant}']", f"{{'t': TIMESTAMPTZ '{instant}'}}"):
        found = connection.execute(f"SELECT {expression}").fetchone()[0]
        found = found[0] if isinstance(found, list) else found["t"] if isinstance(found, dict) else found
        assert found.astimezone(UTC) == dt.datetime.fromisoformat(instant)
        assert (found.tzinfo, found.utcoffset(), found.fold) == (BERLIN, dt.timedelta(hours=offset_h), fold)


def test_a_result_keeps_the_zone_in_which_it_began(connection):
    cursor = connection.execute("SELECT created FROM customers ORDER BY created")
    connection.execute("SET timezone = 'Asia/Tokyo'")
    assert cursor.fetchone()[0].tzinfo is UTC
    assert str(connection.execute("SELECT created FROM customers").fetchone()[0].tzinfo) == "Asia/Tokyo"


def test_a_zone_ahead_of_the_last_instant_is_a_data_error(connection):
    connection.execute("SET timezone = 'Europe/Berlin'")
    with pytest.raises(stripesql.DataError):
        connection.execute("SELECT TIMESTAMPTZ '9999-12-31 23:59:59+00'").fetchall()
