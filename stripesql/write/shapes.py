"""Hold the values of a call against the shapes that the catalogue knows.

In: a tree of values, as the arguments' names place them, and the operation's parameters. Out: the same tree with every
value as it is sent. All that is wrong is found here, before anything leaves.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from stripesql.catalogue.model import Parameter
from stripesql.errors import DataError
from stripesql.write.paths import Step, unknown_key
from stripesql.write.scalars import Scalar, When, plain, scalar_of, takes


class Nothing(Enum):
    """Say what None became."""

    ABSENT = "absent"
    """is not sent"""
    UNSET = "unset"
    """is sent as ``""`` (v1) or ``null`` (v2), which takes the value away"""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """Say a local file whose content is sent."""

    path: str


Checked = Scalar | Nothing | LocalFile | list["Checked"] | dict[str, "Checked"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """Say the value of one argument, under the name that the user gave it."""

    name: str
    value: object
    is_json: bool = False


class Branch(dict[Step, "Leaf | Branch"]):
    """Hold what several arguments place into one object, map or list."""


@dataclass(slots=True)
class Check:
    """Hold how values are read, and what was found missing on the way.

    Attributes:
        what: the statement, for messages.
        updating: None takes a value away; else it is not sent.
        any_unset: every value can be taken away (v2).
        when: how times without an offset are read.
        missing: required parameters without a value.
    """

    what: str
    updating: bool
    any_unset: bool
    when: When
    missing: list[str] = field(default_factory=list)


# Stripe's limits: https://docs.stripe.com/api/metadata
_MOST_KEYS: Final = 50
_LONGEST_KEY: Final = 40
_LONGEST_VALUE: Final = 500
_ANY: Final = Parameter("", "any")


def fields_of(parameters: Sequence[Parameter], given: Mapping[Any, object], where: str, check: Check) -> dict[str, Checked]:
    """Return the fields of an object, or of a whole body, that are sent.

    Args:
        parameters: what the object may hold; ``given`` holds nothing else.
        given: values by name.
        where: path of the object, "" for the body.
        check: takes the names of what is missing.
    """
    found: dict[str, Checked] = {}
    for parameter in parameters:
        path = f"{where}.{parameter.name}" if where else parameter.name
        value = checked(parameter, given.get(parameter.name), path, check) if parameter.name in given else Nothing.ABSENT
        if value is not Nothing.ABSENT:
            found[parameter.name] = value
    if found or not where:
        check.missing += [f"{where}.{each.name}" if where else each.name for each in parameters if each.required and each.name not in found]
    return found


def checked(parameter: Parameter, node: object, where: str, check: Check) -> Checked:
    """Return the value of a parameter as it is sent.

    Args:
        parameter: its shape.
        node: a Python value, or what arguments placed here.
        where: path, for messages.
        check: how values are read.

    Raises:
        DataError: a value does not fit.
        UnknownName: an object holds a key that it does not have.
    """
    if isinstance(node, Leaf):
        where = node.name
        node = from_json(node.value, f"{check.what}: {where}") if node.is_json else node.value
    if isinstance(node, str) and parameter.kind in ("object", "array", "map"):
        if node == "" and (parameter.accepts_empty or parameter.kind == "map"):
            return Nothing.UNSET
        if parameter.accepts_text and not node.lstrip().startswith("{"):
            return node
        node = from_json(node, f"{check.what}: {where}", parameter)
    if node is None:
        return _nothing(parameter, where, check)
    match parameter.kind:
        case "object":
            return _object(parameter, node, where, check)
        case "array":
            return _array(parameter, node, where, check)
        case "map":
            return _map(parameter, node, where, check)
        case "any":
            return _free(node, where, check)
        case "file":
            return LocalFile(str(scalar_of(parameter, node, f"{check.what}: {where}", check.when)))
        case _:
            if isinstance(node, Mapping | list | tuple):
                raise DataError(
                    f"{check.what}: {where} takes {takes(parameter)}, not {'an object' if isinstance(node, Mapping) else 'a list'}"
                )
            return scalar_of(parameter, node, f"{check.what}: {where}", check.when)


def from_json(value: object, where: str, parameter: Parameter | None = None) -> object:
    """Return what a JSON text holds, numbers exact; anything that is no text comes back as it is.

    Raises:
        DataError: it is not JSON, or says a key twice.
    """
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value, parse_float=Decimal, object_pairs_hook=_once)
    except ValueError as problem:
        example = {"array": """'["a", "b"]' or ['a', 'b']""", "map": """'{"key": "value"}'"""}.get(
            parameter.kind if parameter is not None else "", """'{"key": "value"}' or {'key': 'value'}"""
        )
        what = takes(parameter) if parameter is not None else "JSON"
        raise DataError(f"{where} takes {what}, written as {example}: {problem}") from problem


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _nothing(parameter: Parameter, where: str, check: Check) -> Nothing:
    if not check.updating:
        return Nothing.ABSENT
    if check.any_unset or parameter.accepts_empty or parameter.kind in ("string", "map", "any"):
        return Nothing.UNSET
    raise DataError(f"{check.what}: {where} cannot be set to NULL: Stripe knows no empty value for it; it takes {takes(parameter)}")


def _object(parameter: Parameter, node: object, where: str, check: Check) -> Checked:
    given = _mapping(node)
    if given is None:
        raise DataError(f"{check.what}: {where} takes an object, not {type(node).__name__}")
    names = {each.name.lower(): each.name for each in parameter.fields}
    for key in given:
        if str(key).lower() not in names:
            raise unknown_key(str(key), where, parameter, check.what)
    found = fields_of(parameter.fields, {names[str(key).lower()]: value for key, value in given.items()}, where, check)
    return found or Nothing.ABSENT


def _array(parameter: Parameter, node: object, where: str, check: Check) -> Checked:
    if isinstance(node, Branch):
        indexes = sorted(int(step) for step in node)
        if indexes != list(range(len(indexes))):
            raise DataError(f"{check.what}: {where} is given as {', '.join(f'[{each}]' for each in indexes)}; count from [0] without a gap")
        items: Iterable[object] = (node[index] for index in indexes)
    elif isinstance(node, list | tuple):
        items = node
    else:
        raise DataError(f"{check.what}: {where} takes a list, not {type(node).__name__}")
    # A list is always replaced as a whole: what is NULL inside is not there. STRUCTs in a list have all fields of each other.
    within = Check(check.what, False, check.any_unset, check.when, check.missing)
    found: list[Checked] = [checked(parameter.item or _ANY, item, f"{where}[{at}]", within) for at, item in enumerate(items)]
    kept: list[Checked] = [each for each in found if each is not Nothing.ABSENT]
    if kept or isinstance(node, Branch):
        return kept or Nothing.ABSENT
    if check.any_unset:
        return []
    if parameter.accepts_empty:
        return Nothing.UNSET
    if check.updating:
        raise DataError(f"{check.what}: {where} cannot be emptied: a form has no empty list, and Stripe takes no empty value for it")
    return Nothing.ABSENT


def _map(parameter: Parameter, node: object, where: str, check: Check) -> Checked:
    given = _mapping(node)
    if given is None:
        raise DataError(f"{check.what}: {where} takes an object, not {type(node).__name__}")
    if parameter.name != "metadata":
        return _free(given, where, check)
    if len(given) > _MOST_KEYS:
        raise DataError(f"{check.what}: {where} has {len(given)} keys; Stripe keeps {_MOST_KEYS}")
    found: dict[str, Checked] = {}
    for key, value in given.items():
        text = _metadata(str(key), value, where, check)
        if text is not Nothing.ABSENT:
            found[str(key)] = text
    return found or Nothing.ABSENT


def _metadata(key: str, node: object, where: str, check: Check) -> str | Nothing:
    if isinstance(node, Leaf):
        where, node = node.name, from_json(node.value, f"{check.what}: {node.name}") if node.is_json else node.value
    else:
        where = f"{where}.{key}"
    if not key or len(key) > _LONGEST_KEY or "[" in key or "]" in key:
        raise DataError(f"{check.what}: {key!r} cannot be a key of metadata: 1 to {_LONGEST_KEY} characters, no square brackets")
    if node is None:
        return Nothing.UNSET if check.updating else Nothing.ABSENT
    if isinstance(node, bool):
        return "true" if node else "false"
    if isinstance(node, Mapping | list | tuple):
        raise DataError(f"{check.what}: {where} holds text, not {'an object' if isinstance(node, Mapping) else 'a list'}")
    text = scalar_of(Parameter(key, "string"), node, f"{check.what}: {where}", check.when)
    if len(str(text)) > _LONGEST_VALUE:
        raise DataError(f"{check.what}: {where} has {len(str(text))} characters; a value of metadata holds {_LONGEST_VALUE}")
    return str(text)


def _free(node: object, where: str, check: Check) -> Checked:
    """Return a value whose shape nobody knows: by its own type."""
    if isinstance(node, Leaf):
        where, node = node.name, from_json(node.value, f"{check.what}: {node.name}") if node.is_json else node.value
    mapping = _mapping(node) if isinstance(node, Mapping) else None
    if mapping is not None:
        values = {str(key): _free(value, f"{where}.{key}", check) for key, value in mapping.items()}
        return {key: value for key, value in values.items() if value is not Nothing.ABSENT}
    if isinstance(node, list | tuple):
        items: list[Checked] = [_free(item, f"{where}[{at}]", check) for at, item in enumerate(node)]
        there: list[Checked] = [item for item in items if item is not Nothing.ABSENT]
        return there
    if node is None:
        return Nothing.UNSET if check.updating else Nothing.ABSENT
    if isinstance(node, bool | int):
        return node
    if isinstance(node, Decimal | float):
        return Decimal(plain(Decimal(repr(node)) if isinstance(node, float) else node))
    # v1 counts seconds, v2 writes RFC 3339.
    kind = ("iso-time" if check.any_unset else "unix-time") if isinstance(node, dt.date) else "string"
    return scalar_of(Parameter("", kind), node, f"{check.what}: {where}", check.when)


def _mapping(node: object) -> Mapping[Any, object] | None:
    """Return a dict as it is, and the engine's MAP, a list of pairs, as a dict."""
    if isinstance(node, Mapping):
        return node
    if isinstance(node, list) and node and all(isinstance(each, tuple) and len(each) == 2 for each in node):
        return dict(node)
    return None
