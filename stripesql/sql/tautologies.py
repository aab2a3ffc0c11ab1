"""Recognize a condition that is true for every row of a table, whatever the row holds.

In: a condition, the table that it is about, the columns that are never NULL, who computes constants. Out: yes, or not known:
conditions that hold for all rows only because of what is in them, such as an early date, are none. Pure but for ``constant``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from stripesql.errors import SqlSyntaxError
from stripesql.sql.constants import is_constant
from stripesql.sql.tree import Node, arg, column_parts, conjuncts, disjuncts, parse, text_of


@dataclass(frozen=True, slots=True)
class About:
    """Say what a condition is about.

    Attributes:
        table: name of the table.
        alias: what its columns are qualified with.
        keys: its columns that are never NULL or empty, in lower case.
        constant: says whether an expression without columns is TRUE.
    """

    table: str
    alias: str
    keys: frozenset[str]
    constant: Callable[[str], bool]


def is_tautology(condition: str, about: About) -> bool:
    """Say whether a condition is true for every row."""
    try:
        tree = parse(f"SELECT 1 WHERE (\n{condition}\n)")
    except (SqlSyntaxError, RecursionError):
        return False  # the query that reads the rows tells what is wrong, and where
    where = tree.args.get("where")
    return where is not None and _always(where.this, about)


def _always(condition: Node, about: About) -> bool:
    return all(_disjunction(term, about) for term in conjuncts(condition))


def _disjunction(condition: Node, about: About) -> bool:
    terms = list(disjuncts(condition))
    if len(terms) == 1:
        return _term(terms[0], about)
    null = {text_of(column) for each in terms if (column := _null_test(each)) is not None}
    there = {text_of(column) for each in terms if (column := _test_of_being(each)) is not None}
    return bool(null & there) or any(_always(each, about) for each in terms)


def _term(term: Node, about: About) -> bool:
    if is_constant(term):
        return about.constant(text_of(term))
    if (column := _test_of_being(term)) is not None:
        return _is_key(column, about)
    match term:
        case exp.Like() | exp.ILike():
            return _is_key(term.this, about) and isinstance(term.expression, exp.Literal) and not str(term.expression.this).strip("%")
        case exp.NEQ() | exp.GT() | exp.GTE():
            return _is_key(term.this, about) and isinstance(term.expression, exp.Literal) and term.expression.this == ""
        case exp.In():
            return _is_key(term.this, about) and _is_whole_table(term, about)
    return False


def _null_test(term: Node) -> Node | None:
    """Return ``a`` of ``a IS NULL``."""
    return term.this if isinstance(term, exp.Is) and isinstance(term.expression, exp.Null) else None


def _test_of_being(term: Node) -> Node | None:
    """Return ``a`` of ``a IS NOT NULL``, ``a = a``, ``a >= a`` and ``a <= a``."""
    if isinstance(term, exp.Not):
        return _null_test(term.this.unnest())
    if not isinstance(term, exp.EQ | exp.GTE | exp.LTE) or term.this != term.expression:
        return None
    column: Node = term.this
    return column if column_parts(column) is not None else None


def _is_key(node: Node, about: About) -> bool:
    parts = column_parts(node)
    if not parts or parts[-1].name.lower() not in about.keys:
        return False
    return len(parts) == 1 or parts[-2].name.lower() in (about.alias.lower(), about.table.lower())


def _is_whole_table(term: exp.In, about: About) -> bool:
    """Say whether ``IN (...)`` reads the same column of all rows of the same table."""
    query = arg(term, "query")
    select = query.this if isinstance(query, exp.Subquery) else query
    if not isinstance(select, exp.Select):
        return False
    source, distinct = arg(select, "from"), select.args.get("distinct")
    table = source.this if source is not None else None
    if not isinstance(table, exp.Table) or table.name.lower() != about.table.lower() or (distinct is not None and distinct.args.get("on")):
        return False
    if _given(select) - {"expressions", "from", "distinct", "kind", "order"} or _given(table) - {"this", "db", "catalog", "alias"}:
        return False
    asked, found = column_parts(term.this), [column_parts(each) for each in select.expressions]
    if not asked or len(found) != 1 or not (column := found[0]):
        return False
    return asked[-1].name.lower() == column[-1].name.lower()


def _given(node: Node) -> set[str]:
    return {name.rstrip("_") for name, value in node.args.items() if value}
