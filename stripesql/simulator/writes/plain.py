"""Create, update and delete by the shape of the objects alone, for every table that has no rules of its own.

In: a checked write. Out: a changed row. Parameters land in the field of their name, nested ones key by key; those without a
field are taken and leave no trace, as with Stripe. Areas call these for the plain part of what they do.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from stripesql.catalogue.model import Column, ColumnKind, ColumnRole, Table
from stripesql.simulator import errors, insertion, shapes
from stripesql.simulator.embedded import EMBEDDED, SAME_ROWS
from stripesql.simulator.errors import ApiError
from stripesql.simulator.shapes import Tree
from stripesql.simulator.writes import starts
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.model import Row, Write
from stripesql.simulator.writes.values import merged

REPLACED = frozenset({"shipping", "recurring", "pause_collection", "trial_settings", "transform_quantity", "custom_unit_amount"})
"""Objects that an update replaces as a whole; others are merged key by key."""
OWN_ID = frozenset({"coupons", "plans", "products"})


def create(write: Write) -> Row:
    """Add an object made of the parameters."""
    return add(write, made(write))


def add(write: Write, fields: Object, *, event: bool = True) -> Row:
    """Add an object under its parents, with an own id where the table takes one."""
    name, hand = write.table.name, write.hand
    fields, parents = {**fields}, {}
    for column, parent_id in known_parents(write, write.route.arguments):
        if name in SAME_ROWS:
            fields[SAME_ROWS[name][1]] = parent_id
        elif (known := write.table.column(column)) is not None and known.role is ColumnRole.FIELD:
            fields[column] = parent_id
        else:
            parents[column] = parent_id
    own = write.values.get("id") if name in OWN_ID else None
    if own is not None:
        refuse_taken(hand, name, own)
        fields["id"] = own
    value = hand.add(name, fields, parents, event=event)
    return name, value["id"]


def refuse_taken(hand: Hand, name: str, own: str) -> None:
    """Refuse an id that a living object has; one of a deleted object is free again."""
    if hand.account.shelf(name).get(own) is not None:
        noun = shapes.known(name).resource.capitalize()
        raise ApiError(400, f"{noun} already exists.", code="resource_already_exists", param="id")


def made(write: Write) -> Object:
    """Return the fields of a new object that the parameters give."""
    name = SAME_ROWS[write.table.name][0] if write.table.name in SAME_ROWS else write.table.name
    start = {**deepcopy(shapes.blank(name)), **deepcopy(insertion.PLAIN.get(name, {})), **starts.of(name)}
    return overlaid(name, start, write.values)


def update(write: Write) -> Row:
    """Change an object by the parameters."""
    return change(write, overlaid(write.table.name, target(write), write.values))


def change(write: Write, fields: Object) -> Row:
    """Change the object that the path names."""
    row_id = write.id if write.route.arguments else write.hand.account.id
    write.hand.change(write.table.name, row_id, fields)
    return write.table.name, row_id


def delete(write: Write) -> Object:
    """Turn the object that the path names into a tombstone."""
    target(write)
    return write.hand.remove(write.table.name, write.id)


def target(write: Write) -> Object:
    """Return the object that the path names, of the parents that it names.

    Raises:
        ApiError: 404.
    """
    name, hand = write.table.name, write.hand
    found = hand.get(name, write.id, write.route.endpoint.arguments[-1])
    shelf = hand.account.shelf(name)
    row = shelf.get(write.id)
    for column, parent_id in known_parents(write, write.route.arguments[:-1]):
        field = SAME_ROWS[name][1] if name in SAME_ROWS else column
        if shelf.reader(field)(row) != parent_id:
            raise errors.no_such(shapes.known(name).resource.partition("|")[0], write.id, "id", 404)
    return found


def known_parents(write: Write, arguments: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return column and id of each parent in the path, which must exist."""
    found: list[tuple[str, str]] = []
    for parent, parent_id in zip(write.table.parents, arguments, strict=False):
        if not (parent.table == "accounts" and parent_id == write.hand.account.id):
            write.hand.get(parent.table, parent_id, parent.argument)
        found.append((parent.column, parent_id))
    return found


def overlaid(name: str, before: Object, values: dict[str, Any]) -> Object:
    """Return an object with the parameters laid over its fields."""
    lists = {entry.field for entry in EMBEDDED.get(name, ())}
    kept = {key: value for key, value in values.items() if key not in lists and key not in ("id", "object")}
    return _laid(before, kept, shapes.tree(name))


def _laid(before: Object, values: dict[str, Any], shape: Tree) -> Object:
    after = dict(before)
    for key, value in values.items():
        node = shape.get(key)
        if node is None:
            continue
        after[key] = _inner(after.get(key), value, node, key)
    return after


def _inner(old: Any, value: Any, node: Column | Tree, key: str) -> Any:
    if isinstance(node, Column):
        if node.kind is ColumnKind.MAP and key == "metadata":
            return merged(old, value)
        if value is None:
            return [] if node.kind is ColumnKind.ARRAY and node.expand is None and isinstance(old, list) else None
        if node.kind is ColumnKind.OBJECT and isinstance(value, dict) and isinstance(old, dict) and key not in REPLACED:
            return {**old, **value}
        return value
    if not isinstance(value, dict):
        return value
    start = old if isinstance(old, dict) and key not in REPLACED else empty(node)
    return _laid(start, value, node)


def empty(node: Tree) -> Object:
    """Return a nested object that says nothing."""
    return {key: _nothing(inner) for key, inner in sorted(node.items()) if not shapes.expand_only(inner)}


def _nothing(node: Column | Tree) -> Any:
    if isinstance(node, Column):
        return {ColumnKind.BOOLEAN: False, ColumnKind.MAP: {}, ColumnKind.ARRAY: []}.get(node.kind)
    return None


def is_nested(table: Table) -> bool:
    """Say whether the path of the table's list names a parent."""
    return bool(table.parents) and table.list is not None and "{" in table.list.path
