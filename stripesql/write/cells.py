"""Compute the expressions of VALUES and SET that stand alone.

Plain literals are read here. The others are one query for many: each is a column of its own, so that no type is mixed with
another's.

In: texts. Out: ``Cell``: a typed value, and whether it is JSON text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from stripesql.errors import InternalError
from stripesql.write.reading import read_values
from stripesql.write.scene import Scene

_AT_ONCE: Final = 200
_LITERAL: Final = re.compile(
    r"(?P<text>'(?:[^']|'')*')|(?P<decimal>-?\d+\.\d+)|(?P<whole>-?\d+)|(?P<null>null)|(?P<true>true)|(?P<false>false)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Cell:
    """Say one value.

    Attributes:
        value: typed; None for NULL.
        is_json: it is JSON text.
    """

    value: Any
    is_json: bool = False


NULL: Final = Cell(None)


def literal_cell(text: str) -> Cell | None:
    """Return the value of a plain literal, None for any other expression.

    >>> literal_cell("'it''s'"), literal_cell("-1.50"), literal_cell("1 + 1")
    (Cell(value="it's", is_json=False), Cell(value=Decimal('-1.50'), is_json=False), None)
    """
    found = _LITERAL.fullmatch(text.strip())
    match found.lastgroup if found is not None else None:
        case "text":
            return Cell(text.strip()[1:-1].replace("''", "'"))
        case "decimal":
            return Cell(Decimal(text))
        case "whole":
            return Cell(int(text))
        case "null":
            return NULL
        case "true":
            return Cell(True)
        case "false":
            return Cell(False)
    return None


def cells_of(rows: Sequence[Sequence[str | None]], ctes: str, scene: Scene, what: str) -> tuple[tuple[Cell | None, ...], ...]:
    """Return the values of rows of expressions; None for DEFAULT.

    Args:
        rows: expressions.
        ctes: ``WITH ...`` that they may refer to, or "".
        scene: what they run in.
        what: the write, for messages.
    """
    computed = [text for row in rows for text in row if text is not None and literal_cell(text) is None]
    # Each is computed for itself, though the text may be the same: random() is another value in each row.
    values = iter(_computed(computed, ctes, scene, what))
    return tuple(tuple(None if text is None else literal_cell(text) or next(values) for text in row) for row in rows)


def _computed(texts: Sequence[str], ctes: str, scene: Scene, what: str) -> list[Cell]:
    cells: list[Cell] = []
    for at in range(0, len(texts), _AT_ONCE):
        part = texts[at : at + _AT_ONCE]
        items = ", ".join(f"(\n{text}\n) AS value_{place}" for place, text in enumerate(part))
        found = read_values(f"{ctes}SELECT {items}", scene, what)
        if found.rows != 1:
            raise InternalError(f"{what}: {len(part)} expressions gave {found.rows} rows")
        cells += [Cell(found.column(place)[0], found.is_json(place)) for place in range(len(part))]
    return cells
