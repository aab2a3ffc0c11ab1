"""Write each piece of SQL twice: as stripesql takes it, and as plain DuckDB takes it."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from exactness.tables import NOW_US


@dataclass(frozen=True)
class Sql:
    """Say one piece of SQL: ``ours`` and ``plain`` differ only in what DuckDB does not have."""

    ours: str
    plain: str


def same(text: str) -> Sql:
    """Return a piece that is the same in both."""
    return Sql(text, text)


def fill(template: str, *parts: Sql) -> Sql:
    """Return the template with each ``@`` replaced by the next piece."""
    pieces = template.split("@")
    assert len(pieces) == len(parts) + 1, template
    ours, plain = pieces[0], pieces[0]
    for part, piece in zip(parts, pieces[1:], strict=True):
        ours += part.ours + piece
        plain += part.plain + piece
    return Sql(ours, plain)


def comma(parts, separator: str = ", ") -> Sql:
    """Return the pieces joined."""
    parts = list(parts)
    return Sql(separator.join(part.ours for part in parts), separator.join(part.plain for part in parts))


def quote(value: str) -> str:
    """Return a string literal."""
    return "'" + value.replace("'", "''") + "'"


# -- times


def utc(us: int) -> dt.datetime:
    """Return an instant given in microseconds."""
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=us)


def stamp(us: int) -> str:
    """Return a TIMESTAMPTZ literal."""
    return f"TIMESTAMPTZ '{utc(us).replace(tzinfo=None).isoformat(sep=' ')}+00:00'"


NOW_SQL = Sql("now()", f"({stamp(NOW_US)})")
TODAY_SQL = Sql("current_date", f"CAST({stamp(NOW_US)} AS DATE)")


def wall(us: int, zone: str) -> dt.datetime:
    """Return the clock's face in a zone."""
    return utc(us).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def symbol(name: str, sign: str, count: int, unit: str, zone: str) -> Sql:
    """Return a symbolic date and the start of the day that it means."""
    day = (
        _moved(_named(name, wall(NOW_US, zone).date()), count if sign == "+" else -count, unit)
        if sign
        else _named(name, wall(NOW_US, zone).date())
    )
    written = f"{name}{sign}{count}{unit}" if sign else name
    return Sql(quote(written), f"CAST(TIMESTAMP '{day.isoformat()} 00:00:00' AS TIMESTAMPTZ)")


def _named(name: str, day: dt.date) -> dt.date:
    match name:
        case "yesterday":
            return day - dt.timedelta(days=1)
        case "tomorrow":
            return day + dt.timedelta(days=1)
        case "weekstart":
            return day - dt.timedelta(days=day.weekday())
        case "weekend":
            return day + dt.timedelta(days=6 - day.weekday())
        case "monthstart":
            return day.replace(day=1)
        case "monthend":
            return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
        case "yearstart":
            return day.replace(month=1, day=1)
        case "yearend":
            return day.replace(month=12, day=31)
    return day


def _moved(day: dt.date, count: int, unit: str) -> dt.date:
    if unit in ("d", "w"):
        return day + dt.timedelta(days=count * (7 if unit == "w" else 1))
    months = day.year * 12 + day.month - 1 + count * (12 if unit == "y" else 1)
    last = (dt.date(months // 12, months % 12 + 1, 28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    return dt.date(months // 12, months % 12 + 1, min(day.day, last.day))
