"""Write a table for people.

On a terminal it fits the width: long text is cut with an ellipsis, numbers and times never are. Where even that does
not fit, a short result is written vertically, and a long one with the columns that do fit. The text of an only column
(EXPLAIN) is folded and not cut. In a pipe or file nothing is cut. Column widths come from the first 1,000 rows; the rest streams with the same widths.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from stripesql.outputs import vertical
from stripesql.outputs.layout import Layout, Wish, fit
from stripesql.outputs.rows import PLAIN, Rows, Screen, Written
from stripesql.outputs.texts import is_number, text_rows
from stripesql.outputs.width import cut, fold_indented, harmless, pad, width

if TYPE_CHECKING:
    import pyarrow as pa

MEASURED_ROWS = 1_000

VERTICAL_LINES = 100
"""A result of more columns than fit is written vertically if that takes at most so many lines."""

_IDENTIFIERS = re.compile(r"[\w.-]{1,32}", re.ASCII)
"""Ids, codes and versions are of no use when cut, so a column of them is cut no more than one of numbers."""

Cells = Sequence[str | None]


def write(rows: Rows, out: BinaryIO, screen: Screen = PLAIN) -> Written:
    """Write a header, a rule, then one line per row."""
    measured, exhausted = _measured(rows.batches)
    whole = [is_number(field.type) or _is_time(field.type) for field in rows.schema]
    head = [cells for batch in measured for cells in _shown(batch, rows, screen)]
    labels = [harmless(column.label) for column in rows.columns]
    layout = fit([_wish(index, label, head, whole[index]) for index, label in enumerate(labels)], screen.width)
    if layout.hidden and exhausted and _is_better_vertical(len(head), len(labels)):
        return vertical.write(Rows(rows.columns, rows.schema, iter(measured)), out, screen)

    table = _Table(layout, [is_number(field.type) for field in rows.schema], whole, screen)
    out.write(table.header(labels))
    count = 0
    for lines in chain([head], (_shown(batch, rows, screen) for batch in rows.batches)):
        out.write(b"".join(map(table.line, lines)))
        out.flush()
        count += len(lines)
    hidden = f"{layout.hidden} of {len(labels)} columns do not fit and are not shown; --format vertical shows all"
    return Written(count, (hidden,) if layout.hidden else ())


def _measured(batches: Iterator[pa.RecordBatch]) -> tuple[list[pa.RecordBatch], bool]:
    """Return the first batches, about 1,000 rows, and whether they are all."""
    taken: list[pa.RecordBatch] = []
    count = 0
    while count < MEASURED_ROWS:
        batch = next(batches, None)
        if batch is None:
            return taken, True
        taken.append(batch)
        count += batch.num_rows
    return taken, False


def _shown(batch: pa.RecordBatch, rows: Rows, screen: Screen) -> list[Cells]:
    # Four characters a column leave room for marks; a whole object of 5 kB is not looked at to show 40 columns of it.
    most = None if screen.width is None or len(rows.columns) == 1 else 4 * screen.width
    return [
        [None if cell is None else harmless(cell[:most]) for cell in cells]  #
        for cells in text_rows(batch, rows, for_people=True)
    ]


def _is_time(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_temporal(kind))


def _wish(index: int, label: str, head: Sequence[Cells], whole: bool) -> Wish:
    cells = [row[index] for row in head]
    widest = max((4 if cell is None else width(cell) for cell in cells), default=0)
    return Wish(width(label), widest, whole or all(not cell or _IDENTIFIERS.fullmatch(cell) for cell in cells))


def _is_better_vertical(rows: int, columns: int) -> bool:
    return rows == 1 or 0 < rows * (columns + 1) <= VERTICAL_LINES


class _Table:
    """Draw lines of one layout."""

    def __init__(self, layout: Layout, to_right: Sequence[bool], whole: Sequence[bool], screen: Screen) -> None:
        self._columns = list(zip(layout.widths, to_right, whole, strict=False))
        self._cuts = screen.width is not None
        self._folds = screen.width is not None and len(self._columns) == 1 and not layout.hidden
        self._ellipsis = "…" if screen.unicode else "..."
        self._bold, self._dim, self._end = ("\x1b[1m", "\x1b[2m", "\x1b[0m") if screen.colour else ("", "", "")
        rule, cross, bar = ("─", "┼", "│") if screen.unicode else ("-", "+", "|")
        more = layout.hidden > 0
        self._bar = f" {self._dim}{bar}{self._end} "
        self._more = f"{self._bar}{self._dim}{self._ellipsis}{self._end}" if more else ""
        rules = [rule * (columns + 2) for columns in layout.widths] + ([rule * (len(self._ellipsis) + 2)] if more else [])
        self._rule = f"{self._dim}{cross.join(rules)[:-1]}{self._end}\n"

    def header(self, labels: Sequence[str]) -> bytes:
        """Return the line of labels and the rule under it."""
        cells = [
            f"{self._bold}{pad(cut(label, columns, self._ellipsis), columns, right=right)}{self._end}"
            for label, (columns, right, _) in zip(labels, self._columns, strict=False)
        ]
        return self._joined(cells) + self._rule.encode()

    def line(self, cells: Cells) -> bytes:
        """Return the line of one row; the folded lines where it is of one column."""
        if self._folds and cells[0] is not None and not self._columns[0][2]:
            return b"".join(self._joined([piece]) for piece in fold_indented(cells[0], self._columns[0][0]))
        return self._joined([self._cell(cell, *column) for cell, column in zip(cells, self._columns, strict=False)])

    def _cell(self, text: str | None, columns: int, right: bool, whole: bool) -> str:
        if text is None:
            return f"{self._dim}{pad('NULL', columns, right=right)}{self._end}"
        if self._cuts and not whole:
            text = cut(text, columns, self._ellipsis)
        return pad(text, columns, right=right)

    def _joined(self, cells: Sequence[str]) -> bytes:
        return (f" {self._bar.join(cells)}{self._more}".rstrip(" ") + "\n").encode()
