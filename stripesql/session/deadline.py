"""Interrupt the engine when the time of a statement is over.

Requests mind the time themselves (``fetch.control``); a query that only computes would not notice. In: the statement's
control and its engine cursor. Out: interruptions, from a thread that lives as long as the statement.
"""

from __future__ import annotations

import threading
from typing import Final

from stripesql.engine.cursor import EngineCursor
from stripesql.fetch.control import Control

_REPEAT_S: Final = 0.1


class Deadline:
    """Watch one statement until ``stop``."""

    def __init__(self, control: Control, engine: EngineCursor) -> None:
        """Start to watch; a control without a timeout needs no thread."""
        self._control = control
        self._engine = engine
        self._stopped = threading.Event()
        if control.remaining_s() is not None:
            threading.Thread(target=self._watch, name="stripesql-deadline", daemon=True).start()

    def _watch(self) -> None:
        # The first interruption may come a moment before the engine begins to compute.
        while not self._stopped.wait(self._control.remaining_s() or _REPEAT_S):
            if self._control.remaining_s() == 0.0:
                self._engine.interrupt()

    def stop(self) -> None:
        """End the watch; a second call does nothing."""
        self._stopped.set()
