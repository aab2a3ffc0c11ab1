"""Own what one connection owns, and dispatch its statements by kind.

In: settings, a key, statements. Out: ``Outcome``: columns and a stream of Arrow batches, or nothing to read. One Session
serves all cursors of a connection, from any thread; what belongs to a cursor is in ``Worker``.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import threading
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, assert_never

import httpx
import pyarrow as pa

from stripesql.catalogue.load import catalogue
from stripesql.engine.cursor import EngineCursor
from stripesql.engine.instance import Engine
from stripesql.errors import InterfaceError, NotSupportedError, QueryCancelled
from stripesql.fetch.client import Client
from stripesql.fetch.control import Control
from stripesql.fetch.limiter import rates_of
from stripesql.query import select
from stripesql.query.relations import Relations
from stripesql.query.select import Running, Surroundings
from stripesql.query.stages import Planned
from stripesql.scan.means import Means
from stripesql.scan.noted import Notebook
from stripesql.session.deadline import Deadline
from stripesql.session.describe import describe_query
from stripesql.session.explain import explain_table
from stripesql.settings import ApiKey, Settings, setting
from stripesql.sql import statements
from stripesql.sql.dialects import check_dialect, to_duckdb
from stripesql.sql.parameters import Parameters
from stripesql.stats import Stats
from stripesql.types import TEXT, ValueType

_EMPTY: Final = pa.schema([])
_USER_OF_URL: Final = re.compile(r"(?<=//)[^/@]*@")


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
    """

    columns: tuple[tuple[str, str], ...] | None
    types: tuple[ValueType, ...]
    batches: Iterator[pa.RecordBatch]
    schema: pa.Schema
    control: Control
    zone: str
    running: Running | None = None
    deadline: Deadline | None = None

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


@dataclass(slots=True)
class _Owned:
    settings: Settings
    frames: dict[str, pa.Table] = field(default_factory=dict)


class Session:
    """Carry out statements for one connection."""

    def __init__(self, settings: Settings, api_key: ApiKey, *, transport: httpx.BaseTransport | None = None) -> None:
        """Take the settings and the key; nothing is opened or sent yet."""
        check_dialect(settings.sql_dialect)
        self._defaults = settings
        self._owned = _Owned(settings)
        self._key = api_key
        self._engine = Engine(memory_limit=settings.memory_limit, local_files=settings.local_files)
        self._transport = transport
        self._client = self._new_client(settings)
        # Statements that are under way keep the client that they began with, so all are kept until the end.
        self._clients = [self._client]
        self._finalizer = weakref.finalize(self, _close_clients, self._clients)
        self._finalizer.atexit = False
        self._notebook = Notebook()
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._closed = False

    @property
    def settings(self) -> Settings:
        """Return the settings as they are now."""
        return self._owned.settings

    # -- statements

    def execute(self, worker: Worker, text: str, parameters: Parameters | None) -> Outcome:
        """Carry out one statement.

        Raises:
            Error: any of the PEP 249 tree.
        """
        self._check()
        settings = self.settings
        control = worker.control = Control(stats=Stats(), timeout_s=settings.statement_timeout_s, max_requests=settings.max_requests)
        try:
            bound = to_duckdb(text, parameters, settings.sql_dialect)
            parts = statements.split(bound)
            if len(parts) > 1:
                raise NotSupportedError(f"one statement at a time, please: the text has {len(parts)}; execute them one by one")
            return self._dispatch(worker, statements.classify(parts[0] if parts else bound), settings, control)
        except BaseException as problem:
            control.stats.finish()
            if isinstance(problem, QueryCancelled):
                control.check()  # what the engine calls an interruption may have been the timeout
            raise

    def _dispatch(self, worker: Worker, statement: statements.Statement, settings: Settings, control: Control) -> Outcome:
        match statement:
            case statements.Query(text):
                return self._query(worker, text, settings, control)
            case statements.Describe():
                return self._query(worker, describe_query(statement, self._relations()), settings, control)
            case statements.Explain():
                return self._explain(worker, statement, settings, control)
            case statements.Set(name, value):
                self._set(name, value)
                return self._nothing(settings, control)
            case statements.ShowSetting(name):
                return self._table(pa.table({name: [_shown(getattr(settings, setting(name).name))]}), settings, control)
            case statements.Transaction():
                return self._nothing(settings, control)
            case statements.Write(verb):
                raise NotSupportedError(f"{verb.upper()} is not available yet: this version reads Stripe and does not write to it")
            case statements.Call():
                raise NotSupportedError("CALL is not available yet: this version reads Stripe and does not write to it")
            case statements.LocalDDL(verb):
                raise NotSupportedError(
                    f"{verb.upper()} is not available: the tables are Stripe's; connection.register(name, frame) adds one of your own"
                )
            case _:
                assert_never(statement)

    def _query(self, worker: Worker, text: str, settings: Settings, control: Control) -> Outcome:
        around = self._around(worker, settings)
        deadline = Deadline(control, around.engine)
        try:
            running = select.run(text, around, self._means(control, settings))
        except BaseException:
            deadline.stop()
            raise
        result = running.result
        return Outcome(
            result.columns, result.types, running.batches(), result.schema, control, settings.timezone, running=running, deadline=deadline
        )

    def _explain(self, worker: Worker, statement: statements.Explain, settings: Settings, control: Control) -> Outcome:
        inner = statement.statement
        if isinstance(inner, statements.Describe):
            inner = statements.Query(describe_query(inner, self._relations()))
        if not isinstance(inner, statements.Query):
            raise NotSupportedError("EXPLAIN is available for queries")
        if statement.analyze:
            outcome = self._query(worker, inner.text, settings, control)
            planned = self._read_out(outcome)
        else:
            planned = select.plan(inner.text, self._around(worker, settings))
            outcome = None
        rate = rates_of(settings, self._key.mode).endpoint
        running, stats = (outcome.running, control.stats) if outcome is not None else (None, None)
        table = explain_table(planned, running, stats, per_second=rate, as_json=statement.json)
        return self._table(table, settings, control)

    def _read_out(self, outcome: Outcome) -> Planned:
        running = outcome.running
        assert running is not None
        try:
            for _ in outcome.batches:
                outcome.control.check()
        finally:
            outcome.finish()
            running.result.close()
        return running.planned

    def _set(self, name: str, value: str | None) -> None:
        chosen = setting(name)
        if "set" not in chosen.places:
            raise InterfaceError(f"{name} cannot be SET; it is given to connect()")
        with self._lock:
            settings = self._owned.settings.changed(name, getattr(self._defaults, name) if value is None else value)
            check_dialect(settings.sql_dialect)
            self._owned.settings = settings
            if name in ("stripe_account", "stripe_context", "stripe_version", "http_timeout_s"):
                previous, self._client = self._client, self._new_client(self._owned.settings)
                self._client.take_clock(previous)
                self._clients.append(self._client)
                # Another account or version has lists of other lengths.
                self._notebook = Notebook()

    # -- what a statement runs in

    def _around(self, worker: Worker, settings: Settings) -> Surroundings:
        if worker.engine is None:
            worker.engine = self._engine.cursor()
        now = self._now()
        worker.engine.begin(settings.timezone, now)
        return Surroundings(worker.engine, self._relations(), settings, now, self._notebook)

    def _now(self) -> dt.datetime:
        """Return the time of a statement that begins: the server's, as far as it is known."""
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self._client.clock_offset_s)

    def _relations(self) -> Relations:
        return Relations(catalogue(), self._owned.frames)

    def _new_client(self, settings: Settings) -> Client:
        return Client(settings, self._key, transport=self._transport, default_version=catalogue().version)

    def _means(self, control: Control, settings: Settings) -> Means:
        rates = rates_of(settings, self._key.mode)
        return Means(self._client, control, settings.base_url, min(rates.account, rates.endpoint))

    # -- outcomes without a query

    def _nothing(self, settings: Settings, control: Control) -> Outcome:
        control.stats.finish()
        return Outcome(None, (), iter(()), _EMPTY, control, settings.timezone)

    def _table(self, table: pa.Table, settings: Settings, control: Control) -> Outcome:
        columns = tuple((name, TEXT.name) for name in table.column_names)
        return Outcome(columns, (TEXT,) * len(columns), iter(table.to_batches()), table.schema, control, settings.timezone)

    # -- life

    def register(self, name: str, frame: Any) -> None:
        """Make an Arrow table, or anything that becomes one, a relation of this connection.

        Raises:
            InterfaceError: the object is not tabular, or the name is not one.
        """
        self._check()
        table = _arrow(name, frame)
        with self._lock:
            self._owned.frames = {**self._owned.frames, name.lower(): table}

    def _check(self) -> None:
        if self._closed:
            raise InterfaceError("the connection is closed")
        self.check_process()

    def check_process(self) -> None:
        """Return in the process that made the connection.

        Raises:
            InterfaceError: this is a child of it.
        """
        if os.getpid() != self._pid:
            raise InterfaceError("this connection was made in another process; connect again after fork")

    def close(self) -> None:
        """Let go of engine and client; a second call does nothing."""
        self._closed = True
        if os.getpid() == self._pid:
            self._engine.close()
            self._finalizer.detach()
            _close_clients(self._clients)


def _close_clients(clients: Sequence[Client]) -> None:
    for client in clients:
        client.close()


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    # A proxy's URL may hold a password.
    return "none" if value is None else _USER_OF_URL.sub("***@", str(value))


def _arrow(name: object, frame: Any) -> pa.Table:
    if not isinstance(name, str) or not name:
        raise InterfaceError("a frame is registered under a name: connection.register('orders', frame)")
    try:
        table = _table_of(frame)
    except (pa.ArrowException, ValueError, TypeError) as problem:
        raise InterfaceError(f"the frame {name} cannot be read as a table: {problem}") from problem
    if table is None:
        raise InterfaceError(
            f"{type(frame).__name__} is not a table; register an Arrow table, a pandas or polars frame, or a dict of columns"
        )
    return table


def _table_of(frame: Any) -> pa.Table | None:
    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, pa.RecordBatch):
        return pa.Table.from_batches([frame])
    if isinstance(frame, dict):
        return pa.table(frame)
    # Before the stream, which would give the index as a column.
    if type(frame).__module__.partition(".")[0] == "pandas" and hasattr(frame, "columns"):
        return pa.Table.from_pandas(frame, preserve_index=False)
    if hasattr(frame, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(frame).read_all()
    if hasattr(frame, "to_arrow"):
        return frame.to_arrow()
    return None
