"""Read objects leaf by leaf from their JSON text, when something in a page is not what the catalogue says.

In: the text of each object, and leaves with the column they are for. Out: one sequence of values per leaf, every value
kept; a value that its column cannot hold is a DataError that names the column and the object.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from stripesql.decode.forms import Form, Leaf
from stripesql.decode.surrogates import Marked
from stripesql.decode.values import NULL, Unfit, object_of, value_of
from stripesql.errors import DataError


def values_of(items: Iterable[Marked], leaves: Mapping[Leaf, str]) -> dict[Leaf, list[Any]]:
    """Return the values of each leaf, one per object, as ``values.value_of`` gives them.

    Args:
        items: JSON text of each object.
        leaves: each leaf, and the name of its column for messages.

    Raises:
        DataError: a column cannot hold its value.
        msgspec.DecodeError: an item is not a JSON object.
    """
    columns: dict[Leaf, list[Any]] = {leaf: [] for leaf in leaves}
    for source in items:
        item = _Item(source.text)
        for leaf, values in columns.items():
            try:
                values.append(source.restore(item.value(leaf), leaf.form))
            except Unfit as problem:
                raise DataError(
                    f'column "{leaves[leaf]}" takes {_EXPECTED[leaf.form]}, and the API gave {problem} in {item.name}; '
                    '"_raw" shows the whole object'
                ) from problem
    return columns


_EXPECTED: Final = {
    Form.TEXT: "text",
    Form.EXPANDABLE: "an id",
    Form.INTEGER: "a whole number of 64 bits",
    Form.BOOLEAN: "true or false",
    Form.NUMBER: "a number",
    Form.DECIMAL: "a decimal number",
    Form.UNIX_TIME: "a time in seconds since 1970",
    Form.ISO_TIME: "a time such as 2026-01-31T12:00:00Z",
    Form.JSON: "JSON",
    Form.TIME_KEY: "a time",
    Form.FLAG: "true or false",
}


class _Item:
    """Find values in the text of one object; the members of each object on the way are read once."""

    def __init__(self, text: bytes) -> None:
        self._members: dict[tuple[str, ...], Mapping[str, msgspec.Raw] | bytes | None] = {(): object_of(text)}
        self._text = text

    @property
    def name(self) -> str:
        """Return the id, for messages."""
        text = self._text_at(("id",))
        return text[1:-1].decode() if text is not None and text[:1] == b'"' else "an object without an id"

    def value(self, leaf: Leaf) -> object:
        """Return the value of a leaf, None where it is null or missing, or where an object on the way is.

        Raises:
            Unfit: the form cannot hold it, or something else stands where an object should.
        """
        text = self._text_at(leaf.path)
        return None if text is None else value_of(text, leaf.form)

    def _text_at(self, path: tuple[str, ...]) -> bytes | None:
        if not path:
            return self._text
        members = self._members_at(path[:-1])
        if isinstance(members, bytes):
            # An object that is not expanded is written as its id.
            if path[-1] == "id" and members[:1] == b'"':
                return members
            raise Unfit(f"no object at {'.'.join(path[:-1])}")
        text = None if members is None else members.get(path[-1])
        return None if text is None else bytes(text)

    def _members_at(self, path: tuple[str, ...]) -> Mapping[str, msgspec.Raw] | bytes | None:
        """Return the members of the object at a path, None where it is null or missing, or the text that is no object."""
        if path not in self._members:
            text = self._text_at(path)
            if text is None or text == NULL:
                self._members[path] = None
            else:
                self._members[path] = object_of(text) if text[:1] == b"{" else text
        return self._members[path]
