"""Be one Stripe: take a request, check the door, answer it.

In: ``Asked``. Out: ``Answer``, and for tests the truth behind it. Every request passes here: hooks, faults that are
answers, keys, limits, routing, log. Faults of the connection are left to ``transport`` and ``server``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from email.utils import formatdate
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from stripesql.simulator import errors, expand, hidden, insertion, keys, lists, params, reads, routes
from stripesql.simulator.account import Account
from stripesql.simulator.answers import Answer, Asked, LoggedRequest
from stripesql.simulator.business.world import World
from stripesql.simulator.clock import Clock
from stripesql.simulator.errors import ApiError
from stripesql.simulator.faults import Fault, Faults, Hooks
from stripesql.simulator.limits import Limits, too_fast

if TYPE_CHECKING:
    import httpx

CONNECTED_SCALE = 0.03
_ERRORS = {
    Fault.RATE_LIMIT: lambda: too_fast("global-rate"),
    Fault.ENDPOINT_RATE: lambda: too_fast("endpoint-rate"),
    Fault.LOCK_TIMEOUT: lambda: too_fast(None),
    Fault.SERVER_ERROR: lambda: ApiError(500, "An unknown error occurred.", type="api_error"),
    Fault.UNAVAILABLE: lambda: ApiError(503, "The service is unavailable for a moment.", type="api_error"),
    Fault.CONFLICT: lambda: ApiError(409, "The object was changed by another request.", code="lock_timeout"),
}


class Simulator:
    """Simulate one platform account and its connected accounts.

    Args:
        seed: of all data.
        scale: 1.0 is the demo: about 300 customers, 2,400 charges.
        empty: no objects but the account.
        now: server time at creation, in unix seconds; None is the real clock.
        latency_ms: of each answer.
        jitter_ms: more or less latency, evenly.
        rate: requests per second of an account, above that 429; None is unlimited.
        endpoint_rate: the same per endpoint.
        keys: known keys with their permissions (None is everything); None takes any key of plausible form.

    Attributes:
        log: every request that arrived, in order.
        faults: what goes wrong.
        hooks: callbacks at chosen requests.
        clock: the server's time.
        routes: handlers beside the reads.
    """

    def __init__(
        self,
        *,
        seed: int = 7,
        scale: float = 1.0,
        empty: bool = False,
        now: float | None = None,
        latency_ms: float = 0,
        jitter_ms: float = 0,
        rate: float | None = None,
        endpoint_rate: float | None = None,
        keys: Mapping[str, frozenset[str] | None] | None = None,
    ) -> None:
        self.clock = Clock(now)
        self.log: list[LoggedRequest] = []
        self.faults = Faults()
        self.hooks = Hooks()
        self.routes = routes.Routes()
        self._seed = seed
        self._keys = keys
        self._latency_ms, self._jitter_ms = latency_ms, jitter_ms
        self._limits = Limits(rate, endpoint_rate)
        self._lock = threading.RLock()
        self._chance = Random(seed)
        self._requests = 0
        self._memory = lists.HandedOut()
        self._own = Account(World(seed, scale, self.clock.now(), empty=empty), self.clock.now)
        self._connected: dict[str, Account] = {}

    @property
    def account_id(self) -> str:
        """Return the id of the platform account."""
        return self._own.id

    def transport(self) -> httpx.BaseTransport:
        """Return a transport that answers in process; any host is the simulator."""
        from stripesql.simulator.transport import SimulatorTransport

        return SimulatorTransport(self)

    def clear_log(self) -> None:
        """Forget the requests so far."""
        self.log.clear()

    def objects(self, table: str, *, account: str | None = None, expand_fields: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        """Return the truth: every object of a table, in list order, hidden and beyond-list ones included, tombstones not.

        Args:
            table: name.
            account: a connected account, or None for the platform.
            expand_fields: what to expand, as in ``expand[]`` of a retrieve.
        """
        with self._lock:
            owner = self._account(account)
            paths = tuple(tuple(field.split(".")) for field in expand_fields)
            if owner.is_singleton(table):
                from stripesql.simulator import shapes, singletons

                return [singletons.document(owner, shapes.known(table))]
            rows = owner.members(table)
            return [expand.apply(owner, table, owner.render(table, row), paths) for row in rows]

    def listed(self, table: str, *, account: str | None = None) -> list[dict[str, Any]]:
        """Return the part of ``objects`` that full lists show: canceled and inactive rows, not those beyond any list.

        Beyond: inline prices, closed reviews, archived alerts, objects on test clocks, one's own account, payment methods of
        type custom, tax ids of others.
        """
        with self._lock:
            owner = self._account(account)
            tests = hidden.complete(owner, table)
            return [owner.render(table, row) for row in owner.members(table) if all(test(row) for test in tests)]

    def parent_ids(self, table: str, column: str, *, account: str | None = None) -> list[str]:
        """Return the parent's id of each of ``objects(table)``, for parents that are not a field of the object."""
        with self._lock:
            owner = self._account(account)
            return [owner.parent_of(table, row, column) for row in owner.members(table)]

    def insert(self, table: str, fields: Mapping[str, Any] | None = None, *, account: str | None = None) -> dict[str, Any]:
        """Add an object and return it; what is not given is null, or what a plain object has.

        Args:
            table: name; of a nested table ``fields`` give the parent's id under the parent's column.
            fields: of the object; ``created`` (or ``date``) orders it, default now.
            account: a connected account, or None for the platform.
        """
        with self._lock:
            return insertion.insert(self._account(account), table, dict(fields or {}))

    def delete(self, table: str, object_id: str, *, account: str | None = None) -> None:
        """Delete an object; it becomes a tombstone.

        Raises:
            KeyError: no such object.
        """
        with self._lock:
            self._account(account).shelf(table).remove(object_id)

    def latency_s(self) -> float:
        """Return how long the next answer takes."""
        jitter = (self._chance.random() * 2 - 1) * self._jitter_ms if self._jitter_ms else 0.0
        return max(0.0, self._latency_ms + self.faults.latency_ms + jitter) / 1000

    def handle(self, asked: Asked) -> tuple[Answer, Fault | None]:
        """Answer a request; the second value is a fault of the connection that the transport has to carry out."""
        self.hooks.fire(asked.method, asked.path)
        fault = self.faults.strike(asked.path)
        delay_s = self.latency_s()
        if delay_s:
            time.sleep(delay_s)
        with self._lock:
            self._requests += 1
            request_id = f"req_{self._own.world.ids.make('', self._requests)[-14:]}"
        pairs = params.pairs_of(asked.query)
        account = asked.headers.get("stripe-account") or asked.headers.get("stripe-context")
        if fault is Fault.RESET_BEFORE:
            self.log.append(LoggedRequest(asked.method, asked.path, pairs, 0, account))
            return Answer(0, b""), fault
        answer = self._answer(asked, pairs, account, request_id, fault)
        self.log.append(LoggedRequest(asked.method, asked.path, pairs, answer.status, account))
        return answer, fault

    def _answer(
        self, asked: Asked, pairs: tuple[tuple[str, str], ...], account: str | None, request_id: str, fault: Fault | None
    ) -> Answer:
        headers = {
            "Content-Type": "application/json",
            "Date": formatdate(self.clock.now() + self.faults.clock_skew_s, usegmt=True),
            "Request-Id": request_id,
        }
        if asked.headers.get("stripe-version"):
            headers["Stripe-Version"] = asked.headers["stripe-version"]
        if account:
            headers["Stripe-Account"] = account
        try:
            if fault in _ERRORS:
                raise self._faulty(_ERRORS[fault]())
            document = self._document(asked, pairs, account)
            status, body = 200, msgspec.json.encode(document)
        except ApiError as error:
            status, body = error.status, msgspec.json.encode(error.document(request_id))
            headers.update(error.headers)
        if fault is Fault.BAD_JSON:
            body = body[: len(body) // 2] + b"\x00{]"
        elif fault is Fault.HTML:
            status, body = 502, b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
            headers["Content-Type"] = "text/html"
        return Answer(status, body, headers)

    def _faulty(self, error: ApiError) -> ApiError:
        if self.faults.retry_after is not None and error.status in (429, 503):
            error.headers["Retry-After"] = self.faults.retry_after
        if self.faults.should_retry is not None:
            error.headers["Stripe-Should-Retry"] = self.faults.should_retry
        return error

    def _document(self, asked: Asked, pairs: tuple[tuple[str, str], ...], account_id: str | None) -> dict[str, Any]:
        key = keys.key_of(asked.headers)
        granted = keys.permissions(key, self._keys)
        with self._lock:
            account = self._entered(account_id, key)
            written = routes.read_route(asked.path) if asked.method == "GET" else None
            handler = self.routes.find(asked.method, asked.path)
            endpoint = f"{asked.method} {written.table.name} {written.verb.value}" if written else f"{asked.method} {asked.path}"
            self._limits.take(account.id, endpoint)
            call = reads.Call(
                account,
                asked.method,
                asked.path,
                params.nested(pairs),
                params.nested(params.pairs_of(asked.body.decode())) if _is_form(asked) else {},
                asked.body,
                asked.headers.get("stripe-version"),
                asked.headers.get("idempotency-key"),
            )
            if handler is not None:
                return handler[0](call, handler[1])
            if written is None:
                if asked.method in ("POST", "DELETE") and asked.path.startswith(("/v1/", "/v2/")):
                    raise reads.refuse_write(asked.method, asked.path)
                raise errors.unknown_url(asked.method, asked.path)
            keys.demand(granted, written.table.name, account.id, key)
            self._demand_expansions(granted, written, call, key)
            return reads.answer(written, call, self._memory if self.faults.empty_page_under_moved_window else None)

    def _demand_expansions(self, granted: keys.Permissions, route: routes.Route, call: reads.Call, key: str) -> None:
        if granted is None or "expand" not in call.sent:
            return
        for path in expand.paths_of(call.sent["expand"]):
            for table in expand.tables_reached(route.table.name, path[1:] if path[0] == "data" else path):
                keys.demand(granted, table, call.account.id, key)

    def _entered(self, account_id: str | None, key: str) -> Account:
        """Return the account that the request is for; an account that is not connected is a 403."""
        try:
            return self._account(account_id)
        except KeyError:
            message = (
                f"The provided key '{keys.masked(key)}' does not have access to account '{account_id}' (or that account does not exist)."
            )
            raise ApiError(403, message, code="account_invalid") from None

    def _account(self, account_id: str | None) -> Account:
        """Return an account.

        Raises:
            KeyError: it is neither the platform nor connected to it.
        """
        if account_id is None or account_id == self._own.id:
            return self._own
        if account_id not in self._connected:
            row = self._own.shelf("accounts").get(account_id)
            if row is None:
                raise KeyError(account_id)
            seed = self._seed * 101 + sum(account_id.encode())
            world = World(seed, CONNECTED_SCALE, self._own.world.now, empty=self._own.world.empty, account_id=account_id)
            self._connected[account_id] = Account(world, self.clock.now)
        return self._connected[account_id]


def _is_form(asked: Asked) -> bool:
    """Say whether the body is a form: v1 sends forms, v2 sends JSON."""
    return bool(asked.body) and "json" not in asked.headers.get("content-type", "")
