"""Read a child's rows parent by parent: from what the parent's objects carry, or by a list for each.

In: a plan whose argument comes from a parent's scan. Out: the child's pages. The parent's pages are read as the work on
its rows goes on; the lists of its rows are read by several workers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import msgspec

from stripesql.catalogue.model import Column, ColumnRole, TableShape
from stripesql.decode import Decoder, Page
from stripesql.errors import InternalError
from stripesql.plan.scans import ParentScan, Read, ScanPlan
from stripesql.rows import RowSource
from stripesql.scan.carry import Replan, Scan
from stripesql.scan.children import ChildLists, Reads
from stripesql.scan.crew import Crew
from stripesql.scan.demand import Demand
from stripesql.scan.means import Means, ScanCounts
from stripesql.scan.pieces import Piece, Sender
from stripesql.scan.remembered import Remembered


class _Embedded(msgspec.Struct, gc=False):
    """Hold a list object inside its parent."""

    data: list[msgspec.Raw]
    has_more: bool = False


_embedded = msgspec.json.Decoder(_Embedded)


class FanOut:
    """Read one child table through its parent."""

    def __init__(
        self,
        plan: ScanPlan,
        columns: Sequence[Column],
        means: Means,
        replan: Replan,
        counts: ScanCounts,
        *,
        reads_all: bool,
        parents: RowSource | None = None,
        demand: Demand | None = None,
    ) -> None:
        """Take what to read.

        Args:
            plan: has a parent.
            columns: what is wanted of the child.
            means: what to fetch with.
            replan: plans again without parameters that were refused.
            counts: counts the requests of child and parent.
            reads_all: the consumer wants everything in any case.
            parents: the parent's rows, where the query reads them itself.
            demand: follows the consumer, where there is one to follow.
        """
        if plan.parent is None:
            raise InternalError(f"{plan.table.name} has no parent in this plan")
        self._reads = Reads(plan, means, counts, replan)
        self._parent: ParentScan = plan.parent
        self._columns = tuple(columns)
        self._means = means
        self._counts = counts
        self._demand = demand or Demand(everything=reads_all)
        self._parents = parents
        self._sender = Sender(plan.table, means, counts)
        own = plan.table.column(self._parent.column)
        self._is_constant = own is None or own.role is not ColumnRole.FIELD

    def pages(self) -> Iterator[Page]:
        """Yield the child's pages, in no particular order."""
        feed = self._feed()
        waiting: list[ChildLists] = []
        alone = 1 if self._demand.everything else self._means.portions.alone
        fetched = 0
        for page, pieces in feed:
            if page is not None:
                yield page
            waiting += pieces
            while waiting and (fetched < alone or not self._demand.has_begun(alone) or self._crew_size() == 1):
                found = waiting[0].next_page()
                fetched += 1
                if waiting[0].done:
                    waiting.pop(0)
                if found is not None:
                    yield found
            if waiting:
                yield from _Herd(waiting, feed, self._crew_size, self._demand, self._means.control.check).pages()

    def _crew_size(self) -> int:
        return self._means.crew_size(self._sender.trips.usual_s)

    def _feed(self) -> Iterator[tuple[Page | None, list[ChildLists]]]:
        """Yield, for each page of parents, the rows that come with it and the lists that are still to be read."""
        scan, embedded = self._parent.scan, self._parent.embedded
        identity = scan.table.column("id")
        if identity is None or scan.table.shape is not TableShape.LIST:
            raise InternalError(f"{scan.table.name} has no ids")
        columns = [identity] if embedded is None else [identity, embedded]
        if self._parents is not None:
            for batch in self._parents.batches([column.name for column in columns]):
                carried = batch.column(1).to_pylist() if embedded is not None else [None] * batch.num_rows
                yield self._split(batch.column(0).to_pylist(), carried)
            return
        demand = Demand(everything=self._demand.everything)
        parents = Scan(scan, columns, self._means, lambda _: scan, self._counts, demand=demand)
        for page in parents.pages():
            ids = page.ids
            carried = page.batch.column(1).to_pylist() if embedded is not None else [None] * page.rows
            yield self._split(ids, carried)
            demand.took()

    def _split(self, ids: Sequence[str], carried: Sequence[str | None]) -> tuple[Page | None, list[ChildLists]]:
        complete: dict[str, list[msgspec.Raw]] = {}
        pieces: list[ChildLists] = []
        for parent_id, text in zip(ids, carried, strict=True):
            found = _embedded.decode(text) if text is not None else None
            if found is None or found.has_more:
                pieces.append(ChildLists(self._reads, partial(self._piece, parent_id=parent_id)))
            elif found.data:
                complete[parent_id] = found.data
        return self._carried_page(complete), pieces

    def _carried_page(self, complete: dict[str, list[msgspec.Raw]]) -> Page | None:
        if not complete:
            return None
        items = [item for data in complete.values() for item in data]
        decoder = Decoder([column for column in self._columns if column.role is not ColumnRole.PARENT], constants={})
        page = decoder.objects(items)
        missing = [column for column in self._columns if column.role is ColumnRole.PARENT]
        if not missing:
            return replace(page, batch=page.batch.select([column.name for column in self._columns]))
        # The child's objects do not carry the parent's id: page by page of one parent each.
        return self._with_parents(complete)

    def _with_parents(self, complete: dict[str, list[msgspec.Raw]]) -> Page:
        import pyarrow as pa

        pages = [Decoder(self._columns, constants={self._parent.column: each}).objects(data) for each, data in complete.items()]
        table = pa.Table.from_batches([page.batch for page in pages]).combine_chunks()
        batch = table.to_batches()[0] if table.num_rows else pages[0].batch
        return replace(pages[0], ids=tuple(each for page in pages for each in page.ids), batch=batch, rows=batch.num_rows)

    def _piece(self, read: Read, parent_id: str) -> Piece | Remembered:
        filled = self._parent.read_for(read, parent_id, is_constant=self._is_constant)
        recall = self._means.recall
        columns = self._columns if recall is None else recall.wider(self._reads.table, self._columns)
        piece = Piece(filled, Decoder(columns, constants=dict(filled.constants)), self._sender)
        return piece if recall is None else Remembered(piece, self._reads.table, recall, self._columns, columns, self._sender)


class _Herd:
    """Read the lists of many parents at once, and the parents' own pages in between."""

    def __init__(
        self,
        pieces: list[ChildLists],
        feed: Iterator[tuple[Page | None, list[ChildLists]]],
        size: Callable[[], int],
        demand: Demand,
        check: Callable[[], object],
    ) -> None:
        self._pieces = pieces
        self._feed: Iterator[tuple[Page | None, list[ChildLists]]] | None = feed
        self._feeding = False
        self._crew: Crew[Page] = Crew(self._find, size, lambda: demand.room(size()), check)

    def pages(self) -> Iterator[Page]:
        return self._crew.results()

    def _find(self) -> Callable[[], Page | None] | None:
        self._pieces = [piece for piece in self._pieces if piece.busy or not piece.done]
        piece = next((each for each in self._pieces if not each.busy), None)
        if piece is not None:
            piece.busy = True
            return lambda: self._fetch(piece)
        if self._feed is not None and not self._feeding:
            self._feeding = True
            return self._advance
        if self._feed is None and not self._pieces:
            raise StopIteration
        return None

    def _fetch(self, piece: ChildLists) -> Page | None:
        page = piece.next_page()
        with self._crew.lock:
            piece.busy = False
        return page if page is not None and page.rows else None

    def _advance(self) -> Page | None:
        assert self._feed is not None
        found = next(self._feed, None)
        with self._crew.lock:
            self._feeding = False
            if found is None:
                self._feed = None
            else:
                self._pieces += found[1]
        return found[0] if found is not None else None
