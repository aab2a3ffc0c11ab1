"""Answer ``information_schema`` from the catalogue.

In: the catalogue. Out: relations and their rows; no request is sent. Rows are computed when a statement asks for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from stripesql.catalogue import routines
from stripesql.catalogue.load import Catalogue
from stripesql.catalogue.model import Column, Exactness, Table
from stripesql.catalogue.relations import System
from stripesql.types import SqlType

SCHEMA: Final = "information_schema"
_TEXT, _NUMBER = SqlType.VARCHAR, SqlType.BIGINT

RELATIONS: Final = {
    "schemata": System(SCHEMA, "schemata", (("catalog_name", _TEXT), ("schema_name", _TEXT))),
    "tables": System(
        SCHEMA,
        "tables",
        (("table_catalog", _TEXT), ("table_schema", _TEXT), ("table_name", _TEXT), ("table_type", _TEXT), ("table_comment", _TEXT)),
    ),
    "columns": System(
        SCHEMA,
        "columns",
        (
            *(("table_catalog", _TEXT), ("table_schema", _TEXT), ("table_name", _TEXT), ("column_name", _TEXT)),
            *(("ordinal_position", _NUMBER), ("column_default", _TEXT), ("is_nullable", _TEXT), ("data_type", _TEXT)),
            *(("is_hidden", _TEXT), ("column_key", _TEXT), ("references_table", _TEXT), ("pushed_filter", _TEXT)),
        ),
    ),
    "views": System(
        SCHEMA, "views", (("table_catalog", _TEXT), ("table_schema", _TEXT), ("table_name", _TEXT), ("view_definition", _TEXT))
    ),
    "key_column_usage": System(
        SCHEMA,
        "key_column_usage",
        (("constraint_name", _TEXT), ("table_schema", _TEXT), ("table_name", _TEXT), ("column_name", _TEXT), ("ordinal_position", _NUMBER)),
    ),
    "routines": System(SCHEMA, "routines", routines.ROUTINE_COLUMNS),
    "parameters": System(SCHEMA, "parameters", routines.PARAMETER_COLUMNS),
}
_CATALOG: Final = "stripe"

Row = tuple[str | int | None, ...]


def rows(name: str, catalogue: Catalogue) -> list[Row]:
    """Return the rows of a relation of ``RELATIONS``, in the order of its columns."""
    match name:
        case "schemata":
            return [(_CATALOG, "information_schema"), (_CATALOG, "stripe")]
        case "tables":
            system: list[Row] = [(_CATALOG, SCHEMA, each, "VIEW", None) for each in RELATIONS]
            return system + [(_CATALOG, "stripe", table.name, "BASE TABLE", comment_on(table)) for table in catalogue.tables()]
        case "columns":
            return list(_system_columns()) + [row for table in catalogue.tables() for row in _columns(table)]
        case "key_column_usage":
            return [
                (f"{table.name}_pkey", "stripe", table.name, column, position)
                for table in catalogue.tables()
                for position, column in enumerate(table.key, 1)
            ]
        case "routines":
            return list(routines.routine_rows(_CATALOG, catalogue))
        case "parameters":
            return list(routines.parameter_rows(_CATALOG, catalogue))
    return []


def _system_columns() -> Iterator[Row]:
    for relation in RELATIONS.values():
        for position, (name, kind) in enumerate(relation.columns, 1):
            yield (_CATALOG, SCHEMA, relation.name, name, position, None, "YES", kind.value, "NO", None, None, None)


def _columns(table: Table) -> Iterator[Row]:
    for position, column in enumerate(table.columns, 1):
        is_key = column.name in table.key
        yield (
            *(_CATALOG, "stripe", table.name, column.name, position, None, "NO" if is_key else "YES", column.type.value),
            *(
                "YES" if column.hidden else "NO",
                "PRI" if is_key else None,
                ", ".join(column.references) or None,
                pushed_filter(table, column),
            ),
        )


def pushed_filter(table: Table, column: Column) -> str | None:
    """Return how a column can be filtered by Stripe: ``=``, ``= and range``, ``by id``, or None for not at all."""
    ways = []
    if column.name == "id" and table.retrieve is not None and table.retrieve.arguments:
        ways.append("= (by id)")
    if table.list is not None:
        if column.name in (name for _, name in table.list.required):
            ways.append("= (required)")
        filters = (each for each in table.list.filters if each.column == column.name and each.exactness is not Exactness.NEVER)
        ways += [f"{each.shape.value} ({each.param})" for each in filters]
    return ", ".join(dict.fromkeys(ways)) or None


def comment_on(table: Table) -> str:
    """Return one line on a table: what its list needs, and which rows it does not show."""
    parts = []
    if table.list is not None and table.list.required:
        parts.append("needs " + " and ".join(f"{name} = ..." for _, name in table.list.required))
    parts += [f"{note.rows}: {note.seen_by}" if note.seen_by else note.rows for note in table.notes if note.beyond_list]
    return "; ".join(parts)
