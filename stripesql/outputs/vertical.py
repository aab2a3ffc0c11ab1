"""Write each row as a block of ``label │ value`` lines, for rows of many columns.

Nothing is left out: on a terminal long values are folded under themselves, in a pipe or file they stay on one line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from stripesql.outputs.rows import PLAIN, Rows, Screen, Written
from stripesql.outputs.texts import text_rows
from stripesql.outputs.width import fold, harmless, pad, width

_RULE_BEYOND_LABELS = 24

_NARROWEST_VALUE = 8


def write(rows: Rows, out: BinaryIO, screen: Screen = PLAIN) -> Written:
    """Write a numbered rule, then one line or more per column, for each row; streams."""
    block = _Block([harmless(column.label) for column in rows.columns], screen)
    count = 0
    for batch in rows.batches:
        lines = []
        for cells in text_rows(batch, rows, for_people=True):
            count += 1
            lines.append(block.rule(count))
            lines.extend(block.lines(cells))
        out.write("".join([line + "\n" for line in lines]).encode())
        out.flush()
    return Written(count)


class _Block:
    """Draw the lines of one row."""

    def __init__(self, labels: list[str], screen: Screen) -> None:
        widest = max(map(width, labels), default=0)
        self._labels = labels
        self._screen = screen
        self._label_width = widest if screen.width is None else min(widest, max(16, screen.width // 2))
        self._value_width = None if screen.width is None else max(screen.width - self._label_width - 4, _NARROWEST_VALUE)
        self._bold, self._dim, self._end = ("\x1b[1m", "\x1b[2m", "\x1b[0m") if screen.colour else ("", "", "")
        self._bar = f" {self._dim}{'│' if screen.unicode else '|'}{self._end} "

    def rule(self, number: int) -> str:
        """Return the line above row ``number``."""
        line = "─" if self._screen.unicode else "-"
        most = self._label_width + _RULE_BEYOND_LABELS
        start = f"{line}[ {number} ]"
        return f"{self._dim}{start.ljust(most if self._screen.width is None else min(most, self._screen.width), line)}{self._end}"

    def lines(self, cells: tuple[str | None, ...]) -> Iterator[str]:
        """Yield the lines of one row."""
        for label, cell in zip(self._labels, cells, strict=True):
            pieces = self._pieces(cell)
            if width(label) > self._label_width:
                # A label that would leave no room for values stands on a line of its own, whole.
                yield f" {self._bold}{label}{self._end}"
                label = ""
            for piece in pieces:
                yield f" {self._bold}{pad(label, self._label_width)}{self._end}{self._bar}{piece}".rstrip(" ")
                label = ""

    def _pieces(self, cell: str | None) -> list[str]:
        if cell is None:
            return [f"{self._dim}NULL{self._end}"]
        text = harmless(cell)
        return [text] if self._value_width is None else fold(text, self._value_width)
