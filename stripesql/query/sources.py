"""Make the row sources of a planned query.

In: the stages of a plan, what to fetch with. Out: a source for each name in the engine's text, and what each stage's scan
counts. Rows that are read more than once, by the engine or for their keys, are fetched once and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from stripesql.catalogue.model import Column, Table
from stripesql.decode import Page
from stripesql.engine.cursor import Source
from stripesql.errors import InternalError
from stripesql.plan.planner import plan_scan
from stripesql.plan.scans import AccessPath, Read, ReadKind, ScanPlan, Stage
from stripesql.predicate import Conjunct
from stripesql.query.stages import Planned
from stripesql.request import Request, path_of
from stripesql.rows import RowSource
from stripesql.scan.carry import Scan
from stripesql.scan.expanded import Expanding, Target, expanded_column
from stripesql.scan.means import Means, ScanCounts
from stripesql.scan.noted import Notebook, Noted
from stripesql.scan.sources import Gathered, Shared, TableScan
from stripesql.scan.tested import Tested, tested_columns
from stripesql.scan.together import Together
from stripesql.sql.analysis import Occurrence


@dataclass(slots=True)
class _Build:
    """Hold the sources that are made so far, by the first name of their stage."""

    planned: Planned
    means: Means
    notebook: Notebook
    occurrences: dict[str, Occurrence]
    made: dict[str, RowSource]
    counts: dict[str, ScanCounts]
    together: Together


def sources_of(planned: Planned, means: Means, notebook: Notebook) -> tuple[dict[str, Source], list[ScanCounts]]:
    """Return a source per occurrence of a table, and the counts of each stage, in the order of the plan.

    Scans that are read to the end are noted in ``notebook``.
    """
    occurrences = {each.name: each for each in planned.analysis.occurrences}
    stages = planned.plan.stages
    build = _Build(
        planned, means, notebook, occurrences, {}, {stage.names[0]: ScanCounts() for stage in stages}, Together(means.control.check)
    )
    for stage in stages:
        if stage.scan.path is not AccessPath.EXPANDED:
            _make(build, stage)
    sources = {name: Source(build.made[stage.names[0]], occurrences[name].mentioned) for stage in stages for name in stage.names}
    return sources, [build.counts[stage.names[0]] for stage in stages]


def _make(build: _Build, stage: Stage) -> None:
    """Make the source of a stage, and of those that are expanded into its objects."""
    first, table = stage.names[0], stage.scan.table
    readers = [build.occurrences[name] for name in stage.names]
    question = build.planned.questions[first]
    columns = _columns(table, readers[0].hidden)
    needed = _needed(build.planned, first)
    targets = _targets(build, stage, "")

    def replan(dropped: frozenset[str]) -> ScanPlan:
        return plan_scan(replace(question, dropped=dropped))

    carriers = [target.carrier for target in targets.values() if not target.within]
    extra = [column for name in needed if (column := table.column(name)) is not None and column not in columns]
    reads_all = bool(needed) or all(each.reads_all for each in readers)
    scan: RowSource = TableScan(
        stage.scan,
        [*columns, *extra, *dict.fromkeys(carriers)],
        build.means,
        replan,
        reads_all=reads_all,
        may_stop=build.planned.analysis.may_stop,
        others=_others(build, stage),
        counts=build.counts[first],
        note=build.notebook.note_list,
    )
    scan = Noted(scan, stage.scan, build.counts[first], build.notebook)
    schema = pa.schema([column.type.field(column.name) for column in columns])
    kept = _asked_for(readers, columns) + [name for name in needed if name not in _asked_for(readers, columns)]
    if reads_all and _other(stage) is None:
        scan = build.together.join(scan, [*kept, *(column.name for column in dict.fromkeys(carriers))])
    if targets:
        expanding = Expanding(scan, kept, targets)
        build.made[first] = expanding.view("", schema)
        for name in targets:
            build.made[name] = expanding.view(name, _schema(build, name))
    elif len(readers) == 1 and not readers[0].repeated and not needed:
        build.made[first] = scan
    else:
        build.made[first] = Shared(scan, kept, schema)


def _targets(build: _Build, stage: Stage, within: str) -> dict[str, Target]:
    """Return what is expanded into a stage's objects, and into those objects in turn; by the first name of each stage."""
    found: dict[str, Target] = {}
    for each in build.planned.plan.stages:
        name, keys = each.names[0], each.scan.keys
        if each.scan.path is not AccessPath.EXPANDED or keys is None or keys.other != stage.names[0]:
            continue
        wanted = _wanted(build, each)
        found[name] = Target(
            expanded_column(_column(stage.scan.table, keys.column)), wanted, build.counts[name], _look_up(build, each, wanted), within
        )
        found |= _targets(build, each, name)
    return found


def _wanted(build: _Build, stage: Stage) -> list[Column]:
    """Return the columns of an expanded stage that the engine or another stage may ask for."""
    readers = [build.occurrences[name] for name in stage.names]
    columns = _columns(stage.scan.table, readers[0].hidden)
    asked = {*_asked_for(readers, columns), *_needed(build.planned, stage.names[0])}
    return [column for column in columns if column.name in asked]


def _schema(build: _Build, name: str) -> pa.Schema:
    occurrence = build.occurrences[name]
    if not isinstance(occurrence.relation, Table):
        raise InternalError(f"{name} is not a table of Stripe's")
    return pa.schema([column.type.field(column.name) for column in _columns(occurrence.relation, occurrence.hidden)])


def _look_up(build: _Build, stage: Stage, wanted: Sequence[Column]) -> Callable[[Sequence[str], Sequence[Column]], Iterator[Page]]:
    """Return what reads objects of a table by their ids."""
    table = stage.scan.table

    def look_up(ids: Sequence[str], carriers: Sequence[Column]) -> Iterator[Page]:
        endpoint = table.retrieve
        if endpoint is None or len(endpoint.arguments) != 1:
            raise InternalError(f"Stripe did not expand {table.name}, and has no look-up by id")
        reads = tuple(
            Read(ReadKind.OBJECT, Request("GET", path_of(endpoint.path, {endpoint.arguments[0]: each}), base=endpoint.base)) for each in ids
        )
        plan = ScanPlan(table, AccessPath.RETRIEVE, reads, pages=(len(reads), len(reads)))
        return Scan(plan, [*wanted, *carriers], build.means, lambda _: plan, build.counts[stage.names[0]], reads_all=True).pages()

    return look_up


def _others(build: _Build, stage: Stage) -> RowSource | None:
    """Return the rows that have the keys of a stage, or are its parents; only those that the query can use."""
    keys = stage.scan.keys
    if keys is not None and (keys.more or keys.values):
        found = [(Tested(build.made[name], _tests(build.planned, name)), column) for name, column in keys.givers]
        return Gathered(found, keys.column, keys.values)
    name = _other(stage)
    return Tested(build.made[name], _tests(build.planned, name)) if name is not None else None


def _other(stage: Stage) -> str | None:
    if stage.scan.keys is not None:
        return stage.scan.keys.other
    return stage.scan.parent.other if stage.scan.parent is not None else None


def _tests(planned: Planned, name: str) -> tuple[Conjunct, ...]:
    """Return what every reader of a stage's rows asks of them: nothing where it has several."""
    stage = next(each for each in planned.plan.stages if each.names[0] == name)
    return planned.questions[name].conjuncts if len(stage.names) == 1 else ()


def _needed(planned: Planned, name: str) -> list[str]:
    """Return the columns of a stage that other stages read."""
    found: list[str] = []
    for each in planned.plan.stages:
        keys, parent = each.scan.keys, each.scan.parent
        given = [column for giver, column in keys.givers if giver == name] if keys is not None else []
        if not (given or (keys is None and _other(each) == name)) or each.scan.path is AccessPath.EXPANDED:
            continue
        if keys is not None:
            found += given
        elif parent is not None:
            found += ["id"] + ([parent.embedded.name] if parent.embedded is not None else [])
        found += tested_columns(_tests(planned, name))
    return list(dict.fromkeys(found))


def _asked_for(readers: Sequence[Occurrence], columns: Sequence[Column]) -> list[str]:
    """Return the columns that any reader may ask for; the first always, because a count asks for it."""
    if any(each.mentioned is None for each in readers):
        return [column.name for column in columns]
    mentioned = frozenset[str]().union(*(each.mentioned or () for each in readers))
    return [column.name for column in columns if column.name.lower() in mentioned or column is columns[0]]


def _columns(table: Table, hidden: Sequence[str]) -> list[Column]:
    return [column for column in table.columns if not column.hidden or column.name in hidden]


def _column(table: Table, name: str) -> Column:
    column = table.column(name)
    if column is None:
        raise InternalError(f"{table.name} has no column {name}")
    return column
