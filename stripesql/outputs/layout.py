"""Decide how wide each column of a table is drawn, and which columns do not fit.

In: what the columns would like and the width of the terminal. Out: ``Layout``. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GAP = 3
"""Columns between two cells: a space, the line, a space."""

MARGIN = 1
"""Columns before the first cell."""

NARROWEST = 12
"""Below this, text and labels say too little to be shown at all."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Say what one column would like.

    Attributes:
        label: width of its label.
        cells: width of its widest cell.
        rigid: a cut value would be wrong (numbers, times) or useless (ids).
    """

    label: int
    cells: int
    rigid: bool

    @property
    def most(self) -> int:
        """Return the width at which nothing is cut."""
        return max(self.label, self.cells, 1)

    @property
    def least(self) -> int:
        """Return the width below which the column is better left out."""
        label = min(self.label, NARROWEST)
        return max(label, self.cells, 1) if self.rigid else min(self.most, NARROWEST)


@dataclass(frozen=True, slots=True)
class Layout:
    """Say how a table is drawn.

    Attributes:
        widths: of the columns that are shown, from the left.
        hidden: how many columns to the right of them are left out.
    """

    widths: tuple[int, ...]
    hidden: int


def fit(wishes: Sequence[Wish], screen_width: int | None) -> Layout:
    """Return the layout: everything if there is room, else the widest columns shrink first, else columns go.

    At least one column is shown, however narrow the terminal is.
    """
    if screen_width is None or _total([wish.most for wish in wishes]) <= screen_width:
        return Layout(tuple(wish.most for wish in wishes), 0)
    shown = len(wishes)
    room = screen_width
    while shown > 1 and _total([wish.least for wish in wishes[:shown]]) > room:
        shown -= 1
        # The mark that columns are missing takes a gap and one column.
        room = screen_width - GAP - 1
    return Layout(_widened(wishes[:shown], room), len(wishes) - shown)


def _total(widths: Sequence[int]) -> int:
    return MARGIN + sum(widths) + GAP * (len(widths) - 1)


def _widened(wishes: Sequence[Wish], room: int) -> tuple[int, ...]:
    """Start from the least widths and give what is left to the narrowest that want more, evenly."""
    widths = [wish.least for wish in wishes]
    spare = room - _total(widths)
    if spare < 0:
        return (max(widths[0] + spare, 1),)
    while spare:
        hungry = [i for i, wish in enumerate(wishes) if widths[i] < wish.most]
        if not hungry:
            break
        widths[min(hungry, key=lambda i: widths[i])] += 1
        spare -= 1
    return tuple(widths)
