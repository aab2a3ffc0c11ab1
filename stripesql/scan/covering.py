"""Say which reads have every row of another one.

A list without a filter has the rows of the list with it, a longer range those of a shorter one; but for rows that only a
filter brings to light.

In: reads, and what was kept of earlier ones. Out: what would do in their place. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, combinations
from typing import Final

from stripesql.catalogue.model import Column, ColumnKind, ColumnRole, ListEndpoint, Table
from stripesql.plan.scans import Read, ReadKind
from stripesql.request import Params
from stripesql.scan.cache import Bounds, Entry
from stripesql.types import SqlType

_BOUND: Final = re.compile(r"(.+)\[(gte?|lte?)\]")
_PREFIX: Final = "data."
# Every subset of so many filters is looked for.
_MOST_FILTERS: Final = 4
# A filter on one of these cannot bring rows that the list without it does not show.
_PLAIN_KINDS: Final = (ColumnKind.BOOLEAN, ColumnKind.UNIX_TIME, ColumnKind.INTEGER)


def parts(read: Read) -> tuple[Params, Bounds, frozenset[str]]:
    """Return a read's parameters, sorted, then its ranges, then what it expands."""
    plain: list[tuple[str, str]] = []
    bounds: dict[str, tuple[int | None, int | None]] = {}
    expanded: set[str] = set()
    for name, value in read.request.params:
        found = _BOUND.fullmatch(name)
        if name == "expand[]":
            expanded.add(value.removeprefix(_PREFIX))
        elif found is not None and re.fullmatch(r"-?\d+", value):
            low, high = bounds.get(found[1], (None, None))
            number = int(value) + {"gt": 1, "lt": -1}.get(found[2], 0)
            if found[2].startswith("g"):
                low = number if low is None else max(low, number)
            else:
                high = number if high is None else min(high, number)
            bounds[found[1]] = (low, high)
        else:
            plain.append((name, value))
    return tuple(sorted(plain)), tuple(sorted((name, *ends) for name, ends in bounds.items())), frozenset(expanded)


def expanded_paths(read: Read) -> set[tuple[str, ...]]:
    """Return the paths whose objects a read brings in the place of their ids."""
    return {tuple(path.split(".")) for path in parts(read)[2]}


def holds(wide: Bounds, narrow: Bounds) -> bool:
    """Say whether every row within ``narrow`` lies within ``wide``."""
    ends = {name: (low, high) for name, low, high in narrow}
    for name, low, high in wide:
        other_low, other_high = ends.get(name, (None, None))
        if low is not None and (other_low is None or other_low < low):
            return False
        if high is not None and (other_high is None or other_high > high):
            return False
    return True


def serves(entry: Entry, expanded: frozenset[str], columns: Sequence[Column]) -> bool:
    """Say whether an entry knows the columns, as they are where just ``expanded`` is expanded."""
    if not expanded <= entry.expanded or not all(column.name in entry.columns for column in columns):
        return False
    more = [tuple(path.split(".")) for path in entry.expanded - expanded]
    # A JSON value around an id that is expanded is another one, and so is what lies inside the object.
    return not any(
        (column.type is SqlType.JSON and column.path == path[: len(column.path)])
        or (len(column.path) > len(path) == len(_common(column, path)))
        for column in columns
        for path in more
    )


def _common(column: Column, path: tuple[str, ...]) -> tuple[str, ...]:
    return path if column.path[: len(path)] == path else ()


def hides(table: Table) -> bool:
    """Say whether the table has rows that a list shows only under a filter, or never."""
    return any(note.beyond_list or note.seen_by for note in table.notes)


def covers(read: Read, params: Params, table: Table) -> Iterator[list[tuple[str, str, Params, tuple[tuple[str, str | int], ...]]]]:
    """Yield what would have every row of a read: itself, then lists with fewer filters; as (base, path, params, constants)."""
    request = read.request
    yield [(request.base, request.path, params, read.constants)]
    endpoint = table.list
    if read.kind is not ReadKind.LIST or endpoint is None:
        return
    dropping = [pair for pair in params if pair[0] in read.pushed and _may_be_dropped(pair[0], endpoint, table)]
    required = {name for name, _ in endpoint.required}
    fixed = [pair for pair in params if pair not in dropping and (pair[0] in read.pushed or pair[0] in required)]
    sizes = range(len(dropping) - 1, -1, -1) if len(dropping) <= _MOST_FILTERS else (0,)
    for kept in chain.from_iterable(combinations(dropping, size) for size in sizes):
        own = (*fixed, *kept)
        names = {name for name, _ in own}
        lists = dict.fromkeys(tuple(sorted((*(pair for pair in variant if pair[0] not in names), *own))) for variant in endpoint.variants)
        yield [(request.base, request.path, each, read.constants) for each in lists]


def _may_be_dropped(name: str, endpoint: ListEndpoint, table: Table) -> bool:
    """Say whether the list without a parameter has every row of the list with it."""
    if not hides(table):
        return True
    column = next((table.column(f.column) for f in endpoint.filters if f.column and name in (f.param, f"{f.param}[]")), None)
    return column is not None and column.role is ColumnRole.FIELD and (column.kind in _PLAIN_KINDS or bool(column.values))
