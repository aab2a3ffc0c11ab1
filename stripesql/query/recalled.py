"""Tell the planner what was read before, and the plan what it will give again.

In: the occurrences of a query, what is known. Out: what the planner knows; a plan whose stages say how old their rows are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stripesql.catalogue.model import Column, ColumnKind, Table
from stripesql.plan.price import Known, Size
from stripesql.plan.scans import Estimate, Plan, ScanPlan, Stage
from stripesql.query.stages import Planned
from stripesql.scan.covering import expanded_paths
from stripesql.scan.expanded import expanded_column
from stripesql.scan.recall import Recall
from stripesql.sql.analysis import Occurrence


def asked_for(readers: Sequence[Occurrence], table: Table) -> list[Column]:
    """Return the columns of a table that any reader may ask for."""
    if any(each.mentioned is None for each in readers):
        return [column for column in table.columns if not column.hidden or any(column.name in each.hidden for each in readers)]
    names = frozenset[str]().union(*(each.mentioned or () for each in readers))
    hidden = {name for each in readers for name in each.hidden}
    return [c for c in table.columns if c.name in hidden or (not c.hidden and c.name.lower() in names)]


def _carriers(plan: ScanPlan) -> list[Column]:
    """Return the columns that hold the objects which a plan's lists bring in the place of ids."""
    paths = {path for read in plan.reads for path in expanded_paths(read)}
    keys = (c for c in plan.table.columns if c.kind is ColumnKind.EXPANDABLE and c.same_as is None)
    return [expanded_column(column) for column in keys if any(path[: len(column.path)] == column.path for path in paths)]


def with_recall(known: Known, recall: Recall, occurrences: Sequence[Occurrence]) -> Known:
    """Return what the planner knows: plans whose rows are there cost nothing."""

    def recalled(plan: ScanPlan) -> Size | None:
        readers = [each for each in occurrences if each.relation is plan.table]
        # A parent's rows, which the query does not name, are read for their ids.
        return recall.size(plan, [*asked_for(readers, plan.table), *_carriers(plan)] if readers else [])

    return replace(known, recalled=recalled)


def with_ages(planned: Planned, recall: Recall) -> Planned:
    """Return the plan, its stages telling how old their rows are where those were read before."""
    by_name = {each.name: each for each in planned.analysis.occurrences}
    stages = tuple(_aged(stage, [by_name[name] for name in stage.names], recall) for stage in planned.plan.stages)
    return replace(planned, plan=Plan(stages))


def _aged(stage: Stage, readers: Sequence[Occurrence], recall: Recall) -> Stage:
    scan = stage.scan
    age_s = recall.age_s(scan, [*asked_for(readers, scan.table), *_carriers(scan)])
    if age_s is None:
        return stage
    return replace(stage, scan=replace(scan, recalled_s=age_s, pages=(0, 0), estimate=Estimate(0, seen=True), others=()))
