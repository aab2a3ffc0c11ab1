"""Find the relation that a name in FROM stands for, in one connection.

In: the catalogue, the frames and the temporary tables of the connection. Out: relations; rows of local and system relations as Arrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Final

import pyarrow as pa

from stripesql.catalogue import system
from stripesql.catalogue.load import Catalogue
from stripesql.catalogue.relations import Local, Relation, System
from stripesql.engine.stored import Tables
from stripesql.errors import InternalError
from stripesql.query.own import described_frame, own_rows
from stripesql.rows import RowSource
from stripesql.scan.sources import InMemory
from stripesql.types import SqlType

STRIPE_SCHEMA = "stripe"
TARGET: Final = "__target"
"""Schema by which a temporary table is read that the statement changes: with the ids of its rows."""
MOST_KEYS = 5_000
"""Keys of a frame beyond which nobody would ask for them one by one."""


class Relations:
    """Know the relations of one connection."""

    def __init__(self, catalogue: Catalogue, frames: Mapping[str, pa.Table], tables: Tables | None = None) -> None:
        """Take the catalogue, the registered frames, by lower-case name, and the temporary tables; the frames may change later."""
        self.catalogue = catalogue
        self._frames = frames
        self._tables = tables
        self._stored = tables.known if tables is not None else {}
        self._given: dict[tuple[str, str, SqlType], frozenset[str | int] | None] = {}

    def find(self, schema: str | None, name: str) -> Relation | None:
        """Return the relation of this name; without a schema a frame comes before a table."""
        folded = name.lower()
        where = schema.lower() if schema is not None else None
        if where in (None, "temp", "main", "pg_temp") and (own := self._own(folded)) is not None:
            return own
        if where == TARGET and folded in self._stored:
            return replace(self._temporary(folded), has_row_ids=True)
        if where in (None, STRIPE_SCHEMA) and (table := self.catalogue.table(folded)) is not None:
            return table
        return system.RELATIONS.get(folded) if where == system.SCHEMA else None

    def _own(self, name: str) -> Local | None:
        if name in self._frames:
            described = described_frame(self._frames[name])
            return Local(name, tuple(each.name for each in described), described)
        return self._temporary(name) if name in self._stored else None

    def _temporary(self, name: str) -> Local:
        columns = self._stored[name]
        return Local(name, tuple(each.name for each in columns), columns, is_table=True)

    @property
    def own(self) -> list[Local]:
        """Return what lives in this connection."""
        return [local for name in {**self._frames, **self._stored} if (local := self._own(name)) is not None]

    @cached_property
    def names(self) -> list[str]:
        """Return every name that "did you mean" may offer."""
        return [*self.catalogue.table_names(), *self._frames, *self._stored, *(f"{system.SCHEMA}.{name}" for name in system.RELATIONS)]

    def keys(self, name: str, column: str, kind: SqlType) -> tuple[str | int, ...] | None:
        """Return the values of a column of a frame or a temporary table, NULL aside; None where they are not of that type, or too many."""
        if name in self._stored and self._tables is not None:
            values = self._tables.keys(name, column, kind, MOST_KEYS)
            self._given[name, column, kind] = None if values is None else frozenset(values)
            return values
        frame = self._frames.get(name)
        found = next((each for each in frame.column_names if each.lower() == column), None) if frame is not None else None
        if frame is None or found is None:
            return None
        values = frame.column(found)
        texts = pa.types.is_string(values.type) or pa.types.is_large_string(values.type)
        if not ((kind is SqlType.VARCHAR and texts) or (kind is SqlType.BIGINT and pa.types.is_integer(values.type))):
            return None
        distinct = values.unique().drop_null()
        return tuple(distinct.to_pylist()) if len(distinct) <= MOST_KEYS else None

    def forget_keys(self) -> None:
        """Plan anew: what ``keys`` gave before is of no interest."""
        self._given.clear()

    def are_keys_current(self) -> bool:
        """Say whether ``keys`` would still give what it gave of temporary tables, which other cursors may change."""
        tables = self._tables
        return tables is None or all(
            given is None or frozenset(tables.keys(*what, MOST_KEYS) or ()) == given for what, given in list(self._given.items())
        )

    def rows(self, relation: Local | System) -> RowSource:
        """Return the rows of a relation that is not Stripe's."""
        if isinstance(relation, Local) and relation.is_table:
            if self._tables is None:
                raise InternalError(f"there are no temporary tables here, and no {relation.name}")
            return self._tables.rows(relation.name, row_ids=relation.has_row_ids)
        if isinstance(relation, Local):
            return InMemory(self._frames[relation.name])
        rows = [*system.rows(relation.name, self.catalogue), *own_rows(relation.name, self.own)]
        return InMemory(_table(relation, rows))


def _table(relation: System, rows: Iterable[system.Row]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(relation.columns)
    schema = pa.schema([kind.field(name) for name, kind in relation.columns])
    return pa.table([pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)], schema=schema)
