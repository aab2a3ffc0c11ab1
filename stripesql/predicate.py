"""Define what a query asks of one scan: frozen predicates over columns and values.

In: nothing. Out: the values that ``sql`` hands up and ``plan`` reads. Every value in them has been coerced by the
engine to the column's own type, so that a rule never interprets SQL text.

The three-valued meaning is SQL's: a predicate keeps a row when it is TRUE.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum


@dataclass(frozen=True, slots=True, order=True)
class Instant:
    """Say a moment, in microseconds since the epoch, UTC."""

    us: int

    @property
    def floor_s(self) -> int:
        """Return the whole second at or before it."""
        return self.us // 1_000_000

    @property
    def is_whole(self) -> bool:
        """Say whether it falls on a whole second."""
        return self.us % 1_000_000 == 0


Value = str | bool | int | float | Decimal | Instant


class Operator(Enum):
    """Name a comparison."""

    EQ = "="
    NE = "<>"
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


@dataclass(frozen=True, slots=True)
class Comparison:
    """Say ``column operator value``."""

    column: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class InList:
    """Say ``column IN (values)``; NULLs in the list never make it TRUE and are left out."""

    column: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class NullTest:
    """Say ``column IS NULL``, or ``IS NOT NULL`` when negated."""

    column: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Prefix:
    """Say that a text column starts with ``prefix`` (a LIKE whose only wildcard is its last ``%``)."""

    column: str
    prefix: str


@dataclass(frozen=True, slots=True)
class Span:
    """Say that a time column lies in ``[low, high)``, derived from a wider expression (a cast to DATE, date_trunc).

    Attributes:
        low: first instant that can satisfy the predicate, or None.
        high: first instant after it that cannot, or None.
        exact: every instant of the span satisfies it; False where daylight saving makes the span only an envelope.
    """

    column: str
    low: Instant | None
    high: Instant | None
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Contains:
    """Say that a text column holds a part somewhere; it follows from the term, and says less.

    Attributes:
        column: the column.
        part: the text that must be in it.
        any_case: perhaps in other capitals.
    """

    column: str
    part: str
    any_case: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """Say that the map ``column`` (``metadata``) has one of ``values`` under ``key``."""

    column: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Never:
    """Say a predicate that no row satisfies: constant FALSE or NULL."""


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Say a disjunction of conjunctions."""

    branches: tuple[tuple[Conjunct, ...], ...]


@dataclass(frozen=True, slots=True)
class Opaque:
    """Say a predicate that only the engine understands.

    Attributes:
        joins: it is an equality of columns of two relations: the condition of a join.
    """

    joins: bool = False


Predicate = Comparison | InList | NullTest | Prefix | Span | Contains | Entry | Never | AnyOf | Opaque


@dataclass(frozen=True, slots=True)
class Conjunct:
    """Say one term of a conjunction, with the user's own text for EXPLAIN."""

    predicate: Predicate
    text: str


def renamed(predicate: Predicate, column: str, name: str) -> Predicate | None:
    """Return a predicate on ``column`` as one on ``name``; None where it is on another column, or on several."""
    match predicate:
        case Comparison() | InList() | NullTest(negated=True) | Prefix() | Span() if predicate.column.lower() == column.lower():
            return replace(predicate, column=name)
    return None
