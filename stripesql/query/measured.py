"""Count the rows of a scan that pass what the query asks of that table alone; for EXPLAIN ANALYZE.

In: a source, and SQL over its columns. Out: the same source, and the count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from stripesql.rows import RowSource

Count = Callable[[pa.RecordBatch, str], int | None]
"""Counts the rows of a batch for which a condition is TRUE; None where it cannot be computed."""


@dataclass(slots=True)
class Kept:
    """Hold how many rows of a scan passed: of the reading that saw most, None where that is not known."""

    rows: int | None = 0


class Measured:
    """Give the rows of a source, and count those that pass."""

    def __init__(self, source: RowSource, condition: str, columns: Sequence[str], count: Count, kept: Kept) -> None:
        """Take the source; ``columns`` are those that the condition may speak of, lower case; it is empty where nothing is asked."""
        self._source = source
        self._condition = condition
        self._tested = [name for name in source.schema.names if name.lower() in columns]
        self._count = count
        self._kept = kept
        self.schema = source.schema

    def batches(self, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """Yield the batches."""
        names = list(self.schema.names if columns is None else columns)
        passed = 0
        for batch in self._source.batches([*names, *(name for name in self._tested if name not in names)]):
            found = self._count(batch, self._condition) if self._condition else batch.num_rows
            passed += found or 0
            if found is None or self._kept.rows is None:
                self._kept.rows = None
            else:
                self._kept.rows = max(self._kept.rows, passed)
            yield batch.select(names)
