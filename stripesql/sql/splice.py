"""Replace pieces of a text by position.

The engine runs the user's own text with a few pieces replaced, because regenerated SQL would change column labels.

In: the text and splices, in any order. Out: the new text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Splice:
    """Say that ``text[start:end]`` becomes ``replacement``; start == end inserts."""

    start: int
    end: int
    replacement: str


def apply(text: str, splices: Iterable[Splice]) -> str:
    """Return ``text`` with every splice applied.

    A splice that lies inside another is dropped: the outer one has already written what stands there.

    >>> apply("SELECT a FROM b", [Splice(7, 8, "x"), Splice(14, 15, "y")])
    'SELECT x FROM y'
    """
    parts: list[str] = []
    at = 0
    for splice in sorted(splices, key=lambda each: (each.start, -each.end)):
        if splice.start < at:
            continue
        parts += [text[at : splice.start], splice.replacement]
        at = splice.end
    return "".join([*parts, text[at:]])


def quoted(name: str) -> str:
    """Return a name in double quotes."""
    return '"' + name.replace('"', '""') + '"'
