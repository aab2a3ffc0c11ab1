"""Find the table of a write, and how its requests name their object.

In: the target as written. Out: the table, or an error that says what to do instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from itertools import product
from typing import Final

from stripesql.catalogue.model import Endpoint, Table
from stripesql.catalogue.relations import Local, System, View
from stripesql.errors import DatabaseError, DataError, IntegrityError, InternalError, NotSupportedError, UnknownName
from stripesql.query.relations import Relations
from stripesql.request import Request, Upload, path_of
from stripesql.sql.functions import check_names
from stripesql.sql.lexer import code
from stripesql.sql.tautologies import About, is_tautology
from stripesql.sql.writes import Delete, Target, Update, equalities
from stripesql.write.arguments import Body
from stripesql.write.files import ReadFile
from stripesql.write.scene import Scene

# Last segments of requests that write, where the API has ids, too; a test holds them against the catalogue.
_SIBLINGS: Final = frozenset(
    {"create_force_capture", "create_from_calculation", "create_preview", "create_reversal", "create_unlinked_refund", "report_payment"}
)
# What comes closest to a delete, the nearest first.
_ENDINGS: Final = ("cancel", "detach", "delete", "expire", "void", "archive", "deactivate", "close", "uninstall")


def table_of(target: Target, relations: Relations) -> Table:
    """Return the table that a write names.

    Raises:
        UnknownName: there is no such table.
        NotSupportedError: it is nothing that Stripe holds.
    """
    relation = relations.find(target.schema, target.name)
    match relation:
        case Table():
            return relation
        case None:
            near = get_close_matches(target.name.lower(), relations.catalogue.table_names(), n=1, cutoff=0.6)
            hint = f'did you mean "{near[0]}"?' if near else "SHOW TABLES lists the tables"
            raise UnknownName(f'there is no table "{target.name}"; {hint}')
        case Local():
            raise NotSupportedError(
                f'"{target.name}" is a frame of this connection, not a table of Stripe\'s: change the frame and register it again'
            )
        case System() | View():
            raise NotSupportedError(f'"{target.name}" is not a table of Stripe\'s, and cannot be written to')


def creation(table: Table) -> Endpoint:
    """Return what creates a row.

    Raises:
        NotSupportedError: nothing does.
    """
    if table.create is not None:
        return table.create
    raise NotSupportedError(f"INSERT INTO {table.name} is not possible: Stripe makes these rows itself{_procedures(table)}")


def change(table: Table) -> Endpoint:
    """Return what updates a row.

    Raises:
        NotSupportedError: nothing does.
    """
    if table.update is not None:
        return table.update
    raise NotSupportedError(f"UPDATE {table.name} is not possible: Stripe cannot change these rows{_procedures(table)}")


def deletion(table: Table) -> Endpoint:
    """Return what deletes a row.

    Raises:
        NotSupportedError: nothing does; the message says what comes closest.
    """
    if table.delete is not None:
        return table.delete
    raise NotSupportedError(f"DELETE FROM {table.name} is not possible: Stripe does not delete these rows{_instead_of_delete(table)}")


def _instead_of_delete(table: Table) -> str:
    names = {action.name: action for action in table.actions}
    ending = next((names[name] for name in _ENDINGS if name in names), None)
    if ending is not None:
        id_ = "id" if ending.endpoint.arguments else "..."
        return f"; CALL {table.name}.{ending.name}({id_}) comes closest"
    if table.update is not None and any(each.name == "active" for each in table.update.parameters):
        return f"; UPDATE {table.name} SET active = false WHERE id = '...' retires one"
    return ""


def _procedures(table: Table) -> str:
    if not table.actions:
        return ""
    return f"; its procedures are {', '.join(f'{table.name}.{action.name}' for action in table.actions)} (CALL)"


def parent_columns(table: Table, endpoint: Endpoint) -> tuple[str, ...]:
    """Return the columns that fill the path of a create: the parents' ids."""
    return table.key[: len(endpoint.arguments)]


def key_columns(table: Table, endpoint: Endpoint) -> tuple[str, ...]:
    """Return the columns that fill the path of an update or a delete."""
    if not endpoint.arguments:
        return ()
    if len(endpoint.arguments) != len(table.key):
        raise InternalError(f"{table.name} has the key {table.key}, and {endpoint.path} takes {endpoint.arguments}")
    return table.key


def path_for(endpoint: Endpoint, values: tuple[object, ...], columns: tuple[str, ...], what: str) -> str:
    """Return the path with its arguments filled in.

    Raises:
        IntegrityError: an argument is missing.
        DataError: a value cannot be part of a path.
    """
    found: dict[str, str] = {}
    for argument, column, value in zip(endpoint.arguments, columns, values, strict=True):
        if value is None:
            raise IntegrityError(f"{what} needs {column}, which names the object that it belongs to")
        if not isinstance(value, str):
            raise DataError(f"{what}: {column} is an id, which is text, not {value!r}")
        found[argument] = value
        if is_sibling(value):
            raise DataError(f"{what}: {value!r} is no id: Stripe's API has another request of that name")
    try:
        return path_of(endpoint.path, found)
    except ValueError as problem:
        raise DataError(f"{what}: {problem}") from problem


def is_sibling(value: str) -> bool:
    """Say whether a text in the place of an id would make the path of another request.

    >>> is_sibling("create_preview"), is_sibling("in_1")
    (True, False)
    """
    return value in _SIBLINGS


def post(endpoint: Endpoint, path: str, body: Body, read: ReadFile) -> Request:
    """Return the POST of one row, without its idempotency key; ``read`` gives the content of local files.

    Raises:
        DataError: a value is no Unicode text, which would be found out only when it is sent.
    """
    for name, value in body.form or (("", body.document or ""),):
        try:
            f"{name}{value}".encode()
        except UnicodeEncodeError as problem:
            raise DataError(f"{name or 'a value'} holds half of a surrogate pair, which is no Unicode text and cannot be sent") from problem
    uploads = tuple(Upload(name, *read(local)) for name, local in body.uploads)
    return Request("POST", path, base=endpoint.base, body=body.form, document=body.document, uploads=uploads)


def keys_named(statement: Update | Delete, columns: tuple[str, ...]) -> list[tuple[object, ...]] | None:
    """Return the keys that WHERE gives in full and alone, such as ``id = 'cus_...'``; None where it says anything else."""
    if statement.where is None or not columns:
        return None
    given = equalities(statement.where, {statement.target.alias.lower()})
    if given is None or set(given) != set(columns):
        return None
    if any(value in ("", ".", "..") or is_sibling(value) for values in given.values() for value in values):
        return None
    return list(product(*(given[column] for column in columns)))


def is_always_true(where: str | None, target: Target, columns: Sequence[str], scene: Scene) -> bool:
    """Say whether a condition is TRUE for every row of a table, whose key the columns are."""
    if where is None:
        return False
    try:
        check_names(where, code(where))
    except DatabaseError:
        return False  # the query that reads the rows tells what is wrong, and where

    def constant(text: str) -> bool:
        (value,) = scene.around.engine.evaluate([f"(\n{text}\n) IS TRUE"])
        return value is not None and value.text == "true"

    keys = frozenset({*(column.lower() for column in columns), "id", "object"})
    return constant(where) or is_tautology(where, About(target.name, target.alias, keys, constant))
