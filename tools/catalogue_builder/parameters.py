"""Keep the parameters of an operation, nested shapes and all.

In: raw schemas of query parameters and bodies. Out: ``Parameter`` trees.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from catalogue_builder.shapes import TIME_NAME, V2_TIME_NAME, enum_values
from catalogue_builder.spec import Operation, Schema, Spec
from stripesql.catalogue.model import Parameter

PARAMETER_TIME_NAME = re.compile(
    r"^(start|end|frozen_time|timestamp|trial_end|trial_start|cancel_at|active_from|redeem_by|start_time|end_time|created|"
    r"interval_start|interval_end|billing_cycle_anchor|transacted_at|created_after|created_before)$"
)
"""Names of integer parameters that are times, beside those of ``shapes.TIME_NAME`` (checked by eye, 2026-10-28)."""

RANGE_KEYS = ("gt", "gte", "lt", "lte")


def parameters_of(spec: Spec, operation: Operation) -> tuple[Parameter, ...]:
    """Return the query parameters of a GET or DELETE, the body's of a POST."""
    if operation.method == "POST" and operation.body is not None:
        fields = _fields(spec, operation.body, v2=operation.json_body)
        return tuple(_upload(one) for one in fields) if operation.base == "files" else fields
    v2 = operation.path.startswith("/v2")
    return tuple(
        parameter(spec, raw["name"], raw.get("schema", {}), text=raw.get("description", ""), required=raw.get("required", False), v2=v2)
        for raw in operation.query
    )


def parameter(spec: Spec, name: str, schema: Schema, *, text: str = "", required: bool = False, v2: bool = False) -> Parameter:
    """Return one parameter; of alternatives the most structured one, since a caller can always send text; several objects as one."""
    text = text or schema.get("description", "")
    options = [spec.resolve(option) for option in schema.get("anyOf", ())] or [spec.resolve(schema)]
    accepts_empty = any("" in option.get("enum", ()) for option in options)
    accepts_now = any(option.get("enum") == ["now"] for option in options) and any(option.get("type") == "integer" for option in options)
    options = [option for option in options if option.get("enum") not in ([""], ["now"])] or options
    chosen = _merged([option for option in options if option.get("properties")]) or max(options, key=_structure)
    values = tuple(dict.fromkeys(value for option in options for value in enum_values(option)))
    kind = _kind(name, chosen, values, text, v2=v2)
    item = parameter(spec, "", chosen["items"], v2=v2) if kind == "array" and "items" in chosen else None
    return Parameter(
        name=name,
        kind=kind,
        required=required,
        values=values,
        fields=_fields(spec, chosen, v2=v2) if kind == "object" else (),
        item=item,
        accepts_empty=accepts_empty,
        accepts_now=accepts_now,
        accepts_text=kind == "object" and any(option.get("type") == "string" for option in options),
    )


def _merged(objects: Sequence[Schema]) -> Schema | None:
    """Return one object that takes what any of several takes, and requires what all of them require; None where they are not several."""
    if len(objects) < 2:
        return None
    properties: dict[str, list[Schema]] = {}
    for each in objects:
        for name, raw in each["properties"].items():
            properties.setdefault(name, []).append(raw)
    return {
        "type": "object",
        "properties": {name: raws[0] if len(raws) == 1 else {**raws[0], "anyOf": _options(raws)} for name, raws in properties.items()},
        "required": [name for name in properties if all(name in each.get("required", ()) for each in objects)],
    }


def _options(raws: Sequence[Schema]) -> list[Schema]:
    return [option for raw in raws for option in raw.get("anyOf", [raw])]


def _fields(spec: Spec, schema: Schema, *, v2: bool) -> tuple[Parameter, ...]:
    required = schema.get("required", ())
    return tuple(
        parameter(spec, name, raw, required=name in required, v2=v2)
        for name, raw in schema.get("properties", {}).items()
        if name != "expand"
    )


def _upload(one: Parameter) -> Parameter:
    """Return the parameter as a file: the rebuilt file has the contents of an upload as text."""
    return replace(one, kind="file") if one.name == "file" else one


def _structure(schema: Schema) -> int:
    order = ("string", "boolean", "integer", "number", "array", "object")
    kind = schema.get("type", "string")
    return order.index(kind) if kind in order else 0


def _kind(name: str, schema: Schema, values: tuple[str, ...], text: str, *, v2: bool) -> str:
    match schema.get("type"), schema.get("format"):
        case "object", _:
            return "object" if schema.get("properties") else "map"
        case "array", _:
            return "array"
        case "integer", "unix-time":
            return "unix-time"
        case "integer", _:
            return "unix-time" if _is_time(name, text) else "integer"
        case "number", _:
            return "number"
        case "boolean", _:
            return "boolean"
        case "string", "decimal":
            return "decimal"
        case "string", "binary":
            return "file"
        case _ if values:
            return "enum"
        case _:
            return "iso-time" if v2 and ("RFC 3339" in text or V2_TIME_NAME.search(name)) else "string"


def _is_time(name: str, text: str) -> bool:
    if name.endswith("_anchor") and "timestamp" not in text.lower():
        return False
    return bool(PARAMETER_TIME_NAME.search(name) or TIME_NAME.search(name) or "unix timestamp" in text.lower())
