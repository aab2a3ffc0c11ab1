"""Find what a path asks for.

In: method and path. Out: ``Route``: a list, a retrieve, a search or a singleton of a table, or a handler that was added.
The catalogue's index is asked by path, so that one request loads one table and not all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import combinations
from typing import Any
from urllib.parse import unquote

from stripesql.catalogue.load import catalogue
from stripesql.catalogue.model import Endpoint, Table, TableShape


class Verb(Enum):
    """Say what is read."""

    LIST = "list"
    RETRIEVE = "retrieve"
    SEARCH = "search"
    SINGLETON = "singleton"


@dataclass(frozen=True, slots=True)
class Route:
    """Say what a GET reads.

    Attributes:
        verb: list, retrieve, ...
        table: whose rows.
        arguments: path arguments in order, decoded; the last one of a RETRIEVE is the row's id.
    """

    verb: Verb
    table: Table
    arguments: tuple[str, ...]


@lru_cache(maxsize=4096)
def read_route(path: str) -> Route | None:
    """Return what a GET of this path reads, or None for a path that the API does not have."""
    segments = path.split("/")
    for pattern, arguments in patterns(segments):
        table = catalogue().table_of_path(pattern)
        if table is not None:
            if table.list is not None:
                return Route(Verb.LIST, table, arguments)
            verb = Verb.SINGLETON if table.shape in (TableShape.SINGLETON, TableShape.BALANCE) else Verb.RETRIEVE
            return Route(verb, table, arguments)
    for pattern, arguments in patterns(segments[:-1]):
        table = catalogue().table_of_path(pattern)
        if table is None:
            continue
        if table.search_path == path:
            return Route(Verb.SEARCH, table, ())
        if table.list is not None and table.retrieve is not None and segments[-1] and _fits(table.retrieve, len(segments)):
            return Route(Verb.RETRIEVE, table, (*arguments, unquote(segments[-1])))
    return None


def _fits(endpoint: Endpoint, length: int) -> bool:
    return len(endpoint.path.split("/")) == length


def patterns(segments: list[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the path with more and more of its segments as placeholders: literal names win over arguments."""
    places = range(3, len(segments))
    for count in range(min(len(places), 2) + 1):
        for chosen in combinations(places, count):
            if all(segments[place] for place in chosen):
                written = ["{x}" if place in chosen else segment for place, segment in enumerate(segments)]
                yield "/".join(written), tuple(unquote(segments[place]) for place in chosen)


Handler = Callable[[Any, tuple[str, ...]], dict[str, Any]]
"""Takes the call and the path arguments, gives the JSON document of the answer."""


class Routes:
    """Hold handlers for operations that are not plain reads: the seam where writes are added."""

    def __init__(self) -> None:
        self._handlers: list[tuple[str, list[str], Handler]] = []

    def add(self, method: str, template: str, handler: Handler) -> None:
        """Serve ``method`` on ``template`` (``/v1/customers/{customer}``); later additions win."""
        self._handlers.insert(0, (method, template.split("/"), handler))

    def find(self, method: str, path: str) -> tuple[Handler, tuple[str, ...]] | None:
        """Return the handler and the path arguments, or None."""
        segments = path.split("/")
        for verb, template, handler in self._handlers:
            if verb == method and len(template) == len(segments):
                pairs = list(zip(template, segments, strict=True))
                if all(wanted == given or (wanted.startswith("{") and given) for wanted, given in pairs):
                    return handler, tuple(unquote(given) for wanted, given in pairs if wanted.startswith("{"))
        return None
