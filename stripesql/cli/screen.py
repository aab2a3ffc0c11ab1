"""Find out what a stream can show."""

from __future__ import annotations

import os
from typing import TextIO

from stripesql.outputs.rows import Screen

_FALLBACK_WIDTH = 80


def screen_of(stream: TextIO) -> Screen:
    """Return what ``stream`` can show; one that is not a terminal has no width and no colour.

    Colour follows https://no-color.org: ``NO_COLOR`` with any text in it switches it off.
    """
    unicode = (stream.encoding or "").lower().replace("-", "").startswith("utf")
    if not stream.isatty():
        return Screen(None, False, unicode)
    colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    try:
        width = os.get_terminal_size(stream.fileno()).columns
    except OSError:
        width = 0
    # Some pseudo-terminals (docker, Emacs) report no size.
    return Screen(width or _FALLBACK_WIDTH, colour, unicode)
