"""Show a row source to DuckDB as a lazy, re-scannable Arrow dataset.

DuckDB duck-types registered ``pyarrow.dataset.Dataset`` objects: it reads ``schema``, calls ``scanner(columns=,
filter=)`` and from the result takes ``projected_schema`` and ``to_reader()``. Nobody documents this, so
``tests/unit/test_engine_canary.py`` holds it. A filter that is handed over has been removed from the engine's own plan:
it must be applied exactly.

In: a ``RowSource`` and the names that the statement mentions. Out: a dataset. Exceptions inside a scan reach DuckDB as
text only, so the original is kept in ``failure``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.acero as acero
import pyarrow.dataset as ds

from stripesql.rows import RowSource


class SourceDataset(ds.Dataset):  # type: ignore[misc]  # pyarrow has no type information
    """Give DuckDB the rows of a source, and later those of another with the same columns.

    Attributes:
        failure: the exception that ended a scan since ``fill``, or None.
    """

    def __init__(self, schema: pa.Schema) -> None:
        """Declare the columns; there are no rows yet."""
        self._schema = schema
        self._source: RowSource | None = None
        self._mentioned: frozenset[str] | None = None
        self.failure: BaseException | None = None

    @property
    def schema(self) -> pa.Schema:
        """Return the columns that a statement may use."""
        return self._schema

    def fill(self, source: RowSource, mentioned: frozenset[str] | None) -> None:
        """Give rows from ``source``; a filter may speak of ``mentioned`` columns (lower case), None means of any."""
        self._source, self._mentioned, self.failure = source, mentioned, None

    def empty(self) -> None:
        """Let go of the source."""
        self._source, self.failure = None, None

    def scanner(self, columns: Sequence[str] | None = None, filter: Any = None, **_: Any) -> _Scanner:  # noqa: A002  DuckDB's name
        """Return one scan; nothing is fetched yet."""
        wanted = list(columns) if columns is not None else self.schema.names
        if filter is None:
            read = wanted
        else:
            # The filter's columns are not told, only its expression: read whatever the statement names as well.
            read = wanted + [
                name for name in self.schema.names if name not in wanted and (self._mentioned is None or name.lower() in self._mentioned)
            ]
        return _Scanner(self, wanted, read, filter)

    def rows(self, read: Sequence[str], wanted: Sequence[str], filter: Any) -> Iterator[pa.RecordBatch]:  # noqa: A002
        """Yield the batches of one scan, filtered and projected."""
        source = self._source
        if source is None:
            raise RuntimeError("a scan began after its statement had ended")
        try:
            for batch in source.batches(read):
                if filter is None:
                    yield batch
                    continue
                mask = _mask(batch, filter)
                # Most filters were sent to Stripe as well: as a rule all rows pass.
                kept = batch if mask.true_count == batch.num_rows else batch.filter(mask)
                yield kept.select(wanted)
        except GeneratorExit:
            raise
        except BaseException as problem:
            self.failure = self.failure or problem
            raise


def _mask(batch: pa.RecordBatch, filter: Any) -> pa.Array:  # noqa: A002
    """Return for each row whether the filter keeps it, NULL where it does not say; a third of the cost of ``Table.filter``."""
    steps = [
        acero.Declaration("table_source", acero.TableSourceNodeOptions(pa.Table.from_batches([batch]))),
        acero.Declaration("project", acero.ProjectNodeOptions([filter], ["kept"])),
    ]
    # One thread keeps the rows in their order.
    return acero.Declaration.from_sequence(steps).to_table(use_threads=False)["kept"].combine_chunks()


class _Scanner:
    """Say one scan in the shape that DuckDB expects."""

    def __init__(self, dataset: SourceDataset, wanted: Sequence[str], read: Sequence[str], filter: Any) -> None:  # noqa: A002
        self._dataset, self._wanted, self._read, self._filter = dataset, wanted, read, filter
        self.projected_schema = pa.schema([dataset.schema.field(name) for name in wanted])

    def to_reader(self) -> pa.RecordBatchReader:
        """Return the batches as a stream."""
        batches = self._dataset.rows(self._read, self._wanted, self._filter)
        return pa.RecordBatchReader.from_batches(self.projected_schema, batches)
