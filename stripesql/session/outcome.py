"""Say what a statement gave, and what a cursor owns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from stripesql.engine.cursor import EngineCursor
from stripesql.fetch.control import Control
from stripesql.query.select import Running
from stripesql.session.deadline import Deadline
from stripesql.stats import Stats
from stripesql.types import TEXT, ValueType

_EMPTY: Final = pa.schema([])


@dataclass(slots=True)
class Outcome:
    """Say what a statement gave.

    Attributes:
        columns: (label, SQL type name) in order; None for a statement without rows.
        types: the types of the columns as deep as they nest.
        batches: the rows, to be read once.
        schema: Arrow schema of the batches.
        control: stops the statement, and counts its cost while rows are read.
        zone: the session's time zone when the statement began.
        running: the query behind the rows, to be closed; None where there is none.
        deadline: interrupts the query when its time is over; None where there is no query.
        count: rows that a write wrote; None for other statements.
        last_id: id of the last row that a write wrote, or None.
    """

    columns: tuple[tuple[str, str], ...] | None
    types: tuple[ValueType, ...]
    batches: Iterator[pa.RecordBatch]
    schema: pa.Schema
    control: Control
    zone: str
    running: Running | None = None
    deadline: Deadline | None = None
    count: int | None = None
    last_id: str | None = None

    @property
    def stats(self) -> Stats:
        """Return the cost so far."""
        return self.control.stats

    def finish(self) -> None:
        """Stop the clocks: the last row was read, or no more are wanted."""
        self.control.stats.finish()
        if self.deadline is not None:
            self.deadline.stop()


@dataclass(slots=True)
class Worker:
    """Hold what one cursor owns.

    Attributes:
        engine: its engine cursor, made when it is first needed.
        control: of the latest statement; another thread cancels through it while the statement begins.
    """

    engine: EngineCursor | None = None
    control: Control | None = None


def nothing(control: Control, zone: str, *, count: int | None = None, last_id: str | None = None) -> Outcome:
    """Return the outcome of a statement without rows."""
    control.stats.finish()
    return Outcome(None, (), iter(()), _EMPTY, control, zone, count=count, last_id=last_id)


def rows_of(
    table: pa.Table,
    types: tuple[ValueType, ...],
    control: Control,
    zone: str,
    *,
    columns: tuple[tuple[str, str], ...] | None = None,
    count: int | None = None,
    last_id: str | None = None,
) -> Outcome:
    """Return the outcome of a statement whose rows are there already; ``columns`` of None are named by the table."""
    named = columns or tuple((name, kind.name) for name, kind in zip(table.column_names, types, strict=True))
    return Outcome(named, types, iter(table.to_batches()), table.schema, control, zone, count=count, last_id=last_id)


def texts_of(table: pa.Table, control: Control, zone: str) -> Outcome:
    """Return the outcome of a statement that gives text: EXPLAIN, SHOW."""
    return rows_of(table, (TEXT,) * table.num_columns, control, zone)
