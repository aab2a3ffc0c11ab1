r"""Write CSV: RFC 4180 with ``\n`` as line end.

NULL is an empty field and an empty string is ``""``, so that they differ. Fields are quoted only where they must be.
Data is left exact: a text that begins with ``=`` is a formula to a spreadsheet program that opens the file; the xlsx
format writes such text as text.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from stripesql.outputs.rows import PLAIN, Rows, Screen, Written
from stripesql.outputs.texts import text_rows

_QUOTED = re.compile(r'[",\r\n]|^\s|\s$|^$')


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
    return (",".join(["" if cell is None else _field(cell) for cell in cells]) + "\n").encode()


def _field(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
