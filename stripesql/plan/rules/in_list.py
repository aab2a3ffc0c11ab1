"""Push ``column IN (...)`` to a parameter that takes several values at once (``types[]``, ``lookup_keys[]``, ``ids[]``)."""

from __future__ import annotations

from stripesql.catalogue.model import Column, Exactness, Filter, FilterShape
from stripesql.plan.domains import Domain
from stripesql.plan.rules.values import parameter_values
from stripesql.plan.scans import Push


def push(column: Column, domain: Domain, filters: tuple[Filter, ...]) -> Push | None:
    """Return the push for a list-valued parameter, cut into as few requests as its maximum allows, or None."""
    if domain.values is None:
        return None
    if any(each.wildcard for each in filters) and any("*" in value for value in domain.values if isinstance(value, str)):
        return None  # the plain parameter reads a star as a pattern; what the list makes of it is not documented
    for each in filters:
        if each.shape is not FilterShape.IN_LIST:
            continue
        texts = parameter_values(domain.values, each)
        if texts is None:
            continue
        size = max(each.max_values, 1)
        chunks = [texts[start : start + size] for start in range(0, len(texts), size)]
        return Push(
            column.name.lower(),
            tuple((*((f"{each.param}[]", text) for text in chunk), *each.also_send) for chunk in chunks),
            each.exactness is Exactness.EXACT and domain.exact,
            domain.texts,
            excludes=each.excludes,
            disjoint=each.exactness is Exactness.EXACT,
        )
    return None
