"""Name the forms in which the API writes values, and say which form a column has.

In: a catalogue ``Column``. Out: a ``Form`` and the ``Leaf`` that locates it; ``structs`` reads them fast, ``values``
reads them slowly.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from stripesql.catalogue.model import Column, ColumnKind
from stripesql.types import SqlType


class Form(Enum):
    """Say how a value is written and what it is read as."""

    TEXT = "text"
    EXPANDABLE = "expandable"
    """an id, or an object of which the id is the value"""
    INTEGER = "integer"
    BOOLEAN = "boolean"
    NUMBER = "number"
    DECIMAL = "decimal"
    UNIX_TIME = "unix time"
    ISO_TIME = "iso time"
    JSON = "json"
    TIME_KEY = "time key"
    """no column: either kind of time, for ``Page.times``"""
    FLAG = "flag"
    """no column: ``deleted``, of which only a literal true counts"""


@dataclass(frozen=True, slots=True)
class Leaf:
    """Say where in an object a value stands, and in which form; an empty path is the object itself."""

    path: tuple[str, ...]
    form: Form


def form_of(column: Column) -> Form:
    """Return the form of a column.

    Raises:
        ValueError: no answer of the API holds a value of this type.
    """
    match column.type:
        case SqlType.VARCHAR:
            return Form.EXPANDABLE if column.kind is ColumnKind.EXPANDABLE else Form.TEXT
        case SqlType.BIGINT:
            return Form.INTEGER
        case SqlType.BOOLEAN:
            return Form.BOOLEAN
        case SqlType.DOUBLE:
            return Form.NUMBER
        case SqlType.DECIMAL:
            return Form.DECIMAL
        case SqlType.TIMESTAMPTZ:
            return Form.ISO_TIME if column.kind is ColumnKind.ISO_TIME else Form.UNIX_TIME
        case SqlType.JSON:
            return Form.JSON
        case SqlType.DATE:
            raise ValueError(f"column {column.name!r}: no field of the API is a DATE")
        case _:
            assert_never(column.type)
