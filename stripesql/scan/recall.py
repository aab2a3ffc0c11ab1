"""Answer reads from what was read before, where that has every row that they would give.

What is kept may be wider than what is asked: a list without a filter, a longer range, more columns. That is as good,
because the engine tests every row again. It may never be narrower.

In: a plan and the columns that are wanted. Out: the reads that need not be sent, and their rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import unquote

import pyarrow as pa

from stripesql.catalogue.model import Column, ColumnRole, Table
from stripesql.decode import Page
from stripesql.plan.price import PAGE_ROWS, Size
from stripesql.plan.scans import AccessPath, Read, ReadKind, ScanPlan
from stripesql.scan.cache import Asked, Bounds, Cache, Entry, size_of_page
from stripesql.scan.covering import covers, hides, holds, parts, serves
from stripesql.scan.pieces import taken
from stripesql.types import SqlType

_ROWS_TOGETHER: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Use:
    """Say which rows of an entry stand for a read: those of ``place``, or all."""

    entry: Entry
    place: tuple[int, int] | None = None
    nothing: bool = False


@dataclass(frozen=True, slots=True)
class Recalled:
    """Say what of a plan is known.

    Attributes:
        uses: per read that is known, its entries.
        missing: the reads that must be sent.
    """

    uses: tuple[tuple[Read, tuple[_Use, ...]], ...]
    missing: tuple[Read, ...]

    def pages(self, columns: Sequence[Column]) -> Iterator[tuple[Read, Page]]:
        """Yield the known rows; those of an entry once, whatever reads they stand for."""
        names = [column.name for column in columns]
        given: set[tuple[int, object]] = set()
        for read, uses in self.uses:
            for use in uses:
                if use.nothing or (id(use.entry), use.place or read.constants) in given:
                    continue
                given.add((id(use.entry), use.place or read.constants))
                for page in _pages_of(use):
                    yield read, replace(page, batch=page.batch.select(names))

    @property
    def entries(self) -> list[Entry]:
        """Return what is used."""
        return list({id(use.entry): use.entry for _, uses in self.uses for use in uses}.values())

    @property
    def is_ambiguous(self) -> bool:
        """Say whether a row may come more than once."""
        return bool(self.missing) or len(self.entries) > 1


def _pages_of(use: _Use) -> Iterator[Page]:
    if use.place is None:
        yield from use.entry.pages
    else:
        yield taken(use.entry.pages[use.place[0]], [use.place[1]])


class Recall:
    """Look up and keep rows for the statements of one connection."""

    def __init__(self, cache: Cache, scope: tuple[str | None, ...], ttl_s: float) -> None:
        """Take the cache, what the headers of the connection say, and how old rows may be."""
        self._cache = cache
        self._scope = scope
        self._ttl_s = ttl_s

    # -- looking up

    def known(self, plan: ScanPlan, columns: Sequence[Column]) -> Recalled:
        """Return what of a plan is known."""
        found = [(read, self._complete(read, plan.table, columns)) for read in plan.reads]
        uses = tuple((read, each) for read, each in found if each is not None)
        missing = tuple(read for read, each in found if each is None)
        if missing and (plan.limit is not None or plan.newest is not None):
            # The first rows of several lists are those of all of them together.
            head = self._head(plan, columns)
            uses, missing = (((plan.reads[0], (_Use(head),)),), ()) if head is not None else ((), plan.reads)
        recalled = Recalled(uses, missing)
        for each in recalled.entries:
            self._cache.used(each)
        return recalled

    def size(self, plan: ScanPlan, columns: Sequence[Column]) -> Size | None:
        """Return what a plan takes that is known in full, None for any other."""
        if not _is_fixed(plan):
            return None
        recalled = self.known(plan, columns)
        if recalled.missing:
            return None
        return Size(float(sum(each.rows for each in recalled.entries)), 0.0, known=True)

    def age_s(self, plan: ScanPlan, columns: Sequence[Column]) -> float | None:
        """Return how old the oldest row of a plan is that is known in full, None for any other."""
        if not _is_fixed(plan):
            return None
        recalled = self.known(plan, columns)
        if recalled.missing:
            return None
        return max((self._cache.clock() - each.read_at for each in recalled.entries), default=0.0)

    def _complete(self, read: Read, table: Table, columns: Sequence[Column]) -> tuple[_Use, ...] | None:
        params, bounds, expanded = parts(read)
        for wanted in covers(read, params, table):
            entries = [self._find(Asked(self._scope, table.name, read.kind, *each), bounds, expanded, columns) for each in wanted]
            if all(each is not None for each in entries):
                return tuple(_Use(each) for each in entries if each is not None)
        return self._listed(read, table, expanded, columns) if read.kind is ReadKind.OBJECT else None

    def _listed(self, read: Read, table: Table, expanded: frozenset[str], columns: Sequence[Column]) -> tuple[_Use, ...] | None:
        """Return the row of an object in the table's list, where that shows every row."""
        endpoint = table.list
        if endpoint is None or endpoint.required or hides(table) or table.retrieve is None or len(table.retrieve.arguments) != 1:
            return None
        identity = unquote(read.request.path.rpartition("/")[2])
        uses = []
        for variant in endpoint.variants:
            asked = Asked(self._scope, table.name, ReadKind.LIST, endpoint.base, endpoint.path, tuple(sorted(variant)), ())
            entry = self._find(asked, (), expanded, columns)
            if entry is None:
                return None
            place = entry.place(identity)
            uses.append(_Use(entry, place, nothing=place is None))
        return tuple(uses)

    def _head(self, plan: ScanPlan, columns: Sequence[Column]) -> Entry | None:
        wanted = plan.limit if plan.newest is None else plan.newest
        for entry in self._cache.entries(self._key_of_head(plan), self._ttl_s):
            reaches = wanted is not None and entry.rows_asked is not None and entry.rows_asked >= wanted
            if reaches and serves(entry, parts(plan.reads[0])[2], columns):
                return entry
        return None

    def _key_of_head(self, plan: ScanPlan) -> tuple[object, ...]:
        asked = tuple((each.kind, each.request.base, each.request.path, *parts(each)[:2], each.constants) for each in plan.reads)
        return self._scope, plan.table.name, plan.newest is not None, asked

    def _find(self, asked: Asked, bounds: Bounds, expanded: frozenset[str], columns: Sequence[Column]) -> Entry | None:
        fitting = (
            each for each in self._cache.entries(asked, self._ttl_s) if holds(each.bounds, bounds) and serves(each, expanded, columns)
        )
        return min(fitting, key=lambda each: each.rows, default=None)

    # -- keeping

    def wider(self, table: Table, columns: Sequence[Column]) -> tuple[Column, ...]:
        """Return the columns, and those that cost little beside them: the next statement may ask for them."""
        names = {column.name for column in columns}
        own = (c for c in table.visible if c.role is ColumnRole.FIELD and c.type is not SqlType.JSON and c.expand is None)
        return (*columns, *(column for column in own if column.name not in names))

    def keeper(self, plan: ScanPlan, columns: Sequence[Column]) -> Keeper:
        """Return what keeps the rows of a plan as they are read."""
        return Keeper(self, plan, frozenset(column.name for column in columns), self._cache.generation, self._cache.clock())

    @property
    def limit(self) -> int:
        """Return the octets that may be kept."""
        return self._cache.limit

    def keep(self, keeper: Keeper) -> None:
        """Keep what a plan has given to its end."""
        plan, wanted = keeper.plan, keeper.plan.limit if keeper.plan.newest is None else keeper.plan.newest
        if wanted is not None and keeper.rows >= wanted and not keeper.has_ended:
            pages = tuple(page for each in keeper.pages.values() for page in each)
            self._put(keeper, self._key_of_head(plan), (), wanted, parts(plan.reads[0])[2], pages)
            return
        # Fewer rows than were asked for: the lists have ended.
        for read in plan.reads:
            params, bounds, expanded = parts(read)
            request = read.request
            asked = Asked(self._scope, plan.table.name, read.kind, request.base, request.path, params, read.constants)
            self._put(keeper, asked, bounds, None, expanded, tuple(keeper.pages.get(read, ())))

    def _put(
        self, keeper: Keeper, key: object, bounds: Bounds, rows: int | None, expanded: frozenset[str], pages: tuple[Page, ...]
    ) -> None:
        entry = Entry(key, bounds, rows, expanded, keeper.columns, _together(pages), keeper.began, self._ttl_s)
        self._cache.put(entry, keeper.generation)


@dataclass(slots=True)
class Keeper:
    """Gather the rows of a plan while they are read; ``done`` keeps them.

    Attributes:
        pages: per read, its rows; one read may be carried out in parts.
    """

    recall: Recall
    plan: ScanPlan
    columns: frozenset[str]
    generation: int
    began: float
    pages: dict[Read, list[Page]] = field(default_factory=dict)
    _size: int = 0
    _ended: set[Read] = field(default_factory=set)
    _is_done: bool = False

    def take(self, read: Read, page: Page) -> None:
        """Take rows of a read; what is more than can be kept is not held."""
        self._size += size_of_page(page)
        if not page.has_more:
            self._ended.add(read)
        if self._size > self.recall.limit:
            self.pages.clear()
            return
        kept = replace(page, times=(), has_more=False, next_url=None, last_id="", next_page=None)
        self.pages.setdefault(read, []).append(kept)

    @property
    def has_ended(self) -> bool:
        """Say whether every list was read to its end."""
        return self._ended >= set(self.plan.reads)

    @property
    def is_complete(self) -> bool:
        """Say whether no more rows will come: the lists have ended, or the limit is reached."""
        return self.has_ended or (self.plan.limit is not None and self.rows >= self.plan.limit)

    @property
    def rows(self) -> int:
        """Return how many rows were taken."""
        return sum(page.rows for pages in self.pages.values() for page in pages)

    def done(self) -> None:
        """Keep the rows: every read has ended, or the limit is reached; a second call does nothing."""
        if self._size <= self.recall.limit and not self._is_done:
            self.recall.keep(self)
        self._is_done = True


def pages_of(rows: int) -> int:
    """Return the pages of Stripe's that so many rows are."""
    return max(1, math.ceil(rows / PAGE_ROWS))


def _together(pages: Sequence[Page]) -> tuple[Page, ...]:
    """Return the rows in fewer pages, which are given faster."""
    found: list[Page] = []
    rest = list(pages)
    while rest:
        rows, taken_now = 0, list[Page]()
        while rest and (not taken_now or rows + rest[0].rows <= _ROWS_TOGETHER):
            rows += rest[0].rows
            taken_now.append(rest.pop(0))
        table = pa.Table.from_batches([page.batch for page in taken_now]).combine_chunks()
        batch = table.to_batches()[0] if table.num_rows else taken_now[0].batch
        found.append(replace(taken_now[0], ids=tuple(each for page in taken_now for each in page.ids), batch=batch, rows=rows))
    return tuple(found)


def _is_fixed(plan: ScanPlan) -> bool:
    """Say whether the plan's reads are all that it takes, and known by now."""
    dynamic = plan.keys is not None or plan.parent is not None or plan.path in (AccessPath.EXPANDED, AccessPath.NOTHING)
    return bool(plan.reads) and not dynamic
