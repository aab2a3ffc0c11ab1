"""Know how much a consumer has taken of a scan, and how far ahead of it the scan may read.

In: whether the consumer needs everything in any case, and each page that it takes. Out: how many pages may be fetched
beyond those. A query that stops early has then fetched little more than twice what it read. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_PER_WORKER: Final = 3
"""Pages for each worker: one under way, two that wait for the consumer."""


class Demand:
    """Follow one consumer.

    Attributes:
        taken: pages that it came back after.
        most: pages after which it will stop in any case, or None.
    """

    def __init__(self, *, everything: bool, most: int | None = None, asked: Callable[[], bool] | None = None) -> None:
        """Begin with nothing taken.

        Args:
            everything: the consumer reads to the end in any case.
            most: see above.
            asked: says whether the consumer has asked for everything since, None where it cannot.
        """
        self._everything = everything
        self._asked = asked
        self.taken = 0
        self.most = most

    @property
    def everything(self) -> bool:
        """Say whether the consumer reads to the end in any case; it may say so after it has begun."""
        return self._everything or (self._asked is not None and self._asked())

    def took(self) -> None:
        """Count a page that the consumer is done with."""
        self.taken += 1

    def has_begun(self, pages: int) -> bool:
        """Say whether the consumer is sure to want more than ``pages`` pages."""
        return self.everything or self.taken >= pages

    def room(self, workers: int) -> int:
        """Return how many pages may be under way or wait for the consumer."""
        room = _PER_WORKER * workers
        if not self.everything:
            room = min(room, self.taken)
        if self.most is not None:
            room = min(room, self.most - self.taken)
        return max(1, room)
