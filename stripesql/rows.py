"""Define the protocol by which the engine reads rows.

``engine`` knows only this; behind it stand lists, retrieved objects, embedded rows, keys, caches, local frames and
system relations. A source is read as often as the engine asks, and gives the same rows each time within a statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa


class RowSource(Protocol):
    """Give rows as Arrow batches, lazily."""

    @property
    def schema(self) -> pa.Schema:
        """Return all columns that may be asked for."""
        ...

    def batches(self, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """Yield batches that hold exactly ``columns``, in that order; None means all of ``schema``.

        Nothing is fetched before the first ``next()``. An exception fails the query.
        """
        ...
