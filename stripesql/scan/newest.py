"""Know when the newest rows of a list have been read.

A list is documented as newest first, and that is watched rather than trusted: once an object is newer than the one
before it, nothing is known any more and the list is read to its end.

In: the times of each page. Out: whether the rows read so far hold the newest n, with all ties of the n-th second. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable


class Newest:
    """Watch one list for its newest rows."""

    def __init__(self, rows: int) -> None:
        """Wait for ``rows`` rows."""
        self._rows = rows
        self._seen = 0
        self._last: int | None = None
        self._edge: int | None = None
        self._ordered = True

    def is_complete(self, times: Iterable[int | None]) -> bool:
        """Take the times of the next page, in order; return whether no later row can be among the newest."""
        complete = False
        for time in times:
            if time is None or (self._last is not None and time > self._last):
                self._ordered = False
            self._last = time
            self._seen += 1
            if self._seen == self._rows:
                self._edge = time
            complete = self._seen > self._rows and self._edge is not None and time is not None and time < self._edge
        return complete and self._ordered
