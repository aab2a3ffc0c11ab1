"""Hold what Superset is answered with, where that needs no Superset: times as SQL, kinds of errors, costs.

The spec itself is held in ``tests/clients``, which runs where Superset is installed; ``tools/try_superset.sh`` runs the whole of it.
"""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

import stripesql
from stripesql.fetch.failures import lost
from stripesql.request import Request
from stripesql.simulator import Simulator
from stripesql.superset import cost, failures, times

ZONE = "America/New_York"
MOMENTS = ["2026-05-17 14:47:38.25", "2026-05-16 23:59:59", "2026-05-17 00:00:00", "2026-01-01 00:00:00", "2025-12-31 22:15:07", "2026-03-08 01:59:59", "2026-11-01 12:00:00"]  # fmt: skip


def day(moment):
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def every(seconds):
    return lambda moment: day(moment) + dt.timedelta(seconds=int((moment - day(moment)).total_seconds()) // seconds * seconds)


def monday(moment):
    return day(moment) - dt.timedelta(days=moment.weekday())


def sunday(moment):
    return day(moment) - dt.timedelta(days=(moment.weekday() + 1) % 7)


STARTS = {
    "PT1S": every(1),
    "PT5S": every(5),
    "PT30S": every(30),
    "PT1M": every(60),
    "PT5M": every(300),
    "PT10M": every(600),
    "PT15M": every(900),
    "PT30M": every(1800),
    "PT1H": every(3600),
    "PT6H": every(6 * 3600),
    "P1D": day,
    "P1W": monday,
    "1969-12-28T00:00:00Z/P1W": sunday,
    "1969-12-29T00:00:00Z/P1W": monday,
    "P1W/1970-01-03T00:00:00Z": lambda moment: sunday(moment) + dt.timedelta(days=6),
    "P1W/1970-01-04T00:00:00Z": lambda moment: monday(moment) + dt.timedelta(days=6),
    "P1M": lambda moment: day(moment).replace(day=1),
    "P3M": lambda moment: day(moment).replace(day=1, month=(moment.month - 1) // 3 * 3 + 1),
    "P1Y": lambda moment: day(moment).replace(day=1, month=1),
}


@pytest.fixture(scope="module")
def connection():
    with stripesql.connect(demo=True, transport=Simulator(scale=0.05).transport(), timezone=ZONE) as connection:
        yield connection


def test_every_period_is_held():
    assert set(times.GRAINS) == {None, *STARTS}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("grain", STARTS)
def test_period_begins_by_the_clock_on_the_wall(connection, grain, moment):
    expression = times.GRAINS[grain].replace("{col}", f"TIMESTAMPTZ '{moment} {ZONE}'")
    wall = dt.datetime.fromisoformat(moment)
    assert connection.execute(f"SELECT CAST({expression} AS TIMESTAMP)").fetchone() == (STARTS[grain](wall),)


def test_period_of_a_date(connection):
    expression = times.GRAINS["P1M"].replace("{col}", "DATE '2026-05-17'")
    assert connection.execute(f"SELECT CAST({expression} AS DATE)").fetchone() == (dt.date(2026, 5, 1),)


def test_seconds_since_1970_are_an_instant(connection):
    found = connection.execute(f"SELECT {times.EPOCH_SECONDS.replace('{col}', '1780272000')}").fetchone()[0]
    assert found == dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize("name", ["TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "timestamp"])
def test_bound_of_a_range_is_sent_to_stripe(name):
    sim = Simulator(scale=0.05)
    bound = times.literal(name, dt.datetime(2026, 5, 1))
    with stripesql.connect(demo=True, transport=sim.transport(), timezone=ZONE) as connection:
        connection.execute(f"SELECT count(*) FROM charges WHERE created >= {bound}").fetchall()
    expected = int(dt.datetime(2026, 5, 1, tzinfo=ZoneInfo(ZONE)).timestamp())
    assert ("created[gte]", str(expected)) in [(name, str(value)) for name, value in sim.log[-1].params]


def test_bounds_with_a_zone_and_of_other_types():
    moment = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
    assert times.literal("TIMESTAMP WITH TIME ZONE", moment) == "TIMESTAMPTZ '2026-05-01 12:00:00+00:00'"
    assert times.literal("VARCHAR", moment) is None


KINDS = {
    "SELECT 1 FROM chargess": "TABLE_DOES_NOT_EXIST_ERROR",
    "SELECT nme FROM customers": "COLUMN_DOES_NOT_EXIST_ERROR",
    "SELECT nofunction(1)": "SYNTAX_ERROR",
    "SELEC 1": "SYNTAX_ERROR",
    "SELECT FROM WHERE": "SYNTAX_ERROR",
    "SELECT CAST('x' AS INT)": None,
}


@pytest.mark.parametrize("sql", KINDS)
def test_mistakes_in_sql_have_a_kind(connection, sql):
    with pytest.raises(stripesql.Error) as raised:
        connection.execute(sql).fetchall()
    for around in ("{}", "stripe error: {}", "(stripesql.errors.ProgrammingError) {}\n[SQL: SELECT 1]"):
        assert failures.kind_of(around.format(raised.value)) == KINDS[sql]


def test_message_comes_without_what_others_put_around_it():
    said = 'there is no table "x"; did you mean "y"?'
    for around in ("{}", "stripe error: {}", "(stripesql.errors.UnknownName) {}\n[SQL: SELECT 1]\n(Background on this error at: ...)"):
        pattern = next(pattern for pattern, _ in failures.KINDS if pattern.search(around.format(said)))
        assert pattern.search(around.format(said))["said"] == said


def test_failures_of_the_connection_have_a_kind():
    sim = Simulator(scale=0.05, latency_ms=30, keys={"sk_test_known": None, "rk_test_narrow": frozenset({"balance_read"})})

    def said(key, sql, **settings):
        with stripesql.connect(key, transport=sim.transport(), **settings) as connection, pytest.raises(stripesql.Error) as raised:
            connection.execute(sql).fetchall()
        return failures.kind_of(str(raised.value))

    assert said("sk_test_unknown", "SELECT count(*) FROM customers") == "CONNECTION_INVALID_PASSWORD_ERROR"
    assert said("rk_test_narrow", "SELECT count(*) FROM customers") == "CONNECTION_DATABASE_PERMISSIONS_ERROR"
    assert said("sk_test_known", "SELECT count(*) FROM customers", statement_timeout_s=0.01) == "CONNECTION_DATABASE_TIMEOUT"
    with pytest.raises(stripesql.Error) as raised:
        stripesql.connect("pk_test_1")
    assert failures.kind_of(str(raised.value)) == "CONNECTION_INVALID_PASSWORD_ERROR"
    unanswered = lost(Request("GET", "/v1/charges"), "api.stripe.com", "timed out", 3)
    assert failures.kind_of(str(unanswered)) == "CONNECTION_HOST_DOWN_ERROR"


def test_cost_is_counted_without_a_request():
    sim = Simulator(scale=0.05)
    with stripesql.connect(demo=True, transport=sim.transport()) as connection:
        sums = cost.estimate(connection.cursor(), "SELECT count(*) FROM charges WHERE created >= 'monthstart' ;")
    assert sim.log == []
    assert sums["requests"]["least"] == 1
    assert cost.lines(sums)["At least"] == "1"
    assert cost.lines({"requests": {"least": 1, "most": 1, "likely": 1}}) == {"Requests": "1"}
