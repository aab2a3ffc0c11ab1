"""Carry out a plan: read its lists and objects, one after another or several at once.

In: a ``ScanPlan``, the columns that are wanted, the means to fetch. Out: pages, each row once. A predicate that Stripe
refuses is dropped and the scan planned anew.

A scan begins with one request after another, so that a query that needs little costs little. When it goes on, its reads
are divided among as many workers as latency and rate can use, and a list with a time column is cut into ranges.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace

from stripesql.catalogue.model import Column, Table, TableShape
from stripesql.decode import Decoder, Page
from stripesql.decode.page import DecodeFailure
from stripesql.errors import ArgumentRequired
from stripesql.fetch import failures
from stripesql.plan.scans import AccessPath, Read, ReadKind, ScanPlan
from stripesql.scan.ahead import read_ahead
from stripesql.scan.balance import balance_page
from stripesql.scan.crew import Crew
from stripesql.scan.demand import Demand
from stripesql.scan.means import Means, ScanCounts
from stripesql.scan.newest import Newest
from stripesql.scan.pieces import Piece, Refused, Sender, taken
from stripesql.scan.recall import Recall, pages_of
from stripesql.scan.shares import Shares
from stripesql.scan.slices import next_cut, tell_density

Replan = Callable[[frozenset[str]], ScanPlan]
"""Plans the scan again without the parameters that were refused."""


class Scan:
    """Read the rows of one plan."""

    def __init__(
        self,
        plan: ScanPlan,
        columns: Sequence[Column],
        means: Means,
        replan: Replan,
        counts: ScanCounts,
        *,
        reads_all: bool = False,
        demand: Demand | None = None,
        ahead: bool = False,
    ) -> None:
        """Take what to read.

        Args:
            plan: the reads.
            columns: what is wanted of the rows.
            means: what to fetch with.
            replan: plans again without parameters that were refused.
            counts: counts the work.
            reads_all: the consumer wants everything in any case.
            demand: follows the consumer, where there is one to follow.
            ahead: read on in the background while the consumer works, also before the workers do.
        """
        self._plan = plan
        self._wanted = tuple(columns)
        self._columns = means.recall.wider(plan.table, self._wanted) if means.recall is not None else self._wanted
        self._names = [column.name for column in self._wanted]
        self._means = means
        self._replan = replan
        self._counts = counts
        self._demand = demand or Demand(everything=reads_all)
        self._ahead = ahead
        endpoint = plan.table.list
        time = plan.table.column(endpoint.range_column or endpoint.time_column or "") if endpoint is not None else None
        self._time_path = time.path if time is not None else None
        self._sender = Sender(plan.table, means, counts)

    def pages(self) -> Iterator[Page]:
        """Yield the pages; each row once, even where reads overlap or a scan begins again."""
        plan, dropped = self._plan, frozenset[str]()
        seen: set[object] = set()
        while True:
            try:
                yield from self._of_plan(plan, seen)
            except Refused as refused:
                if refused.param in dropped:
                    raise refused.cause from None
                dropped |= {refused.param}
                plan = replanned(plan.table, self._replan, dropped, refused, self._means, self._counts)
            else:
                return

    def _of_plan(self, plan: ScanPlan, seen: set[object]) -> Iterator[Page]:
        recall = self._means.recall
        if recall is not None:
            plan = yield from self._recalled(recall, plan, seen)
            if not plan.reads:
                return
        # Rows are told apart only where they may come twice; a single list is trusted not to repeat itself.
        several = len(plan.reads) > 1 and plan.path is not AccessPath.RETRIEVE
        track = bool(seen) or several or any(read.kind is ReadKind.SEARCH for read in plan.reads)
        if plan.table.shape is TableShape.BALANCE:
            found = self._balance(plan)
        elif plan.limit is not None or plan.newest is not None:
            found = self._read_ahead(self._first_rows(plan))
        else:
            found = self._all_rows(plan)
        keeper = recall.keeper(plan, self._columns) if recall is not None else None
        for read, page in found:
            if keeper is not None:
                keeper.take(read, page)
                if keeper.is_complete:
                    # The consumer may have what it wants, and not come back.
                    keeper.done()
                page = replace(page, batch=page.batch.select(self._names))
            yield _unseen(page, read, seen) if track else page
        if keeper is not None:
            keeper.done()

    def _recalled(self, recall: Recall, plan: ScanPlan, seen: set[object]) -> Generator[Page, None, ScanPlan]:
        """Yield the rows of a plan that are known; return what is left of the plan."""
        known = recall.known(plan, self._wanted)
        for read, page in known.pages(self._wanted):
            self._counts.add(recalled=page.rows)
            self._means.control.stats.add(cache_hits=pages_of(page.rows))
            yield _unseen(page, read, seen) if seen or known.is_ambiguous else page
        return replace(plan, reads=known.missing)

    def _balance(self, plan: ScanPlan) -> Iterator[tuple[Read, Page]]:
        for read in plan.reads:
            response = self._sender.send(read.request, ReadKind.OBJECT)
            try:
                yield read, self._sender.counted(balance_page(response.body, self._columns))
            except DecodeFailure as problem:
                raise failures.unreadable(response) from problem

    def _first_rows(self, plan: ScanPlan) -> Iterator[tuple[Read, Page]]:
        """Yield the first rows of the reads taken together, or the newest of each."""
        left = plan.limit
        for read in plan.reads:
            if left is not None and left <= 0:
                return
            # One row more than is needed shows that the last of the newest has no ties.
            newest = Newest(plan.newest) if plan.newest is not None else None
            piece = self._piece(read, rows=left if plan.newest is None else None, first=None if plan.newest is None else plan.newest + 1)
            while not piece.done:
                page = piece.next_page()
                if page is None:
                    break
                if left is not None:
                    page = page if page.rows <= left else replace(page, batch=page.batch.slice(0, left), rows=left, has_more=True)
                    left -= page.rows
                yield read, page
                if newest is not None and newest.is_complete(page.times):
                    break

    def _all_rows(self, plan: ScanPlan) -> Iterator[tuple[Read, Page]]:
        """Yield all rows, the first pages one after another, the rest by several workers where that helps."""
        waiting = [self._piece(read) for read in plan.reads]
        yield from self._read_ahead(self._alone(waiting, self._pages_alone(plan)))
        if waiting:
            yield from _Division(waiting, self._sender, self._demand).pages()

    def _alone(self, waiting: list[Piece], alone: int) -> Iterator[tuple[Read, Page]]:
        """Yield one page after another, until the rest can be divided; what is then left stays in ``waiting``."""
        fetched = 0
        while waiting and (self._begins(waiting, fetched, alone) or not self._can_divide(waiting)):
            piece = waiting[0]
            page = piece.next_page()
            fetched += 1
            if page is not None:
                page = piece.own(page)
            if piece.done:
                waiting.pop(0)
            if page is not None:
                yield piece.origin, page

    def _read_ahead(self, found: Iterator[tuple[Read, Page]]) -> Iterator[tuple[Read, Page]]:
        return read_ahead(found, at_once=self._demand.everything, check=self._means.control.check) if self._ahead else found

    def _begins(self, waiting: Sequence[Piece], fetched: int, alone: int) -> bool:
        """Say whether too little was read, or is wanted, to divide the rest."""
        if self._demand.everything and waiting[0].slice.likely() >= self._means.portions.plenty:
            return False
        return fetched < alone or not self._demand.has_begun(alone)

    def _pages_alone(self, plan: ScanPlan) -> int:
        return 1 if len(plan.reads) > 1 and self._demand.everything else self._means.portions.alone

    def _can_divide(self, waiting: Sequence[Piece]) -> bool:
        crew = self._means.crew_size(self._sender.trips.usual_s)
        return crew > 1 and (len(waiting) > 1 or waiting[0].can_be_cut)

    def _piece(self, read: Read, *, rows: int | None = None, first: int | None = None) -> Piece:
        decoder = Decoder(self._columns, time_path=self._time_path, constants=dict(read.constants))
        return Piece(read, decoder, self._sender, rows=rows, first=first)


class _Division:
    """Divide what is left of a scan among the workers of a crew."""

    def __init__(self, pieces: Sequence[Piece], sender: Sender, demand: Demand) -> None:
        self._pieces = list(pieces)
        self._cut_pieces: list[Piece] = []
        self._sender = sender
        self._fewest = sender.means.portions.fewest
        self._in_order = True
        # Where a lower end is unknown, or the consumer may stop, there is nothing to share out evenly.
        ends = demand.everything and all(piece.has_end for piece in pieces)
        self._shares = Shares(sender.means.portions) if ends else None
        check = sender.means.control.check
        self._crew: Crew[tuple[Read, Page]] = Crew(self._find, self._size, lambda: demand.room(self._size()), check)

    def pages(self) -> Iterator[tuple[Read, Page]]:
        return self._crew.results()

    def _size(self) -> int:
        return self._sender.means.crew_size(self._sender.trips.usual_s)

    def _find(self) -> Callable[[], tuple[Read, Page] | None] | None:
        """Return the next page to fetch: of a piece that is idle, else of a new slice; called under the crew's lock."""
        self._pieces = [piece for piece in self._pieces if piece.busy or not piece.done]
        if not self._pieces:
            raise StopIteration
        piece = next((each for each in self._pieces if not each.busy), None) or self._cut()
        if piece is None:
            return None
        piece.busy = True
        return lambda: self._fetch(piece)

    def _cut(self) -> Piece | None:
        victims = [piece for piece in self._pieces if piece.can_be_cut] if self._in_order else []
        slices = [piece.slice for piece in victims]
        if self._shares is None:
            # When the end is known and most workers are idle, a cut for nothing costs no time.
            ends = 4 * len(self._pieces) <= self._size() and all(piece.has_end for piece in self._pieces)
            thief = next_cut(slices, self._fewest, hopeful=ends)
        else:
            unbegun = [piece.slice for piece in self._pieces if piece.slice.position is None and not piece.done]
            thief = self._shares.next_cut(slices, unbegun, self._size())
        if thief is None:
            return None
        victim = next(piece for piece in victims if piece.slice.older is thief)
        if victim not in self._cut_pieces:
            self._cut_pieces.append(victim)
        piece = victim.thief(thief)
        self._pieces.append(piece)
        return piece

    def _fetch(self, piece: Piece) -> tuple[Read, Page] | None:
        first = piece.slice.position is None
        page = piece.next_page()
        with self._crew.lock:
            own = piece.own(page) if page is not None else None
            if self._shares is not None:
                self._shares.read(own.rows if own is not None else 0)
            if first:
                tell_density((each.slice for each in self._pieces), piece.slice, self._fewest)
            if self._in_order and not piece.slice.ordered:
                self._read_again()
            piece.busy = False
        # The end of a part is not the end of the list.
        return (piece.origin, replace(own, has_more=True)) if own is not None and own.rows else None

    def _read_again(self) -> None:
        """Read the slices that were cut by windows of their own: where the list is out of order, they may have ended too early."""
        self._in_order = False
        self._pieces += [piece.again() for piece in self._cut_pieces]
        self._cut_pieces.clear()


def replanned(table: Table, replan: Replan, dropped: frozenset[str], refused: Refused, means: Means, counts: ScanCounts) -> ScanPlan:
    """Return the plan without the parameters that were refused, and say in the figures that one more was.

    Raises:
        StripeError: what Stripe said, where the list cannot be read without the parameter.
    """
    try:
        plan = replan(dropped)
    except ArgumentRequired:
        raise refused.cause from None
    means.control.stats.drop_push(f"{table.name}.{refused.param}")
    counts.dropped.append(refused.param)
    return plan


def _unseen(page: Page, read: Read, seen: set[object]) -> Page:
    keys = [(read.constants, each) if each else None for each in page.ids]
    keep = [index for index, key in enumerate(keys) if key is None or key not in seen]
    seen.update(key for key in keys if key is not None)
    return page if len(keep) == page.rows else taken(page, keep)
