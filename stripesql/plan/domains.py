"""Combine the conjuncts of a scan into one domain per column.

In: conjuncts. Out: ``Domains``: for each column the values, the range or the NULL test that its rows must satisfy,
whether that is all that was asked, and whether nothing can satisfy it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce

from stripesql.predicate import (
    AnyOf,
    Comparison,
    Conjunct,
    InList,
    Instant,
    Never,
    NullTest,
    Opaque,
    Operator,
    Prefix,
    Span,
    Value,
)


@dataclass(frozen=True, slots=True)
class Bound:
    """Say one end of a range; instants in microseconds, integers as they are."""

    value: int
    inclusive: bool


@dataclass(frozen=True, slots=True)
class Domain:
    """Say what one column's value must be; all given parts hold together.

    Attributes:
        values: the values it may have, or None for any.
        low, high: ends of its range, or None.
        null: True: must be NULL; False: must not be; None: either.
        prefix: text it starts with, or None.
        exact: the domain says all that its terms say.
        texts: the terms it comes from.
        times: the bounds are instants.
    """

    values: tuple[Value, ...] | None = None
    low: Bound | None = None
    high: Bound | None = None
    null: bool | None = None
    prefix: str | None = None
    exact: bool = True
    texts: tuple[str, ...] = ()
    times: bool = False

    @property
    def points(self) -> tuple[Value, ...] | None:
        """Return the values that it may have, an instant too, or None for any."""
        if self.values is None and self.times and self.low is not None and self.low == self.high:
            return (Instant(self.low.value),)
        return self.values

    @property
    def impossible(self) -> bool:
        """Say whether no value is in it."""
        if self.values == () or (self.null is True and (self.low or self.high or self.prefix is not None)):
            return True
        if self.low is None or self.high is None:
            return False
        if self.low.value == self.high.value:
            return not (self.low.inclusive and self.high.inclusive)
        return self.low.value > self.high.value


@dataclass(frozen=True, slots=True)
class Domains:
    """Say what a scan's rows must satisfy.

    Attributes:
        columns: domain by lower-case column name.
        residual: texts of terms that no domain says in full.
        impossible: no row can satisfy them all.
    """

    columns: Mapping[str, Domain] = field(default_factory=dict)
    residual: tuple[str, ...] = ()
    impossible: bool = False


def combine(conjuncts: Iterable[Conjunct]) -> Domains:
    """Return the domains of a conjunction."""
    columns: dict[str, Domain] = {}
    residual: list[str] = []
    impossible = False
    for conjunct in conjuncts:
        predicate = conjunct.predicate
        if isinstance(predicate, Never):
            impossible = True
            continue
        found = _hull(predicate) if isinstance(predicate, AnyOf) else _single(predicate)
        if found is None:
            impossible = True
            continue
        if not found or isinstance(predicate, AnyOf):
            residual.append(conjunct.text)
        for name, domain in found.items():
            said = replace(domain, texts=(conjunct.text,))
            columns[name] = _both(columns[name], said) if name in columns else said
    impossible = impossible or any(domain.impossible for domain in columns.values())
    return Domains(columns, tuple(dict.fromkeys(residual)), impossible)


def _single(predicate: object) -> dict[str, Domain]:
    match predicate:
        case Comparison(column, Operator.EQ, Instant(us)):
            return {column.lower(): Domain(low=Bound(us, True), high=Bound(us, True), times=True)}
        case Comparison(column, Operator.EQ, value):
            return {column.lower(): Domain(values=(value,))}
        case Comparison(column, Operator.GT | Operator.GE as operator, Instant() | int() as value) if not isinstance(value, bool):
            return {column.lower(): Domain(low=_bound(value, operator is Operator.GE), times=isinstance(value, Instant))}
        case Comparison(column, Operator.LT | Operator.LE as operator, Instant() | int() as value) if not isinstance(value, bool):
            return {column.lower(): Domain(high=_bound(value, operator is Operator.LE), times=isinstance(value, Instant))}
        case InList(column, values) if any(isinstance(value, Instant) for value in values):
            moments = [value.us for value in values if isinstance(value, Instant)]
            return {
                column.lower(): Domain(low=Bound(min(moments), True), high=Bound(max(moments), True), exact=len(moments) == 1, times=True)
            }
        case InList(column, values):
            return {column.lower(): Domain(values=values)}
        case NullTest(column, negated):
            return {column.lower(): Domain(null=not negated)}
        case Prefix(column, prefix):
            return {column.lower(): Domain(prefix=prefix)}
        case Span(column, low, high, exact):
            return {
                column.lower(): Domain(
                    low=Bound(low.us, True) if low is not None else None,
                    high=Bound(high.us, False) if high is not None else None,
                    exact=exact,
                    times=True,
                )
            }
        case Comparison() | Opaque():
            return {}
    return {}


def _bound(value: Instant | int, inclusive: bool) -> Bound:
    return Bound(value.us if isinstance(value, Instant) else value, inclusive)


def _both(one: Domain, other: Domain) -> Domain:
    """Return what holds when both hold."""
    values = (
        one.values if other.values is None else other.values if one.values is None else tuple(v for v in one.values if v in other.values)
    )
    null = one.null if other.null is None else other.null
    prefixes = sorted((each for each in (one.prefix, other.prefix) if each is not None), key=len)
    contradiction = one.null is not None and other.null is not None and one.null != other.null
    contradiction = contradiction or (len(prefixes) == 2 and not prefixes[1].startswith(prefixes[0]))
    both = Domain(
        values=() if contradiction else values,
        low=_tighter(one.low, other.low, lowest=True),
        high=_tighter(one.high, other.high, lowest=False),
        null=null,
        prefix=prefixes[-1] if prefixes else None,
        exact=one.exact and other.exact,
        texts=tuple(dict.fromkeys(one.texts + other.texts)),
        times=one.times or other.times,
    )
    return both if both.values is None else _only_values(both, both.values)


def _only_values(domain: Domain, values: tuple[Value, ...]) -> Domain:
    """Return the domain with its values alone: those that its other parts let through. Rules look at one part only."""
    kept = () if domain.null is True else tuple(value for value in values if _allows(domain, value))
    return replace(domain, values=kept, low=None, high=None, null=None, prefix=None)


def _allows(domain: Domain, value: Value) -> bool:
    if domain.prefix is not None and isinstance(value, str) and not value.startswith(domain.prefix):
        return False
    if not isinstance(value, int):
        return True
    low, high = domain.low, domain.high
    above = low is None or value > low.value or (low.inclusive and value == low.value)
    return above and (high is None or value < high.value or (high.inclusive and value == high.value))


def _tighter(one: Bound | None, other: Bound | None, *, lowest: bool) -> Bound | None:
    if one is None or other is None:
        return one or other
    if one.value == other.value:
        return Bound(one.value, one.inclusive and other.inclusive)
    return one if (one.value > other.value) == lowest else other


def _hull(predicate: AnyOf) -> dict[str, Domain] | None:
    """Return the narrowest domains that hold in every branch, without columns that some branch leaves open; None: no branch can hold."""
    branches = [each for branch in predicate.branches if not (each := combine(branch)).impossible]
    if not branches:
        return None
    shared = set.intersection(*(set(each.columns) for each in branches))
    hulls = {name: reduce(_either, (branch.columns[name] for branch in branches)) for name in shared}
    return {
        name: replace(hull, exact=False)
        for name, hull in hulls.items()
        if hull != Domain(exact=hull.exact, texts=hull.texts, times=hull.times)
    }


def _either(one: Domain, other: Domain) -> Domain:
    """Return a domain that holds whenever one of the two does."""
    both_values = one.values is not None and other.values is not None
    values = tuple(dict.fromkeys((one.values or ()) + (other.values or ()))) if both_values else None
    return Domain(
        values=values,
        low=_looser(one.low, other.low, lowest=True),
        high=_looser(one.high, other.high, lowest=False),
        null=one.null if one.null == other.null else None,
        prefix=one.prefix if one.prefix == other.prefix else None,
        exact=False,
        times=one.times or other.times,
    )


def _looser(one: Bound | None, other: Bound | None, *, lowest: bool) -> Bound | None:
    if one is None or other is None:
        return None
    if one.value == other.value:
        return Bound(one.value, one.inclusive or other.inclusive)
    return one if (one.value < other.value) == lowest else other
