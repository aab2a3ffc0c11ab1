"""Read Stripe's OpenAPI file as operations with their raw schemas.

In: a ``.json`` or ``.json.xz`` file, the public one or one rebuilt from an SDK. Out: ``Spec``. What a schema means is
the work of ``shapes``; prose stays here, for the report's review lists only.
"""

from __future__ import annotations

import json
import keyword
import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
JSON = "application/json"

PAGING_PARAMETERS = frozenset({"limit", "starting_after", "ending_before", "page", "expand"})
"""Parameters of every list that filter nothing."""


@dataclass(frozen=True, slots=True)
class Operation:
    """Say one operation as the file has it.

    Attributes:
        method: GET, POST or DELETE.
        path: template as written.
        operation: id in the idiom of the public file (``GetCustomersCustomer``), unique; the rebuilt file's own ids are not.
        base: ``api`` or ``files``.
        query: raw query parameters, paging included.
        body: schema of the body, None where there is none.
        json_body: the body is JSON.
        answer: schema of the 200 answer, empty where the file has none (binary).
        text: Stripe's description, never written out.
    """

    method: str
    path: str
    operation: str
    base: str
    query: tuple[Schema, ...]
    body: Schema | None
    json_body: bool
    answer: Schema
    text: str

    @property
    def arguments(self) -> tuple[str, ...]:
        """Return the names of the path arguments, in order."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def shape_of_path(self) -> str:
        """Return the path with every placeholder as ``{}``: siblings name them differently."""
        return normalised(self.path)

    @property
    def filters(self) -> tuple[Schema, ...]:
        """Return the query parameters that are not paging."""
        return tuple(parameter for parameter in self.query if parameter["name"] not in PAGING_PARAMETERS)


@dataclass(frozen=True, slots=True)
class Spec:
    """Hold one OpenAPI file.

    Attributes:
        version: API version.
        operations: all, in order of path and method.
        schemas: components by name.
    """

    version: str
    operations: tuple[Operation, ...]
    schemas: dict[str, Schema]

    def resolve(self, schema: Schema) -> Schema:
        """Return the schema behind ``$ref`` and behind an ``anyOf`` of one, so that both idioms of nullable are one."""
        while True:
            if "$ref" in schema:
                schema = self.schemas[name_of(schema["$ref"])]
            elif len(schema.get("anyOf", ())) == 1:
                schema = schema["anyOf"][0]
            else:
                return schema

    def resources(self, schema: Schema) -> tuple[str, ...]:
        """Return the names of the components that ``schema`` may be, tombstones left out."""
        return tuple(dict.fromkeys(self._resources(schema)))

    def _resources(self, schema: Schema) -> Iterator[str]:
        if "$ref" in schema:
            name = name_of(schema["$ref"])
            target = self.schemas.get(name)
            if target is not None and "anyOf" in target:
                yield from self._resources(target)
            elif not name.startswith("deleted_"):
                yield name
        for option in schema.get("anyOf", ()):
            yield from self._resources(option)


def name_of(reference: str) -> str:
    """Return the component that a ``$ref`` names."""
    return reference.rpartition("/")[2]


def normalised(path: str) -> str:
    """Return ``path`` with every placeholder as ``{}``.

    >>> normalised("/v1/transfers/{id}/reversals")
    '/v1/transfers/{}/reversals'
    """
    return re.sub(r"{\w+}", "{}", path)


def read_spec(source: Path) -> Spec:
    """Read the file; ``.xz`` is unpacked."""
    content = source.read_bytes()
    if source.suffix == ".xz":
        content = lzma.decompress(content)
    document = _plain_names(json.loads(content))
    operations = (
        _operation(method, path, raw)
        for path, methods in sorted(document["paths"].items())
        for method, raw in sorted(methods.items())
        if method in ("get", "post", "delete")
    )
    return Spec(document["info"]["version"], tuple(operations), document["components"]["schemas"])


def _plain_names(value: Any) -> Any:
    """Return the document with ``from_`` as ``from``: the rebuilt file has Python's escapes of its keywords."""
    match value:
        case dict():
            return {_plain_name(name): _plain_names(item) for name, item in value.items()}
        case list():
            return [_plain_names(item) for item in value]
        case _:
            return value


def _plain_name(name: str) -> str:
    return name[:-1] if name.endswith("_") and keyword.iskeyword(name[:-1]) else name


def operation_id(method: str, path: str) -> str:
    """Return the id that the public file gives to the operation.

    >>> operation_id("get", "/v1/checkout/sessions/{session}")
    'GetCheckoutSessionsSession'
    """
    words = re.findall(r"[A-Za-z0-9]+", path.removeprefix("/v1"))
    return method.capitalize() + "".join(word[0].upper() + word[1:] for word in words)


def _operation(method: str, path: str, raw: Schema) -> Operation:
    body, json_body = _body(raw.get("requestBody", {}).get("content", {}))
    return Operation(
        method=method.upper(),
        path=path,
        operation=operation_id(method, path),
        base=_host(raw),
        query=tuple(parameter for parameter in raw.get("parameters", ()) if parameter["in"] == "query"),
        body=body,
        json_body=json_body,
        answer=raw["responses"].get("200", {}).get("content", {}).get(JSON, {}).get("schema", {}),
        text=raw.get("description", ""),
    )


def _body(content: dict[str, Schema]) -> tuple[Schema | None, bool]:
    for kind in (FORM, MULTIPART, JSON):
        schema = content.get(kind, {}).get("schema", {})
        if schema.get("properties"):
            return schema, kind == JSON
    return None, False


def _host(raw: Schema) -> str:
    if "x-base" in raw:
        return str(raw["x-base"])
    servers = raw.get("servers", ())
    return "files" if any("files.stripe.com" in server["url"] for server in servers) else "api"
