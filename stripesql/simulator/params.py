"""Read the parameters of a request, strictly.

In: a query string or form body. Out: nested values, by Stripe's bracket notation: ``a[b]=1`` is an object, ``a[]=1`` and
``a[0]=1`` are arrays. What a parameter means is said in ``filters``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

from stripesql.simulator import errors

Value = str | list["Value"] | dict[str, "Value"]
Params = dict[str, Value]

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_KEY = re.compile(r"\[([^\[\]]*)\]")
_INTEGER = re.compile(r"-?[0-9]{1,18}")


def pairs_of(query: str) -> tuple[tuple[str, str], ...]:
    """Return names and values, decoded, in order; empty values are kept, because they are errors to be told."""
    return tuple(parse_qsl(query, keep_blank_values=True)) if query else ()


def nested(pairs: Iterable[tuple[str, str]]) -> Params:
    """Return the parameters by their bracket notation; a later scalar replaces an earlier one.

    >>> nested([("created[gte]", "1"), ("expand[]", "a"), ("expand[1]", "b")])
    {'created': {'gte': '1'}, 'expand': ['a', 'b']}
    """
    root: Params = {}
    for name, value in pairs:
        match = _NAME.fullmatch(name)
        if match is None:
            raise errors.unknown_parameter(name)
        _put(root, match[1], _KEY.findall(match[2]), value, name)
    return {name: _as_list(value) for name, value in root.items()}


def _put(into: dict[str, Value], key: str, rest: list[str], value: str, name: str) -> None:
    for following in rest:
        inner = into.setdefault(key, {})
        if not isinstance(inner, dict):
            raise errors.invalid_value(name, f"Invalid object: {name}")
        into = inner
        key = str(len(inner)) if following == "" else following
    into[key] = value


def _as_list(value: Value) -> Value:
    """Turn objects whose keys are all numbers into arrays, at every level."""
    if not isinstance(value, dict):
        return value
    inner = {key: _as_list(item) for key, item in value.items()}
    if inner and all(key.isdecimal() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def text(value: Value, name: str) -> str:
    """Return a scalar that is not empty."""
    if not isinstance(value, str):
        raise errors.invalid_value(name, f"Invalid string: {name}")
    if value == "":
        raise errors.empty_parameter(name)
    return value


def integer(value: Value, name: str) -> int:
    """Return a whole number."""
    written = text(value, name)
    if not _INTEGER.fullmatch(written):
        raise errors.invalid_integer(name, written)
    return int(written)


def boolean(value: Value, name: str) -> bool:
    """Return ``true`` or ``false``, which are the only ways to write it."""
    written = text(value, name)
    if written not in ("true", "false"):
        raise errors.invalid_value(name, f"Invalid boolean: {written}")
    return written == "true"


def included(value: Value | None) -> tuple[str, ...]:
    """Return the top-level fields that a v2 ``include`` asks for."""
    return () if value is None else tuple(written.partition(".")[0] for written in texts(value, "include"))


def texts(value: Value, name: str, most: int | None = None) -> tuple[str, ...]:
    """Return an array of scalars that is not empty."""
    if isinstance(value, str):
        if value == "":
            raise errors.empty_parameter(name)
        raise errors.invalid_value(name, f"Invalid array: {name}")
    if not isinstance(value, list):
        raise errors.invalid_value(name, f"Invalid array: {name}")
    if most is not None and len(value) > most:
        raise errors.invalid_value(name, f"Array {name} exceeded maximum {most} allowed elements.")
    return tuple(text(item, f"{name}[{index}]") for index, item in enumerate(value))
