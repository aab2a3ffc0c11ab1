"""Estimate how far the server's clock is ahead of ours, from ``Date`` headers.

In: a header's second, and the local times at which the request left and the answer came. Out: bounds of the difference,
which narrow with every answer, because ``Date`` is cut to whole seconds at another point each time.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offset:
    """Bound server time minus local time, in seconds."""

    low: float
    high: float

    @property
    def estimate_s(self) -> float:
        """Return 0.0 where the clocks may agree, else the middle of the bounds."""
        return 0.0 if self.low <= 0.0 <= self.high else (self.low + self.high) / 2


def observed(before: Offset | None, *, date: int, sent: float, received: float) -> Offset:
    """Return the bounds after one more answer.

    Args:
        before: the bounds so far, or None.
        date: the ``Date`` header, unix seconds: the server wrote it in ``[date, date + 1)``.
        sent: local time when the request left, unix seconds.
        received: local time when the head of the answer came.
    """
    now = Offset(date - received, date + 1.0 - sent)
    if before is None:
        return now
    both = Offset(max(before.low, now.low), min(before.high, now.high))
    # Bounds that exclude each other say that a clock was set, or drifts: the past tells nothing then.
    return both if both.low <= both.high else now
