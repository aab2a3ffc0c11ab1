"""Read rows by their ids: one request each, whatever else is asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from stripesql.catalogue.model import ColumnRole, Exactness, FilterShape, Table
from stripesql.plan.domains import Domains
from stripesql.plan.scans import Read, ReadKind
from stripesql.request import Params, Request, path_of


def retrieve(table: Table, domains: Domains) -> tuple[Read, ...] | None:
    """Return one read per id, or None where the conjuncts name no ids or the table is not retrieved by id.

    An id that cannot be a path segment (``''``, ``.``, ``..``) or that another path of the API already has
    (``search``) belongs to no row: it is left out, and nothing is read for it. Where the account chooses its ids there
    may be such a row, which only a list can show.
    """
    endpoint, domain = table.retrieve, domains.columns.get("id")
    if endpoint is None or domain is None or domain.values is None or not endpoint.arguments:
        return None
    *parents, id_argument = endpoint.arguments
    columns = [column for _, column in table.list.required[: len(parents)]] if table.list is not None else []
    if len(columns) != len(parents):
        return None
    choices = []
    for column in columns:
        known = domains.columns.get(column.lower())
        if known is None or known.values is None:
            return None
        choices.append([value for value in known.values if isinstance(value, str)])
    texts = [value for value in domain.values if isinstance(value, str)]
    ids = [value for value in texts if is_segment(value)]
    if table.own_id and any(value and value not in ids for value in texts):
        return None
    return tuple(
        _read(table, [*parents, id_argument], columns, [*each]) for each in product(*choices, ids) if all(is_segment(v) for v in each)
    )


def ids_at_once(table: Table) -> int:
    """Return how many ids one request of the list takes (``products.ids``); 0 where it takes none, or does not show every row."""
    filters = table.list.filters if table.list is not None and not table.beyond_list else ()
    found = (f for f in filters if f.column == "id" and f.shape is FilterShape.IN_LIST and f.exactness is Exactness.EXACT)
    return next((each.max_values for each in found), 0)


def read_of_ids(table: Table, ids: Sequence[str], params: Params) -> Read:
    """Return the read of several rows by their ids; ``params`` are those of a retrieve of one."""
    endpoint = table.list
    assert endpoint is not None  # ids_at_once has looked
    found = next(each for each in endpoint.filters if each.column == "id" and each.shape is FilterShape.IN_LIST)
    asked = tuple((f"{found.param}[]", each) for each in ids)
    expand = tuple((name, f"data.{value}") for name, value in params if name == "expand[]")
    request = Request("GET", endpoint.path, (*asked, *found.also_send, *expand), base=endpoint.base)
    return Read(ReadKind.LIST, request, endpoint.paging, pushed=(f"{found.param}[]",))


# Literal segments that follow a collection's path in the API: GET on them is not a retrieve.
_LITERALS = frozenset({"search", "preview", "upcoming", "list", "find", "lines"})


def is_segment(value: str) -> bool:
    """Say whether a text can stand in a path where an id goes, and names no other path of the API."""
    return value not in ("", ".", "..") and value not in _LITERALS and "\0" not in value


def _read(table: Table, arguments: list[str], columns: list[str], values: list[str]) -> Read:
    endpoint = table.retrieve
    assert endpoint is not None
    constants = tuple(
        (column, value)
        for column, value in zip(columns, values, strict=False)
        if (found := table.column(column)) is not None and found.role is not ColumnRole.FIELD
    )
    request = Request("GET", path_of(endpoint.path, dict(zip(arguments, values, strict=True))), base=endpoint.base)
    return Read(ReadKind.OBJECT, request, constants=constants)
