"""Turn Arrow batches into rows of Python values.

In: a batch and the type of each column. Out: tuples. At any depth JSON becomes Python objects, HUGEINT an int, a time with
zone an aware datetime in the session's zone, an interval a timedelta.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from stripesql.errors import DataError
from stripesql.types import ValueType

Converter = Callable[[pa.Array], list[Any]]
"""Turns a column into Python values."""
Reader = Callable[[Any], Any]
"""Turns one value, as Arrow gives it to Python, into what SQL's type means; never called with None."""
_DAYS_OF_MONTH: Final = 30  # as DuckDB's own Python client counts


def rows_of(batch: pa.RecordBatch, converters: Sequence[Converter]) -> list[tuple[Any, ...]]:
    """Return the rows of a batch.

    Raises:
        DataError: a value has no Python equivalent (a time beyond the year 9999).
    """
    try:
        columns = [convert(batch.column(index)) for index, convert in enumerate(converters)]
    except (ValueError, OverflowError, pa.ArrowException) as problem:
        raise DataError(f"a value has no Python equivalent: {problem}; fetch_arrow_table() gives it as it is") from problem
    return list(zip(*columns, strict=True))


def converter(kind: ValueType, zone: str) -> Converter:
    """Return what turns an Arrow array of a SQL type into Python values."""
    if kind.kind == "TIMESTAMP WITH TIME ZONE":
        target = _zone(zone)
        return lambda array: _aware(array, target)
    if kind.kind == "TIMESTAMP_NS":
        # Python's datetime ends at microseconds, and Arrow would give pandas' Timestamp where pandas is installed.
        return lambda array: pc.floor_temporal(array, unit="microsecond").cast(pa.timestamp("us")).to_pylist()
    read = _reader(kind, zone)
    if read is None:
        return _plain
    return lambda array: [None if each is None else read(each) for each in array.to_pylist()]


def _plain(array: pa.Array) -> list[Any]:
    return array.to_pylist()  # type: ignore[no-any-return]


def _zone(name: str) -> dt.tzinfo:
    return dt.UTC if name == "UTC" else ZoneInfo(name)


def _aware(array: pa.Array, zone: dt.tzinfo) -> list[dt.datetime | None]:
    utc = [None if each is None else each.replace(tzinfo=dt.UTC) for each in array.cast(pa.timestamp("us")).to_pylist()]
    return utc if zone is dt.UTC else [None if each is None else each.astimezone(zone) for each in utc]


def _reader(kind: ValueType, zone: str) -> Reader | None:
    """Return what reads one value of a type, None where Arrow's own value is right."""
    match kind.kind:
        case "JSON" | "VARIANT":
            return _json
        case "HUGEINT" | "UHUGEINT" | "BIGNUM":
            return int
        case "TIMESTAMP WITH TIME ZONE":
            target = _zone(zone)
            return lambda value: value.astimezone(target)
        case "TIMESTAMP_NS":
            return lambda value: value.to_pydatetime(warn=False) if hasattr(value, "to_pydatetime") else value
        case "TIME WITH TIME ZONE":
            return _time
        case "INTERVAL":
            return _interval
        case "UUID":
            return lambda value: value if isinstance(value, uuid.UUID) else uuid.UUID(value)
        case "LIST" | "ARRAY" | "STRUCT" | "MAP":
            return _nested(kind, zone)
    return None


def _nested(kind: ValueType, zone: str) -> Reader | None:
    readers = [_reader(member, zone) for _, member in kind.members]
    if kind.kind == "MAP":
        key, value = (each or _same for each in readers)
        return lambda pairs: _mapping([(key(k), None if v is None else value(v)) for k, v in pairs])
    if not any(readers):
        return None
    if kind.kind == "STRUCT":
        named = [(name, each or _same) for (name, _), each in zip(kind.members, readers, strict=True)]
        return lambda found: {name: None if found[name] is None else read(found[name]) for name, read in named}
    item = readers[0] or _same
    return lambda found: [None if each is None else item(each) for each in found]


def _same(value: Any) -> Any:
    return value


def _mapping(pairs: list[tuple[Any, Any]]) -> Any:
    try:
        return dict(pairs)
    except TypeError:  # a key that is itself a list or a struct
        return pairs


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.MsgspecError:
        # It takes what JSON forbids and others write: NaN, lone surrogates.
        return json.loads(text)


def _time(text: str) -> dt.time:
    # 10:00:00+02 and 10:00:00.5+02:30; hour 24 is SQL's end of the day.
    return dt.time.fromisoformat(text)


def _interval(value: pa.MonthDayNano) -> dt.timedelta:
    return dt.timedelta(days=value.months * _DAYS_OF_MONTH + value.days, microseconds=value.nanoseconds // 1000)


def arrow_schema(schema: pa.Schema, types: Sequence[ValueType]) -> pa.Schema:
    """Return the schema that Arrow outputs have: HUGEINT, which sums of integers are, becomes int64."""
    return pa.schema([field.with_type(_arrow_type(field.type, kind)) for field, kind in zip(schema, types, strict=True)])


def _arrow_type(found: pa.DataType, kind: ValueType) -> pa.DataType:
    inner = [each for _, each in kind.members]
    match kind.kind:
        case "HUGEINT":
            return pa.int64()
        case "UHUGEINT":
            return pa.uint64()
        case "LIST":
            return pa.list_(found.value_field.with_type(_arrow_type(found.value_type, inner[0])))
        case "ARRAY":
            return pa.list_(found.value_field.with_type(_arrow_type(found.value_type, inner[0])), found.list_size)
        case "STRUCT":
            # `found.fields` would be shorter; pyarrow has it since 18.
            return pa.struct([found.field(place).with_type(_arrow_type(found.field(place).type, each)) for place, each in enumerate(inner)])
        case "MAP":
            return pa.map_(
                found.key_field.with_type(_arrow_type(found.key_type, inner[0])),
                found.item_field.with_type(_arrow_type(found.item_type, inner[1])),
            )
    return found


def as_arrow(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return the batch in ``schema``.

    Raises:
        DataError: a sum does not fit into 64 bits.
    """
    if batch.schema.equals(schema):
        return batch
    try:
        arrays = [array if array.type == field.type else array.cast(field.type) for array, field in zip(batch.columns, schema, strict=True)]
    except pa.ArrowInvalid as problem:
        raise DataError(f"a sum does not fit into 64 bits; cast it to DECIMAL or DOUBLE in SQL ({problem})") from problem
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
