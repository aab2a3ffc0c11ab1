"""Read DuckDB's types, and say which of them Arrow cannot carry.

In: a type of DuckDB's Python client. Out: ``ValueType``, or the type to cast to so that no value is lost on the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from stripesql.types import ValueType

# Arrow has no offset for a time of day, no bits, no integers beyond 128 bits, and reads an unsigned one as signed.
_AS_TEXT: Final = frozenset({"time with time zone", "bit", "bignum", "uhugeint"})
_NESTED: Final = frozenset({"list", "array", "struct", "map", "union"})


@lru_cache(maxsize=1024)  # a result has many columns of few types
def value_type(found: Any) -> ValueType:
    """Return what a type of DuckDB is, as deep as it nests."""
    name, kind = str(found), found.id
    if name == "JSON":
        return ValueType(name, "JSON")
    if kind == "null":
        return ValueType("NULL", "NULL")
    return ValueType(name, kind.upper(), tuple((label, value_type(each)) for label, each in _members(found)))


@lru_cache(maxsize=1024)
def carried(found: Any) -> str | None:
    """Return the type to cast a column to before Arrow carries it, None where nothing would be lost.

    The text of a TIME WITH TIME ZONE, BIT, BIGNUM or UHUGEINT, and the JSON of a VARIANT, hold the whole value.
    """
    kind = found.id
    if kind in _AS_TEXT:
        return "VARCHAR"
    if kind == "variant":
        return "JSON"
    members = _members(found)
    inner = [carried(each) for _, each in members]
    if kind == "union" or not any(inner):
        return None
    types = [cast or str(each) for cast, (_, each) in zip(inner, members, strict=True)]
    if kind == "struct":
        return (
            "STRUCT("
            + ", ".join(f'"{label.replace(chr(34), chr(34) * 2)}" {each}' for (label, _), each in zip(members, types, strict=True))
            + ")"
        )
    if kind == "map":
        return f"MAP({types[0]}, {types[1]})"
    return f"{types[0]}[{dict(found.children)['size'] if kind == 'array' else ''}]"


def _members(found: Any) -> Sequence[tuple[str, Any]]:
    if found.id not in _NESTED:
        return ()
    # A union begins with its tag, an array ends with its size.
    children = found.children[1:] if found.id == "union" else found.children[:1] if found.id == "array" else found.children
    return [(label, each) for label, each in children]
