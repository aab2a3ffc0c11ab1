"""Know the shape of every object: the fields of a blank one, and a filled one for tables without hand-made data.

In: columns of the catalogue. Out: JSON values. Only names, types and references are taken from there.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Protocol

from stripesql.catalogue.load import catalogue
from stripesql.catalogue.model import Column, ColumnKind, ColumnRole, Table

Tree = dict[str, "Column | Tree"]


@cache
def tree(name: str) -> Tree:
    """Return the fields of a table's objects, nested as they are written; the leaf is the column."""
    root: Tree = {}
    table = known(name)
    fields = [column for column in table.columns if column.role is ColumnRole.FIELD and column.path and column.same_as is None]
    # Deepest first: a JSON column of a flattened parent does not hide the parent's own fields.
    for column in sorted(fields, key=lambda column: -len(column.path)):
        node = root
        for key in column.path[:-1]:
            inner = node.setdefault(key, {})
            if not isinstance(inner, dict):
                break
            node = inner
        else:
            node.setdefault(column.path[-1], column)
    return root


def known(name: str) -> Table:
    """Return the table of this name.

    Raises:
        KeyError: there is none.
    """
    table = catalogue().table(name)
    if table is None:
        raise KeyError(name)
    return table


@cache
def blank(name: str) -> dict[str, Any]:
    """Return an object that says nothing: ids and nested objects null, maps and arrays empty, no expand-only fields.

    ``id`` and ``object`` come first and the rest in order of name, as Stripe writes it. The value is shared: copy it.
    """
    table = known(name)
    fields = {key: _nothing(node, name) for key, node in sorted(tree(name).items()) if not expand_only(node)}
    head: dict[str, Any] = {key: fields.pop(key) for key in ("id", "object") if key in fields}
    if "object" in head:
        head["object"] = table.resource.partition("|")[0]
    return {**head, **fields}


def expand_only(node: Column | Tree) -> bool:
    """Say whether a field is absent unless it is expanded."""
    if isinstance(node, Column):
        return node.expand is not None
    return all(expand_only(inner) for inner in node.values())


def _nothing(node: Column | Tree, name: str) -> Any:
    if not isinstance(node, Column):
        return None
    match node.kind:
        case ColumnKind.BOOLEAN:
            return False
        case ColumnKind.MAP:
            return {}
        case ColumnKind.ARRAY:
            return []
        case ColumnKind.LIST:
            return {"object": "list", "data": [], "has_more": False, "url": f"/v1/{name}"}
        case _:
            return None


class References(Protocol):
    """Find objects for an object to refer to."""

    def some_reference(self, names: tuple[str, ...], serial: int) -> str | None:
        """Return the id of an existing object of one of the tables."""
        ...

    def some_object(self, names: tuple[str, ...], serial: int) -> dict[str, Any] | None:
        """Return such an object whole."""
        ...


def filled(name: str, object_id: str, serial: int, at: int, objects: References) -> dict[str, Any]:
    """Return a shape-true object: types right, references to existing objects, a third of the optional fields null."""
    table = known(name)
    fields = {key: _something(node, key, serial, at, objects) for key, node in tree(name).items() if not expand_only(node)}
    resources = table.resource.split("|")
    head: dict[str, Any] = {"id": object_id} if "id" in tree(name) else {}
    if "object" in tree(name):
        head["object"] = resources[serial % len(resources)]
    return {**blank(name), **fields, **head}


def _something(node: Column | Tree, key: str, serial: int, at: int, objects: References) -> Any:
    if not isinstance(node, Column):
        own_id = node.get("id")
        if isinstance(own_id, Column) and own_id.references:
            return objects.some_object(own_id.references, serial + len(key))
        if (serial + len(key)) % 3 == 0:
            return None
        return {inner: _something(value, inner, serial, at, objects) for inner, value in node.items() if not expand_only(value)}
    if node.references:
        return objects.some_reference(node.references, serial + len(key))
    if key in ("livemode", "deleted"):
        return False
    match node.kind:
        case ColumnKind.ENUM:
            return node.values[serial % len(node.values)] if node.values else None
        case ColumnKind.STRING:
            return _word(key, serial)
        case ColumnKind.INTEGER:
            return (serial * 137 + len(key) * 31) % 5000
        case ColumnKind.BOOLEAN:
            return (serial + len(key)) % 2 == 0
        case ColumnKind.NUMBER:
            return serial + 0.25
        case ColumnKind.DECIMAL:
            return f"{serial}.125"
        case ColumnKind.UNIX_TIME:
            return at if key == "created" else None if (serial + len(key)) % 4 == 0 else at + 60 * len(key)
        case ColumnKind.ISO_TIME:
            return iso(at) if key == "created" else iso(at + 60 * len(key))
        case ColumnKind.MAP:
            return {"batch": str(serial)} if key == "metadata" else {}
        case ColumnKind.ARRAY:
            return []
        case ColumnKind.LIST:
            return {"object": "list", "data": [], "has_more": False, "url": "/v1"}
        case ColumnKind.OBJECT | ColumnKind.EXPANDABLE:
            return None


def _word(key: str, serial: int) -> str | None:
    if key == "currency":
        return ("usd", "eur", "jpy", "kwd")[serial % 4]
    if "email" in key:
        return f"person{serial}@example.com"
    if "country" in key:
        return ("US", "GB", "JP")[serial % 3]
    if "url" in key:
        return f"https://lantern.example/{serial}"
    return None if (serial + len(key)) % 5 == 0 else f"{key.replace('_', ' ')} {serial}"


def iso(at: int) -> str:
    """Return unix seconds as RFC 3339, in milliseconds and UTC, as v2 writes them."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
