"""Keep the rows that were read of Stripe, for later statements.

A ``Cache`` is shared by the connections of a process that speak to one place with one key and bound it equally. It is in
memory alone, bounded in bytes, and what was used least recently goes first. A write through any connection to the same
place empties it.

In: entries, keys. Out: entries that are still fresh.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Final

from stripesql.decode import Page
from stripesql.plan.scans import ReadKind
from stripesql.request import Params
from stripesql.settings import ApiKey

Bounds = tuple[tuple[str, int | None, int | None], ...]
"""parameter, lowest and highest value that it lets through; sorted by parameter"""
# An id, its place in the tuple, and the tuple's share.
_BYTES_OF_AN_ID: Final = 96


@dataclass(frozen=True, slots=True)
class Asked:
    """Say what was asked of Stripe, but for ranges and what is expanded.

    Attributes:
        scope: account, context and version of the headers.
        table: whose rows they are.
        kind: list, search or object.
        base: as in ``Request``.
        path: as in ``Request``.
        params: sorted.
        constants: values of columns that the objects do not carry.
    """

    scope: tuple[str | None, ...]
    table: str
    kind: ReadKind
    base: str
    path: str
    params: Params
    constants: tuple[tuple[str, str | int], ...]


@dataclass(eq=False, slots=True)
class Entry:
    """Hold rows.

    Attributes:
        key: what they answer: an ``Asked``, or several of which they are the first rows.
        bounds: the ranges that they lie in.
        rows_asked: how many of the first rows these are; None for all.
        expanded: paths whose objects are in the place of their ids.
        columns: what is known of each row.
        pages: the rows.
        read_at: when their reading began, by the clock of the cache.
        keep_s: how long they are of use to whoever read them.
    """

    key: Hashable
    bounds: Bounds
    rows_asked: int | None
    expanded: frozenset[str]
    columns: frozenset[str]
    pages: tuple[Page, ...]
    read_at: float
    keep_s: float
    size: int = 0
    _places: dict[str, tuple[int, int]] | None = field(default=None, repr=False)

    def place(self, identity: str) -> tuple[int, int] | None:
        """Return page and row of an id, or None."""
        if self._places is None:
            self._places = {each: (at, row) for at, page in enumerate(self.pages) for row, each in enumerate(page.ids)}
        return self._places.get(identity)

    @property
    def rows(self) -> int:
        """Return the number of rows."""
        return sum(page.rows for page in self.pages)


def size_of_page(page: Page) -> int:
    """Return the octets that a page takes."""
    return int(page.batch.nbytes) + _BYTES_OF_AN_ID * len(page.ids)


class Cache:
    """Hold entries; safe to use from any thread."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with none; ``limit`` is in octets."""
        self.limit = limit
        self.clock = clock
        self._entries: OrderedDict[int, Entry] = OrderedDict()
        self._by_key: dict[Hashable, list[Entry]] = {}
        self._size = 0
        self._generation = 0
        self._lock = threading.Lock()

    @property
    def generation(self) -> int:
        """Return what tells the times between writes apart."""
        return self._generation

    @property
    def size(self) -> int:
        """Return the octets that are held."""
        return self._size

    def entries(self, key: Hashable, ttl_s: float) -> list[Entry]:
        """Return what is known under a key and not older than ``ttl_s``, latest first."""
        now = self.clock()
        with self._lock:
            return [each for each in reversed(self._by_key.get(key, ())) if now - each.read_at <= ttl_s]

    def used(self, entry: Entry) -> None:
        """Say that an entry was of use."""
        with self._lock:
            if id(entry) in self._entries:
                self._entries.move_to_end(id(entry))

    def put(self, entry: Entry, generation: int) -> None:
        """Keep an entry, unless something was written since its reading began; what it is as good as is forgotten."""
        entry.size = sum(size_of_page(page) for page in entry.pages)
        with self._lock:
            if generation != self._generation or entry.size > self.limit:
                return
            for each in list(self._by_key.get(entry.key, ())):
                if _replaces(entry, each):
                    self._forget(each)
            self._entries[id(entry)] = entry
            self._by_key.setdefault(entry.key, []).append(entry)
            self._size += entry.size
            self._forget_old()
            while self._size > self.limit:
                self._forget(next(iter(self._entries.values())))

    def drop(self) -> None:
        """Forget everything, and what is being read at this moment too."""
        with self._lock:
            self._generation += 1
            self._entries.clear()
            self._by_key.clear()
            self._size = 0

    def purge(self) -> None:
        """Forget what is too old for whoever read it."""
        with self._lock:
            self._forget_old()

    def _forget_old(self) -> None:
        now = self.clock()
        for each in [each for each in self._entries.values() if now - each.read_at > each.keep_s]:
            self._forget(each)

    def _forget(self, entry: Entry) -> None:
        del self._entries[id(entry)]
        self._size -= entry.size
        others = self._by_key[entry.key]
        others.remove(entry)
        if not others:
            del self._by_key[entry.key]


def _replaces(entry: Entry, other: Entry) -> bool:
    """Say whether whatever ``other`` answers ``entry`` answers too."""
    reaches = entry.rows_asked is None or (other.rows_asked is not None and entry.rows_asked >= other.rows_asked)
    return reaches and entry.bounds == other.bounds and entry.expanded == other.expanded and entry.columns >= other.columns


_SALT: Final = secrets.token_bytes(16)
_caches: dict[Hashable, dict[Hashable, Cache]] = {}
# A transport of the caller's own is a place of its own, for as long as it exists.
_of_transports: weakref.WeakKeyDictionary[Any, dict[Hashable, Cache]] = weakref.WeakKeyDictionary()
_lock: Final = threading.Lock()


def cache_for(place: Hashable, transport: Any, key: ApiKey, limit: int) -> Cache:
    """Return the cache of this process for a place and a key.

    Args:
        place: tells places apart: the base URL, the name of a demo account.
        transport: how requests travel, where the caller gave it.
        key: only its fingerprint is kept.
        limit: octets.
    """
    fingerprint = hashlib.blake2b(key.reveal().encode(), key=_SALT).digest()
    with _lock:
        return _at(place, transport).setdefault((fingerprint, limit), Cache(limit))


def drop_all(place: Hashable, transport: Any) -> None:
    """Empty the caches of a place, whatever their key: something was written there."""
    with _lock:
        found = list(_at(place, transport).values())
    for each in found:
        each.drop()


def _at(place: Hashable, transport: Any) -> dict[Hashable, Cache]:
    if transport is None:
        return _caches.setdefault(place, {})
    try:
        return _of_transports.setdefault(transport, {})
    except TypeError:  # it can be neither hashed nor referred to weakly: whatever is kept is kept for one statement
        return {}
