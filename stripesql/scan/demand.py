"""Know how much a consumer has taken of a scan, and how far ahead of it the scan may read.

In: whether the consumer needs everything in any case, and each page that it takes. Out: how many pages may be fetched
beyond those. A query that stops early has then fetched little more than twice what it read. Pure.
"""

from __future__ import annotations

from typing import Final

_PER_WORKER: Final = 3
"""Pages for each worker: one under way, two that wait for the consumer."""


class Demand:
    """Follow one consumer.

    Attributes:
        everything: the consumer reads to the end in any case.
        taken: pages that it came back after.
    """

    def __init__(self, *, everything: bool) -> None:
        """Begin with nothing taken."""
        self.everything = everything
        self.taken = 0

    def took(self) -> None:
        """Count a page that the consumer is done with."""
        self.taken += 1

    def has_begun(self, pages: int) -> bool:
        """Say whether the consumer is sure to want more than ``pages`` pages."""
        return self.everything or self.taken >= pages

    def room(self, workers: int) -> int:
        """Return how many pages may be under way or wait for the consumer."""
        most = _PER_WORKER * workers
        return most if self.everything else max(1, min(most, self.taken))
