"""Push ``type LIKE 'invoice.%'`` to a parameter that knows ``invoice.*`` (event types).

Only a prefix that ends at a dot: what ``*`` matches inside a word is not documented.
"""

from __future__ import annotations

from stripesql.catalogue.model import Column, Exactness, Filter
from stripesql.plan.domains import Domain
from stripesql.plan.scans import Push


def push(column: Column, domain: Domain, filters: tuple[Filter, ...]) -> Push | None:
    """Return the push for a prefix, or None."""
    if domain.prefix is None or domain.values is not None or not domain.prefix.endswith(".") or "*" in domain.prefix:
        return None
    for each in filters:
        if each.wildcard:
            exact = each.exactness is Exactness.EXACT and domain.exact and domain.low is None
            return Push(
                column.name.lower(), (((each.param, f"{domain.prefix}*"), *each.also_send),), exact, domain.texts, excludes=each.excludes
            )
    return None
