"""Find the parameter that an argument's name means.

In: a name as the user wrote it (``name``, ``address_city``, ``address.city``, ``images[0]``, ``metadata.order``), the
parameters of an operation, the table whose columns they may be. Out: ``Place``: the steps that lead there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from stripesql.catalogue.model import Endpoint, Parameter, Table
from stripesql.errors import UnknownName

Step = str | int
"""A key of an object or map, or an index of a list."""

EXPAND: Final = Parameter("expand", "array", item=Parameter("", "string"))
"""Every operation of v1 takes it; it shapes the answer and changes nothing."""

_HEAD: Final = re.compile(r"[^.\[\]]+")
_PART: Final = re.compile(r"""\.([^.\[\]]+)|\[\s*(?:'((?:[^']|'')*)'|"((?:[^"]|"")*)"|([^\]\['"]+?))\s*\]""")


@dataclass(frozen=True, slots=True)
class Place:
    """Say where an argument goes.

    Attributes:
        steps: keys and indexes from the body's top.
        parameter: what stands there; None inside a map, whose values have no shape.
    """

    steps: tuple[Step, ...]
    parameter: Parameter | None


def place_of(name: str, endpoint: Endpoint, table: Table | None, what: str) -> Place:
    """Return the place that a name means.

    Raises:
        UnknownName: there is no such parameter; the message offers a near name or lists what there is.
    """
    head = _HEAD.match(name)
    top = _named(head[0], top_parameters(endpoint)) if head is not None else None
    if top is not None and head is not None:
        return _walk(Place((top.name,), top), name, head.end(), what)
    found = places(endpoint).get(name.lower()) or _by_column(name, endpoint, table)
    if found is None:
        raise _unknown(name, endpoint, table, what)
    return found


def top_parameters(endpoint: Endpoint) -> tuple[Parameter, ...]:
    """Return the parameters of an operation, ``expand`` included."""
    has_expand = endpoint.json_body or any(each.name == "expand" for each in endpoint.parameters)
    return endpoint.parameters if has_expand else (*endpoint.parameters, EXPAND)


# By identity, as hashing an operation with all its shapes costs a millisecond; the operation is kept so that no other takes
# its place. The catalogue has as many as the API.
_PLACES: Final[dict[int, tuple[Endpoint, Mapping[str, Place]]]] = {}


def places(endpoint: Endpoint) -> Mapping[str, Place]:
    """Return every parameter that objects lead to, by its name joined with ``_``: ``address_city``."""
    kept = _PLACES.get(id(endpoint))
    if kept is None or kept[0] is not endpoint:
        kept = _PLACES[id(endpoint)] = (endpoint, _places(endpoint))
    return kept[1]


def _places(endpoint: Endpoint) -> Mapping[str, Place]:
    deepest_first = sorted(_flat((), top_parameters(endpoint)), key=lambda place: -len(place.steps))
    return {"_".join(map(str, place.steps)).lower(): place for place in deepest_first}


def _flat(before: tuple[Step, ...], parameters: Sequence[Parameter]) -> Iterator[Place]:
    for parameter in parameters:
        steps = (*before, parameter.name)
        if parameter.kind == "object":
            yield from _flat(steps, parameter.fields)
        yield Place(steps, parameter)


def _named(name: str, parameters: Sequence[Parameter]) -> Parameter | None:
    folded = name.lower()
    return next((each for each in parameters if each.name.lower() == folded), None)


def _by_column(name: str, endpoint: Endpoint, table: Table | None) -> Place | None:
    """Return the place of a column whose name is not that of its path, such as an old name."""
    column = table.column(name) if table is not None else None
    if column is None or table is None:
        return None
    if column.same_as is not None and (today := table.column(column.same_as)) is not None:
        column = today
    return places(endpoint).get("_".join(column.path).lower()) if column.path else None


def _walk(place: Place, name: str, at: int, what: str) -> Place:
    while at < len(name):
        steps, parameter = place.steps, place.parameter
        part = _PART.match(name, at)
        if part is None:
            raise UnknownName(f'{what}: "{name}" is no path; write one such as address.city, items[0].price or metadata.order_id')
        if parameter is not None and parameter.kind == "map" and parameter.name == "metadata" and name[at] == ".":
            return Place((*steps, name[at + 1 :]), None)  # a key of metadata may hold dots
        key = _key(part)
        at = part.end()
        place = _step(place, key, name, what)
    return place


def _key(part: re.Match[str]) -> str:
    plain, single, double, bare = part.groups()
    if single is not None:
        return single.replace("''", "'")
    return double.replace('""', '"') if double is not None else plain or bare


def _step(place: Place, key: str, name: str, what: str) -> Place:
    steps, parameter = place.steps, place.parameter
    if parameter is None or parameter.kind == "map":
        return Place((*steps, key), None)
    if parameter.kind == "object":
        field = _named(key, parameter.fields)
        if field is None:
            raise unknown_key(key, spelled(steps), parameter, what)
        return Place((*steps, field.name), field)
    if parameter.kind == "array":
        if not key.isdecimal():
            raise UnknownName(f"{what}: {spelled(steps)} is a list; write {spelled((*steps, 0))} for its first element")
        return Place((*steps, int(key)), parameter.item)
    raise UnknownName(f'{what}: {spelled(steps)} has no parts, so "{name}" means nothing')


def unknown_key(key: str, where: str, parameter: Parameter, what: str) -> UnknownName:
    """Return the error for a key that an object does not have."""
    names = [each.name for each in parameter.fields]
    near = get_close_matches(key.lower(), names, n=1, cutoff=0.6)
    hint = f'did you mean "{near[0]}"?' if near else f"it has {', '.join(names)}"
    return UnknownName(f'{what}: "{key}" is not in {where}; {hint}')


def spelled(steps: Sequence[Step]) -> str:
    """Return steps as a path.

    >>> spelled(("items", 0, "price"))
    'items[0].price'
    """
    first, *rest = steps
    return str(first) + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in rest)


def _unknown(name: str, endpoint: Endpoint, table: Table | None, what: str) -> UnknownName:
    known = places(endpoint)
    if table is not None and table.column(name) is not None:
        return UnknownName(
            f'{what}: "{name}" can be read and not set{_elsewhere(name, endpoint, table)}; what can be set: {_listed(endpoint)}'
        )
    near = get_close_matches(name.lower(), known, n=1, cutoff=0.7)
    hint = f'did you mean "{near[0]}"?' if near else f"what can be set: {_listed(endpoint)}"
    return UnknownName(f'{what}: there is no "{name}"{_elsewhere(name, endpoint, table)}; {hint}')


def _elsewhere(name: str, endpoint: Endpoint, table: Table | None) -> str:
    """Tell of a parameter that only the sibling operation has."""
    if table is None:
        return ""
    if endpoint == table.update and table.create is not None and name.lower() in places(table.create):
        return " here: only INSERT takes it"
    if endpoint == table.create and table.update is not None and name.lower() in places(table.update):
        return " here: only UPDATE takes it"
    return ""


def _listed(endpoint: Endpoint) -> str:
    return ", ".join(each.name for each in endpoint.parameters) or "nothing"
