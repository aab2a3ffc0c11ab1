"""Read rows by their ids: one request each, whatever else is asked of them."""

from __future__ import annotations

from itertools import product

from stripesql.catalogue.model import ColumnRole, Table
from stripesql.plan.domains import Domains
from stripesql.plan.scans import Read, ReadKind
from stripesql.request import Request, path_of


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
