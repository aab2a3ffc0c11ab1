"""Read an INSERT once for many sets of parameters.

Where every placeholder is a whole value of VALUES, the values need no SQL at all: they are what the caller gave.

In: the text with its placeholders. Out: the rows for all sets.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from stripesql.errors import InterfaceError, ProgrammingError, SqlSyntaxError
from stripesql.sql.parameters import Parameters, placeholders
from stripesql.sql.writes import Insert, read_write
from stripesql.write.cells import Cell, literal_cell

_PLAIN: Final = (str, bool, int, Decimal, dt.datetime, dt.date, type(None))


@dataclass(frozen=True, slots=True)
class Slot:
    """Say the place of a parameter: by its name, or by its number."""

    key: str | int


@dataclass(frozen=True, slots=True)
class Template:
    """Hold an INSERT whose values are literals and placeholders.

    Attributes:
        statement: the statement.
        columns: its columns.
        cells: the values; None for DEFAULT.
        slots: number of placeholders; 0 where they are named.
    """

    statement: Insert
    columns: tuple[str, ...]
    cells: tuple[tuple[Cell | Slot | None, ...], ...]
    slots: int

    def rows_of(self, sets: Sequence[Parameters]) -> tuple[tuple[Cell | None, ...], ...] | None:
        """Return the rows of all sets; None where a value needs SQL to be read.

        Raises:
            ProgrammingError: a value is missing, or one is too many.
            InterfaceError: a set is neither a sequence nor a mapping.
        """
        rows: list[tuple[Cell | None, ...]] = []
        for given in sets:
            if isinstance(given, str | bytes) or not isinstance(given, Sequence | Mapping):
                raise InterfaceError(
                    f"parameters must be a sequence or a mapping, not {type(given).__name__}; for one value write (value,)"
                )
            if isinstance(given, Mapping) is bool(self.slots):
                return None
            if not isinstance(given, Mapping) and len(given) != self.slots:
                raise ProgrammingError(f"the statement has {self.slots} placeholders (?) and {len(given)} values were given")
            for cells in self.cells:
                row: list[Cell | None] = []
                for cell in cells:
                    if isinstance(cell, Slot):
                        value = _value(given, cell)
                        if not is_plain(value):
                            return None
                        row.append(Cell(value))
                    else:
                        row.append(cell)
                rows.append(tuple(row))
        return tuple(rows)


def _value(given: Parameters, slot: Slot) -> object:
    if isinstance(given, Mapping):
        if slot.key not in given:
            raise ProgrammingError(f"no value was given for the parameter {slot.key!r}")
        return given[str(slot.key)]
    return given[int(slot.key)]


def is_plain(value: object) -> bool:
    """Say whether a value is what the engine would make of its literal."""
    if type(value) is float:
        return math.isfinite(value)
    if isinstance(value, Decimal) and not value.is_finite():
        return False
    return type(value) in _PLAIN


def template_of(text: str, dialect: str) -> Template | None:
    """Return what an INSERT says for every set of parameters; None where a set must be bound for itself."""
    if dialect.lower() not in ("duckdb", ""):
        return None
    found = list(placeholders(text, dialect))
    try:
        statement = read_write(text)
    except SqlSyntaxError:
        return None
    if not isinstance(statement, Insert) or statement.columns is None or statement.rows is None or not found:
        return None
    if "%%" in text and any(text[each.start] == "%" for each in found):
        return None
    texts = [cell for row in statement.rows for cell in row]
    # All placeholders must stand in VALUES, each as a whole cell.
    wanted = {text[each.start : each.end]: each for each in found}
    slots: list[Slot] = []
    cells: list[Cell | Slot | None] = []
    for cell in texts:
        if cell is None:
            cells.append(None)
        elif cell in wanted:
            name = wanted[cell].name
            slots.append(Slot(len(slots) if name is None else name))
            cells.append(slots[-1])
        elif (value := literal_cell(cell)) is not None:
            cells.append(value)
        else:
            return None
    if len(slots) != len(found) or len({type(slot.key) for slot in slots}) != 1:
        return None
    values = iter(cells)
    rows = tuple(tuple(next(values) for _ in row) for row in statement.rows)
    return Template(statement, statement.columns, rows, len(slots) if slots[0].key == 0 else 0)
