"""Turn the rows of a query into typed Python values, for arguments.

In: a result of the engine. Out: columns of values. At any depth a time with zone is an aware datetime, a HUGEINT an int, a
UUID its text; JSON stays text where it is a whole value, and is Python's objects with exact numbers inside others.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa

from stripesql.errors import DataError
from stripesql.types import ValueType

_JSON: Final = frozenset({"JSON", "VARIANT"})
_REFUSED: Final = frozenset({"INTERVAL", "BLOB", "TIME", "TIME WITH TIME ZONE", "BIT", "UNION", "GEOMETRY"})


def is_json(kind: ValueType) -> bool:
    """Say whether the values of a column are JSON text."""
    return kind.kind in _JSON


def values_of(array: pa.Array, kind: ValueType, label: str) -> list[Any]:
    """Return the values of a column.

    Raises:
        DataError: the column has a type that no argument can take.
    """
    if kind.kind in _REFUSED:
        raise DataError(f"{label} is {kind.name}, which no field of Stripe takes; cast it")
    if is_json(kind):
        return list(array.to_pylist())
    read = _reader(kind)
    if kind.kind == "TIMESTAMP_NS":
        array = array.cast(pa.timestamp("us"), safe=False)
    try:
        found = array.to_pylist()
        return found if read is None else [None if each is None else read(each) for each in found]
    except (ValueError, OverflowError, pa.ArrowException) as problem:
        raise DataError(f"{label} holds a value that cannot be sent: {problem}") from problem


def _reader(kind: ValueType) -> Callable[[Any], Any] | None:
    match kind.kind:
        case "HUGEINT" | "UHUGEINT" | "BIGNUM":
            return int
        case "TIMESTAMP WITH TIME ZONE":
            return _utc
        case "UUID":
            return str
        case "JSON" | "VARIANT":
            return _parsed
        case "LIST" | "ARRAY":
            item = _reader(kind.members[0][1]) or _same
            return lambda found: [None if each is None else item(each) for each in found]
        case "STRUCT":
            readers = [(name, _reader(each) or _same) for name, each in kind.members]
            return lambda found: {name: None if found[name] is None else read(found[name]) for name, read in readers}
        case "MAP":
            key, value = (_reader(each) or _same for _, each in kind.members)
            return lambda pairs: {key(k): None if v is None else value(v) for k, v in pairs}
    return None


def _same(value: Any) -> Any:
    return value


def _utc(value: dt.datetime) -> dt.datetime:
    return value.astimezone(dt.UTC) if value.tzinfo is not None else value.replace(tzinfo=dt.UTC)


def _parsed(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def as_json(value: object) -> object:
    """Return a value that JSON has no form for as one that it has; for ``json.dumps``.

    Raises:
        TypeError: it is of no type that an argument has.
    """
    match value:
        case Decimal():
            return float(value) if value != value.to_integral_value() else int(value)
        case dt.datetime() | dt.date():
            return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no value of SQL")
