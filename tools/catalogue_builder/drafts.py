"""Decide what is a table: which reads of the spec give rows, under which name, from which resources.

In: ``Spec`` and ``Quirks``. Out: ``Draft`` values, with columns as flattened; ``tables`` makes tables of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from catalogue_builder.columns import Flattener, RawColumn, extra_column, merged
from catalogue_builder.endpoints import is_list_answer
from catalogue_builder.names import collection_of, parent_path, table_name
from catalogue_builder.quirks import Quirks
from catalogue_builder.spec import Operation, Spec, normalised
from stripesql.catalogue.model import Column, ColumnKind, TableShape

Reads = dict[str, Operation]
"""GET operations by path, placeholders as ``{}``."""


@dataclass(slots=True)
class Draft:
    """Hold what is known of a table before the references are.

    Attributes:
        name: table.
        path: of the collection, or of the singleton.
        shape: how many rows an answer gives.
        read: the operation that gives rows: the list, or the retrieve.
        resources: components that the rows are.
        raw: columns as flattened.
        decided: flatten decisions by resource.
        added: synthetic columns: parents, filter-only, old names.
    """

    name: str
    path: str
    shape: TableShape
    read: Operation
    resources: tuple[str, ...]
    raw: list[RawColumn] = field(default_factory=list)
    decided: dict[str, dict[str, str]] = field(default_factory=dict)
    added: list[Column] = field(default_factory=list)

    @property
    def nested(self) -> bool:
        """Say whether the path has a parent's id in it."""
        return parent_path(self.path) is not None

    @property
    def v2(self) -> bool:
        """Say whether the table belongs to API v2."""
        return self.path.startswith("/v2")

    @property
    def is_singleton(self) -> bool:
        """Say whether the read is of one object that is not reached by an id of its own."""
        return self.shape is not TableShape.LIST and collection_of(self.read.path) is None

    def always_has(self, name: str, nullable: list[str]) -> bool:
        """Say whether the time ``name`` is in every row; ``nullable`` has the exceptions as ``resource.field``."""
        in_spec = any(raw.name == name and raw.always and raw.kind is ColumnKind.UNIX_TIME for raw in self.raw)
        return in_spec and not any(f"{resource}.{name}" in nullable for resource in self.resources)


def find_drafts(spec: Spec, quirks: Quirks) -> list[Draft]:
    """Return the drafts in order of name, their columns flattened."""
    drafts = sorted(_drafts(spec, quirks), key=lambda draft: draft.name)
    for draft in drafts:
        _flatten(draft, spec, quirks)
    return drafts


def _drafts(spec: Spec, quirks: Quirks) -> Iterator[Draft]:
    reads = {operation.shape_of_path: operation for operation in spec.operations if operation.method == "GET"}
    skipped = set(quirks.endpoints["functions"]["paths"]) | set(quirks.endpoints["excluded"])
    for shape_of_path, operation in reads.items():
        if shape_of_path in skipped or operation.path.endswith("/search"):
            continue
        place = _place(operation, reads)
        if place is None:
            continue
        path, shape = place
        name = table_name(path, quirks.names["tables"])
        legacy = quirks.names["legacy_items"].get(name, ())
        rows = operation.answer["properties"]["data"]["items"] if shape is TableShape.LIST else operation.answer
        yield Draft(name, path, shape, operation, tuple(one for one in spec.resources(rows) if one not in legacy))


def _place(operation: Operation, reads: Reads) -> tuple[str, TableShape] | None:
    """Return the path and shape of the table that this GET reads; None where it is the retrieve of a list."""
    if is_list_answer(operation.answer):
        return operation.path, TableShape.LIST
    collection = collection_of(operation.path)
    if collection is not None:
        return None if normalised(collection) in reads else (collection, TableShape.RETRIEVE_ONLY)
    if operation.path == "/v1/balance":
        return operation.path, TableShape.BALANCE
    return operation.path, TableShape.RETRIEVE_ONLY if operation.arguments else TableShape.SINGLETON


def _flatten(draft: Draft, spec: Spec, quirks: Quirks) -> None:
    alternatives = []
    for resource in draft.resources:
        schema = spec.schemas[resource]
        flattener = Flattener(spec, schema, draft.v2, quirks.lock.get(resource, {}))
        paths = (tuple(path.split(".")) for path in quirks.columns["extra"].get(resource, ()))
        extra = (extra_column(spec, schema, path, v2=draft.v2) for path in paths)
        alternatives.append(flattener.columns() + [column for column in extra if column is not None])
        draft.decided[resource] = flattener.decided
    draft.raw = merged(alternatives)
