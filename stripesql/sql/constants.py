"""Know the values of constant expressions, as the engine computes them.

The planner never interprets SQL values itself: a constant is whatever the engine, with this session's zone and this
statement's time, says it is. Values are asked for in batches: whoever needs one that is not known yet gets None, and
the work is done again once ``fetch`` has asked the engine.

In: an ``Evaluate`` function. Out: ``Constant`` values by expression text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from stripesql.sql.tree import MISREAD, Node, text_of

STRING_LITERAL: Final = "STRING_LITERAL"
"""Type of a quoted literal: unlike VARCHAR, the engine reads it as whatever type it meets."""


@dataclass(frozen=True, slots=True)
class Constant:
    """Say a value: the engine's type name, and its text, None for NULL."""

    type: str
    text: str | None


Evaluate = Callable[[Sequence[str]], Sequence[Constant | None]]
"""Gives the value of each expression, or None for one that cannot be computed (the statement will show its error)."""

# Evaluated once for the whole plan, they would be another value than in the rows.
_VOLATILE: Final = frozenset(
    {"random", "uuid", "gen_random_uuid", "uuidv4", "uuidv7", "nextval", "currval", "setseed", "txid_current", "rand"}
)
_NOT_CONSTANT: Final = (
    exp.Column,
    exp.Query,
    exp.Star,
    exp.Placeholder,
    exp.Parameter,
    exp.Window,
    exp.AggFunc,
    exp.Rand,
    exp.Dot,
    exp.Lambda,
    # 'PAID' COLLATE NOCASE has the value 'PAID' and equals 'paid': the value does not say how it is compared.
    exp.Collate,
    # sqlglot 28 writes them as other functions than DuckDB means.
    exp.RegexpLike,
    exp.RegexpFullMatch,
    exp.SimilarTo,
)


class Constants:
    """Remember constants of one statement."""

    def __init__(self, evaluate: Evaluate) -> None:
        self._evaluate = evaluate
        self._known: dict[str, Constant | None] = {}
        self._wanted: list[str] = []

    def get(self, sql: str) -> Constant | None:
        """Return the value of an expression, or None where it cannot be computed or is not known yet."""
        if sql not in self._known:
            if sql not in self._wanted:
                self._wanted.append(sql)
            return None
        return self._known[sql]

    def of(self, node: Node) -> Constant | None:
        """Return the value of a constant tree; plain literals cost no call of the engine."""
        inner = node.unnest()
        if isinstance(inner, exp.Literal):
            if inner.is_string:
                return Constant(STRING_LITERAL, inner.name)
            if inner.name.isdigit() and len(inner.name) < 10:
                return Constant("INTEGER", inner.name)
        if isinstance(inner, exp.Boolean):
            return Constant("BOOLEAN", "true" if inner.this else "false")
        if isinstance(inner, exp.Null):
            return Constant("NULL", None)
        return self.get(text_of(inner))

    def fetch(self) -> bool:
        """Ask the engine for what was wanted; return whether anything was."""
        if not self._wanted:
            return False
        wanted, self._wanted = self._wanted, []
        self._known.update(zip(wanted, self._evaluate(wanted), strict=True))
        return True


def is_constant(node: Node) -> bool:
    """Say whether the expression has one value for the whole statement."""
    for part in node.walk():
        if isinstance(part, _NOT_CONSTANT) or part.meta.get(MISREAD):
            return False
        if isinstance(part, exp.ByteString) and "\\" in part.name:
            return False  # E'a\\\\n': sqlglot 28 loses a backslash when it writes it again
        if isinstance(part, exp.Anonymous | exp.Func) and _function_name(part) in _VOLATILE:
            return False
    return True


def _function_name(node: Node) -> str:
    return (node.name if isinstance(node, exp.Anonymous) else node.sql_name() if isinstance(node, exp.Func) else "").lower()
