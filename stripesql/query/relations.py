"""Find the relation that a name in FROM stands for, in one connection.

In: the catalogue and the frames of the connection. Out: relations; rows of local and system relations as Arrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

import pyarrow as pa

from stripesql.catalogue import system
from stripesql.catalogue.load import Catalogue
from stripesql.catalogue.relations import Local, Relation, System
from stripesql.rows import RowSource
from stripesql.scan.sources import InMemory

STRIPE_SCHEMA = "stripe"


class Relations:
    """Know the relations of one connection."""

    def __init__(self, catalogue: Catalogue, frames: Mapping[str, pa.Table]) -> None:
        """Take the catalogue and the registered frames, by lower-case name; the mapping may change later."""
        self.catalogue = catalogue
        self._frames = frames

    def find(self, schema: str | None, name: str) -> Relation | None:
        """Return the relation of this name; without a schema a frame comes before a table."""
        folded = name.lower()
        where = schema.lower() if schema is not None else None
        if where in (None, "temp", "main") and folded in self._frames:
            return Local(folded, tuple(self._frames[folded].column_names))
        if where in (None, STRIPE_SCHEMA) and (table := self.catalogue.table(folded)) is not None:
            return table
        return system.RELATIONS.get(folded) if where == system.SCHEMA else None

    @cached_property
    def names(self) -> list[str]:
        """Return every name that "did you mean" may offer."""
        return [*self.catalogue.table_names(), *self._frames, *(f"{system.SCHEMA}.{name}" for name in system.RELATIONS)]

    def rows(self, relation: Local | System) -> RowSource:
        """Return the rows of a relation that is not Stripe's."""
        if isinstance(relation, Local):
            return InMemory(self._frames[relation.name])
        return InMemory(_table(relation, system.rows(relation.name, self.catalogue)))


def _table(relation: System, rows: Iterable[system.Row]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(relation.columns)
    schema = pa.schema([kind.field(name) for name, kind in relation.columns])
    return pa.table([pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)], schema=schema)
