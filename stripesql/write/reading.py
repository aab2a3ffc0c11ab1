"""Read what a write needs, to the end, before the first request that writes.

A write must not change what it reads, and a read that fails must not leave half a write.

In: SQL. Out: ``Read``: typed values by column, and the same rows as Arrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from stripesql.query import select
from stripesql.types import ValueType
from stripesql.write.guards import demand_few
from stripesql.write.places import in_statement
from stripesql.write.scene import Scene, fresh
from stripesql.write.values import is_json, values_of


@dataclass(frozen=True, slots=True)
class Read:
    """Hold the rows of a query.

    Attributes:
        labels: of the columns.
        types: of the columns.
        table: the rows.
    """

    labels: tuple[str, ...]
    types: tuple[ValueType, ...]
    table: pa.Table

    @property
    def rows(self) -> int:
        """Return the number of rows."""
        return int(self.table.num_rows)

    def column(self, place: int) -> list[Any]:
        """Return the values of a column."""
        column = self.table.column(place).combine_chunks()
        return values_of(column, self.types[place], self.labels[place])

    def is_json(self, place: int) -> bool:
        """Say whether the values of a column are JSON text."""
        return is_json(self.types[place])


def read_values(text: str, scene: Scene, what: str) -> Read:
    """Run a query of one row of expressions."""
    return read(text, scene, what, counted=False)


def read(text: str, scene: Scene, what: str, *, unique: Sequence[int] = (), counted: bool = True) -> Read:
    """Run a query to its end.

    Args:
        text: the query.
        scene: what it runs in.
        what: the write, for messages.
        unique: places of the columns that tell rows apart; without any, every row is one to write.
        counted: the rows are rows to write.

    Raises:
        WriteRefused: more rows than ``max_write_rows``; reading stops there.
    """
    with in_statement(text, scene.text):
        running = select.run(text, fresh(scene.around), scene.means)
    result = running.result
    batches: list[pa.RecordBatch] = []
    seen: set[Any] = set()
    rows = 0
    try:
        for batch in running.batches():
            scene.means.control.check()
            batches.append(batch)
            if not counted:
                continue
            if unique:
                seen.update(zip(*(batch.column(place).to_pylist() for place in unique), strict=True))
            rows = len(seen) if unique else rows + batch.num_rows
            demand_few(scene.settings, what, rows)
    finally:
        result.close()
    labels = tuple(label for label, _ in result.columns)
    return Read(labels, result.types, pa.Table.from_batches(batches, schema=result.schema).rename_columns(list(labels)))
