"""Take the rows of one table out of another's objects, into which Stripe has expanded them.

In: a source that gives the other table's rows and, in columns of their own, the expanded objects as JSON. Out: two kinds
of readers over one pass: the other table's rows, and the expanded rows, each once. What has been read is kept while the
statement runs, because the engine reads one side to the end before the other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import pyarrow as pa

from stripesql.catalogue.model import Column, ColumnKind
from stripesql.decode import Decoder, Page
from stripesql.rows import RowSource
from stripesql.scan.means import ScanCounts
from stripesql.types import SqlType


def expanded_column(column: Column) -> Column:
    """Return a column that holds the expanded object of ``column`` as JSON text."""
    return Column(f"__expanded_{column.name}", column.path, SqlType.JSON, ColumnKind.OBJECT)


class _Kept:
    """Keep batches of one relation."""

    def __init__(self) -> None:
        self.batches: list[pa.RecordBatch] = []


class Expanding:
    """Read a source once for itself and for the tables expanded into it, and into their objects in turn."""

    def __init__(self, source: RowSource, columns: Sequence[str], expanded: Mapping[str, Target]) -> None:
        """Take the source, the columns that its own readers may ask for, and per expanded column what its table needs."""
        self._source = source
        self._columns = list(columns)
        self._targets = dict(expanded)
        self._inside = {name: [key for key, target in expanded.items() if target.within == name] for name in ("", *expanded)}
        self._decoders = {name: Decoder([*target.columns, *self._carriers(name)]) for name, target in expanded.items()}
        self._bare: dict[str, list[str]] = {name: [] for name in expanded}
        self._kept: dict[str, _Kept] = {name: _Kept() for name in ("", *expanded)}
        self._seen: dict[str, set[str]] = {name: set() for name in expanded}
        self._rest: Iterator[pa.RecordBatch] | None = None
        self._lock = threading.RLock()

    def _carriers(self, name: str) -> list[Column]:
        """Return the columns of a relation that hold the objects of others."""
        return list(dict.fromkeys(self._targets[key].carrier for key in self._inside[name]))

    def view(self, name: str, schema: pa.Schema) -> RowSource:
        """Return a source of the table's own rows (``""``), or of the rows of the target ``name``."""
        return _View(self, name, schema)

    def batches(self, name: str, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Yield the batches of one relation from the first, projected."""
        kept, at = self._kept[name], 0
        while True:
            with self._lock:
                while at == len(kept.batches):
                    if not self._more():
                        return
                batch = kept.batches[at]
            at += 1
            yield batch.select(list(names))

    def _more(self) -> bool:
        if self._rest is None:
            self._rest = self._source.batches([*self._columns, *(column.name for column in self._carriers(""))])
        batch = next(self._rest, None)
        if batch is None:
            return self._look_up_bare()
        self._keep("", batch, self._columns)
        return True

    def _keep(self, name: str, batch: pa.RecordBatch, columns: Sequence[str]) -> None:
        """Keep rows of one relation, and what is expanded into them."""
        self._kept[name].batches.append(batch.select(list(columns)))
        for key in self._inside[name]:
            texts = batch.column(batch.schema.get_field_index(self._targets[key].carrier.name)).to_pylist()
            self._take_expanded(key, texts)

    def _take_expanded(self, name: str, texts: Sequence[str | None]) -> None:
        fresh: list[bytes] = []
        seen = self._seen[name]
        for text in texts:
            if text is None:
                continue
            expanded = text.startswith("{")
            identity = _identity.decode(text).id if expanded else _text.decode(text)
            if not identity or identity in seen:
                continue
            seen.add(identity)
            if expanded:
                fresh.append(text.encode())
            else:
                self._bare[name].append(identity)
        if fresh:
            page = self._decoders[name].objects(fresh)
            self._targets[name].counts.rows += page.rows
            self._keep(name, page.batch, self._own(name))

    def _own(self, name: str) -> list[str]:
        return [column.name for column in self._targets[name].columns]

    def _look_up_bare(self) -> bool:
        """Look up what came as an id although it should have been expanded; return whether there was anything."""
        found = False
        for name in self._bare:
            wanted, self._bare[name] = self._bare[name], []
            for page in self._targets[name].look_up(wanted, self._carriers(name)) if wanted else ():
                self._keep(name, page.batch, self._own(name))
                found = True
        return found or any(self._bare.values())


@dataclass(frozen=True, slots=True)
class Target:
    """Say what is expanded into another table's objects.

    Attributes:
        carrier: the column that holds its objects as JSON.
        columns: what is wanted of it.
        counts: where its rows are counted.
        look_up: reads objects by their ids: the wanted columns and those given.
        within: the target whose objects have the carrier; ``""`` for the source itself.
    """

    carrier: Column
    columns: Sequence[Column]
    counts: ScanCounts
    look_up: Callable[[Sequence[str], Sequence[Column]], Iterator[Page]]
    within: str = ""


class _Identity(msgspec.Struct, gc=False):
    id: str | None = None


_identity = msgspec.json.Decoder(_Identity)
_text = msgspec.json.Decoder(str)


class _View:
    """Read one relation of an ``Expanding``."""

    def __init__(self, expanding: Expanding, name: str, schema: pa.Schema) -> None:
        self._expanding = expanding
        self._name = name
        self.schema = schema

    def batches(self, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """Yield the relation's batches."""
        return self._expanding.batches(self._name, self.schema.names if columns is None else columns)
