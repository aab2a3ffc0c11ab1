"""Write values as JSON that keeps every digit.

Numbers are written from their exact text: int64 and decimals are JSON numbers of any length, which a reader must not
round (``jq`` 1.6 and JavaScript do). JSON has no NaN or infinity; they become the strings ``NaN``, ``Infinity``,
``-Infinity``. JSON columns become nested JSON, as their text has it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring as quoted
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any, NoReturn

from stripesql.outputs.rows import Column, Rows, unique_labels
from stripesql.outputs.values import is_moment, moments, scalar_text, values

if TYPE_CHECKING:
    import pyarrow as pa

ToJson = Callable[[Any], str]


def objects(batch: pa.RecordBatch, rows: Rows) -> list[str]:
    """Return one JSON object per row of a batch, each on one line; keys are ``unique_labels``."""
    columns = [json_texts(array, column) for array, column in zip(batch.columns, rows.columns, strict=True)]
    if not columns:
        return ["{}"] * batch.num_rows
    # One format string for all rows is several times faster than joining pairs row by row.
    template = "{{" + ",".join(_literal(quoted(label)) + ":{}" for label in unique_labels(rows.columns)) + "}}"
    return [template.format(*cells) for cells in zip(*columns, strict=True)]


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def json_texts(array: pa.Array, column: Column) -> list[str]:
    """Return one JSON text per row, ``null`` for NULL, each on one line."""
    if is_moment(array.type):
        return ["null" if text is None else quoted(text) for text in moments(array, column)]
    to_json = json_of(array.type, column.type_name)
    return ["null" if value is None else to_json(value) for value in values(array, column)]


def json_of(kind: pa.DataType, type_name: str = "") -> ToJson:
    """Return the function that writes one non-NULL value of an Arrow type as JSON.

    Args:
        kind: the Arrow type.
        type_name: the SQL type, for what Arrow does not tell: ``JSON`` and lists of it.
    """
    import pyarrow as pa

    types = pa.types
    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    if type_name == "JSON":
        return _embedded
    if types.is_boolean(kind) or types.is_integer(kind) or types.is_decimal(kind):
        return scalar_text
    if types.is_floating(kind):
        return _float
    if types.is_map(kind):
        return _map(json_of(kind.item_type))
    if types.is_struct(kind):
        return _struct({kind.field(i).name: json_of(kind.field(i).type) for i in range(kind.num_fields)})
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return _list(json_of(kind.value_type, type_name.removesuffix("[]")))
    if types.is_union(kind):
        return _any
    return lambda value: quoted(scalar_text(value))


def _embedded(text: str) -> str:
    """Return the text itself, on one line, or quoted if it is not JSON after all."""
    try:
        # Numbers are not converted: only the grammar is checked, and a number may have any length.
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse)
    except ValueError:
        return quoted(text)
    # Inside JSON strings line breaks are always escaped, so these stand between tokens.
    return text.replace("\r", " ").replace("\n", " ").strip()


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _float(number: float) -> str:
    if isfinite(number):
        return repr(number)
    return '"NaN"' if isnan(number) else '"Infinity"' if number > 0 else '"-Infinity"'


def _list(to_json: ToJson) -> ToJson:
    return lambda items: "[" + ",".join("null" if item is None else to_json(item) for item in items) + "]"


def _struct(fields: Mapping[str, ToJson]) -> ToJson:
    def write(value: dict[str, Any]) -> str:
        parts = (f"{quoted(name)}:{'null' if value[name] is None else to_json(value[name])}" for name, to_json in fields.items())
        return "{" + ",".join(parts) + "}"

    return write


def _map(to_json: ToJson) -> ToJson:
    def write(pairs: list[tuple[Any, Any]]) -> str:
        parts = (f"{quoted(scalar_text(key))}:{'null' if value is None else to_json(value)}" for key, value in pairs)
        return "{" + ",".join(parts) + "}"

    return write


def _any(value: Any) -> str:
    """Write a value whose type differs by row (UNION)."""
    return json.dumps(value, ensure_ascii=False, default=scalar_text)
