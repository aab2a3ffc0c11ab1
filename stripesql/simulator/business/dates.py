"""Count in calendar months, in UTC, without datetime objects.

In: unix seconds. Out: unix seconds. Billing anchors keep their day and clamp it to the length of the month.
"""

from __future__ import annotations

import calendar
from bisect import bisect_right

DAY = 86_400
HOUR = 3_600
_FIRST_YEAR = 2000
_MONTHS = tuple(calendar.timegm((_FIRST_YEAR + n // 12, n % 12 + 1, 1, 0, 0, 0)) for n in range(12 * 80))


def after_months(anchor: int, months: int) -> int:
    """Return ``anchor`` plus ``months`` calendar months.

    >>> after_months(1706659200, 1) == 1709164800   # 2024-01-31 to 2024-02-29
    True
    """
    if months == 0:
        return anchor
    n = bisect_right(_MONTHS, anchor) - 1
    offset = anchor - _MONTHS[n]
    target = _MONTHS[n + months]
    length = _MONTHS[n + months + 1] - target
    if offset >= length:
        offset = length - DAY + offset % DAY
    return target + offset


def midnight(at: int) -> int:
    """Return the start of the UTC day."""
    return at - at % DAY
