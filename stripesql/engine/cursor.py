"""Run SQL text over row sources on one DuckDB cursor.

In: text and sources by name. Out: ``Result``: column names, SQL types, a stream of Arrow batches. DuckDB's errors are
turned into PEP 249 ones here, and an exception of a source is raised as itself.

DuckDB must not be called on one cursor from two threads, and a cursor that is closed under a running query crashes the
process. So one lock guards every call; ``close`` and ``interrupt`` may come at any time, from any thread and from a
signal handler, and what is under way lets go of the cursor itself when it ends.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import pyarrow as pa

from stripesql.engine import forks
from stripesql.engine.failures import translate
from stripesql.engine.macros import NOW_VARIABLE
from stripesql.engine.quoting import quoted
from stripesql.engine.seat import Seat
from stripesql.engine.typing import carried, value_type
from stripesql.errors import Error, InterfaceError, InternalError, QueryCancelled
from stripesql.rows import RowSource
from stripesql.types import ValueType

# Rows of one batch. A batch leaves the engine when it is full, so it is no larger than a page of Stripe's.
BATCH_ROWS: Final = 100
# What could ask for the time, in a text: the names of the macros and no more than that.
_ASKS_FOR_TIME: Final = re.compile(r"now|current|today|local|transaction|\bage\b", re.IGNORECASE)
# How long closing waits for a thread that is in the middle of a query: as long as it takes to notice, not to fetch.
_CLOSING_S: Final = 1.0
_RETRY_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Value:
    """Say the value of a constant expression: the engine's type name, and its text, None for NULL."""

    type: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """Say a row source and the lower-case names that the statement mentions, None for any."""

    rows: RowSource
    mentioned: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Effect:
    """Say what a statement did to the engine's own tables.

    Attributes:
        rowcount: rows that it touched.
        types: of the columns of RETURNING; empty without.
        table: the rows of RETURNING, or None.
    """

    rowcount: int
    types: tuple[ValueType, ...] = ()
    table: pa.Table | None = None


class EngineCursor:
    """Hold one cursor of the engine; runs one statement at a time."""

    def __init__(self, seat: Seat, give_back: Callable[[Seat], None]) -> None:
        """Take a seat; ``give_back`` gets it when the cursor is closed and the seat is good for another."""
        self._seat = seat
        self._give_back = give_back
        self._reader: pa.RecordBatchReader | None = None
        self._now: dt.datetime | None = None
        self._interrupted = False
        self._lock = threading.Lock()
        self._user = 0
        self._pid = os.getpid()
        self._closing = False
        self._disposed = False
        _open_cursors.add(self)
        forks.register(self)

    # -- one statement

    def begin(self, zone: str, now: dt.datetime) -> None:
        """Begin a statement, which stops the one before.

        Args:
            zone: time zone of casts, date_trunc and literals.
            now: the time that now() and its kin give.
        """
        self._interrupted = False
        self.stop()
        with self._held():
            self._now = now
            try:
                self._seat.set_zone(zone)
            except duckdb.InterruptException:
                # An interrupt that was meant for the statement before came late.
                self._seat.set_zone(zone)

    def evaluate(self, expressions: Sequence[str]) -> list[Value | None]:
        """Return the value of each constant expression, None for one that fails."""
        with self._held() as cursor:
            try:
                return self._values(cursor, expressions)
            except duckdb.Error:
                return [self._value(cursor, each) for each in expressions] if len(expressions) > 1 else [None]

    def _value(self, cursor: Any, expression: str) -> Value | None:
        try:
            return self._values(cursor, [expression])[0]
        except duckdb.Error:
            return None

    def _values(self, cursor: Any, expressions: Sequence[str]) -> list[Value | None]:
        text = "SELECT " + ", ".join(f"typeof({e}), CAST({e} AS VARCHAR)" for e in expressions)
        self._tell_time(cursor, text)
        # fetchall, not fetchone: an unfinished result would block the cursor.
        (row,) = cursor.execute(text).fetchall()
        return [Value(row[at], row[at + 1]) for at in range(0, len(row), 2)]

    def count(self, batch: pa.RecordBatch, condition: str) -> int | None:
        """Return for how many rows of a batch a condition is TRUE; None where it cannot be computed."""
        with self._held() as cursor:
            text = f"SELECT count(*) FROM __counted WHERE {condition}"
            self._tell_time(cursor, text)
            cursor.register("__counted", pa.Table.from_batches([batch]))
            try:
                return int(cursor.execute(text).fetchall()[0][0])
            except duckdb.Error:
                return None
            finally:
                cursor.unregister("__counted")

    def run(self, text: str, sources: Mapping[str, Source]) -> Result:
        """Start a query; rows are computed as the result is read.

        Raises:
            ProgrammingError, NotSupportedError, DataError, ...: the text cannot be bound.
            QueryCancelled: it was interrupted since the statement began.
        """
        self.stop()
        with self._held() as cursor:
            self._tell_time(cursor, text)
            for name, source in sources.items():
                self._seat.show(name, source.rows, source.mentioned)
            begun = self._begun(cursor, text)
        if isinstance(begun, BaseException):
            raise begun
        labels, types, reader = begun
        return Result(labels, types, reader, self, text)

    def check(self, text: str, sources: Mapping[str, Source]) -> None:
        """Bind a query and let go of it; its sources are not read, but by what cannot be bound without (PIVOT).

        Raises:
            Error: as ``run``; an error of a source is raised as itself.
        """
        self.stop()
        with self._held() as cursor:
            self._tell_time(cursor, text)
            try:
                for name, source in sources.items():
                    self._seat.show(name, source.rows, source.mentioned)
                problem = self._bound(cursor, text)
            finally:
                self._seat.clear()
        if problem is not None:
            raise problem

    def _bound(self, cursor: Any, text: str) -> BaseException | None:
        """Return why a query cannot be bound, or None; not raised here for the reason that ``_begun`` gives."""
        try:
            len(cursor.sql(text).columns)
        except (duckdb.Error, RuntimeError) as problem:
            return self._failure(problem.with_traceback(None), text)
        return None

    def perform(self, text: str, sources: Mapping[str, Source], *, gives_rows: bool = False) -> Effect:
        """Carry out a statement that changes the engine's own tables, to its end.

        Args:
            text: the statement.
            sources: what it reads.
            gives_rows: it has a RETURNING clause.

        Raises:
            Error: it failed, and changed nothing; an error of a source is raised as itself.
        """
        self.stop()
        with self._held() as cursor:
            self._tell_time(cursor, text)
            for name, source in sources.items():
                self._seat.show(name, source.rows, source.mentioned)
            try:
                done = self._performed(cursor, text, gives_rows=gives_rows)
            finally:
                self._seat.clear()
        if isinstance(done, BaseException):
            raise done
        return done

    def _performed(self, cursor: Any, text: str, *, gives_rows: bool) -> Effect | BaseException:
        """Return what a statement did, or its failure; not raised here for the reason that ``_begun`` gives."""
        try:
            if not gives_rows:
                found = cursor.execute(text).fetchall()
                return Effect(int(found[0][0]) if found and found[0] and isinstance(found[0][0], int) else 0)
            relation = cursor.sql(text)
            labels, types = relation.columns, relation.types
            casts = [carried(each) for each in types]
            if any(casts):
                relation = relation.project(_projection(labels, casts))
            table = relation.to_arrow_table()
        except (duckdb.Error, RuntimeError) as problem:
            return self._failure(problem.with_traceback(None), text)
        return Effect(table.num_rows, tuple(value_type(each) for each in types), table.rename_columns(list(labels)))

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query of our own over the engine's catalogue."""
        with self._held() as cursor:
            found: list[tuple[Any, ...]] = cursor.execute(text).fetchall()
            return found

    def _begun(self, cursor: Any, text: str) -> tuple[tuple[str, ...], tuple[ValueType, ...], pa.RecordBatchReader] | BaseException:
        """Return labels, types and rows of a query, or its failure.

        Not raised here: whoever prints the variables of a traceback would run the query again and show its rows, because
        that is the repr of a relation of DuckDB.
        """
        try:
            relation = cursor.sql(text)
            labels, types = relation.columns, relation.types
            casts = [carried(each) for each in types]
            if any(casts):
                relation = cursor.sql(_recast(text, labels, casts))
            reader = self._reader = relation.to_arrow_reader(BATCH_ROWS)
        except (duckdb.Error, RuntimeError) as problem:
            return self._failure(problem.with_traceback(None), text)
        return tuple(labels), tuple(value_type(each) for each in types), reader

    def _tell_time(self, cursor: Any, text: str) -> None:
        """Set the statement's time in the engine, where the text may ask for it: it costs a statement of its own."""
        if self._now is not None and _ASKS_FOR_TIME.search(text):
            now = self._now.astimezone(dt.UTC).replace(tzinfo=None).isoformat(sep=" ")
            cursor.execute(f"SET VARIABLE {NOW_VARIABLE} = TIMESTAMPTZ '{now}+00:00'")
            self._now = None

    def read(self, reader: pa.RecordBatchReader, text: str) -> pa.RecordBatch | None:
        """Return the next batch of a result, None at its end or when another statement took its place.

        Raises:
            Error: the query failed; an error of a source is raised as itself.
        """
        with self._held():
            if self._reader is None or self._reader is not reader:
                return None  # another statement took its place
            try:
                return reader.read_next_batch()
            except StopIteration:
                return None
            except (duckdb.Error, pa.ArrowException, OSError, ValueError, RuntimeError) as problem:
                raise self._failure(problem, text) from problem

    def _failure(self, problem: Exception, text: str) -> BaseException:
        failure = self._seat.failure
        if failure is None:
            # How DuckDB's client says that a signal came; the signal itself it has swallowed.
            if isinstance(problem, RuntimeError) and "Query interrupted" in str(problem):
                return KeyboardInterrupt()
            return translate(problem, text)
        if isinstance(failure, Error) or not isinstance(failure, Exception):
            return failure
        error = InternalError(f"reading rows failed with {type(failure).__name__}: {failure}")
        error.__cause__ = failure
        return error

    # -- life

    @contextlib.contextmanager
    def _held(self) -> Iterator[Any]:
        """Hold the cursor for one call; whoever asked to close it meanwhile gets his wish at the end."""
        with self._lock:
            self._demand_use()
            self._user = threading.get_ident()
            try:
                yield self._seat.cursor
            except duckdb.Error as problem:
                # A statement of our own (the zone, the time) was interrupted, or failed.
                raise translate(problem, "") from problem
            finally:
                self._user = 0
                if self._closing:
                    self._dispose()

    def _demand_use(self) -> None:
        if self._closing:
            raise InterfaceError("the cursor is closed")
        if self._pid != os.getpid():
            raise InterfaceError("this cursor was made in another process; connect again after fork")
        if self._interrupted:
            raise QueryCancelled("the query was cancelled")

    def engine_objects(self) -> list[Any]:
        """Return what must not be freed in a child process."""
        return [] if self._disposed else [self._reader, *self._seat.engine_objects()]

    def stop(self) -> None:
        """Stop reading and forget the sources; a second call does nothing."""
        if (self._reader is None and not self._seat.shows) or self._closing or self._pid != os.getpid():
            return
        if self._user == threading.get_ident():
            # A signal handler, or a finalizer that runs inside a source: the call that is under way ends first.
            self._interrupted = True
            return
        with self._lock:
            if not self._disposed:
                self._let_go()

    def _let_go(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()
        self._seat.clear()

    def interrupt(self) -> None:
        """Stop the running statement; safe to call from any thread, and when nothing runs."""
        self._interrupted = True
        if not self._disposed and self._pid == os.getpid():
            with contextlib.suppress(duckdb.Error):  # closed by another thread at this moment
                self._seat.cursor.interrupt()

    def close(self) -> None:
        """Close the cursor; a second call does nothing.

        A thread that is in the middle of a query is interrupted. If it does not let go soon, because it waits for an
        answer of Stripe, the cursor is closed by that thread when the answer comes.
        """
        if self._closing or self._pid != os.getpid():
            self._closing = True
            return
        self._closing = True
        if self._user == threading.get_ident():
            self.interrupt()
            return
        until = time.monotonic() + _CLOSING_S
        while not self._disposed:
            if self._lock.acquire(timeout=_RETRY_S):
                try:
                    self._dispose()
                finally:
                    self._lock.release()
            elif time.monotonic() > until:
                return
            else:
                self.interrupt()

    def _dispose(self) -> None:
        if not self._disposed:
            self._disposed = True
            self._let_go()
            # An interruption that is still on its way must not meet another statement.
            if self._interrupted:
                self._seat.close()
            else:
                self._give_back(self._seat)


# An engine cursor that still holds a registered object at exit prints warnings: EngineCursor.close runs before that.
_open_cursors: weakref.WeakSet[EngineCursor] = weakref.WeakSet()


def close_all() -> None:
    """Close every cursor that is still open; for the exit of the process."""
    for cursor in list(_open_cursors):
        cursor.close()


def _recast(text: str, labels: Sequence[str], casts: Sequence[str | None]) -> str:
    """Return the query with some columns cast, their labels kept."""
    # On lines of its own: the text may end with a comment.
    return f"SELECT {_projection(labels, casts)} FROM (\n{text}\n)"


def _projection(labels: Sequence[str], casts: Sequence[str | None]) -> str:
    columns = [
        f"{f'CAST(#{place} AS {cast})' if cast else f'#{place}'} AS {quoted(label)}"
        for place, (label, cast) in enumerate(zip(labels, casts, strict=True), start=1)
    ]
    return ", ".join(columns)


class Result:
    """Stream the rows of one query.

    Attributes:
        columns: (label, SQL type name) in order.
        types: the same types as deep as they nest.
    """

    def __init__(
        self, labels: tuple[str, ...], types: tuple[ValueType, ...], reader: pa.RecordBatchReader, cursor: EngineCursor, text: str
    ) -> None:
        self.columns = tuple((label, each.name) for label, each in zip(labels, types, strict=True))
        self.types = types
        self.schema: pa.Schema = reader.schema
        self._reader = reader
        self._cursor = cursor
        self._text = text

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the batches that are left; none once the cursor has begun another statement.

        Raises:
            Error: the query failed; an error of a source is raised as itself.
        """
        while (batch := self._cursor.read(self._reader, self._text)) is not None:
            yield batch

    def close(self) -> None:
        """Stop the query and let go of its sources."""
        self._cursor.stop()
