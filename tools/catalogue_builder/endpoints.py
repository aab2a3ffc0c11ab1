"""Turn an operation into an ``Endpoint``.

In: an operation, what was reviewed about it: real deletes, parameters that Stripe demands. Out: ``Endpoint``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from catalogue_builder.parameters import parameters_of
from catalogue_builder.quirks import Quirks
from catalogue_builder.shapes import is_list
from catalogue_builder.spec import Operation, Schema, Spec
from stripesql.catalogue.model import Endpoint, Parameter


def build_endpoint(spec: Spec, operation: Operation, quirks: Quirks) -> Endpoint:
    """Return the endpoint of the operation."""
    parameters = parameters_of(spec, operation)
    return Endpoint(
        method=operation.method,
        path=operation.path,
        operation=operation.operation,
        base=operation.base,
        arguments=operation.arguments,
        parameters=parameters,
        returns=returns(spec, operation, quirks.endpoints["deletes"]["paths"]),
        json_body=operation.json_body,
        needs=_needs(operation, parameters, quirks),
    )


def _needs(operation: Operation, parameters: Sequence[Parameter], quirks: Quirks) -> tuple[tuple[str, ...], ...]:
    """Return the reviewed groups of which one parameter must be given, those that this spec has."""
    if operation.method != "POST":
        return ()
    known = {each.name for each in parameters}
    groups = quirks.arguments["needs"].get(operation.path, ())
    found = (tuple(name for name in group if name in known) for group in groups)
    return tuple(group for group in found if group)


def returns(spec: Spec, operation: Operation, deletes: Collection[str]) -> str:
    """Return what the operation answers with: a resource, ``list:<resource>``, ``deleted``, or nothing known."""
    if is_real_delete(spec, operation, deletes):
        return "deleted"
    if is_list_answer(operation.answer):
        return "list:" + "|".join(spec.resources(operation.answer["properties"]["data"].get("items", {})))
    return "|".join(spec.resources(operation.answer))


def is_real_delete(spec: Spec, operation: Operation, deletes: Collection[str]) -> bool:
    """Say whether the operation deletes a row: a tombstone in the public file, a reviewed path for the rebuilt one."""
    if operation.method != "DELETE":
        return False
    tombstone = "$ref" in operation.answer and "deleted_" in operation.answer["$ref"] and "discount" not in operation.answer["$ref"]
    return tombstone or operation.shape_of_path in deletes


def is_list_answer(answer: Schema) -> bool:
    """Say whether the answer is a list of either API version, search included."""
    properties = answer.get("properties", {})
    return "data" in properties and (
        "next_page_url" in properties or is_list(answer) or set(properties) == {"data"} or _is_search(properties)
    )


def _is_search(properties: Schema) -> bool:
    return bool(properties.get("object", {}).get("enum") == ["search_result"])
