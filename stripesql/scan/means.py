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
_SPARE: Final = 1.3
# Latency is measured as the shortest round trip, which holds no waiting; the usual one is longer.
_USUAL_OVER_SHORTEST: Final = 1.5
# What a page costs this process itself, one thread at a time; workers beyond round trip over this would only wait for it.
_PAGE_WORK_S: Final = 0.002


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

    def crew_size(self, shortest_s: float) -> int:
        """Return how many workers use the rate fully, by the shortest round trip that was seen."""
        if self.workers is not None:
            return self.workers
        if math.isinf(shortest_s):
            return 1
        usual_s = shortest_s * _USUAL_OVER_SHORTEST
        return max(1, min(_MOST_WORKERS, math.ceil(self.rate * usual_s * _SPARE), 1 + math.ceil(usual_s / _PAGE_WORK_S)))
