"""Cut what is typed, or a script, into statements and dot commands.

In: text, which may end in the middle of anything. Out: whole pieces in order, and the rest that is not whole yet. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from stripesql.errors import SqlSyntaxError
from stripesql.sql.lexer import Token, TokenKind, tokens

# What other shells understand.
_HABITS: Final = {"quit": ".quit", "exit": ".quit", "\\q": ".quit", "help": ".help", "?": ".help", "\\d": ".tables", "\\dt": ".tables"}


@dataclass(frozen=True, slots=True)
class Scan:
    """Hold the tokens of a text.

    Attributes:
        tokens: whole ones, in order.
        open: the string, quoted name or comment at the end that does not end, or None.
    """

    tokens: list[Token]
    open: Token | None = None


@dataclass(frozen=True, slots=True)
class DotCommand:
    """Say one line such as ``.mode csv``, and the offset of its end."""

    text: str
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class SqlText:
    """Say one statement, without its semicolon, and the offset after that."""

    text: str
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Cut:
    """Hold the whole pieces of a text, and what follows them."""

    pieces: tuple[DotCommand | SqlText, ...]
    rest: str


def scan(text: str, dialect: str = "duckdb") -> Scan:
    """Return the tokens of a text that may end inside one."""
    try:
        return Scan(tokens(text, dialect))
    except SqlSyntaxError as problem:
        start = _offset(text, problem.position or (1, 1))
        kinds = {'"': TokenKind.QUOTED, "`": TokenKind.QUOTED, "/": TokenKind.COMMENT}
        kind = kinds.get(text[start : start + 1], TokenKind.STRING)
        return Scan(tokens(text[:start], dialect), Token(kind, start, len(text), text[start:]))


def _offset(text: str, position: tuple[int, int]) -> int:
    line, column = position
    start = 0
    for _ in range(line - 1):
        start = text.index("\n", start) + 1
    return start + column - 1


def cut(text: str, dialect: str = "duckdb") -> Cut:
    """Return the pieces of a text: a line that begins with a point and a letter is a command, all else ends at a semicolon."""
    found: list[DotCommand | SqlText] = []
    start = 0
    while True:
        # Commands are no SQL: a quote in one must not swallow what follows, so the text is read anew after each.
        end = _read_statements(text, start, dialect, found)
        if end is None:
            return Cut(tuple(found), "")
        if not _is_command(text, end):
            return Cut(tuple(found), text[end:])
        start = text.find("\n", end)
        start = len(text) if start < 0 else start
        found.append(DotCommand(text[end:start].strip(), start))


def _read_statements(text: str, start: int, dialect: str, found: list[DotCommand | SqlText]) -> int | None:
    """Add the whole statements from ``start``; return where a command or an unfinished statement begins, None at the end."""
    scanned = scan(text[start:], dialect)
    begin: int | None = None
    for token in [*scanned.tokens, *([scanned.open] if scanned.open else [])]:
        if token.kind is TokenKind.COMMENT and token is not scanned.open:
            continue
        at = start + token.start
        if token.text == ";":
            if begin is not None:
                found.append(SqlText(text[begin:at].strip(), at + 1))
            begin = None
        elif begin is None:
            if _is_command(text, at):
                return at
            begin = at
    return begin


def _is_command(text: str, at: int) -> bool:
    before = text[text.rfind("\n", 0, at) + 1 : at]
    return text[at] == "." and text[at + 1 : at + 2].isalpha() and not before.strip()


def hinted(text: str) -> str:
    """Return the text; a lone word that people type to leave or to be helped is the command that it means."""
    return _HABITS.get(text.strip().rstrip(";").rstrip().lower(), text)


def is_whole(text: str, dialect: str = "duckdb") -> bool:
    """Return whether Enter runs the text: nothing in it waits for its end."""
    return not cut(hinted(text), dialect).rest
