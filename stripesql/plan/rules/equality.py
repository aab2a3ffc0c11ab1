"""Push ``column = value``, and ``column IN (...)`` as one list per value, to a parameter that means equality."""

from __future__ import annotations

from typing import Final

from stripesql.catalogue.model import Column, Exactness, Filter, FilterShape
from stripesql.plan.domains import Domain
from stripesql.plan.rules.values import constants, parameter_values
from stripesql.plan.scans import Push

# Each value is a list of its own: beyond this many, reading the wider list once is likely to be cheaper.
_MOST_LISTS: Final = 100
_MOST_ENUM_LISTS: Final = 4


def push(column: Column, domain: Domain, filters: tuple[Filter, ...]) -> Push | None:
    """Return the push for an equality parameter, or None."""
    asked = domain.points
    if asked is None or len(asked) > (_MOST_ENUM_LISTS if column.values else _MOST_LISTS):
        return None
    for each in filters:
        if each.shape not in (FilterShape.EQUALITY, FilterShape.NEGATED):
            continue
        values = asked
        if each.shape is FilterShape.NEGATED:
            values = tuple(not value for value in values if isinstance(value, bool))
        texts = parameter_values(values, each)
        if texts is None:
            continue
        exact = each.exactness is Exactness.EXACT and domain.exact
        return Push(
            column.name.lower(),
            tuple(((each.param, text), *each.also_send) for text in texts),
            exact,
            domain.texts,
            constants(asked),
            each.excludes,
            each.exactness is Exactness.EXACT,
        )
    return None
