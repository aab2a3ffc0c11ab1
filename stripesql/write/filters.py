"""Pick parts of a JSON document by JSONPath.

In: a path (RFC 9535, and ``=~ /re/i`` beside it), a document. Out: each match with where it stands. The library is
python-jsonpath: it passes the compliance suite of the RFC, needs nothing else, and is loaded at first use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from stripesql.errors import ProgrammingError
from stripesql.write.texts import json_text


@dataclass(frozen=True, slots=True)
class Match:
    """Say one match.

    Attributes:
        value: as JSON text.
        path: where it stands: ``$['data'][0]['id']``.
    """

    value: str
    path: str


def matches(path: str, document: Any) -> list[Match]:
    """Return the matches in the order of the document.

    Raises:
        ProgrammingError: the path is not JSONPath, or cannot be applied.

    >>> matches("$.a[?@.price < 10].name", {"a": [{"name": "x", "price": 5}, {"name": "y", "price": 50}]})
    [Match(value='"x"', path="$['a'][0]['name']")]
    """
    return [Match(json_text(value), place) for value, place in compiled(path)(document)]


@lru_cache(maxsize=64)
def compiled(path: str) -> Callable[[Any], list[tuple[Any, str]]]:
    """Return what finds (value, place) of each match; checks the path.

    Raises:
        ProgrammingError: the path is not JSONPath.
    """
    if path == "$":
        return lambda document: [(document, "$")]
    from jsonpath import JSONPathEnvironment, JSONPathError

    if not path.startswith("$"):
        raise ProgrammingError(f"the filter {path!r} is no JSONPath: it begins with $, as in $.data[*] or $..[?(@.name=='x')]")
    try:
        query = JSONPathEnvironment().compile(path)
    except (JSONPathError, RecursionError) as problem:
        raise ProgrammingError(f"the filter {path!r} is no JSONPath: {_first_line(problem)}") from problem

    def find(document: Any) -> list[tuple[Any, str]]:
        try:
            return [(node.obj, node.path) for node in query.finditer(document)]
        except (JSONPathError, RecursionError) as problem:
            raise ProgrammingError(f"the filter {path!r} cannot be applied: {_first_line(problem)}") from problem

    return find


def _first_line(problem: BaseException) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0]
