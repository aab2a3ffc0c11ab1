"""Offer the PEP 249 cursor.

In: statements. Out: rows as tuples, or Arrow. A cursor runs one statement at a time; cursors of one connection are
independent of each other and may be used from different threads.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from stripesql.dbapi.values import Converter, arrow_schema, as_arrow, converter, rows_of
from stripesql.errors import (
    BatchFailed,
    Error,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OutcomeUnknown,
    ProgrammingError,
    QueryCancelled,
)
from stripesql.session.outcome import Outcome, Worker
from stripesql.session.session import Session
from stripesql.sql.parameters import Parameters
from stripesql.sql.statements import Call, Describe, Explain, Query, ShowSetting, Write, classify
from stripesql.stats import Stats

if TYPE_CHECKING:
    from stripesql.dbapi.connection import Connection

Row = tuple[Any, ...]
Description = tuple[str, str, None, None, None, None, bool | None]


class Cursor:
    """Run statements and read their rows.

    Attributes:
        arraysize: rows that ``fetchmany`` gives when it is not told how many.
        description: a 7-tuple (label, SQL type name, then None, and null_ok) per column; None before a statement and
            after one without rows. It stays when the rows are read.
        rowcount: rows that the last statement wrote, or rows of the last query; -1 until all of them have been read.
        lastrowid: id of the last row that the last INSERT, UPDATE or DELETE wrote, else None.
    """

    def __init__(self, connection: Connection) -> None:
        """Make a cursor; ``connection.cursor()`` is the usual way."""
        self._connection = connection
        self._worker = Worker()
        self._outcome: Outcome | None = None
        self._converters: list[Converter] = []
        # The rows of the latest batch that nobody has read yet, and the batch itself, for whoever goes on with Arrow.
        self._rows: deque[Row] = deque()
        self._batch: pa.RecordBatch | None = None
        self._read = 0
        self._closed = False
        self.arraysize = 100
        self.description: list[Description] | None = None
        self.rowcount = -1
        self.lastrowid: str | None = None
        self._no_stats = Stats()

    @property
    def stats(self) -> Stats:
        """Return what the last statement cost so far; another thread may look while the statement begins."""
        control = self._worker.control
        return self._no_stats if control is None else control.stats

    # -- running

    def execute(self, operation: str, parameters: Parameters | None = None) -> Cursor:
        """Run a statement; rows are fetched from Stripe as they are read.

        Args:
            operation: one SQL statement.
            parameters: a sequence for ``?``, a mapping for ``:name`` and ``%(name)s``, None for neither.

        Returns:
            the cursor itself.

        Raises:
            Error: any of the PEP 249 tree; see ``stripesql.errors``.
        """
        session = self._open()
        if not isinstance(operation, str):
            raise InterfaceError(f"a statement is text, not {type(operation).__name__}")
        self._begin(lambda: session.execute(self._worker, operation, parameters))
        return self

    def _begin(self, run: Callable[[], Outcome]) -> None:
        """Run a statement in place of the last one, and show what it gives."""
        self._finish()
        self._forget()
        with _only_ours():
            outcome = run()
        self._outcome = outcome
        if outcome.columns is not None:
            self.description = [(label, kind, None, None, None, None, None) for label, kind in outcome.columns]
            self._converters = [converter(each, outcome.zone) for each in outcome.types]
        if outcome.count is not None:
            self.rowcount, self.lastrowid = outcome.count, outcome.last_id

    def executemany(self, operation: str, seq_of_parameters: Iterable[Parameters]) -> Cursor:
        """Run a statement once per set of parameters; INSERT, UPDATE, DELETE and CALL as one batch.

        A write is read and checked for all sets before the first request that writes; requests go out several at once,
        those about one object in order.

        Raises:
            ProgrammingError: the statement is a query.
            BatchFailed: one of several rows failed; ``resume`` goes on.
        """
        session = self._open()
        if not isinstance(operation, str):
            raise InterfaceError(f"a statement is text, not {type(operation).__name__}")
        kind = classify(operation)
        if isinstance(kind, Query | Explain | Describe | ShowSetting):
            raise ProgrammingError(
                "executemany runs statements without rows; run a query with execute, once per set of parameters or with IN"
            )
        if isinstance(kind, Write):
            sets = list(seq_of_parameters)
            self._begin(lambda: session.execute_many(self._worker, kind.text, sets))
            return self
        if isinstance(kind, Call):
            sets = list(seq_of_parameters)
            self._begin(lambda: session.call_many(self._worker, kind.text, sets))
            return self
        for parameters in seq_of_parameters:
            self.execute(operation, parameters)
        return self

    def resume(self, error: BatchFailed | OutcomeUnknown, *, failed: bool = False) -> Cursor:
        """Go on with a write that stopped: send what is unknown and untried, under the idempotency keys that it had.

        What is unknown exists once afterwards, whether or not it was done before. The error that is raised when it stops
        again numbers the rows as the first one did, and can be resumed in turn.

        Args:
            error: what the write raised.
            failed: send the failed rows again, too.
        """
        session = self._open()
        self._begin(lambda: session.resume(self._worker, error, failed=failed))
        return self

    def callproc(
        self, procname: str, parameters: Sequence[object] | Mapping[str, object] = (), /, **named: object
    ) -> Sequence[object] | Mapping[str, object]:
        """Call a procedure; its rows are read as those of a query.

        Args:
            procname: ``invoices.pay``; ``information_schema.routines`` lists what there is.
            parameters: positional arguments, which are ids; or a mapping of named ones. Values may be lists and dicts.
            named: named arguments beside positional ones.

        Returns:
            the parameters as they were given: Stripe's procedures have no output parameters.
        """
        session = self._open()
        if isinstance(parameters, str | bytes) or not isinstance(parameters, Sequence | Mapping):
            raise InterfaceError(f"callproc takes a sequence or a mapping of arguments, not {type(parameters).__name__}")
        mapping = {**parameters, **named} if isinstance(parameters, Mapping) else named
        positional = () if isinstance(parameters, Mapping) else tuple(parameters)
        self._begin(lambda: session.call(self._worker, procname, positional, mapping))
        return parameters

    def cancel(self) -> None:
        """Stop the running statement; safe to call from any thread, and when nothing runs."""
        control, engine = self._worker.control, self._worker.engine
        if control is not None:
            control.cancel()
        if engine is not None:
            engine.interrupt()

    # -- rows

    def fetchone(self) -> Row | None:
        """Return the next row, or None when there is none."""
        self._readable()
        if not self._rows and not self._more():
            return None
        self._read += 1
        return self._rows.popleft()

    def fetchmany(self, size: int | None = None) -> list[Row]:
        """Return the next ``size`` rows (``arraysize`` by default), fewer at the end."""
        self._readable()
        wanted = self.arraysize if size is None else size
        if not isinstance(wanted, int) or wanted < 0:
            raise InterfaceError(f"fetchmany takes a number of rows, not {wanted!r}")
        while len(self._rows) < wanted and self._more():
            pass
        found = [self._rows.popleft() for _ in range(min(wanted, len(self._rows)))]
        self._read += len(found)
        return found

    def fetchall(self) -> list[Row]:
        """Return all rows that are left."""
        self._readable().control.drain()
        while self._more():
            pass
        found = list(self._rows)
        self._rows.clear()
        self._read += len(found)
        return found

    def __iter__(self) -> Iterator[Row]:
        self._readable()
        return self

    def __next__(self) -> Row:
        row = self.fetchone()
        if row is None:
            raise StopIteration
        return row

    @property
    def rownumber(self) -> int | None:
        """Return the 0-based index of the next row, or None where no rows are to be had."""
        return None if self.description is None else self._read

    # -- Arrow

    def fetch_arrow(self) -> pa.RecordBatchReader:
        """Return the rows that are left as a stream of Arrow batches, read as they come.

        JSON is text, times are in microseconds, sums of integers are int64.
        """
        outcome = self._readable()
        schema = arrow_schema(outcome.schema, outcome.types)
        return pa.RecordBatchReader.from_batches(schema, self._arrow_batches(outcome, schema))

    fetch_record_batch = fetch_arrow

    def fetch_arrow_table(self) -> pa.Table:
        """Return the rows that are left as one Arrow table."""
        outcome = self._readable()
        outcome.control.drain()
        schema = arrow_schema(outcome.schema, outcome.types)
        return pa.Table.from_batches(list(self._arrow_batches(outcome, schema)), schema=schema)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Export the rows that are left through the Arrow C stream interface."""
        return self.fetch_arrow().__arrow_c_stream__(requested_schema)

    def _arrow_batches(self, outcome: Outcome, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        while True:
            if self._outcome is not outcome:
                raise InterfaceError("these rows are gone: the cursor was closed, or runs another statement now")
            batch = self._left() or self._next_batch(outcome)
            if batch is None:
                return
            self._read += batch.num_rows
            yield as_arrow(batch, schema)

    def _left(self) -> pa.RecordBatch | None:
        """Take what was not read of the latest batch; None where nothing is left."""
        if not self._rows or self._batch is None:
            return None
        left = self._batch.slice(self._batch.num_rows - len(self._rows))
        self._rows.clear()
        return left

    # -- PEP 249's rest

    def nextset(self) -> bool | None:
        """Return None: a statement gives one result."""
        self._open()
        return None

    def setinputsizes(self, sizes: Sequence[object]) -> None:
        """Do nothing, as PEP 249 allows."""

    def setoutputsize(self, size: int, column: int | None = None) -> None:
        """Do nothing, as PEP 249 allows."""

    @property
    def connection(self) -> Connection:
        """Return the connection that made the cursor."""
        return self._connection

    def close(self) -> None:
        """Stop what runs and let go of it; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self._let_go()
        if self._worker.engine is not None:
            self._worker.engine.close()
        self._connection._forget(self)

    def __enter__(self) -> Cursor:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # -- inside

    def _open(self) -> Session:
        if self._closed:
            raise InterfaceError("the cursor is closed")
        session = self._connection._session_or_raise()
        session.check_process()
        return session

    def _readable(self) -> Outcome:
        self._open()
        if self._outcome is None:
            raise InterfaceError("there are no rows: execute a query first")
        if self._outcome.columns is None:
            raise InterfaceError("the last statement gives no rows")
        return self._outcome

    def _more(self) -> bool:
        """Read one more batch into ``_rows``; return False at the end."""
        outcome = self._outcome
        batch = self._next_batch(outcome) if outcome is not None else None
        if batch is None:
            return False
        self._batch = batch
        with _only_ours():
            self._rows.extend(rows_of(batch, self._converters))
        return True

    def _next_batch(self, outcome: Outcome) -> pa.RecordBatch | None:
        try:
            batch = self._awaited(outcome)
        except BaseException:
            outcome.finish()
            self._finish()
            raise
        if batch is None:
            outcome.finish()
            if outcome.running is not None:
                # The engine may have needed less than what was begun.
                outcome.control.cancel()
                outcome.running.result.close()
            self.rowcount = self._read + len(self._rows) if outcome.count is None else outcome.count
        return batch

    def _awaited(self, outcome: Outcome) -> pa.RecordBatch | None:
        try:
            if not outcome.stats.finished:
                outcome.control.check()
            with _only_ours():
                return next(outcome.batches, None)
        except QueryCancelled:
            # What the engine calls an interrupt may have been our own timeout. Once all is stopped, nothing tells any more.
            outcome.control.check()
            raise

    def _forget(self) -> None:
        """Show nothing of the last statement."""
        self.description, self.rowcount, self.lastrowid, self._read, self._no_stats = None, -1, None, 0, Stats()
        self._worker.control = None

    def _let_go(self) -> Outcome | None:
        """Drop the rows and ask what produces them to stop."""
        outcome, self._outcome, self._batch = self._outcome, None, None
        self._rows.clear()
        if outcome is not None:
            outcome.control.cancel()
            outcome.finish()
        return outcome

    def _finish(self) -> None:
        """Stop the last statement, and wait until it has stopped."""
        outcome = self._let_go()
        if outcome is not None and outcome.running is not None:
            outcome.running.result.close()


@contextlib.contextmanager
def _only_ours() -> Iterator[None]:
    """Let nothing out but what PEP 249 promises, and what is not an error (Ctrl-C)."""
    try:
        yield
    except Error:
        raise
    except RecursionError as problem:
        raise NotSupportedError("the statement is nested too deeply") from problem
    except Exception as problem:  # a defect, whatever it is: PEP 249 has a class for it
        raise InternalError(f"stripesql failed with {type(problem).__name__}: {problem}") from problem
