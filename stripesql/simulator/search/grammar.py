"""Parse the search query language.

In: text such as ``status:"active" AND -metadata["k"]:null``. Out: clauses and whether all or any must hold. AND and OR are
never mixed, there are no parentheses, at most ten clauses (docs: Search, query structure and limits).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stripesql.simulator import errors

MOST_CLAUSES = 10

_CLAUSE = re.compile(
    r"""\s*(?P<minus>-)?
    (?P<field>[A-Za-z_][A-Za-z0-9_.]*)
    (?:\[(?P<quote>["'])(?P<key>(?:\\.|(?!(?P=quote)).)*)(?P=quote)\])?
    \s*(?P<operator>>=|<=|:|~|>|<)\s*
    (?:"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>(?:\\.|[^'\\])*)'|(?P<bare>[^\s"']+))""",
    re.VERBOSE,
)
_JOIN = re.compile(r"\s+(AND|OR)\s+|\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Clause:
    """Say one comparison.

    Attributes:
        field: as written; ``metadata`` with a key.
        key: of metadata, or None.
        operator: ``: ~ > < >= <=``.
        value: text, None for ``null``.
        quoted: the value stood in quotes.
        negated: ``-`` in front.
    """

    field: str
    key: str | None
    operator: str
    value: str | None
    quoted: bool
    negated: bool


@dataclass(frozen=True, slots=True)
class Query:
    """Say clauses, of which all (or any) must hold."""

    clauses: tuple[Clause, ...]
    any_of: bool


def parsed(text: str) -> Query:
    """Return the query.

    Raises:
        ApiError: 400, the text is outside the language.

    >>> parsed('name~"ada" AND created>5').clauses[1].operator
    '>'
    """
    clauses: list[Clause] = []
    joins: set[str] = set()
    at, text = 0, text.strip()
    while True:
        match = _CLAUSE.match(text, at)
        if match is None:
            raise errors.invalid_value("query", f"We were unable to parse your search query at position {at}.")
        clauses.append(_clause(match))
        at = match.end()
        if at == len(text):
            break
        join = _JOIN.match(text, at)
        if join is None:
            raise errors.invalid_value("query", f"We were unable to parse your search query at position {at}.")
        joins.add((join[1] or "AND").upper())
        at = join.end()
    if len(joins) > 1:
        raise errors.invalid_value("query", "A search query cannot mix AND with OR.")
    if len(clauses) > MOST_CLAUSES:
        raise errors.invalid_value("query", f"A search query can have at most {MOST_CLAUSES} clauses.")
    return Query(tuple(clauses), joins == {"OR"})


def _clause(match: re.Match[str]) -> Clause:
    written = match["double"] if match["double"] is not None else match["single"]
    value = re.sub(r"\\(.)", r"\1", written) if written is not None else match["bare"]
    null = written is None and value == "null"
    return Clause(match["field"], match["key"], match["operator"], None if null else value, written is not None, match["minus"] is not None)
