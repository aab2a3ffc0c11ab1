"""Turn Arrow arrays into the text of each cell, for every format whose cells are text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stripesql.outputs.json_values import json_of
from stripesql.outputs.rows import Rows
from stripesql.outputs.values import is_moment, moments, scalar_text, values

if TYPE_CHECKING:
    import pyarrow as pa

    from stripesql.outputs.rows import Column


def text_rows(batch: pa.RecordBatch, rows: Rows, *, for_people: bool = False) -> list[tuple[str | None, ...]]:
    """Return one tuple of texts per row of a batch; None is NULL."""
    if not batch.num_columns:
        return [()] * batch.num_rows
    columns = (texts(array, column, for_people=for_people) for array, column in zip(batch.columns, rows.columns, strict=True))
    return list(zip(*columns, strict=True))


def texts(array: pa.Array, column: Column, *, for_people: bool = False) -> list[str | None]:
    """Return the text of each value, None for NULL; nested values are JSON.

    Args:
        array: the values.
        column: where they stand, for messages.
        for_people: times are written as ``moments`` does for people.
    """
    import pyarrow as pa

    if is_moment(array.type):
        return moments(array, column, for_people=for_people)
    to_text = json_of(array.type) if pa.types.is_nested(array.type) else scalar_text
    return [None if value is None else to_text(value) for value in values(array, column)]


def is_number(kind: pa.DataType) -> bool:
    """Return whether text of this type stands to the right of its column."""
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))
