"""Write Python values as typed SQL literals.

In: one value. Out: SQL text that the engine reads back as a value of the matching type. This is the only place where
a caller's value becomes text, so nothing in a value can change a statement.
"""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections.abc import Mapping, Set
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

from stripesql.errors import DataError, NotSupportedError

_DECIMAL_DIGITS = 38


def literal(value: object) -> str:
    """Return the SQL literal for ``value``.

    A naive datetime is a TIMESTAMP (read in the session's zone where it meets a time column), an aware one a
    TIMESTAMPTZ. A UUID is text, because that is what Stripe's fields hold. Lists and tuples become SQL lists.

    Raises:
        NotSupportedError: bytes, dicts and types that SQL has no literal for.
        DataError: a Decimal with more than 38 digits or not finite; a string with a lone surrogate.

    >>> literal("O'Brien"), literal(-5), literal(True), literal(None)
    ("'O''Brien'", '(-5)', 'TRUE', 'NULL')
    """
    if type(value).__module__ == "numpy" and not isinstance(value, str | float):
        return literal(_from_numpy(value))  # before the rest: a numpy duration says that it is an integer
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case str():
            return _text(value)
        case uuid.UUID():
            return _text(str(value))
        case Decimal():
            return _decimal(value)
        case dt.datetime():
            return _datetime(value)
        case dt.date():
            return f"DATE '{value.isoformat()}'"
        case dt.time():
            return f"{'TIME' if value.utcoffset() is None else 'TIMETZ'} '{value.isoformat()}'"
        case dt.timedelta():
            return f"to_microseconds({_integer(value // dt.timedelta(microseconds=1))})"
        case Integral():
            return _integer(int(value))
        case Real():
            return _real(float(value))
        case bytes() | bytearray() | memoryview():
            raise NotSupportedError("a bytes parameter has no use here: no field of the Stripe API is binary; pass str")
        case list() | tuple() | Set():
            return "[" + ", ".join(literal(item) for item in value) + "]"
        case Mapping():
            raise NotSupportedError("a dict cannot be a parameter; pass json.dumps(value), or its members one by one")
    if type(value).__name__ in ("NAType", "NaTType"):  # pandas' missing values, without importing pandas
        return "NULL"
    raise NotSupportedError(
        f"a parameter of type {type(value).__name__} cannot be written in SQL; use str, int, float, Decimal, bool, None, date or datetime"
    )


def _from_numpy(value: Any) -> object:
    """Return a numpy scalar or array as Python's own value; the library itself is not imported."""
    if type(value).__name__ in ("datetime64", "timedelta64"):
        # item() of a finer unit than Python's would be a bare number.
        return value.astype(f"{type(value).__name__}[us]").item()
    return value.tolist()


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as problem:
        raise DataError(f"a string parameter holds a lone surrogate at position {problem.start}; it is not valid text") from problem
    if "\0" in value:
        # A NUL inside quotes ends the text for the engine's parser; chr(0) carries it safely.
        return "(" + " || chr(0) || ".join(_text(part) for part in value.split("\0")) + ")"
    return "'" + value.replace("'", "''") + "'"


def _integer(value: int) -> str:
    if not -(2**127) <= value < 2**127:
        raise DataError(f"an integer parameter has {value.bit_length()} bits; SQL integers hold 128")
    return str(value) if value >= 0 else f"({value})"


def _real(value: float) -> str:
    if math.isfinite(value):
        return f"CAST({value!r} AS DOUBLE)" if value >= 0 else f"CAST('{value!r}' AS DOUBLE)"
    return f"CAST('{value!r}' AS DOUBLE)"


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise DataError(f"Decimal({str(value)!r}) has no SQL value; use None for a missing amount")
    text = format(value, "f")
    whole, _, fraction = text.lstrip("-").partition(".")
    digits = len(whole.lstrip("0")) + len(fraction)
    if digits > _DECIMAL_DIGITS:
        raise DataError(f"a Decimal parameter has {digits} digits; SQL decimals hold {_DECIMAL_DIGITS}")
    return f"CAST('{text}' AS DECIMAL({max(digits, 1)},{len(fraction)}))"


def _datetime(value: dt.datetime) -> str:
    if value != value:
        return "NULL"
    # pandas counts nanoseconds, which neither Stripe nor TIMESTAMP does.
    precision = "microseconds" if getattr(value, "nanosecond", 0) else "auto"
    offset = value.utcoffset()
    if offset is None:
        return f"TIMESTAMP '{value.replace(tzinfo=None, fold=0).isoformat(sep=' ', timespec=precision)}'"
    try:
        utc = value.replace(tzinfo=None, fold=0) - offset
    except OverflowError as problem:
        raise DataError(f"the time {value.isoformat()} lies beyond the calendar in UTC") from problem
    return f"TIMESTAMPTZ '{utc.isoformat(sep=' ', timespec=precision)}+00:00'"
