"""Define what a name in FROM can stand for.

In: nothing. Out: the union ``Relation``. A Table is what Stripe lists; a View is SQL text over other relations; a Local
is data of this connection; a System relation answers from the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from stripesql.catalogue.model import Table
from stripesql.types import SqlType


@dataclass(frozen=True, slots=True)
class View:
    """Say a named query that is expanded before planning."""

    schema: str
    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class LocalColumn:
    """Say one column of data that lives in this connection.

    Attributes:
        name: its name.
        type: its SQL type, as the engine writes it.
        nullable: it may be NULL.
        default: the expression of DEFAULT, or None.
        is_key: it is part of the primary key.
    """

    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    is_key: bool = False


@dataclass(frozen=True, slots=True)
class Local:
    """Say data that lives in this connection: a registered frame or a temporary table.

    Attributes:
        name: in lower case.
        columns: names in order.
        described: the same columns with their types.
        is_table: a temporary table, which statements may change; else a frame.
        has_row_ids: read with the column ``__rowid``, which tells its rows apart.
    """

    name: str
    columns: tuple[str, ...]
    described: tuple[LocalColumn, ...] = ()
    is_table: bool = False
    has_row_ids: bool = False


@dataclass(frozen=True, slots=True)
class System:
    """Say a relation of ``information_schema``, answered from the catalogue.

    Attributes:
        columns: (name, type) in order.
    """

    schema: str
    name: str
    columns: tuple[tuple[str, SqlType], ...]


Relation = Table | View | Local | System

FindTable = Callable[[str], Table | None]
"""Gives the table of Stripe's with a name, or None."""
