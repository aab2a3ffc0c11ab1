"""Find scans of which only the first rows are needed, and scans that are read to the end in any case.

In: a source and its scope. Out: how many of its rows are needed. The planner lets a limit travel only when every term of the scan was
pushed exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from stripesql.sql.descend import origin
from stripesql.sql.scopes import Scopes
from stripesql.sql.sources import Scope, Source
from stripesql.sql.tree import Node, arg, conjuncts

_BLOCKS: Final = ("group", "having", "qualify", "distinct", "windows", "sample", "laterals", "pivots", "sort", "cluster")
# One row in, one row out: anything else (aggregates, unnest, functions that sqlglot does not know) may change the count.
ROW_BY_ROW: Final = (
    exp.Alias, exp.Binary, exp.Boolean, exp.Bracket, exp.Case, exp.Cast, exp.Coalesce, exp.Column, exp.Concat, exp.DataType,
    exp.Dot, exp.Identifier, exp.If, exp.Interval, exp.JSONExtract, exp.JSONExtractScalar, exp.JSONPath, exp.JSONPathKey,
    exp.JSONPathRoot, exp.JSONPathSubscript, exp.Literal, exp.Lower, exp.Neg, exp.Not, exp.Null, exp.Paren, exp.Star,
    exp.TimestampTrunc, exp.Upper, exp.Var,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Need:
    """Say how many rows of a table a query needs, if its terms are all that leaves rows out.

    Attributes:
        rows: any so many, or None for all.
        newest: the newest so many, ties of the last one beside, or None for all.
        terms: terms of every WHERE on the way.
    """

    rows: int | None = None
    newest: int | None = None
    terms: tuple[Node, ...] = ()


_ALL: Final = Need()


def need_of(source: Source, scope: Scope, scopes: Scopes) -> Need:
    """Return what is needed of a source of ``scope``: the LIMIT of its SELECT, or of one around it.

    Between the two stand subqueries that pass row by row, and LEFT JOINs by id, which keep one row for each.
    """
    terms: list[Node] = []
    at, inner = scope, source
    while True:
        select = at.select
        if at.sources[:1] != [inner] or not inner.pushable or not _keeps_rows(at, scopes):
            return _ALL
        where = select.args.get("where")
        terms += conjuncts(where.this if where is not None else None)
        if _is_newest_alone(select, source, at, scopes):
            return Need(newest=1, terms=tuple(terms))
        if not all(isinstance(node, ROW_BY_ROW) for item in select.expressions for node in item.walk()):
            return _ALL
        if select.args.get("limit") is not None or arg(select, "offset") is not None:
            return _limited(select, source, at, scopes, tuple(terms))
        around = _around(at, scopes)
        if select.args.get("order") is not None or around is None:
            return _ALL
        at, inner = around


def _keeps_rows(scope: Scope, scopes: Scopes) -> bool:
    """Say whether each row of the first source that passes WHERE gives one row."""
    if not scope.plain or any(scope.select.args.get(key) for key in _BLOCKS):
        return False
    return all(_is_by_id(source, scope, scopes) for source in scope.sources[1:])


def _is_by_id(source: Source, scope: Scope, scopes: Scopes) -> bool:
    """Say whether a source is brought in by a LEFT JOIN that finds one row at most."""
    join, table = source.join, source.table
    if join is None or table is None or table.key != ("id",) or not source.pushable:
        return False
    if join.side.upper() != "LEFT" or join.kind.upper() not in ("", "OUTER") or join.method:
        return False
    for term in conjuncts(join.args.get("on")):
        ends = [scopes.resolve(end) for end in (term.left, term.right)] if isinstance(term, exp.EQ) else []
        if any(end is not None and end.source is source and end.column.name == "id" and not end.rest for end in ends) and any(
            end is not None and end.source is not source for end in ends
        ):
            return True
    return False


def _around(scope: Scope, scopes: Scopes) -> tuple[Scope, Source] | None:
    """Return the scope that reads a SELECT as a subquery or CTE, and as which source; None where that is not one place."""
    found = [
        (outer, source)
        for outer in scopes.all()
        for source in outer.sources
        if source.query is not None and source.query.unnest() is scope.select
    ]
    return found[0] if len(found) == 1 and scopes.uses_of(scope.select) <= 1 else None


def _limited(select: exp.Select, source: Source, scope: Scope, scopes: Scopes, terms: tuple[Node, ...]) -> Need:
    limit, offset = _limit(select), _number(arg(select, "offset"))
    if limit is None or (offset is None and arg(select, "offset") is not None):
        return _ALL
    rows, order = limit + (offset or 0), select.args.get("order")
    if order is None:
        return Need(rows=rows, terms=terms)
    first = order.expressions[0]
    if not isinstance(first, exp.Ordered) or not first.args.get("desc") or first.args.get("with_fill"):
        return _ALL
    if not _is_time_of(first.this, source, scope, scopes):
        return _ALL
    if any(_names_something_else(item, first.this.name, source, scope, scopes) for item in select.expressions):
        return _ALL
    return Need(newest=rows, terms=terms)


def _is_time_of(node: Node, source: Source, scope: Scope, scopes: Scopes) -> bool:
    """Say whether a name stands for the column by which the source's list is ordered, newest first."""
    found = origin(node, scope, scopes)
    endpoint = source.table.list if source.table is not None else None
    return found is not None and endpoint is not None and found.source is source and found.column.name == endpoint.time_column


def _is_newest_alone(select: exp.Select, source: Source, scope: Scope, scopes: Scopes) -> bool:
    """Say whether a SELECT asks for nothing but the newest time."""
    items = [item.unalias() for item in select.expressions]
    if select.args.get("order") is not None or select.args.get("limit") is not None or arg(select, "offset") is not None:
        return False
    return bool(items) and all(
        isinstance(item, exp.Max) and not item.expressions and _is_time_of(item.this, source, scope, scopes) for item in items
    )


def _names_something_else(item: Node, name: str, source: Source, scope: Scope, scopes: Scopes) -> bool:
    """Say whether a select item gives the sorted name to another expression: an alias comes before a column there."""
    if isinstance(item, exp.Star) or (isinstance(item, exp.Column) and isinstance(item.this, exp.Star)):
        return bool(item.args.get("replace") or item.args.get("rename"))
    return item.alias_or_name.lower() == name.lower() and not _is_time_of(item.unalias(), source, scope, scopes)


def _limit(select: exp.Select) -> int | None:
    clause = select.args.get("limit")
    options = clause.args.get("limit_options") if clause is not None else None
    if options is not None and (options.args.get("percent") or options.args.get("with_ties")):
        return None
    return _number(clause)


def _number(clause: Node | None) -> int | None:
    if clause is None:
        return None
    value = clause.args.get("count") if isinstance(clause, exp.Fetch) else clause.expression
    return int(value.name) if isinstance(value, exp.Literal) and not value.is_string and value.name.isdigit() else None


def reads_all(scope: Scope) -> bool:
    """Say whether the SELECT must see every row before it gives one: an aggregate, a sort."""
    select = scope.select
    if select.args.get("group") or select.args.get("order") or select.args.get("having"):
        return True
    return any(isinstance(node, exp.AggFunc) for item in select.expressions for node in item.walk())
