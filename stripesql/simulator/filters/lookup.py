"""Find the filters of a list: stated by hand where they are, else as the catalogue has them.

In: a table. Out: its filters. The catalogue is asked only for lists that nobody has stated here; they get plain equality.
"""

from __future__ import annotations

from functools import cache

from stripesql.catalogue.load import catalogue
from stripesql.catalogue.model import ColumnKind, FilterShape, Table
from stripesql.catalogue.model import Filter as Known
from stripesql.simulator.filters import billing, payments, platform
from stripesql.simulator.filters.model import Filter, Form, needed

STATED: dict[str, tuple[Filter, ...]] = {**payments.FILTERS, **billing.FILTERS, **platform.FILTERS}


@cache
def filters_of(name: str) -> tuple[Filter, ...]:
    """Return the filters of the table of this name; path arguments are not among them."""
    stated = STATED.get(name)
    if stated is not None:
        return stated
    table = catalogue().table(name)
    if table is None or table.list is None:
        return ()
    required = {argument for argument, _ in table.list.required}
    found = [_derived(table, known) for known in table.list.filters]
    names = {entry.param for entry in found}
    found += [
        Filter(argument, Form.TEXT, column)
        for argument, column in table.list.required
        if argument not in names and "{" + argument + "}" not in table.list.path
    ]
    return tuple(needed(entry) if entry.param in required else entry for entry in found)


def _derived(table: Table, known: Known) -> Filter:
    column = table.column(known.column) if known.column else None
    if column is None or not column.path:
        return Filter(known.param, Form.ANY)
    path = ".".join(column.path)
    match known.shape:
        case FilterShape.RANGE:
            return Filter(known.param, Form.TIMES if column.kind is ColumnKind.ISO_TIME else Form.RANGE, path)
        case FilterShape.IN_LIST:
            return Filter(known.param, Form.TEXTS, path, most=known.max_values)
        case FilterShape.IS_NULL | FilterShape.NEGATED:
            return Filter(known.param, Form.ANY)
        case FilterShape.EQUALITY:
            form = {ColumnKind.BOOLEAN: Form.BOOLEAN, ColumnKind.INTEGER: Form.INTEGER}.get(column.kind, Form.TEXT)
            return Filter(known.param, form, path, choices=known.values)
