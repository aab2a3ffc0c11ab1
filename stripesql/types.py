"""Define the SQL types of columns, and the PEP 249 type objects that compare with them.

In: nothing. Out: ``SqlType``, each with its Arrow type, and STRING, NUMBER, DATETIME, BINARY, ROWID.
How a JSON value becomes one of these is the work of ``decode``.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


class SqlType(Enum):
    """Name the type of a catalogue column, by the name that SQL shows for it."""

    VARCHAR = "VARCHAR"
    BIGINT = "BIGINT"
    BOOLEAN = "BOOLEAN"
    DOUBLE = "DOUBLE"
    DECIMAL = "DECIMAL(38,12)"
    """Stripe's decimal strings carry at most 12 places (API reference, ``unit_amount_decimal``)."""
    TIMESTAMPTZ = "TIMESTAMP WITH TIME ZONE"
    DATE = "DATE"
    """System relations only; no field of the API is a date without a time."""
    JSON = "JSON"

    def arrow(self) -> pa.DataType:
        """Return the Arrow type: timestamps in microseconds UTC, JSON as its text."""
        import pyarrow as pa

        match self:
            case SqlType.VARCHAR | SqlType.JSON:
                return pa.string()
            case SqlType.BIGINT:
                return pa.int64()
            case SqlType.BOOLEAN:
                return pa.bool_()
            case SqlType.DOUBLE:
                return pa.float64()
            case SqlType.DECIMAL:
                return pa.decimal128(38, 12)
            case SqlType.TIMESTAMPTZ:
                return pa.timestamp("us", tz="UTC")
            case SqlType.DATE:
                return pa.date32()

    def field(self, name: str) -> pa.Field:
        """Return the Arrow field; JSON carries the canonical ``arrow.json`` extension name.

        The name is field metadata and not a registered extension type, so that pyarrow 17 writes it too; DuckDB
        reads it as its JSON type.
        """
        return _field(self, name)


@cache
def _field(kind: SqlType, name: str) -> pa.Field:
    """Return the field; kept, because each query asks for all columns of its tables, and that is a third of a millisecond."""
    import pyarrow as pa

    metadata = {"ARROW:extension:name": "arrow.json", "ARROW:extension:metadata": ""} if kind is SqlType.JSON else None
    return pa.field(name, kind.arrow(), metadata=metadata)


@dataclass(frozen=True, slots=True)
class ValueType:
    """Say the type of a result's column, as deep as it nests.

    Attributes:
        name: as SQL writes it: ``DECIMAL(38,12)``, ``STRUCT(a INTEGER)[]``.
        kind: the type without its parameters: ``DECIMAL``, ``LIST``, ``ARRAY``, ``STRUCT``, ``MAP``, ``UNION``, ``ENUM``, ...
        members: name and type of what it is made of; of a map its key and its value.
    """

    name: str
    kind: str
    members: tuple[tuple[str, ValueType], ...] = ()


TEXT = ValueType("VARCHAR", "VARCHAR")


class TypeObject:
    """Compare equal to each SQL type name of one PEP 249 group (``cursor.description[i][1]``).

    Parameters of a type do not matter: ``DECIMAL(18,3) == NUMBER``. Equal names have equal hashes only through the
    set of names; a TypeObject is hashable by identity, so that it can be a dictionary key.
    """

    def __init__(self, name: str, *names: str) -> None:
        self.name = name
        self.names = frozenset(names)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, TypeObject):
            return self is other
        return isinstance(other, str) and other.partition("(")[0].strip().upper() in self.names

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"stripesql.{self.name}"


STRING = TypeObject("STRING", "VARCHAR", "TEXT", "CHAR", "JSON", "UUID", "ENUM", "BIT")
BINARY = TypeObject("BINARY", "BLOB", "BYTEA", "VARBINARY")
NUMBER = TypeObject(
    "NUMBER",
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "BIGNUM"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
    *("FLOAT", "DOUBLE", "DECIMAL", "NUMERIC", "BOOLEAN"),
)
DATETIME = TypeObject(
    "DATETIME",
    *("DATE", "TIME", "TIME WITH TIME ZONE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"),
    *("TIME_NS", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMPTZ", "TIMETZ", "INTERVAL"),
)
ROWID = TypeObject("ROWID", "ROWID")

Date = dt.date
Time = dt.time
Timestamp = dt.datetime
Binary = bytes


def DateFromTicks(ticks: float) -> dt.date:  # noqa: N802  PEP 249 fixes the name
    """Return the local date of ``ticks`` seconds since the epoch."""
    return dt.date(*time.localtime(ticks)[:3])


def TimeFromTicks(ticks: float) -> dt.time:  # noqa: N802  PEP 249 fixes the name
    """Return the local time of day of ``ticks`` seconds since the epoch."""
    return dt.time(*time.localtime(ticks)[3:6])


def TimestampFromTicks(ticks: float) -> dt.datetime:  # noqa: N802  PEP 249 fixes the name
    """Return the local date and time of ``ticks`` seconds since the epoch, naive."""
    return dt.datetime(*time.localtime(ticks)[:6])
