"""Note what whole scans took, for the plans of later queries.

In: sources that are read to the end. Out: sizes by what was read; the oldest are forgotten.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pyarrow as pa

from stripesql.plan.price import Signature, Size, signature
from stripesql.plan.scans import AccessPath, ScanPlan
from stripesql.rows import RowSource
from stripesql.scan.means import ScanCounts

_MOST: Final = 1000


class Notebook:
    """Keep the sizes that one connection has seen; safe to use from any thread."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._sizes: dict[Signature, Size] = {}
        self._lock = threading.Lock()

    def note(self, of: Signature, size: Size) -> None:
        """Keep a size in place of an older one of the same kind."""
        with self._lock:
            self._sizes.pop(of, None)
            self._sizes[of] = size
            while len(self._sizes) > _MOST:
                del self._sizes[next(iter(self._sizes))]

    def note_list(self, plan: ScanPlan, rows: int, requests: int) -> None:
        """Keep what a list took that was read to its end in place of keys."""
        if plan.path in (AccessPath.FULL_LIST, AccessPath.FILTERED_LIST, AccessPath.SEARCH) and plan.parent is None:
            self.note(signature(plan), Size(float(rows), float(requests), known=True))

    def seen(self) -> Mapping[Signature, Size]:
        """Return the sizes as they are now."""
        with self._lock:
            return dict(self._sizes)


class Noted:
    """Give the rows of a scan, and note its size when they were all read."""

    def __init__(self, source: RowSource, plan: ScanPlan, counts: ScanCounts, notebook: Notebook) -> None:
        """Take the source of a plan, what it counts, and where to note it."""
        self._source = source
        self._plan = plan
        self._counts = counts
        self._notebook = notebook
        self.schema = source.schema

    def batches(self, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """Yield the batches."""
        plan, counts = self._plan, self._counts
        before, rows, dropped, recalled = counts.requests - counts.retries, 0, len(counts.dropped), counts.recalled
        for batch in self._source.batches(columns):
            rows += batch.num_rows
            yield batch
        listed = plan.path in (AccessPath.FULL_LIST, AccessPath.FILTERED_LIST, AccessPath.SEARCH) and plan.parent is None
        undisturbed = (len(counts.dropped), counts.recalled) == (dropped, recalled)
        if listed and plan.limit is None and plan.newest is None and plan.instead is None and undisturbed:
            self._notebook.note(signature(plan), Size(float(rows), float(counts.requests - counts.retries - before), known=True))
