"""Threads, cancelling, budgets."""

import threading
import time

import pytest

import stripesql
from stripesql.simulator import Simulator


@pytest.fixture
def sim():
    return Simulator(scale=0.2)


@pytest.fixture
def connection(sim):
    with stripesql.connect(demo=True, transport=sim.transport()) as connection:
        yield connection


def _in_thread(run):
    """Run in a thread; the returned function waits and gives the result or the exception."""
    found = []

    def work():
        try:
            found.append(run())
        except BaseException as problem:  # noqa: BLE001
            found.append(problem)

    thread = threading.Thread(target=work)
    thread.start()

    def wait():
        thread.join(timeout=60)
        assert not thread.is_alive()
        return found[0]

    return wait


def test_threads_share_a_connection(connection):
    tables = ["customers", "charges", "invoices", "products"] * 3
    expected = {name: connection.execute(f"SELECT id FROM {name} ORDER BY id").fetchall() for name in set(tables)}

    def read(name):
        return name, connection.execute(f"SELECT id FROM {name} ORDER BY id").fetchall()

    waits = [_in_thread(lambda name=name: read(name)) for name in tables]
    for wait in waits:
        name, rows = wait()
        assert rows == expected[name]


def _when(hooked, sim, n):
    """Call back in the thread that sends the ``n``-th request."""
    sim.hooks.before(n, hooked)


@pytest.mark.parametrize(
    "statement",
    ["SELECT id FROM charges", "SELECT sum(amount) FROM charges", "SELECT c.id FROM charges c JOIN customers u ON c.customer = u.id"],
)
@pytest.mark.parametrize("what", ["cursor", "connection"])
@pytest.mark.parametrize("request_number", [1, 3])
def test_cancel_from_another_thread(connection, sim, statement, what, request_number):
    reached, go_on = threading.Event(), threading.Event()

    def pause():
        reached.set()
        go_on.wait(30)

    _when(pause, sim, request_number)
    cursor = connection.cursor()
    wait = _in_thread(lambda: cursor.execute(statement).fetchall())
    assert reached.wait(30)
    (cursor if what == "cursor" else connection).cancel()
    go_on.set()
    problem = wait()
    assert isinstance(problem, stripesql.QueryCancelled)
    sent = len(sim.log)
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]
    assert connection.execute("SELECT 1").fetchall() == [(1,)]
    assert len(sim.log) <= sent + 4  # what was under way


def test_cancel_between_execute_and_fetch(connection):
    cursor = connection.execute("SELECT id FROM charges")
    cursor.fetchone()
    cursor.cancel()
    with pytest.raises(stripesql.QueryCancelled):
        cursor.fetchall()
    assert cursor.execute("SELECT id FROM customers LIMIT 1").fetchall() != []


def test_cancel_with_nothing_running_is_harmless(connection):
    cursor = connection.cursor()
    cursor.cancel()
    connection.cancel()
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]
    cursor.cancel()
    assert cursor.execute("SELECT 2").fetchall() == [(2,)]
    cursor.close()
    cursor.cancel()


def test_cancel_stops_a_query_that_only_computes(connection):
    connection.register("many", {"a": list(range(200_000))})
    cursor = connection.cursor()
    wait = _in_thread(lambda: cursor.execute("SELECT sum(x.a * y.a) FROM many x, many y").fetchall())
    time.sleep(0.5)
    cursor.cancel()
    assert isinstance(wait(), stripesql.QueryCancelled)
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]


def test_timeout_stops_a_query_that_only_computes(sim):
    with stripesql.connect(demo=True, transport=sim.transport(), statement_timeout_s=0.3) as connection:
        connection.register("many", {"a": list(range(200_000))})
        with pytest.raises(stripesql.QueryTimeout, match="statement_timeout_s"):
            connection.execute("SELECT sum(x.a * y.a) FROM many x, many y").fetchall()
        connection.execute("SET statement_timeout_s = none")
        assert connection.execute("SELECT count(*) FROM many").fetchall() == [(200_000,)]


def test_timeout_stops_a_scan(sim):
    sim.faults.latency_ms = 120
    with stripesql.connect(demo=True, transport=sim.transport()) as connection:
        connection.execute("SET statement_timeout_s = 0.3")
        cursor = connection.cursor()
        with pytest.raises(stripesql.QueryTimeout):
            cursor.execute("SELECT id FROM charges UNION ALL SELECT id FROM invoices UNION ALL SELECT id FROM events").fetchall()
        assert cursor.stats.requests >= 1
        sim.faults.latency_ms = 0
        assert len(connection.execute("SELECT id FROM customers LIMIT 3").fetchall()) == 3


def test_a_timeout_between_two_batches_is_called_so_when_it_interrupts_the_engine(sim):
    with stripesql.connect(demo=True, transport=sim.transport()) as connection:
        connection.execute("SET statement_timeout_s = 0.5")
        # The first rows come at once; the engine then looks for more in vain, far longer than it may.
        cursor = connection.execute("SELECT a.range FROM range(1000000) a, range(1000000) b WHERE a.range + b.range < 1000")
        with pytest.raises(stripesql.QueryTimeout, match=r"statement_timeout_s=0\.5"):
            cursor.fetchall()
        assert connection.execute("SELECT 1").fetchall() == [(1,)]


@pytest.mark.parametrize("most", [0, 1, 2])
def test_the_budget_of_requests_is_never_passed(sim, most):
    with stripesql.connect(demo=True, transport=sim.transport(), max_requests=most) as connection:
        cursor = connection.cursor()
        with pytest.raises(stripesql.BudgetExceeded, match=f"max_requests={most}"):
            cursor.execute("SELECT sum(amount) FROM charges").fetchall()
        assert len(sim.log) == most
        assert cursor.stats.requests == most


def test_each_statement_has_a_budget_of_its_own(sim):
    with stripesql.connect(demo=True, transport=sim.transport(), max_requests=1) as connection:
        for _ in range(3):
            assert len(connection.execute("SELECT id FROM customers LIMIT 5").fetchall()) == 5


def test_a_cursor_may_be_closed_while_another_thread_reads_it(connection, sim):
    for statement in ("SELECT id FROM charges", "SELECT sum(amount) FROM charges"):
        reached, go_on = threading.Event(), threading.Event()

        def pause(reached=reached, go_on=go_on):
            reached.set()
            go_on.wait(30)

        _when(pause, sim, 2)
        cursor = connection.cursor()
        wait = _in_thread(lambda cursor=cursor, statement=statement: cursor.execute(statement).fetchall())
        assert reached.wait(30)
        cursor.close()
        go_on.set()
        assert isinstance(wait(), stripesql.Error)
    assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_a_connection_may_be_closed_while_other_threads_read(sim):
    for _ in range(5):
        connection = stripesql.connect(demo=True, transport=sim.transport())
        started = threading.Barrier(4)

        def read(connection=connection, started=started):
            cursor = connection.cursor()
            started.wait(30)
            while True:
                cursor.execute("SELECT id, metadata FROM charges").fetchall()

        waits = [_in_thread(read) for _ in range(3)]
        started.wait(30)
        time.sleep(0.1)
        connection.close()
        assert all(isinstance(wait(), stripesql.InterfaceError | stripesql.QueryCancelled) for wait in waits)


def test_stats_belong_to_the_latest_statement_even_if_it_failed(connection, sim):
    cursor = connection.execute("SELECT id FROM customers LIMIT 5")
    cursor.fetchall()
    assert (cursor.stats.requests, cursor.stats.rows_fetched, cursor.stats.finished) == (1, 5, True)
    with pytest.raises(stripesql.UnknownName):
        cursor.execute("SELECT nothing FROM customers")
    assert (cursor.stats.requests, cursor.stats.finished) == (0, True)
    with pytest.raises(stripesql.SqlSyntaxError):
        cursor.execute("")
    assert cursor.stats.requests == 0


def test_limit_is_one_page_of_that_size(connection, sim):
    sim.clear_log()
    assert len(connection.execute("SELECT * FROM charges LIMIT 10").fetchall()) == 10
    assert [dict(request.params)["limit"] for request in sim.log] == ["10"]


def test_the_first_row_comes_with_the_first_pages(connection, sim):
    sim.clear_log()
    cursor = connection.execute("SELECT * FROM charges")
    assert cursor.fetchone() is not None
    assert len(sim.log) <= 4  # after one page, at most three are read ahead
    cursor.fetchall()
    assert len(sim.log) > 4


def test_a_statement_that_is_executed_and_not_read_costs_little(connection, sim):
    sim.clear_log()
    connection.execute("SELECT * FROM charges")
    assert len(sim.log) <= 4  # as above
