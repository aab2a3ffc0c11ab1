"""Show on a terminal's standard error what a long statement is doing, on one line that is erased again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TextIO

from stripesql.cli.screen import screen_of
from stripesql.outputs.width import cut
from stripesql.stats import Stats

if TYPE_CHECKING:
    import pyarrow as pa

QUIET_S = 1.0
"""A statement that ends sooner shows nothing."""

_ERASE = "\r\x1b[K"


class Progress:
    """Draw and erase the line; the thread that waits draws, the thread that works erases before it writes."""

    def __init__(self, stream: TextIO, *, shares_terminal: bool) -> None:
        """Take the stream of the line; rows may appear on the same terminal if ``shares_terminal``."""
        self._stream = stream
        self._screen = screen_of(stream)
        self._shares_terminal = shares_terminal
        self._lock = threading.Lock()
        self._drawn = False
        self._stats: Callable[[], Stats] | None = None
        self._writing = False

    def begin(self, stats: Callable[[], Stats]) -> None:
        """Show the figures of a statement from now on."""
        with self._lock:
            self._stats = stats
            self._writing = False

    def end(self) -> None:
        """Erase the line; nothing is drawn until the next statement."""
        with self._lock:
            self._stats = None
            self._erase()

    def draw(self) -> None:
        """Draw the line if a statement has been running for long enough and its rows are being waited for."""
        if self._screen.width is None:
            return
        with self._lock:
            if self._stats is None or self._writing:
                return
            stats = self._stats()
            if stats.elapsed_s < QUIET_S:
                return
            text = cut(line(stats), self._screen.width - 1, "…" if self._screen.unicode else "")
            # The cursor goes back, so that what others write to the terminal begins at the left.
            self._stream.write(f"{_ERASE}{text if self._screen.unicode else text.replace('·', '-')}\r")
            self._stream.flush()
            self._drawn = True

    def watched(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the batches; on a shared terminal the line is gone while one of them is being written."""
        while True:
            with self._lock:
                self._writing = False
            batch = next(batches, None)
            if self._shares_terminal:
                with self._lock:
                    self._writing = True
                    self._erase()
            if batch is None:
                return
            yield batch

    def _erase(self) -> None:
        if self._drawn:
            self._stream.write(_ERASE)
            self._stream.flush()
            self._drawn = False


def line(stats: Stats) -> str:
    """Return the figures of a running statement."""
    seconds = stats.elapsed_s
    parts = [
        f"{stats.requests:,} {'request' if stats.requests == 1 else 'requests'}",
        f"{stats.rows_fetched:,} rows",
        f"{seconds:.0f} s",
        f"{stats.requests / max(seconds, 0.001):.0f} requests/s",
    ]
    if stats.waited_s >= 1:
        parts.append(f"waited {stats.waited_s:.0f} s for the rate limit")
    return " · ".join(parts)
