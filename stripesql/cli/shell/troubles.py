"""Show what went wrong with a statement, and where in it.

In: an exception and the statement. Out: lines on standard error: the message, then the line of the statement with a caret under the place.
"""

from __future__ import annotations

import sys
import textwrap

from stripesql.cli.arguments import UsageError
from stripesql.cli.failures import described
from stripesql.cli.keys import redacted
from stripesql.cli.screen import screen_of
from stripesql.outputs.width import harmless, split_at, width

_BEFORE_CARET = 12
"""Columns that stay visible before the caret where a line is cut."""


def show(problem: Exception, statement: str, *, debug: bool) -> None:
    """Print what went wrong."""
    screen = screen_of(sys.stderr)
    red, end = ("\x1b[31m", "\x1b[0m") if screen.colour else ("", "")
    said = described(problem, debug=debug).replace("stripesql: ", "", 1).replace("\n  see stripesql --help", "\n  .help lists the commands")
    said = said.replace("--max-requests raises the budget", "SET max_requests = N raises the budget")
    lines = [folded for line in said.split("\n") for folded in _folded(line, screen.width)]
    print(f"{red}{lines[0]}{end}", *lines[1:], sep="\n", file=sys.stderr)
    position = getattr(problem, "position", None)
    if position is not None and not isinstance(problem, UsageError):
        print(*caret(statement, position, screen.width or 80), sep="\n", file=sys.stderr)
    sys.stderr.flush()


def _folded(line: str, limit: int | None) -> list[str]:
    if limit is None or width(line) <= limit:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(line, limit, subsequent_indent=indent or "  ", break_on_hyphens=False) or [line]


def caret(statement: str, position: tuple[int, int], limit: int) -> list[str]:
    r"""Return the line of a statement that a position is in, cut to ``limit`` columns around it, and a line with a caret under it.

    >>> caret("SELECT a\nFROM custmers", (2, 6), 80)
    ['  FROM custmers', '       ^']
    """
    line_number, column = position
    lines = statement.split("\n")
    if not 1 <= line_number <= len(lines):
        return []
    line = lines[line_number - 1].replace("\t", " ")
    before, after = redacted(harmless(line[: column - 1])), redacted(harmless(line[column - 1 :]))
    room = max(limit - 3, 10)
    if width(before) + min(width(after), _BEFORE_CARET) > room:
        keep = max(room - max(min(width(after), _BEFORE_CARET), 1) - 1, 1)
        before = f"…{_last(before, keep)}"
    shown, _ = split_at(before + after, room)
    return [f"  {shown}", f"  {' ' * width(before)}^"]


def _last(text: str, columns: int) -> str:
    """Return the longest end of a text that takes at most so many columns."""
    start = max(len(text) - columns, 0)
    while width(text[start:]) > columns:
        start += 1
    return text[start:]
