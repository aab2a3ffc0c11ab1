"""Tell the server's time, which may differ from this machine's and can be moved.

In: the time at creation, or None for the real clock. Out: unix seconds that run on.
"""

from __future__ import annotations

import time


class Clock:
    """Run from ``now``; ``advance`` moves it forward at once."""

    def __init__(self, now: float | None = None) -> None:
        self._offset_s = 0.0 if now is None else now - time.time()

    def now(self) -> int:
        """Return whole unix seconds."""
        return int(time.time() + self._offset_s)

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass at once."""
        self._offset_s += seconds
