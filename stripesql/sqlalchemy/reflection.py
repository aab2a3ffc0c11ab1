"""Tell SQLAlchemy what the catalogue knows: tables, columns, keys, indexes.

In: a table or a relation of ``information_schema``. Out: the dictionaries that SQLAlchemy's reflection asks for. No request
is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from stripesql.catalogue import system
from stripesql.catalogue.load import catalogue
from stripesql.catalogue.model import Exactness, Table
from stripesql.catalogue.relations import Local, System
from stripesql.sqlalchemy import comments
from stripesql.sqlalchemy.types import type_named

STRIPE_SCHEMA: Final = "stripe"
TEMP_SCHEMA: Final = "temp"
SCHEMAS: Final = (system.SCHEMA, STRIPE_SCHEMA)
GENERATED: Final = "generated_by_stripe()"
"""What ``id`` reflects as its default, so that a program knows that it need not give one."""

Described = dict[str, Any]
Reflected = Table | System | Local


def find(name: str, schema: str | None, own: Sequence[Local] = ()) -> Reflected | None:
    """Return the relation of this name; any text is a name, and most name nothing.

    Args:
        name: any text.
        schema: None for the default and the connection's own.
        own: what lives in the connection.
    """
    if schema in (None, TEMP_SCHEMA):
        found = next((each for each in own if each.name == name.lower()), None)
        if found is not None:
            return found
    if schema in (None, STRIPE_SCHEMA):
        return catalogue().table(name)
    return system.RELATIONS.get(name.lower()) if schema == system.SCHEMA else None


def table_names(schema: str | None) -> list[str]:
    """Return the tables of a schema."""
    return list(catalogue().table_names()) if schema in (None, STRIPE_SCHEMA) else []


def view_names(schema: str | None) -> list[str]:
    """Return the views of a schema."""
    return list(system.RELATIONS) if schema == system.SCHEMA else []


def columns(relation: Reflected) -> list[Described]:
    """Return the columns of ``*``, in order."""
    if isinstance(relation, Local):
        return [
            {
                "name": column.name,
                "type": type_named(column.type),
                "nullable": column.nullable,
                "default": column.default,
                "autoincrement": False,
                "comment": None,
            }
            for column in relation.described
        ]
    if isinstance(relation, System):
        return [{"name": name, "type": type_named(kind.value), "nullable": True, "default": None} for name, kind in relation.columns]
    return [
        {
            "name": column.name,
            "type": type_named(column.type.value),
            "nullable": column.name not in relation.key,
            "default": GENERATED if column.name == "id" and column.name in relation.key else None,
            "autoincrement": False,
            "comment": comments.on_column(relation, column),
        }
        for column in relation.visible
    ]


def primary_key(relation: Reflected) -> Described:
    """Return the columns that name a row; none for a table of one row."""
    if isinstance(relation, Local):
        return {"constrained_columns": [each.name for each in relation.described if each.is_key], "name": None}
    key: Sequence[str] = () if isinstance(relation, System) else relation.key
    return {"constrained_columns": list(key), "name": f"{relation.name}_pkey" if key else None}


def foreign_keys(relation: Reflected, schema: str | None) -> list[Described]:
    """Return the columns that hold an id of another table, where that is always the same table."""
    if not isinstance(relation, Table):
        return []
    return [
        {
            "name": f"{relation.name}_{column.name}_fkey",
            "constrained_columns": [column.name],
            "referred_schema": schema,
            "referred_table": column.references[0],
            "referred_columns": ["id"],
            "options": {},
        }
        for column in relation.visible
        if column.references and _is_one_kind(column.references)
    ]


def _is_one_kind(tables: Sequence[str]) -> bool:
    """Say whether the tables list the same objects, so that the first stands for all."""
    return len({found.resource for name in tables if (found := catalogue().table(name)) is not None}) == 1


def indexes(relation: Reflected) -> list[Described]:
    """Return the columns that Stripe can filter: a predicate on one of them saves requests."""
    if not isinstance(relation, Table) or relation.list is None:
        return []
    visible = {column.name for column in relation.visible}
    pushed = [each.column for each in relation.list.filters if each.column in visible and each.exactness is not Exactness.NEVER]
    required = [name for _, name in relation.list.required if name in visible]
    return [
        {"name": f"{relation.name}_{name}_filter", "column_names": [name], "unique": False, "include_columns": [], "dialect_options": {}}
        for name in dict.fromkeys([*required, *pushed])
    ]
