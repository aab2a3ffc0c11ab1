"""Put tables together: columns, list, writes, parents, notes.

In: ``Spec`` and ``Quirks``. Out: ``Table`` values whose references are table names. Actions are added by ``actions``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from catalogue_builder.balance import balance_columns
from catalogue_builder.column_types import sql_type
from catalogue_builder.columns import RawColumn
from catalogue_builder.drafts import Draft, find_drafts
from catalogue_builder.endpoints import build_endpoint, is_real_delete
from catalogue_builder.filters import Leaf, filter_only_column, leaves
from catalogue_builder.lists import Pairs, build_list
from catalogue_builder.names import parent_path, singular, table_name
from catalogue_builder.quirks import Quirks
from catalogue_builder.references import plain_reference, resolve_references
from catalogue_builder.spec import Operation, Spec, normalised
from stripesql.catalogue.model import Column, ColumnKind, ColumnRole, Endpoint, Note, Parent, Table, TableShape
from stripesql.types import SqlType

RAW = Column("_raw", (), SqlType.JSON, ColumnKind.OBJECT, ColumnRole.RAW, hidden=True)


@dataclass(slots=True)
class TableBuilder:
    """Build all tables of a spec.

    Attributes:
        spec: the file.
        quirks: the reviewed facts.
        decided: flatten decisions by resource, filled by ``build``.
        roles: which table and role took each operation, by operation id, filled by ``build``.
        unreviewed: list parameters without review, filled by ``build``.
        homes: drafts by name, filled by ``build``.
    """

    spec: Spec
    quirks: Quirks
    decided: dict[str, dict[str, str]] = field(default_factory=dict)
    roles: dict[str, tuple[str, str]] = field(default_factory=dict)
    unreviewed: list[tuple[str, Leaf]] = field(default_factory=list)
    homes: dict[str, Draft] = field(default_factory=dict)

    def build(self) -> list[Table]:
        """Return the tables in order of name."""
        drafts = find_drafts(self.spec, self.quirks)
        self.homes = {draft.name: draft for draft in drafts}
        for draft in drafts:
            self.decided.update(draft.decided)
        return [self._table(draft) for draft in drafts]

    def _table(self, draft: Draft) -> Table:
        reviews = self.quirks.filters.get(draft.name, {})
        found = leaves(self.spec, draft.read) if draft.shape is TableShape.LIST else []
        self.unreviewed += [(draft.name, leaf) for leaf in found if leaf.param not in reviews]
        key, parents = self._parents(draft)
        draft.added += [column for leaf in found if (column := filter_only_column(leaf, reviews.get(leaf.param))) is not None]
        required, more_parents = self._required(draft, found)
        columns = self._columns(draft, key)
        table = Table(
            name=draft.name,
            resource="|".join(self._object_name(resource) for resource in draft.resources),
            shape=draft.shape,
            columns=columns,
            parents=parents + more_parents,
            key=key if draft.shape is not TableShape.BALANCE else ("kind", "currency"),
            notes=self._notes(draft.name),
            own_id=draft.name in self.quirks.endpoints["own_ids"]["tables"],
            v2=draft.v2,
        )
        if draft.shape is TableShape.LIST:
            self.roles[draft.read.operation] = (draft.name, "list")
            table = replace(table, list=build_list(draft, columns, key, found, required, self.quirks))
        return self._with_search(self._with_endpoints(table, draft), draft)

    def _object_name(self, resource: str) -> str:
        values = self.spec.schemas[resource]["properties"].get("object", {}).get("enum", ())
        return str(values[0]) if values else resource

    def _columns(self, draft: Draft, key: Sequence[str]) -> tuple[Column, ...]:
        if draft.shape is TableShape.BALANCE:
            return (*balance_columns(self.spec.schemas[draft.resources[0]]), RAW)
        expands = [path for resource in draft.resources for path in self.quirks.columns["expand"].get(resource, ())]
        columns = [self._column(raw, draft, expands) for raw in draft.raw]
        columns += draft.added
        columns += self._old_names(draft, columns)
        leading = ("id", *key)
        visible = (column for column in columns if not column.hidden)
        ordered = sorted(visible, key=lambda column: leading.index(column.name) if column.name in leading else len(leading))
        return (*ordered, *(column for column in columns if column.hidden), RAW)

    def _column(self, raw: RawColumn, draft: Draft, expands: Sequence[str]) -> Column:
        dotted = ".".join(raw.path)
        references = resolve_references(raw.targets, self.homes.values())
        if raw.kind is ColumnKind.STRING and not references:
            references = plain_reference(self.quirks.references, draft.name, raw.name, raw.path[-1])
        return Column(
            raw.name,
            raw.path,
            sql_type(raw.kind),
            raw.kind,
            hidden=raw.hidden,
            references=tuple(name for name in references if name in self.homes),
            values=raw.values,
            expand=next((path for path in expands if dotted == path or dotted.startswith(path + ".")), None),
        )

    def _old_names(self, draft: Draft, columns: Sequence[Column]) -> list[Column]:
        known = {column.name: column for column in columns}
        names: dict[str, str] = self.quirks.columns["old_names"].get(draft.name, {})
        usable = {old: known[today] for old, today in names.items() if today in known and old not in known}
        return [replace(column, name=old, hidden=True, same_as=column.name) for old, column in usable.items()]

    def _parents(self, draft: Draft) -> tuple[tuple[str, ...], tuple[Parent, ...]]:
        own = ("id",) if any(raw.name == "id" for raw in draft.raw) else ()
        path = parent_path(draft.path)
        if path is None:
            return own, ()
        parent = next((home for home in self.homes.values() if normalised(home.path) == normalised(path)), None)
        name = parent.name if parent is not None else table_name(path, self.quirks.names["tables"])
        column = self._parent_column(draft, name)
        if parent is None:
            return (column, *own), ()
        return (column, *own), (Parent(name, column, draft.read.arguments[0], self._embedded(draft.name, name)),)

    def _parent_column(self, draft: Draft, parent: str) -> str:
        own = {raw.name: raw for raw in draft.raw}
        whole = singular(parent)
        last = whole.rpartition("_")[2]
        for name in (self.quirks.names["parent_fields"].get(draft.name), whole, last, f"{whole}_id"):
            if name is not None and name in own and own[name].kind in (ColumnKind.STRING, ColumnKind.EXPANDABLE):
                return name
        draft.added.append(_parent_id(whole, parent if parent in self.homes else None))
        return whole

    def _embedded(self, child: str, parent: str) -> str | None:
        entry = self.quirks.arguments["embedded"].get(child)
        return str(entry["column"]) if entry is not None and entry["parent"] == parent else None

    def _required(self, draft: Draft, found: Sequence[Leaf]) -> tuple[Pairs, tuple[Parent, ...]]:
        entries: dict[str, Any] = self.quirks.arguments["required"].get(draft.name, {})
        required: list[tuple[str, str]] = []
        parents: list[Parent] = []
        for leaf in found:
            if not leaf.required:
                continue
            entry = entries.get(leaf.param, {"column": leaf.column})
            column = entry.get("column") or entry["parent"]
            if "parent" in entry:
                draft.added.append(_parent_id(column, entry.get("table") or entry["references"]))
            if entry.get("table") in self.homes:
                parents.append(Parent(entry["table"], column, leaf.param, self._embedded(draft.name, entry["table"])))
            required.append((leaf.param, column))
        return tuple(required), tuple(parents)

    def _with_endpoints(self, table: Table, draft: Draft) -> Table:
        fields: dict[str, Endpoint] = {}
        for operation in self.spec.operations:
            role = self._role(operation, draft)
            if role is not None:
                fields[role] = build_endpoint(self.spec, operation, self.quirks)
                self.roles[operation.operation] = (table.name, role)
        return replace(
            table, retrieve=fields.get("retrieve"), create=fields.get("create"), update=fields.get("update"), delete=fields.get("delete")
        )

    def _role(self, operation: Operation, draft: Draft) -> str | None:
        collection = normalised(draft.path)
        item = collection + "/{}"
        match operation.method, operation.shape_of_path:
            case "GET", path if path == (collection if draft.is_singleton else item):
                return "retrieve"
            case "POST", path if path == collection:
                return "update" if draft.is_singleton else "create"
            case "POST", path if path == item and not draft.is_singleton:
                return "update"
            case "DELETE", path if path == item and is_real_delete(self.spec, operation, self.quirks.endpoints["deletes"]["paths"]):
                return "delete"
            case _:
                return None

    def _notes(self, name: str) -> tuple[Note, ...]:
        return tuple(
            Note(entry["rows"], entry.get("seen_by", ""), entry.get("beyond_list", False), entry["source"])
            for entry in self.quirks.hidden_rows["notes"]
            if name in entry["tables"]
        )

    def _with_search(self, table: Table, draft: Draft) -> Table:
        path = draft.path + "/search"
        operation = next((one for one in self.spec.operations if one.method == "GET" and one.path == path), None)
        if operation is None:
            return table
        self.roles[operation.operation] = (table.name, "search")
        entries = self.quirks.search.get(table.name, {})
        known = {name: entry for name, entry in entries.items() if table.column(entry["column"]) is not None}
        return replace(
            table, search_path=path, search_fields=tuple((entry["column"], name, entry["type"]) for name, entry in known.items())
        )


def _parent_id(name: str, table: str | None) -> Column:
    return Column(name, (), SqlType.VARCHAR, ColumnKind.STRING, ColumnRole.PARENT, references=(table,) if table is not None else ())
