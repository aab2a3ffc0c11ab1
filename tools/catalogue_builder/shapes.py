"""Name what a property's schema is: a scalar and of which kind, an id, a list, a nested object, a resource.

In: raw schemas of either idiom. Out: ``Shape``. Which of them become columns is decided by ``columns``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

from catalogue_builder.spec import Schema, Spec
from stripesql.catalogue.model import ColumnKind

V2_TIME_NAME = re.compile(r"^(created|updated|expires|sent|timestamp|minimum_transition_date)$|_at$")
"""Names of v2 strings that are times though their text does not say RFC 3339 (checked by eye, 2026-10-28)."""


TIME_NAME = re.compile(r"(_at|_date)$|^(release_after|expires_on)$")
"""Names of v1 integers that are times though the rebuilt file gives them no format (checked by eye, 2026-10-28)."""


class Form(Enum):
    """Say how a property is built."""

    SCALAR = "scalar"
    EXPANDABLE = "expandable"
    OPAQUE = "opaque"
    """list, array, map, polymorphic value or an object that the spec does not describe"""
    NESTED = "nested"
    RESOURCE = "resource"
    """an embedded object that is itself a resource"""


@dataclass(frozen=True, slots=True)
class Shape:
    """Say what a property is.

    Attributes:
        form: how it is built.
        kind: how the API writes it.
        values: of an enum.
        targets: resources that an id or an embedded resource may be.
        schema: of a nested object or resource.
    """

    form: Form
    kind: ColumnKind
    values: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    schema: Schema = field(default_factory=dict)


def shape(spec: Spec, schema: Schema, name: str = "", *, v2: bool = False) -> Shape:
    """Return the shape of the property ``name``; ``v2`` has no format for times in the rebuilt file (see ``_is_v2_time``)."""
    is_time = _is_v2_time(name, schema.get("description", "")) if v2 else bool(TIME_NAME.search(name))
    if "x-expansionResources" in schema:
        targets = spec.resources({"anyOf": schema["x-expansionResources"]["oneOf"]})
        return Shape(Form.EXPANDABLE, ColumnKind.EXPANDABLE, targets=targets)
    component = spec.resources(schema)
    schema = spec.resolve(schema)
    options = [spec.resolve(option) for option in schema.get("anyOf", ())]
    if options:
        return _union(options)
    match schema.get("type"):
        case "array":
            return Shape(Form.OPAQUE, ColumnKind.ARRAY)
        case "object":
            return _object(schema, component)
        case kind:
            return Shape(Form.SCALAR, _scalar(kind, schema, is_time=is_time, v2=v2), values=enum_values(schema))


def enum_values(schema: Schema) -> tuple[str, ...]:
    """Return the values of a string enum, without the empty one."""
    return tuple(value for value in schema.get("enum", ()) if isinstance(value, str) and value)


def is_list(schema: Schema) -> bool:
    """Say whether the schema is a list object, embedded or as an answer."""
    properties = schema.get("properties", {})
    return "data" in properties and (schema.get("x-list", False) or properties.get("object", {}).get("enum") == ["list"])


def _union(options: list[Schema]) -> Shape:
    if all(option.get("type") == "string" for option in options):
        values = tuple(dict.fromkeys(value for option in options for value in enum_values(option)))
        return Shape(Form.SCALAR, ColumnKind.ENUM if values else ColumnKind.STRING, values=values)
    return Shape(Form.OPAQUE, ColumnKind.OBJECT)


def _object(schema: Schema, component: tuple[str, ...]) -> Shape:
    properties = schema.get("properties", {})
    if is_list(schema):
        return Shape(Form.OPAQUE, ColumnKind.LIST)
    if not properties:
        return Shape(Form.OPAQUE, ColumnKind.MAP if schema.get("additionalProperties") else ColumnKind.OBJECT)
    if "id" in properties and "object" in properties:
        return Shape(Form.RESOURCE, ColumnKind.OBJECT, targets=component, schema=schema)
    return Shape(Form.NESTED, ColumnKind.OBJECT, schema=schema)


def _scalar(kind: str | None, schema: Schema, *, is_time: bool, v2: bool) -> ColumnKind:
    match kind, schema.get("format"):
        case "integer", "unix-time":
            return ColumnKind.UNIX_TIME
        case "integer", _:
            return ColumnKind.UNIX_TIME if is_time and not v2 else ColumnKind.INTEGER
        case "number", _:
            return ColumnKind.NUMBER
        case "boolean", _:
            return ColumnKind.BOOLEAN
        case "string", "decimal":
            return ColumnKind.DECIMAL
        case "string", "date-time":
            return ColumnKind.ISO_TIME
        case "string", "int64":
            return ColumnKind.INTEGER
        case "string", _ if enum_values(schema):
            return ColumnKind.ENUM
        case "string", _:
            return ColumnKind.ISO_TIME if is_time and v2 else ColumnKind.STRING
        case _:
            return ColumnKind.OBJECT


def _is_v2_time(name: str, text: str) -> bool:
    return "RFC 3339" in text or "RFC3339" in text or bool(V2_TIME_NAME.search(name))
