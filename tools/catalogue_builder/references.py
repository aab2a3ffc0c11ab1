"""Say which tables an id may be of.

In: resource names, and the reviewed plain-string ids. Out: table names, the canonical table of each resource first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from stripesql.catalogue.model import TableShape


class Home(Protocol):
    """Say what is needed of a table to rank it; ``tables.Draft`` has it."""

    name: str
    shape: TableShape
    resources: tuple[str, ...]

    @property
    def nested(self) -> bool:
        """Say whether its path has a parent's id."""
        ...


def resolve_references(targets: tuple[str, ...], homes: Iterable[Home]) -> tuple[str, ...]:
    """Return the tables that hold the resources: the canonical one of each, then the others."""
    canonical: list[str] = []
    others: list[str] = []
    homes = tuple(homes)
    for target in targets:
        ranked = sorted((home for home in homes if target in home.resources and _has_rows_by_id(home)), key=_rank)
        canonical += [home.name for home in ranked[:1]]
        others += [home.name for home in ranked[1:]]
    return tuple(dict.fromkeys(canonical + others))


def plain_reference(quirks: dict[str, Any], table: str, column: str, field: str) -> tuple[str, ...]:
    """Return the tables that a string is an id of, by its reviewed entry or by the name of its field."""
    here: dict[str, list[str]] = quirks["tables"].get(table, {})
    if column in here:
        return tuple(here[column])
    return () if table.startswith("v2_") else tuple(quirks["fields"].get(field, ()))


def _has_rows_by_id(home: Home) -> bool:
    return home.shape in (TableShape.LIST, TableShape.RETRIEVE_ONLY)


def _rank(home: Home) -> tuple[bool, bool, bool, str]:
    return (home.nested, len(home.resources) > 1, home.shape is not TableShape.LIST, home.name)
