"""Keep the rows of one table in list order, find them by id, by value and by place.

In: rows (compact records or ``Loose``). Out: rows. What a request may see is decided in ``lists``; how a row looks in
``kinds``. Not thread-safe: ``Simulator`` holds a lock around each request.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from zlib import crc32

from stripesql.simulator.business.records import Loose


class Row(Protocol):
    """What every record has."""

    @property
    def id(self) -> str:
        """Return the id."""
        ...

    @property
    def created(self) -> int:
        """Return the second that orders the list."""
        ...


Key = tuple[int, int]
Test = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Kind:
    """Say how a table's rows are made and read.

    Attributes:
        table: name.
        resource: value of ``object``.
        rows: makes the rows of the beginning.
        render: turns a compact record into the fields that it knows; ``Loose`` rows need none.
        quick: reads a dotted path from a compact record without rendering it; must agree with ``render``.
        in_item_order: the list is in the order of making (line items), not newest first.
        blank: every other field, with the value of an object that says nothing.
        parents: columns that hold a parent's id and are not fields: read from ``Loose.parents`` or by ``quick``.
    """

    table: str
    resource: str
    rows: Callable[[], Iterable[Any]]
    render: Callable[[Any], dict[str, Any]] | None = None
    quick: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    in_item_order: bool = False
    blank: Mapping[str, Any] = field(default_factory=dict)
    parents: frozenset[str] = frozenset()


class Shelf:
    """Hold one table; rows ascend by (created, a hash of the id), so that ties are arbitrary and stable."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.tombstones: dict[str, Any] = {}
        self._by_id: dict[str, Any] = {}
        self._place: dict[str, int] = {}
        """Serial number of each row, of tables in item order only."""
        self._indexes: dict[str, tuple[dict[Any, tuple[int, int]], list[Any]]] = {}
        """By path: where each value's rows lie in a copy of the rows that is grouped by value."""
        for row in kind.rows():
            (self.tombstones if getattr(row, "deleted", False) else self._by_id)[row.id] = row
        if kind.in_item_order:
            self._place = {row_id: n for n, row_id in enumerate(self._by_id)}
        self._last_place = len(self._place)
        self._rows: list[Any] = sorted(self._by_id.values(), key=self.key)

    def __len__(self) -> int:
        return len(self._rows)

    def key(self, row: Row) -> Key:
        """Return the place of a row; the list shows the highest first."""
        if self._place:
            return -self._place[row.id], 0
        return row.created, crc32(row.id.encode())

    def get(self, row_id: str) -> Any | None:
        """Return the living row of this id, or None."""
        return self._by_id.get(row_id)

    def known(self, row_id: str) -> bool:
        """Say whether the id names a living or a deleted row."""
        return row_id in self._by_id or row_id in self.tombstones

    def all(self) -> Iterator[Any]:
        """Walk over every living row, in list order."""
        yield from reversed(self._rows)

    def add(self, row: Row) -> None:
        """Add a row, or replace the one of the same id."""
        if row.id in self._by_id:
            self._take(row.id)
        elif self.kind.in_item_order and row.id not in self._place:
            self._last_place += 1
            self._place[row.id] = self._last_place
        self._by_id[row.id] = row
        self.tombstones.pop(row.id, None)
        insort(self._rows, row, key=self.key)
        self._indexes.clear()

    def remove(self, row_id: str) -> None:
        """Turn a row into a tombstone.

        Raises:
            KeyError: no such row.
        """
        row = self._by_id[row_id]
        self._take(row_id)
        self.tombstones[row_id] = row
        self._indexes.clear()

    def discard(self, row_id: str) -> None:
        """Forget a row as if it had never been."""
        if row_id in self._by_id:
            self._take(row_id)
            self._indexes.clear()
        self.tombstones.pop(row_id, None)

    def _take(self, row_id: str) -> None:
        row = self._by_id.pop(row_id)
        at = bisect_left(self._rows, self.key(row), key=self.key)
        while self._rows[at] is not row:
            at += 1
        del self._rows[at]

    def having(self, path: str, value: Any) -> list[Any]:
        """Return the rows where ``path`` is ``value``, ascending; the first call per path costs a pass over the table."""
        index = self._indexes.get(path)
        if index is None:
            index = self._indexes[path] = self._grouped(self.reader(path))
        places, rows = index
        low, high = places.get(value, (0, 0))
        return rows[low:high]

    def _grouped(self, read: Callable[[Any], Any]) -> tuple[dict[Any, tuple[int, int]], list[Any]]:
        """Return the index of one field: one list for all values, since a list per value weighs on the garbage collector."""
        groups: dict[Any, list[Any]] = {}
        for row in self._rows:
            groups.setdefault(read(row), []).append(row)
        places: dict[Any, tuple[int, int]] = {}
        rows: list[Any] = []
        for value, members in groups.items():
            places[value] = (len(rows), len(rows) + len(members))
            rows += members
        return places, rows

    def reader(self, path: str) -> Callable[[Any], Any]:
        """Return the function that reads a dotted path from a row; expandable objects are read as their id."""
        quick = self.kind.quick.get(path)
        keys = tuple(path.split("."))

        def read(row: Any) -> Any:
            if type(row) is Loose:
                return row.parents[path] if path in row.parents else walk(row.object, keys)
            return quick(row) if quick is not None else walk(self.kind.render(row), keys)  # type: ignore[misc]

        return read

    def page(
        self,
        rows: list[Any] | None,
        tests: list[Test],
        limit: int,
        *,
        after: Row | None,
        before: Row | None,
        window: tuple[int, int] | None,
    ) -> tuple[list[Any], bool]:
        """Return one page in list order, and whether more rows follow in the direction of reading.

        Args:
            rows: candidates, ascending, or None for the whole table.
            tests: what a row must pass.
            limit: most rows.
            after: the cursor of ``starting_after``: rows behind it in list order.
            before: the cursor of ``ending_before``: the rows directly in front of it.
            window: closed bounds of ``created``, or None.
        """
        candidates = self._rows if rows is None else rows
        low, high = 0, len(candidates)
        if window is not None:
            low = bisect_left(candidates, (window[0], -1), key=self.key)
            high = bisect_right(candidates, (window[1], 1 << 33), key=self.key)
        if after is not None:
            high = min(high, bisect_left(candidates, self.key(after), key=self.key))
        walk_on: Iterable[int] = range(high - 1, low - 1, -1)
        if before is not None:
            walk_on = range(max(low, bisect_right(candidates, self.key(before), key=self.key)), high)
        found: list[Any] = []
        for at in walk_on:
            row = candidates[at]
            if all(test(row) for test in tests):
                if len(found) == limit:
                    return (found[::-1] if before is not None else found), True
                found.append(row)
        return (found[::-1] if before is not None else found), False


def walk(value: Any, keys: tuple[str, ...]) -> Any:
    """Return what lies at ``keys``, None where the way ends; an object with an id at its end is its id."""
    for key in keys:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    if isinstance(value, dict) and "id" in value and "object" in value:
        return value["id"]
    return value
