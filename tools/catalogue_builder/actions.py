"""Find the procedures: every operation that is no list, retrieve, create, update or delete of a table.

In: the operations that no table took. Out: ``Action`` values, each with its table or, where none fits, a namespace.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from catalogue_builder.endpoints import build_endpoint
from catalogue_builder.names import collection_of, table_name
from catalogue_builder.quirks import Quirks
from catalogue_builder.spec import Operation, Spec
from stripesql.catalogue.model import Action


def build_actions(spec: Spec, quirks: Quirks, taken: Collection[str]) -> list[Action]:
    """Return the actions of all operations whose id is not in ``taken`` and that are not excluded."""
    excluded = quirks.endpoints["excluded"]
    left = (operation for operation in spec.operations if operation.operation not in taken and operation.shape_of_path not in excluded)
    return sorted(_actions(spec, quirks, left), key=lambda action: (action.table, action.name, action.endpoint.path))


def _actions(spec: Spec, quirks: Quirks, operations: Iterable[Operation]) -> Iterable[Action]:
    collections = {collection_of(operation.path) or operation.path for operation in spec.operations if operation.method == "GET"}
    for operation in operations:
        table, name = _place(operation, quirks, collections)
        yield Action(table, name, build_endpoint(spec, operation, quirks))


def _place(operation: Operation, quirks: Quirks, collections: Collection[str]) -> tuple[str, str]:
    overrides = quirks.names["tables"]
    path = operation.path
    if operation.method == "DELETE":
        front, _, last = path.rpartition("/")
        plain = "delete" if collection_of(path) is not None else f"delete_{last}"
        head = collection_of(path) or collection_of(front) or path
        return table_name(head, overrides), quirks.names["procedures"].get(operation.shape_of_path, plain)
    if collection_of(path) is not None:
        return table_name(collection_of(path) or path, overrides), "update"
    head, _, last = path.rpartition("/")
    owner = _owner(head)
    if owner is None and operation.method == "POST" and head not in collections and not last.startswith("create_"):
        return table_name(path, overrides), "create"
    return table_name(owner or head, overrides), last


def _owner(head: str) -> str | None:
    """Return the collection of the last id in the path: ``/v1/issuing/cards`` of ``.../cards/{card}/shipping``."""
    front, found, _ = head.rpartition("/{")
    return front if found else None
