"""Say how many rows and requests a scan is likely to take.

What a connection has read to the end it knows; for everything else there are guesses: how long the list of a table
usually is, and which part of it a parameter leaves. A guess decides between plans and never about rows.

In: a plan, what was seen, the statement's time. Out: ``Size``. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from stripesql.catalogue.model import Column, ColumnKind
from stripesql.plan.scans import AccessPath, Keys, Push, Read, ReadKind, ScanPlan
from stripesql.predicate import AnyOf, Comparison, Conjunct, Contains, InList, NullTest, Operator, Prefix

PAGE_ROWS: Final = 100
NEVER: Final = float("inf")
ROWS_OF_ONE_KEY: Final = 3.0

# Pages of a list of which nothing is known. What a business sets up is short, what happens to it is long.
_SHORT_PAGES: Final = 2.0
_MIDDLE_PAGES: Final = 20.0
_LONG_PAGES: Final = 50.0
_SHORT: Final = frozenset(
    {"accounts", "apple_pay_domains", "billing_meters", "coupons", "country_specs", "exchange_rates", "payment_links", "plans", "prices"}
    | {"products", "promotion_codes", "shipping_rates", "tax_codes", "tax_rates", "webhook_endpoints"}
)
_MIDDLE: Final = frozenset({"credit_notes", "customers", "disputes", "payouts", "quotes", "refunds", "setup_intents", "subscriptions"})
# Parents whose embedded list is cut.
_LONG_LISTS: Final = 0.03
# The life of an account, against which a range of time is held.
LIFE_S: Final = 3 * 365 * 86_400
# Values of an enum that most rows have; any other is an exception that few have.
USUAL: Final = frozenset(
    {"active", "all", "available", "canceled", "card", "charge", "charge_automatically", "complete", "paid", "payment", "succeeded", "true"}
)
OF_USUAL, OF_RARE, OF_FLAG, OF_KIND = 0.8, 0.02, 0.5, 0.2
# Parts of the rows that pass a test made after the fetch.
_OF_EQUALITY, OF_TEST = 0.1, 0.4

Signature = tuple[str, tuple[tuple[str, tuple[tuple[str, str], ...]], ...]]
"""table, then path and parameters of each list, without what they expand"""


@dataclass(frozen=True, slots=True)
class Size:
    """Say what a scan takes.

    Attributes:
        rows: that it gives.
        requests: that it sends.
        known: by the last scan or by the plan itself; else guessed.
    """

    rows: float
    requests: float
    known: bool = False


UNKNOWN: Final = Size(NEVER, NEVER)
"""of a table that cannot be read on its own"""


def _nothing_recalled(plan: ScanPlan) -> Size | None:
    return None


@dataclass(frozen=True, slots=True)
class Known:
    """Say what the planner knows beside the query.

    Attributes:
        seen: what whole scans took on this connection.
        now_s: the statement's time, in unix seconds; 0 where it does not matter.
        recalled: gives what a plan takes whose rows were read before and kept, None for any other.
    """

    seen: Mapping[Signature, Size] = field(default_factory=dict)
    now_s: float = 0.0
    recalled: Callable[[ScanPlan], Size | None] = _nothing_recalled


NOTHING_KNOWN: Final = Known()


def signature(plan: ScanPlan) -> Signature:
    """Return what tells a scan from others of other size."""
    lists = ((read.request.path, tuple(pair for pair in read.request.params if pair[0] != "expand[]")) for read in plan.reads)
    return plan.table.name, tuple(sorted(lists))


def size_of(plan: ScanPlan | None, known: Known) -> Size:
    """Return what a scan takes that is read on its own; never where there is no plan."""
    if plan is None:
        return UNKNOWN
    recalled = known.recalled(plan)
    if recalled is not None:
        return recalled
    if plan.instead is not None:
        return _of_many(plan, plan.instead, known)
    if plan.pages[1] is not None:
        return Size(float(plan.limit or plan.newest or len(plan.reads)), float(plan.pages[1]), known=True)
    if plan.parent is not None:
        return _through_parent(plan, known)
    seen = known.seen.get(signature(plan))
    if seen is not None:
        return seen
    rows = min(sum(_rows_of(plan, read, known) for read in plan.reads), _rows_of_all(plan, known))
    return Size(rows, max(math.ceil(rows / PAGE_ROWS), float(len(plan.reads))))


def _of_many(plan: ScanPlan, instead: Keys, known: Known) -> Size:
    """Return what many values take: a request for each, or the list that is shorter."""
    by_keys = float(len(plan.reads))
    rows = by_keys if plan.path is AccessPath.RETRIEVE else min(by_keys * ROWS_OF_ONE_KEY, _rows_of_all(plan, known))
    return Size(rows, min(by_keys, float(instead.most)), instead.counted)


def _through_parent(plan: ScanPlan, known: Known) -> Size:
    assert plan.parent is not None  # the caller has looked
    of_parent = size_of(plan.parent.scan, known)
    lists = of_parent.rows * (_LONG_LISTS if plan.parent.embedded is not None else 1.0) * max(len(plan.reads), 1)
    return Size(of_parent.rows * ROWS_OF_ONE_KEY, of_parent.requests + math.ceil(lists))


def _rows_of_all(plan: ScanPlan, known: Known) -> float:
    """Return the rows of the whole table."""
    name = plan.table.name
    endpoint = plan.table.list
    if endpoint is not None and not endpoint.required:
        whole = (name, tuple(sorted((endpoint.path, variant) for variant in endpoint.variants)))
        if whole in known.seen:
            return known.seen[whole].rows
    pages = _SHORT_PAGES if name in _SHORT else _MIDDLE_PAGES if name in _MIDDLE else _LONG_PAGES
    return pages * PAGE_ROWS


def _rows_of(plan: ScanPlan, read: Read, known: Known) -> float:
    """Return the rows of one list: the table's, times the part that each pushed parameter leaves."""
    if read.kind is ReadKind.OBJECT:
        return 1.0
    if read.kind is ReadKind.SEARCH:
        return max(_rows_of_all(plan, known) * min((push.part for push in plan.pushed if "query" in push.params), default=1.0), 1.0)
    if plan.table.list is not None and plan.table.list.required:
        return ROWS_OF_ONE_KEY
    endpoint = plan.table.list
    rows = _rows_of_all(plan, known) / (len(endpoint.variants) if endpoint is not None else 1)
    sent = dict(read.request.params)
    for push in plan.pushed:
        column = plan.table.column(push.column)
        # Of a union each list has the parameters of its own side.
        if column is not None and any(set(each) <= set(read.request.params) for each in push.alternatives):
            rows = min(rows * _part(column, push, sent, known), _most_rows(column))
    return max(rows, 1.0)


def _most_rows(column: Column) -> float:
    """Return the rows that a value of the column has at most, as far as can be guessed."""
    return ROWS_OF_ONE_KEY if names_few(column) else NEVER


def names_few(column: Column) -> bool:
    """Say whether a value of the column is a key, a name or an address: few rows have it."""
    return column.kind in (ColumnKind.STRING, ColumnKind.EXPANDABLE) and not column.values and column.name not in ("currency", "type")


def _part(column: Column, push: Push, sent: Mapping[str, str], known: Known) -> float:
    values = {value for name, value in sent.items() if name in push.params}
    if column.kind is ColumnKind.UNIX_TIME:
        return _part_of_life(push, sent, known)
    if column.kind is ColumnKind.BOOLEAN:
        return OF_FLAG
    if column.values and column.name != "type":
        return OF_USUAL if values & USUAL else OF_RARE
    return OF_KIND


def _part_of_life(push: Push, sent: Mapping[str, str], known: Known) -> float:
    """Return which part of an account's life a range of time is."""
    ends = {name.rpartition("[")[2][:2]: float(value) for name, value in sent.items() if name in push.params and value.isdigit()}
    now_s = known.now_s or max(ends.values(), default=0.0)
    low, high = ends.get("gt", now_s - LIFE_S), min(ends.get("lt", now_s), now_s)
    return min(max((high - low) / LIFE_S, 0.0), 1.0)


def part_kept(conjuncts: tuple[Conjunct, ...], residual: tuple[str, ...]) -> float:
    """Return which part of the rows that were fetched passes the tests that are left, as far as keys can be tested."""
    part = 1.0
    for conjunct in conjuncts:
        if conjunct.text not in residual:
            continue
        match conjunct.predicate:
            case Comparison(operator=Operator.EQ) | InList() | Prefix() | NullTest(negated=False):
                part *= _OF_EQUALITY
            case Comparison() | AnyOf() | Contains(any_case=False):
                part *= OF_TEST
    return part
