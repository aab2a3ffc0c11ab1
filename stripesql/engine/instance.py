"""Own one DuckDB instance per connection, locked down, with a private folder to spill into.

In: a memory limit. Out: ``Engine``, made when it is first needed, and its
cursors. Everything is removed at ``close`` and at exit of the process.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
import weakref
from typing import Any, Final

import duckdb

from stripesql.engine import forks
from stripesql.engine.cursor import EngineCursor
from stripesql.engine.macros import MACROS
from stripesql.engine.seat import FIRST_ZONE, Seat
from stripesql.errors import InterfaceError, OperationalError

_CONFIG: Final[dict[str, Any]] = {
    "enable_external_access": False,
    "threads": 1,  # more threads read far ahead of the consumer
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
}
# Cursors kept for the next statement; more are only in use at once by a pool of threads.
_MOST_IDLE: Final = 8


class Engine:
    """Hold the engine of one connection; safe to use from several threads."""

    def __init__(self, *, memory_limit: str | None = None) -> None:
        self._memory_limit = memory_limit
        self._lock = threading.Lock()
        self._instance: Any = None
        self._idle: list[Seat] = []
        self._finalizer: weakref.finalize[..., Engine] | None = None
        self._closed = False
        forks.register(self)

    def cursor(self) -> EngineCursor:
        """Return a new cursor of the instance.

        Raises:
            InterfaceError: the engine was closed.
            OperationalError: the memory limit is not one.
        """
        with self._lock:
            if self._closed:
                raise InterfaceError("the connection is closed")
            if self._instance is None:
                self._instance = self._start()
            return EngineCursor(self._idle.pop() if self._idle else Seat(self._instance.cursor()), self._take_back)

    def _take_back(self, seat: Seat) -> None:
        with self._lock:
            if not self._closed and len(self._idle) < _MOST_IDLE:
                self._idle.append(seat)
                return
        seat.close()

    def _start(self) -> Any:
        # mkdtemp makes a folder of mode 0700: what spills is customer data.
        folder = tempfile.mkdtemp(prefix="stripesql-")
        config = _CONFIG | {"temp_directory": folder}
        if self._memory_limit is not None:
            config["memory_limit"] = self._memory_limit
        try:
            instance = duckdb.connect(":memory:", config=config)
        except duckdb.Error as problem:
            shutil.rmtree(folder, ignore_errors=True)
            raise OperationalError(f"the engine cannot start: {problem}") from problem
        instance.execute(f"SET GLOBAL TimeZone = '{FIRST_ZONE}'")  # cursors inherit it
        for macro in MACROS:
            instance.execute(macro)
        self._finalizer = weakref.finalize(self, _stop, instance, self._idle, folder, os.getpid())
        # At exit cursors must be closed first: whoever hands out the cursors closes the engine then.
        self._finalizer.atexit = False
        return instance

    def engine_objects(self) -> list[Any]:
        """Return what must not be freed in a child process."""
        return [self._instance, *(each for seat in self._idle for each in seat.engine_objects())]

    def close(self) -> None:
        """Stop the instance and remove its folder; a second call does nothing."""
        with self._lock:
            self._closed = True
            self._instance = None
            # Not called, but detached: at exit weakref no longer runs finalizers, whoever calls them.
            if self._finalizer is not None and (due := self._finalizer.detach()) is not None:
                due[1](*due[2])


def _stop(instance: Any, idle: list[Seat], folder: str, pid: int) -> None:
    # After a fork both belong to the parent still.
    if pid != os.getpid():
        return
    while idle:
        idle.pop().close()
    # A cursor that waits for an answer of Stripe is closed by its own thread, and the instance is gone with it.
    with contextlib.suppress(duckdb.Error):
        instance.close()
    shutil.rmtree(folder, ignore_errors=True)
