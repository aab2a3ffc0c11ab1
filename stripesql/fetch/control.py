"""Hold the budget of one statement: time, requests, and the wish to stop.

In: the limits, from settings; ``cancel`` from any thread. Out: exceptions at the next check, in every thread that works
for the statement.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from stripesql.errors import BudgetExceeded, QueryCancelled, QueryTimeout
from stripesql.stats import Stats


class Control:
    """Stop a statement that was cancelled, that is out of time, or that would send too many requests.

    One per statement, shared by its workers; safe to use from any thread.

    Args:
        stats: where waiting is counted.
        timeout_s: seconds that the statement may take, from now on, or None.
        max_requests: most requests that it may send, repeated ones included, or None.
        clock: seconds that never go back.
        pause: waits so many seconds; None waits on the cancellation itself, so that ``cancel`` ends the wait.
    """

    def __init__(
        self,
        *,
        stats: Stats,
        timeout_s: float | None = None,
        max_requests: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        self.stats = stats
        self._timeout_s = timeout_s
        self._max_requests = max_requests
        self._clock = clock
        self._started = clock()
        self._reserved = 0
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._pause = self._cancelled.wait if pause is None else pause
        self._drained = False

    @property
    def cancelled(self) -> bool:
        """Say whether ``cancel`` was called."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Ask every thread of the statement to stop at its next check; waits end at once."""
        self._cancelled.set()

    @property
    def drained(self) -> bool:
        """Say whether whoever reads the rows has asked for all that are left."""
        return self._drained

    def drain(self) -> None:
        """Note that all rows that are left are wanted: what would wait for the reader may go ahead."""
        self._drained = True

    def remaining_s(self) -> float | None:
        """Return the seconds that are left, never less than 0, or None without a timeout."""
        return None if self._timeout_s is None else max(0.0, self._started + self._timeout_s - self._clock())

    def check(self) -> None:
        """Return if the statement may go on.

        Raises:
            QueryCancelled: ``cancel`` was called.
            QueryTimeout: the time is over.
        """
        if self._cancelled.is_set():
            raise QueryCancelled("the query was cancelled")
        if self.remaining_s() == 0.0:
            raise QueryTimeout(
                f"the query took longer than statement_timeout_s={self._timeout_s:g}; narrow it, or SET statement_timeout_s to more"
            )

    def spare_requests(self) -> int | None:
        """Return how many requests may still be sent, or None without a limit."""
        with self._lock:
            return None if self._max_requests is None else max(0, self._max_requests - self._reserved)

    def reserve_request(self) -> None:
        """Count one request that is about to be sent, a repeated one too.

        Raises:
            BudgetExceeded: it would be one too many.
        """
        with self._lock:
            if self._max_requests is not None and self._reserved >= self._max_requests:
                raise BudgetExceeded(
                    f"the query needs more requests than max_requests={self._max_requests} allows; EXPLAIN shows what it would send; "
                    "narrow it, or SET max_requests to more, or to none"
                )
            self._reserved += 1

    def wait(self, seconds: float) -> None:
        """Wait, and count it in ``stats.waited_s``; at most until the time is over.

        Raises:
            QueryCancelled: ``cancel`` was called, before or while it waited.
            QueryTimeout: the time is over.
        """
        self.check()
        if seconds <= 0:
            return
        remaining = self.remaining_s()
        began = self._clock()
        try:
            self._pause(seconds if remaining is None else min(seconds, remaining))
        finally:
            self.stats.add(waited_s=self._clock() - began)
        self.check()
