"""Find symbolic dates: string literals that are compared with an expression that gives a time.

In: a tree and the scopes. Out: literals and what they mean; the kind of time that an expression gives.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlglot import exp

from stripesql.sql.scopes import Scopes
from stripesql.sql.symbols import symbolic_date
from stripesql.sql.tree import TEMPORAL_CASTS, Node
from stripesql.types import SqlType

_NOW: Final = frozenset({"now", "get_current_timestamp", "transaction_timestamp", "current_timestamp", "to_timestamp"})
_SAME_AS_ARGUMENT: Final = (
    exp.Max,
    exp.Min,
    exp.Coalesce,
    exp.Greatest,
    exp.Least,
    exp.AnyValue,
    exp.First,
    exp.Last,
    exp.Window,
    exp.Filter,
)


def temporal_type(node: Node, scopes: Scopes) -> str | None:
    """Return the kind of time that an expression gives, or None."""
    node = node.unnest()
    match node:
        case exp.Column() | exp.Dot():
            return {SqlType.TIMESTAMPTZ: "TIMESTAMPTZ", SqlType.DATE: "DATE"}.get(scopes.type_of(node))  # type: ignore[arg-type]
        case exp.Cast():
            return TEMPORAL_CASTS.get(node.to.this)
        case exp.CurrentDate() | exp.Date() | exp.TsOrDsToDate():
            return "DATE"
        case exp.CurrentTimestamp() | exp.UnixToTime():
            return "TIMESTAMPTZ"
        case exp.AtTimeZone():
            return "TIMESTAMP"
        case exp.TimestampTrunc() | exp.DateTrunc():
            inner = temporal_type(node.this, scopes)
            return "TIMESTAMP" if inner == "DATE" else inner
        case exp.Add() | exp.Sub():
            left = temporal_type(node.left, scopes)
            return "TIMESTAMP" if left == "DATE" and not node.right.is_int else left
        case exp.Anonymous():
            name = node.name.lower()
            return "TIMESTAMPTZ" if name in _NOW else "DATE" if name in ("today", "current_date") else None
    if isinstance(node, _SAME_AS_ARGUMENT) and isinstance(node.this, Node):
        return temporal_type(node.this, scopes)
    return None


def symbolic_literals(tree: Node, scopes: Scopes, today: dt.date) -> list[tuple[Node, str]]:
    """Return each literal that is a symbolic date, and the SQL of what it means."""
    found: list[tuple[Node, str]] = []
    for node in tree.find_all(exp.Literal):
        if not node.is_string or (day := symbolic_date(node.name, today)) is None:
            continue
        kind = next((kind for other in _compared_with(node) if (kind := temporal_type(other, scopes)) is not None), None)
        if kind is not None:
            suffix = "" if kind == "DATE" else " 00:00:00"
            found.append((node, f"{kind} '{day.isoformat()}{suffix}'"))
    return found


def _compared_with(node: Node) -> list[Node]:
    parent, key = node.parent, node.arg_key
    while isinstance(parent, exp.Paren):
        key, parent = parent.arg_key, parent.parent
    if isinstance(parent, exp.EQ | exp.NEQ | exp.LT | exp.LTE | exp.GT | exp.GTE | exp.NullSafeEQ | exp.NullSafeNEQ):
        return [parent.right if key == "this" else parent.left]
    if isinstance(parent, exp.Between) and key in ("low", "high"):
        return [parent.this]
    if isinstance(parent, exp.In) and key == "expressions":
        return [parent.this]
    return []
