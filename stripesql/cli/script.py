"""Read SQL text from its sources and split it into statements."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from stripesql.cli.arguments import Origin, Source, UsageError

_COMMAND: Final = re.compile(r"^\s*\.[a-z]", re.MULTILINE)


def texts(sources: Sequence[Source]) -> list[str]:
    """Return the text of each source, in order.

    Raises:
        UsageError: a file that cannot be read, or is not UTF-8.
    """
    return [text_of(source) for source in sources]


def has_commands(text: str) -> bool:
    """Return whether a text holds commands of the shell beside its statements."""
    if _COMMAND.search(text) is None:
        return False
    from stripesql.cli.shell.pieces import DotCommand, cut

    return any(isinstance(piece, DotCommand) for piece in cut(text).pieces)


def statements(text: str, dialect: str) -> list[str]:
    """Return the statements of a text, in order; empty ones are left out.

    Raises:
        SqlSyntaxError: text that cannot be split, such as an open quote.
    """
    from stripesql.sql.statements import split

    return [statement for statement in split(text, dialect) if statement.strip()]


def gives_rows(statement: str) -> bool:
    """Return whether a statement is one that gives a result, as far as its words tell."""
    from stripesql.errors import Error
    from stripesql.sql.lexer import code
    from stripesql.sql.statements import Call, Describe, Explain, Query, ShowSetting, Write, classify

    try:
        match classify(statement):
            case Query() | Explain() | Describe() | ShowSetting() | Call():
                return True
            case Write():
                return any(token.word == "returning" for token in code(statement))
            case _:
                return False
    except Error:
        return False  # running it will say what is wrong


def text_of(source: Source) -> str:
    """Return the text of a source.

    Raises:
        UsageError: a file that cannot be read, or is not UTF-8.
    """
    try:
        match source.origin:
            case Origin.ARGUMENT:
                return source.text
            case Origin.FILE:
                # Editors on Windows put a byte order mark before UTF-8.
                return Path(source.text).read_text(encoding="utf-8-sig")
            case Origin.STDIN:
                return sys.stdin.buffer.read().decode("utf-8-sig")
    except OSError as problem:
        raise UsageError(f"cannot read {source.text}: {problem.strerror}") from problem
    except UnicodeDecodeError as problem:
        raise UsageError(f"{source.text or 'standard input'} is not UTF-8 text (byte {problem.start})") from problem
