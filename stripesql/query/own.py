"""Describe what lives in one connection as ``information_schema`` describes Stripe's tables.

In: registered frames, temporary tables. Out: their columns, and rows of ``information_schema``. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import pyarrow as pa

from stripesql.catalogue.relations import Local, LocalColumn
from stripesql.catalogue.system import Row

SCHEMA: Final = "temp"
_CATALOG: Final = "stripe"
_WIDTHS: Final = {8: "TINYINT", 16: "SMALLINT", 32: "INTEGER", 64: "BIGINT"}


def described_frame(table: pa.Table) -> tuple[LocalColumn, ...]:
    """Return the columns of a frame, with the types that the engine reads them as."""
    return tuple(LocalColumn(field.name, _type_name(field.type)) for field in table.schema)


def _type_name(kind: pa.DataType) -> str:
    types = pa.types
    if types.is_dictionary(kind):
        return _type_name(kind.value_type)
    if types.is_integer(kind):
        return ("U" if types.is_unsigned_integer(kind) else "") + _WIDTHS[kind.bit_width]
    if types.is_timestamp(kind):
        return "TIMESTAMP WITH TIME ZONE" if kind.tz is not None else "TIMESTAMP_NS" if kind.unit == "ns" else "TIMESTAMP"
    if types.is_decimal(kind):
        return f"DECIMAL({kind.precision},{kind.scale})"
    if types.is_list(kind) or types.is_large_list(kind):
        return f"{_type_name(kind.value_type)}[]"
    if types.is_struct(kind):
        return f"STRUCT({', '.join(f'{field.name} {_type_name(field.type)}' for field in kind)})"
    named = (
        (types.is_boolean, "BOOLEAN"),
        (types.is_float32, "FLOAT"),
        (types.is_floating, "DOUBLE"),
        (types.is_date, "DATE"),
        (types.is_time, "TIME"),
        (types.is_duration, "INTERVAL"),
        (types.is_interval, "INTERVAL"),
        (types.is_binary, "BLOB"),
        (types.is_large_binary, "BLOB"),
        (types.is_null, "NULL"),
    )
    return next((name for test, name in named if test(kind)), "VARCHAR")


def own_rows(relation: str, own: Sequence[Local]) -> Iterator[Row]:
    """Yield what a relation of ``information_schema`` has to say of the connection's own tables and frames."""
    match relation:
        case "schemata" if own:
            yield (_CATALOG, SCHEMA)
        case "tables":
            for each in own:
                yield (_CATALOG, SCHEMA, each.name, "LOCAL TEMPORARY", None)
        case "columns":
            for each in own:
                for position, column in enumerate(each.described, 1):
                    yield (
                        *(_CATALOG, SCHEMA, each.name, column.name, position, column.default, "YES" if column.nullable else "NO"),
                        *(column.type, "NO", "PRI" if column.is_key else None, None, None),
                    )
        case "key_column_usage":
            for each in own:
                for position, column in enumerate((column for column in each.described if column.is_key), 1):
                    yield (f"{each.name}_pkey", SCHEMA, each.name, column.name, position)
