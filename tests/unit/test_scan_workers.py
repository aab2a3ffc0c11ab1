"""Hold the threads of a scan to what they promise: they fail loudly, stop soon, and leave nobody behind."""

import gc
import signal
import subprocess
import sys
import threading
import time

import httpx
import pytest

import stripesql
from stripesql.errors import InternalError, QueryCancelled, QueryTimeout
from stripesql.scan.crew import Crew
from stripesql.simulator import Simulator

ALL = "SELECT count(*), sum(amount) FROM charges"
STREAM = "SELECT id, amount FROM charges"


@pytest.fixture
def sim():
    """Return an account whose answers take long enough for a crew to be worth it."""
    return Simulator(latency_ms=25)


@pytest.fixture(autouse=True)
def _nobody_is_left():
    yield
    assert wait_until(lambda: not scanning()), scanning()


def scanning() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name in ("stripesql-scan", "stripesql-read-ahead")]


def wait_until(holds) -> bool:
    """Wait for what must happen some time; the end of patience is no measurement."""
    patience = time.monotonic() + 30
    while not holds():
        if time.monotonic() > patience:
            return False
        time.sleep(0.01)
    return True


def connected(sim: Simulator, **more: object) -> stripesql.Connection:
    more = {"requests_per_second": 400.0, "endpoint_requests_per_second": 400.0, **more}
    return stripesql.connect("sk_test_workers", transport=sim.transport(), **more)


def test_a_crew_is_at_work_here(sim):
    most = []
    sim.hooks.on_request(lambda *_: most.append(len([name for name in scanning() if name == "stripesql-scan"])))
    with connected(sim) as connection:
        connection.execute(ALL).fetchall()
    assert max(most) > 3
    assert len(sim.log) > 20


def crew_of(work, workers: int = 3) -> Crew:
    left = iter(work)
    return Crew(lambda: next(left), lambda: workers, lambda: 100)


def test_a_failure_comes_before_what_else_is_ready_and_is_the_original():
    problem, go = ValueError("the third"), threading.Event()

    def fail():
        go.wait()
        raise problem

    def give():
        go.wait()
        return 1

    pages = crew_of([lambda: 0, give, give, fail, *[lambda: 2] * 50], workers=4).results()
    assert next(pages) == 0
    go.set()
    assert wait_until(lambda: not scanning())
    with pytest.raises(ValueError, match="the third") as raised:
        next(pages)
    assert raised.value is problem


def test_a_closed_crew_begins_no_work_any_more():
    begun = []

    def work():
        begun.append(1)
        return 1

    pages = Crew(lambda: work, lambda: 3, lambda: 5).results()
    assert [next(pages) for _ in range(10)] == [1] * 10
    pages.close()
    assert wait_until(lambda: not scanning())
    assert len(begun) <= 10 + 5 + 3


def test_results_that_nobody_takes_are_bounded():
    begun = []
    pages = Crew(lambda: lambda: begun.append(1) or 1, lambda: 4, lambda: 6).results()
    next(pages)
    wait_until(lambda: len(begun) == 7)
    time.sleep(0.2)
    assert len(begun) <= 7
    pages.close()


@pytest.mark.parametrize("at", [1, 3, 9])
def test_what_a_worker_raises_fails_the_query_and_is_its_cause(sim, at):
    def fail():
        raise LookupError("by the transport")

    sim.hooks.before(at, fail)
    with connected(sim) as connection, pytest.raises(InternalError, match="by the transport") as raised:
        connection.execute(ALL).fetchall()
    assert isinstance(raised.value.__cause__, LookupError)
    assert len(sim.log) < 24


def test_an_error_of_stripe_in_a_worker_is_raised_as_itself(sim):
    def forbid():
        sim._keys = {"sk_test_workers": frozenset()}

    sim.hooks.before(9, forbid)
    with connected(sim) as connection, pytest.raises(stripesql.errors.PermissionDenied, match="charges"):
        connection.execute(ALL).fetchall()


@pytest.mark.parametrize("sql", [ALL, STREAM])
def test_cancel_stops_the_workers(sim, sql):
    connection = connected(sim)
    cursor = connection.cursor()
    sim.hooks.before(8, cursor.cancel)
    with pytest.raises(QueryCancelled):
        cursor.execute(sql).fetchall()
    assert wait_until(lambda: not scanning())
    sent = len(sim.log)
    assert sent < 24
    connection.close()


def test_a_timeout_stops_the_workers(sim):
    sim.faults.latency_ms = 300
    with connected(sim, statement_timeout_s=1.0) as connection, pytest.raises(QueryTimeout):
        connection.execute(ALL).fetchall()
    assert len(sim.log) < 24


@pytest.mark.parametrize(
    "how", ["close the cursor", "close the connection", "run another statement", "forget them", "forget the Arrow stream"]
)
def test_a_stream_that_is_left_half_way_stops_its_workers(sim, how):
    connection = connected(sim)
    cursor = connection.execute(STREAM)
    assert len(cursor.fetchmany(900)) == 900
    match how:
        case "close the cursor":
            cursor.close()
        case "close the connection":
            connection.close()
        case "run another statement":
            assert cursor.execute("SELECT 1").fetchall() == [(1,)]
        case "forget them":
            del cursor, connection
            gc.collect()
        case _:
            stream = cursor.fetch_arrow()
            stream.read_next_batch()
            del stream, cursor, connection
            gc.collect()
    assert wait_until(lambda: not scanning()), scanning()


@pytest.mark.parametrize("close", ["cursor", "connection"])
def test_a_request_that_hangs_does_not_hold_up_close(close):
    sim, let_go, hanging = Simulator(latency_ms=25), threading.Event(), threading.Event()

    class Hanging(httpx.BaseTransport):
        def handle_request(self, request):
            if len(sim.log) >= 6:
                hanging.set()
                let_go.wait()
            return sim.transport().handle_request(request)

    connection = stripesql.connect("sk_test_hang", transport=Hanging(), requests_per_second=400.0, endpoint_requests_per_second=400.0)
    cursor = connection.cursor()
    failures = []

    def query():
        try:
            cursor.execute(ALL).fetchall()
        except stripesql.Error as problem:
            failures.append(problem)

    thread = threading.Thread(target=query)
    thread.start()
    hanging.wait()
    (cursor if close == "cursor" else connection).close()
    # Here already, while every worker still hangs.
    assert scanning()
    let_go.set()
    thread.join()
    connection.close()
    assert len(failures) == 1


def test_a_stream_fetches_no_more_than_twice_what_was_read_and_a_little(sim):
    connection = connected(sim)
    cursor = connection.execute(STREAM)
    for rows in (100, 300, 500):
        cursor.fetchmany(rows)
        time.sleep(0.3)
        # The engine holds a page or two of its own.
        assert len(sim.log) <= 2 * (cursor.rownumber / 100 + 2) + 6
    connection.close()


def test_a_query_with_a_limit_that_cannot_travel_stops_soon(sim):
    with connected(sim) as connection:
        rows = connection.execute("SELECT id FROM charges WHERE amount > 0 LIMIT 10").fetchall()
        time.sleep(0.2)
    assert len(rows) == 10
    assert len(sim.log) <= 3


INTERRUPTED = """
import signal, sys, threading, time
import stripesql
from stripesql.simulator import Simulator
sim = Simulator(latency_ms=50)
sim.hooks.before(6, lambda: print("reading", flush=True))
connection = stripesql.connect("sk_test_int", transport=sim.transport(), requests_per_second=400.0, endpoint_requests_per_second=400.0)
try:
    connection.execute("SELECT a.id FROM charges a, charges b, charges c ORDER BY a.amount + b.amount").fetchall()
except KeyboardInterrupt:
    connection.close()
    until = time.monotonic() + 20
    while (left := [t.name for t in threading.enumerate() if t.name.startswith("stripesql-")]) and time.monotonic() < until:
        time.sleep(0.05)
    print("interrupted", left, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
def test_ctrl_c_ends_the_query_and_its_threads():
    process = subprocess.Popen([sys.executable, "-c", INTERRUPTED], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "reading\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (out, err, process.returncode) == ("interrupted []\n", "", 0)


def first_cut(sim: Simulator) -> int | None:
    """Return how many requests came before the first that asks for a range of its own."""
    return next((n for n, asked in enumerate(sim.log) if "created[lte]" in dict(asked.params)), None)


@pytest.fixture(scope="module")
def long():
    """Return an account with a list that is worth dividing, and a time before all of it."""
    sim = Simulator(scale=2, latency_ms=25)
    return sim, min(row["created"] for row in sim.listed("charges")), len(sim.listed("charges"))


@pytest.mark.parametrize(
    "read",
    [lambda cursor: len(cursor.fetchall()), lambda cursor: cursor.fetch_arrow_table().num_rows],
    ids=["fetchall", "fetch_arrow_table"],
)
def test_who_asks_for_all_rows_is_not_waited_for(long, read):
    sim, since, rows = long
    sim.clear_log()
    with connected(sim) as connection:
        assert read(connection.execute(f"{STREAM} WHERE created >= to_timestamp({since})")) == rows
    cut = first_cut(sim)
    assert cut is not None
    assert cut < 4


def test_who_takes_rows_bit_by_bit_gets_four_pages_before_a_list_is_divided(long):
    sim, since, rows = long
    sim.clear_log()
    with connected(sim) as connection:
        cursor, taken = connection.execute(f"{STREAM} WHERE created >= to_timestamp({since})"), 0
        while found := cursor.fetchmany(100):
            taken += len(found)
    assert taken == rows
    assert (first_cut(sim) or 0) >= 4


def test_a_limit_is_no_wish_for_all_rows(long):
    sim, since, _ = long
    sim.clear_log()
    with connected(sim) as connection:
        sql = f"SELECT amount FROM charges WHERE created >= to_timestamp({since}) AND amount + 0 > 0 LIMIT 150"
        assert len(connection.execute(sql).fetchall()) == 150
    assert first_cut(sim) is None
    assert len(sim.log) <= 4


@pytest.mark.parametrize("first", ["paused", "trialing", "unpaid"])
def test_lists_whose_ends_are_unknown_are_divided_as_well_when_there_are_several(first):
    sim = Simulator(scale=8, latency_ms=25)
    with connected(sim) as connection:
        sql = f"SELECT status, count(*) FROM subscriptions WHERE status IN ('{first}', 'active', 'canceled') GROUP BY 1"
        counted = dict(connection.execute(sql).fetchall())
    assert counted["active"] > 1000
    asked = [dict(each.params) for each in sim.log if dict(each.params).get("status") == "active"]
    assert any("created[lte]" in each for each in asked), "it was read page after page"
