"""Say in a line what a table or a column is to the planner: what Stripe filters, which rows no list shows.

In: the catalogue. Out: text, for people who look at a schema in another program.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from stripesql.catalogue.model import Column, Exactness, Filter, FilterShape, Table, TableShape

_MOST_VALUES: Final = 20


def on_table(table: Table) -> str:
    """Return what a query of the table costs and shows."""
    return " ".join(f"{sentence}." for sentence in _on_table(table))


def _on_table(table: Table) -> Iterable[str]:
    if table.shape is TableShape.RETRIEVE_ONLY:
        yield "No list: rows are read by key"
    if table.list is not None:
        if table.list.required:
            yield "Needs " + " and ".join(f"{name} = ..." for _, name in table.list.required) + ", or a join that gives it"
        pushed = dict.fromkeys(each.column for each in table.list.filters if each.column and each.exactness is not Exactness.NEVER)
        if pushed:
            yield "Filtered by Stripe: " + ", ".join(pushed)
    for note in table.notes:
        if note.seen_by:
            yield f"Not listed: {note.rows} (reached {note.seen_by})" if note.beyond_list else f"Elsewhere: {note.rows} ({note.seen_by})"
        else:
            yield f"Not listed: {note.rows}" if note.beyond_list else f"Includes {note.rows}"


def on_column(table: Table, column: Column) -> str | None:
    """Return how Stripe filters the column, which table its ids belong to and which values it has; None when there is nothing to say."""
    return " ".join(f"{sentence}." for sentence in _on_column(table, column)) or None


def _on_column(table: Table, column: Column) -> Iterable[str]:
    if ways := list(dict.fromkeys(_ways(table, column))):
        yield "Filtered by Stripe: " + ", ".join(ways)
    if column.references:
        yield "An id of " + " or ".join(column.references)
    if column.values:
        more = ", ..." if len(column.values) > _MOST_VALUES else ""
        yield "One of " + ", ".join(column.values[:_MOST_VALUES]) + more


def _ways(table: Table, column: Column) -> Iterable[str]:
    if column.name == "id" and table.retrieve is not None and table.retrieve.arguments:
        yield from ("=", "IN")
    if table.list is None:
        return
    if column.name in (name for _, name in table.list.required):
        yield "= (required)"
    for each in table.list.filters:
        if each.column == column.name and each.exactness is not Exactness.NEVER:
            yield from _operators(each)


def _operators(each: Filter) -> Iterable[str]:
    match each.shape:
        case FilterShape.EQUALITY:
            yield "="
        case FilterShape.IN_LIST:
            yield from ("=", "IN")
        case FilterShape.IS_NULL:
            yield "IS NULL"
        case FilterShape.NEGATED:
            yield "= false"
        case FilterShape.RANGE:
            yield from ("=", *(sign for name, sign in (("lt", "<"), ("lte", "<="), ("gt", ">"), ("gte", ">=")) if name in each.operators))
