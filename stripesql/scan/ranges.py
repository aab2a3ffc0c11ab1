"""Know which lists can be read in ranges of their time, and why the others cannot.

In: a table of the catalogue. Out: the parameter that cuts its list, or the reason why none does. Pure.
"""

from __future__ import annotations

from typing import assert_never

from stripesql.catalogue.model import Filter, FilterShape, ListEndpoint, Paging, Table, TableShape


def range_parameter(table: Table) -> str | None:
    """Return the parameter that cuts a table's list into ranges of whole seconds, or None where nothing does."""
    found = _cutting(table.list)
    return found.param if found is not None and why_serial(table) is None else None


def why_serial(table: Table) -> str | None:
    """Return why a table is read page after page, in a few words; None where it is read in ranges."""
    endpoint = table.list
    if endpoint is None or table.shape is not TableShape.LIST:
        return "it has no list"
    match endpoint.paging:
        case Paging.NONE:
            return "the list is one page"
        case Paging.PAGE_URL:
            return "each page names the next one only"
        case Paging.CURSOR:
            return _why_uncut(table, endpoint)
        case _:
            assert_never(endpoint.paging)


def _why_uncut(table: Table, endpoint: ListEndpoint) -> str | None:
    found = _cutting(endpoint)
    if found is None:
        return "the list takes no range of time" if table.column("created") is not None else "neither rows nor list know a time of creation"
    if found.column is None:
        return f"the rows do not have what the parameter `{found.param}` compares"
    if found.column != found.param:
        return f"the parameter `{found.param}` compares `{found.column}`, as far as is known"
    if endpoint.range_column is None:
        return f"`{found.column}` can be NULL" if endpoint.time_column is None else f"`{found.column}` is not reviewed as a range"
    if endpoint.time_column != endpoint.range_column:
        # A slice ends where its rows are older than it: that needs the order.
        return "no text says that the list is in the order of its time"
    return None


def _cutting(endpoint: ListEndpoint | None) -> Filter | None:
    """Return the filter that could cut the list."""
    filters = endpoint.filters if endpoint is not None else ()
    return next((each for each in filters if each.param == "created" and _has_both_ends(each)), None)


def _has_both_ends(each: Filter) -> bool:
    return each.shape is FilterShape.RANGE and {"gte", "lte"} <= set(each.operators)
