"""Find which operation a write asks for.

In: method and path. Out: ``WriteRoute``. Literal segments win over arguments (``/v1/invoices/create_preview`` is no id).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from urllib.parse import unquote

from stripesql.catalogue.load import catalogue
from stripesql.catalogue.model import Action, Endpoint, Table
from stripesql.simulator.routes import patterns


class Deed(Enum):
    """Say what is done."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    ACTION = "action"


@dataclass(frozen=True, slots=True)
class WriteRoute:
    """Say one operation and its path arguments.

    Attributes:
        deed: create, update, ...
        table: whose rows; None for an action of a namespace that is no table.
        endpoint: the operation.
        arguments: of the path, in order, decoded.
        action: name of an ACTION: ``<table or namespace>.<name>``.
    """

    deed: Deed
    table: Table | None
    endpoint: Endpoint
    arguments: tuple[str, ...]
    action: str = ""


@lru_cache(maxsize=4096)
def write_route(method: str, path: str) -> WriteRoute | None:
    """Return the operation, or None where the API has none."""
    segments = path.split("/")
    found = [match for table in _near(segments) for match in _matching(table, method, segments)]
    if not found:
        found = list(_named(method, segments))
    return max(found, key=lambda match: match[0])[1] if found else None


def _near(segments: list[str]) -> Iterator[Table]:
    """Yield tables whose list's path begins the path."""
    seen: set[str] = set()
    for cut in range(4):
        shorter = segments[: len(segments) - cut]
        if len(shorter) < 3:
            return
        for pattern, _ in [*patterns(shorter), *patterns([*shorter, "{x}"])]:
            # The second half finds tables without a list, which are known by the path of their retrieve.
            table = catalogue().table_of_path(pattern)
            if table is not None and table.name not in seen:
                seen.add(table.name)
                yield table


def _matching(table: Table, method: str, segments: list[str]) -> Iterator[tuple[int, WriteRoute]]:
    plain = ((Deed.CREATE, table.create), (Deed.UPDATE, table.update), (Deed.DELETE, table.delete))
    named = [(Deed.ACTION, action.endpoint, f"{action.table}.{action.name}") for action in table.actions]
    for deed, endpoint, name in [*((deed, endpoint, "") for deed, endpoint in plain), *named]:
        if endpoint is None or endpoint.method != method:
            continue
        fit = fitting(endpoint.path, segments)
        if fit is not None:
            yield fit[0], WriteRoute(deed, table, endpoint, fit[1], name)


def _named(method: str, segments: list[str]) -> Iterator[tuple[int, WriteRoute]]:
    for action in _actions():
        fit = fitting(action.endpoint.path, segments) if action.endpoint.method == method else None
        if fit is not None:
            yield fit[0], WriteRoute(Deed.ACTION, None, action.endpoint, fit[1], f"{action.table}.{action.name}")


@cache
def _actions() -> tuple[Action, ...]:
    """Return every action; reads all tables, and is asked only for paths that no near table has."""
    return catalogue().actions()


def fitting(template: str, segments: list[str]) -> tuple[int, tuple[str, ...]] | None:
    """Return how many segments are literal, and the arguments; None where the path is another."""
    wanted = template.split("/")
    if len(wanted) != len(segments):
        return None
    arguments: list[str] = []
    for expected, given in zip(wanted, segments, strict=True):
        if expected.startswith("{"):
            if not given:
                return None
            arguments.append(unquote(given))
        elif expected != given:
            return None
    return len(wanted) - len(arguments), tuple(arguments)
