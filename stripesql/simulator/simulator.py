"""Be one Stripe: take a request, check the door, answer it.

In: ``Asked``. Out: ``Answer``, and for tests the truth behind it. Every request passes here: hooks, faults that are
answers, idempotency, keys, limits, routing, log. Faults of the connection are left to ``transport`` and ``server``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from stripesql.simulator import answering, errors, expand, hidden, insertion, keys, lists, params, reads, routes, specials
from stripesql.simulator.account import Account
from stripesql.simulator.answering import FAULTS
from stripesql.simulator.answers import Answer, Asked, Content, LoggedRequest
from stripesql.simulator.business.world import World
from stripesql.simulator.clock import Clock
from stripesql.simulator.errors import ApiError
from stripesql.simulator.faults import Fault, Faults, Hooks
from stripesql.simulator.limits import Limits
from stripesql.simulator.writes.idempotency import Memory, is_kept

if TYPE_CHECKING:
    import httpx

CONNECTED_SCALE = 0.03


@dataclass(slots=True)
class Attempt:
    """Say how far a write came: once it has begun, its answer is kept."""

    begun: bool = False


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
        routes: handlers of a test's own, in front of everything.
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
        self._answers = Memory()
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
        fault = self.faults.strike(asked.path, asked.method)
        if fault is Fault.RESET_BEFORE:
            self._pause()
            self._note(asked, 0)
            return Answer(0, b""), fault
        with self._lock:
            self._requests += 1
            request_id = f"req_{self._own.world.ids.make('', self._requests)[-14:]}"
        answer, replayed = self._once(asked, request_id, fault)
        self._note(asked, answer.status, replayed)
        return answering.spoiled(answer, fault), fault

    def _pause(self) -> None:
        delay_s = self.latency_s()
        if delay_s:
            time.sleep(delay_s)

    def _note(self, asked: Asked, status: int, replayed: bool = False) -> None:
        form = params.pairs_of(asked.body.decode("utf-8", "replace")) if answering.is_form(asked) else ()
        key = asked.headers.get("idempotency-key")
        self.log.append(
            LoggedRequest(asked.method, asked.path, params.pairs_of(asked.query), status, answering.account_of(asked), form, key, replayed)
        )

    def _once(self, asked: Asked, request_id: str, fault: Fault | None) -> tuple[Answer, bool]:
        """Return the answer, and whether it was given before under the same idempotency key."""
        key = asked.headers.get("idempotency-key") if asked.method == "POST" else None
        if not key or fault in FAULTS or self.routes.find(asked.method, asked.path) is not None:
            self._pause()
            return self._answer(asked, request_id, fault, Attempt()), False
        scope = answering.account_of(asked) or self.account_id
        try:
            keys.permissions(keys.key_of(asked.headers), self._keys)
            found = self._answers.begin(scope, key, asked, self.clock.now())
        except ApiError as error:
            self._pause()
            return answering.refusal(error, self._headers(asked, request_id), request_id), False
        if found is not None:
            self._pause()
            return answering.replayed(found, request_id), True
        attempt = Attempt()
        answer: Answer | None = None
        try:
            self._pause()
            answer = self._answer(asked, request_id, fault, attempt)
        finally:
            self._answers.end(scope, key, answer if attempt.begun and answer is not None and is_kept(asked.path, answer) else None)
        return answer, False

    def _headers(self, asked: Asked, request_id: str) -> dict[str, str]:
        return answering.headers_of(asked, request_id, self.clock.now() + self.faults.clock_skew_s)

    def _answer(self, asked: Asked, request_id: str, fault: Fault | None, attempt: Attempt) -> Answer:
        headers = self._headers(asked, request_id)
        try:
            if fault in FAULTS:
                raise self._faulty(FAULTS[fault]())
            document = self._document(asked, request_id, attempt, fault)
            if fault in (Fault.SERVER_ERROR_AFTER, Fault.SERVER_ERROR_KEPT):
                raise self._faulty(FAULTS[Fault.SERVER_ERROR]())
            if isinstance(document, Content):
                return Answer(200, document.data, {**headers, "Content-Type": document.type})
            return Answer(200, msgspec.json.encode(document), headers)
        except ApiError as error:
            return answering.refusal(error, headers, request_id)

    def _faulty(self, error: ApiError) -> ApiError:
        if self.faults.retry_after is not None and error.status in (429, 503):
            error.headers["Retry-After"] = self.faults.retry_after
        if self.faults.should_retry is not None:
            error.headers["Stripe-Should-Retry"] = self.faults.should_retry
        return error

    def _document(self, asked: Asked, request_id: str, attempt: Attempt, fault: Fault | None) -> dict[str, Any] | Content:
        key = keys.key_of(asked.headers)
        granted = keys.permissions(key, self._keys)
        with self._lock:
            account = self._entered(answering.account_of(asked), key)
            handler = self.routes.find(asked.method, asked.path)
            if handler is None and (asked.method in ("POST", "DELETE") or (asked.method, asked.path) in specials.ACTIONS):
                return self._written(asked, account, granted, key, request_id, attempt, fault)
            read = routes.read_route(asked.path) if asked.method == "GET" else None
            self._limits.take(account.id, f"{asked.method} {read.table.name} {read.verb.value}" if read else f"{asked.method} {asked.path}")
            call = reads.Call(
                account,
                asked.method,
                asked.path,
                params.nested(params.pairs_of(asked.query)),
                params.nested(params.pairs_of(asked.body.decode())) if answering.is_form(asked) else {},
                asked.body,
                asked.headers.get("stripe-version"),
                asked.headers.get("idempotency-key"),
            )
            if handler is not None:
                return handler[0](call, handler[1])
            if read is None:
                return self._special(asked, call, granted, key)
            keys.demand(granted, read.table.name, account.id, key)
            self._demand_expansions(granted, read.table.name, call.sent.get("expand"), account.id, key)
            return reads.answer(read, call, self._memory if self.faults.empty_page_under_moved_window else None)

    def _special(self, asked: Asked, call: reads.Call, granted: keys.Permissions, key: str) -> dict[str, Any] | Content:
        """Answer reads that are no rows: contents of files, previews."""
        found = specials.find(asked.path) if asked.method == "GET" else None
        if found is None:
            raise errors.unknown_url(asked.method, asked.path)
        keys.demand(granted, found.table, call.account.id, key)
        return found.answer(call)

    def _written(
        self, asked: Asked, account: Account, granted: keys.Permissions, key: str, request_id: str, attempt: Attempt, fault: Fault | None
    ) -> dict[str, Any]:
        # Imported by the first write: what only reads starts sooner.
        from stripesql.simulator.writes import answer as carried
        from stripesql.simulator.writes import bodies
        from stripesql.simulator.writes import routes as writes
        from stripesql.simulator.writes.hand import Cause

        route = writes.write_route(asked.method, asked.path)
        if route is None:
            raise errors.unknown_url(asked.method, asked.path)
        name = route.table.name if route.table is not None else route.action.partition(".")[0]
        self._limits.take(account.id, route.endpoint.operation)
        keys.demand(granted, name, account.id, key, write=asked.method != "GET")
        body = bodies.body_of(asked.body, asked.headers.get("content-type", ""))
        if asked.query:
            body = replace(body, tree={**bodies.tree_of(params.pairs_of(asked.query)), **body.tree})
        if route.table is not None:
            self._demand_expansions(granted, name, params.nested(body.pairs).get("expand"), account.id, key)
        prepared = carried.prepare(account, route, body)
        attempt.begun = True
        if fault is Fault.SERVER_ERROR_KEPT:
            raise self._faulty(FAULTS[Fault.SERVER_ERROR]())
        return carried.carry_out(account, prepared, Cause(request_id, asked.headers.get("idempotency-key")))

    def _demand_expansions(self, granted: keys.Permissions, name: str, sent: params.Value | None, account_id: str, key: str) -> None:
        if granted is None or sent is None:
            return
        for path in expand.paths_of(sent):
            for table in expand.tables_reached(name, path[1:] if path[0] == "data" else path):
                keys.demand(granted, table, account_id, key)

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
