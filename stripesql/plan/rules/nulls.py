"""Push ``column IS NULL`` and ``IS NOT NULL`` to a boolean parameter that means exactly that (``pending``)."""

from __future__ import annotations

from stripesql.catalogue.model import Column, Exactness, Filter, FilterShape
from stripesql.plan.domains import Domain
from stripesql.plan.scans import Push


def push(column: Column, domain: Domain, filters: tuple[Filter, ...]) -> Push | None:
    """Return the push for a NULL test, or None."""
    if domain.null is None or domain.values is not None:
        return None
    for each in filters:
        if each.shape is FilterShape.IS_NULL:
            text = "true" if domain.null else "false"
            exact = (
                each.exactness is Exactness.EXACT and domain.exact and domain.prefix is None and domain.low is None and domain.high is None
            )
            return Push(column.name.lower(), (((each.param, text), *each.also_send),), exact, domain.texts, excludes=each.excludes)
    return None
