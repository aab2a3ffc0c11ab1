r"""Carry lone surrogates (``"\ud800"``) past msgspec, which refuses to read on behind one.

JSON allows them and Unicode text does not. In: JSON text. Out: JSON text in which each is a mark with the same digits;
``restore`` undoes it in the values that were read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from stripesql.decode.forms import Form
from stripesql.decode.values import Unfit

_ESCAPE: Final = re.compile(rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u([dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL)
# Unicode sets these 32 aside for use inside a program; no text that is meant for others holds one.
_MARKS: Final = tuple(chr(code) for code in range(0xFDD0, 0xFDF0))


@dataclass(frozen=True, slots=True)
class Marked:
    """Hold JSON text without lone surrogates.

    Attributes:
        text: the JSON.
        mark: the character that stands before the four digits of each one, or None where there was none.
    """

    text: bytes
    mark: str | None = None

    def restore(self, value: object, form: Form) -> object:
        """Return a value that was read from ``text`` as the answer had it.

        Raises:
            Unfit: it holds a lone surrogate and is not JSON text.
        """
        if self.mark is None or not isinstance(value, str):
            return value
        found = re.compile(rf"(?:{self.mark}|\\u{ord(self.mark):x})([0-9a-fA-F]{{4}})")
        if form is Form.JSON:
            return found.sub(r"\\u\1", value)
        if found.search(value):
            raise Unfit("half of a surrogate pair, which is no Unicode text,")
        return value


def mark(text: bytes) -> Marked:
    """Return JSON text with each lone surrogate marked."""
    if not any(escape[1] for escape in _ESCAPE.finditer(text)):
        return Marked(text)
    folded = text.lower()
    free = next((each for each in _MARKS if each.encode() not in text and b"\\u%x" % ord(each) not in folded), None)
    if free is None:
        return Marked(text)
    stand_in = b"\\u%x" % ord(free)
    return Marked(_ESCAPE.sub(lambda escape: escape[0] if escape[1] is None else stand_in + escape[1], text), free)
