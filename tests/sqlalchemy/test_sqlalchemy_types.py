"""Hold types: values go in and come out as they were, as parameters and as literals."""

import datetime as dt
import enum
import uuid
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.sql import sqltypes

from stripesql.sqlalchemy.types import NAMES, type_named


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


BERLIN = dt.timezone(dt.timedelta(hours=2))
VALUES = [
    (sa.String(), "O'Brien; -- 100 % :name ? \\ \N{SNOWMAN}"),
    (sa.String(), "nul \0 inside"),
    (sa.Text(), ""),
    (sa.Unicode(), "ü"),
    (sa.Integer(), -5),
    (sa.Integer(), 2**40),
    (sa.BigInteger(), 2**62),
    (sa.SmallInteger(), 7),
    (sa.Boolean(), True),
    (sa.Boolean(), False),
    (sa.Float(), 0.1),
    (sa.Float(), -1e300),
    (sa.REAL(), 0.5),
    (sa.Numeric(), Decimal("0.125000000001")),
    (sa.Numeric(38, 12), Decimal("-12345678901234567890.5")),
    (sa.Numeric(10, 2, asdecimal=False), 12.5),
    (sa.DateTime(timezone=True), dt.datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=BERLIN)),
    (sa.DateTime(), dt.datetime(2026, 3, 29, 2, 30)),
    (sa.Date(), dt.date(1969, 12, 31)),
    (sa.Time(), dt.time(23, 59, 59, 999999)),
    (sa.Interval(), dt.timedelta(days=3, seconds=-7, microseconds=5)),
    (sa.Enum(Colour), Colour.GREEN),
    (sa.Enum("a", "b"), "b"),
    (sa.JSON(), {"a": [1, None, "x'y"], "b": {"c": True}}),
    (sa.JSON(), [1.5, "é"]),
    (sa.JSON(), "text"),
    (sa.ARRAY(sa.Integer), [1, 2, 3]),
]
if hasattr(sa, "Uuid"):
    VALUES += [
        (sa.Uuid(), uuid.UUID("c52ffeef-f314-4744-ba2d-00472a19a00b")),
        (sa.Uuid(as_uuid=False), "c52ffeef-f314-4744-ba2d-00472a19a00b"),
        (sa.Double(), 0.1),
    ]
IDS = [f"{type(kind).__name__}-{index}" for index, (kind, _) in enumerate(VALUES)]


@pytest.mark.parametrize(("kind", "value"), VALUES, ids=IDS)
def test_parameter_comes_back_as_it_was(connection, kind, value):
    found = connection.execute(sa.select(sa.cast(sa.literal(value, kind), kind))).scalar()
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(("kind", "value"), VALUES, ids=IDS)
def test_literal_comes_back_as_it_was(connection, kind, value):
    query = sa.select(sa.literal(value, kind).label("found"))
    compiled = query.compile(connection, compile_kwargs={"literal_binds": True})
    assert "?" not in str(compiled).replace(str(value), "") or "?" in str(value)
    driven = connection.exec_driver_sql(str(compiled)).scalar()
    expected = {"Enum": getattr(value, "name", value), "Uuid": str(value)}.get(type(kind).__name__, value)
    assert driven == (float(value) if isinstance(kind, sa.Float) else expected)


@pytest.mark.parametrize(("kind", "value"), VALUES, ids=IDS)
def test_literal_execute_renders_the_same(connection, kind, value):
    query = sa.select(sa.cast(sa.bindparam("x", value, kind, literal_execute=True), kind))
    assert connection.execute(query).scalar() == value


@pytest.mark.parametrize("kind", [kind for kind, _ in VALUES], ids=IDS)
def test_null_is_null(connection, kind):
    assert connection.execute(sa.select(sa.cast(sa.null(), kind))).scalar() is None


def test_bytes_have_a_literal_and_are_refused_as_a_parameter(connection):
    query = sa.select(sa.literal(b"\x00'\xff", sa.LargeBinary))
    text = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
    assert connection.exec_driver_sql(text).scalar() == b"\x00'\xff"
    with pytest.raises(sa.exc.NotSupportedError, match="no field of the Stripe API is binary"):
        connection.execute(query)


@pytest.mark.parametrize("name", NAMES)
def test_every_type_name_maps_to_a_type_that_compiles_to_a_type_of_the_engine(connection, name):
    kind = type_named(name)
    assert not isinstance(kind, sqltypes.NullType)
    written = sa.select(sa.cast(sa.null(), kind).label("x")).compile(connection)
    assert connection.exec_driver_sql(str(written)).cursor.description[0][1]


@pytest.mark.parametrize(
    "name",
    ["VARCHAR", "BIGINT", "BOOLEAN", "DOUBLE", "DECIMAL(38,12)", "DECIMAL(10,2)", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP", "DATE", "JSON"],
)
def test_type_of_a_column_goes_both_ways(connection, name):
    query = sa.select(sa.cast(sa.null(), type_named(name)).label("x"))
    assert connection.execute(query).cursor.description[0][1] == name


def test_unknown_type_name_is_the_null_type_and_a_list_an_array():
    assert isinstance(type_named("STRUCT(a INTEGER)"), sqltypes.NullType)
    assert isinstance(type_named("VARCHAR[]"), sa.ARRAY)


def test_double_that_sqlalchemy_calls_numeric_is_a_decimal(connection):
    assert connection.execute(sa.select(sa.cast(sa.literal_column("1.0::DOUBLE"), sa.Numeric(10, 2)))).scalar() == Decimal("1.00")
    assert connection.execute(sa.select(sa.type_coerce(sa.literal_column("0.1::DOUBLE"), sa.Numeric))).scalar() == Decimal("0.1")
