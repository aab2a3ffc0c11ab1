"""Carry one SELECT through its stages: analyse, plan, bind to sources, run.

In: SQL text with its parameters bound, and what the connection owns. Out: ``Running``: the engine's result, the plan,
and what each scan has done so far. This page is the life of a query.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import pyarrow as pa

from stripesql.catalogue.model import ColumnRole, Table
from stripesql.catalogue.relations import Local, System, View
from stripesql.engine.cursor import Effect, EngineCursor, Result, Source
from stripesql.errors import BudgetExceeded, InternalError, UnknownName
from stripesql.plan.explain import Actual, as_text
from stripesql.plan.joins import Union
from stripesql.plan.planner import Question
from stripesql.plan.price import Known
from stripesql.predicate import Conjunct, InList
from stripesql.query.current import changed_meanwhile, if_current
from stripesql.query.measured import Kept, Measured
from stripesql.query.names import with_near_name
from stripesql.query.recalled import with_ages, with_recall
from stripesql.query.relations import Relations
from stripesql.query.sources import sources_of
from stripesql.query.stages import Planned, plan_stages
from stripesql.scan.means import Means, ScanCounts
from stripesql.scan.noted import Notebook
from stripesql.scan.recall import Recall
from stripesql.settings import Settings
from stripesql.sql.analysis import Analysis, Context, Occurrence, analyze
from stripesql.sql.constants import Constant

# How often a query is planned whose temporary tables change meanwhile.
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Say what a query runs in.

    Attributes:
        engine: the engine cursor, with zone and time set.
        relations: what names in FROM stand for.
        settings: the connection's settings at the start of the statement.
        now: the statement's time, corrected by the server's clock.
        notebook: what scans of this connection have taken.
        counter: another engine cursor, set likewise: count with it the rows that each table's own conditions keep.
    """

    engine: EngineCursor
    relations: Relations
    settings: Settings
    now: dt.datetime
    notebook: Notebook = field(default_factory=Notebook)
    counter: EngineCursor | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """Say a query that was started.

    Attributes:
        result: the engine's stream.
        planned: what was planned.
        counts: what each stage's scan has done so far, in the order of the plan.
        kept: by the first name of a stage, the rows that its own conditions have kept so far; where they are counted.
    """

    result: Result
    planned: Planned
    counts: Sequence[ScanCounts]
    kept: Mapping[str, Kept] = field(default_factory=dict)

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
        found = actual_of(self.counts)
        kept = [self.kept.get(stage.names[0]) for stage in self.planned.plan.stages]
        return [replace(each, kept=counted.rows) if counted is not None else each for each, counted in zip(found, kept, strict=True)]


def actual_of(counts: Sequence[ScanCounts]) -> list[Actual]:
    """Return the counts of scans as EXPLAIN prints them."""
    return [
        Actual(each.requests, each.rows, tuple(each.dropped), each.retries, round(each.waited_s, 3), recalled=each.recalled)
        for each in counts
    ]


def _with_plan(problem: BudgetExceeded, planned: Planned, counts: Sequence[ScanCounts]) -> BudgetExceeded:
    aliases = {each.name: each.alias for each in planned.analysis.occurrences}
    lines = as_text(planned.plan, aliases, actual_of(counts))
    return BudgetExceeded("\n".join([str(problem), "The plan, and how far it came:", *lines]))


def analysis_of(text: str, around: Surroundings) -> Analysis:
    """Return what a query asks; see ``analyze``."""

    def evaluate(expressions: Sequence[str]) -> list[Constant | None]:
        return [Constant(each.type, each.text) if each is not None else None for each in around.engine.evaluate(expressions)]

    return analyze(text, Context(around.relations.find, around.relations.names, evaluate, around.settings.timezone, around.now))


def plan(text: str, around: Surroundings, recall: Recall | None = None) -> Planned:
    """Return the plan of a query; asks the engine for constants, and Stripe for nothing.

    Args:
        text: the query.
        around: what it runs in.
        recall: knows what was read before.

    Raises:
        ProgrammingError, NotSupportedError: as ``analyze`` and ``plan_scan`` say.
    """

    def evaluate(expressions: Sequence[str]) -> list[Constant | None]:
        return [Constant(each.type, each.text) if each is not None else None for each in around.engine.evaluate(expressions)]

    measured = around.counter is not None
    context = Context(around.relations.find, around.relations.names, evaluate, around.settings.timezone, around.now, measured)
    analysis = analyze(text, context)
    seen = Known(around.notebook.seen(), around.now.timestamp())
    known = seen if recall is None else with_recall(seen, recall, analysis.occurrences)
    questions = {
        each.name: _question(each, each.relation, around, known) for each in analysis.occurrences if isinstance(each.relation, Table)
    }
    unions = {each.name: tuple(_unions(each, analysis, around.relations)) for each in analysis.occurrences if each.name in questions}
    planned = plan_stages(analysis, questions, known, unions)
    return planned if recall is None else with_ages(planned, recall)


def _question(occurrence: Occurrence, table: Table, around: Surroundings, known: Known) -> Question:
    filter_only = frozenset(
        name.lower() for name in occurrence.hidden if (c := table.column(name)) is not None and c.role is ColumnRole.FILTER_ONLY
    )
    return Question(
        table,
        (*occurrence.conjuncts, *_own_keys(occurrence, table, around.relations)),
        occurrence.limit,
        occurrence.newest,
        around.settings.pushdown,
        filter_only,
        expand=occurrence.expand,
        find=around.relations.catalogue.table,
        known=known,
        search=around.settings.allow_stale_search and occurrence.may_lose,
    )


def _unions(occurrence: Occurrence, analysis: Analysis, relations: Relations) -> Iterator[Union]:
    """Yield the columns of a table whose keys several relations have together: other tables, and the connection's own rows."""
    table, by_name = occurrence.relation, {each.name: each.relation for each in analysis.occurrences}
    for name, union in dict.fromkeys((link.column, link.union) for link in occurrence.links if link.union):
        column = table.column(name) if isinstance(table, Table) else None
        links = [link for link in occurrence.links if (link.column, link.union) == (name, union)]
        members = tuple((link.other, link.other_column) for link in links if isinstance(by_name[link.other], Table))
        values: list[str | int] = [value for link in links for value in link.values]
        for link in links:
            relation = by_name[link.other]
            if isinstance(relation, Local) and column is not None:
                found = relations.keys(relation.name, link.other_column, column.type)
                column = None if found is None else column
                values += found or ()
        if column is not None and members:
            yield Union(name, members, tuple(dict.fromkeys(values)))


def _own_keys(occurrence: Occurrence, table: Table, relations: Relations) -> Iterator[Conjunct]:
    """Yield what the connection's own rows say of a table that is joined to them: their keys are known beforehand."""
    for name, relation, other in occurrence.own_keys:
        column = table.column(name)
        values = relations.keys(relation, other, column.type) if column is not None else None
        if values is not None:
            yield Conjunct(InList(name, values), f"{name} IN (SELECT {other} FROM {relation})")


def plan_and_check(text: str, around: Surroundings, means: Means) -> Planned:
    """Return the plan of a query that could be run as it is; nothing is fetched.

    Raises:
        ProgrammingError, NotSupportedError, DataError: the query cannot be planned or bound.
    """
    planned = plan(text, around, _allowed(means, around).recall)
    sources, _ = sources_of(planned, means, around.notebook)
    sources = {name: replace(each, rows=_Unread(each.rows.schema)) for name, each in sources.items()}
    _add_own(sources, planned, around)
    try:
        around.engine.check(planned.analysis.text, sources)
    except _WouldBeRead:
        pass  # PIVOT takes the names of its columns from rows: running it will tell
    except UnknownName as problem:
        raise with_near_name(problem, text, planned.analysis.occurrences) from problem
    return planned


class _WouldBeRead(InternalError):
    """Say that a source was asked for rows that are not to be fetched."""


@dataclass(frozen=True, slots=True)
class _Unread:
    """Say what columns a source has, and give no rows."""

    schema: pa.Schema

    def batches(self, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        raise _WouldBeRead(f"the columns {columns} are only to be looked at")


def run(text: str, around: Surroundings, means: Means) -> Running:
    """Start a query; rows are fetched as the result is read.

    Raises:
        ProgrammingError, NotSupportedError, DataError: the query cannot be planned or bound.
        BudgetExceeded: it needs more requests than it may send, whatever the answers are; none was sent.
        OperationalError: a temporary table changed all the time.
    """
    means = _allowed(means, around)
    for _ in range(_TRIES):
        around.relations.forget_keys()
        running = _started(text, around, means)
        # From here on the engine sees its own tables as they are now.
        if around.relations.are_keys_current():
            return running
        running.result.close()
    raise changed_meanwhile()


def _started(text: str, around: Surroundings, means: Means) -> Running:
    planned = plan(text, around, means.recall)
    if means.recall is None:  # else what was read before may answer
        _check_budget(planned, around.settings.max_requests)
    sources, counts = sources_of(planned, means, around.notebook)
    kept = _measure(sources, planned, around.counter) if around.counter is not None else {}
    _add_own(sources, planned, around)
    try:
        result = around.engine.run(planned.analysis.text, sources)
    except BudgetExceeded as problem:
        raise _with_plan(problem, planned, counts) from problem
    except UnknownName as problem:
        raise with_near_name(problem, text, planned.analysis.occurrences) from problem
    return Running(result, planned, counts, kept)


def perform(text: str, around: Surroundings, means: Means, wrap: Callable[[str], str], *, gives_rows: bool = False) -> Effect:
    """Carry out a statement that changes the connection's own tables by what a query gives.

    Args:
        text: the query.
        around: what it runs in.
        means: what it fetches with.
        wrap: makes the statement of the query's text for the engine.
        gives_rows: the statement has a RETURNING clause.

    Raises:
        Error: as ``run``, and what its rows raise as they are read; nothing was changed then.
    """
    # Rows that Search misses would be missed by whatever counts the table's rows later.
    around = replace(around, settings=around.settings.changed("allow_stale_search", False))
    around.relations.forget_keys()
    means = _allowed(means, around)
    planned = plan(text, around, means.recall)
    if means.recall is None:  # else what was read before may answer
        _check_budget(planned, around.settings.max_requests)
    sources, counts = sources_of(planned, means, around.notebook)
    sources = if_current(sources, around.relations)
    _add_own(sources, planned, around)
    try:
        return around.engine.perform(wrap(planned.analysis.text), sources, gives_rows=gives_rows)
    except BudgetExceeded as problem:
        raise _with_plan(problem, planned, counts) from problem
    except UnknownName as problem:
        raise with_near_name(problem, text, planned.analysis.occurrences) from problem


def _allowed(means: Means, around: Surroundings) -> Means:
    """Return the means, without what was read before where the statement must not use it."""
    return means if around.settings.cache_ttl_s else replace(means, recall=None)


def _add_own(sources: dict[str, Source], planned: Planned, around: Surroundings) -> None:
    """Add the rows of relations that are not Stripe's."""
    for each in planned.analysis.occurrences:
        if isinstance(each.relation, Local | System):
            sources[each.name] = Source(around.relations.rows(each.relation), each.mentioned)
        elif isinstance(each.relation, View):
            raise InternalError(f"the view {each.relation.name} was not expanded")


def _check_budget(planned: Planned, most: int | None) -> None:
    least = certain_requests(planned)
    if most is None or least <= most:
        return
    aliases = {each.name: each.alias for each in planned.analysis.occurrences}
    said = (
        f"the query needs {least} requests or more, and max_requests={most} allows fewer: nothing was sent; "
        "narrow it, or SET max_requests to more, or to none"
    )
    raise BudgetExceeded("\n".join([said, "The plan:", *as_text(planned.plan, aliases)]))


def certain_requests(planned: Planned) -> int:
    """Return the requests that a query takes, read to its end, whatever Stripe answers.

    Of several tables one is sure to be read, and the engine may not need the others; what follows keys may be nothing.
    Beside rows of the connection's own, which may be none, nothing is sure.
    """
    if planned.analysis.text.startswith("DESCRIBE "):
        return 0
    if len(planned.analysis.occurrences) > sum(len(stage.names) for stage in planned.plan.stages):
        return 0
    least = [stage.scan.pages[0] for stage in planned.plan.stages if not stage.after]
    if planned.analysis.may_stop:
        least = [min(each, 1) for each in least]
    return min(least, default=0)


def _measure(sources: dict[str, Source], planned: Planned, counter: EngineCursor) -> dict[str, Kept]:
    """Count in each source the rows that one of its readers keeps; the sources are replaced."""
    occurrences = {each.name: each for each in planned.analysis.occurrences}
    found: dict[str, Kept] = {}
    for stage in planned.plan.stages:
        readers = [occurrences[name] for name in stage.names]
        conditions = [" AND ".join(f"({test})" for test in each.tests) for each in readers]
        condition = " OR ".join(f"({each})" for each in conditions) if all(conditions) else ""
        kept = found[stage.names[0]] = Kept()
        for name in stage.names:
            mentioned = occurrences[name].mentioned
            columns = mentioned if mentioned is not None else frozenset(each.lower() for each in sources[name].rows.schema.names)
            sources[name] = Source(Measured(sources[name].rows, condition, sorted(columns), counter.count, kept), mentioned)
    return found
