"""Turn Stripe's answers to calls into rows.

In: bodies of answers, and the table that they are objects of, where there is one. Out: ``Rows``: columns and an Arrow
table. Where no table fits, the columns are the fields that the answers have.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import msgspec
import pyarrow as pa

from stripesql.catalogue.model import Column, ColumnRole, Table
from stripesql.decode.decoder import Decoder
from stripesql.decode.page import DecodeFailure
from stripesql.fetch import failures
from stripesql.fetch.response import Response
from stripesql.types import SqlType, ValueType
from stripesql.write.texts import json_text, plain_text

RAW: Final = "_raw"
# Stripe names a time "created", "expires" or "<event>_at".
_TIME: Final = re.compile(r"created|expires|\w+_at")
_FIRST: Final = ("id", "object")


@dataclass(frozen=True, slots=True)
class Rows:
    """Hold the rows that a statement gives.

    Attributes:
        types: SQL type of each column of ``table``.
        table: the rows.
    """

    types: tuple[ValueType, ...]
    table: pa.Table

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Return (label, SQL type name) in order."""
        return tuple((name, kind.name) for name, kind in zip(self.table.column_names, self.types, strict=True))


@cache
def value_type(kind: SqlType) -> ValueType:
    """Return the type of a result's column that holds values of a catalogue type."""
    return ValueType(kind.value, kind.value.partition("(")[0])


def rows_of(fields: Sequence[tuple[str, SqlType]], rows: Sequence[Sequence[object]]) -> Rows:
    """Return rows given as Python values."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(fields)
    schema = pa.schema([kind.field(name) for name, kind in fields])
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return Rows(tuple(value_type(kind) for _, kind in fields), pa.table(arrays, schema=schema))


def table_rows(table: Table, answers: Sequence[Response], *, parents: Sequence[Mapping[str, str]] = (), raw: bool = False) -> Rows:
    """Return the rows of a table's objects, with the columns of ``*``.

    Args:
        table: what the answers are objects of, or lists of.
        answers: in order.
        parents: of each answer, values of the columns that name its parent.
        raw: add the whole object as ``_raw``, for what ``expand`` brought.
    """
    columns = [*table.visible, *(each for each in table.columns if raw and each.role is ColumnRole.RAW)]
    schema = pa.schema([column.type.field(column.name) for column in columns])
    batches = _batches(columns, answers, parents or [{}] * len(answers))
    return Rows(tuple(value_type(column.type) for column in columns), pa.Table.from_batches(batches, schema=schema))


def _batches(columns: Sequence[Column], answers: Sequence[Response], parents: Sequence[Mapping[str, str]]) -> list[pa.RecordBatch]:
    if answers and all(each == parents[0] for each in parents) and not any(_is_list(answer.body) for answer in answers):
        # One decoding for all: it costs hardly more than one for each.
        with contextlib.suppress(DecodeFailure):
            return [Decoder(columns, constants=parents[0]).objects([answer.body for answer in answers]).batch]
    return [_batch(Decoder(columns, constants=given), answer) for answer, given in zip(answers, parents, strict=True)]


def _batch(decoder: Decoder, answer: Response) -> pa.RecordBatch:
    try:
        return (decoder.list_page(answer.body) if _is_list(answer.body) else decoder.single(answer.body)).batch
    except DecodeFailure as problem:
        raise failures.unreadable(answer, problem) from problem


class _Kind(msgspec.Struct):
    object: str = ""


def _is_list(body: bytes) -> bool:
    try:
        return msgspec.json.decode(body, type=_Kind).object == "list"
    except msgspec.MsgspecError:
        return False


def object_rows(answers: Sequence[Response]) -> Rows:
    """Return a row for each object, with a column for each field that any of them has, and the whole as ``_raw``."""
    objects: list[dict[str, Any]] = []
    for answer in answers:
        document = document_of(answer)
        items = document["data"] if isinstance(document, dict) and isinstance(document.get("data"), list) else [document]
        objects += [each if isinstance(each, dict) else {"value": each} for each in items]
    found = dict.fromkeys(name for each in objects for name in each)
    names = [*(name for name in _FIRST if name in found or not objects), *(name for name in found if name not in _FIRST)]
    fields = [(name, _type_of(name, [each.get(name) for each in objects])) for name in names]
    rows = [[*(_value(each.get(name), kind) for name, kind in fields), json_text(each)] for each in objects]
    return rows_of([*fields, (RAW, SqlType.JSON)], rows)


def document_of(answer: Response) -> Any:
    """Return the JSON of an answer.

    Raises:
        ApiFailure: it is not JSON.
    """
    try:
        return json.loads(answer.body)
    except ValueError as problem:
        raise failures.unreadable(answer, problem) from problem


def _type_of(name: str, values: Sequence[object]) -> SqlType:
    kinds = {type(each) for each in values if each is not None}
    if kinds <= {str}:
        return SqlType.VARCHAR
    if kinds == {bool}:
        return SqlType.BOOLEAN
    if kinds == {int} and all(-(2**63) <= each < 2**63 for each in values if isinstance(each, int)):
        return SqlType.TIMESTAMPTZ if _TIME.fullmatch(name) else SqlType.BIGINT
    return SqlType.DOUBLE if kinds <= {int, float} else SqlType.JSON


def _value(value: object, kind: SqlType) -> object:
    if value is None:
        return None
    if kind is SqlType.TIMESTAMPTZ and isinstance(value, int):
        return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=value)
    if kind is SqlType.JSON:
        return json_text(value)
    return plain_text(value) if isinstance(value, str) else value
