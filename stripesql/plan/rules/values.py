"""Write values as parameters take them, and keep out those that a parameter must not get."""

from __future__ import annotations

from collections.abc import Sequence

from stripesql.catalogue.model import Filter
from stripesql.predicate import Instant, Value


def parameter_values(values: Sequence[Value], filter: Filter) -> tuple[str, ...] | None:  # noqa: A002  the domain's word
    """Return the texts to send, or None where one of the values must not be sent.

    Stripe refuses empty strings and values outside a parameter's vocabulary; such a value may still be in the table.
    """
    texts = []
    for value in values:
        match value:
            case bool():
                text = "true" if value else "false"
            case str():
                text = value
            case int():
                text = str(value)
            case Instant() if value.is_whole:
                text = str(value.floor_s)
            case _:
                return None
        # A star would be read as a pattern by a parameter that knows patterns.
        if not text or "\0" in text or (filter.values and text not in filter.values) or (filter.wildcard and "*" in text):
            return None
        texts.append(text)
    return tuple(texts) or None


def constants(values: Sequence[Value]) -> tuple[str | int, ...]:
    """Return the values as a scan writes them into a column that the objects do not carry: a time as unix seconds."""
    return tuple(value.floor_s if isinstance(value, Instant) else value for value in values if isinstance(value, str | int | Instant))
