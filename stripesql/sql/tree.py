"""Read sqlglot's tree in terms of this package: parsing, argument names, positions.

sqlglot renames arguments between releases (``from`` became ``from_``) and gives positions on identifiers, literals and
function names only; both facts stay in this module.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from stripesql.errors import SqlSyntaxError

if TYPE_CHECKING:
    # sqlglot 30 types its trees by a class that older releases do not have; at run time every node is an Expression.
    from sqlglot.expressions import Expr

    Node: TypeAlias = Expr
else:
    Node = exp.Expression

logging.getLogger("sqlglot").addFilter(lambda record: "Falling back to parsing as a 'Command'" not in record.getMessage())

MISREAD: Final = "misread"
"""Key of a literal's ``meta``: its tree does not say what DuckDB reads."""
_CAST_FOLLOWS: Final = re.compile(r"\s*::")
_TYPE_BEFORE: Final = re.compile(r"\b(date|time|timestamp\w*|timetz|interval|datetime|zone|uuid)\s*$", re.IGNORECASE)

TEMPORAL_CASTS: Final = {
    exp.DataType.Type.DATE: "DATE",
    exp.DataType.Type.TIMESTAMP: "TIMESTAMP",
    exp.DataType.Type.TIMESTAMPNTZ: "TIMESTAMP",
    exp.DataType.Type.DATETIME: "TIMESTAMP",
    exp.DataType.Type.TIMESTAMPTZ: "TIMESTAMPTZ",
}


def parse(text: str) -> Node:
    """Return the tree of one DuckDB statement.

    Raises:
        SqlSyntaxError: with the position that the parser names.
        RecursionError: the text is nested too deeply for the parser.
    """
    try:
        tree: Node = sqlglot.parse_one(text, dialect="duckdb")
    except ParseError as problem:
        raise _syntax_error(problem) from problem
    except TokenError as problem:
        raise SqlSyntaxError(f"the statement cannot be read: {problem}") from problem
    except (AttributeError, LookupError, TypeError, ValueError) as problem:
        # A defect of the parser: ``LIKE ANY ('x')`` in sqlglot 28.
        raise SqlSyntaxError(f"the statement cannot be read: {problem}") from problem
    if "::" in text:
        _mark_misread_literals(tree, text)
    return tree


def _mark_misread_literals(tree: Node, text: str) -> None:
    """Mark the literal of ``TIMESTAMP '...'::DATE``: DuckDB reads it as a timestamp first, and sqlglot as a date first."""
    for node in tree.find_all(exp.Literal):
        where = span(node)
        if node.is_string and where is not None and _CAST_FOLLOWS.match(text, where[1]) and _TYPE_BEFORE.search(text[: where[0]]):
            node.meta[MISREAD] = True


def _syntax_error(problem: ParseError) -> SqlSyntaxError:
    first: dict[str, Any] = problem.errors[0] if problem.errors else {}
    near = str(first.get("highlight") or "").strip()
    line, column = first.get("line"), first.get("col")
    position = (int(line), max(int(column) - len(near) + 1, 1)) if line and column else None
    reason = str(first.get("description") or problem).partition("<Token")[0].strip().rstrip(".").removesuffix(" but got")
    return SqlSyntaxError(f"syntax error near {near!r}: {reason}" if near else f"syntax error: {reason}", position=position)


def arg(node: Node, name: str) -> Any:
    """Return an argument by its plain name, whichever spelling this release of sqlglot uses."""
    value = node.args.get(name)
    return value if value is not None else node.args.get(name + "_")


def span(node: Node) -> tuple[int, int] | None:
    """Return [start, end) of an identifier, a literal, a star or a function's name; None where sqlglot has none."""
    start, end = node.meta.get("start"), node.meta.get("end")
    return None if start is None or end is None else (start, end + 1)


def conjuncts(condition: Node | None) -> Iterator[Node]:
    """Yield the terms of a conjunction, parentheses removed; nothing for None."""
    return _terms(condition, exp.And)


def disjuncts(condition: Node) -> Iterator[Node]:
    """Yield the terms of a disjunction, parentheses removed."""
    return _terms(condition, exp.Or)


def _terms(condition: Node | None, connector: type[exp.And] | type[exp.Or]) -> Iterator[Node]:
    # Not recursive: generated statements have thousands of terms.
    pending = [condition] if condition is not None else []
    while pending:
        inner = pending.pop().unnest()
        if isinstance(inner, connector):
            pending += [inner.right, inner.left]
        else:
            yield inner


def text_of(node: Node) -> str:
    """Return the node as DuckDB SQL on one line, without comments."""
    text = node.sql(dialect="duckdb", comments=False)
    return str(text)


def column_parts(node: Node) -> tuple[exp.Identifier, ...] | None:
    """Return the identifiers of ``a.b.c`` in order, also beyond four parts; None for any other expression."""
    if isinstance(node, exp.Column):
        parts = [node.args.get(key) for key in ("catalog", "db", "table")]
        return None if isinstance(node.this, exp.Star) else tuple(each for each in [*parts, node.this] if isinstance(each, exp.Identifier))
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        left = column_parts(node.this)
        return None if left is None else (*left, node.expression)
    return None
