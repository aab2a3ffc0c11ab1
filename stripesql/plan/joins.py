"""Choose the order in which the tables of a join are read, and which of them are read by keys of another.

Five ways to read a table whose rows another restricts: on its own; expanded into the other's objects, for nothing; by
looking its ids up; by one filtered list per key; through the other's rows where they are its parents. Each order is
priced by the requests that it is likely to take, and the cheapest is chosen. How many keys there really are is known
while the query runs, and ``scan`` then falls back to the table's own plan where that is cheaper.

In: the tables' own plans and the links between them. Out: a way for each. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from stripesql.catalogue.model import Column, ColumnKind, ColumnRole, Exactness, Filter, FilterShape, ListEndpoint, Table
from stripesql.plan.price import NEVER, ROWS_OF_ONE_KEY, UNKNOWN, Size
from stripesql.plan.rules.by_id import ids_at_once
from stripesql.plan.scans import AccessPath, Keys, ScanPlan

# A little more than nothing, so that a scan without expansion wins where both are free.
_EXPANDING: Final = 0.1
# Reading by keys that are not counted yet is tried up to this many times the price of the table's own plan: the count
# decides in the end, and until then the keys have to be kept.
_TRIED: Final = 10.0
# Lists in a parent's objects that are longer than what is carried.
_LONG_LISTS: Final = 0.03
# ``data`` and three fields: Stripe expands four levels deep.
_DEEPEST: Final = 3
_MOST_WORTH: Final = 10_000
# More than any number of requests, and less than never: where each table would need another's keys, one has to be the first.
_LAST_RESORT: Final = 1e12
# Orders are priced for so many tables as the first.
_MOST_FIRSTS: Final = 8
# Rows that a full list does not show, of all that keys name: few.
_BEYOND: Final = 0.01


class Way(Enum):
    """Name how a linked table is read."""

    ALONE = "on its own"
    EXPAND = "expanded"
    LOOK_UP = "looked up by id"
    PER_KEY = "a list per key"
    PARENT = "through its parents' rows"


@dataclass(frozen=True, slots=True)
class Union:
    """Say that only rows matter whose column is among the values of any of several columns.

    Attributes:
        column: own column.
        members: (other occurrence, its column), one or more.
        values: others that are known beforehand.
    """

    column: str
    members: tuple[tuple[str, str], ...]
    values: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reached:
    """Say how one table is read.

    Attributes:
        way: how.
        other: occurrence that gives the keys, or None.
        other_column: its column that holds them.
        column: the own column that the keys are of, for LOOK_UP and PER_KEY.
        union: where the keys are those of several occurrences, all of them.
        root: for EXPAND, the occurrence that is listed and carries the objects, itself or through others.
        path: for EXPAND, the fields from there to the object.
        price: requests that it is likely to take.
        alternatives: other ways, and their prices.
    """

    way: Way
    other: str | None = None
    other_column: str = ""
    column: str = ""
    union: Union | None = None
    root: str = ""
    path: tuple[str, ...] = ()
    price: float = 0.0
    alternatives: tuple[tuple[Way, float], ...] = ()


def _always(path: tuple[str, ...]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Joined:
    """Say one table of a join.

    Attributes:
        name: occurrence.
        plan: its own plan; None where it cannot be read on its own.
        table: the table.
        links: (own column, other occurrence, other's column).
        size: what its own plan takes.
        kept: the part of its rows whose keys matter, after tests that the scan can make.
        listed_only: its rows need what a list alone gives (a column that is a parameter).
        needs: those columns, where there is no value for them.
        deeper: levels that are expanded inside its own objects.
        may_expand: says of a path whether expanding it costs nothing: rows that were read before would have to be read again.
        unions: columns whose keys several others have together.
        whole: paths of the JSON values that are asked for: an id inside one of them is not expanded.
    """

    name: str
    plan: ScanPlan | None
    table: Table
    links: tuple[tuple[str, str, str], ...]
    size: Size = UNKNOWN
    kept: float = 1.0
    listed_only: bool = False
    needs: frozenset[str] = frozenset()
    deeper: int = 0
    may_expand: Callable[[tuple[str, ...]], bool] = _always
    unions: tuple[Union, ...] = ()
    whole: frozenset[tuple[str, ...]] = frozenset()


@dataclass(frozen=True, slots=True)
class _Option:
    """Say a way that a table may be read, what it takes, and the rows that it gives."""

    name: str
    reached: Reached
    rows: float

    @property
    def price(self) -> float:
        return self.reached.price


def choose(tables: Sequence[Joined]) -> dict[str, Reached]:
    """Return the way for each table, in an order in which keys are there when they are needed."""
    givers = {other for each in tables for _, other, _ in each.links}
    givers |= {other for each in tables for union in each.unions for other, _ in union.members}
    linked = {each.name: each for each in tables if each.links or each.unions or each.name in givers}
    ways = {each.name: Reached(Way.ALONE, price=each.size.requests) for each in tables if each.name not in linked}
    orders = [_from(first, linked) for first in list(linked.values())[:_MOST_FIRSTS]]
    return ways | min(orders, key=lambda order: order[0])[1] if orders else ways


def _from(first: Joined, tables: Mapping[str, Joined]) -> tuple[float, dict[str, Reached]]:
    """Return the price of reading ``first`` on its own and the others as each is cheapest then."""
    ways = {first.name: Reached(Way.ALONE, price=first.size.requests)}
    rows = {first.name: first.size.rows}
    price = first.size.requests + (_LAST_RESORT if _hides_what_keys_name(first, tables) else 0.0)
    while len(ways) < len(tables):
        options = [option for each in tables.values() if each.name not in ways for option in _options(each, ways, rows, tables)]
        best = min(options, key=lambda option: option.price)
        rest = {
            option.reached.way: option.price
            for option in options
            if option.name == best.name and option.reached.way is not best.reached.way
        }
        ways[best.name] = replace(best.reached, alternatives=tuple((way, price) for way, price in rest.items() if price < NEVER))
        rows[best.name] = best.rows
        price += best.price
    return price, ways


def _options(each: Joined, ways: Mapping[str, Reached], rows: Mapping[str, float], tables: Mapping[str, Joined]) -> list[_Option]:
    alone = each.size.requests
    hides = _hides_what_keys_name(each, tables)
    options: list[_Option] = []

    def add(price: float, found: float, reached: Reached) -> None:
        options.append(_Option(each.name, replace(reached, price=price), found))

    for column, other, other_column in each.links:
        if other not in ways:
            continue
        provider = tables[other]
        keys = max(rows[other] * provider.kept, 1.0) if rows[other] else 0.0
        look_ups = max(keys / (ids_at_once(each.table) or 1), min(keys, 1.0))
        by_key = min(look_ups, alone) if look_ups < alone * _TRIED else look_ups
        if hides:
            # The list is read, and then what it does not show.
            by_key = min(keys, alone + keys * _BEYOND)
        expanded = _expanded(each, column, provider, other_column, ways)
        if expanded is not None and tables[expanded.root].may_expand(expanded.path):
            add(_EXPANDING, keys, expanded)
        if _is_parent(each, column, provider, other_column, ways[other]):
            carried = each.plan is not None and each.plan.path is AccessPath.EMBEDDED
            add(keys * _LONG_LISTS + _EXPANDING if carried else keys, keys * ROWS_OF_ONE_KEY, Reached(Way.PARENT, other, other_column))
        if column == "id" and _can_look_up(each):
            add(by_key, keys, Reached(Way.LOOK_UP, other, other_column, column))
        if _takes_key(each, column):
            lists = keys * max(len(each.plan.reads) if each.plan is not None else 1, 1)
            add(
                min(lists, alone) if lists < alone * _TRIED else lists,
                min(keys * ROWS_OF_ONE_KEY, each.size.rows),
                Reached(Way.PER_KEY, other, other_column, column),
            )
    for option in _of_unions(each, ways, rows, tables):
        add(option.price, option.rows, option.reached)
    must = _must_look_up(each, [option.reached for option in options])
    # The table that gives the keys may have no way yet: wait for it, unless each waits for another.
    add(NEVER if must else alone + (_LAST_RESORT if hides else 0.0), each.size.rows, Reached(Way.ALONE))
    return options


def _of_unions(each: Joined, ways: Mapping[str, Reached], rows: Mapping[str, float], tables: Mapping[str, Joined]) -> Iterator[_Option]:
    """Yield the ways by keys that several occurrences have together."""
    alone = each.size.requests
    for union in each.unions:
        if any(other not in ways for other, _ in union.members):
            continue
        (other, other_column), *_ = union.members
        keys = len(union.values) + sum(rows[name] * tables[name].kept for name, _ in union.members)
        if union.column == "id" and _can_look_up(each):
            price = max(keys / (ids_at_once(each.table) or 1), min(keys, 1.0))
            reached = Reached(Way.LOOK_UP, other, other_column, "id", union)
        elif _takes_key(each, union.column):
            price = keys * max(len(each.plan.reads) if each.plan is not None else 1, 1)
            reached = Reached(Way.PER_KEY, other, other_column, union.column, union)
        else:
            continue
        price = min(price, alone) if price < alone * _TRIED else price
        yield _Option(each.name, replace(reached, price=price), min(keys * ROWS_OF_ONE_KEY, each.size.rows))


def _hides_what_keys_name(each: Joined, tables: Mapping[str, Joined]) -> bool:
    """Say whether a full list would stand in for look-ups of rows that it does not show."""
    full = each.plan is not None and each.plan.path is AccessPath.FULL_LIST
    if not full or not each.table.beyond_list or not _can_look_up(each):
        return False
    # A sub-list on its own has no more than the rows of listed parents.
    return any(column == "id" and not _is_child(tables[other], other_column, each) for column, other, other_column in each.links)


def _is_child(each: Joined, column: str, other: Joined) -> bool:
    """Say whether a list needs an argument that rows of the other table are read for."""
    parent = each.plan.parent if each.plan is not None else None
    return parent is not None and parent.scan.table.name == other.table.name and parent.column == column


def _is_parent(each: Joined, column: str, other: Joined, other_column: str, way: Reached) -> bool:
    """Say whether the other table's rows are the parents that the list needs."""
    parent = each.plan.parent if each.plan is not None else None
    if parent is None or not _is_child(each, column, other) or other_column != "id":
        return False
    if parent.embedded is None or not parent.embedded.expand:
        return True
    # What has to be asked for is asked for in a list of parents, not in objects inside others, and shows in the JSON around it.
    return way.way is not Way.EXPAND and not any(_is_within(parent.embedded, path) for path in other.whole - {parent.embedded.path})


def _must_look_up(each: Joined, options: Sequence[Reached]) -> bool:
    """Say whether a full list must not stand in for a look-up: the list does not show every row that a key may name."""
    full = each.plan is not None and each.plan.path is AccessPath.FULL_LIST
    return full and each.table.beyond_list and any(option.way in (Way.EXPAND, Way.LOOK_UP) for option in options)


def _expanded(each: Joined, column: str, other: Joined, other_column: str, ways: Mapping[str, Reached]) -> Reached | None:
    """Return how a table comes inside another's objects, or None where it does not."""
    found, way = other.table.column(other_column), ways[other.name]
    if column != "id" or each.listed_only or found is None or found.kind is not ColumnKind.EXPANDABLE:
        return None
    if found.references != (each.table.name,) or any(own.role is ColumnRole.PARENT for own in each.table.columns):
        return None
    if any(_is_within(found, path) for path in other.whole):
        return None  # the JSON around the id would show the object in its place
    root, path = (way.root, (*way.path, *found.path)) if way.way is Way.EXPAND else (other.name, found.path)
    if way.way is not Way.EXPAND and (other.plan is None or other.plan.parent is not None or other.plan.path is AccessPath.SINGLE_OBJECT):
        return None
    if len(path) + each.deeper > _DEEPEST or not _is_expandable(found, other.table):
        return None
    return Reached(Way.EXPAND, other.name, other_column, root=root, path=path)


def _is_within(column: Column, path: tuple[str, ...]) -> bool:
    return column.path[: len(path)] == path


def _is_expandable(column: Column, table: Table) -> bool:
    known = table.list.expandable if table.list is not None else ()
    return not known or ".".join(column.path) in known


def _can_look_up(each: Joined) -> bool:
    return each.table.retrieve is not None and len(each.table.retrieve.arguments) == 1 and not each.listed_only


def _takes_key(each: Joined, column: str) -> bool:
    """Say whether the list takes a key of this column, and nothing else is asked of the column."""
    endpoint, plan = each.table.list, each.plan
    if endpoint is None or (plan is not None and plan.path in (AccessPath.RETRIEVE, AccessPath.NOTHING)):
        return False
    if plan is not None and any(push.column == column.lower() for push in plan.pushed):
        return False
    needed = [name for _, name in endpoint.required]
    if each.needs:
        # A column that is no field of the rows: the parameter says which rows have the key.
        return each.needs == {column.lower()} and not needed and bool(_taking(endpoint, column))
    if column in needed:
        return needed == [column] and (plan is None or plan.parent is not None)
    return plan is not None and bool(_taking(endpoint, column))


def _taking(endpoint: ListEndpoint, column: str) -> list[Filter]:
    """Return the parameters that take any value of a column."""
    found = [f for f in endpoint.filters if f.column == column and f.shape is FilterShape.EQUALITY and not f.values]
    return [f for f in found if f.exactness is not Exactness.NEVER]


def reached_plan(each: Joined, reached: Reached, plan_for_key: Callable[[str], ScanPlan]) -> ScanPlan:
    """Return the plan of a table that is read by another's keys; its own plan where it is read alone.

    Args:
        each: the table.
        reached: the way that was chosen.
        plan_for_key: plans the scan as if a column were compared with ``KEY``.
    """
    own = each.plan
    if reached.way is Way.ALONE or reached.other is None:
        assert own is not None  # a table without a plan of its own is never read alone
        return own
    residual = own.residual if own is not None else ()
    keys = Keys(reached.other, reached.other_column, own, int(min(each.size.requests, _MOST_WORTH)), each.size.known)
    if reached.way is Way.EXPAND:
        return ScanPlan(each.table, AccessPath.EXPANDED, residual=residual, keys=keys)
    if reached.way is Way.PARENT and own is not None and own.parent is not None:
        return replace(own, parent=replace(own.parent, other=reached.other))
    if reached.union is not None:
        keys = replace(keys, more=reached.union.members[1:], values=reached.union.values)
    path = AccessPath.LOOK_UP if reached.way is Way.LOOK_UP else AccessPath.PER_KEY
    return replace(plan_for_key(reached.column), path=path, keys=keys, pages=(0, None), limit=None, newest=None, instead=None)
