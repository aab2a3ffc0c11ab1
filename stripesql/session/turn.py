"""Carry out one statement by its kind.

In: a statement, and what the connection owns. Out: ``Outcome``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType
from typing import TYPE_CHECKING, Final, assert_never

import pyarrow as pa

from stripesql.engine.cursor import Effect, EngineCursor
from stripesql.errors import NotSupportedError
from stripesql.fetch.control import Control
from stripesql.query import select
from stripesql.query.select import Surroundings
from stripesql.query.stages import Planned
from stripesql.scan.means import Means
from stripesql.session import local
from stripesql.session.deadline import Deadline
from stripesql.session.describe import describe_query
from stripesql.session.explain import explain_table
from stripesql.session.outcome import Outcome, Worker, nothing, rows_of, texts_of
from stripesql.session.owned import Owned
from stripesql.settings import Settings, setting
from stripesql.sql import statements

if TYPE_CHECKING:
    from stripesql.write.scene import Scene
    from stripesql.write.work import Written

_USER_OF_URL: Final = re.compile(r"(?<=//)[^/@]*@")


@dataclass(frozen=True, slots=True)
class Turn:
    """Hold what one statement is carried out with.

    Attributes:
        owned: what the connection owns.
        worker: what the cursor owns.
        settings: as they were when the statement began.
        control: the statement's budget.
    """

    owned: Owned
    worker: Worker
    settings: Settings
    control: Control

    def carry_out(self, statement: statements.Statement) -> Outcome:
        """Carry out a statement.

        Raises:
            Error: any of the PEP 249 tree.
        """
        match statement:
            case statements.Query(text):
                return self.query(text)
            case statements.Describe():
                return self.query(describe_query(statement, self.owned.relations()))
            case statements.Explain():
                return self._explain(statement)
            case statements.Set(name, value):
                self.owned.set(name, value)
                return self._nothing()
            case statements.ShowSetting(name):
                return self._texts(pa.table({name: [_shown(getattr(self.settings, setting(name).name))]}))
            case statements.Transaction():
                return self._nothing()
            case statements.Write(_, text):
                if (own := local.own_write(text, self.owned.relations())) is not None:
                    return self.own(lambda around, means: local.write(*own, around, means))
                return self.write(lambda scene: writing().run(text, scene))
            case statements.Call(text):
                return self.write(lambda scene: writing().run_call(text, scene))
            case statements.LocalDDL(_, text):
                return self.own(lambda around, means: local.define(text, around, means, self.owned.tables))
            case _:
                assert_never(statement)

    def query(self, text: str, *, counter: EngineCursor | None = None) -> Outcome:
        """Start a query; ``counter`` counts the rows that each table's own conditions keep."""
        around = replace(self._around(), counter=counter)
        if counter is not None:
            counter.begin(self.settings.timezone, around.now)
        deadline = Deadline(self.control, around.engine)
        try:
            running = select.run(text, around, self.owned.means(self.control, self.settings))
        except BaseException:
            deadline.stop()
            raise
        result, zone = running.result, self.settings.timezone
        return Outcome(
            result.columns, result.types, running.batches(), result.schema, self.control, zone, running=running, deadline=deadline
        )

    def own(self, run: Callable[[Surroundings, Means], Effect]) -> Outcome:
        """Carry out a statement about the connection's own tables."""
        around = self._around()
        deadline = Deadline(self.control, around.engine)
        try:
            effect = run(around, self.owned.means(self.control, self.settings))
        finally:
            deadline.stop()
            self.control.stats.finish()
        self.control.cancel()  # whatever still works for the statement ends
        if effect.table is None:
            return nothing(self.control, self.settings.timezone, count=effect.rowcount)
        return rows_of(effect.table, effect.types, self.control, self.settings.timezone, count=effect.rowcount)

    def write(self, run: Callable[[Scene], Written]) -> Outcome:
        """Carry out a statement that writes to Stripe."""
        scene = self.owned.scene(self.worker, self.settings, self.control)
        deadline = Deadline(self.control, scene.around.engine)
        try:
            written = run(scene)
        finally:
            deadline.stop()
            self.control.stats.finish()
            self.owned.wrote()
        rows, zone = written.rows, self.settings.timezone
        if rows is None:
            return nothing(self.control, zone, count=written.count, last_id=written.last_id)
        return rows_of(rows.table, rows.types, self.control, zone, columns=rows.columns, count=written.count, last_id=written.last_id)

    # -- EXPLAIN

    def _explain(self, statement: statements.Explain) -> Outcome:
        inner = self._explained(statement)
        rate, as_json = self.owned.rate(self.settings), statement.json
        match inner:
            case statements.Call(text):
                return self._texts(writing().call_table(writing().plan_call(text, self._scene()), per_second=rate, as_json=as_json))
            case statements.Write(_, text):
                return self._texts(writing().write_table(writing().plan_write(text, self._scene()), per_second=rate, as_json=as_json))
            case statements.Query(text) if statement.analyze:
                planned, outcome = self._analyzed(text)
                return self._texts(explain_table(planned, outcome.running, self.control.stats, per_second=rate, as_json=as_json))
            case statements.Query(text):
                planned = select.plan_and_check(text, self._around(), self.owned.means(self.control, self.settings))
                return self._texts(explain_table(planned, None, None, per_second=rate, as_json=as_json))
        raise NotSupportedError("EXPLAIN is available for queries, INSERT, UPDATE, DELETE and CALL")

    def _explained(self, statement: statements.Explain) -> statements.Statement:
        """Return what is explained: of a statement about the connection's own tables, the query that it reads by."""
        inner, query = statement.statement, None
        if isinstance(inner, statements.Describe):
            query = describe_query(inner, self.owned.relations())
        elif isinstance(inner, statements.LocalDDL) and not statement.analyze:
            query = local.query_of(inner.text)
        elif isinstance(inner, statements.Write):
            query = local.query_of_write(inner.text, self.owned.relations())
        return inner if query is None else statements.Query(query)

    def _analyzed(self, text: str) -> tuple[Planned, Outcome]:
        """Run a query to its end, for what it did."""
        counter = self.owned.engine.cursor()
        try:
            outcome = self.query(text, counter=counter)
            running = outcome.running
            assert running is not None
            try:
                for _ in outcome.batches:
                    self.control.check()
            finally:
                outcome.finish()
                self.control.cancel()  # whatever still works for the query ends
                running.result.close()
            return running.planned, outcome
        finally:
            counter.close()

    # -- inside

    def _around(self) -> Surroundings:
        return self.owned.around(self.worker, self.settings)

    def _scene(self) -> Scene:
        return self.owned.scene(self.worker, self.settings, self.control)

    def _nothing(self) -> Outcome:
        return nothing(self.control, self.settings.timezone)

    def _texts(self, table: pa.Table) -> Outcome:
        return texts_of(table, self.control, self.settings.timezone)


def writing() -> ModuleType:
    """Return the write layer, imported when it is first needed: what only reads starts sooner."""
    from stripesql.session import writing

    return writing


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    # A proxy's URL may hold a password.
    return "none" if value is None else _USER_OF_URL.sub("***@", str(value))
