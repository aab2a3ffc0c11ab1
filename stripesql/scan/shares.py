"""Cut a list whose lower end is known, and of which everything is wanted, into shares that end at about the same time.

Each cut costs about half a page, so there should be as many slices as workers and hardly more. Nothing is known of what lies
below the first page but that it is likely to go on as it began. A few probes, evenly spread, find out; their pages are data
as well. Then each slice is cut into as many shares as it is worth. Where the densities at the two ends of a slice are far apart,
rows may lie anywhere in between, and one or two cuts at a time look for them. Towards the end small parts are cut off as well,
as long as all cuts together cost little of what is read. Where rows come in clumps, no estimate is to be trusted: once pages
have brought too little, the next cut waits for what the one before it finds.

In: what slices know. Out: where to cut. Pure, but for the slices; callers hold a lock.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from stripesql.scan.slices import Portions, Slice

_PROBES: Final = (3, 8)
"""Fewest and most slices that are cut off before anything is known of what lies below."""
_PAGES_PER_PROBE: Final = 16
"""Pages that are likely to come for each of them: where nothing lies below, they were for nothing."""
_STEEP: Final = 16.0
"""Densities that differ by this factor say little of what lies between."""
_AT_STEEP: Final = 2
"""Slices that look for rows there at the same time."""
_SPENT: Final = 0.05
"""Part of all requests that cuts may cost where they make small parts."""
_WASTED: Final = (4, 0.1)
"""Requests, and part of all requests, that may bring nothing before slices are cut one at a time."""


class Shares:
    """Say where to cut next.

    Whoever reads tells what pages bring, by ``read``.
    """

    def __init__(self, portions: Portions) -> None:
        """Begin with nothing cut."""
        self._portions = portions
        self._cuts = 0
        self._pages = 0
        self._rows = 0

    def read(self, rows: int) -> None:
        """Count a page that brought so many rows that no other did."""
        self._pages += 1
        self._rows += rows

    def next_cut(self, slices: Sequence[Slice], unbegun: Sequence[Slice], workers: int) -> Slice | None:
        """Cut one slice; return the new one, or None where no cut is worth its cost now.

        Args:
            slices: those that may be cut.
            unbegun: those whose first page has not come.
            workers: how many requests should be under way.
        """
        to_come = sum(each.to_come() for each in slices) + sum(each.promised for each in unbegun)
        if unbegun and self._wastes():
            return None
        # While more is about to be known of a larger slice, a smaller one is not cut below its share.
        share, waits = to_come / workers, False
        fewest = self._fewest(to_come)
        for victim in sorted(slices, key=Slice.to_come, reverse=True):
            rows = victim.to_come()
            if rows < 2 * max(fewest, share * waits):
                return None
            parts = self._parts(victim, rows, to_come, len(unbegun), workers)
            waits = waits or not parts
            thief = victim.keep(1 - 1 / parts) if parts else None
            if thief is not None:
                self._cuts += 1
                return thief
        return None

    def _fewest(self, to_come: float) -> int:
        costs = (self._cuts + 1) * self._portions.page / 2
        return self._portions.fewest_of_many if costs <= _SPENT * (self._rows + to_come) else self._portions.fewest

    def _wastes(self) -> bool:
        """Say whether what slices let expect was wrong too often: rows come in clumps, and no estimate is to be trusted."""
        few, part = _WASTED
        return self._pages - self._rows / self._portions.page > few + part * self._pages

    def _parts(self, victim: Slice, rows: float, to_come: float, unbegun: int, workers: int) -> int:
        """Return the parts that a slice is worth, 0 where it is better to wait for what others find."""
        if victim.below is None:
            fewest, most = _PROBES
            probes = max(fewest, min(most, workers, math.floor(to_come / self._portions.page / _PAGES_PER_PROBE)))
            return 0 if unbegun >= probes else self._shares(rows, to_come, probes + 1)
        if not 1 / _STEEP <= victim.below / victim.density <= _STEEP:
            return 0 if unbegun >= _AT_STEEP else 2
        return self._shares(rows, to_come, workers)

    def _shares(self, rows: float, to_come: float, among: int) -> int:
        return max(2, round(rows / max(to_come / among, self._portions.fewest_of_many)))
