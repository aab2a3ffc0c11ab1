r"""Write tab-separated text for line tools (cut, awk, sort): one line per row, always.

A tab, line feed, carriage return or backslash in data is ``\t``, ``\n``, ``\r``, ``\\``; NULL is ``\N``. These are the
rules of Postgres' COPY, MySQL and ClickHouse.
"""

from __future__ import annotations

from typing import BinaryIO

from stripesql.outputs.rows import PLAIN, Rows, Screen, Written
from stripesql.outputs.texts import text_rows

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def write(rows: Rows, out: BinaryIO, screen: Screen = PLAIN) -> Written:
    """Write a header line, then one line per row; streams."""
    out.write(_line(tuple(column.label for column in rows.columns)))
    count = 0
    for batch in rows.batches:
        out.write(b"".join(map(_line, text_rows(batch, rows))))
        out.flush()
        count += batch.num_rows
    return Written(count)


def _line(cells: tuple[str | None, ...]) -> bytes:
    return ("\t".join(["\\N" if cell is None else cell.translate(_ESCAPES) for cell in cells]) + "\n").encode()
