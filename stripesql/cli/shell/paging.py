"""Show results on the screen: short ones as they are, longer ones with a pager.

In: bytes of lines. Out: the same on the terminal, or in ``$PAGER``.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, cast

from stripesql.cli.keys import may_hold_key

LESS = "-RSX"
"""Options of less where the user has none: colours, long lines cut, and what was shown stays on the screen."""


class PagerClosed(Exception):
    """Report that the reader has seen enough."""


class Pages:
    """Collect lines until they are more than the screen has; then give them, and all that follow, to the pager.

    It is written to from one thread. It stands for a binary stream, of which formats use ``write`` and ``flush``.
    """

    def __init__(self, *, lines: int | None, columns: int, before_pager: Callable[[], None] = lambda: None) -> None:
        """Take the size of the screen; without ``lines`` there is no pager.

        Args:
            lines: that fit on the screen.
            columns: of the screen; longer lines take more than one.
            before_pager: called when the pager takes the terminal.
        """
        self._left = lines
        self._columns = max(columns, 1)
        self._before_pager = before_pager
        self._held: list[bytes] = []
        self._pager: subprocess.Popen[bytes] | None = None
        self.has_terminal = False

    @property
    def stream(self) -> BinaryIO:
        """Return this as the stream that formats take."""
        return cast(BinaryIO, self)

    def write(self, data: bytes) -> int:
        """Take lines.

        Raises:
            PagerClosed: the pager was left.
        """
        if self._pager is not None:
            self._give(data)
            return len(data)
        self._held.append(data)
        if self._left is not None:
            self._left -= sum(1 + max(len(line) - 1, 0) // self._columns for line in data.split(b"\n")[:-1])
            if self._left < 0:
                self._start()
        return len(data)

    def flush(self) -> None:
        """Do nothing: what is held is written at the end."""

    def end(self) -> None:
        """Write what is held, or wait until the pager is left."""
        if self._pager is None:
            held, self._held = b"".join(self._held), []
            sys.stdout.flush()
            sys.stdout.buffer.write(held)
            sys.stdout.buffer.flush()
            return
        assert self._pager.stdin is not None
        with suppress(OSError):  # it was left before it had read everything
            self._pager.stdin.close()
        self._pager.wait()
        self.has_terminal = False

    def _start(self) -> None:
        command = pager_command()
        if command is None:
            self._left = None
            return
        self._before_pager()
        sys.stdout.flush()
        try:
            self._pager = subprocess.Popen(command, stdin=subprocess.PIPE, env=_environment())
        except OSError:
            self._left = None
            return
        self.has_terminal = True
        held, self._held = b"".join(self._held), []
        self._give(held)

    def _give(self, data: bytes) -> None:
        assert self._pager is not None
        assert self._pager.stdin is not None
        try:
            self._pager.stdin.write(data)
            self._pager.stdin.flush()
        except OSError:
            raise PagerClosed from None


def pager_command() -> list[str] | None:
    """Return the pager that ``PAGER`` names, else less, else None; an empty ``PAGER`` wants none."""
    chosen = os.environ.get("PAGER")
    if chosen is None:
        return ["less"] if shutil.which("less") else None
    try:
        words = shlex.split(chosen)
    except ValueError:
        return None
    return words if words and words != ["cat"] and shutil.which(words[0]) else None


def _environment() -> dict[str, str]:
    """Return the environment of a pager: no key is in it, since pagers start other programs."""
    kept = {name: value for name, value in os.environ.items() if not may_hold_key(value)}
    return {"LESS": LESS, **kept}
