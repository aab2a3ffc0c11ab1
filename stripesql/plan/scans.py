"""Define what a planned scan is: a path to the rows, the reads that it takes, and what they were derived from.

In: nothing. Out: frozen values, which ``scan`` carries out and ``explain`` prints.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final
from urllib.parse import quote

from stripesql.catalogue.model import Column, Paging, Table
from stripesql.request import Params, Request, path_of


class AccessPath(Enum):
    """Name the way to the rows."""

    NOTHING = "nothing"
    SEARCH = "search"
    RETRIEVE = "retrieve"
    FILTERED_LIST = "filtered list"
    FULL_LIST = "full list"
    SINGLE_OBJECT = "single object"
    PER_PARENT = "a list per parent"
    EMBEDDED = "embedded in the parent"
    EXPANDED = "expanded into another table's objects"
    LOOK_UP = "looked up by keys"
    PER_KEY = "a list per key"


class ReadKind(Enum):
    """Say what one read's answer is."""

    LIST = "list"
    SEARCH = "search"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Read:
    """Say one list or one search that is read page by page, or one object.

    Attributes:
        kind: list, search or object.
        request: the request without paging parameters.
        paging: how a list is read on.
        constants: values of columns that the objects do not carry: (column, value).
        pushed: names of the request's parameters that come from predicates.
    """

    kind: ReadKind
    request: Request
    paging: Paging = Paging.NONE
    constants: tuple[tuple[str, str | int], ...] = ()
    pushed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Push:
    """Say what a rule makes of a domain.

    Attributes:
        column: the column, lower case.
        alternatives: parameter sets; the union of their lists has every row that is asked for. Usually one.
        exact: the lists have no other rows.
        texts: the terms that it answers.
        constants: values of the column in each alternative, for columns that the objects do not carry.
        excludes: parameters that cannot go with it.
        disjoint: no row is in two of the alternatives.
        part: the part of the table's rows that a search leaves, as a guess; for others the column tells.
    """

    column: str
    alternatives: tuple[Params, ...]
    exact: bool
    texts: tuple[str, ...]
    constants: tuple[str | int, ...] = ()
    excludes: tuple[str, ...] = ()
    disjoint: bool = True
    part: float = 1.0

    @property
    def params(self) -> frozenset[str]:
        """Return the names of all its parameters, brackets included."""
        return frozenset(name for params in self.alternatives for name, _ in params)


@dataclass(frozen=True, slots=True)
class ScanPlan:
    """Say how one table's rows are read.

    Attributes:
        table: the table.
        path: the way to the rows.
        reads: in the order in which they are read; a row may be in several (then the key tells).
        pushed: what was pushed.
        residual: texts of terms that the engine must still check.
        limit: rows after which the scan ends, or None.
        overlapping: the reads may give the same row twice.
        pages: (least, most) requests, most None where it depends on the data.
        expand: columns that Stripe leaves out unless they are asked for.
        parent: where the reads' argument comes from, when no predicate gives it.
        keys: where the keys come from that stand as ``{key}`` in the reads, or whose objects carry the rows.
        newest: newest rows of each read after which, and after the ties of the last, the read ends; None for all.
        estimate: what it is likely to cost; None where nobody asked.
        instead: of a plan with a read for each of many values: the list to read where it is shorter; None for no other.
        others: other ways to the same rows and the requests that they are likely to take.
        recalled_s: how old the rows are that were read before and are given again; None where they are to be fetched.
    """

    table: Table
    path: AccessPath
    reads: tuple[Read, ...] = ()
    pushed: tuple[Push, ...] = ()
    residual: tuple[str, ...] = ()
    limit: int | None = None
    overlapping: bool = False
    pages: tuple[int, int | None] = (0, 0)
    expand: tuple[str, ...] = ()
    newest: int | None = None
    parent: ParentScan | None = None
    keys: Keys | None = None
    estimate: Estimate | None = None
    instead: Keys | None = None
    others: tuple[tuple[str, int], ...] = ()
    recalled_s: float | None = None

    @property
    def may_miss_rows(self) -> bool:
        """Say whether a search gives the rows: it knows them late."""
        keys = self.keys or self.instead
        fallback = keys.fallback if keys is not None else None
        return any(read.kind is ReadKind.SEARCH for read in (*self.reads, *(fallback.reads if fallback is not None else ())))


@dataclass(frozen=True, slots=True)
class Estimate:
    """Say the requests that a scan is likely to take, and those of the ways that were not chosen.

    Attributes:
        requests: of the way that was chosen.
        seen: the last scan of this kind took that many; else it is a guess.
        alternatives: other ways and their requests.
    """

    requests: int
    seen: bool = False
    alternatives: tuple[tuple[str, int], ...] = ()


KEY: Final = "{key}"
"""Stands in a plan for a key that is known while the query runs."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Say where the keys of a scan come from, and what else reads the rows.

    Attributes:
        other: the occurrence that has them; empty where they are constants.
        column: its column.
        more: other occurrences that have them, and their columns.
        values: keys that are known beforehand.
        fallback: how the table is read when there are more keys than requests that this takes, or None.
        most: how many keys are worth a request each.
        counted: ``most`` was counted by an earlier scan; else it is a guess.
    """

    other: str
    column: str
    fallback: ScanPlan | None = None
    most: int = 0
    counted: bool = False
    more: tuple[tuple[str, str], ...] = ()
    values: tuple[str | int, ...] = ()

    @property
    def givers(self) -> tuple[tuple[str, str], ...]:
        """Return every occurrence that has keys, and its column."""
        return ((self.other, self.column), *self.more) if self.other else ()


def read_for_key(read: Read, key: str) -> Read:
    """Return a read of a plan by keys with one key in its place."""
    request = read.request
    path = request.path.replace(quote(KEY, safe=""), quote(key, safe=""))
    params = tuple((name, key if value == KEY else value) for name, value in request.params)
    constants = tuple((name, key if value == KEY else value) for name, value in read.constants)
    return replace(read, request=replace(request, path=path, params=params), constants=constants)


@dataclass(frozen=True, slots=True)
class ParentScan:
    """Say the rows from which a list's argument comes.

    Attributes:
        scan: how the parent's rows are read.
        argument: the argument of the child's list; its reads hold ``{argument}`` where the parent's id goes.
        column: the child's column that the id is.
        embedded: the parent's column that carries the child's rows, or None.
        other: the occurrence that reads the parent's rows for the query itself, or None.
    """

    scan: ScanPlan
    argument: str
    column: str
    embedded: Column | None = None
    other: str | None = None

    def read_for(self, read: Read, parent_id: str, *, is_constant: bool) -> Read:
        """Return the read of one parent's list; ``is_constant`` says that the objects do not carry the id themselves."""
        request = read.request
        place = "{" + self.argument + "}"
        params = tuple((name, parent_id if value == place else value) for name, value in request.params)
        filled = replace(request, path=path_of(request.path, {self.argument: parent_id}), params=params)
        constants = (*read.constants, (self.column, parent_id)) if is_constant else read.constants
        return replace(read, request=filled, constants=constants)


@dataclass(frozen=True, slots=True)
class Stage:
    """Say one step of a plan.

    Attributes:
        scan: what is read.
        names: names by which the engine's text reads it; several when one scan serves several occurrences.
        after: indexes of stages whose rows must be known first; empty while every scan knows its keys.
    """

    scan: ScanPlan
    names: tuple[str, ...]
    after: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Say all scans of a query."""

    stages: tuple[Stage, ...]
