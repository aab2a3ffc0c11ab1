"""Turn a statement of another dialect, with its parameters, into DuckDB's.

In: text, parameters, the dialect's name. Out: text in DuckDB's dialect with every parameter a literal. Placeholders
travel through the translation as names, so that no value is ever read by another dialect's rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlglot
from sqlglot.errors import ParseError, SqlglotError

from stripesql.errors import InterfaceError, ProgrammingError, SqlSyntaxError
from stripesql.sql.lexer import TokenKind, tokens
from stripesql.sql.literals import literal
from stripesql.sql.parameters import Parameters, bind, placeholders

_OWN_HEADS = frozenset({"set", "reset", "show", "describe", "desc", "explain", "call"})


def to_duckdb(text: str, parameters: Parameters | None, dialect: str) -> str:
    """Return the statement in DuckDB's dialect, parameters bound.

    Raises:
        InterfaceError: no such dialect.
        SqlSyntaxError: the text does not parse in its dialect.
    """
    if dialect.lower() in ("duckdb", ""):
        return bind(text, parameters, keep_labels=True)
    head = next((token.word for token in tokens(text, dialect) if token.kind is not TokenKind.COMMENT), "")
    if head in _OWN_HEADS:
        return bind(text, parameters)
    marked, values = _marked(text, parameters, dialect)
    try:
        parts = sqlglot.transpile(marked, read=dialect, write="duckdb")
    except ParseError as problem:
        first = problem.errors[0] if problem.errors else {}
        position = (int(first["line"]), int(first["col"])) if first.get("line") and first.get("col") else None
        raise SqlSyntaxError(f"the statement is not valid {dialect}: {first.get('description', problem)}", position=position) from problem
    except SqlglotError as problem:
        raise SqlSyntaxError(f"the statement is not valid {dialect}: {problem}") from problem
    except ValueError as problem:
        raise InterfaceError(f"sql_dialect {dialect!r} is not one that sqlglot knows") from problem
    return _unmarked("; ".join(parts), values)


def check_dialect(name: str) -> None:
    """Return if sqlglot knows a dialect of this name.

    Raises:
        InterfaceError: it does not.
    """
    if name.lower() in ("duckdb", ""):
        return
    try:
        sqlglot.Dialect.get_or_raise(name)
    except ValueError as problem:
        raise InterfaceError(f"sql_dialect {name!r} is not one that sqlglot knows") from problem


def _marked(text: str, parameters: Parameters | None, dialect: str) -> tuple[str, list[str]]:
    if not parameters:
        return text, []
    if isinstance(parameters, str | bytes) or not isinstance(parameters, Sequence | Mapping):
        raise InterfaceError(f"parameters must be a sequence or a mapping, not {type(parameters).__name__}")
    named = isinstance(parameters, Mapping)
    found = [each for each in placeholders(text, dialect) if each.is_wanted(parameters)]
    if not named and len(found) != len(parameters):
        raise ProgrammingError(f"the statement has {len(found)} placeholders (?) and {len(parameters)} values were given")
    parts, values, at = [], [], 0
    for index, each in enumerate(found):
        key = each.name if named else index
        try:
            values.append(literal(parameters[key]))  # type: ignore[index]
        except KeyError as problem:
            raise ProgrammingError(f"no value was given for the parameter {each.name!r}") from problem
        parts += [text[at : each.start], f"stripesql_parameter_{index}"]
        at = each.end
    return "".join([*parts, text[at:]]), values


def _unmarked(text: str, values: Sequence[str]) -> str:
    if not values:
        return text
    names = {f"stripesql_parameter_{index}": value for index, value in enumerate(values)}
    parts, at = [], 0
    for token in tokens(text):
        value = names.get(token.text.strip('"').lower()) if token.kind in (TokenKind.WORD, TokenKind.QUOTED) else None
        if value is not None:
            parts += [text[at : token.start], value]
            at = token.end
    return "".join([*parts, text[at:]])
