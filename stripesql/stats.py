"""Count what a statement cost.

In: increments from ``fetch`` and ``scan``, from several threads. Out: ``Stats``, readable at any moment.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Stats:
    """Hold the figures of one cursor's latest statement; all start at 0.

    Attributes:
        requests: HTTP requests sent, retries included.
        rows_fetched: objects received from Stripe, before SQL filtered them.
        bytes: octets of answer bodies, after decompression.
        retries: requests that were sent again.
        waited_s: seconds spent waiting for the rate limit or between retries.
        elapsed_s: seconds from the start of the statement to its last row, or to now.
        cache_hits: pages that a cache answered.
        pages_discarded: pages that were fetched and not used.
        pushes_dropped: pushed predicates that Stripe refused, each ``table.param``.
    """

    requests: int = 0
    rows_fetched: int = 0
    bytes: int = 0
    retries: int = 0
    waited_s: float = 0.0
    cache_hits: int = 0
    pages_discarded: int = 0
    pushes_dropped: tuple[str, ...] = ()
    _started: float = field(default_factory=time.monotonic, repr=False)
    _finished: float | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)
    _mine: threading.local = field(default_factory=threading.local, repr=False, compare=False)

    @property
    def elapsed_s(self) -> float:
        """Return seconds from the start to the last row, or to now while rows are still to come."""
        return (self._finished if self._finished is not None else time.monotonic()) - self._started

    def add(
        self,
        *,
        requests: int = 0,
        rows_fetched: int = 0,
        bytes: int = 0,  # noqa: A002  the public name of the figure
        retries: int = 0,
        waited_s: float = 0.0,
        cache_hits: int = 0,
        pages_discarded: int = 0,
    ) -> None:
        """Add to the figures; safe to call from any thread."""
        with self._lock:
            self.requests += requests
            self.rows_fetched += rows_fetched
            self.bytes += bytes
            self.retries += retries
            self.waited_s += waited_s
            self.cache_hits += cache_hits
            self.pages_discarded += pages_discarded
        self._mine.retries, self._mine.waited_s = (one + more for one, more in zip(self.of_thread, (retries, waited_s), strict=True))

    @property
    def of_thread(self) -> tuple[int, float]:
        """Return the retries and the seconds of waiting that this thread has added."""
        return getattr(self._mine, "retries", 0), getattr(self._mine, "waited_s", 0.0)

    def drop_push(self, push: str) -> None:
        """Record that Stripe refused a pushed predicate, named ``table.param``."""
        with self._lock:
            self.pushes_dropped += (push,)

    @property
    def finished(self) -> bool:
        """Say whether the last row was read, or the statement ended otherwise."""
        return self._finished is not None

    def finish(self) -> None:
        """Stop the clock of ``elapsed_s``; later calls keep the first time."""
        if self._finished is None:
            self._finished = time.monotonic()
