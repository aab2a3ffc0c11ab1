"""Write an Excel workbook of one sheet, through openpyxl's streaming writer.

Numbers and dates are real ones. Excel keeps 15 digits, so that a longer number is written as text, digit for digit.
Excel has no zones: timestamps are written as the session's zone shows them, without the offset. Text is always text,
also where it begins with ``=``; it can never be a formula.
"""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from stripesql.errors import DataError, NotSupportedError
from stripesql.outputs.json_values import json_of
from stripesql.outputs.rows import PLAIN, Column, Rows, Screen, Written
from stripesql.outputs.values import scalar_text, values

if TYPE_CHECKING:
    import pyarrow as pa

MOST_ROWS = 1_048_575
"""Rows of a sheet, less the one of labels."""

MOST_COLUMNS = 16_384

MOST_CHARACTERS = 32_767

_FIRST_YEAR = 1900

_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
"""What XML cannot hold, and what Excel would read as an escape for it (ECMA-376 part 1, 22.9.2.19, ST_Xstring)."""


def write(rows: Rows, out: BinaryIO, screen: Screen = PLAIN) -> Written:
    """Write one workbook; the sheet streams through a private temporary file.

    Raises:
        NotSupportedError: openpyxl is not installed.
        DataError: more rows, columns or characters in a cell than Excel takes.
    """
    try:
        from openpyxl import Workbook
    except ImportError as missing:
        raise NotSupportedError("xlsx needs openpyxl: pip install 'stripesql[xlsx]'") from missing

    if len(rows.columns) > MOST_COLUMNS:
        raise DataError(f"an Excel sheet has at most {MOST_COLUMNS:,} columns and the result has {len(rows.columns):,}; name fewer")
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Result")
    try:
        count = _fill(sheet, rows)
        book.save(out)
    except BaseException:
        _discard(sheet)
        raise
    zones = sorted({field.type.tz for field in rows.schema if getattr(field.type, "tz", None)})
    return Written(count, tuple(f"times are in {zone}, without an offset" for zone in zones))


def _fill(sheet: Any, rows: Rows) -> int:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    sheet.freeze_panes = "A2"
    labels = []
    for column in rows.columns:
        cell = WriteOnlyCell(sheet, _plain(column.label, column))
        cell.data_type = "s"
        cell.font = Font(bold=True)
        labels.append(cell)
    sheet.append(labels)
    count = 0
    for batch in rows.batches:
        count += batch.num_rows
        if count > MOST_ROWS:
            raise DataError(f"an Excel sheet has at most {MOST_ROWS:,} rows and the result has more; use LIMIT, or csv or parquet")
        columns = (_cells(sheet, array, column) for array, column in zip(batch.columns, rows.columns, strict=True))
        for cells in zip(*columns, strict=True):
            sheet.append(cells)
    return count


def _cells(sheet: Any, array: pa.Array, column: Column) -> list[Any]:
    import pyarrow as pa

    found = values(array, column)
    if pa.types.is_nested(array.type):
        to_json = json_of(array.type)
        found = [None if value is None else to_json(value) for value in found]
    return [_cell(sheet, value, column) for value in found]


def _cell(sheet: Any, value: Any, column: Column) -> Any:
    """Return what openpyxl writes for one value: a number, a truth value, a moment, or a cell of text."""
    match value:
        case None | bool():
            return value
        case int() | Decimal():
            exact = len(scalar_text(value).strip("-0.").replace(".", "")) <= 15
            return value if exact else _text_cell(sheet, scalar_text(value), column)
        case float() if isfinite(value):
            return value
        case dt.datetime() if value.year >= _FIRST_YEAR:
            return value.replace(tzinfo=None)
        case dt.date() if value.year >= _FIRST_YEAR:
            return value
        case dt.time():
            return value
        case _:
            return _text_cell(sheet, scalar_text(value), column)


def _text_cell(sheet: Any, text: str, column: Column) -> Any:
    from openpyxl.cell import WriteOnlyCell

    text = _plain(text, column)
    if not text.startswith(("=", "#")):
        return text
    cell = WriteOnlyCell(sheet, text)
    # openpyxl guesses formulas and error values from text; quotePrefix keeps Excel from guessing when it is edited.
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def _plain(text: str, column: Column) -> str:
    """Return text as a cell may hold it.

    Raises:
        DataError: it is longer than that.
    """
    if len(text) > MOST_CHARACTERS:
        raise DataError(
            f'an Excel cell has at most {MOST_CHARACTERS:,} characters and one of column "{column.label}" has {len(text):,}; '
            "leave the column out, or use csv or parquet"
        )
    return _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def _discard(sheet: Any) -> None:
    """Remove the temporary file of a sheet that is not saved; openpyxl would keep it until the process ends."""
    with suppress(Exception):
        sheet.close()
    if sheet._writer is not None:
        Path(sheet._writer.out).unlink(missing_ok=True)
