"""Carry one SELECT through its stages: analyse, plan, bind to sources, run.

In: SQL text with its parameters bound, and what the connection owns. Out: ``Running``: the engine's result, the plan,
and what each scan has done so far. This page is the life of a query.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from stripesql.catalogue.model import ColumnRole, Table
from stripesql.catalogue.relations import Local, System, View
from stripesql.engine.cursor import EngineCursor, Result, Source
from stripesql.errors import BudgetExceeded, InternalError, UnknownName
from stripesql.plan.explain import Actual, as_text
from stripesql.plan.planner import Question
from stripesql.plan.price import Known
from stripesql.query.names import with_near_name
from stripesql.query.relations import Relations
from stripesql.query.sources import sources_of
from stripesql.query.stages import Planned, plan_stages
from stripesql.scan.means import Means, ScanCounts
from stripesql.scan.noted import Notebook
from stripesql.settings import Settings
from stripesql.sql.analysis import Context, Occurrence, analyze
from stripesql.sql.constants import Constant


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Say what a query runs in.

    Attributes:
        engine: the engine cursor, with zone and time set.
        relations: what names in FROM stand for.
        settings: the connection's settings at the start of the statement.
        now: the statement's time, corrected by the server's clock.
        notebook: what scans of this connection have taken.
    """

    engine: EngineCursor
    relations: Relations
    settings: Settings
    now: dt.datetime
    notebook: Notebook = field(default_factory=Notebook)


@dataclass(frozen=True, slots=True)
class Running:
    """Say a query that was started.

    Attributes:
        result: the engine's stream.
        planned: what was planned.
        counts: what each stage's scan has done so far, in the order of the plan.
    """

    result: Result
    planned: Planned
    counts: Sequence[ScanCounts]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows; see ``Result.batches``.

        Raises:
            BudgetExceeded: with the plan, and how far it came.
        """
        try:
            yield from self.result.batches()
        except BudgetExceeded as problem:
            raise _with_plan(problem, self.planned, self.counts) from problem

    def actual(self) -> list[Actual]:
        """Return what each stage's scan has done so far."""
        return actual_of(self.counts)


def actual_of(counts: Sequence[ScanCounts]) -> list[Actual]:
    """Return the counts of scans as EXPLAIN prints them."""
    return [Actual(each.requests, each.rows, tuple(each.dropped), each.retries, round(each.waited_s, 3)) for each in counts]


def _with_plan(problem: BudgetExceeded, planned: Planned, counts: Sequence[ScanCounts]) -> BudgetExceeded:
    aliases = {each.name: each.alias for each in planned.analysis.occurrences}
    lines = as_text(planned.plan, aliases, actual_of(counts))
    return BudgetExceeded("\n".join([str(problem), "The plan, and how far it came:", *lines]))


def plan(text: str, around: Surroundings) -> Planned:
    """Return the plan of a query; asks the engine for constants, and Stripe for nothing.

    Raises:
        ProgrammingError, NotSupportedError: as ``analyze`` and ``plan_scan`` say.
    """

    def evaluate(expressions: Sequence[str]) -> list[Constant | None]:
        return [Constant(each.type, each.text) if each is not None else None for each in around.engine.evaluate(expressions)]

    context = Context(around.relations.find, around.relations.names, evaluate, around.settings.timezone, around.now)
    analysis = analyze(text, context)
    known = Known(around.notebook.seen(), around.now.timestamp())
    questions = {
        each.name: _question(each, each.relation, around, known) for each in analysis.occurrences if isinstance(each.relation, Table)
    }
    return plan_stages(analysis, questions, known)


def _question(occurrence: Occurrence, table: Table, around: Surroundings, known: Known) -> Question:
    filter_only = frozenset(
        name.lower() for name in occurrence.hidden if (c := table.column(name)) is not None and c.role is ColumnRole.FILTER_ONLY
    )
    return Question(
        table,
        occurrence.conjuncts,
        occurrence.limit,
        occurrence.newest,
        around.settings.pushdown,
        filter_only,
        expand=occurrence.expand,
        find=around.relations.catalogue.table,
        known=known,
    )


def run(text: str, around: Surroundings, means: Means) -> Running:
    """Start a query; rows are fetched as the result is read.

    Raises:
        ProgrammingError, NotSupportedError, DataError: the query cannot be planned or bound.
    """
    planned = plan(text, around)
    sources, counts = sources_of(planned, means, around.notebook)
    for each in planned.analysis.occurrences:
        if isinstance(each.relation, Local | System):
            sources[each.name] = Source(around.relations.rows(each.relation), each.mentioned)
        elif isinstance(each.relation, View):
            raise InternalError(f"the view {each.relation.name} was not expanded")
    try:
        result = around.engine.run(planned.analysis.text, sources)
    except BudgetExceeded as problem:
        raise _with_plan(problem, planned, counts) from problem
    except UnknownName as problem:
        raise with_near_name(problem, text, planned.analysis.occurrences) from problem
    return Running(result, planned, counts)
