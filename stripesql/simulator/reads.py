"""Answer reads: lists, retrieves, searches, singletons.

In: a route and a call. Out: the JSON document. It decides nothing about transport, keys or limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stripesql.catalogue.model import Paging, Table
from stripesql.simulator import errors, expand, lists, params, search, shapes, singletons
from stripesql.simulator.account import Account
from stripesql.simulator.embedded import SAME_ROWS
from stripesql.simulator.params import Params
from stripesql.simulator.routes import Route, Verb

RETRIEVE_ONLY_PARAMETERS = frozenset({"expand", "include", "client_secret"})


@dataclass(frozen=True, slots=True)
class Call:
    """Say one call that passed the door: key, account and limits are checked.

    Attributes:
        account: whose data.
        method: GET, POST, DELETE.
        path: as asked for.
        sent: query parameters, nested.
        body: form fields of a POST, nested; empty for JSON.
        raw: body of a POST as it came (v2 sends JSON).
        version: ``Stripe-Version``, or None.
        idempotency_key: of a POST, or None.
    """

    account: Account
    method: str
    path: str
    sent: Params
    body: Params
    raw: bytes = b""
    version: str | None = None
    idempotency_key: str | None = None


def answer(route: Route, call: Call, memory: lists.HandedOut | None) -> dict[str, Any]:
    """Return the document that a GET gives.

    Raises:
        ApiError: whatever Stripe refuses.
    """
    match route.verb:
        case Verb.LIST:
            return _list(route, call, memory)
        case Verb.SEARCH:
            return search.answer(call.account, route.table, call.sent, call.path)
        case Verb.SINGLETON:
            return _expanded(call, route.table, singletons.document(call.account, route.table))
        case Verb.RETRIEVE:
            return _retrieve(route, call)


def _list(route: Route, call: Call, memory: lists.HandedOut | None) -> dict[str, Any]:
    table = route.table
    parents = _parents(call.account, table, route.arguments)
    known = lists.ListCall(parents, call.sent, call.path)
    if table.list is not None and table.list.paging is Paging.PAGE_URL:
        return lists.token_page(call.account, table, known)
    return lists.cursor_page(call.account, table, known, memory)


def _parents(account: Account, table: Table, arguments: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return column and id per path argument; a parent that does not exist, or was deleted, is a 404."""
    found: list[tuple[str, str]] = []
    for parent, parent_id in zip(table.parents, arguments, strict=False):
        _known_parent(account, parent.table, parent_id, parent.argument)
        found.append((SAME_ROWS[table.name][1] if table.name in SAME_ROWS else parent.column, parent_id))
    return tuple(found)


def _known_parent(account: Account, name: str, parent_id: str, argument: str) -> None:
    row = account.shelf(name).get(parent_id)
    if (row is None or _is_gone(account, name, row)) and not (name == "accounts" and parent_id == account.id):
        noun = shapes.known(name).resource.rpartition(".")[2]
        raise errors.no_such(noun, parent_id, argument, 404)


def _retrieve(route: Route, call: Call) -> dict[str, Any]:
    account, table = call.account, route.table
    parents = _parents(account, table, route.arguments[:-1] if len(route.arguments) > 1 else ())
    row_id = route.arguments[-1]
    shelf = account.shelf(table.name)
    if row_id in shelf.tombstones:
        _check_parameters(call, table)
        if shelf.kind.resource in TOMBSTONES:
            return account.tombstone(table.name, row_id)
        raise errors.no_such(_noun(table), row_id, "id", 404)
    row = shelf.get(row_id)
    if row is None and table.shape.value == "retrieve_only" and table.parents and len(table.key) == 1:
        _known_parent(account, table.parents[0].table, row_id, table.parents[0].argument)
    if row is None or any(shelf.reader(column)(row) != parent_id for column, parent_id in parents) or _is_gone(account, table.name, row):
        raise errors.no_such(_noun(table), row_id, "id", 404)
    return _expanded(call, table, account.render(table.name, row, params.included(call.sent.get("include"))))


TOMBSTONES = frozenset({"customer", "terminal.configuration", "terminal.location", "terminal.reader"})
"""Resources whose deleted objects can still be retrieved, as ``{id, object, deleted}``."""


def _is_gone(account: Account, name: str, row: Any) -> bool:
    """Say whether an event is older than the 30 days that are kept, or a tax calculation has expired."""
    if name == "tax_calculations":
        expires_at = account.shelf(name).reader("expires_at")(row)
        return expires_at is not None and expires_at < account.now()
    return name in ("events", "v2_core_events") and row.created < account.now() - 30 * 86_400


def _noun(table: Table) -> str:
    return table.resource.partition("|")[0].rpartition(".")[2]


def _expanded(call: Call, table: Table, value: dict[str, Any]) -> dict[str, Any]:
    _check_parameters(call, table)
    paths = expand.paths_of(call.sent.get("expand"))
    expand.check(table.name, paths, in_list=False)
    return expand.apply(call.account, table.name, value, paths)


def _check_parameters(call: Call, table: Table) -> None:
    named = {parameter.name for parameter in table.retrieve.parameters} if table.retrieve is not None else set()
    for name in call.sent:
        if name not in RETRIEVE_ONLY_PARAMETERS | named:
            raise errors.unknown_parameter(name)
