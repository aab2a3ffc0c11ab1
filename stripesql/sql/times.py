"""Turn comparisons of expressions over a time column into spans of instants.

``created::date = '2024-05-01'``, ``date_trunc('month', created) >= ...``, ``extract(year FROM created) = 2024`` and
``created AT TIME ZONE 'Europe/Berlin' < ...`` all say something about the column's local time. The local bounds are
turned into instants by the time zone's rules and by the engine's own; where they leave a choice (a clock that is set
back) the wider one is taken, and the span is not exact.

In: a tree, the constant it is compared with. Out: ``Span``, or None where the expression is not understood.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.relativedelta import relativedelta
from sqlglot import exp

from stripesql.predicate import Instant, Operator, Span
from stripesql.sql.constants import STRING_LITERAL, Constant, Constants
from stripesql.sql.tree import TEMPORAL_CASTS, Node, text_of

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_STEPS: Final = {
    "day": relativedelta(days=1),
    "week": relativedelta(days=7),
    "month": relativedelta(months=1),
    "quarter": relativedelta(months=3),
    "year": relativedelta(years=1),
}
_TEMPORAL: Final = ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE")


@dataclass(frozen=True, slots=True)
class LocalTime:
    """Say an expression that is a time column in some zone, cut down to a unit.

    Attributes:
        column: the column's tree.
        zone: zone of the local time, or None for the session's.
        unit: day, week, month, quarter, year, or None for no cut.
        type: DATE, TIMESTAMP or TIMESTAMPTZ: what the engine compares.
    """

    column: Node
    zone: str | None
    unit: str | None
    type: str


def local_time(node: Node, is_time_column: Callable[[Node], bool]) -> LocalTime | None:
    """Return what an expression says about a time column, or None."""
    node = node.unnest()
    if isinstance(node, exp.Column | exp.Dot):
        return LocalTime(node, None, None, "TIMESTAMPTZ") if is_time_column(node) else None
    if isinstance(node, exp.TryCast):
        return None
    if isinstance(node, exp.Cast | exp.Date | exp.TsOrDsToDate):
        inner = local_time(node.this, is_time_column) if isinstance(node.this, Node) else None
        target = TEMPORAL_CASTS.get(node.to.this) if isinstance(node, exp.Cast) else "DATE"
        return _cast(inner, target) if inner is not None and target is not None else None
    if isinstance(node, exp.TimestampTrunc | exp.DateTrunc):
        inner = local_time(node.this, is_time_column)
        unit = node.text("unit").lower()
        if inner is None or unit not in _STEPS or inner.unit not in (None, "day"):
            return None
        return replace(inner, unit=unit, type="TIMESTAMP" if inner.type == "DATE" else inner.type)
    if isinstance(node, exp.AtTimeZone):
        inner = local_time(node.this, is_time_column)
        zone = node.args.get("zone")
        if inner is None or inner.type != "TIMESTAMPTZ" or inner.unit or not isinstance(zone, exp.Literal) or not zone.is_string:
            return None
        return replace(inner, zone=zone.name, type="TIMESTAMP")
    return None


def _cast(inner: LocalTime, target: str) -> LocalTime | None:
    if target == "DATE":
        return replace(inner, unit=inner.unit or "day", type="DATE")
    if target == "TIMESTAMPTZ" and inner.type != "TIMESTAMPTZ" and inner.zone is not None:
        return None  # local time of one zone read as local time of another
    return replace(inner, type=target)


def year_of(node: Node, is_time_column: Callable[[Node], bool]) -> LocalTime | None:
    """Return the time whose year an expression takes, or None."""
    node = node.unnest()
    inner: object = None
    if isinstance(node, exp.Extract) and node.name.lower() in ("year", "y", "years"):
        inner = node.expression
    elif isinstance(node, exp.Year):
        inner = node.this
    elif isinstance(node, exp.Anonymous) and node.name.lower() in ("date_part", "datepart", "year"):
        arguments = node.expressions
        if node.name.lower() == "year" and len(arguments) == 1:
            inner = arguments[0]
        elif len(arguments) == 2 and arguments[0].name.lower() in ("year", "y", "years"):
            inner = arguments[1]
    while isinstance(inner, exp.TsOrDsToDate):
        inner = inner.this
    found = local_time(inner, is_time_column) if isinstance(inner, Node) else None
    # A week that begins in one year and ends in the next: its start's year is not the year of its days.
    return None if found is not None and found.unit == "week" else found


class Spans:
    """Compute spans in one session's zone."""

    def __init__(self, constants: Constants, zone: str) -> None:
        self._constants = constants
        self._zone = zone

    def compare(self, name: str, left: LocalTime, operator: Operator, right: Node) -> Span | None:
        """Return the span of instants where ``left operator right`` can hold, or None where nothing can be said."""
        value, wide = self._local_value(left, right)
        if value is None:
            return None
        try:
            if wide:
                settled = self._settled(value, left.unit)
                if settled is None:
                    return None
                value, wide = settled
            low, high, exact = _bounds(value, operator, left.unit, wide)
            return self._span(name, low, high, exact, left.zone or self._zone)
        except (OverflowError, ValueError, OSError, ZoneInfoNotFoundError):  # OSError: a folder of zones
            return None

    def _settled(self, value: dt.datetime, unit: str | None) -> tuple[dt.datetime, bool] | None:
        """Return the local time of an instant that is compared, and whether it is uncertain; None while it is unknown.

        Only a local time that happens twice, or never, leaves a choice. A day may begin at one o'clock: what date_trunc
        calls the start of such a day is that hour, and means the midnight that did not happen.
        """
        start = value if unit is None else _floor(value, unit)
        instants, starts = self._instants(value, self._zone), self._instants(start, self._zone)
        if instants is None or starts is None:
            return None
        if set(instants) & set(starts):
            return start, len(set(starts)) > 1
        return value, len(set(instants)) > 1

    def years(self, name: str, left: LocalTime, operator: Operator, year: int) -> Span | None:
        """Return the span where the local year compares so with ``year``."""
        try:
            low, high, exact = _bounds(dt.datetime(year, 1, 1), operator, "year", wide=False)
            return self._span(name, low, high, exact, left.zone or self._zone)
        except (OverflowError, ValueError, OSError, ZoneInfoNotFoundError):  # OSError: a folder of zones
            return None

    def _local_value(self, left: LocalTime, right: Node) -> tuple[dt.datetime | None, bool]:
        """Return the constant as local time, and whether the engine compares instants instead."""
        constant = self._constants.of(right)
        if constant is None or constant.text is None:
            return None, False
        sql = text_of(right)
        if constant.type == STRING_LITERAL:
            return self._timestamp(f"CAST({sql} AS {left.type})"), left.type == "TIMESTAMPTZ"
        if constant.type not in _TEMPORAL:
            return None, False
        across = left.type == "TIMESTAMPTZ" or constant.type == "TIMESTAMP WITH TIME ZONE"
        if across and left.zone is not None:
            return None, False
        return self._timestamp(f"CAST({sql} AS TIMESTAMPTZ)" if across else sql), across

    def _timestamp(self, sql: str) -> dt.datetime | None:
        constant = self._constants.get(f"CAST({sql} AS TIMESTAMP)")
        try:
            return dt.datetime.fromisoformat(constant.text) if constant is not None and constant.text else None
        except ValueError:
            return None  # infinity, or before the year 1

    def _span(self, name: str, low: dt.datetime | None, high: dt.datetime | None, exact: bool, zone: str) -> Span | None:
        lows, highs = self._instants(low, zone), self._instants(high, zone)
        if lows is None or highs is None:
            return None
        exact = exact and len(set(lows)) <= 1 and len(set(highs)) <= 1
        return Span(name, Instant(min(lows)) if lows else None, Instant(max(highs)) if highs else None, exact)

    def _instants(self, local: dt.datetime | None, zone: str) -> list[int] | None:
        """Return every instant that the local time may be: both folds, and the engine's choice; None while it is unknown."""
        if local is None:
            return []
        folds = [_microseconds(local.replace(tzinfo=ZoneInfo(zone), fold=fold)) for fold in (0, 1)]
        engine = self._constants.get(f"epoch_us(TIMESTAMP '{local.isoformat(sep=' ')}' AT TIME ZONE '{zone}')")
        return None if engine is None or engine.text is None else [*folds, int(engine.text)]


def _microseconds(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // dt.timedelta(microseconds=1)


def _floor(moment: dt.datetime, unit: str) -> dt.datetime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match unit:
        case "week":
            return day - dt.timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case "year":
            return day.replace(month=1, day=1)
    return day


def _bounds(value: dt.datetime, operator: Operator, unit: str | None, wide: bool) -> tuple[dt.datetime | None, dt.datetime | None, bool]:
    """Return [low, high) in local time for a comparison of the cut-down time with ``value``."""
    if unit is None:
        start, after, aligned = value, value + dt.timedelta(seconds=1), False
        wide = True  # one instant: the envelope is a second wide
    else:
        start = _floor(value, unit)
        after, aligned = start + _STEPS[unit], start == value
    match operator:
        case Operator.EQ:
            if not aligned and not wide:
                raise ValueError("no cut-down time equals a time between two cuts")
            return start, after, not wide
        case Operator.GE:
            return (start if aligned or wide else after), None, not wide
        case Operator.GT:
            return (start if wide else after), None, not wide
        case Operator.LE:
            return None, after, not wide
        case Operator.LT:
            return None, (start if aligned and not wide else after), not wide
        case Operator.NE:
            raise ValueError("not a span")


def instant(constants: Constants, right: Node) -> tuple[Constant | None, Instant | None]:
    """Return what a plain time column is compared with: the constant, and its instant where it is a time."""
    constant = constants.of(right)
    if constant is None or constant.text is None or constant.type not in (*_TEMPORAL, STRING_LITERAL):
        return constant, None
    moment = constants.get(f"epoch_us(CAST({text_of(right)} AS TIMESTAMPTZ))")
    return constant, Instant(int(moment.text)) if moment is not None and moment.text else None
