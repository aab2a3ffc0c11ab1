"""Know the temporary tables of one engine instance, and give their rows.

They are plain tables of the instance, which one connection owns, so that all its cursors see them. The engine reads them
itself; whoever needs their keys reads them as any other rows.

In: an ``Engine``. Out: what tables there are; ``StoredRows``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pyarrow as pa

from stripesql.catalogue.relations import LocalColumn
from stripesql.engine.cursor import EngineCursor
from stripesql.engine.instance import Engine
from stripesql.engine.quoting import quoted, stored_name
from stripesql.types import SqlType

ROW_ID: Final = "__rowid"
_INTEGERS: Final = frozenset({"BIGINT", "INTEGER", "SMALLINT", "TINYINT"})
_LIST: Final = (
    "SELECT c.table_name, c.column_name, c.data_type, c.is_nullable, c.column_default, "
    "coalesce(list_contains(k.constraint_column_names, c.column_name), false) "
    "FROM duckdb_columns() AS c LEFT JOIN duckdb_constraints() AS k "
    "ON k.table_oid = c.table_oid AND k.database_oid = c.database_oid AND k.constraint_type = 'PRIMARY KEY' "
    "WHERE c.database_name = 'memory' AND c.schema_name = 'main' AND NOT c.internal ORDER BY c.table_oid, c.column_index"
)


class Tables:
    """Hold what temporary tables a connection has."""

    def __init__(self, engine: Engine) -> None:
        """Begin with none."""
        self._engine = engine
        self._known: Mapping[str, tuple[LocalColumn, ...]] = {}

    @property
    def known(self) -> Mapping[str, tuple[LocalColumn, ...]]:
        """Return the columns of each table, by its name; a later change makes another mapping."""
        return self._known

    def look(self, cursor: EngineCursor) -> None:
        """See what tables there are now."""
        found: dict[str, list[LocalColumn]] = {}
        for table, name, kind, nullable, default, is_key in cursor.rows(_LIST):
            found.setdefault(str(table), []).append(
                LocalColumn(str(name), str(kind), bool(nullable), None if default is None else str(default), bool(is_key))
            )
        self._known = {name: tuple(columns) for name, columns in found.items()}

    def keys(self, name: str, column: str, kind: SqlType, most: int) -> tuple[str | int, ...] | None:
        """Return the values of a column, NULL aside; None where they are not of that type, or more than ``most``."""
        found = next((each for each in self._known.get(name, ()) if each.name.lower() == column), None)
        fits = found is not None and (
            (kind is SqlType.VARCHAR and found.type == "VARCHAR") or (kind is SqlType.BIGINT and found.type in _INTEGERS)
        )
        if found is None or not fits:
            return None
        own = quoted(found.name)
        cursor = self._engine.cursor()
        try:
            values = cursor.rows(f"SELECT DISTINCT {own} FROM {stored_name(name)} WHERE {own} IS NOT NULL LIMIT {most + 1}")
        finally:
            cursor.close()
        return tuple(value for (value,) in values) if len(values) <= most else None

    def rows(self, name: str, *, row_ids: bool = False) -> StoredRows:
        """Return the rows of a table."""
        return StoredRows(self._engine, name, row_ids=row_ids)


class StoredRows:
    """Give the rows of a temporary table.

    Attributes:
        text: the query that the engine reads in its place.
    """

    def __init__(self, engine: Engine, name: str, *, row_ids: bool = False) -> None:
        """Take the table; with ``row_ids`` a column ``__rowid`` tells its rows apart."""
        self._engine = engine
        self._schema: pa.Schema | None = None
        self.text = f"SELECT *{f', rowid AS {ROW_ID}' if row_ids else ''} FROM {stored_name(name)}"

    @property
    def schema(self) -> pa.Schema:
        """Return all columns."""
        if self._schema is None:
            cursor = self._engine.cursor()
            try:
                self._schema = cursor.run(f"{self.text} LIMIT 0", {}).schema
            finally:
                cursor.close()
        return self._schema

    def batches(self, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """Yield the rows as they are when the first is read."""
        wanted = "*" if columns is None else ", ".join(quoted(name) for name in columns)
        cursor = self._engine.cursor()
        try:
            yield from cursor.run(f"SELECT {wanted} FROM ({self.text})", {}).batches()
        finally:
            cursor.close()
