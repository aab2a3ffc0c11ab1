"""Let things go wrong on purpose.

In: switches that a test sets. Out: for each request, which ``Fault`` strikes it. Transports carry the faults out, because
only they can cut a connection.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum


class Fault(Enum):
    """Say what happens to a request."""

    RATE_LIMIT = "rate_limit"
    """429 ``global-rate``"""
    ENDPOINT_RATE = "endpoint_rate"
    """429 ``endpoint-rate``"""
    LOCK_TIMEOUT = "lock_timeout"
    """429 without a reason"""
    SERVER_ERROR = "server_error"
    """500 in Stripe's JSON, before anything is carried out; nothing is kept under an idempotency key"""
    SERVER_ERROR_KEPT = "server_error_kept"
    """500 while it is carried out: nothing was changed, and the answer is kept under the idempotency key"""
    SERVER_ERROR_AFTER = "server_error_after"
    """500 after it was carried out, kept under the idempotency key; of a read a plain 500"""
    UNAVAILABLE = "unavailable"
    """503"""
    GATEWAY_TIMEOUT = "gateway_timeout"
    """504"""
    UNAUTHORIZED = "unauthorized"
    """401: the key was revoked a moment ago"""
    FORBIDDEN = "forbidden"
    """403: a permission of the key was taken away"""
    REDIRECT = "redirect"
    """302 to another host"""
    CONFLICT = "conflict"
    """409"""
    RESET_BEFORE = "reset_before"
    """the connection breaks before the request is carried out"""
    RESET_AFTER = "reset_after"
    """the request is carried out, and the connection breaks before the answer"""
    NO_ANSWER = "no_answer"
    """the request is carried out, and nothing comes back: the connection stays open"""
    CUT_BODY = "cut_body"
    """half of the body, and the connection breaks"""
    BAD_JSON = "bad_json"
    """200 with a body that is not JSON"""
    HTML = "html"
    """502 with a page from something in between"""
    SLOW_DRIP = "slow_drip"
    """the body comes in twenty pieces, ``drip_s`` apart"""


@dataclass
class _Every:
    fault: Fault
    n: int
    path: str
    method: str
    seen: int = 0


@dataclass
class Faults:
    """Hold the switches; all off but the oddity that Stripe itself has.

    Attributes:
        latency_ms: added to each answer, beside the simulator's own.
        clock_skew_s: added to the ``Date`` header.
        drip_s: pause between the pieces of SLOW_DRIP.
        empty_page_under_moved_window: see ``lists.HandedOut``.
        retry_after: value of the ``Retry-After`` header of 429 and 503, or None.
        should_retry: value of the ``Stripe-Should-Retry`` header of faulty answers, or None.
    """

    latency_ms: float = 0.0
    clock_skew_s: float = 0.0
    drip_s: float = 0.01
    empty_page_under_moved_window: bool = True
    retry_after: str | None = None
    should_retry: str | None = None
    _next: list[tuple[Fault, Callable[[str, str], bool]]] = field(default_factory=list)
    _every: list[_Every] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self, fault: Fault, times: int = 1, *, path: str = "", method: str = "") -> None:
        """Strike the next ``times`` requests whose path contains ``path``, of one method or of any."""
        with self._lock:
            self._next += [(fault, lambda asked, by: path in asked and method in ("", by))] * times

    def every(self, fault: Fault, n: int, *, path: str = "", method: str = "") -> None:
        """Strike each ``n``-th request from now on, counting those that ``path`` and ``method`` fit; 0 stops."""
        with self._lock:
            self._every = [entry for entry in self._every if entry.fault is not fault]
            if n > 0:
                self._every.append(_Every(fault, n, path, method))
            for entry in self._every:
                entry.seen = 0

    def clear(self) -> None:
        """Switch everything off, and the oddity on."""
        with self._lock:
            self._next.clear()
            self._every.clear()
        self.latency_ms, self.clock_skew_s, self.empty_page_under_moved_window = 0.0, 0.0, True
        self.retry_after = self.should_retry = None

    def strike(self, path: str, method: str = "GET") -> Fault | None:
        """Return what strikes this request, or None; counts it."""
        with self._lock:
            due: Fault | None = None
            for entry in self._every:
                if entry.path in path and entry.method in ("", method):
                    entry.seen += 1
                    due = due or (entry.fault if entry.seen % entry.n == 0 else None)
            for place, (fault, applies) in enumerate(self._next):
                if applies(path, method):
                    del self._next[place]
                    return fault
            return due


@dataclass
class Hooks:
    """Run callbacks of a test at chosen requests; they run without the simulator's lock and may change its data."""

    _before: list[tuple[int, Callable[[], object]]] = field(default_factory=list)
    _always: list[Callable[[int, str, str], object]] = field(default_factory=list)
    _count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def before(self, n: int, run: Callable[[], object]) -> None:
        """Run once before the ``n``-th request from now on (1 is the next one)."""
        with self._lock:
            self._before.append((self._count + n, run))

    def on_request(self, run: Callable[[int, str, str], object]) -> None:
        """Run before every request, with its number, method and path."""
        self._always.append(run)

    def clear(self) -> None:
        """Forget all callbacks."""
        with self._lock:
            self._before.clear()
            self._always.clear()

    def fire(self, method: str, path: str) -> None:
        """Count a request and run what is due."""
        with self._lock:
            self._count += 1
            number = self._count
            due = [run for at, run in self._before if at == number]
            self._before = [(at, run) for at, run in self._before if at > number]
        for run in due:
            run()
        for always in self._always:
            always(number, method, path)
