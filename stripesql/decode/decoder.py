"""Turn the bytes of an answer into a ``Page`` of the projected columns.

In: the columns that a scan wants, then answers. Out: pages. The generated types are shared by all decoders of the same
columns, so that making a Decoder costs next to nothing; a Decoder may be used by several threads at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, assert_never

import msgspec
import pyarrow as pa

from stripesql.catalogue.model import Column, ColumnRole
from stripesql.decode import tolerant
from stripesql.decode.arrays import UNFIT, array_of, exact_array
from stripesql.decode.forms import Form, Leaf, form_of
from stripesql.decode.page import DecodeFailure, Page
from stripesql.decode.structs import Reader
from stripesql.decode.surrogates import Marked, mark
from stripesql.decode.values import seconds_of, value_of
from stripesql.errors import DataError

_NOTHING: Final[Mapping[str, object]] = {}


class _Envelope(msgspec.Struct, gc=False):
    """Hold what surrounds the objects of a list: of v1, of Search and of v2."""

    data: list[msgspec.Raw]
    has_more: bool | None = None
    next_page_url: str | None = None
    next_page: str | None = None


_envelopes: Final = msgspec.json.Decoder(_Envelope)
_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_SURPRISES: Final = (*_UNREADABLE, *UNFIT)


class _Layout:
    """Hold what depends on the projection alone: the leaves, and the msgspec decoders generated for them."""

    def __init__(self, columns: tuple[Column, ...], time_path: tuple[str, ...] | None) -> None:
        self.leaves: dict[Leaf, str] = {}
        self.schema: pa.Schema = pa.schema([column.type.field(column.name) for column in columns])
        self.projected = tuple(self._projected(column) for column in columns)
        self.id = self._also(("id",), Form.TEXT)
        self.deleted = self._also(("deleted",), Form.FLAG, Form.BOOLEAN)
        self.time = None if time_path is None else self._also(time_path, Form.TIME_KEY, Form.UNIX_TIME, Form.ISO_TIME)
        self.reader = Reader(self.leaves)
        # The slow reader gives columns of times in microseconds; what the page needs is read beside them.
        self.time_key = None if time_path is None else Leaf(time_path, Form.TIME_KEY)
        self.all_leaves = self.leaves | ({} if self.time_key is None else {self.time_key: ".".join(self.time_key.path)})
        self.items: msgspec.json.Decoder[Any] = msgspec.json.Decoder(self.reader.type)
        surroundings: list[tuple[str, Any, Any]] = [
            ("has_more", bool | None, None),
            ("next_page_url", str | None, None),
            ("next_page", str | None, None),
        ]
        page = msgspec.defstruct("List", [("data", list[self.reader.type]), *surroundings], gc=False)  # type: ignore[name-defined]
        self.lists: msgspec.json.Decoder[Any] = msgspec.json.Decoder(page)

    def _projected(self, column: Column) -> Leaf | None:
        """Return the leaf of a column, None where its value is not in the object."""
        match column.role:
            case ColumnRole.FIELD:
                leaf = Leaf(column.path, form_of(column))
            case ColumnRole.RAW:
                leaf = Leaf((), Form.JSON)
            case ColumnRole.PARENT | ColumnRole.FILTER_ONLY:
                return None
            case _:
                assert_never(column.role)
        self.leaves.setdefault(leaf, column.name)
        return leaf

    def _also(self, path: tuple[str, ...], form: Form, *as_good: Form) -> Leaf:
        """Return the leaf of a value that the page itself needs; a column's own where one will do, as two ways cost more."""
        wanted = Leaf(path, form)
        found = next((leaf for leaf in self.leaves if leaf.path == path and leaf.form in (form, *as_good)), wanted)
        self.leaves.setdefault(found, ".".join(path))
        return found


@lru_cache(maxsize=256)
def _layout(columns: tuple[Column, ...], time_path: tuple[str, ...] | None) -> _Layout:
    return _Layout(columns, time_path)


class Decoder:
    """Decode answers into the given columns.

    Args:
        columns: the projection, in order.
        time_path: where the list's time column stands in an object; fills ``Page.times``.
        constants: values of PARENT and FILTER_ONLY columns, the same for every row; NULL where one is missing. A time
            is seconds since the epoch, RFC 3339 text or an aware datetime; JSON is text or what json.dumps takes.

    Attributes:
        schema: the Arrow schema of each ``Page.batch``.

    Raises:
        ValueError: a column has a type that no answer holds.
        DataError: a constant does not fit its column.
    """

    def __init__(
        self, columns: Sequence[Column], *, time_path: tuple[str, ...] | None = None, constants: Mapping[str, object] = _NOTHING
    ) -> None:
        columns = tuple(columns)
        self._layout = _layout(columns, time_path)
        self._constants = [
            _constant(column, constants.get(column.name)) if leaf is None else None
            for column, leaf in zip(columns, self._layout.projected, strict=True)
        ]
        self.schema: pa.Schema = self._layout.schema

    def list_page(self, body: bytes) -> Page:
        """Return the page that a v1 list, a Search result or a v2 list holds.

        Raises:
            DecodeFailure: the body is not the JSON of a list.
            DataError: a column cannot hold a value.
        """
        try:
            found = self._layout.lists.decode(body)
            return self._page(self._layout.reader.values(found.data), array_of, found)
        except _SURPRISES:
            return self._surprising_list(body)

    def single(self, body: bytes) -> Page:
        """Return the one row of an object, or no row of a tombstone.

        Raises:
            DecodeFailure: the body is not the JSON of an object.
            DataError: a column cannot hold a value.
        """
        return self.objects([body])

    def objects(self, items: Sequence[bytes | msgspec.Raw]) -> Page:
        """Return a row for each object, given as its JSON text; ``has_more`` is False.

        Raises:
            DecodeFailure: an item is not the JSON of an object.
            DataError: a column cannot hold a value.
        """
        try:
            found = [self._layout.items.decode(item) for item in items]
            return self._page(self._layout.reader.values(found), array_of, None)
        except _SURPRISES:
            return self._surprising_page([mark(bytes(item)) for item in items], None)

    def _surprising_list(self, body: bytes) -> Page:
        source = mark(body)
        try:
            found = _envelopes.decode(source.text)
        except _UNREADABLE as problem:
            raise DecodeFailure(str(problem)) from problem
        return self._surprising_page([replace(source, text=bytes(item)) for item in found.data], found)

    def _surprising_page(self, items: Sequence[Marked], found: _Envelope | None) -> Page:
        """Return the page by the slow reader, which also knows what to say where a page cannot be read at all."""
        try:
            return self._page(tolerant.values_of(items, self._layout.all_leaves), exact_array, found)
        except _UNREADABLE as problem:
            raise DecodeFailure(str(problem)) from problem

    def _page(self, values: Mapping[Leaf, Sequence[Any]], build: Callable[[Form, Sequence[Any]], pa.Array], found: Any) -> Page:
        """Return the page of decoded values.

        Args:
            values: of every leaf, one per object.
            build: makes an array of one leaf's values.
            found: has the fields of ``_Envelope``; None for objects without a list around them.
        """
        layout = self._layout
        last_id = values[layout.id][-1] if values[layout.id] else None
        if True in values[layout.deleted]:
            kept = [i for i, deleted in enumerate(values[layout.deleted]) if deleted is not True]
            values = {leaf: [each[i] for i in kept] for leaf, each in values.items()}
        ids = tuple("" if each is None else each for each in values[layout.id])
        columns = [
            pa.repeat(constant, len(ids)) if leaf is None else build(leaf.form, values[leaf])
            for leaf, constant in zip(layout.projected, self._constants, strict=True)
        ]
        time = layout.time_key if layout.time_key in values else layout.time
        next_url = None if found is None else found.next_page_url
        return Page(
            ids=ids,
            times=() if time is None else tuple(map(seconds_of, values[time])),
            # v2 has no has_more; its last page has no next_page_url.
            has_more=found is not None and (bool(found.has_more) or next_url is not None),
            next_url=next_url,
            batch=pa.RecordBatch.from_arrays(columns, schema=self.schema),
            rows=len(ids),
            last_id=last_id or "",
            next_page=None if found is None else found.next_page,
        )


def _constant(column: Column, value: object) -> pa.Scalar:
    form = form_of(column)
    try:
        match value:
            case None | dt.datetime() | Decimal():
                return pa.scalar(value, column.type.arrow())
            case str() if form is Form.JSON:
                return pa.scalar(value, column.type.arrow())
            case _:
                return exact_array(form, [value_of(msgspec.json.encode(value), form)])[0]
    except UNFIT as problem:
        raise DataError(f'column "{column.name}" is {column.type.value} and cannot be {value!r}') from problem
