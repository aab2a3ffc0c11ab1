"""Name tables after their paths.

In: a path. Out: the table's name, the parent's path, the singular of a name.
"""

from __future__ import annotations

from collections.abc import Mapping

from catalogue_builder.spec import normalised

IRREGULAR = {"taxes": "tax", "capabilities": "capability", "people": "person"}


def singular(name: str) -> str:
    """Return the singular of a table's name.

    >>> singular("checkout_sessions"), singular("disputes"), singular("entities")
    ('checkout_session', 'dispute', 'entity')
    """
    head, _, last = name.rpartition("_")
    prefix = f"{head}_" if head else ""
    if last in IRREGULAR:
        return prefix + IRREGULAR[last]
    if last.endswith("ies"):
        return f"{prefix}{last[:-3]}y"
    return prefix + last.removesuffix("s")


def table_name(path: str, overrides: Mapping[str, str]) -> str:
    """Return the name of the table that lives at ``path`` (of a collection or of a singleton).

    >>> table_name("/v1/customers/{customer}/tax_ids", {})
    'customer_tax_ids'
    """
    override = overrides.get(normalised(path))
    if override is not None:
        return override
    words: list[str] = []
    for part in path.removeprefix("/v1").strip("/").split("/"):
        if part.startswith("{"):
            words = [singular("_".join(words))]
        else:
            words.append(part)
    return "_".join(words)


def parent_path(path: str) -> str | None:
    """Return the collection of which this nested path is a child.

    >>> parent_path("/v1/customers/{customer}/tax_ids")
    '/v1/customers'
    """
    head, found, _ = path.rpartition("/{")
    return head if found else None


def collection_of(path: str) -> str | None:
    """Return the collection of an item's path, None where the path ends in a word.

    >>> collection_of("/v1/charges/{charge}")
    '/v1/charges'
    """
    head, _, last = path.rpartition("/")
    return head if last.startswith("{") else None
