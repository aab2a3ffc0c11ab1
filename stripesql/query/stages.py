"""Put the scans of a query together: which are one, and which are read by keys of another.

In: an analysis and the question to each table. Out: ``Planned``, whose stages stand in the order in which keys are known.
Pure.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from stripesql.catalogue.model import Table
from stripesql.errors import ArgumentRequired, InternalError
from stripesql.plan.domains import combine
from stripesql.plan.joins import Joined, Reached, Union, Way, choose, reached_plan
from stripesql.plan.planner import Question, plan_scan
from stripesql.plan.price import NEVER, NOTHING_KNOWN, Known, part_kept, size_of
from stripesql.plan.scans import KEY, Estimate, Plan, ScanPlan, Stage
from stripesql.predicate import Comparison, Conjunct, Opaque, Operator
from stripesql.sql.analysis import Analysis, Occurrence
from stripesql.types import SqlType


@dataclass(frozen=True, slots=True)
class Planned:
    """Say a query that was planned.

    Attributes:
        analysis: what the text asks.
        plan: its stages, each after those whose keys it needs.
        questions: what each occurrence of a table is asked.
    """

    analysis: Analysis
    plan: Plan
    questions: Mapping[str, Question]


@dataclass(frozen=True, slots=True)
class _Group:
    """Say occurrences that are read by one scan, and its own plan or why there is none."""

    names: tuple[str, ...]
    plan: ScanPlan | None
    problem: ArgumentRequired | None = None


def plan_stages(
    analysis: Analysis,
    questions: Mapping[str, Question],
    known: Known = NOTHING_KNOWN,
    unions: Mapping[str, tuple[Union, ...]] | None = None,
) -> Planned:
    """Return the plan of a query.

    Args:
        analysis: what the text asks.
        questions: what each occurrence of a table is asked.
        known: what scans have taken before.
        unions: by occurrence, its columns whose keys several others have together.

    Raises:
        ArgumentRequired: a list needs an argument that neither a predicate nor another table gives.
    """
    unions = unions or {}
    occurrences = {each.name: each for each in analysis.occurrences}
    groups = {group.names[0]: group for group in _groups([occurrences[name] for name in questions], questions)}
    tables = [_joined(group, groups, occurrences, questions, known, unions) for group in groups.values()]
    ways = choose(tables)
    questions = _with_expansions(questions, ways, tables, groups)
    by_name = {each.name: each for each in tables}
    stages: list[Stage] = []
    positions: dict[str, int] = {}
    for name, reached in ways.items():
        group = groups[name]
        if reached.way is Way.ALONE and group.problem is not None:
            raise group.problem
        scan = _plan(by_name[name], reached, questions[name])
        scan = replace(scan, residual=_to_check(scan, group, questions, occurrences), estimate=_estimate(by_name[name], reached, scan))
        positions[name] = len(stages)
        others: tuple[str, ...] = (reached.other,) if reached.other is not None else ()
        if reached.union is not None:
            others = tuple(other for other, _ in reached.union.members)
        after = tuple(dict.fromkeys(positions[other] for other in others))
        stages.append(Stage(scan, group.names, after))
    return Planned(analysis, Plan(tuple(stages)), questions)


def _groups(occurrences: Sequence[Occurrence], questions: Mapping[str, Question]) -> list[_Group]:
    """Return the occurrences by what they read: equal reads are one scan, so that a self-join sees the same rows twice."""
    found: dict[object, list[tuple[str, ScanPlan]]] = {}
    alone: list[_Group] = []
    for each in occurrences:
        try:
            scan = plan_scan(questions[each.name])
        except ArgumentRequired as problem:
            alone.append(_Group((each.name,), None, problem))
            continue
        key = (scan.table.name, scan.path, scan.reads, scan.limit, scan.newest, scan.parent, each.hidden, scan.expand, _list_instead(scan))
        found.setdefault(key, []).append((each.name, scan))
    return [_merged(members) for members in found.values()] + alone


def _list_instead(scan: ScanPlan) -> object:
    """Return what tells the list that stands in for many values from others."""
    fallback = scan.instead.fallback if scan.instead is not None else None
    return None if fallback is None else (fallback.path, fallback.reads)


def _merged(members: Sequence[tuple[str, ScanPlan]]) -> _Group:
    residual = tuple(dict.fromkeys(text for _, scan in members for text in scan.residual))
    return _Group(tuple(name for name, _ in members), replace(members[0][1], residual=residual))


def _joined(
    group: _Group,
    groups: Mapping[str, _Group],
    occurrences: Mapping[str, Occurrence],
    questions: Mapping[str, Question],
    known: Known,
    unions: Mapping[str, tuple[Union, ...]],
) -> Joined:
    first = group.names[0]
    table, question = occurrences[first].relation, questions[first]
    if not isinstance(table, Table):
        raise InternalError(f"{first} is not a table of Stripe's")
    holder = {name: each.names[0] for each in groups.values() for name in each.names}
    # Rows that one reader does not need may be another's: only a scan with one reader is restricted.
    restricted = len(group.names) == 1 and question.pushdown
    links = [
        (each.column, holder[each.other], each.other_column) for each in occurrences[first].links if each.other in holder and not each.union
    ]
    needs = question.used if group.plan is None else frozenset()
    own = [column for name in question.expand if (column := table.column(name)) is not None and column.expand]
    return Joined(
        first,
        group.plan,
        table,
        tuple(each for each in links if (restricted or each[0].lower() in needs) and each[1] != first),
        size_of(group.plan, known),
        part_kept(question.conjuncts, group.plan.residual) if restricted and group.plan is not None else 1.0,
        bool(question.used),
        needs,
        max((len((column.expand or "").split(".")) for column in own), default=0),
        partial(_may_expand, group.plan, known),
        tuple(
            _held(each, holder) for each in unions.get(first, ()) if restricted and all(holder[name] != first for name, _ in each.members)
        ),
        frozenset(path for name in group.names for path in _whole_values(occurrences[name], table)),
    )


def _whole_values(occurrence: Occurrence, table: Table) -> Iterator[tuple[str, ...]]:
    """Yield the paths of the JSON values that a reader may ask for."""
    for column in table.columns:
        mentioned = occurrence.mentioned is None or column.name.lower() in occurrence.mentioned
        if column.type is SqlType.JSON and (column.name in occurrence.hidden if column.hidden else mentioned):
            yield column.path


def _held(union: Union, holder: Mapping[str, str]) -> Union:
    """Return a union with each occurrence named by the first of those that are read with it."""
    return replace(union, members=tuple(dict.fromkeys((holder[name], column) for name, column in union.members)))


def _may_expand(plan: ScanPlan | None, known: Known, path: tuple[str, ...]) -> bool:
    """Say whether expanding costs nothing: not where rows are there already, and without it."""
    if plan is None or known.recalled(plan) is None:
        return True
    more = ("expand[]", f"data.{'.'.join(path)}")
    reads = tuple(replace(read, request=replace(read.request, params=(*read.request.params, more))) for read in plan.reads)
    return known.recalled(replace(plan, reads=reads)) is not None


def _estimate(joined: Joined, reached: Reached, scan: ScanPlan) -> Estimate | None:
    """Return what a way is likely to cost, in whole requests."""
    if joined.plan is not None and joined.plan.pages[1] is not None and joined.plan.instead is None and reached.way is Way.ALONE:
        return None
    others = tuple((way.value, _whole(price)) for way, price in reached.alternatives)
    others += scan.others if reached.way is Way.ALONE else ()
    return Estimate(_whole(reached.price), joined.size.known and reached.way is Way.ALONE, others)


def _to_check(scan: ScanPlan, group: _Group, questions: Mapping[str, Question], occurrences: Mapping[str, Occurrence]) -> tuple[str, ...]:
    """Return the terms that leave rows out after the fetch: not what joins tables, nor what a key stands for."""
    conjuncts = [conjunct for name in group.names for conjunct in questions[name].conjuncts]
    joins = {conjunct.text for conjunct in conjuncts if isinstance(conjunct.predicate, Opaque) and conjunct.predicate.joins}
    # What the connection's own rows say of a table follows from a term that is shown as it was written.
    written = {conjunct.text for name in group.names for conjunct in occurrences[name].conjuncts}
    return tuple(text for text in scan.residual if text in written and text not in joins and KEY not in text)


def _whole(price: float) -> int:
    return math.ceil(price - 0.5) if price < NEVER else 0


def _with_expansions(
    questions: Mapping[str, Question], ways: Mapping[str, Reached], tables: Sequence[Joined], groups: Mapping[str, _Group]
) -> dict[str, Question]:
    """Return the questions, with the fields that are expanded for other tables."""
    found = dict(questions)
    by_name = {each.name: each.table for each in tables}
    for expanded, reached in ways.items():
        if reached.way is Way.PARENT and reached.other is not None:
            for name in groups[reached.other].names:
                found[name] = replace(found[name], expand=tuple(dict.fromkeys((*found[name].expand, *_carrier(groups[expanded].plan)))))
        if reached.way is Way.EXPAND:
            path = ".".join(reached.path)
            own = [by_name[expanded].column(name) for name in questions[expanded].expand]
            # What the expanded objects leave out unless asked is asked for through them.
            paths = (path, *(f"{path}.{each.expand}" for each in own if each is not None and each.expand))
            for name in groups[reached.root].names:
                found[name] = replace(found[name], expand_paths=tuple(dict.fromkeys((*found[name].expand_paths, *paths))))
    return found


def _carrier(plan: ScanPlan | None) -> tuple[str, ...]:
    """Return the parent's column that carries the rows of a plan, where it must be asked for."""
    embedded = plan.parent.embedded if plan is not None and plan.parent is not None else None
    return (embedded.name,) if embedded is not None and embedded.expand else ()


def _plan(joined: Joined, reached: Reached, question: Question) -> ScanPlan:
    def for_key(column: str) -> ScanPlan:
        conjunct = Conjunct(Comparison(column, Operator.EQ, KEY), f"{column} = {KEY}")
        # What is asked of the key's own column is checked here: the key that stands in the plan is none.
        others = tuple(each for each in question.conjuncts if column.lower() not in combine((each,)).columns)
        found = plan_scan(replace(question, conjuncts=(*others, conjunct), search=False))
        return replace(found, residual=(*found.residual, *(each.text for each in question.conjuncts if each not in others)))

    if (question.expand_paths or question.expand) and joined.plan is not None:
        joined = replace(joined, plan=replace(plan_scan(question), residual=joined.plan.residual))
    return reached_plan(joined, reached, for_key)
