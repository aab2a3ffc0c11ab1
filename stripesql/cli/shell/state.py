"""Hold what dot commands change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class State:
    """Hold the choices of one shell.

    Attributes:
        format: a name of ``FORMATS``, or None for table, or for what a file's suffix says.
        output: file that results go to; None is the screen.
        once: file of the next result alone.
        timer: print a line of figures after each statement.
        stats: print all figures.
        cost: print the planned requests before a statement runs.
        confirm: ask before a statement that is planned with more requests than this; None never asks.
        parameters: values of ``:name``.
        pager: show long results with a pager.
        dialect: that statements are written in.
        frames: tables of this connection alone, with the name and the type of each column.
        last: the latest statement.
        leaving: the shell is to end.
    """

    format: str | None = None
    output: str | None = None
    once: str | None = None
    timer: bool = True
    stats: bool = False
    cost: bool = False
    confirm: int | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    pager: bool = True
    dialect: str = "duckdb"
    frames: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    last: str | None = None
    leaving: bool = False
