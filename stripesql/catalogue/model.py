"""Define the values that say what Stripe offers: tables, columns, filters, endpoints.

In: nothing. Out: frozen values, which ``load`` reads from ``generated/`` and ``tools/build_catalogue.py`` writes there.
They hold facts; rules that follow from facts live in ``plan``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from stripesql.types import SqlType


class ColumnRole(Enum):
    """Say where a column's value comes from."""

    FIELD = "field"
    """a field of the object, at ``Column.path``"""
    PARENT = "parent"
    """the parent's id, known from the request and not from the object"""
    FILTER_ONLY = "filter_only"
    """no field at all: the scan fills it with the value that was asked for"""
    RAW = "raw"
    """the whole object as JSON"""


class ColumnKind(Enum):
    """Say how the API writes the value; ``decode`` turns it into ``Column.type``."""

    STRING = "string"
    ENUM = "enum"
    INTEGER = "integer"
    """also 64-bit integers that v2 writes as strings"""
    BOOLEAN = "boolean"
    NUMBER = "number"
    DECIMAL = "decimal"
    """a string such as ``"0.125"``"""
    UNIX_TIME = "unix-time"
    """whole seconds since the epoch"""
    ISO_TIME = "iso-time"
    """RFC 3339"""
    EXPANDABLE = "expandable"
    """an id, or the object when it was expanded: the id is the value"""
    MAP = "map"
    LIST = "list"
    """an embedded list object with ``data`` and ``has_more``, the first page only"""
    ARRAY = "array"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Column:
    """Say one column.

    Attributes:
        name: SQL name, unique in its table without regard to case.
        path: keys that lead to the value in the object: ``("address", "city")``; empty for roles other than FIELD.
        type: SQL type.
        kind: how the API writes it.
        role: where the value comes from.
        hidden: usable, and not part of ``*``.
        references: tables whose ``id`` the value is, canonical table first; empty for other columns.
        values: known values of an enum; open, more may come.
        expand: what to send as ``expand[]`` (without the leading ``data.``) for the field to be there at all, or None.
        same_as: for a hidden old name, the column that holds the value today, else None.
    """

    name: str
    path: tuple[str, ...]
    type: SqlType
    kind: ColumnKind
    role: ColumnRole = ColumnRole.FIELD
    hidden: bool = False
    references: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    expand: str | None = None
    same_as: str | None = None


class FilterShape(Enum):
    """Say what a list parameter can express."""

    EQUALITY = "equality"
    """``param=value``"""
    RANGE = "range"
    """``param[gt|gte|lt|lte]=value`` and ``param=value``"""
    IN_LIST = "in_list"
    """``param[]=a&param[]=b``: any of the values"""
    IS_NULL = "is_null"
    """a boolean that is true where ``column`` is NULL"""
    NEGATED = "negated"
    """a boolean that is true where ``column`` is false"""


class Exactness(Enum):
    """Say how the rows that the parameter gives relate to the rows where the predicate is true."""

    EXACT = "exact"
    SUPERSET = "superset"
    """may give more: the engine's own check is needed, and LIMIT must not travel"""
    NEVER = "never"
    """not pushed; ``Filter.note`` says why"""


@dataclass(frozen=True, slots=True)
class Filter:
    """Say what one list parameter means for SQL.

    Attributes:
        param: name as it is sent, brackets included: ``created``, ``recurring[interval]``, ``types``.
        column: the column it filters, or None where it is not pushed.
        shape: what it can express.
        exactness: how exact it is.
        values: vocabulary; values outside it are never sent; empty = any.
        max_values: most values of an IN_LIST; 1 for the other shapes.
        wildcard: a trailing ``.*`` stands for any rest (event types).
        operators: of a RANGE: which of gt, gte, lt, lte exist.
        also_send: parameters that must go with it.
        excludes: parameters that must not go with it (``type`` and ``types``; cursors).
        note: why it is NEVER or SUPERSET; our own words.
    """

    param: str
    column: str | None
    shape: FilterShape
    exactness: Exactness
    values: tuple[str, ...] = ()
    max_values: int = 1
    wildcard: bool = False
    operators: tuple[str, ...] = ()
    also_send: tuple[tuple[str, str], ...] = ()
    excludes: tuple[str, ...] = ()
    note: str = ""


class Paging(Enum):
    """Say how a list is read on."""

    CURSOR = "cursor"
    """v1: ``limit`` (1 to 100) and ``starting_after=<last id>``"""
    PAGE_URL = "page_url"
    """v2: ``limit``, then the ``next_page_url`` of each answer"""
    NONE = "none"
    """the whole list in one answer"""


@dataclass(frozen=True, slots=True)
class Parameter:
    """Say one parameter of an endpoint, nested shapes kept.

    Attributes:
        name: name at its level.
        kind: ``string, enum, integer, number, boolean, decimal, unix-time, iso-time, object, array, map, file``.
        required: Stripe refuses the call without it; False where the spec does not tell.
        values: of an enum; of another kind, words that are taken in its place (``inf`` beside an integer).
        fields: of an object.
        item: of an array, its element; its name is empty.
        accepts_empty: ``""`` unsets the value.
        accepts_now: the text ``now`` is allowed beside a time.
        accepts_text: an object that can be given as a plain text instead: a token or an id (``external_account``).
    """

    name: str
    kind: str
    required: bool = False
    values: tuple[str, ...] = ()
    fields: tuple[Parameter, ...] = ()
    item: Parameter | None = None
    accepts_empty: bool = False
    accepts_now: bool = False
    accepts_text: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Say one operation.

    Attributes:
        method: GET, POST or DELETE.
        path: template with ``{name}`` for each path argument.
        operation: the operation's id in the spec.
        base: ``api`` or ``files``.
        arguments: names of the path arguments, in order.
        parameters: query parameters of a GET, body of a POST.
        returns: resource name of the answer, ``list:<resource>`` for a list, ``deleted`` for a tombstone, or "".
        json_body: the body is JSON (v2), else a form.
        needs: groups of parameters; Stripe refuses the call where it gets none of a group, though the spec does not say so.
    """

    method: str
    path: str
    operation: str
    base: str = "api"
    arguments: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    returns: str = ""
    json_body: bool = False
    needs: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class ListEndpoint:
    """Say the list that a table is.

    Attributes:
        path: template; ``{name}`` only for nested lists.
        operation: the operation's id in the spec.
        base: ``api`` or ``files``.
        paging: how it is read on.
        filters: what each parameter means, pushed or not.
        required: column for each argument that must be given: (argument, column) with argument a path name or a
            parameter name; path arguments first, in order.
        variants: the parameter sets whose union, without overlap, is the complete table: ``(()),`` for most,
            ``((("status", "all"),),)`` for subscriptions, two sets for prices. A pushed parameter of the same name
            replaces the entry; sets that become equal are read once.
        time_column: column that the list is ordered by, newest first, where the order is known; else None.
        range_column: column of a range parameter that can never be NULL, so that the list can be cut; else None.
        expandable: paths that ``expand[]`` accepts, without ``data.``; empty where the spec does not tell.
    """

    path: str
    operation: str
    base: str = "api"
    paging: Paging = Paging.CURSOR
    filters: tuple[Filter, ...] = ()
    required: tuple[tuple[str, str], ...] = ()
    variants: tuple[tuple[tuple[str, str], ...], ...] = ((),)
    time_column: str | None = None
    range_column: str | None = None
    expandable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Say a row that the list does not show, or shows only when asked.

    Attributes:
        rows: which rows, in our own words: "closed reviews".
        seen_by: how they can be reached: "by id", "with test_clock = ...", or "" when the scan asks for them.
        beyond_list: no full list shows them; a full list must not stand in for a look-up by key.
        source: where this is known from.
    """

    rows: str
    seen_by: str = ""
    beyond_list: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Parent:
    """Say whose child a nested list is.

    Attributes:
        table: the parent's table.
        column: the child's column that holds the parent's id.
        argument: the path argument or parameter that takes it.
        embedded: column of the parent that carries the first page, where a review found it complete and equal, else None.
    """

    table: str
    column: str
    argument: str
    embedded: str | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """Say a POST that is neither create nor update: ``CALL <table>.<name>(id, ...)``.

    Attributes:
        table: table, or namespace where no table fits.
        name: last part of the path.
        endpoint: the operation; without path arguments it takes no id.
    """

    table: str
    name: str
    endpoint: Endpoint


class TableShape(Enum):
    """Say how many rows one answer gives."""

    LIST = "list"
    SINGLETON = "singleton"
    """one object, one row (``account``)"""
    BALANCE = "balance"
    """one object, a row per kind and currency (``balance``)"""
    RETRIEVE_ONLY = "retrieve_only"
    """no list: rows are reached by id"""


@dataclass(frozen=True, slots=True)
class Table:
    """Say one table.

    Attributes:
        name: SQL name.
        resource: value of ``object`` in its rows; several resources for polymorphic lists are joined by ``|``.
        shape: list, singleton, ...
        columns: visible ones in order, then hidden ones.
        list: its list, None where there is none.
        retrieve: GET by id; for a SINGLETON or BALANCE its only read; None where there is none.
        create, update, delete: the writes, None where Stripe has none. ``delete`` only where Stripe really deletes.
        actions: procedures of this table.
        parents: of a nested list, else empty.
        key: columns that name a row.
        search_path: path of the search endpoint, or None.
        search_fields: (column or ``metadata``, field as the query language writes it, token|string|numeric).
        notes: hidden rows.
        own_id: Stripe lets the caller choose the id on create.
        v2: belongs to API v2.
    """

    name: str
    resource: str
    shape: TableShape
    columns: tuple[Column, ...]
    list: ListEndpoint | None = None
    retrieve: Endpoint | None = None
    create: Endpoint | None = None
    update: Endpoint | None = None
    delete: Endpoint | None = None
    actions: tuple[Action, ...] = ()
    parents: tuple[Parent, ...] = ()
    key: tuple[str, ...] = ("id",)
    search_path: str | None = None
    search_fields: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[Note, ...] = ()
    own_id: bool = False
    v2: bool = False

    def column(self, name: str) -> Column | None:
        """Return the column of this name, any case, or None."""
        folded = name.lower()
        return next((column for column in self.columns if column.name.lower() == folded), None)

    @property
    def visible(self) -> tuple[Column, ...]:
        """Return the columns of ``*``, in order."""
        return tuple(column for column in self.columns if not column.hidden)

    @property
    def beyond_list(self) -> bool:
        """Say whether rows exist that no full list shows."""
        return any(note.beyond_list for note in self.notes)
