"""Put crafted answers in front of the simulator: what it cannot be made to say, the tests of this folder say here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import httpx

import stripesql
from stripesql.simulator import Simulator

KEY = "sk_test_crafted123456"
Answer = httpx.Response | None


class InFront(httpx.BaseTransport):
    """Answer some requests by ``craft``, and the others by the simulator; remember all of them."""

    def __init__(self, sim: Simulator, craft: Callable[[httpx.Request], Answer]) -> None:
        self.seen: list[httpx.Request] = []
        self._inner = sim.transport()
        self._craft = craft

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        answer = self._craft(request)
        return self._inner.handle_request(request) if answer is None else answer


def connected(transport: httpx.BaseTransport, **settings: object) -> stripesql.Connection:
    return stripesql.connect(KEY, transport=transport, **settings)


def refusal(
    param: str | None, *, status: int = 400, code: str | None = "parameter_unknown", message: str = "Received unknown parameter"
) -> httpx.Response:
    """Return Stripe's answer to a parameter that it does not like."""
    error = {"type": "invalid_request_error", "message": f"{message}: {param}", "code": code, "param": param}
    return httpx.Response(status, json={"error": {name: value for name, value in error.items() if value is not None}})


def refusing(*params: str, named: str | None = None, path: str = "", **options: Any) -> Callable[[httpx.Request], Answer]:
    """Refuse every request that has one of the parameters; ``named`` is what the answer calls it, where that differs."""

    def craft(request: httpx.Request) -> Answer:
        for name in request.url.params:
            if name in params and path in request.url.path:
                return refusal(named or name, **options)
        return None

    return craft


def page(rows: Iterable[dict[str, Any]], *, more: bool = False) -> httpx.Response:
    return httpx.Response(200, json={"object": "list", "data": list(rows), "has_more": more, "url": "/v1/x"})


def column(connection: stripesql.Connection, sql: str, parameters: Any = None) -> list[Any]:
    """Return the first column of a query's rows."""
    return [row[0] for row in connection.execute(sql, parameters).fetchall()]


def lines(connection: stripesql.Connection, sql: str) -> list[str]:
    """Return the lines of an EXPLAIN."""
    return [line.strip() for line in column(connection, sql)]


def ids(rows: Iterable[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


class Lists(httpx.BaseTransport):
    """Serve lists in the order in which their rows are given, whatever that is: by path, or by a function of the parameters.

    Attributes:
        seen: the requests so far.
        before: called with the number of each request, from 1, before it is answered.
    """

    def __init__(self, rows: dict[str, list[dict[str, Any]]], before: Callable[[int], object] | None = None) -> None:
        self.rows = rows
        self.seen: list[httpx.Request] = []
        self.before = before

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        if self.before is not None:
            self.before(len(self.seen))
        given = request.url.params
        rows = [row for row in self.rows[request.url.path] if all(_is(row, name, given[name]) for name in given)]
        cursor = given.get("starting_after")
        if cursor is not None:
            places = [place for place, row in enumerate(rows) if row["id"] == cursor]
            if not places:
                return refusal("starting_after", code="resource_missing", message="No such object")
            rows = rows[places[0] + 1 :]
        limit = int(given.get("limit", "10"))
        return page(rows[:limit], more=len(rows) > limit)


def _is(row: dict[str, Any], name: str, value: str) -> bool:
    field, _, operator = name.partition("[")
    if field in ("limit", "starting_after", "expand"):
        return True
    if operator:
        at, bound = row[field], int(value)
        return {"gt]": at > bound, "gte]": at >= bound, "lt]": at < bound, "lte]": at <= bound}[operator]
    return str(row.get(field)).lower() == value.lower()
