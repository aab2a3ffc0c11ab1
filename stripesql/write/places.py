"""Tell where in the user's statement an error is, which the engine or the parser found in a query made of its parts.

In: an error with its place in the query. Out: the error with its place in the statement, or with none.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Final

from stripesql.errors import NotSupportedError, ProgrammingError
from stripesql.sql.lexer import position

_PLACE: Final = re.compile(r" \(line (\d+), column (\d+)\)$")
_WORD: Final = re.compile(r"\w+")
# How much before and after the place is looked for: as much as is found once.
_AROUND: Final = ((40, 40), (20, 30), (0, 30), (0, 15), (15, 5), (0, 5))


@contextlib.contextmanager
def in_statement(query: str, statement: str) -> Iterator[None]:
    """Let errors of ``query`` speak of ``statement``, where that is known."""
    try:
        yield
    except (ProgrammingError, NotSupportedError) as problem:
        told = _PLACE.search(str(problem))
        if told is None or not statement:
            raise
        found = _place(query, statement, (int(told[1]), int(told[2])))
        message = str(problem)[: told.start()]
        if isinstance(problem, ProgrammingError):
            raise type(problem)(message, position=found) from problem.__cause__
        place = "" if found is None else f" (line {found[0]}, column {found[1]})"
        raise type(problem)(message + place) from problem.__cause__


def _place(query: str, statement: str, at: tuple[int, int]) -> tuple[int, int] | None:
    lines = query.split("\n")
    offset = sum(len(line) + 1 for line in lines[: at[0] - 1]) + at[1] - 1
    for before, after in _AROUND:
        start = max(0, offset - before)
        snippet = query[start : offset + after]
        if snippet.strip() and statement.count(snippet) == 1:
            return position(statement, statement.index(snippet) + offset - start)
    word = _WORD.match(query, offset)
    found = [each.start() for each in _WORD.finditer(statement) if word is not None and each[0] == word[0]]
    return position(statement, found[0]) if len(found) == 1 else None
