"""Stand in for the crew of threads: one thread, and a random order that a seed repeats.

Between finding a page to fetch and fetching it, other pages are found and fetched: what threads do to each other happens here
too, because a piece decides what to ask for when it begins to fetch, and what is its own when the page is there.
"""

import threading
from collections.abc import Callable, Iterator
from random import Random
from typing import Any


class Turns:
    """Take turns as a seeded chance decides; has the face of ``scan.crew.Crew``."""

    seed = 0

    def __init__(
        self, find: Callable[[], Any], workers: Callable[[], int], room: Callable[[], int], check: Callable[[], object] = lambda: None
    ) -> None:
        self.lock = threading.RLock()
        self._find, self._workers = find, workers
        self._chance = Random(self.seed)

    def results(self) -> Iterator[Any]:
        under_way: list[Callable[[], Any]] = []
        nothing_now = False
        while True:
            if len(under_way) < self._workers() and not nothing_now and (not under_way or self._chance.random() < 0.6):
                try:
                    work = self._find()
                except StopIteration:
                    assert not under_way, "work was under way when there was said to be none any more"
                    return
                assert work is not None or under_way, "nobody works, and there is no work, and it is not the end"
                nothing_now = work is None
                under_way += [work] if work is not None else []
            else:
                result = under_way.pop(self._chance.randrange(len(under_way)))()
                nothing_now = False
                if result is not None:
                    yield result
