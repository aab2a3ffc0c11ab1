"""Generate msgspec types that read exactly the wanted leaves of an object.

In: leaves. Out: a ``Reader`` with one msgspec type, which turns decoded objects into one sequence of values per leaf.
Only what is asked for becomes a Python object; msgspec skips the rest of the JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, assert_never

import msgspec

from stripesql.decode.forms import Form, Leaf

Values = dict[Leaf, Sequence[Any]]
"""The values of each leaf, one per object; what they are depends on the form (see ``arrays``)."""

RAW_NULL: Final = msgspec.Raw(b"null")


class Expanded(msgspec.Struct, gc=False):
    """Hold the one thing that matters of an expanded object; without an id it is a surprise."""

    id: str


def _type_of(form: Form) -> Any:
    """Return the msgspec type of a form: strict, so that a surprise is noticed rather than converted."""
    match form:
        case Form.TEXT | Form.DECIMAL | Form.ISO_TIME:
            return str | None
        case Form.EXPANDABLE:
            return str | Expanded | None
        case Form.INTEGER | Form.TIME_KEY:
            return int | str | None
        case Form.UNIX_TIME:
            return int | None
        case Form.BOOLEAN:
            return bool | None
        case Form.NUMBER:
            return float | None
        case Form.JSON:
            return msgspec.Raw
        case Form.FLAG:
            return Any
        case _:
            assert_never(form)


@dataclass(slots=True)
class _Node:
    """Hold what is wanted at one path and below it, while the tree of leaves grows."""

    forms: list[Leaf] = field(default_factory=list)
    members: dict[str, _Node] = field(default_factory=dict)


class Reader:
    """Read the wanted leaves of objects.

    Attributes:
        type: what to give to msgspec as the type of one object.
    """

    def __init__(self, leaves: Iterable[Leaf]) -> None:
        root = _Node()
        for leaf in leaves:
            node = root
            for key in leaf.path:
                node = node.members.setdefault(key, _Node())
            node.forms.append(leaf)
        self._root = _column(root, root=True)
        self.type: Any = self._root.type

    def values(self, objects: Sequence[Any]) -> Values:
        """Return the values of each leaf for decoded objects, all in the same order.

        Raises:
            msgspec.DecodeError: a value that is read in two ways does not fit one of them.
        """
        into: Values = {}
        self._root.collect(objects, into)
        return into


@dataclass(frozen=True, slots=True)
class _Plain:
    """Read a value in one form."""

    leaf: Leaf

    @property
    def type(self) -> Any:
        return _type_of(self.leaf.form)

    def collect(self, values: Sequence[Any], into: Values) -> None:
        into[self.leaf] = values


@dataclass(frozen=True, slots=True)
class _Nested:
    """Read members of an object; where the object is null or missing, so are they."""

    struct: type[msgspec.Struct]
    columns: tuple[_Plain | _Nested | _Shared, ...]
    empty: msgspec.Struct

    @property
    def type(self) -> Any:
        return self.struct

    def collect(self, values: Sequence[Any], into: Values) -> None:
        if not values:
            for column in self.columns:
                column.collect((), into)
            return
        empty = self.empty
        rows = map(msgspec.structs.astuple, [empty if value is None else value for value in values])
        for column, members in zip(self.columns, zip(*rows, strict=True), strict=True):
            column.collect(members, into)


@dataclass(frozen=True, slots=True)
class _Shared:
    """Read one value in several ways: its text, and each way from the text (``address`` beside ``address_city``)."""

    ways: tuple[tuple[_Plain | _Nested, msgspec.json.Decoder[Any] | None], ...]

    @property
    def type(self) -> Any:
        return msgspec.Raw

    def collect(self, values: Sequence[Any], into: Values) -> None:
        for way, decoder in self.ways:
            if decoder is None:
                way.collect(values, into)
            else:
                way.collect([None if value is None else decoder.decode(value) for value in values], into)


def _column(node: _Node, *, root: bool = False) -> _Plain | _Nested | _Shared:
    ways: list[_Plain | _Nested] = [_Plain(leaf) for leaf in node.forms]
    if node.members:
        ways.append(_nested(node.members))
    if len(ways) == 1:
        return ways[0]
    return _Shared(tuple((way, _decoder(way.type if root else _nullable(way))) for way in ways))


def _decoder(wanted: Any) -> msgspec.json.Decoder[Any] | None:
    return None if wanted is msgspec.Raw else msgspec.json.Decoder(wanted)


def _nullable(column: _Plain | _Nested | _Shared) -> Any:
    """Return the type of a member; a row is never null, and a nested object may be."""
    return column.type | None if isinstance(column, _Nested) else column.type


def _nested(members: dict[str, _Node]) -> _Nested:
    columns = tuple(_column(node) for node in members.values())
    # Any text can be a JSON key; fields are numbered, because not every text can be a Python name.
    names = {f"f{i}": key for i, key in enumerate(members)}
    fields = [(name, _nullable(column), None) for name, column in zip(names, columns, strict=True)]
    struct = msgspec.defstruct("Members", fields, rename=names, gc=False)
    return _Nested(struct, columns, struct())
