"""Expand references: check what is asked for, then write objects in the place of their ids.

In: ``expand[]`` paths and a rendered object. Out: the object with new containers along each path (rendered objects share
parts, so nothing is changed in place). Deleted objects come as tombstones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stripesql.catalogue.load import catalogue
from stripesql.catalogue.model import Column, ColumnKind
from stripesql.simulator import errors, params, shapes
from stripesql.simulator.embedded import EMBEDDED, EXPAND_ONLY
from stripesql.simulator.params import Value

if TYPE_CHECKING:
    from stripesql.simulator.account import Account

DEEPEST = 4
Path = tuple[str, ...]


def paths_of(sent: Value | None) -> tuple[Path, ...]:
    """Return the paths of ``expand[]``, at most four levels deep."""
    if sent is None:
        return ()
    paths = tuple(tuple(written.split(".")) for written in params.texts(sent, "expand"))
    for path in paths:
        if len(path) > DEEPEST:
            raise errors.invalid_value("expand", f"You cannot expand more than {DEEPEST} levels of a property. Property: {'.'.join(path)}")
    return paths


def check(name: str, paths: tuple[Path, ...], *, in_list: bool) -> None:
    """Refuse paths that name nothing expandable in objects of the table ``name``."""
    for path in paths:
        written = ".".join(path)
        if not in_list:
            _check(name, path, written)
        elif path[0] == "data" and len(path) > 1:
            _check(name, path[1:], written)
        elif path != ("total_count",):
            hint = f" You may want to try expanding 'data.{written}' instead."
            raise errors.invalid_value("expand", f"This property cannot be expanded ({written}).{hint}")


def _check(name: str, path: Path, written: str) -> None:
    lists = {entry.field: entry.table for entry in EMBEDDED.get(name, ())}
    if path[0] in lists:
        rest = path[1:]
        if rest and (rest[0] != "data" or len(rest) == 1):
            raise _refused(written)
        if rest:
            _check(lists[path[0]], rest[1:], written)
        return
    node: Any = shapes.tree(name)
    for depth, key in enumerate(path):
        if not isinstance(node, dict) or key not in node:
            if depth == 0 and key in EXPAND_ONLY.get(name, ()):
                return
            raise _refused(written)
        node = node[key]
        rest = path[depth + 1 :]
        if isinstance(node, Column):
            _check_leaf(node, rest, written)
            return
        resource = _embedded_resource(node)
        if resource is not None and rest:
            _check(resource, rest, written)
            return
    if path[0] not in EXPAND_ONLY.get(name, ()) and not _has_expand(node):
        raise _refused(written)


def _check_leaf(column: Column, rest: Path, written: str) -> None:
    if column.kind is ColumnKind.EXPANDABLE:
        if rest and len([name for name in column.references if not shapes.known(name).parents]) == 1:
            _check(column.references[0], rest, written)
        return
    if column.kind is ColumnKind.OBJECT and column.references and rest:
        _check(column.references[0], rest, written)
        return
    # Inside JSON the catalogue cannot tell; arrays of ids (discounts) are expandable as a whole.
    inside = column.kind in (ColumnKind.OBJECT, ColumnKind.ARRAY, ColumnKind.MAP, ColumnKind.LIST)
    if not inside and column.expand is None:
        raise _refused(written)


def _embedded_resource(node: Any) -> str | None:
    """Return the table of an object that stands whole inside another (``subscription_item.price``)."""
    own_id = node.get("id") if isinstance(node, dict) else None
    return own_id.references[0] if isinstance(own_id, Column) and own_id.references else None


def _has_expand(node: Any) -> bool:
    return isinstance(node, dict) and any(isinstance(inner, Column) and inner.expand is not None for inner in node.values())


def _refused(written: str) -> Exception:
    return errors.invalid_value("expand", f"This property cannot be expanded ({written}).")


def tables_reached(name: str, path: Path) -> tuple[str, ...]:
    """Return the tables whose objects an expand path (without ``data``) writes, for permissions."""
    lists = {entry.field: entry.table for entry in EMBEDDED.get(name, ())}
    if path[0] in lists:
        return (lists[path[0]], *(tables_reached(lists[path[0]], path[2:]) if len(path) > 2 else ()))
    node: Any = shapes.tree(name)
    for depth, key in enumerate(path):
        node = node.get(key) if isinstance(node, dict) else None
        rest = path[depth + 1 :]
        if isinstance(node, Column):
            target = node.references[:1]
            return (*target, *(tables_reached(target[0], rest) if target and rest else ()))
        resource = _embedded_resource(node)
        if resource is not None and rest:
            return tables_reached(resource, rest)
    return ()


def apply(account: Account, name: str, value: dict[str, Any], paths: tuple[Path, ...]) -> dict[str, Any]:
    """Return the rendered object with every path expanded; ``data`` in front is skipped."""
    for path in paths:
        rest = path[1:] if path[0] == "data" else path
        if path != ("total_count",):
            value = _grow(account, value, rest, shapes.tree(name), name)
    return value


def _grow(account: Account, value: Any, path: Path, node: Any, name: str | None) -> Any:
    """Return ``value`` with ``path`` below it expanded; ``node`` is its shape, ``name`` its table, where known."""
    if not path:
        return value
    if isinstance(value, list):
        return [_grow(account, item, path, node, name) for item in value]
    if not isinstance(value, dict):
        return value
    if name is None and isinstance(value.get("object"), str) and value.get("object") != "list":
        table = catalogue().table_of_resource(value["object"])
        name = table.name if table is not None else None
        node = shapes.tree(name) if name is not None else None
    key, rest = path[0], path[1:]
    inner_node = node.get(key) if isinstance(node, dict) else None
    inner, inner_name = value.get(key), None
    if key not in value and name is not None:
        inner = _demanded(account, name, value.get("id", ""), key)
    if isinstance(inner, str) or (isinstance(inner, list) and inner and isinstance(inner[0], str)):
        inner = _objects(account, inner, inner_node)
    if isinstance(inner, dict) and isinstance(inner.get("object"), str):
        inner_node = None
    return {**value, key: _grow(account, inner, rest, inner_node, inner_name)}


def _demanded(account: Account, name: str, row_id: str, key: str) -> Any:
    """Return a field that is written only on demand."""
    for entry in EMBEDDED.get(name, ()):
        if entry.field == key:
            return account.embed(entry, row_id)
    row = account.shelf(name).get(row_id)
    return account.fields(name, row).get(key) if row is not None and key in EXPAND_ONLY.get(name, ()) else None


def _objects(account: Account, ids: str | list[str], node: Any) -> Any:
    if isinstance(ids, list):
        return [_objects(account, item, node) for item in ids]
    if ids.startswith("di_"):
        return account.discount(ids) or ids
    references = node.references if isinstance(node, Column) else ()
    for name in references:
        if shapes.known(name).parents:
            continue
        shelf = account.shelf(name)
        row = shelf.get(ids)
        if row is not None:
            return account.render(name, row)
        if ids in shelf.tombstones:
            return account.tombstone(name, ids)
    return ids
