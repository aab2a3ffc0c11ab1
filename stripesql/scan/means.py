"""Say what the scans of one statement fetch with, and what one scan has done."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from stripesql.fetch.client import Client
from stripesql.fetch.control import Control
from stripesql.scan.slices import USUAL, Portions

if TYPE_CHECKING:
    from stripesql.scan.recall import Recall

_MOST_WORKERS: Final = 64
# A little more than rate x latency, so that a slow answer does not leave the limit unused.
_SPARE: Final = 1.15
# The first round trips may be long by chance. Workers that are missing are hired later; those that are too many stay.
_DOUBT: Final = 0.3
# Whoever has many threads waits for this process itself, and takes that for the way's; the shortest round trip holds none of it.
_MOST_OVER_SHORTEST: Final = 1.5
# What a page costs this process itself, one thread at a time, at most; workers beyond round trip over this wait for each other,
# and cost more than they bring.
_PAGE_WORK_S: Final = 0.004


@dataclass(slots=True)
class ScanCounts:
    """Count what one scan did; for EXPLAIN ANALYZE. ``recalled`` are rows that had been read before."""

    requests: int = 0
    rows: int = 0
    retries: int = 0
    waited_s: float = 0.0
    dropped: list[str] = field(default_factory=list)
    recalled: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def add(self, *, requests: int = 0, rows: int = 0, retries: int = 0, waited_s: float = 0.0, recalled: int = 0) -> None:
        """Add to the figures; safe to call from any thread."""
        with self._lock:
            self.requests += requests
            self.rows += rows
            self.retries += retries
            self.waited_s += waited_s
            self.recalled += recalled


class RoundTrips:
    """Measure how long the requests of a scan are under way; safe to use from any thread."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._shortest_s = math.inf
        self._total_s = 0.0
        self._count = 0

    def took(self, seconds: float) -> None:
        """Count one."""
        with self._lock:
            self._shortest_s = min(self._shortest_s, seconds)
            self._total_s += seconds
            self._count += 1

    @property
    def usual_s(self) -> float | None:
        """Return the mean, less while little is known or where this process itself is likely to have made it longer; None before the first."""
        with self._lock:
            if not self._count:
                return None
            mean_s = self._total_s / self._count
            return min(mean_s * (1 - _DOUBT / self._count), self._shortest_s * _MOST_OVER_SHORTEST)


@dataclass(frozen=True, slots=True)
class Means:
    """Say what a scan fetches with.

    Attributes:
        client: sends requests.
        control: the statement's budget.
        base_url: where Stripe is; v2 writes it into the URL of the next page.
        rate: requests per second that the limits allow one endpoint.
        workers: how many requests of a scan may be under way; None follows latency and rate.
        portions: how large pages and slices are.
        recall: knows what was read before; None where nothing may be reused.
    """

    client: Client
    control: Control
    base_url: str
    rate: float = 25.0
    workers: int | None = None
    portions: Portions = USUAL
    recall: Recall | None = None

    def crew_size(self, usual_s: float | None) -> int:
        """Return how many workers use the rate fully, by the usual round trip; None where it is not known yet."""
        if self.workers is not None:
            return self.workers
        if usual_s is None:
            return 1
        return max(1, min(_MOST_WORKERS, math.ceil(self.rate * usual_s * _SPARE), 1 + math.floor(usual_s / _PAGE_WORK_S)))
