"""Say which tables may be read by Search, which may leave rows out.

A row that Search leaves out may leave rows out of the answer, as long as every row that stays is a row of the full answer
too, with the same values. That is so where each row of the table stands for itself: on its way to the answer nothing counts
rows, compares them with others, or asks whether there is none.

In: a source and its scope. Out: yes or no; no where the way is not understood.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from stripesql.sql.limits import ROW_BY_ROW
from stripesql.sql.scopes import Scopes
from stripesql.sql.sources import Scope, Source
from stripesql.sql.tree import Node, arg

# DISTINCT gives one row for equal ones: which of them were missed does not matter.
_COUNTS: Final = ("group", "having", "qualify", "windows", "sample", "laterals", "pivots", "sort", "cluster")
_SCALAR: Final = (
    exp.Abs, exp.Ceil, exp.CurrentDate, exp.CurrentTimestamp, exp.Date, exp.Extract, exp.Floor, exp.Greatest, exp.Least, exp.Length,
    exp.Nullif, exp.Replace, exp.Round, exp.Substring, exp.Trim, exp.TsOrDsToDate, exp.UnixToTime, exp.Year,
)  # fmt: skip
_OWN_FUNCTIONS: Final = frozenset({"money"})


def may_lose_rows(source: Source, scope: Scope | None, scopes: Scopes) -> bool:
    """Say whether rows of a source may be missing without any row of the answer being wrong."""
    at, inner = scope, source
    while at is not None:
        if not _stands_for_itself(inner, at):
            return False
        node: Node = at.select
        while True:
            parent = node.parent
            if parent is None:
                return True
            if isinstance(parent, exp.Subquery):
                if any(parent.args.get(key) for key in ("limit", "offset", "order", "pivots", "sample")):
                    return False
            elif isinstance(parent, exp.SetOperation):
                if not _keeps(parent, node):
                    return False
            else:
                break
            node = parent
        around = _around(node, scopes)
        if around is None:
            return _is_membership(node, scopes)
        at, inner = around
    return False


def _stands_for_itself(source: Source, scope: Scope) -> bool:
    """Say whether each row of a SELECT comes of one row of the source, whatever its other rows are."""
    select = scope.select
    if not scope.plain or not source.pushable or source.extended or any(select.args.get(key) for key in _COUNTS):
        return False
    distinct = arg(select, "distinct")
    if distinct is not None and distinct.args.get("on"):
        return False
    cut = select.args.get("limit") is not None or arg(select, "offset") is not None
    if cut and select.args.get("order") is not None:
        return False  # a row that was missed lets another one in
    join = source.join
    if join is not None and (join.kind.upper() == "ANTI" or join.method.upper() in ("ASOF", "POSITIONAL")):
        return False
    return all(_is_scalar(node) for item in select.expressions for node in item.walk())


def _is_scalar(node: Node) -> bool:
    if isinstance(node, exp.Anonymous):
        return node.name.lower() in _OWN_FUNCTIONS
    return isinstance(node, (*ROW_BY_ROW, *_SCALAR))


def _keeps(operation: exp.SetOperation, side: Node) -> bool:
    """Say whether a set operation gives fewer rows, and no others, where one of its sides has fewer."""
    if arg(operation, "offset") is not None or operation.args.get("limit") is not None:
        return False
    return not isinstance(operation, exp.Except) or operation.this is side


def _around(node: Node, scopes: Scopes) -> tuple[Scope, Source] | None:
    """Return the scope that reads a query in its FROM, and as which source; None where that is not one place."""
    found = [
        (outer, source)
        for outer in scopes.all()
        for source in outer.sources
        if source.query is not None and (source.node is node or source.query is node)
    ]
    cte = node.parent
    if isinstance(cte, exp.CTE) and (scopes.uses_of(node) > 1 or bool(cte.parent is not None and cte.parent.args.get("recursive"))):
        return None
    return found[0] if len(found) == 1 else None


def _is_membership(node: Node, scopes: Scopes) -> bool:
    """Say whether a query stands in ``IN (...)`` or EXISTS, as a term of a WHERE whose own rows may be missing too."""
    parent = node.parent
    inside = (isinstance(parent, exp.In) and node.arg_key == "query" and not parent.args.get("negate")) or isinstance(parent, exp.Exists)
    if not inside or parent is None:
        return False
    term = parent
    while isinstance(term.parent, exp.And | exp.Paren):
        term = term.parent
    where = term.parent
    if not isinstance(where, exp.Where) or not isinstance(where.parent, exp.Select):
        return False
    outer = scopes.scope_of(where.parent)
    # The rows that the term lets through are fewer: what holds for one of the sources holds for all.
    return outer is not None and all(may_lose_rows(each, outer, scopes) for each in outer.sources)
