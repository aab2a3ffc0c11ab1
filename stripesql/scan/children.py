"""Read the lists of one parent, each row once, and without the parameters that Stripe refuses.

In: the reads of a plan with a parent, a parent's id. Out: pages. What is refused for one parent is not sent for the next.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from stripesql.decode import Page
from stripesql.plan.scans import Read, ScanPlan
from stripesql.scan.carry import Replan, replanned
from stripesql.scan.means import Means, ScanCounts
from stripesql.scan.pieces import Piece, Refused, taken
from stripesql.scan.remembered import Remembered


class Reads:
    """Hold the reads of a plan for all of its parents; safe to use from any thread.

    Attributes:
        now: (parameters that were refused, reads without them).
        table: the table of the children.
    """

    def __init__(self, plan: ScanPlan, means: Means, counts: ScanCounts, replan: Replan) -> None:
        """Take the plan, and what plans it again."""
        self.now: tuple[frozenset[str], tuple[Read, ...]] = (frozenset(), plan.reads)
        self.table = plan.table
        self._plan = plan
        self._means = means
        self._counts = counts
        self._replan = replan
        self._lock = threading.Lock()

    def without(self, refused: Refused, known: frozenset[str]) -> None:
        """Plan again without a parameter, if no other thread has done so.

        Args:
            refused: what Stripe refused.
            known: what was already left out of the request that it refused.

        Raises:
            StripeError: what Stripe said, where leaving it out changes nothing.
        """
        with self._lock:
            dropped, _ = self.now
            if refused.param in known:
                raise refused.cause from None
            if refused.param not in dropped:
                dropped |= {refused.param}
                plan = replanned(self._plan.table, self._replan, dropped, refused, self._means, self._counts)
                self.now = (dropped, plan.reads)


class ChildLists:
    """Read the lists of one parent one after another; one thread at a time.

    Attributes:
        busy: a thread is fetching a page; kept by whoever schedules.
    """

    def __init__(self, reads: Reads, piece: Callable[[Read], Piece | Remembered]) -> None:
        """Take the reads of all parents, and what makes this parent's piece of one."""
        self.busy = False
        self._reads = reads
        self._make = piece
        self._dropped: frozenset[str] = frozenset()
        self._pieces: list[Piece | Remembered] | None = None
        self._seen: set[str] | None = None

    def _begun(self) -> list[Piece | Remembered]:
        """Return the pieces that are left; those of the reads as they are now, where none has been read."""
        if self._pieces is None:
            self._dropped, reads = self._reads.now
            self._pieces = [self._make(read) for read in reads]
            if len(reads) > 1 and self._seen is None:
                self._seen = set()
        return self._pieces

    @property
    def done(self) -> bool:
        """Say whether nothing is left to read."""
        return self._pieces == []

    def next_page(self) -> Page | None:
        """Fetch and return the next page, None where there is nothing.

        Raises:
            Error: a request failed.
        """
        pieces = self._begun()
        try:
            page = pieces[0].next_page()
        except Refused as refused:
            self._reads.without(refused, self._dropped)
            self._pieces = None
            return None
        if pieces[0].done:
            pieces.pop(0)
        return page if page is None or self._seen is None else self._unseen(page, self._seen)

    def _unseen(self, page: Page, seen: set[str]) -> Page:
        keep: Sequence[int] = [index for index, each in enumerate(page.ids) if each not in seen]
        seen.update(page.ids)
        return page if len(keep) == page.rows else taken(page, list(keep))
