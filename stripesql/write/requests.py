"""Turn the arguments of one call into the request that carries them out.

In: a procedure, its arguments with their values. Out: a ``Request`` without its idempotency key. Nothing is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stripesql.catalogue.model import Table
from stripesql.catalogue.procedures import Procedure, ProcedureKind
from stripesql.errors import DataError, IntegrityError, ProgrammingError, UnknownName
from stripesql.request import Request, Upload, path_of
from stripesql.write.arguments import Argument, body_of
from stripesql.write.files import ReadFile
from stripesql.write.paths import place_of
from stripesql.write.scalars import When
from stripesql.write.target import is_sibling
from stripesql.write.usage import usage


@dataclass(frozen=True, slots=True)
class Slot:
    """Say what one argument of a call is.

    Attributes:
        name: of the path argument, or as the user wrote it.
        in_path: it is part of the path, and not of the body.
    """

    name: str
    in_path: bool


def slots_of(procedure: Procedure, names: Sequence[str | None], table: Table | None) -> list[Slot]:
    """Return what each argument is, by its name, None for a positional one.

    Raises:
        ProgrammingError: more positional arguments than ids, or a name that does not exist.
        IntegrityError: an id is missing.
    """
    ids = procedure.endpoint.arguments
    order = [each.name for each in procedure.endpoint.parameters] if procedure.kind is ProcedureKind.GENERIC else list(ids)
    positional = sum(name is None for name in names)
    if positional > len(order):
        takes = "no id" if not ids else "one id" if len(ids) == 1 else f"{len(ids)} ids"
        raise ProgrammingError(
            f"{procedure.full_name} takes {takes}, and {positional} arguments have no name; name the others: {usage(procedure)}"
        )
    slots = [Slot(name, name in ids) for name in order[:positional]]
    for name in names[positional:]:
        assert name is not None
        given = {slot.name for slot in slots if slot.in_path}
        slots.append(Slot(path_name, True) if (path_name := _id_named(name, procedure, given)) is not None else Slot(name, False))
    missing = [name for name in ids if name not in {slot.name for slot in slots if slot.in_path}]
    if missing:
        raise IntegrityError(f"CALL {procedure.full_name} needs {' and '.join(missing)}; {usage(procedure)}")
    for slot in slots:
        if not slot.in_path:
            _check_name(slot.name, procedure, table)
    return slots


def _id_named(name: str, procedure: Procedure, given: set[str]) -> str | None:
    ids = procedure.endpoint.arguments
    folded = name.lower()
    found = next((each for each in ids if each.lower() == folded), None)
    if found is None and folded == "id" and ids and all(each.name != "id" for each in procedure.endpoint.parameters):
        found = ids[-1]
    return found if found not in given else None


def _check_name(name: str, procedure: Procedure, table: Table | None) -> None:
    try:
        place_of(name, procedure.endpoint, table, f"CALL {procedure.full_name}")
    except UnknownName as problem:
        raise UnknownName(f"{problem}; {usage(procedure)}") from None


def request_of(
    procedure: Procedure, arguments: Sequence[tuple[Slot, Argument]], table: Table | None, when: When, read: ReadFile
) -> Request:
    """Return the request of one call.

    Args:
        procedure: what is called.
        arguments: each with its slot.
        table: whose columns the names may be, for create and update.
        when: how times without an offset are read.
        read: gives the content of a local file, or refuses.

    Raises:
        DataError, IntegrityError, ProgrammingError: as ``body_of``; an id is NULL or no text.
    """
    endpoint, what = procedure.endpoint, f"CALL {procedure.full_name}"
    ids = {slot.name: _id(slot.name, argument.value, what) for slot, argument in arguments if slot.in_path}
    try:
        path = path_of(endpoint.path, {name: ids[name] for name in endpoint.arguments})
    except ValueError as problem:
        raise DataError(f"{what}: {problem}") from None
    rest = [argument for slot, argument in arguments if not slot.in_path]
    updating = table is not None and endpoint == table.update
    try:
        body = body_of(endpoint, rest, table=table, updating=updating, what=what, when=when)
    except IntegrityError as problem:
        raise IntegrityError(f"{problem}; {usage(procedure)}") from None
    if endpoint.method != "POST":
        return Request(endpoint.method, path, body.form or (), endpoint.base)
    uploads = tuple(Upload(name, *read(local)) for name, local in body.uploads)
    return Request("POST", path, base=endpoint.base, body=body.form, document=body.document, uploads=uploads)


def _id(name: str, value: object, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise DataError(f"{what}: {name} takes an id, not {'NULL' if value is None else repr(value)}")
    if not value.isprintable() or is_sibling(value):  # also half of a surrogate pair, which cannot be percent-encoded
        raise DataError(f"{what}: {name} takes an id, not {value!r}")
    return value
