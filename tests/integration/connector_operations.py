"""Say operations that people know from connectors: each is one statement, with what must be true afterwards.

The tables of ``docs/how-to/coming-from-connectors.md`` are lists of these. An id such as ``cus_123`` or ``in_draft`` stands for an
object that the test makes first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Day:
    """Say the unix second at which a symbolic day begins."""

    symbol: str


@dataclass(frozen=True)
class OnDay:
    """Say any second of a symbolic day."""

    symbol: str


@dataclass(frozen=True)
class Starting:
    """Say a text of which the beginning is known."""

    text: str


class Known(Protocol):
    """Tell the ids of what was made for a statement, and the days that symbols mean."""

    def __getitem__(self, name: str) -> str: ...

    def day(self, symbol: str) -> int: ...


ANYWHERE, INSERTED, UPDATED = ("INSERT", "UPDATE"), ("INSERT",), ("UPDATE",)
Chosen = Callable[[Mapping[str, Any], Known], bool]


@dataclass(frozen=True)
class Reads:
    """Say which objects of a table a statement gives, and what its request must carry."""

    table: str
    chosen: Chosen
    asked: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class First:
    """Say that a statement gives this many rows, by one request that asks for no more."""

    count: int


@dataclass(frozen=True)
class Writes:
    """Say what the account holds after a statement.

    Attributes:
        path: of the object; ``{new}`` is the id of the row that was written, or of the object that the call answered with.
        kept: place in the object (``address.city``, ``images.0``) to value.
        to: the path that was written to, where the object does not tell.
        sent: parameters among those that were sent.
    """

    path: str
    kept: Mapping[str, Any]
    to: str = ""
    sent: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Deletes:
    """Say the object that is no longer there, or is told to be deleted."""

    path: str


@dataclass(frozen=True)
class Gives:
    """Say what some columns of the rows are, of a statement that leaves the account as it was."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Operation:
    """Say one thing that is done, by one statement; ``given`` are objects that must be there and that it does not name."""

    name: str
    statement: str
    check: Reads | First | Writes | Deletes | Gives
    given: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """Say a field that INSERT or UPDATE sets.

    Attributes:
        name: as connectors call it.
        columns: that hold it.
        values: of the columns, as SQL.
        kept: as in ``Writes``.
        where: INSERT, UPDATE or both.
        below: follows the path of the object, where the value is kept by another one.
        instead: the value takes the place of what the form of INSERT sets otherwise.
        sent: parameters that say it, where no object tells.
    """

    name: str
    columns: tuple[str, ...]
    values: tuple[str, ...]
    kept: Mapping[str, Any]
    where: tuple[str, ...] = ANYWHERE
    below: str = ""
    instead: bool = False
    sent: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Resource:
    """Say what is done with the objects of a table; ``column`` and ``value`` in the forms stand for a field's."""

    title: str
    operations: tuple[Operation, ...]
    path: str = ""
    insert: str = ""
    insert_instead: str = ""
    update: str = ""
    fields: tuple[Field, ...] = ()
    commands: Mapping[str, str] = field(default_factory=dict)


def set_by(name: str, column: str, value: str, kept: Any, where: tuple[str, ...] = ANYWHERE, at: str = "") -> Field:
    """Return a field of one column, which is kept ``at`` a place of the object: that of the column's name, if nothing is said."""
    return Field(name, (column,), (value,), {at or column: kept}, where)


def operations_of(resource: Resource) -> list[Operation]:
    """Return all operations of a resource, each field's among them: once as INSERT, once as UPDATE."""
    found = list(resource.operations)
    for each in resource.fields:
        columns, values = ", ".join(each.columns), ", ".join(each.values)
        if "INSERT" in each.where:
            form = resource.insert_instead if each.instead else resource.insert
            statement = form.replace("column", columns).replace("value)", f"{values})")
            check = Writes(f"{resource.path}{{new}}{each.below}", each.kept, sent=each.sent)
            found.append(Operation(f"create with {each.name}", statement, check))
        if "UPDATE" in each.where:
            setting = ", ".join(f"{column} = {value}" for column, value in zip(each.columns, each.values, strict=True))
            key = resource.update.rpartition("'")[0].rpartition("'")[2]
            check = Writes(f"{resource.path}{key}{each.below}", each.kept, sent=each.sent)
            found.append(Operation(f"update {each.name}", resource.update.replace("column = value", setting), check))
    return found


def page_rows(resource: Resource) -> list[str]:
    """Return the lines of the tables that a page about connectors has for a resource."""
    lines = ["| Operation | Statement |", "|---|---|"]
    lines += [f"| {each.name} | `{each.statement}` |" for each in resource.operations]
    lines += [f"| {name} | `{command}` |" for name, command in resource.commands.items()]
    if resource.fields:
        lines += ["| Field | Column | Value | In |", "|---|---|---|---|"]
        for each in resource.fields:
            columns, values = (", ".join(f"`{part}`" for part in parts) for parts in (each.columns, each.values))
            lines.append(f"| {each.name} | {columns} | {values} | {', '.join(each.where)} |")
    return lines
