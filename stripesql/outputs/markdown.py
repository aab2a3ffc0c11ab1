"""Write a Markdown table (GitHub Flavored Markdown), to paste into an issue or a message.

What Markdown or HTML would read as markup is escaped, so that data stays text: a name cannot become a link or an image.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from stripesql.outputs.rows import PLAIN, Rows, Screen, Written
from stripesql.outputs.texts import is_number, text_rows
from stripesql.outputs.width import harmless

_MARKUP = re.compile(r"[\\`*\[|<~]|(?<![^\W_])_|_(?![^\W_])")
"""An underscore inside a word is text in GFM, and every Stripe id has one."""


def write(rows: Rows, out: BinaryIO, screen: Screen = PLAIN) -> Written:
    """Write a header, a rule, then one line per row; streams. Numbers are aligned to the right."""
    out.write(_line(tuple(column.label for column in rows.columns)))
    out.write(("|" + "|".join(" ---: " if is_number(field.type) else " --- " for field in rows.schema) + "|\n").encode())
    count = 0
    for batch in rows.batches:
        out.write(b"".join(map(_line, text_rows(batch, rows, for_people=True))))
        out.flush()
        count += batch.num_rows
    return Written(count)


def _line(cells: tuple[str | None, ...]) -> bytes:
    return ("| " + " | ".join(["NULL" if cell is None else _escaped(cell) for cell in cells]) + " |\n").encode()


def _escaped(text: str) -> str:
    lines = text.replace("\r\n", "\n").split("\n")
    return "<br>".join(_MARKUP.sub(r"\\\g<0>", harmless(line).replace("&", "&amp;")) for line in lines)
