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
from stripesql.scan.keyed import Keyed, Note
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
        may_stop: bool = True,
        others: RowSource | None = None,
        counts: ScanCounts | None = None,
        note: Note | None = None,
    ) -> None:
        """Make a source.

        Args:
            plan: how to read.
            columns: all that may be asked for.
            means: what to fetch with.
            replan: plans again without parameters that were refused.
            reads_all: the query reads it to the end in any case.
            may_stop: the query may stop before the end even where its own reader does not.
            others: the rows that have the keys, where the plan needs keys of another table.
            counts: where the work is counted; its own when not given.
            note: is told what a list took that stood in for keys.
        """
        self.plan = plan
        self.counts = counts or ScanCounts()
        self._columns = {column.name: column for column in columns}
        self._means = means
        self._replan = replan
        self._reads_all = reads_all
        self._may_stop = may_stop
        self._others = others
        self._note = note
        self.schema = pa.schema([column.type.field(column.name) for column in columns])

    def batches(self, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """Yield a batch per page."""
        if self.plan.path is AccessPath.NOTHING:
            return
        wanted = [self._columns[name] for name in (self.schema.names if columns is None else columns)]
        control = self._means.control
        demand = Demand(everything=self._reads_all, asked=None if self._may_stop else lambda: control.drained)
        for page in self._pages(wanted, demand):
            if page.rows:
                yield page.batch
            demand.took()

    def _pages(self, wanted: Sequence[Column], demand: Demand) -> Iterator[Page]:
        many = self.plan.pages[1] is None or self.plan.pages[1] > 1
        given = (self.plan, wanted, self._means, self._replan, self.counts)
        if self.plan.instead is not None or (self.plan.keys is not None and self._others is not None):
            found = Keyed(*given, self._others, note=self._note).pages()
        elif self.plan.parent is not None:
            found = FanOut(*given, reads_all=self._reads_all, parents=self._others, demand=demand).pages()
        else:
            # Its workers read ahead themselves: another thread between them and the consumer would only hand pages on.
            return Scan(*given, demand=demand, ahead=many).pages()
        return read_ahead(found, at_once=self._reads_all, check=self._means.control.check) if many else found


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


class Gathered:
    """Give the values of one column of each of several sources, and others that are known, as one column."""

    def __init__(self, sources: Sequence[tuple[RowSource, str]], name: str, values: Sequence[str | int]) -> None:
        """Take the sources with their columns, the name that the one column gets, and the known values."""
        self._sources = list(sources)
        first, column = self._sources[0]
        self.schema = pa.schema([pa.field(name, first.schema.field(column).type)])
        self._values = pa.record_batch([pa.array(values, self.schema.types[0])], schema=self.schema)

    def batches(self, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """Yield the values, those that are known first."""
        yield self._values
        for source, column in self._sources:
            for batch in source.batches([column]):
                yield pa.record_batch([batch.column(0)], schema=self.schema)


class InMemory:
    """Give the rows of an Arrow table."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self.schema = table.schema

    def batches(self, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """Yield the table's batches."""
        yield from (self._table if columns is None else self._table.select(list(columns))).to_batches()
