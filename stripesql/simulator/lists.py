"""Answer lists: v1 with cursors, v2 with page tokens.

In: an account, a table and parameters. Out: the JSON document. Newest first; ties in an arbitrary and stable order.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from stripesql.catalogue.model import Paging, Table
from stripesql.simulator import errors, expand, hidden, params, shapes, wishes
from stripesql.simulator.embedded import SAME_ROWS
from stripesql.simulator.errors import ApiError
from stripesql.simulator.filters.lookup import filters_of
from stripesql.simulator.params import Params
from stripesql.simulator.wishes import Window, Wish

if TYPE_CHECKING:
    from stripesql.simulator.account import Account
    from stripesql.simulator.store import Test

DEFAULT_LIMIT = 10
MOST = 100
PAGING = ("limit", "starting_after", "ending_before", "expand")


class HandedOut:
    """Remember which rows at the edge of a ``created`` window were shown under it, for the oddity of ``is_lost``."""

    def __init__(self) -> None:
        self._shown: set[tuple[str, Window]] = set()

    def note(self, rows: list[Any], window: Window) -> None:
        """Remember a page."""
        self._shown.update((row.id, window) for row in rows if row.created in window)

    def is_lost(self, row: Any, window: Window) -> bool:
        """Say whether Stripe answers an empty page for this cursor under this window.

        Seen by Stripe's own sync engine (pull request 378, 2026-05): when the window was changed under a cursor that
        came from elsewhere, the page is empty where the cursor lies outside it or in a second at its edge, and the
        rest of that second is lost. A scan whose window stays the same is never affected.
        """
        if row.created < window[0] or row.created > window[1]:
            return True
        return row.created in window and (row.id, window) not in self._shown


@dataclass(frozen=True, slots=True)
class ListCall:
    """Say one call of a list.

    Attributes:
        parents: column and id of each path argument.
        sent: query parameters, nested.
        url: path as it was asked for.
    """

    parents: tuple[tuple[str, str], ...]
    sent: Params
    url: str


def cursor_page(account: Account, table: Table, call: ListCall, memory: HandedOut | None) -> dict[str, Any]:
    """Return a v1 page; ``memory`` is None where the oddity of moved windows is switched off."""
    assert table.list is not None
    paged = table.list.paging is Paging.CURSOR
    paging = {key: value for key, value in call.sent.items() if key in PAGING and (paged or key == "expand")}
    wish = wishes.read(account, table.name, filters_of(table.name), {key: value for key, value in call.sent.items() if key not in paging})
    limit = limit_of(paging) if paged else 1 << 30
    paths = expand.paths_of(paging.get("expand"))
    expand.check(table.name, paths, in_list=True)
    after, before = _cursor(account, table.name, paging, "starting_after"), _cursor(account, table.name, paging, "ending_before")
    if after is not None and before is not None:
        raise errors.invalid_value("ending_before", "You may only specify one of these parameters: starting_after, ending_before.")
    if wish.no_cursor and (after is not None or before is not None):
        raise errors.invalid_value(wish.no_cursor, f"You may not use {wish.no_cursor} together with a cursor.")
    if memory is not None and after is not None and wish.window is not None and memory.is_lost(after, wish.window):
        return {"object": "list", "data": [], "has_more": False, "url": call.url}
    rows, more = _page(account, table.name, call, wish, limit, after, before)
    if memory is not None and wish.window is not None:
        memory.note(rows, wish.window)
    shown = [expand.apply(account, table.name, account.render(table.name, row), paths) for row in rows]
    return {"object": "list", "data": shown, "has_more": more, "url": call.url}


def limit_of(paging: Mapping[str, params.Value]) -> int:
    """Return the page size, 1 to 100."""
    if "limit" not in paging:
        return DEFAULT_LIMIT
    limit = params.integer(paging["limit"], "limit")
    if limit < 1:
        raise ApiError(400, "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="limit")
    if limit > MOST:
        raise ApiError(400, f"This value must be less than or equal to {MOST}.", code="parameter_invalid_integer", param="limit")
    return limit


def _cursor(account: Account, name: str, paging: Mapping[str, params.Value], param: str) -> Any | None:
    """Return the row that a cursor names; an id that is unknown or deleted is refused."""
    if param not in paging:
        return None
    row_id = params.text(paging[param], param)
    row = account.shelf(name).get(row_id)
    if row is None:
        raise errors.no_such(shapes.known(name).resource.partition("|")[0].rpartition(".")[2], row_id, param)
    return row


def _page(account: Account, name: str, call: ListCall, wish: Wish, limit: int, after: Any, before: Any) -> tuple[list[Any], bool]:
    shelf = account.shelf(name)
    equal = [*call.parents, *wish.equal]
    candidates: list[Any] | None = None
    tests: list[Test] = []
    if equal:
        path, value = min(equal, key=lambda pair: len(shelf.having(*pair)))
        candidates = shelf.having(path, value)
        tests = [_equals(shelf.reader(other), wanted) for other, wanted in equal if other != path]
    tests += [*wish.tests, *hidden.tests(account, name, wish.given | {column for column, _ in call.parents if name not in SAME_ROWS})]
    if wish.rows_at_most is not None:
        # The whole result ends after so many rows, whatever the page size: read it, then take the page out of it.
        candidates, _ = shelf.page(candidates, tests, wish.rows_at_most, after=None, before=None, window=wish.window)
        candidates = candidates[::-1]
    return shelf.page(candidates, tests, limit, after=after, before=before, window=wish.window)


def _equals(read: Any, wanted: Any) -> Test:
    return lambda row: bool(read(row) == wanted)


def token_page(account: Account, table: Table, call: ListCall) -> dict[str, Any]:
    """Return a v2 page: ``next_page_url`` repeats the parameters and carries an opaque token."""
    sent = dict(call.sent)
    limit = limit_of(sent) if "limit" in sent else 20
    sent.pop("limit", None)
    token = sent.pop("page", None)
    after = _from_token(account, table.name, params.text(token, "page")) if token is not None else None
    wish = wishes.read(account, table.name, filters_of(table.name), sent)
    rows, more = _page(account, table.name, call, wish, limit, after, None)
    following = _next_url(call, limit, rows[-1].id) if more else None
    include = params.included(call.sent.get("include"))
    return {"data": [account.render(table.name, row, include) for row in rows], "next_page_url": following, "previous_page_url": None}


def _next_url(call: ListCall, limit: int, last: str) -> str:
    pairs = [(name, value) for name, value in flat(call.sent) if name not in ("limit", "page")]
    token = base64.urlsafe_b64encode(last.encode()).decode().rstrip("=")
    return f"{call.url}?{urlencode([*pairs, ('limit', str(limit)), ('page', 'page_' + token)])}"


def flat(sent: Params) -> list[tuple[str, str]]:
    """Return nested parameters as names with brackets and their values."""
    found: list[tuple[str, str]] = []

    def walk(name: str, value: params.Value) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(f"{name}[{key}]", inner)
        elif isinstance(value, list):
            for number, inner in enumerate(value):
                walk(f"{name}[{number}]", inner)
        else:
            found.append((name, value))

    for name, value in sent.items():
        walk(name, value)
    return found


def _from_token(account: Account, name: str, token: str) -> Any:
    try:
        row_id = base64.urlsafe_b64decode(token.removeprefix("page_") + "===").decode()
    except ValueError:
        row_id = ""
    row = account.shelf(name).get(row_id)
    if row is None:
        raise errors.invalid_value("page", "Invalid page token.")
    return row
