"""Interrupt the engine when the time of a statement is over.

Requests mind the time themselves (``fetch.control``); a query that only computes would not notice. In: the statement's
control and its engine cursor. Out: interruptions, from a thread that lives as long as the statement.
"""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import Final

from stripesql.engine.cursor import EngineCursor
from stripesql.fetch.control import Control

_REPEAT_S: Final = 0.1
_LONGEST_S: Final = 3600.0
"""Longest wait at once: what a platform can wait for has an end."""


class Deadline:
    """Watch one statement until ``stop``, or until nobody holds this any more: a cursor that is dropped says nothing."""

    def __init__(self, control: Control, engine: EngineCursor) -> None:
        """Start to watch; a control without a timeout needs no thread."""
        # Not an Event: a finalizer may run inside any call, and put() is the one that may be entered twice.
        self._stopped: SimpleQueue[None] = SimpleQueue()
        if control.remaining_s() is not None:
            # Not a method of this object: the thread would hold it, and it would never be dropped.
            threading.Thread(target=_watch, args=(self._stopped, control, engine), name="stripesql-deadline", daemon=True).start()

    def stop(self) -> None:
        """End the watch; a second call does nothing."""
        self._stopped.put(None)

    def __del__(self) -> None:
        self._stopped.put(None)


def _watch(stopped: SimpleQueue[None], control: Control, engine: EngineCursor) -> None:
    while True:
        try:
            # The first interruption may come a moment before the engine begins to compute.
            return stopped.get(timeout=min(control.remaining_s() or _REPEAT_S, _LONGEST_S))
        except Empty:
            if control.remaining_s() == 0.0:
                engine.interrupt()
