import threading

import pytest

from stripesql.errors import BudgetExceeded, QueryCancelled, QueryTimeout
from stripesql.fetch import Control
from stripesql.stats import Stats


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


def control_of(clock: Clock, **limits: float) -> Control:
    return Control(stats=Stats(), clock=clock, pause=clock.advance, **limits)  # type: ignore[arg-type]


def test_without_limits_everything_goes() -> None:
    control = control_of(Clock())
    control.check()
    for _ in range(1000):
        control.reserve_request()
    assert control.remaining_s() is None


def test_time_runs_out() -> None:
    clock = Clock()
    control = control_of(clock, timeout_s=5)
    clock.advance(4)
    control.check()
    assert control.remaining_s() == 1.0
    clock.advance(2)
    assert control.remaining_s() == 0.0
    with pytest.raises(QueryTimeout, match="longer than statement_timeout_s=5; narrow it, or SET statement_timeout_s"):
        control.check()


def test_cancelled_is_said_before_out_of_time() -> None:
    clock = Clock()
    control = control_of(clock, timeout_s=1)
    clock.advance(2)
    control.cancel()
    assert control.cancelled
    with pytest.raises(QueryCancelled):
        control.check()


def test_the_budget_stops_before_the_request_that_would_pass_it() -> None:
    control = control_of(Clock(), max_requests=2)
    control.reserve_request()
    control.reserve_request()
    with pytest.raises(BudgetExceeded, match=r"more requests than max_requests=2 allows.* SET max_requests to more"):
        control.reserve_request()


def test_a_budget_of_none_at_all_sends_nothing() -> None:
    with pytest.raises(BudgetExceeded):
        control_of(Clock(), max_requests=0).reserve_request()


def test_waits_are_counted() -> None:
    clock = Clock()
    control = control_of(clock)
    control.wait(2.5)
    control.wait(0)
    control.wait(-1)
    assert (control.stats.waited_s, clock.now) == (2.5, 102.5)


def test_a_wait_ends_with_the_time() -> None:
    clock = Clock()
    control = control_of(clock, timeout_s=3)
    with pytest.raises(QueryTimeout):
        control.wait(60)
    assert (control.stats.waited_s, clock.now) == (3.0, 103.0)


def test_cancel_ends_a_wait_of_another_thread() -> None:
    control = Control(stats=Stats())
    caught: list[BaseException] = []

    def work() -> None:
        try:
            control.wait(3600)
        except QueryCancelled as problem:
            caught.append(problem)

    thread = threading.Thread(target=work)
    thread.start()
    control.cancel()
    thread.join(60)
    assert len(caught) == 1
