"""Run a query that DuckDB can parse and sqlglot cannot: all columns, nothing pushed.

The text stays as it is, and the relations keep their own names. They are found by the place of their names among the
tokens: after FROM, JOIN or a comma between them. What is not certain to be allowed there is refused.

In: the text and its tokens. Out: the relations by name, and splices that take their schemas away.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from stripesql.catalogue.relations import Relation
from stripesql.errors import NotSupportedError, SqlSyntaxError
from stripesql.sql.constants import Evaluate
from stripesql.sql.functions import TABLE_FUNCTIONS
from stripesql.sql.lexer import Token, TokenKind, position
from stripesql.sql.literals import literal
from stripesql.sql.sources import FindRelation
from stripesql.sql.splice import Splice, quoted

_BEFORE_TABLES: Final = frozenset({"from", "join", "table", "pivot", "pivot_wider", "pivot_longer", "unpivot", "summarize", "describe"})
_AFTER_TABLES: Final = frozenset({"where", "group", "having", "window", "qualify", "order", "limit", "offset", "select", "fetch", "union"})
_AFTER_TABLES_TOO: Final = frozenset({"except", "intersect", "values", "set"})
_CONDITIONS: Final = frozenset({"on", "using", "when", "in"})
_CHANGES: Final = frozenset({"insert", "update", "delete", "merge", "copy", "call", "attach", "create", "drop", "show", "pragma"})


@dataclass(frozen=True, slots=True)
class Unparsed:
    """Say what the tokens tell.

    Attributes:
        relations: by the name that the text gives them, lower case.
        unknown: names where a relation stands and none is known: (schema, name, offset).
        splices: schemas to take away.
    """

    relations: dict[str, Relation] = field(default_factory=dict)
    unknown: list[tuple[str | None, str, int]] = field(default_factory=list)
    splices: list[Splice] = field(default_factory=list)


def check_syntax(text: str, evaluate: Evaluate, problem: SqlSyntaxError) -> None:
    """Do nothing where the engine can parse the text, or does not say.

    Raises:
        SqlSyntaxError: the engine's own, with its position, or ``problem`` where it gives none.
    """
    (answer,) = evaluate([f"json_serialize_sql({literal(text)})"])
    told = json.loads(answer.text) if answer is not None and answer.text else {}
    if not told.get("error") or told.get("error_type") != "parser":
        return
    where = str(told.get("position") or "")
    # The engine counts bytes.
    offset = len(text.encode()[: int(where)].decode(errors="ignore")) if where.isdigit() else None
    raise SqlSyntaxError(
        str(told.get("error_message") or problem), position=position(text, offset) if offset is not None else None
    ) from problem


def find_relations(text: str, stream: Sequence[Token], find: FindRelation) -> Unparsed:
    """Return the relations that a text reads.

    Raises:
        NotSupportedError: a change, a file or a table function that is not available.
    """
    _check_changes(text, stream)
    ctes = set(_ctes(stream))
    found = Unparsed()
    for index in _places(stream):
        token = stream[index]
        if token.kind is TokenKind.STRING:
            raise NotSupportedError("SQL here reads Stripe, not files (line {}, column {})".format(*position(text, token.start)))
        dotted = index + 2 < len(stream) and stream[index + 1].text == "."
        last = stream[index + 2] if dotted else token
        schema, name = (_name(token) if dotted else None), _name(last)
        follower = stream[index + 3] if dotted and index + 3 < len(stream) else stream[index + 1] if index + 1 < len(stream) else None
        if follower is not None and follower.text == "(":
            if name.lower() not in TABLE_FUNCTIONS:
                raise NotSupportedError(
                    f"table function {name.lower()} is not available; available are {', '.join(sorted(TABLE_FUNCTIONS))}"
                )
            continue
        if schema is None and name.lower() in ctes:
            continue
        relation = find(schema, name)
        if relation is None:
            found.unknown.append((schema, name, token.start))
        else:
            found.relations[name.lower()] = relation
    found.splices.extend(_schemas(stream, find, found.relations))
    return found


def _check_changes(text: str, stream: Sequence[Token]) -> None:
    for before, token in pairwise(stream):
        if before.text == "(" and token.word in _CHANGES:
            raise NotSupportedError(
                f"{token.word.upper()} cannot be part of a query (line {{}}, column {{}})".format(*position(text, token.start))
            )


def _places(stream: Sequence[Token]) -> Iterator[int]:
    """Yield the index of each token that stands where a relation is named."""
    clauses = ["from" if stream and stream[0].word in _BEFORE_TABLES else ""]
    expects = False
    for index, token in enumerate(stream):
        word, symbol = token.word, token.text if token.kind is TokenKind.SYMBOL else ""
        if symbol in ("(", "[", "{"):
            clauses.append("from" if symbol == "(" and expects else "")
        elif symbol in (")", "]", "}"):
            clauses[:] = clauses[:-1] or [""]
            expects = False
        elif word in _BEFORE_TABLES and not (word == "table" and index and stream[index - 1].text == "."):
            clauses[-1], expects = "from", word != "from" or not _is_inside_function(stream, index)
        elif symbol == ",":
            expects = clauses[-1] == "from"
        elif word in _CONDITIONS:
            # A comma after the condition of a join begins the next relation.
            expects = False
        elif word in _AFTER_TABLES or word in _AFTER_TABLES_TOO:
            clauses[-1], expects = "", False
        elif symbol == ":" or word in ("lateral", "only"):
            continue
        elif expects:
            # FROM c: charges names the alias first.
            if index + 1 < len(stream) and stream[index + 1].text == ":":
                continue
            if token.kind in (TokenKind.WORD, TokenKind.QUOTED, TokenKind.STRING):
                yield index
            expects = False


def _is_inside_function(stream: Sequence[Token], index: int) -> bool:
    """Say whether FROM belongs to ``extract(year FROM x)``, ``substring(x FROM 1)`` or ``IS DISTINCT FROM``."""
    if index and stream[index - 1].word == "distinct":
        return True
    depth = 0
    for at in range(index - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(stream[at].text, 0)
        if depth < 0:
            return at > 0 and stream[at - 1].word in ("extract", "substring", "trim", "position", "overlay")
    return False


def _ctes(stream: Sequence[Token]) -> Iterator[str]:
    """Yield the names of ``name [(columns)] AS [NOT] [MATERIALIZED] (``, lower case."""
    for index, token in enumerate(stream):
        if token.kind not in (TokenKind.WORD, TokenKind.QUOTED):
            continue
        at = index + 1
        if at < len(stream) and stream[at].text == "(":
            at = next((i + 1 for i in range(at, len(stream)) if stream[i].text == ")"), len(stream))
        if at < len(stream) and stream[at].word == "using":  # USING KEY (columns)
            at = next((i + 1 for i in range(at, len(stream)) if stream[i].text == ")"), len(stream))
        if at < len(stream) and stream[at].word == "as":
            at += 1
            while at < len(stream) and stream[at].word in ("not", "materialized"):
                at += 1
            if at < len(stream) and stream[at].text == "(":
                yield _name(token).lower()


def _schemas(stream: Sequence[Token], find: FindRelation, relations: dict[str, Relation]) -> Iterator[Splice]:
    for index in range(len(stream) - 2):
        first, dot, last = stream[index : index + 3]
        if dot.text != "." or (index and stream[index - 1].text == ".") or {first.kind, last.kind} - {TokenKind.WORD, TokenKind.QUOTED}:
            continue
        if _name(last).lower() in relations and find(_name(first), _name(last)) is not None:
            yield Splice(first.start, last.end, quoted(_name(last)))


def _name(token: Token) -> str:
    return token.text[1:-1].replace('""', '"') if token.kind is TokenKind.QUOTED else token.text
