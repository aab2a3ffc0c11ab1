"""Push ranges to ``param[gt|gte|lt|lte]``, widened to whole seconds."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from stripesql.catalogue.model import Column, ColumnKind, Exactness, Filter, FilterShape
from stripesql.plan.domains import Bound, Domain
from stripesql.plan.scans import Push

_SECOND = 1_000_000


def push(column: Column, domain: Domain, filters: tuple[Filter, ...]) -> Push | None:
    """Return the push for a range parameter, or None."""
    if domain.values is not None:
        return _around_values(column, domain, filters)
    if domain.low is None and domain.high is None:
        return None
    for each in filters:
        if each.shape is not FilterShape.RANGE:
            continue
        ends = [end for end in (_low(domain, each), _high(domain, each)) if end is not None]
        if not ends:
            continue
        params = tuple((f"{each.param}[{operator}]", text) for operator, value, _ in ends if (text := _text(value, column)) is not None)
        if len(params) < len(ends):
            continue
        wanted = (domain.low is not None) + (domain.high is not None)
        exact = each.exactness is Exactness.EXACT and domain.exact and all(whole for _, _, whole in ends) and len(ends) == wanted
        return Push(column.name.lower(), ((*params, *each.also_send),), exact, domain.texts, excludes=each.excludes)
    return None


def _around_values(column: Column, domain: Domain, filters: tuple[Filter, ...]) -> Push | None:
    """Return the push of the range that holds every one of the values; numbers only."""
    numbers = [value for value in domain.values or () if isinstance(value, int) and not isinstance(value, bool)]
    if not numbers or len(numbers) != len(domain.values or ()):
        return None
    low, high = Bound(min(numbers), inclusive=True), Bound(max(numbers), inclusive=True)
    around = replace(domain, values=None, low=low, high=high, exact=domain.exact and low == high)
    return push(column, around, filters)


def _low(domain: Domain, filter: Filter) -> tuple[str, int, bool] | None:  # noqa: A002  the domain's word
    """Return operator, value and exactness of the lower end: the whole second at or before the bound."""
    if domain.low is None:
        return None
    value, whole = _floor(domain.low, domain.times)
    if domain.low.inclusive or not whole:
        return ("gte", value, whole) if "gte" in filter.operators else None
    return ("gt", value, True) if "gt" in filter.operators else ("gte", value, False) if "gte" in filter.operators else None


def _high(domain: Domain, filter: Filter) -> tuple[str, int, bool] | None:  # noqa: A002  the domain's word
    """Return operator, value and exactness of the upper end: the whole second at or after the bound."""
    if domain.high is None:
        return None
    value, whole = _floor(domain.high, domain.times)
    if not whole:
        return ("lte", value + 1, False) if "lte" in filter.operators else None
    if domain.high.inclusive:
        return ("lte", value, True) if "lte" in filter.operators else None
    return ("lt", value, True) if "lt" in filter.operators else ("lte", value, False) if "lte" in filter.operators else None


def _floor(bound: Bound, times: bool) -> tuple[int, bool]:
    return (bound.value // _SECOND, bound.value % _SECOND == 0) if times else (bound.value, True)


def _text(value: int, column: Column) -> str | None:
    """Return the bound as the parameter takes it, or None for a time that RFC 3339 cannot write."""
    if column.kind is not ColumnKind.ISO_TIME:
        return str(value)
    try:
        return dt.datetime.fromtimestamp(value, dt.UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return None
