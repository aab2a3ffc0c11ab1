"""Define what a format is given, what it answers, and the protocol between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Column:
    """Name one column of a result.

    Attributes:
        label: as the query gives it; labels may repeat.
        type_name: the SQL type name, ``cursor.description[i][1]``; ``JSON`` marks text that is JSON.
    """

    label: str
    type_name: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Hold one result that can be read once.

    Attributes:
        columns: one per field of ``schema``, in order.
        schema: the Arrow schema of every batch, needed where there is no batch.
        batches: the rows; an exception that it raises passes through the writer.
    """

    columns: tuple[Column, ...]
    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]


@dataclass(frozen=True, slots=True)
class Screen:
    """Say where text is shown.

    Attributes:
        width: columns of the terminal; None means that nothing is cut or folded.
        colour: escape sequences may be used.
        unicode: line drawing and the ellipsis may be used.
    """

    width: int | None = None
    colour: bool = False
    unicode: bool = True


PLAIN = Screen()


@dataclass(frozen=True, slots=True)
class Written:
    """Report what a writer did.

    Attributes:
        rows: how many rows it wrote.
        notes: what a reader of the result must know, each one phrase: columns left out, a zone that was dropped.
    """

    rows: int
    notes: tuple[str, ...] = ()


class Writer(Protocol):
    """Write one result in one format."""

    def __call__(self, rows: Rows, out: BinaryIO, screen: Screen = PLAIN) -> Written:
        """Write all of ``rows`` to ``out``, which is neither closed nor required to seek.

        Raises:
            DataError: a value that the format cannot hold; what is in ``out`` by then is not usable.
        """
        ...


def unique_labels(columns: tuple[Column, ...]) -> list[str]:
    """Return the labels with ``_2``, ``_3``, ... after the second and later of equals.

    For formats whose columns are found by name. A suffix that would meet another label is skipped.
    """
    taken = {column.label for column in columns}
    seen: set[str] = set()
    labels = []
    for column in columns:
        label, count = column.label, 1
        while label in seen or (count > 1 and label in taken):
            count += 1
            label = f"{column.label}_{count}"
        seen.add(label)
        labels.append(label)
    return labels
