"""Offer a near name where the engine found none.

In: the engine's error, the user's text, the relations of the query. Out: the error with "did you mean" and a position.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from stripesql.catalogue.model import Table
from stripesql.catalogue.relations import System
from stripesql.errors import UnknownName
from stripesql.sql.analysis import Occurrence
from stripesql.sql.lexer import TokenKind, code, position


def with_near_name(problem: UnknownName, text: str, occurrences: Sequence[Occurrence]) -> UnknownName:
    """Return the error with the nearest column of the query's tables, and the place of the name in ``text``."""
    if table := re.match(r'"([^"]+)" names no table', str(problem)):
        return _unknown_alias(problem, table[1], text, occurrences)
    found = re.match(r'there is no (column|function) "([^"]+)"(.*)', str(problem))
    if found is None:
        return problem
    kind, name, rest = found.groups()
    where = _place(text, name)
    if kind == "function":
        return UnknownName(f'there is no function "{name}"{rest}', position=where)
    columns = {column: each.relation for each in occurrences for column in _columns(each)}
    if name.lower() in columns:
        return UnknownName(
            f'"{name}" is a hidden column, which * leaves out; name it in the subquery that reads {columns[name.lower()].name}',
            position=where,
        )
    near = get_close_matches(name.lower(), columns, n=1, cutoff=0.6)
    tables = list(dict.fromkeys(each.relation.name for each in occurrences))
    of = f" in {tables[0]}" if len(tables) == 1 else ""
    hint = f'; did you mean "{near[0]}"?' if near else f"; DESCRIBE {tables[0]} lists the columns" if tables else ""
    return UnknownName(f'there is no column "{name}"{of}{hint}', position=where)


def _unknown_alias(problem: UnknownName, name: str, text: str, occurrences: Sequence[Occurrence]) -> UnknownName:
    aliases = list(dict.fromkeys(each.alias for each in occurrences))
    near = aliases if len(aliases) == 1 else get_close_matches(name, aliases, n=1)
    return UnknownName(f'{problem}; did you mean "{near[0]}"?' if near else str(problem), position=_place(text, name))


def _place(text: str, name: str) -> tuple[int, int] | None:
    """Return line and column of the first place where ``name`` stands."""
    words = (token for token in code(text) if token.kind in (TokenKind.WORD, TokenKind.QUOTED))
    return next((position(text, token.start) for token in words if token.text.strip('"').lower() == name.lower()), None)


def _columns(occurrence: Occurrence) -> list[str]:
    relation = occurrence.relation
    if isinstance(relation, Table):
        return [column.name for column in relation.columns]
    return [name for name, _ in relation.columns] if isinstance(relation, System) else []
