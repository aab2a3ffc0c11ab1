"""Read a list that needs an argument by reading its parent's list and going on from each row.

Where the parent's objects carry the rows (``subscriptions.items``, ``invoices.lines``), only the lists that are longer
than what is carried cost a request.
"""

from __future__ import annotations

from stripesql.catalogue.model import Column, ListEndpoint, Parent, Table
from stripesql.catalogue.relations import FindTable


def parent_of(table: Table, endpoint: ListEndpoint, missing: tuple[tuple[str, str], ...], find: FindTable) -> tuple[Parent, Table] | None:
    """Return the parent that can give the missing arguments, or None where none can be listed.

    Args:
        table: the table that is asked for.
        endpoint: its list.
        missing: (argument, column) of every required argument that no predicate gives.
        find: gives a table by its name.
    """
    if len(missing) != 1:
        return None
    for parent in table.parents:
        if (parent.argument, parent.column) != missing[0]:
            continue
        found = find(parent.table)
        if found is not None and found.list is not None and not found.list.required and found.column("id") is not None:
            return parent, found
    return None


def embedded_column(parent: Parent, table: Table) -> Column | None:
    """Return the parent's column that carries the rows, where a review found it complete and equal."""
    return table.column(parent.embedded) if parent.embedded is not None else None
