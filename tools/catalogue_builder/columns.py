"""Flatten a resource into columns.

In: a resource's schema. Out: columns whose foreign keys are still resource names (``RawColumn``). The rule, in order:

1. A scalar is a column; an expandable value is its id; a list, array, map or polymorphic value is JSON.
2. A nested object that is itself a resource is JSON, with ``<name>_id`` beside it.
3. A hub, an object that is a type with one sub-object per type, is JSON, with its ``type`` and its expandable children.
4. Where the root's ``type`` names 6 or more of its sub-objects, or an object has more than 25, those are JSON each.
5. Any other object is flattened, at most two levels below the root, where that gives at most 24 columns.

The decisions are returned too, so that a lock can keep them when an object grows (``lock``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from catalogue_builder.shapes import Form, Shape, shape
from catalogue_builder.spec import Schema, Spec
from stripesql.catalogue.model import ColumnKind

MAX_LEVELS = 2
MAX_FLATTENED = 24
MAX_SUB_OBJECTS = 25
MIN_ROOT_VARIANTS = 6

FLAT = "flat"
"""The decision to flatten; every other decision is the reason for JSON."""

Path = tuple[str, ...]
Decisions = Mapping[str, str]
"""Dotted path of a nested object, and what was decided for it."""


@dataclass(frozen=True, slots=True)
class RawColumn:
    """Say a column before foreign keys are known as tables.

    Attributes:
        path: keys that lead to the value.
        kind: how the API writes it.
        values: of an enum.
        targets: resources that the value is the id of.
        hidden: the JSON of a flattened object.
        always: the value can be neither absent nor null.
    """

    path: Path
    kind: ColumnKind
    values: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    hidden: bool = False
    always: bool = False

    @property
    def name(self) -> str:
        """Return the path joined by underscores."""
        return "_".join(self.path)


@dataclass(slots=True)
class Flattener:
    """Flatten one resource, and remember what was decided.

    Attributes:
        spec: the file.
        root: the resource's schema.
        v2: the resource belongs to API v2.
        locked: decisions of earlier builds, which hold.
        decided: decisions of this build.
    """

    spec: Spec
    root: Schema
    v2: bool = False
    locked: Decisions = field(default_factory=dict)
    decided: dict[str, str] = field(default_factory=dict)

    def columns(self) -> list[RawColumn]:
        """Return the columns in the spec's order, hidden ones among them."""
        return list(self._object((), self.root))

    def _object(self, path: Path, schema: Schema, *, always: bool = True) -> Iterator[RawColumn]:
        required = schema.get("required", ())
        for name, raw in schema.get("properties", {}).items():
            if is_tombstone_flag(name, raw):
                continue
            present = always and name in required and not raw.get("nullable", False)
            yield from self._property((*path, name), raw, schema, always=present)

    def _property(self, path: Path, raw: Schema, parent: Schema, *, always: bool) -> Iterator[RawColumn]:
        found = shape(self.spec, raw, path[-1], v2=self.v2)
        match found.form:
            case Form.SCALAR | Form.OPAQUE | Form.EXPANDABLE:
                yield RawColumn(path, found.kind, found.values, found.targets, always=always)
            case Form.RESOURCE:
                yield RawColumn(path, ColumnKind.OBJECT)
                yield RawColumn((*path, "id"), ColumnKind.STRING, targets=found.targets)
            case Form.NESTED:
                yield from self._nested(path, found, parent, always=always)

    def _nested(self, path: Path, found: Shape, parent: Schema, *, always: bool) -> Iterator[RawColumn]:
        flattened = list(self._object(path, found.schema, always=always)) if len(path) <= MAX_LEVELS else []
        decision = self.locked.get(".".join(path)) or self._decide(path, found.schema, parent, flattened)
        self.decided[".".join(path)] = decision
        if decision == FLAT:
            yield from flattened
        else:
            self._forget_below(path)
        yield RawColumn(path, ColumnKind.OBJECT, hidden=decision == FLAT)
        if decision == "hub":
            yield from self._hub_children(path, found.schema)

    def _decide(self, path: Path, schema: Schema, parent: Schema, flattened: list[RawColumn]) -> str:
        if self._is_hub(schema):
            return "hub"
        if self._is_variant(path, parent):
            return "variant"
        if len(path) > MAX_LEVELS:
            return "deep"
        if sum(not column.hidden for column in flattened) > MAX_FLATTENED:
            return "big"
        return FLAT

    def _is_hub(self, schema: Schema) -> bool:
        properties = schema.get("properties", {})
        nested = self._sub_objects(schema)
        kinds = self._type_values(schema)
        if len([name for name in nested if name in kinds]) >= 2:
            return True
        if len(nested) >= 6 and len(nested) >= 0.7 * len(properties):
            return True
        return "type" in properties and not kinds and len(nested) >= 4

    def _is_variant(self, path: Path, parent: Schema) -> bool:
        if len(path) == 1:
            named = set(self._type_values(parent)) & set(self._sub_objects(parent))
            if len(named) >= MIN_ROOT_VARIANTS and path[0] in named:
                return True
        return len(self._sub_objects(parent)) > MAX_SUB_OBJECTS

    def _type_values(self, schema: Schema) -> tuple[str, ...]:
        raw = schema.get("properties", {}).get("type")
        return shape(self.spec, raw, "type").values if raw else ()

    def _sub_objects(self, schema: Schema) -> list[str]:
        return [name for name, raw in schema.get("properties", {}).items() if self._is_sub_object(raw)]

    def _is_sub_object(self, raw: Schema) -> bool:
        found = shape(self.spec, raw)
        return found.form in (Form.NESTED, Form.RESOURCE) or (found.form is Form.OPAQUE and found.kind is ColumnKind.OBJECT)

    def _hub_children(self, path: Path, schema: Schema) -> Iterator[RawColumn]:
        for name, raw in schema["properties"].items():
            found = shape(self.spec, raw, name, v2=self.v2)
            if (name == "type" and found.form is Form.SCALAR) or found.form is Form.EXPANDABLE:
                yield RawColumn((*path, name), found.kind, found.values, found.targets)

    def _forget_below(self, path: Path) -> None:
        below = ".".join(path) + "."
        for key in [key for key in self.decided if key.startswith(below)]:
            del self.decided[key]


def extra_column(spec: Spec, root: Schema, path: Path, *, v2: bool) -> RawColumn | None:
    """Return a column for a field below an object that stays JSON, None where this version has no such field."""
    schema = root
    for name in path[:-1]:
        schema = spec.resolve(schema.get("properties", {}).get(name, {}))
    raw = schema.get("properties", {}).get(path[-1])
    if raw is None:
        return None
    found = shape(spec, raw, path[-1], v2=v2)
    return RawColumn(path, found.kind, found.values, found.targets)


def is_tombstone_flag(name: str, raw: Schema) -> bool:
    """Say whether the property only marks a deleted object, which is no row.

    The rebuilt file merges each ``deleted_*`` schema into the resource, as a boolean whose only value is true.
    """
    return name == "deleted" and raw.get("enum") == [True]


def merged(alternatives: list[list[RawColumn]]) -> list[RawColumn]:
    """Return the columns of a list whose items are of several resources: the union by name, in order of name."""
    columns: dict[str, RawColumn] = {}
    for index, alternative in enumerate(alternatives):
        for column in alternative:
            known = columns.get(column.name)
            columns[column.name] = column if known is None else _merge(known, column)
        names = {column.name for column in alternative}
        for name in [name for name in columns if index and name not in names]:
            columns[name] = _optional(columns[name])
    return [columns[name] for name in sorted(columns)]


def _merge(left: RawColumn, right: RawColumn) -> RawColumn:
    if left.kind is not right.kind:
        kinds = {left.kind, right.kind}
        kind = ColumnKind.ENUM if kinds == {ColumnKind.ENUM, ColumnKind.STRING} else ColumnKind.STRING
        kind = ColumnKind.EXPANDABLE if kinds == {ColumnKind.EXPANDABLE, ColumnKind.STRING} else kind
    else:
        kind = left.kind
    return RawColumn(
        left.path,
        kind,
        tuple(dict.fromkeys(left.values + right.values)),
        tuple(dict.fromkeys(left.targets + right.targets)),
        hidden=left.hidden and right.hidden,
        always=left.always and right.always,
    )


def _optional(column: RawColumn) -> RawColumn:
    return RawColumn(column.path, column.kind, column.values, column.targets, column.hidden)
