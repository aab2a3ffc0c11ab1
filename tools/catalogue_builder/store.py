"""Write the built catalogue as compact JSON: an index, a file per table, one for the actions of no table.

In: tables and actions. Out: files. Defaults are left out, keys stay in the order of the fields, so that equal input
gives equal bytes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from stripesql.catalogue.model import Action, Table

TABLES = "tables"


def compact(value: Any) -> Any:
    """Return the value as JSON types, fields at their default left out."""
    match value:
        case Enum():
            return value.value
        case tuple() | list():
            return [compact(item) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            pairs = ((field, getattr(value, field.name)) for field in fields(value))
            return {field.name: compact(item) for field, item in pairs if field.default is MISSING or item != field.default}
        case _:
            return value


def encode(value: Any) -> str:
    """Return compact JSON text with a newline at its end."""
    return json.dumps(compact(value), separators=(",", ":"), ensure_ascii=False) + "\n"


def write_catalogue(out: Path, version: str, tables: Sequence[Table], actions: Sequence[Action]) -> None:
    """Write all files; files of tables that are gone are removed.

    Args:
        out: folder; made when missing.
        version: API version.
        tables: with their own actions.
        actions: of no table.
    """
    (out / TABLES).mkdir(parents=True, exist_ok=True)
    for stale in (out / TABLES).glob("*.json"):
        stale.unlink()
    for table in tables:
        (out / TABLES / f"{table.name}.json").write_text(encode(table), encoding="utf-8")
    (out / "actions.json").write_text(encode(tuple(actions)), encoding="utf-8")
    (out / "index.json").write_text(json.dumps(index(version, tables), separators=(",", ":")) + "\n", encoding="utf-8")


def index(version: str, tables: Sequence[Table]) -> dict[str, Any]:
    """Return the summary that is read at start: version, and per table its path, resources and shape."""
    return {
        "version": version,
        "tables": [
            {"name": table.name, "path": path_of(table), "resource": table.resource, "shape": table.shape.value} for table in tables
        ],
    }


def path_of(table: Table) -> str:
    """Return the path that the table is read from: of its list, else of its retrieve."""
    if table.list is not None:
        return table.list.path
    return table.retrieve.path if table.retrieve is not None else ""
