"""Read the body of a write: a form, JSON, or a form with a file.

In: bytes and their content type. Out: a tree of names, and the file where there is one. Texts are not interpreted here:
``values`` knows what each should be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from stripesql.simulator import errors, params
from stripesql.simulator.errors import ApiError

Tree = dict[str, Any]
"""Names and values; arrays of a form are still objects whose keys are numbers."""

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_KEY = re.compile(r"\[([^\[\]]*)\]")
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?')
_PART_NAME = re.compile(r'[; ]name="([^"]*)"')
_PART_FILE = re.compile(r'filename="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Upload:
    """Say the file of a multipart body."""

    filename: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Body:
    """Say what came.

    Attributes:
        tree: names and values.
        pairs: the form fields as they came; empty for JSON.
        upload: the file, or None.
    """

    tree: Tree
    pairs: tuple[tuple[str, str], ...] = ()
    upload: Upload | None = None


def body_of(raw: bytes, content_type: str) -> Body:
    """Return the body of a POST.

    Raises:
        ApiError: 400, it cannot be read.
    """
    if "json" in content_type:
        return Body(_json(raw))
    if content_type.startswith("multipart/form-data"):
        return _multipart(raw, content_type)
    try:
        pairs = params.pairs_of(raw.decode())
    except UnicodeDecodeError:
        raise ApiError(400, "Invalid form: the body is not UTF-8.") from None
    return Body(tree_of(pairs), pairs)


def _json(raw: bytes) -> Tree:
    try:
        value = msgspec.json.decode(raw) if raw.strip() else {}
    except msgspec.DecodeError:
        raise ApiError(400, "Invalid JSON: the body cannot be read.", code="invalid_json") from None
    if not isinstance(value, dict):
        raise ApiError(400, "Invalid JSON: the body must be an object.", code="invalid_json")
    return value


def _multipart(raw: bytes, content_type: str) -> Body:
    match = _BOUNDARY.search(content_type)
    if match is None:
        raise ApiError(400, "Invalid multipart body: it names no boundary.")
    pairs: list[tuple[str, str]] = []
    upload: Upload | None = None
    for part in raw.split(b"--" + match[1].encode())[1:]:
        head, _, content = part.partition(b"\r\n\r\n")
        name = _PART_NAME.search(head.decode("latin-1"))
        if name is None:
            continue
        content = content.removesuffix(b"\r\n")
        filename = _PART_FILE.search(head.decode("latin-1"))
        if filename is not None:
            upload = Upload(filename[1], content)
        else:
            pairs.append((name[1], content.decode()))
    return Body(tree_of(pairs), tuple(pairs), upload)


def tree_of(pairs: Iterable[tuple[str, str]]) -> Tree:
    """Return form fields by their bracket notation; a later scalar replaces an earlier one.

    >>> tree_of([("items[0][price]", "a"), ("images[]", "x"), ("images[]", "y")])
    {'items': {'0': {'price': 'a'}}, 'images': {'0': 'x', '1': 'y'}}
    """
    root: Tree = {}
    for name, value in pairs:
        match = _NAME.fullmatch(name)
        if match is None:
            raise errors.unknown_parameter(name)
        _put(root, [match[1], *_KEY.findall(match[2])], value, name)
    return root


def _put(into: Tree, keys: list[str], value: str, name: str) -> None:
    for place, key in enumerate(keys):
        if key == "":
            key = _next(into, keys[place + 1 : place + 2])
        if place == len(keys) - 1:
            into[key] = value
            return
        inner = into.setdefault(key, {})
        if not isinstance(inner, dict):
            raise errors.invalid_value(name, f"Invalid object: {name}")
        into = inner


def _next(into: Tree, following: list[str]) -> str:
    """Return the place that ``[]`` names: the last element while it lacks the next key, else a new one."""
    last = into.get(str(len(into) - 1))
    if following and isinstance(last, dict) and following[0] not in last:
        return str(len(into) - 1)
    return str(len(into))
