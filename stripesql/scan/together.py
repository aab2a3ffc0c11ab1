"""Begin to read several sources when the first of them is asked for.

The engine reads one table of a join to its end before it asks for the next. Where a query reads several tables to the end in
any case, none needs to wait for the other.

In: sources that are read in full, and the columns that may be asked for. Out: sources that are under way before they are asked.
Nothing begins before the engine asks for a first row; what is read ahead is bounded, and stops when the query lets go of it.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa

from stripesql.rows import RowSource
from stripesql.scan.ahead import Ahead


class Together:
    """Hold the sources of one query that begin together."""

    def __init__(self, check: Callable[[], object] = lambda: None) -> None:
        """Begin with none; ``check`` raises where the query is over."""
        self.check = check
        # Weak, so that a source that is let go of ends, whatever becomes of the others.
        self._members: list[weakref.ref[Early]] = []

    def join(self, source: RowSource, columns: Sequence[str]) -> Early:
        """Return a source of the same rows that begins with the others; ``columns`` are all that may be asked for."""
        early = Early(source, columns, self)
        self._members.append(weakref.ref(early))
        return early

    def begin(self) -> None:
        """Begin all that have not begun yet."""
        for member in self._members:
            early = member()
            if early is not None:
                early.begin()


class Early:
    """Give the rows of a source that may be under way already."""

    def __init__(self, source: RowSource, columns: Sequence[str], together: Together) -> None:
        """Take the source; see ``Together.join``."""
        self._source = source
        self._columns = list(columns)
        self._together = together
        self._begun = False
        self._ahead: Ahead[pa.RecordBatch] | None = None
        self._lock = threading.Lock()
        self.schema = source.schema

    def begin(self) -> None:
        """Begin to read in the background; a second call does nothing."""
        with self._lock:
            if not self._begun:
                self._begun = True
                self._ahead = Ahead(self._source.batches(self._columns), self._together.check)

    def batches(self, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """Yield the batches; a second reader, or one that asks for other columns, reads anew."""
        names = self.schema.names if columns is None else list(columns)
        with self._lock:
            self._begun = True
            ahead, self._ahead = self._ahead, None
        self._together.begin()
        if ahead is None or not set(names) <= set(self._columns):
            yield from self._source.batches(names)
            return
        with ahead:
            for batch in ahead:
                yield batch.select(names)
