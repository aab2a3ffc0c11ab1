"""Be one connection for its cursors: take statements, and see that each ends well.

In: what the connection owns, statements. Out: ``Outcome``: columns and a stream of Arrow batches, or nothing to read. One Session
serves all cursors of a connection, from any thread; what belongs to a cursor is in ``Worker``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stripesql.catalogue.relations import Local
from stripesql.errors import BatchFailed, InterfaceError, NotSupportedError, OutcomeUnknown, QueryCancelled
from stripesql.fetch.control import Control
from stripesql.session import local
from stripesql.session.outcome import Outcome, Worker
from stripesql.session.owned import Owned
from stripesql.session.turn import Turn, writing
from stripesql.settings import Settings
from stripesql.sql import statements
from stripesql.sql.dialects import to_duckdb
from stripesql.sql.parameters import Parameters
from stripesql.stats import Stats


class Session:
    """Carry out statements for one connection.

    Attributes:
        owned: what the connection owns.
    """

    def __init__(self, owned: Owned) -> None:
        """Take what the connection owns; nothing is opened or sent yet."""
        self.owned = owned
        self._pid = os.getpid()
        self._closed = False

    @property
    def settings(self) -> Settings:
        """Return the settings as they are now."""
        return self.owned.settings

    # -- statements; each raises errors of the PEP 249 tree

    def execute(self, worker: Worker, text: str, parameters: Parameters | None) -> Outcome:
        """Carry out one statement."""

        def run(turn: Turn) -> Outcome:
            bound = to_duckdb(text, parameters, turn.settings.sql_dialect)
            parts = statements.split(bound)
            if len(parts) > 1:
                raise NotSupportedError(f"one statement at a time, please: the text has {len(parts)}; execute them one by one")
            return turn.carry_out(statements.classify(parts[0] if parts else bound))

        return self._run(worker, run)

    def execute_many(self, worker: Worker, text: str, sets: Sequence[Parameters]) -> Outcome:
        """Carry out a write once per set of parameters, as one batch."""

        def run(turn: Turn) -> Outcome:
            if local.own_write(text, self.owned.relations()) is None:
                return turn.write(lambda scene: writing().run_many(text, sets, scene))
            return turn.own(lambda around, means: local.write_many(text, sets, around, means))

        return self._run(worker, run)

    def call(self, worker: Worker, name: str, positional: Sequence[object], named: Mapping[str, object]) -> Outcome:
        """Call a procedure with Python values."""
        return self._run(worker, lambda turn: turn.write(lambda scene: writing().call_procedure(name, positional, named, scene)))

    def call_many(self, worker: Worker, text: str, sets: Sequence[Parameters]) -> Outcome:
        """Carry out a CALL once per set of parameters, as one batch."""
        return self._run(worker, lambda turn: turn.write(lambda scene: writing().run_calls(text, sets, scene)))

    def resume(self, worker: Worker, problem: BatchFailed | OutcomeUnknown, *, failed: bool) -> Outcome:
        """Go on with a batch that stopped."""
        return self._run(worker, lambda turn: turn.write(lambda scene: writing().resume(problem, scene, failed=failed)))

    def _run(self, worker: Worker, run: Callable[[Turn], Outcome]) -> Outcome:
        """Run a statement with a budget of its own, and end what works for it where it fails."""
        self._check()
        settings = self.settings
        control = worker.control = Control(stats=Stats(), timeout_s=settings.statement_timeout_s, max_requests=settings.max_requests)
        try:
            return run(Turn(self.owned, worker, settings, control))
        except BaseException as problem:
            control.stats.finish()
            if isinstance(problem, QueryCancelled):
                control.check()  # what the engine calls an interruption may have been the timeout
            control.cancel()  # whatever still works for the statement ends
            raise

    # -- the connection's own relations

    def register(self, name: str, frame: Any) -> None:
        """Make an Arrow table, or anything that becomes one, a relation of this connection.

        Raises:
            InterfaceError: the object is not tabular, or the name is not one.
        """
        self._check()
        self.owned.register(name, frame)

    def unregister(self, name: str) -> None:
        """Forget a frame.

        Raises:
            InterfaceError: there is none of this name.
        """
        self._check()
        self.owned.unregister(name)

    @property
    def own(self) -> list[Local]:
        """Return the temporary tables and the frames of this connection."""
        return self.owned.relations().own

    # -- life

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
            self.owned.close()
