"""Cut a list into ranges of its time column, so that several requests can read it at once.

A slice is read from its newest second to its oldest. An idle worker takes the older part of one: where to cut says ``shares``
where the lower end is known and all is wanted, else ``next_cut``. A cut at ``m`` gives the thief ``[low, m]`` and leaves the
victim everything newer, so one second is never shared. The victim's own window never changes, because Stripe can answer an
empty page when a window moves under a cursor; it drops what lies at ``m`` or below, and stops there.

The newest slice is open above and the oldest open below: clocks lag, and nothing is known of the first object. How far
the oldest slice reaches is found by cuts that look further each time; only one such cut is under way at a time, so that
an account's first day costs a request or two that find nothing, however far away the list's lower end is.

All of this leans on the order of the list, newest first. It is watched: ``take`` says when a row was newer than the one
before it, and whoever divides the list then reads the cut slices again.

In: what pages say of times. Out: slices, and where to cut. Pure, but for the slices themselves; callers hold a lock.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

_FIRST_OBJECT: Final = 1_262_304_000
"""2010, before Stripe had customers: a hint for cuts only. Slices stay open below it."""
_THINNEST: Final = 1 / 256
"""The least density at a floor, as a part of that above it: an empty stretch would else make the rows above it look like none."""


@dataclass(frozen=True, slots=True)
class Portions:
    """Say in what portions a list is read.

    Attributes:
        page: most rows of a page.
        fewest: rows that either part of a cut slice should have: each cut costs about half a page.
        fewest_of_many: the same where so much is read that one cut more costs little.
        alone: pages that are read one after another before a scan is divided; fewer would cost small tables more
            requests than they save time.
        plenty: rows still to come that make a scan which is read to the end worth dividing after its first page.
    """

    page: int = 100
    fewest: int = 300
    fewest_of_many: int = 100
    alone: int = 4
    plenty: int = 2000


USUAL: Final = Portions()


@dataclass(eq=False, slots=True)
class Slice:
    """Say one range that is being read.

    Attributes:
        low: oldest second of its window, or None for open.
        high: newest second of its window, or None for open.
        floor: oldest second that is its own: ``low``, raised by each cut; None for open.
        position: second of the last row that was read, or None before the first page.
        density: rows per second from ``top`` to there.
        top: second from which the density is measured.
        read: rows since then.
        floor_density: rows per second at its floor, where a thief has measured it, else None.
        guess: the same as the densities around it let expect, None where they say nothing.
        promised: rows that its cut let expect, for as long as it has not begun.
        ordered: no row was newer than the one before it.
        done: nothing is left to read.
        reach: rows that the next cut looks ahead where nothing is known of what lies below.
        older: the slice right below it, which was cut off it or off the slice above, or None.
    """

    low: int | None = None
    high: int | None = None
    floor: int | None = None
    position: int | None = None
    density: float = 0.0
    top: int | None = None
    read: int = 0
    floor_density: float | None = None
    guess: float | None = None
    promised: float = 0.0
    ordered: bool = True
    done: bool = False
    reach: int = 2 * USUAL.fewest
    older: Slice | None = field(default=None, repr=False)

    def take(self, times: Sequence[int]) -> list[int]:
        """Take the times of a page; return the indexes of the rows that are this slice's own."""
        if times:
            before = [self.position, *times] if self.position is not None else times
            if any(later > earlier for earlier, later in pairwise(before)):
                self.ordered = False
            self._measure(times)
            self.position = times[-1]
        return [index for index, time in enumerate(times) if self.floor is None or time >= self.floor]

    def _measure(self, times: Sequence[int]) -> None:
        """Take the density from the window's top on, so that what lies empty between bursts counts as well."""
        if self.top is None and self.high is None:
            # Open above: begin after the first page, which may hold a lone row of the far future.
            self.density, self.top = len(times) / (max(times) - min(times) + 1), min(times)
            return
        self.top = self.high if self.top is None else self.top
        self.read += len(times)
        self.density = self.read / max(1, (self.top or 0) - min(times) + 1)

    def is_finished(self) -> bool:
        """Say whether all rows from its floor on have been read."""
        return self.floor is not None and self.position is not None and self.position < self.floor

    @property
    def is_cut(self) -> bool:
        """Say whether a part of its window belongs to another slice."""
        return self.floor != self.low

    @property
    def is_frontier(self) -> bool:
        """Say whether nobody has read anything below it, so that its end may be anywhere."""
        return self.older is None and self.floor_density is None

    def expected(self) -> float:
        """Return how many rows are likely to come; for a frontier how far the next cut looks at most."""
        if self.done or self.position is None or not self.ordered:
            return 0.0
        if self.floor is None:
            return float(self.reach)
        rows = self.to_come()
        return min(rows, float(self.reach)) if self.is_frontier else rows

    def to_come(self) -> float:
        """Return how many rows are likely to come by the densities at both ends, 0 where the lower end is unknown."""
        if self.done or self.position is None or self.floor is None or not self.ordered:
            return 0.0
        return (self.position - self.floor) * self.density * math.sqrt(self._slope)

    @property
    def below(self) -> float | None:
        """Return the rows per second at its floor, None where nothing tells."""
        return self.guess if self.floor_density is None else self.floor_density

    @property
    def _slope(self) -> float:
        """Return the density at its floor as a part of that above."""
        return max(_THINNEST, (self.below or self.density) / self.density)

    def likely(self) -> float:
        """Return how many rows come if it goes on as it began, 0 where the lower end is unknown."""
        if self.done or self.position is None or self.floor is None or not self.ordered:
            return 0.0
        return (self.position - self.floor) * self.density

    def cut(self, *, hopeful: bool = False) -> Slice | None:
        """Give the older half of what is to come to a new slice, or what lies beyond its reach.

        Args:
            hopeful: rows may be as dense at its floor as above, whatever was measured there.

        Returns:
            The new slice, None where a second cannot be divided.
        """
        if self.position is None or self.density <= 0:
            return None
        ahead = math.ceil(self.reach / self.density) if self.is_frontier else None
        if self.floor is not None:
            half = round((self.position - self.floor) * (0.5 if hopeful else self._part(0.5)))
            ahead = half if ahead is None else min(ahead, half)
        return self._cut_at(self.position - self._within_reason(max(ahead or 1, 1)))

    def keep(self, part: float) -> Slice | None:
        """Keep a part of the rows to come; give the rest, older, to a new slice.

        Returns:
            The new slice, None where a second cannot be divided or the lower end is unknown.
        """
        if self.position is None or self.floor is None or self.density <= 0:
            return None
        rows, below, span = self.to_come(), self.below, self._part(part)
        thief = self._cut_at(self.position - max(round((self.position - self.floor) * span), 1))
        if thief is not None:
            thief.guess, thief.promised = below, rows * (1 - part)
            self.guess = None if below is None else self.density * (below / self.density) ** span
        return thief

    def _part(self, rows: float) -> float:
        """Return the part of what lies ahead, from its top, that holds a part of its rows, when density changes evenly in proportion."""
        ratio = self._slope
        return rows if abs(ratio - 1) < 1e-3 else math.log(1 + rows * (ratio - 1)) / math.log(ratio)

    def _cut_at(self, at: int) -> Slice | None:
        if self.floor is not None and at < self.floor:
            return None
        low = self.low if self.floor is None else self.floor
        thief = Slice(low, at, self.floor, floor_density=self.floor_density, reach=self.reach * 2, older=self.older)
        self.floor, self.floor_density, self.guess, self.older = at + 1, None, None, thief
        return thief

    def _within_reason(self, ahead: int) -> int:
        """Return how far to look ahead where nothing is known below: a lone row far from the others makes any distance likely."""
        if self.floor is not None or self.position is None:
            return ahead
        bottom = _FIRST_OBJECT if self.position > _FIRST_OBJECT else 0
        return min(ahead, max(1, (self.position - bottom) // 2))


def next_cut(slices: Iterable[Slice], fewest: int = USUAL.fewest, *, hopeful: bool = False) -> Slice | None:
    """Cut the slice with the most rows to come; return the new slice, or None where no cut is worth its cost.

    Args:
        slices: those that may be cut.
        fewest: rows that either part should have.
        hopeful: where none is cut, look at the large ones once more as if nothing thin had been found below them. A list
            that begins on one day is as dense there as ever, and empty below; its last slice would be read alone.
    """
    victims = list(slices)
    return _largest_cut(victims, fewest) or (_largest_cut(victims, 2 * fewest, hopeful=True) if hopeful else None)


def _largest_cut(victims: Sequence[Slice], fewest: int, *, hopeful: bool = False) -> Slice | None:
    rows = Slice.likely if hopeful else Slice.expected
    for victim in sorted(victims, key=rows, reverse=True):
        if rows(victim) < 2 * fewest:
            return None
        thief = victim.cut(hopeful=hopeful)
        if thief is not None:
            return thief
    return None


def tell_density(slices: Iterable[Slice], measured: Slice, fewest: int = USUAL.fewest) -> None:
    """Let the slice above ``measured`` know what its first page says of the rows below its floor."""
    for each in slices:
        if each.older is measured and each.floor_density is None:
            if measured.position is not None:
                each.floor_density = measured.density
            elif measured.low is not None and measured.high is not None:
                each.floor_density = 1 / (measured.high - measured.low + 1)
            else:
                # Nothing lies below: the slice's own end is near again, and unknown.
                each.older, each.reach = None, max(each.reach // 2, 2 * fewest)
