"""Hold the ways to a table's rows against each other, and take the one with the fewest requests.

Beside the list with its filters: a union of lists for OR, Stripe's Search, the list without a filter that takes a request for
each of many values. Which of two is shorter may be known only while the query runs; then the plan has both.

In: a question, its plain plan, and what plans a wider or narrower question. Out: a plan. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from stripesql.catalogue.model import Paging
from stripesql.errors import ArgumentRequired, NotSupportedError
from stripesql.plan.domains import combine
from stripesql.plan.price import size_of
from stripesql.plan.question import Question
from stripesql.plan.rules import or_union, search
from stripesql.plan.scans import AccessPath, Keys, Read, ReadKind, ScanPlan
from stripesql.plan.stakes import stake
from stripesql.predicate import Conjunct
from stripesql.request import Request

PlanOf = Callable[[Question], ScanPlan]
"""Gives the plain plan of a question."""


def cheapest(question: Question, plan: ScanPlan, plan_of: PlanOf) -> ScanPlan:
    """Return the plan, or one that takes fewer requests: a union of lists for OR, a search, or the wider list of known length."""
    if not question.pushdown or plan.table.list is None or plan.parent is not None:
        return plan
    found, ways = plan, [(plan.path.value, plan)]
    if plan.path in (AccessPath.FULL_LIST, AccessPath.FILTERED_LIST) and plan.pages[1] is None:
        ways += [
            ("a union of lists", each) for each in or_union.unions(question.conjuncts, lambda found: _branch(question, found, plan_of))
        ]
        ways += [(each.path.value, each) for each in _searched(question)]
        # Of two that cost the same: the one that misses no row, then the one with fewer reads.
        found = min((each for _, each in ways), key=lambda each: (_requests(each, question), each.may_miss_rows, len(each.reads)))
    wider = _wider(question, found, plan_of)
    if wider is not None:
        ways.append((wider.path.value, wider))
        found = _of_the_two(question, found, wider)
    others = {name: math.ceil(_requests(each, question)) for name, each in ways if each is not found}
    return replace(found, others=tuple(others.items())) if others else found


def _of_the_two(question: Question, plan: ScanPlan, wider: ScanPlan) -> ScanPlan:
    """Return a plan with a request for each value, the wider list, or one that finds out while it runs which is shorter."""
    size, by_keys = size_of(wider, question.known), len(plan.reads)
    looks_up = plan.path is AccessPath.RETRIEVE
    if size.known and not (looks_up and plan.table.beyond_list):
        return wider if size.requests < _requests(plan, question) else plan
    at_once = any(name.endswith("[]") for push in plan.pushed for name, _ in push.alternatives[0])
    if at_once and not size.known:
        return plan  # a few requests for all of the values
    risked = stake(by_keys, math.ceil(size.requests), counted=size.known)
    if risked == 0 or question.limit is not None or question.newest is not None:
        return plan
    most = by_keys + (risked if risked is not None else math.ceil(size.requests))
    keys = Keys("", "", wider, math.ceil(size.requests), size.known)
    return replace(plan, instead=keys, overlapping=True, pages=(1, most) if looks_up else (1, None))


def _searched(question: Question) -> tuple[ScanPlan, ...]:
    """Return the plan that asks Search, where that is allowed and a term can be searched for."""
    table = question.table
    if not question.search or question.used or table.search_path is None or "query" in question.dropped:
        return ()
    push = search.push(table, question.conjuncts, question.known)
    if push is None:
        return ()
    read = Read(ReadKind.SEARCH, Request("GET", table.search_path, push.alternatives[0]), Paging.CURSOR, pushed=("query",))
    residual = tuple(dict.fromkeys(conjunct.text for conjunct in question.conjuncts))
    return (ScanPlan(table, AccessPath.SEARCH, (read,), (push,), residual, overlapping=True, pages=(1, None)),)


def _requests(plan: ScanPlan, question: Question) -> float:
    return size_of(plan, question.known).requests


def _branch(question: Question, conjuncts: tuple[Conjunct, ...], plan_of: PlanOf) -> ScanPlan:
    plain = replace(question, conjuncts=conjuncts, limit=None, newest=None)
    return cheapest(plain, plan_of(plain), plan_of)


def _wider(question: Question, plan: ScanPlan, plan_of: PlanOf) -> ScanPlan | None:
    """Return the plan without a list or a request for each of several values; None where there are not several."""
    several = {name for push in plan.pushed if len(push.alternatives) > 1 and not push.constants for name, _ in push.alternatives[0]}
    by_id = plan.path is AccessPath.RETRIEVE and len(plan.reads) > 1
    if not several and not by_id:
        return None
    roots = frozenset(name.partition("[")[0] for name in several)
    narrower = tuple(c for c in question.conjuncts if not by_id or "id" not in combine((c,)).columns)
    wider = replace(question, conjuncts=narrower, dropped=question.dropped | roots, limit=None, newest=None)
    try:
        found = plan_of(wider)
    except (ArgumentRequired, NotSupportedError):
        return None
    if found.pages[1] is not None or found.parent is not None:
        return None
    return replace(found, residual=tuple(dict.fromkeys(conjunct.text for conjunct in question.conjuncts)))
