"""Read the list of one parent, or give its rows as they were read before.

In: a piece that would read the list, and what is known. Out: the piece's pages, which are kept once all were read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stripesql.catalogue.model import Column, Table
from stripesql.decode import Page
from stripesql.plan.scans import AccessPath, ScanPlan
from stripesql.scan.pieces import Piece, Sender
from stripesql.scan.recall import Recall, pages_of


class Remembered:
    """Stand in for a piece; one thread at a time."""

    def __init__(
        self, piece: Piece, table: Table, recall: Recall, wanted: Sequence[Column], columns: Sequence[Column], sender: Sender
    ) -> None:
        """Take the piece, which reads ``columns``, of which ``wanted`` are given."""
        self._piece = piece
        self._wanted = wanted
        self._sender = sender
        self._plan = ScanPlan(table, AccessPath.PER_PARENT, (piece.read,))
        self._recall = recall
        self._keeper = recall.keeper(self._plan, columns)
        self._known: list[Page] | None = None
        self._begun = False

    @property
    def done(self) -> bool:
        """Say whether nothing is left to read."""
        return self._piece.done if self._known is None else not self._known

    def next_page(self) -> Page | None:
        """Return the next page, None where there is nothing.

        Raises:
            Error: the request failed.
        """
        if not self._begun:
            self._begun = True
            known = self._recall.known(self._plan, self._wanted)
            if not known.missing:
                self._known = [page for _, page in known.pages(self._wanted)]
        if self._known is not None:
            return self._given(self._known)
        page = self._piece.next_page()
        if page is not None:
            self._keeper.take(self._piece.read, page)
            page = replace(page, batch=page.batch.select([column.name for column in self._wanted]))
        if self._piece.done:
            self._keeper.done()
        return page

    def _given(self, known: list[Page]) -> Page | None:
        if not known:
            return None
        page = known.pop(0)
        self._sender.counts.add(recalled=page.rows)
        self._sender.means.control.stats.add(cache_hits=pages_of(page.rows))
        return page
