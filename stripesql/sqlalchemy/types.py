"""Map SQL types to SQLAlchemy's and back, with a literal for every value.

In: a type name of the engine, or a type of SQLAlchemy. Out: the other. The driver takes and gives Python values of the
right class, so that most types need no processors; literals are the driver's own.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import cast
from sqlalchemy.sql import sqltypes
from sqlalchemy.sql.type_api import NativeForEmulated
from sqlalchemy.types import TypeEngine

from stripesql.sql.literals import literal

if TYPE_CHECKING:
    NumericType = sqltypes.Numeric[Any]
    FloatType = sqltypes.Float[Any]
    ArrayType = sqltypes.ARRAY[Any]
else:  # SQLAlchemy 1.4's types take no parameters
    NumericType, FloatType, ArrayType = sqltypes.Numeric, sqltypes.Float, sqltypes.ARRAY

Processor = Callable[[Any], Any]

# SQLAlchemy 2.0 has them, 1.4 has not.
DOUBLE: Final[type[TypeEngine[Any]]] = getattr(sqltypes, "DOUBLE", sqltypes.FLOAT)
_UUID: Final[type[TypeEngine[Any]] | None] = getattr(sqltypes, "Uuid", None)
_UUID_NAME: Final[type[TypeEngine[Any]]] = getattr(sqltypes, "UUID", sqltypes.String)


class StripeString(sqltypes.String):
    """Write text as the driver does: a NUL in it does not end the statement."""

    def literal_processor(self, dialect: Any) -> Processor:
        """Return what writes a value."""
        return literal


class StripeDateTime(sqltypes.DateTime):
    """Write a time: an aware one as an instant, a naive one to be read in the session's zone."""

    def literal_processor(self, dialect: Any) -> Processor:
        """Return what writes a value."""
        return literal


class StripeDate(sqltypes.Date):
    """Write a date; of a time its day."""

    def literal_processor(self, dialect: Any) -> Processor:
        """Return what writes a value."""
        return lambda value: literal(value.date() if isinstance(value, dt.datetime) else value)


class StripeTime(sqltypes.Time):
    """Write a time of day."""

    def literal_processor(self, dialect: Any) -> Processor:
        """Return what writes a value."""
        return literal


class StripeNumeric(NumericType):
    """Give Decimal for every number: SQL's division of integers gives a double, which SQLAlchemy calls Numeric."""

    def literal_processor(self, dialect: Any) -> Processor:
        """Return what writes a value."""
        return literal

    def bind_processor(self, dialect: Any) -> None:
        """Return None: the driver takes numbers as they are."""

    def result_processor(self, dialect: Any, coltype: object) -> Processor:
        """Return what reads a value."""
        return _decimal if self.asdecimal else _float


class StripeFloat(FloatType):
    """Give float, or Decimal when the column asks for it."""

    def literal_processor(self, dialect: Any) -> Processor:
        """Return what writes a value."""
        return literal

    def bind_processor(self, dialect: Any) -> None:
        """Return None: the driver takes numbers as they are."""

    def result_processor(self, dialect: Any, coltype: object) -> Processor:
        """Return what reads a value."""
        return _decimal if self.asdecimal else _float


class StripeBinary(sqltypes.LargeBinary):
    """Write bytes; as a parameter the driver refuses them, because no field of Stripe's is binary."""

    def literal_processor(self, dialect: Any) -> Processor:
        """Return what writes a value."""
        return lambda value: f"from_hex('{bytes(value).hex()}')"


class StripeInterval(NativeForEmulated, sqltypes._AbstractInterval):
    """Use the engine's INTERVAL, which comes back as a timedelta."""

    __visit_name__ = "INTERVAL"
    native = True

    @classmethod
    def adapt_emulated_to_native(cls, impl: Any, **kw: Any) -> StripeInterval:
        """Return the type that stands for SQLAlchemy's Interval."""
        return cls()

    @property
    def _type_affinity(self) -> type[sqltypes.Interval]:
        return sqltypes.Interval

    @property
    def python_type(self) -> type[dt.timedelta]:
        """Return timedelta."""
        return dt.timedelta

    def literal_processor(self, dialect: Any) -> Processor:
        """Return what writes a value."""
        return literal


class StripeArray(ArrayType):
    """Write a list."""

    def literal_processor(self, dialect: Any) -> Processor:
        """Return what writes a value."""
        return literal

    def bind_processor(self, dialect: Any) -> None:
        """Return None: the driver takes lists as they are."""


class StripeJSON(sqltypes.JSON):
    """Give what the driver gives: Python objects, already decoded; send JSON as JSON and not as text."""

    def bind_expression(self, bindvalue: Any) -> Any:
        """Return the parameter as JSON."""
        return cast(bindvalue, self)

    def literal_processor(self, dialect: Any) -> Processor:
        """Return what writes a value."""
        to_text: Processor = self.bind_processor(dialect) or json.dumps  # type: ignore[no-untyped-call]
        return lambda value: literal(to_text(value))

    def result_processor(self, dialect: Any, coltype: object) -> None:
        """Return None: the driver decodes."""


class StripeJSONIndex(sqltypes.JSON.JSONIndexType):
    """Write the key or the position after ``->``."""

    def bind_processor(self, dialect: Any) -> Processor:
        """Return what writes a value."""
        return _step

    def literal_processor(self, dialect: Any) -> Processor:
        """Return what writes a value."""
        return lambda value: literal(_step(value))


class StripeJSONPath(sqltypes.JSON.JSONPathType):
    """Write several keys and positions after ``->`` as one path."""

    def bind_processor(self, dialect: Any) -> Processor:
        """Return what writes a value."""
        return _path

    def literal_processor(self, dialect: Any) -> Processor:
        """Return what writes a value."""
        return lambda value: literal(_path(value))


def _decimal(value: Any) -> Decimal | None:
    return value if value is None or isinstance(value, Decimal) else Decimal(str(value))


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _step(value: str | int) -> str | int:
    # A text that begins so is a path for the engine, and not a key.
    return _path((value,)) if isinstance(value, str) and value[:1] in ("$", "/") else value


def _path(steps: Any) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{json.dumps(step, ensure_ascii=False)}" for step in steps)


COLSPECS: Final[dict[type[TypeEngine[Any]], type[TypeEngine[Any]]]] = {
    sqltypes.String: StripeString,
    sqltypes.Enum: sqltypes.Enum,  # else it would be taken for the String that it is a subclass of
    sqltypes.DateTime: StripeDateTime,
    sqltypes.Date: StripeDate,
    sqltypes.Time: StripeTime,
    sqltypes.Float: StripeFloat,
    sqltypes.Numeric: StripeNumeric,
    sqltypes.LargeBinary: StripeBinary,
    sqltypes.Interval: StripeInterval,
    sqltypes.ARRAY: StripeArray,
    sqltypes.JSON: StripeJSON,
    sqltypes.JSON.JSONIndexType: StripeJSONIndex,
    sqltypes.JSON.JSONPathType: StripeJSONPath,
}

if _UUID is not None:

    class StripeUuid(sqltypes.Uuid[Any]):
        """Send a UUID as the text that Stripe's fields hold."""

        def bind_processor(self, dialect: Any) -> Processor:
            """Return what writes a value."""
            return lambda value: None if value is None else str(value)

        def literal_processor(self, dialect: Any) -> Processor:
            """Return what writes a value."""
            return lambda value: literal(str(value))

        def result_processor(self, dialect: Any, coltype: object) -> Processor:
            """Return what reads a value: text and the engine's own UUIDs."""
            read: Processor = uuid.UUID if self.as_uuid else str
            return lambda value: None if value is None else read(str(value))

    COLSPECS[sqltypes.Uuid] = StripeUuid

# What `information_schema` and `cursor.description` call a type, without its parameters.
NAMES: Final[dict[str, type[TypeEngine[Any]]]] = {
    "VARCHAR": sqltypes.String,
    "BIGINT": sqltypes.BigInteger,
    "INTEGER": sqltypes.Integer,
    "SMALLINT": sqltypes.SmallInteger,
    "TINYINT": sqltypes.SmallInteger,
    "HUGEINT": sqltypes.BigInteger,
    "BOOLEAN": sqltypes.Boolean,
    "DOUBLE": DOUBLE,
    "FLOAT": sqltypes.REAL,
    "DECIMAL": sqltypes.Numeric,
    "TIMESTAMP": sqltypes.DateTime,
    "TIMESTAMP WITH TIME ZONE": sqltypes.DateTime,
    "DATE": sqltypes.Date,
    "TIME": sqltypes.Time,
    "TIME WITH TIME ZONE": sqltypes.Time,
    "INTERVAL": sqltypes.Interval,
    "BLOB": sqltypes.LargeBinary,
    "JSON": sqltypes.JSON,
    "UUID": _UUID_NAME,
    "ENUM": sqltypes.String,
}
_PARAMETERS: Final = re.compile(r"(?P<name>[A-Z ]+?)\s*(?:\((?P<parameters>[^)]*)\))?(?P<list>\[\d*\])?")


def type_named(name: str) -> TypeEngine[Any]:
    """Return SQLAlchemy's type for a type name of the engine; NullType for one that it has no type for.

    >>> type_named("DECIMAL(38,12)"), type_named("TIMESTAMP WITH TIME ZONE").timezone
    (Numeric(precision=38, scale=12), True)
    """
    found = _PARAMETERS.fullmatch(name.strip().upper())
    kind = NAMES.get(found["name"]) if found is not None else None
    if found is None or kind is None:
        return sqltypes.NullType()
    if found["list"]:
        return sqltypes.ARRAY(type_named(name.strip()[: found.start("list")]))
    if kind is sqltypes.Numeric:
        precision, _, scale = (found["parameters"] or "18,3").partition(",")
        return sqltypes.Numeric(int(precision), int(scale or 0))
    if kind in (sqltypes.DateTime, sqltypes.Time):
        return kind(timezone=found["name"].endswith("WITH TIME ZONE"))
    return kind()
