"""Give the engine the rows of a scan, of a shared scan, or of a table in memory.

In: plans and Arrow tables. Out: ``RowSource`` objects.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import pyarrow as pa

from stripesql.catalogue.model import Column
from stripesql.decode import Page
from stripesql.plan.scans import AccessPath, ScanPlan
from stripesql.rows import RowSource
from stripesql.scan.ahead import read_ahead
from stripesql.scan.carry import Replan, Scan
from stripesql.scan.demand import Demand
from stripesql.scan.fanout import FanOut
from stripesql.scan.keyed import Keyed
from stripesql.scan.means import Means, ScanCounts


class TableScan:
    """Read a planned scan anew each time the engine asks.

    Attributes:
        plan: what is read.
        counts: what was done so far.
    """

    def __init__(
        self,
        plan: ScanPlan,
        columns: Sequence[Column],
        means: Means,
        replan: Replan,
        *,
        reads_all: bool,
        others: RowSource | None = None,
        counts: ScanCounts | None = None,
    ) -> None:
        """Make a source.

        Args:
            plan: how to read.
            columns: all that may be asked for.
            means: what to fetch with.
            replan: plans again without parameters that were refused.
            reads_all: the query reads it to the end in any case.
            others: the rows that have the keys, where the plan needs keys of another table.
            counts: where the work is counted; its own when not given.
        """
        self.plan = plan
        self.counts = counts or ScanCounts()
        self._columns = {column.name: column for column in columns}
        self._means = means
        self._replan = replan
        self._reads_all = reads_all
        self._others = others
        self.schema = pa.schema([column.type.field(column.name) for column in columns])

    def batches(self, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """Yield a batch per page."""
        if self.plan.path is AccessPath.NOTHING:
            return
        wanted = [self._columns[name] for name in (self.schema.names if columns is None else columns)]
        demand = Demand(everything=self._reads_all)
        found = self._pages(wanted, demand)
        many = self.plan.pages[1] is None or self.plan.pages[1] > 1
        for page in read_ahead(found, at_once=self._reads_all) if many else found:
            if page.rows:
                yield page.batch
            demand.took()

    def _pages(self, wanted: Sequence[Column], demand: Demand) -> Iterator[Page]:
        if self.plan.keys is not None and self._others is not None:
            return Keyed(self.plan, wanted, self._means, self._replan, self.counts, self._others).pages()
        if self.plan.parent is not None:
            return FanOut(
                self.plan, wanted, self._means, self._replan, self.counts, reads_all=self._reads_all, parents=self._others, demand=demand
            ).pages()
        return Scan(self.plan, wanted, self._means, self._replan, self.counts, demand=demand).pages()


class Shared:
    """Fetch a source once and give the same rows to whoever asks, as often as asked.

    Rows are kept for as long as the statement runs; what is not asked for is not fetched.
    """

    def __init__(self, source: RowSource, columns: Sequence[str], schema: pa.Schema | None = None) -> None:
        """Share ``source``, read with ``columns``: all that any reader may ask for; ``schema`` is what the engine sees."""
        self._source = source
        self._columns = list(columns)
        self._kept: list[pa.RecordBatch] = []
        self._rest: Iterator[pa.RecordBatch] | None = None
        self._lock = threading.RLock()
        self.schema = source.schema if schema is None else schema

    def batches(self, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """Yield the batches from the first, projected."""
        names = self.schema.names if columns is None else list(columns)
        at = 0
        while True:
            with self._lock:
                if at == len(self._kept) and not self._more(names):
                    return
                batch = self._kept[at]
            at += 1
            yield batch.select(names)

    def _more(self, names: Sequence[str]) -> bool:
        if self._rest is None:
            self._columns += [name for name in names if name not in self._columns]
            self._rest = self._source.batches(self._columns)
        batch = next(self._rest, None)
        if batch is not None:
            self._kept.append(batch)
        return batch is not None


class InMemory:
    """Give the rows of an Arrow table."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self.schema = table.schema

    def batches(self, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """Yield the table's batches."""
        yield from (self._table if columns is None else self._table.select(list(columns))).to_batches()
