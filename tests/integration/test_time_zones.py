"""Times of the session's zone mean what plain DuckDB says they mean, at both switches of the year."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest
from crafted import column, connected

from stripesql.simulator import Simulator

HOUR, DAY = 3600, 86_400


@dataclass(frozen=True)
class Switch:
    """Say one switch of the clocks: the first second of the new time."""

    zone: str
    at: dt.datetime
    how: str


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)


SWITCHES = [
    Switch("Europe/Berlin", utc(2026, 3, 29, 1), "forward at two"),
    Switch("Europe/Berlin", utc(2026, 10, 25, 1), "back at three"),
    Switch("America/New_York", utc(2026, 3, 8, 7), "forward at two"),
    Switch("America/New_York", utc(2026, 11, 1, 6), "back at two"),
    Switch("Australia/Lord_Howe", utc(2026, 10, 3, 15, 30), "half an hour forward"),
    Switch("Australia/Lord_Howe", utc(2026, 4, 4, 15), "half an hour back"),
    Switch("America/Sao_Paulo", utc(2018, 11, 4, 3), "forward at midnight"),
    Switch("America/Sao_Paulo", utc(2018, 2, 18, 2), "back at midnight"),
]


def test_the_switches_are_switches():
    for switch in SWITCHES:
        before, after = ((switch.at - dt.timedelta(seconds=step)).astimezone(ZoneInfo(switch.zone)).utcoffset() for step in (1, 0))
        assert before is not None
        assert after is not None
        assert (after > before) == ("forward" in switch.how), switch


def seconds(switch: Switch) -> list[int]:
    """Return times of rows, less than a page: dense around the switch, and at both sides of the midnights that matter."""
    zone, at = ZoneInfo(switch.zone), int(switch.at.timestamp())
    found = (
        {at + minutes * 60 for minutes in range(-150, 151, 30)} | {at - 1, at + 1} | {at + days * DAY for days in (-400, -200, 200, 400)}
    )
    day = switch.at.astimezone(zone).date()
    midnights = [day + dt.timedelta(days=step) for step in (-8, -7, -2, -1, 0, 1, 2, 3, 7)]
    midnights += [
        symbol("weekstart", day),
        symbol("monthstart", day),
        moved(symbol("monthstart", day), -1, "m"),
        moved(symbol("monthstart", day), 1, "m"),
    ]
    midnights += [dt.date(day.year + year, month, 1) for year, month in ((0, 1), (0, 4), (0, 7), (0, 10), (1, 1))] + [
        symbol("yearend", day)
    ]
    for each in midnights:
        for fold in (0, 1):
            start = int(dt.datetime(each.year, each.month, each.day, tzinfo=zone, fold=fold).timestamp())
            found |= {start - 1, start}
    assert len(found) < 100
    return sorted(found)


@dataclass
class World:
    """Hold the same rows in an account, behind a connection, and in plain DuckDB."""

    switch: Switch
    now: int
    connection: object
    plain: duckdb.DuckDBPyConnection
    sim: Simulator

    def found(self, where: str) -> list[str]:
        return sorted(column(self.connection, f"SELECT id FROM charges WHERE {where}"))

    def wanted(self, where: str) -> list[str]:
        return sorted(row[0] for row in self.plain.execute(f"SELECT id FROM charges WHERE {where}").fetchall())

    @property
    def today(self) -> dt.date:
        return dt.datetime.fromtimestamp(self.now, ZoneInfo(self.switch.zone)).date()


@pytest.fixture(scope="module", params=SWITCHES, ids=lambda switch: f"{switch.zone}-{switch.how}")
def world(request):
    switch = request.param
    # Shortly after the switch: today is the day of the switch, and far enough from midnight for a slow machine.
    now = int(switch.at.timestamp()) + 5 * HOUR
    sim = Simulator(empty=True, now=now)
    times = seconds(switch)
    for number, second in enumerate(times):
        sim.insert("charges", {"id": f"ch_{number:04}", "created": second})
    plain = duckdb.connect()
    plain.execute(f"SET timezone = '{switch.zone}'")
    plain.register("frame", pa.table({"id": [f"ch_{number:04}" for number in range(len(times))], "stamp": times}))
    plain.execute("CREATE TABLE charges AS SELECT id, to_timestamp(stamp) AS created FROM frame")
    with connected(sim.transport(), timezone=switch.zone) as connection:
        connection.execute("SELECT count(*) FROM customers").fetchall()  # tells the server's time
        yield World(switch, now, connection, plain, sim)
    plain.close()


def windows(sim):
    return [request for request in sim.log if any(name.startswith("created[") for name, _ in request.params)]


CLOCKS = ("00:00:00", "00:30:00", "01:00:00", "01:30:00", "02:00:00", "02:15:00", "03:00:00", "23:59:59.5")
OPERATORS = ("<", "<=", "=", ">=", ">")


def check(world: World, predicates: list[str], *, pushed: bool = True) -> None:
    wrong, unpushed = [], []
    for where in predicates:
        world.sim.clear_log()
        found, wanted = world.found(where), world.wanted(where)
        if found != wanted:
            wrong.append((where, sorted(set(found) ^ set(wanted))[:3]))
        if world.sim.log and not windows(world.sim):
            unpushed.append(where)
    assert wrong == []
    if pushed:
        assert unpushed == []


def day(world: World, step: int) -> str:
    return (world.switch.at.astimezone(ZoneInfo(world.switch.zone)).date() + dt.timedelta(days=step)).isoformat()


def test_naive_text(world):
    check(world, [f"created {op} '{day(world, step)}'" for step in (-1, 0, 1) for op in OPERATORS])


def test_naive_times_that_happen_twice_or_never(world):
    check(world, [f"created {op} '{day(world, 0)} {clock}'" for clock in CLOCKS for op in OPERATORS])


def test_typed_literals(world):
    check(
        world,
        [
            f"created {op} {kind} '{day(world, step)}{clock}'"
            for kind, clock in (("DATE", ""), ("TIMESTAMP", " 02:30:00"), ("TIMESTAMP", " 00:00:00"), ("TIMESTAMPTZ", " 02:30:00+00"), ("TIMESTAMPTZ", " 01:30:00"))
            for step in (-1, 0, 1)
            for op in ("<", "=", ">=")
        ],
    )  # fmt: skip


def test_between_and_in(world):
    check(
        world,
        [
            f"created BETWEEN '{day(world, 0)}' AND '{day(world, 1)}'",
            f"created BETWEEN '{day(world, -1)}' AND '{day(world, 0)} 02:30:00'",
            f"created NOT BETWEEN '{day(world, 0)}' AND '{day(world, 1)}' AND created > '{day(world, -3)}'",
            f"created IN ('{day(world, 0)}', '{day(world, 1)} 02:30:00')",
            f"created::DATE BETWEEN '{day(world, -1)}' AND '{day(world, 0)}'",
            f"created >= '{day(world, 0)}' AND created < '{day(world, 1)}'",
            f"created > '{day(world, 0)} 01:00:00' AND created <= '{day(world, 0)} 03:00:00'",
        ],
    )


def test_several_days(world):
    check(world, [f"created::DATE IN ('{day(world, 0)}', '{day(world, 2)}')"], pushed=False)


def test_days(world):
    forms = ("created::DATE", "CAST(created AS DATE)", "date_trunc('day', created)")
    check(world, [f"{form} {op} '{day(world, step)}'" for form in forms for step in (-1, 0, 1) for op in OPERATORS])


def test_days_against_typed_dates(world):
    forms = ("created::DATE", "date_trunc('day', created)", "created::TIMESTAMP")
    kinds = ("DATE '{}'", "TIMESTAMP '{} 00:00:00'", "TIMESTAMP '{} 02:30:00'")
    check(
        world,
        [f"{form} {op} {kind.format(day(world, step))}" for form in forms for kind in kinds for step in (0, 1) for op in ("<", "=", ">=")],
        pushed=False,
    )


@pytest.mark.parametrize("unit", ["week", "month", "quarter", "year"])
def test_longer_units(world, unit):
    local = world.switch.at.astimezone(ZoneInfo(world.switch.zone)).date()
    starts = {
        "week": local - dt.timedelta(days=local.weekday()),
        "month": local.replace(day=1),
        "quarter": local.replace(month=local.month - (local.month - 1) % 3, day=1),
        "year": local.replace(month=1, day=1),
    }
    for start in (starts[unit], starts[unit] + dt.timedelta(days=1)):
        check(
            world,
            [f"date_trunc('{unit}', created) {op} '{start.isoformat()}'" for op in OPERATORS]
            + [f"date_trunc('{unit}', created)::DATE < '{start.isoformat()}'"],
        )
        check(world, [f"date_trunc('{unit}', created)::DATE = '{start.isoformat()}'"], pushed=False)


def test_years(world):
    year = world.today.year
    forms = ("extract(year FROM created)", "date_part('year', created)", "year(created)")
    check(world, [f"{form} {op} {year + step}" for form in forms for step in (-1, 0, 1) for op in OPERATORS])


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo"])
def test_another_zone_in_the_predicate(world, zone):
    check(
        world,
        [
            f"created AT TIME ZONE '{zone}' {op} TIMESTAMP '{day(world, step)} {clock}'"
            for step in (-1, 0)
            for clock in ("00:00:00", "01:30:00", "02:30:00")
            for op in ("<", "=", ">=")
        ]
        + [f"(created AT TIME ZONE '{zone}')::DATE = '{day(world, step)}'" for step in (-1, 0, 1)]
        + [f"date_trunc('month', created AT TIME ZONE '{zone}') = TIMESTAMP '{day(world, 0)[:7]}-01 00:00:00'"],
    )


def test_arithmetic_with_constants(world):
    check(
        world,
        [
            f"created >= TIMESTAMP '{day(world, 0)}' + INTERVAL 1 DAY",
            f"created < TIMESTAMPTZ '{day(world, 1)} 00:00:00' - INTERVAL 1 DAY",
            f"created < TIMESTAMPTZ '{day(world, 1)} 00:00:00' - INTERVAL 24 HOUR",
            f"created >= DATE '{day(world, 0)}' + 1",
            f"created >= DATE '{day(world, 0)}' - INTERVAL '1 month'",
            f"created >= '{day(world, 0)}'::DATE AND created < '{day(world, 0)}'::DATE + INTERVAL 1 DAY",
            f"created < to_timestamp({int(world.switch.at.timestamp())})",
            f"created >= make_timestamptz({world.today.year}, {world.today.month}, {world.today.day}, 2, 30, 0)",
            f"created >= strptime('{day(world, 0)} 02:30', '%Y-%m-%d %H:%M')",
        ],
    )


def test_what_is_not_pushed_is_the_same_too(world):
    check(
        world,
        [
            f"created - INTERVAL 1 DAY >= '{day(world, 0)}'",
            f"created + INTERVAL 24 HOUR < '{day(world, 1)}'",
            "hour(created) = 2",
            f"strftime(created, '%Y-%m-%d') = '{day(world, 0)}'",
            f"dayofweek(created) = 0 AND created > '{day(world, -3)}'",
            f"age(created, TIMESTAMPTZ '{day(world, 0)} 00:00:00') > INTERVAL 2 HOUR",
            f"NOT (created < '{day(world, 0)}')",
            f"NOT (created::DATE = '{day(world, 0)}')",
            f"created <> '{day(world, 0)}'",
            f"created < '{day(world, -2)}' OR created::DATE = '{day(world, 1)}'",
        ],
        pushed=False,
    )


# -- the statement's time


def test_now_and_today(world):
    stamp = dt.datetime.fromtimestamp(world.now, dt.UTC).isoformat(sep=" ")
    now, today = f"TIMESTAMPTZ '{stamp}'", f"DATE '{world.today.isoformat()}'"
    templates = [
        # Bounds that follow the second: no row lies within some minutes of them.
        "created >= {now}",
        "created < {now} - INTERVAL 12 HOUR",
        "created BETWEEN {now} - INTERVAL 30 DAY AND {now}",
        "created >= {now} - INTERVAL '1 month'",
        "created >= date_trunc('day', {now})",
        "created >= date_trunc('week', {now})",
        "created < date_trunc('month', {now}) + INTERVAL 1 MONTH",
        "created >= date_trunc('year', {now})",
        "date_trunc('month', created) = date_trunc('month', {now})",
        "created >= {today}",
        "created < {today} + 1",
        "created >= {today} - INTERVAL 7 DAY",
        "created::DATE = {today}",
        "created::DATE = {today} - 1",
        "year(created) = year({today})",
    ]
    world.connection.execute("SELECT 1").fetchall()
    for template in templates:
        world.sim.clear_log()
        wanted = world.wanted(template.format(now=now, today=today))
        near = _near(world, template)
        found = world.found(template.format(now="now()", today="current_date"))
        assert set(found) ^ set(wanted) <= near, template
        assert windows(world.sim), template


def _near(world: World, template: str) -> set[str]:
    """Return the rows so near to now() that the seconds since the world was made may decide about them."""
    if "{now}" not in template or "date_trunc" in template:
        return set()
    rows = world.plain.execute("SELECT id, epoch(created) FROM charges").fetchall()
    edges = [world.now, world.now - 12 * HOUR, world.now - 30 * DAY]
    return {row for row, at in rows if any(0 <= at - edge <= 600 for edge in edges)}


# -- symbolic dates, computed here by the calendar alone


def symbol(name: str, today: dt.date) -> dt.date:
    first = today.replace(day=1)
    following = dt.date(today.year + today.month // 12, today.month % 12 + 1, 1)
    return {
        "today": today,
        "yesterday": today - dt.timedelta(days=1),
        "tomorrow": today + dt.timedelta(days=1),
        "weekstart": today - dt.timedelta(days=today.weekday()),
        "weekend": today + dt.timedelta(days=6 - today.weekday()),
        "monthstart": first,
        "monthend": following - dt.timedelta(days=1),
        "yearstart": dt.date(today.year, 1, 1),
        "yearend": dt.date(today.year, 12, 31),
    }[name]


def moved(start: dt.date, count: int, unit: str) -> dt.date:
    if unit in "dw":
        return start + dt.timedelta(days=count * (7 if unit == "w" else 1))
    months = start.year * 12 + start.month - 1 + count * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    last = (dt.date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(start.day, last))


NAMES = ("today", "yesterday", "tomorrow", "weekstart", "weekend", "monthstart", "monthend", "yearstart", "yearend")
OFFSETS = ((0, ""), (1, "d"), (-1, "d"), (-1, "w"), (2, "w"), (-1, "m"), (1, "m"), (-13, "m"), (-1, "y"), (1, "y"))


@pytest.mark.parametrize("name", NAMES)
def test_symbolic_dates(world, name):
    wrong = []
    for count, unit in OFFSETS[NAMES.index(name) % 2 :: 2]:
        target = symbol(name, world.today)
        if unit:
            target = moved(target, count, unit)
        written = name + (f"{count:+}{unit}" if unit else "")
        for op in ((">=", "<"), ("<=", "="), (">", "<>"))[len(written) % 3]:
            found = world.found(f"created {op} '{written}'")
            if found != world.wanted(f"created {op} TIMESTAMPTZ '{target} 00:00:00'"):
                wrong.append((op, written))
        found = world.found(f"created::DATE = '{written}'")
        if found != world.wanted(f"created::DATE = DATE '{target}'"):
            wrong.append(("day", written))
    assert wrong == []


def test_symbolic_dates_in_other_places(world):
    start, today = symbol("monthstart", world.today), world.today
    cases = [
        ("created BETWEEN 'monthstart' AND 'today'", f"created BETWEEN TIMESTAMPTZ '{start} 00:00:00' AND TIMESTAMPTZ '{today} 00:00:00'"),
        ("created IN ('today', 'monthstart')", f"created IN (TIMESTAMPTZ '{start} 00:00:00', TIMESTAMPTZ '{today} 00:00:00')"),
        ("'today' <= created AND 'tomorrow' > created", f"created::DATE = DATE '{today}'"),
        ("created >= ' TODAY ' AND created < 'Today + 1 D'", f"created::DATE = DATE '{today}'"),
        ("date_trunc('month', created) = 'monthstart'", f"date_trunc('month', created) = TIMESTAMPTZ '{start} 00:00:00'"),
        ("created < 'monthend+1d' AND created >= 'monthstart'", f"strftime(created, '%Y-%m') = '{today:%Y-%m}'"),
        ("created <= 'monthend' AND created >= 'monthstart'", f"created BETWEEN '{start}' AND '{symbol('monthend', today)}'"),
        ("NOT (created < 'today')", f"created >= '{today}'"),
        ("created::TIMESTAMP >= 'today'", f"created::TIMESTAMP >= TIMESTAMP '{today} 00:00:00'"),
        ("coalesce(created, now()) >= 'today'", f"created >= '{today}'"),
    ]
    for ours, theirs in cases:
        assert world.found(ours) == world.wanted(theirs), ours


def test_a_symbol_that_is_not_compared_with_a_time_is_a_text(world):
    assert column(world.connection, "SELECT 'today'") == ["today"]
    assert column(world.connection, "SELECT count(*) FROM charges WHERE currency = 'today'") == [0]


def test_no_pushdown_no_difference(world):
    world.connection.execute("SET pushdown = off")
    try:
        for where in ("created >= 'today'", f"created::DATE = '{day(world, 0)}'", f"created < '{day(world, 0)} 02:30:00'"):
            assert world.found(where) == world.wanted(where.replace("'today'", f"'{world.today}'"))
    finally:
        world.connection.execute("SET pushdown = on")


# -- now, at the edges of weeks, months and years


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe"])
@pytest.mark.parametrize(
    "moment",
    [
        "2023-12-31 12:00",
        "2024-01-01 12:00",
        "2024-02-29 12:00",
        "2024-03-31 12:00",
        "2024-12-30 12:00",
        "2025-02-28 12:00",
        "2025-08-31 12:00",
    ],
)
def test_symbols_mean_the_day_of_the_sessions_zone(zone, moment):
    local = dt.datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone))
    sim = Simulator(empty=True, now=local.timestamp())
    with connected(sim.transport(), timezone=zone) as connection:
        connection.execute("SELECT count(*) FROM charges").fetchall()
        for number, name in enumerate(NAMES):
            for count, unit in OFFSETS[number % 3 :: 3]:
                target = moved(symbol(name, local.date()), count, unit) if unit else symbol(name, local.date())
                sim.clear_log()
                connection.execute(f"SELECT id FROM charges WHERE created >= '{name}{f'{count:+}{unit}' if unit else ''}'").fetchall()
                start = int(dt.datetime(target.year, target.month, target.day, tzinfo=ZoneInfo(zone)).timestamp())
                assert dict(sim.log[0].params)["created[gte]"] == str(start), (name, count, unit)
