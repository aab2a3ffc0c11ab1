"""Answer searches: a query language of its own, over an index that lags behind.

In: an account, a table and parameters. Out: a ``search_result``. Rows that were written less than a minute ago are not
found, and changed rows are found by what they were (docs: "normally less than a minute").
"""

from __future__ import annotations

import base64
from typing import Any

from stripesql.catalogue.model import Table
from stripesql.simulator import errors, expand, lists, params
from stripesql.simulator.account import Account
from stripesql.simulator.business.records import Loose
from stripesql.simulator.params import Params
from stripesql.simulator.search.grammar import parsed
from stripesql.simulator.search.match import matcher
from stripesql.simulator.store import walk

LAG_S = 60
PARAMETERS = ("query", "limit", "page", "expand")


def answer(account: Account, table: Table, sent: Params, url: str) -> dict[str, Any]:
    """Return one page of results, newest first.

    Raises:
        ApiError: 400 for a query outside the grammar, an unknown field or operator, a bad token.
    """
    for name in sent:
        if name not in PARAMETERS:
            raise errors.unknown_parameter(name)
    if "query" not in sent:
        raise errors.missing_parameter("query")
    limit = lists.limit_of(sent)
    paths = expand.paths_of(sent.get("expand"))
    expand.check(table.name, paths, in_list=True)
    test = matcher(table.name, parsed(params.text(sent["query"], "query")))
    found = [row for row in account.shelf(table.name).all() if _indexed(account, row) and test(_reader(account, table.name, row))]
    start = _start(found, params.text(sent["page"], "page")) if "page" in sent else 0
    shown = found[start : start + limit]
    more = len(found) > start + limit
    document: dict[str, Any] = {
        "object": "search_result",
        "url": url,
        "has_more": more,
        "next_page": _token(shown[-1].id) if more else None,
        "data": [expand.apply(account, table.name, account.render(table.name, row), paths) for row in shown],
    }
    return {**document, "total_count": len(found)} if ("total_count",) in paths else document


def _indexed(account: Account, row: Any) -> bool:
    """Say whether the index has seen any state of the row."""
    old = account.now() - LAG_S
    if type(row) is Loose and row.written is not None:
        return row.written <= old or row.previous is not None
    return bool(row.created <= old)


def _reader(account: Account, name: str, row: Any) -> Any:
    """Return a function that reads a field as the index knows it."""
    lagging = type(row) is Loose and row.written is not None and row.written > account.now() - LAG_S and row.previous is not None
    if lagging:
        return lambda path: walk(row.previous, tuple(path.split(".")))
    shelf = account.shelf(name)
    return lambda path: shelf.reader(path)(row)


def _token(row_id: str) -> str:
    return base64.urlsafe_b64encode(row_id.encode()).decode().rstrip("=")


def _start(found: list[Any], token: str) -> int:
    try:
        row_id = base64.urlsafe_b64decode(token + "===").decode()
    except ValueError:
        row_id = ""
    for place, row in enumerate(found):
        if row.id == row_id:
            return place + 1
    raise errors.invalid_value("page", "Invalid page token.")
