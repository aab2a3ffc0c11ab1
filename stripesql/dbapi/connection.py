"""Offer the PEP 249 connection.

In: a session. Out: cursors. There are no transactions: ``commit`` and ``rollback`` do nothing, and reads are always of
what Stripe holds at that moment.
"""

from __future__ import annotations

import atexit
import threading
import weakref
from types import TracebackType
from typing import Any

from stripesql import errors
from stripesql.catalogue.relations import Local
from stripesql.dbapi.cursor import Cursor
from stripesql.engine.cursor import close_all
from stripesql.errors import InterfaceError
from stripesql.session.session import Session
from stripesql.sql.parameters import Parameters


class Connection:
    """Hold one connection to a Stripe account.

    It may be shared by threads; each thread then uses cursors of its own.
    """

    Warning = errors.Warning
    Error = errors.Error
    InterfaceError = errors.InterfaceError
    DatabaseError = errors.DatabaseError
    DataError = errors.DataError
    OperationalError = errors.OperationalError
    IntegrityError = errors.IntegrityError
    InternalError = errors.InternalError
    ProgrammingError = errors.ProgrammingError
    NotSupportedError = errors.NotSupportedError

    def __init__(self, session: Session) -> None:
        """Take a session; ``stripesql.connect`` is the usual way."""
        self._session: Session | None = session
        self._cursors: weakref.WeakSet[Cursor] = weakref.WeakSet()
        self._lock = threading.Lock()
        _open_connections.add(self)

    @property
    def autocommit(self) -> bool:
        """Return True: every statement stands alone."""
        return True

    @autocommit.setter
    def autocommit(self, value: bool) -> None:
        if not value:
            raise errors.NotSupportedError("autocommit cannot be turned off: Stripe has no transactions")

    def cursor(self) -> Cursor:
        """Return a new cursor."""
        self._session_or_raise()
        cursor = Cursor(self)
        with self._lock:
            self._cursors.add(cursor)
        return cursor

    def execute(self, operation: str, parameters: Parameters | None = None) -> Cursor:
        """Run a statement on a new cursor, and return the cursor."""
        return self.cursor().execute(operation, parameters)

    def register(self, name: str, frame: Any) -> None:
        """Make a frame joinable under a name, in this connection alone.

        Args:
            name: relation name; it comes before a table of Stripe's with the same name.
            frame: an Arrow table, a pandas or polars frame, or a dict of columns.

        Raises:
            InterfaceError: the object is not a table.
        """
        self._session_or_raise().register(name, frame)

    def unregister(self, name: str) -> None:
        """Forget a frame that was registered.

        Raises:
            InterfaceError: there is none of this name.
        """
        self._session_or_raise().unregister(name)

    @property
    def _own(self) -> list[Local]:
        """Return the temporary tables and the frames of this connection, for SQLAlchemy's reflection."""
        return self._session_or_raise().own

    def cancel(self) -> None:
        """Stop the running statements of all cursors; safe to call from any thread."""
        with self._lock:
            cursors = list(self._cursors)
        for cursor in cursors:
            cursor.cancel()

    def commit(self) -> None:
        """Do nothing: there are no transactions."""
        self._no_transaction()

    def rollback(self) -> None:
        """Do nothing: there are no transactions; nothing that was sent is undone."""
        self._no_transaction()

    def _no_transaction(self) -> None:
        # At the end of the process we close every connection, and a pool that ends after us rolls back once more.
        if not _exiting.is_set():
            self._session_or_raise()

    def close(self) -> None:
        """Close the connection and its cursors; a second call does nothing."""
        session, self._session = self._session, None
        if session is None:
            return
        with self._lock:
            cursors = list(self._cursors)
        for cursor in cursors:
            cursor.close()
        session.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        session = self._session
        if session is None:
            return "<stripesql.Connection closed>"
        settings = session.settings
        return f"<stripesql.Connection to {'the simulator' if settings.demo else settings.base_url}>"

    def _session_or_raise(self) -> Session:
        if self._session is None:
            raise InterfaceError("the connection is closed")
        return self._session

    def _forget(self, cursor: Cursor) -> None:
        with self._lock:
            self._cursors.discard(cursor)


_open_connections: weakref.WeakSet[Connection] = weakref.WeakSet()


_exiting = threading.Event()


def _close_at_exit() -> None:
    _exiting.set()
    for connection in list(_open_connections):
        connection.close()
    close_all()


# Callbacks run in reverse, so this one runs before duckdb's and pyarrow's own, which were registered by the imports
# above: an engine that still holds our objects when the interpreter goes prints warnings. Finalizers of the standard
# library's weakref would run before it, so the engine's ask not to be run at exit.
atexit.register(_close_at_exit)
