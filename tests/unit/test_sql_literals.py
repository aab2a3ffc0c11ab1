"""A value becomes a literal of its own type, and nothing in it can change a statement."""

from __future__ import annotations

import datetime as dt
import enum
import fractions
import math
import uuid
from decimal import Decimal
from zoneinfo import ZoneInfo

import duckdb
import pytest

from stripesql.errors import DataError, NotSupportedError
from stripesql.sql.literals import literal


class Plan(enum.StrEnum):
    PRO = "pro"


class Level(enum.IntEnum):
    TWO = 2


BERLIN = ZoneInfo("Europe/Berlin")
TEXTS = [
    (None, "NULL"),
    (True, "TRUE"),
    (False, "FALSE"),
    (0, "0"),
    (-5, "(-5)"),
    (2**100, "1267650600228229401496703205376"),
    ("", "''"),
    ("O'Brien", "'O''Brien'"),
    (1.5, "CAST(1.5 AS DOUBLE)"),
    (-1.5, "CAST('-1.5' AS DOUBLE)"),
    (math.inf, "CAST('inf' AS DOUBLE)"),
    (Decimal("1.50"), "CAST('1.50' AS DECIMAL(3,2))"),
    (Decimal("-0.001"), "CAST('-0.001' AS DECIMAL(3,3))"),
    (Decimal("1E+3"), "CAST('1000' AS DECIMAL(4,0))"),
    (Decimal(0), "CAST('0' AS DECIMAL(1,0))"),
    (dt.date(2024, 5, 1), "DATE '2024-05-01'"),
    (dt.date(1, 1, 1), "DATE '0001-01-01'"),
    (dt.time(10, 30), "TIME '10:30:00'"),
    (dt.time(10, 30, tzinfo=dt.timezone(dt.timedelta(hours=2))), "TIMETZ '10:30:00+02:00'"),
    (dt.datetime(2024, 5, 1, 10), "TIMESTAMP '2024-05-01 10:00:00'"),
    (dt.datetime(2024, 5, 1, 10, 0, 0, 1), "TIMESTAMP '2024-05-01 10:00:00.000001'"),
    (dt.datetime(2024, 5, 1, 10, tzinfo=dt.UTC), "TIMESTAMPTZ '2024-05-01 10:00:00+00:00'"),
    (dt.datetime(2024, 5, 1, 10, tzinfo=BERLIN), "TIMESTAMPTZ '2024-05-01 08:00:00+00:00'"),
    (dt.datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN), "TIMESTAMPTZ '2024-10-27 00:30:00+00:00'"),
    (dt.datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN, fold=1), "TIMESTAMPTZ '2024-10-27 01:30:00+00:00'"),
    (dt.timedelta(days=1, microseconds=1), "to_microseconds(86400000001)"),
    (dt.timedelta(seconds=-1), "to_microseconds((-1000000))"),
    (uuid.UUID(int=1), "'00000000-0000-0000-0000-000000000001'"),
    (Plan.PRO, "'pro'"),
    (Level.TWO, "2"),
    (fractions.Fraction(1, 4), "CAST(0.25 AS DOUBLE)"),
    ([1, "a", None], "[1, 'a', NULL]"),
    ((), "[]"),
    ([[1], [2]], "[[1], [2]]"),
]


@pytest.mark.parametrize(("value", "expected"), TEXTS, ids=[repr(value) for value, _ in TEXTS])
def test_a_value_has_one_literal(value: object, expected: str) -> None:
    assert literal(value) == expected


ROUND_TRIPS = [
    "plain",
    "O'Brien",
    "'; DROP TABLE charges; --",
    "back\\slash\\'",
    "\\",
    "''",
    "a\nb\tc\r",
    "nul\0inside",
    "\0",
    "-- no comment",
    "/* no comment",
    "$$ no dollar $$",
    "é€😀\u202e",
    '{"a":[1]}',
    "%s ? :a %(a)s",
    0,
    -1,
    2**63,
    -(2**63),
    2**126,
    True,
    None,
    1.5,
    -0.1,
    1e308,
    5e-324,
    Decimal("123.456"),
    Decimal("-0.000000000001"),
    dt.date(2024, 2, 29),
    dt.datetime(2024, 5, 1, 10, 30, 15, 123456),
    dt.time(23, 59, 59, 999999),
    dt.timedelta(days=400, microseconds=5),
    [1, 2, 3],
    ["a'b", "c"],
]


@pytest.mark.parametrize("value", ROUND_TRIPS, ids=repr)
def test_the_engine_reads_a_literal_as_its_value(value: object) -> None:
    with duckdb.connect() as engine:
        rows = engine.execute(f"SELECT {literal(value)}").fetchall()
    assert rows == [(value,)]


def test_the_engine_reads_numbers_that_are_none() -> None:
    with duckdb.connect() as engine:
        (row,) = engine.execute(f"SELECT {literal(math.nan)}, {literal(-math.inf)}").fetchall()
    assert math.isnan(row[0])
    assert row[1] == -math.inf


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (b"x", NotSupportedError, "no field of the Stripe API is binary; pass str"),
        (bytearray(b"x"), NotSupportedError, "bytes"),
        ({"a": 1}, NotSupportedError, "pass json.dumps(value), or its members one by one"),
        pytest.param(object(), NotSupportedError, "a parameter of type object cannot be written in SQL", id="object"),
        (1 + 2j, NotSupportedError, "complex"),
        ([b"x"], NotSupportedError, "bytes"),
        ("\ud800", DataError, "lone surrogate at position 0"),
        ("a\0\udfff", DataError, "lone surrogate"),
        (Decimal("NaN"), DataError, "use None for a missing amount"),
        (Decimal("Infinity"), DataError, "has no SQL value"),
        (Decimal(10) ** 38, DataError, "39 digits"),
        (Decimal("1E-39"), DataError, "39 digits"),
        (2**127, DataError, "128 bits"),
        (dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=2))), DataError, "beyond the calendar"),
    ],
    ids=repr,
)
def test_what_has_no_literal_is_told(value: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        literal(value)
    assert message in str(caught.value)


def test_numpy_scalars_are_their_python_values() -> None:
    np = pytest.importorskip("numpy")
    assert literal(np.int64(5)) == "5"
    assert literal(np.float64(1.5)) == "CAST(1.5 AS DOUBLE)"
    assert literal(np.float32(0.5)) == "CAST(0.5 AS DOUBLE)"
    assert literal(np.bool_(True)) == "TRUE"
    assert literal(np.str_("a'b")) == "'a''b'"
    assert literal(np.array([1, 2])) == "[1, 2]"
    assert literal(np.array(["a"])) == "['a']"


@pytest.mark.parametrize("unit", ["D", "s", "ms", "us", "ns"])
def test_a_numpy_time_is_a_time_in_every_unit(unit: str) -> None:
    np = pytest.importorskip("numpy")
    assert literal(np.datetime64("2024-05-01", unit)) == "TIMESTAMP '2024-05-01 00:00:00'"
    assert literal(np.timedelta64(1, "D").astype(f"timedelta64[{unit}]")) == "to_microseconds(86400000000)"
    assert literal(np.datetime64("NaT", unit)) == "NULL"


def test_pandas_scalars_are_their_python_values() -> None:
    pd = pytest.importorskip("pandas")
    assert literal(pd.NA) == "NULL"
    assert literal(pd.NaT) == "NULL"
    assert literal(pd.Timestamp("2024-05-01 10:00")) == "TIMESTAMP '2024-05-01 10:00:00'"
    assert literal(pd.Timestamp("2024-05-01 10:00", tz="Europe/Berlin")) == "TIMESTAMPTZ '2024-05-01 08:00:00+00:00'"
    assert literal(pd.Timestamp("2024-05-01 10:00:00.123456789")) == "TIMESTAMP '2024-05-01 10:00:00.123456'"
    assert literal(pd.Timedelta("1 day")) == "to_microseconds(86400000000)"
