"""Read symbolic dates: ``today``, ``monthstart-1d``, ``yearend+1y``.

A symbol means the start of a day in the session's zone, and only where a string literal is compared with a time.

In: the text and today's date. Out: a date, or None where the text is no symbol.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from dateutil.relativedelta import MO, SU, relativedelta

SYMBOLS: Final = {
    "today": relativedelta(),
    "yesterday": relativedelta(days=-1),
    "tomorrow": relativedelta(days=+1),
    "weekstart": relativedelta(weekday=MO(-1)),
    "weekend": relativedelta(weekday=SU(+1)),
    "monthstart": relativedelta(day=1),
    "monthend": relativedelta(day=31),
    "yearstart": relativedelta(month=1, day=1),
    "yearend": relativedelta(month=12, day=31),
}
_UNITS: Final = {"d": "days", "w": "weeks", "m": "months", "y": "years"}
_PATTERN: Final = re.compile(rf"\s*({'|'.join(SYMBOLS)})\s*(?:([+-])\s*(\d{{1,6}})\s*([dwmy]))?\s*", re.IGNORECASE)


def symbolic_date(text: str, today: dt.date) -> dt.date | None:
    """Return the day that ``text`` names, or None where it is no symbol or beyond the calendar.

    >>> symbolic_date("monthstart-1d", dt.date(2024, 3, 15))
    datetime.date(2024, 2, 29)
    >>> symbolic_date("monthend", dt.date(2024, 2, 10))
    datetime.date(2024, 2, 29)
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        return None
    symbol, sign, count, unit = match.groups()
    try:
        day = today + SYMBOLS[symbol.lower()]
        if sign:
            amount = int(count) * (1 if sign == "+" else -1)
            day += relativedelta(**{_UNITS[unit.lower()]: amount})  # type: ignore[arg-type]
    except (OverflowError, ValueError):
        return None
    return day
