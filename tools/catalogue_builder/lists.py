"""Say how the list behind a table is read: filters, arguments, complete scans, order.

In: a draft, its finished columns, the leaves of its parameters. Out: ``ListEndpoint``.
"""

from __future__ import annotations

from collections.abc import Sequence

from catalogue_builder.drafts import Draft
from catalogue_builder.filters import Leaf, build_filter
from catalogue_builder.quirks import Quirks
from catalogue_builder.spec import PAGING_PARAMETERS, Operation
from stripesql.catalogue.model import Column, ColumnKind, Filter, FilterShape, ListEndpoint, Paging

Pairs = tuple[tuple[str, str], ...]


def build_list(
    draft: Draft, columns: Sequence[Column], key: Sequence[str], found: Sequence[Leaf], required: Pairs, quirks: Quirks
) -> ListEndpoint:
    """Return the list endpoint; ``required`` are the arguments beside those of the path."""
    reviews = quirks.filters.get(draft.name, {})
    by_name = {column.name: column for column in columns}
    filters = tuple(build_filter(leaf, reviews.get(leaf.param), by_name) for leaf in found)
    by_path = tuple(zip(draft.read.arguments, key, strict=False)) if draft.nested else ()
    return ListEndpoint(
        path=draft.read.path,
        operation=draft.read.operation,
        base=draft.read.base,
        paging=_paging(draft.read),
        filters=filters,
        required=by_path + required,
        variants=_variants(draft.name, quirks),
        time_column=_time_column(draft, by_name, quirks),
        range_column=_range_column(draft, filters, quirks),
        expandable=() if draft.v2 else _expandable(columns),
    )


def _paging(operation: Operation) -> Paging:
    if "next_page_url" in operation.answer["properties"]:
        return Paging.PAGE_URL
    names = {raw["name"] for raw in operation.query} & PAGING_PARAMETERS
    return Paging.CURSOR if {"limit", "starting_after"} <= names else Paging.NONE


def _variants(name: str, quirks: Quirks) -> tuple[Pairs, ...]:
    entry = quirks.scans.get(name)
    return tuple(tuple(one.items()) for one in entry["sets"]) if entry is not None else ((),)


def _time_column(draft: Draft, columns: dict[str, Column], quirks: Quirks) -> str | None:
    orders = quirks.orders
    name = str(orders["columns"].get(draft.name, {}).get("column", "created"))
    # The pagination page that the order is taken from speaks of v1 lists.
    if draft.v2 or draft.name in orders["unordered"] or name not in columns:
        return None
    return name if draft.always_has(name, quirks.columns["sometimes_null"]["fields"]) else None


def _range_column(draft: Draft, filters: Sequence[Filter], quirks: Quirks) -> str | None:
    if draft.v2 or draft.name in quirks.orders["uncut"]:
        return None
    ranges = [one.column for one in filters if one.shape is FilterShape.RANGE]
    return "created" if "created" in ranges and draft.always_has("created", quirks.columns["sometimes_null"]["fields"]) else None


def _expandable(columns: Sequence[Column]) -> tuple[str, ...]:
    """Return what is known to be expandable: ids with a path, and the fields that must be expanded to be there."""
    paths = (
        column.expand or ".".join(column.path)
        for column in columns
        if (column.kind is ColumnKind.EXPANDABLE or column.expand is not None) and column.same_as is None
    )
    return tuple(dict.fromkeys(paths))
