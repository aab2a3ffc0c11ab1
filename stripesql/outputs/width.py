"""Measure and cut text by the columns that it takes on a terminal.

In: text of any origin. Out: text that cannot move a cursor, colour a screen or reorder a line, of a known width.

Widths follow Unicode's East Asian Width (UAX #11) and general categories through ``unicodedata``. Terminals disagree
about joined emoji; this counts a joined or tinted sequence as its first character, as current terminals draw it.
"""

from __future__ import annotations

from collections.abc import Iterator
from unicodedata import category, combining, east_asian_width

_SHOWN = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

_JOINERS = "\u200c\u200d"
"""The two format characters that scripts and emoji need; neither moves anything."""

_EMOJI_STYLE = "\ufe0f"


def harmless(text: str) -> str:
    r"""Return ``text`` with every control, format and separator character spelled out (``\n``, ``\x1b``, ``\u202e``).

    Data comes from customers of customers. An escape sequence could retitle or rewrite a terminal, and a
    bidirectional override could show another amount than the one that is there.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _spelled(char) for char in text)


def _spelled(char: str) -> str:
    code = ord(char)
    match category(char):
        case "Zs":
            return " "
        case "Cf" if char in _JOINERS:
            return char
        case "Cc" | "Cf" | "Cs" | "Zl" | "Zp":
            return _SHOWN.get(char) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
        case _:
            # Private use, and characters newer than this Python: unknown, and no terminal acts on them.
            return char


def width(text: str) -> int:
    """Return how many terminal columns ``text`` takes; it must be harmless."""
    return len(text) if text.isascii() else sum(columns for _, columns in _cells(text))


def _cells(text: str) -> Iterator[tuple[str, int]]:
    """Yield each character with the columns that it adds to those before it."""
    before, joined = 0, False
    for char in text:
        columns = 0 if joined else _alone(char)
        if char == _EMOJI_STYLE and before == 1:
            columns = 1
        elif "\U0001f3fb" <= char <= "\U0001f3ff" and before == 2:
            columns = 0
        yield char, columns
        joined = char == "\u200d"
        if columns:
            before = columns


def _alone(char: str) -> int:
    if char.isascii():
        return 1
    kind = category(char)
    if combining(char) or kind in ("Mn", "Me", "Cf") or "\u1160" <= char <= "\u11ff":
        return 0
    new_emoji = kind == "Cn" and "\U0001f300" <= char <= "\U0001faff"
    return 2 if new_emoji or east_asian_width(char) in "WF" else 1


def cut(text: str, limit: int, ellipsis: str) -> str:
    """Return ``text`` if it fits in ``limit`` columns, else its start and the ellipsis, in at most ``limit``."""
    if width(text) <= limit:
        return text
    head, _ = split_at(text, max(limit - len(ellipsis), 0))
    return head + ellipsis[:limit]


def split_at(text: str, limit: int) -> tuple[str, str]:
    """Return the longest start of ``text`` that takes at most ``limit`` columns, and the rest.

    Marks stay with the character that they are on.
    """
    if text.isascii():
        return text[:limit], text[limit:]
    used = 0
    for position, (_, columns) in enumerate(_cells(text)):
        if used + columns > limit:
            return text[:position], text[position:]
        used += columns
    return text, ""


def fold(text: str, limit: int) -> list[str]:
    """Return ``text`` in pieces of at most ``limit`` columns, broken after a space where one is near.

    Joined, the pieces are the text. A character wider than ``limit`` stands alone.
    """
    pieces, start, used, space = [], 0, 0, -1
    for position, (char, columns) in enumerate(_cells(text)):
        if used + columns > limit and position > start:
            end = space + 1 if space - start >= limit // 3 else position
            pieces.append(text[start:end])
            start, used = end, width(text[end:position])
        used += columns
        if char == " ":
            space = position
    return [*pieces, text[start:]]


def fold_indented(text: str, limit: int) -> list[str]:
    """Return ``text`` folded, with what follows the first piece indented deeper than it."""
    first = fold(text, limit)[0]
    indent = len(text) - len(text.lstrip(" ")) + 2
    if len(first) == len(text) or indent > limit // 2:
        return fold(text, limit)
    return [first, *(" " * indent + piece for piece in fold(text[len(first) :], limit - indent))]


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """Return ``text`` filled with spaces to ``columns``, on its left if ``right``."""
    fill = " " * (columns - width(text))
    return fill + text if right else text + fill
