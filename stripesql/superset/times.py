"""Write times as SQL for charts: the start of a month, seconds since 1970, the bounds of a time range.

In: Superset's names of periods and types, and Python times. Out: SQL.

Superset knows no zones: its axis and its bounds are wall clock times. So a time is cut in the connection's zone (``timezone`` in the
URL), and the result has none.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

_LOCAL: Final = "CAST({col} AS TIMESTAMP)"


def _start(unit: str) -> str:
    return f"date_trunc('{unit}', {_LOCAL})"


def _every(span: str) -> str:
    return f"time_bucket(INTERVAL '{span}', {_LOCAL})"


GRAINS: Final[dict[str | None, str]] = {
    None: "{col}",
    "PT1S": _start("second"),
    "PT5S": _every("5 seconds"),
    "PT30S": _every("30 seconds"),
    "PT1M": _start("minute"),
    "PT5M": _every("5 minutes"),
    "PT10M": _every("10 minutes"),
    "PT15M": _every("15 minutes"),
    "PT30M": _every("30 minutes"),
    "PT1H": _start("hour"),
    "PT6H": _every("6 hours"),
    "P1D": _start("day"),
    "P1W": _start("week"),
    "1969-12-28T00:00:00Z/P1W": f"date_trunc('week', {_LOCAL} + INTERVAL '1 day') - INTERVAL '1 day'",
    "1969-12-29T00:00:00Z/P1W": _start("week"),
    "P1W/1970-01-03T00:00:00Z": f"date_trunc('week', {_LOCAL} + INTERVAL '1 day') + INTERVAL '5 days'",
    "P1W/1970-01-04T00:00:00Z": f"date_trunc('week', {_LOCAL}) + INTERVAL '6 days'",
    "P1M": _start("month"),
    "P3M": _start("quarter"),
    "P1Y": _start("year"),
}
"""The expression for each period, by its ISO 8601 name with the day that a week begins or ends; ``{col}`` is the column."""

EPOCH_SECONDS: Final = "to_timestamp({col})"


def literal(kind: str, moment: dt.datetime) -> str | None:
    """Return a bound of a time range as SQL that can be sent to Stripe; None for types that are no times.

    >>> literal("TIMESTAMP WITH TIME ZONE", dt.datetime(2026, 5, 1))
    "TIMESTAMP '2026-05-01 00:00:00'"
    >>> literal("DATE", dt.datetime(2026, 5, 1))
    "DATE '2026-05-01'"
    """
    match kind.upper().partition("(")[0].strip():
        case "DATE":
            return f"DATE '{moment.date().isoformat()}'"
        case "TIMESTAMP" | "DATETIME" | "TIMESTAMP WITH TIME ZONE":
            name = "TIMESTAMP" if moment.tzinfo is None else "TIMESTAMPTZ"
            return f"{name} '{moment.isoformat(sep=' ')}'"
    return None
