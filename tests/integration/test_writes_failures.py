"""What goes wrong on the way: every object exists once, and the error or the result says the truth."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import httpx
import pytest
from crafted import InFront, connected

import stripesql
from stripesql import errors
from stripesql.simulator import Simulator, serve
from stripesql.simulator.faults import Fault

FAST = {"requests_per_second": 1e6, "endpoint_requests_per_second": 1e6}


@pytest.fixture
def sim():
    return Simulator(scale=0.02)


def emails(sim, ending):
    return Counter(each["email"] for each in sim.listed("customers") if str(each["email"]).endswith(ending))


def test_a_thousand_rows_exist_once_each_whatever_happens_to_their_answers(sim):
    """Over HTTP: answers lost after the write, connections reset, 409, 429, 500, 503, at every n-th request."""
    faults = {
        Fault.RESET_AFTER: 41,
        Fault.RESET_BEFORE: 53,
        Fault.CUT_BODY: 67,
        Fault.RATE_LIMIT: 113,
        Fault.LOCK_TIMEOUT: 197,
        Fault.SERVER_ERROR: 131,
        Fault.UNAVAILABLE: 181,
        Fault.CONFLICT: 211,
    }
    for fault, every in faults.items():
        sim.faults.every(fault, every, path="/v1/customers", method="POST")
    sim.faults.latency_ms = 15
    with serve(sim) as server, stripesql.connect("sk_test_" + "f" * 16, base_url=server.url, **FAST) as connection:
        cursor = connection.cursor()
        rows = [(f"{at}@fault.test", f"n{at}") for at in range(1000)]
        cursor.executemany("INSERT INTO customers (email, name) VALUES (?, ?)", rows)
    assert cursor.rowcount == 1000
    assert emails(sim, "@fault.test") == {email: 1 for email, _ in rows}
    assert cursor.stats.retries > 50


def test_a_batch_says_the_truth_when_answers_are_lost_for_good(sim):
    """The server dies in mid-batch, after the write and before the answer; later the batch goes on under the same keys."""
    lost = threading.Event()

    class Dying(httpx.BaseTransport):
        def __init__(self, inner):
            self.inner = inner

        def handle_request(self, request):
            answer = self.inner.handle_request(request)
            if request.method == "POST" and b"7%40lost.test" in request.content and not lost.is_set():
                answer.read()
                raise httpx.ReadError("the connection was reset", request=request)
            return answer

    with connected(Dying(sim.transport()), statement_timeout_s=1.0, **FAST) as connection:
        cursor = connection.cursor()
        rows = [[f"{at}@lost.test"] for at in range(30)]
        with pytest.raises(errors.BatchFailed) as caught:
            cursor.executemany("INSERT INTO customers (email) VALUES (?)", rows)
        problem = caught.value
        assert isinstance(problem, errors.OutcomeUnknown)
        assert problem.unknown
        assert set(problem.unknown) <= {7, 17, 27}
        assert sorted([*problem.done, *problem.failed, *problem.unknown, *problem.untried]) == list(range(30))
        there = emails(sim, "@lost.test")
        assert all(there[f"{row}@lost.test"] == 1 for row in problem.done)
        assert not any(there[f"{row}@lost.test"] for row in (*problem.untried, *problem.failed))
        assert set(problem.ids) == set(problem.done)
        lost.set()
        cursor.resume(problem)
        assert cursor.rowcount == 30 - len(problem.done)
    assert emails(sim, "@lost.test") == {f"{at}@lost.test": 1 for at in range(30)}


def test_a_row_that_stripe_refuses_stops_the_batch_and_the_rest_can_go_on(sim):
    with connected(sim.transport(), **FAST) as connection:
        cursor = connection.cursor()
        rows = [[f"{at}@batch.test"] for at in range(20)]
        rows[5] = ["no address"]
        with pytest.raises(errors.BatchFailed, match="the batch stopped at row 5, counted from 0; of 20 rows") as caught:
            cursor.executemany("INSERT INTO customers (email) VALUES (?)", rows)
        problem = caught.value
        assert isinstance(problem, errors.ProgrammingError)
        assert isinstance(problem.__cause__, errors.InvalidRequest)
        assert problem.failed == (5,)
        assert problem.problems[5] is problem.__cause__
        assert set(range(5)) <= set(problem.done)
        assert problem.untried
        cursor.resume(problem)
        assert cursor.rowcount == len(problem.untried)
        # What was done meanwhile is told again under its key, and not done again.
        with pytest.raises(errors.ProgrammingError, match="no address"):
            cursor.resume(problem, failed=True)
    assert emails(sim, "@batch.test") == {f"{at}@batch.test": 1 for at in range(20) if at != 5}


def test_a_row_whose_outcome_stays_unknown_does_not_hold_up_the_rest(sim):
    """Stripe keeps a 500 under the key and gives it again: the row was written, and nobody will ever say so."""
    with connected(sim.transport(), **FAST) as connection:
        cursor = connection.cursor()
        sim.faults.should_retry = "false"
        sim.hooks.before(4, lambda: sim.faults.next(Fault.SERVER_ERROR_AFTER, method="POST"))
        with pytest.raises(errors.BatchFailed) as caught:
            cursor.executemany("INSERT INTO customers (email) VALUES (?)", [[f"{at}@stuck.test"] for at in range(40)])
        assert len(caught.value.unknown) == 1
        assert caught.value.untried
        with pytest.raises(errors.BatchFailed) as again:
            cursor.resume(caught.value)
        assert set(again.value.done) == set(caught.value.untried)
        assert again.value.unknown == caught.value.unknown
    assert emails(sim, "@stuck.test") == {f"{at}@stuck.test": 1 for at in range(40)}


def test_one_row_of_unknown_outcome_is_repeated_under_its_key(sim):
    seen = []

    def craft(request):
        if request.method == "POST":
            seen.append(request.headers["idempotency-key"])
            if len(seen) == 1:
                inner.handle_request(request).read()
                return httpx.Response(500, headers={"stripe-should-retry": "false"}, json={"error": {"type": "api_error", "message": "oh"}})
        return None

    inner = sim.transport()
    with connected(InFront(sim, craft), **FAST) as connection:
        cursor = connection.cursor()
        with pytest.raises(errors.OutcomeUnknown) as caught:
            cursor.execute("INSERT INTO customers (email) VALUES ('a@once.test') RETURNING email")
        assert caught.value.idempotency_key == seen[0]
        assert cursor.resume(caught.value).fetchall() == [("a@once.test",)]
        assert (cursor.rowcount, seen[1]) == (1, seen[0])
    assert emails(sim, "@once.test") == {"a@once.test": 1}


def test_an_unknown_delete_that_finds_nothing_was_done(sim):
    lose = threading.Event()
    lose.set()

    class Losing(httpx.BaseTransport):
        def handle_request(self, request):
            answer = inner.handle_request(request)
            if request.method == "DELETE" and lose.is_set():
                answer.read()
                raise httpx.ReadError("the connection was reset", request=request)
            return answer

    inner = sim.transport()
    with connected(Losing(), statement_timeout_s=0.8, **FAST) as connection:
        connection.execute("INSERT INTO customers (email) VALUES ('a@gone.test'), ('b@gone.test'), ('c@gone.test')")
        cursor = connection.cursor()
        with pytest.raises(errors.BatchFailed) as caught:
            cursor.execute("DELETE FROM customers WHERE email LIKE '%@gone.test'")
        assert caught.value.unknown
        lose.clear()
        cursor.resume(caught.value)
        assert cursor.rowcount == 3 - len(caught.value.done)
    assert emails(sim, "@gone.test") == {}


def test_a_lost_answer_of_delete_is_done_at_the_second_attempt(sim):
    with connected(sim.transport(), **FAST) as connection:
        key = connection.execute("INSERT INTO customers (email) VALUES ('a@gone.test')").lastrowid
        sim.faults.next(Fault.RESET_AFTER, method="DELETE")
        cursor = connection.execute("DELETE FROM customers WHERE id = ?", [key])
        assert (cursor.rowcount, cursor.stats.retries) == (1, 1)


def test_a_repeat_with_a_prefix_writes_nothing_twice(sim):
    rows = [["a@job.test", "1"], ["b@job.test", "2"], ["a@job.test", "1"]]
    insert = "INSERT INTO customers (email, metadata.n) VALUES (?, ?)"
    ids = []
    for given in (rows, rows[::-1]):
        with connected(sim.transport(), idempotency_key_prefix="job-7", **FAST) as connection:
            cursor = connection.cursor()
            cursor.executemany(insert, given)
            assert cursor.rowcount == 3
            ids.append(sorted(each["id"] for each in sim.listed("customers") if str(each["email"]).endswith("@job.test")))
    assert ids[0] == ids[1]
    assert len(ids[0]) == 3
    with connected(sim.transport(), idempotency_key_prefix="job-8", **FAST) as connection:
        connection.cursor().executemany(insert, rows)
    assert sum(emails(sim, "@job.test").values()) == 6


def test_a_stored_failure_under_a_prefix_is_told_again_and_nothing_happens(sim):
    with connected(sim.transport(), idempotency_key_prefix="job-9", **FAST) as connection:
        sim.faults.next(Fault.SERVER_ERROR_AFTER, method="POST")
        for _ in range(2):
            with pytest.raises(errors.OutcomeUnknown):
                connection.execute("INSERT INTO customers (email) VALUES ('a@kept.test')")
    assert emails(sim, "@kept.test") == {"a@kept.test": 1}


def test_an_answer_that_cannot_be_read_does_not_hide_that_the_row_was_written(sim):
    with connected(sim.transport(), **FAST) as connection:
        sim.faults.next(Fault.BAD_JSON, method="POST")
        with pytest.raises(errors.BatchFailed, match="has written 1 row, and giving them back failed") as caught:
            connection.execute("INSERT INTO customers (email) VALUES ('a@unreadable.test') RETURNING id")
        assert (caught.value.done, caught.value.untried) == ((0,), ())
        assert connection.cursor().resume(caught.value).rowcount == 0
        sim.faults.next(Fault.BAD_JSON, method="POST")
        cursor = connection.execute("INSERT INTO customers (email) VALUES ('b@unreadable.test')")
        assert (cursor.rowcount, cursor.lastrowid) == (1, None)
    assert emails(sim, "@unreadable.test") == {"a@unreadable.test": 1, "b@unreadable.test": 1}


def test_a_failed_read_leaves_no_half_of_a_write(sim):
    with connected(sim.transport(), **FAST) as connection:
        sim.faults.next(Fault.BAD_JSON, path="/v1/customers", method="GET")
        with pytest.raises(errors.ApiFailure):
            connection.execute("INSERT INTO products (name) SELECT email FROM customers")
    assert [each for each in sim.log if each.method == "POST"] == []


def test_cancelling_a_batch_accounts_for_what_was_under_way(sim):
    sim.faults.latency_ms = 20
    with connected(sim.transport(), **FAST) as connection:
        cursor = connection.cursor()
        sim.hooks.before(10, cursor.cancel)
        with pytest.raises(errors.BatchFailed) as caught:
            cursor.executemany("INSERT INTO customers (email) VALUES (?)", [[f"{at}@cancel.test"] for at in range(200)])
        problem = caught.value
    there = {row for row in range(200) if emails(sim, "@cancel.test")[f"{row}@cancel.test"]}
    assert set(problem.done) <= there <= {*problem.done, *problem.unknown}
    assert problem.untried


def test_an_error_of_something_else_cannot_be_resumed(sim):
    with connected(sim.transport()) as connection, pytest.raises(errors.InterfaceError, match="nothing to go on with"):
        connection.cursor().resume(errors.OutcomeUnknown("x"))


CTRL_C = """
import os, signal
import stripesql
from stripesql.simulator import Simulator

sim = Simulator(scale=0.02)
sim.faults.latency_ms = 20
sim.hooks.before(10, lambda: os.kill(os.getpid(), signal.SIGINT))
fast = {"requests_per_second": 1e6, "endpoint_requests_per_second": 1e6}
with stripesql.connect("sk_test_" + "c" * 16, transport=sim.transport(), **fast) as connection:
    cursor = connection.cursor()
    rows = [[f"{at}@ctrl.test"] for at in range(60)]
    try:
        cursor.executemany("INSERT INTO customers (email) VALUES (?)", rows)
    except KeyboardInterrupt as stop:
        account = stop.__cause__
        assert stop.__notes__, stop
    assert sorted([*account.done, *account.failed, *account.unknown, *account.untried]) == list(range(60))
    assert account.untried and account.done, str(account)
    cursor.resume(account)
    sim.hooks.before(1, lambda: os.kill(os.getpid(), signal.SIGINT))
    try:
        cursor.execute("INSERT INTO customers (email) VALUES ('one@alone.test')")
    except KeyboardInterrupt as stop:
        assert isinstance(stop.__cause__, stripesql.OutcomeUnknown)
        cursor.resume(stop.__cause__)
    assert sum(each["email"] == "one@alone.test" for each in sim.listed("customers")) == 1
found = [each["email"] for each in sim.listed("customers") if str(each["email"]).endswith("@ctrl.test")]
assert sorted(found) == sorted(email for email, in rows), len(found)
print("once each")
"""


def test_ctrl_c_leaves_an_account_to_go_on_with():
    environment = {**os.environ, "PYTHONPATH": str(Path(stripesql.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", CTRL_C], capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "once each\n"), done.stderr
