"""Send the requests of a write: several at once, those to one object in their order, none after the first that failed.

In: jobs with their idempotency keys, the means to send. Out: the answers in the order of the jobs, or ``BatchFailed``,
which says of every row whether it was done, failed, is unknown or was not tried.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from stripesql.errors import BatchFailed, BudgetExceeded, DatabaseError, InternalError, OutcomeUnknown, QueryCancelled, QueryTimeout
from stripesql.fetch.response import Response
from stripesql.request import Request
from stripesql.scan.crew import Crew
from stripesql.scan.means import Means, RoundTrips

_POLL_S: Final = 0.05
_MOST_NAMED: Final = 5
# What stops a request before it is sent, or after an answer that says that nothing happened.
_STOPS: Final = (QueryCancelled, QueryTimeout, BudgetExceeded)


@dataclass(frozen=True, slots=True)
class Job:
    """Say one request of a write.

    Attributes:
        request: with its idempotency key, where it is a POST.
        row: the row of the statement that it belongs to, from 0.
        target: id of the object whose requests keep their order; None where it stands alone.
    """

    request: Request
    row: int
    target: str | None = None


Send = Callable[[Job], Response]
"""Sends one job; raises what ``Client.send`` raises."""


class State(Enum):
    """Say how far a job, or a row, came."""

    DONE = "done"
    UNTRIED = "untried"
    FAILED = "failed"
    UNKNOWN = "unknown"


def send_all(jobs: Sequence[Job], means: Means, *, send: Send | None = None) -> list[Response]:
    """Return the answers, in the order of the jobs.

    Args:
        jobs: in the order of the statement.
        means: what to send with.
        send: sends one job, where that is more than one request.

    Raises:
        BudgetExceeded: the jobs are more than ``max_requests`` allows; nothing was sent.
        BatchFailed: one of several failed; a job that is alone raises its own error. What is no error, such as Ctrl-C,
            is raised as itself, with the account as its cause.
    """
    spare = means.control.spare_requests()
    if spare is not None and len(jobs) > spare:
        raise BudgetExceeded(
            f"the statement would send {len(jobs)} requests, and max_requests leaves {spare}; nothing was written; "
            "narrow it, or SET max_requests to more, or to none"
        )

    def alone(job: Job) -> Response:
        return means.client.send(job.request, means.control)

    if len(jobs) == 1:
        return [_alone(jobs[0], send or alone)]
    return _Batch(jobs, means, send or alone).run()


def _alone(job: Job, send: Send) -> Response:
    try:
        return send(job)
    except KeyboardInterrupt as stop:
        key = job.request.idempotency_key
        unknown = OutcomeUnknown(
            f"{job.request.method} {job.request.path} was interrupted, and may have been carried out", idempotency_key=key
        )
        raise stop from unknown


class _Batch:
    """Hold how far a batch came; what workers change is guarded by ``_lock``."""

    def __init__(self, jobs: Sequence[Job], means: Means, send: Send) -> None:
        self._jobs = jobs
        self._means = means
        self._send = send
        self._lock = threading.Condition()
        self._states = [State.UNTRIED] * len(jobs)
        self._answers: dict[int, Response] = {}
        self._problems: dict[int, DatabaseError] = {}
        self._first: BaseException | None = None
        self._under_way = 0
        self._trips = RoundTrips()
        self._ready = deque(_lanes(jobs))

    def run(self) -> list[Response]:
        crew: Crew[int] = Crew(self._find, lambda: self._means.crew_size(self._trips.usual_s), lambda: len(self._jobs) + 1)
        try:
            for _ in crew.results():
                pass
        except BaseException as problem:  # Ctrl-C: those under way end first, so that the account is true
            self._first = self._first or problem
            self._means.control.cancel()
            self._wait()
            problem.add_note(self._account())
            raise problem from self._failure(problem)
        if self._first is not None:
            raise self._failure(self._first) from self._first
        return [self._answers[index] for index in range(len(self._jobs))]

    def _wait(self) -> None:
        with self._lock:
            while self._under_way:
                self._lock.wait(_POLL_S)

    def _find(self) -> Callable[[], int | None] | None:
        """Return the next job whose object has no other under way."""
        with self._lock:
            if self._first is not None or not (self._ready or self._under_way):
                raise StopIteration
            if not self._ready:
                return None
            self._under_way += 1
            lane = self._ready.popleft()
        return lambda: self._carry_out(lane)

    def _carry_out(self, lane: deque[int]) -> int:
        index = lane.popleft()
        state, problem = State.DONE, None
        try:
            answer = self._send(self._jobs[index])
        except BaseException as raised:  # noqa: BLE001  told to the caller, with the account
            problem = raised
            state = State.UNKNOWN if isinstance(raised, OutcomeUnknown) else State.UNTRIED if isinstance(raised, _STOPS) else State.FAILED
        with self._lock:
            self._states[index] = state
            if problem is None:
                self._answers[index] = answer
                self._trips.took(answer.took_s)
            else:
                self._first = self._first or problem
                if state is not State.UNTRIED:
                    self._problems[index] = _as_error(problem)
            if lane:
                self._ready.appendleft(lane)
            self._under_way -= 1
            self._lock.notify_all()
        return index

    def _failure(self, cause: BaseException) -> BatchFailed:
        rows = self._rows()
        error = BatchFailed.caused_by(cause)(
            f"{cause}; {self._stopped_at()}; {self._account()}",
            done=rows[State.DONE],
            failed=rows[State.FAILED],
            unknown=rows[State.UNKNOWN],
            untried=rows[State.UNTRIED],
            problems={self._jobs[index].row: problem for index, problem in self._problems.items()},
        )
        error.answers = {self._jobs[index].row: answer for index, answer in self._answers.items()}
        error.idempotency_key = getattr(cause, "idempotency_key", None)
        return error

    def _stopped_at(self) -> str:
        rows = sorted(self._jobs[index].row for index in self._problems)
        if not rows:
            return "the batch was stopped"
        return f"the batch stopped at row{'s' if len(rows) > 1 else ''} {', '.join(map(str, rows[:_MOST_NAMED]))}, counted from 0"

    def _rows(self) -> dict[State, list[int]]:
        """Return the rows by how far they came; of several jobs of a row the one that is told last in ``State`` counts."""
        order = list(State)
        states: dict[int, State] = {}
        for job, state in zip(self._jobs, self._states, strict=True):
            states[job.row] = max(states.get(job.row, state), state, key=order.index)
        return {state: [row for row, each in states.items() if each is state] for state in State}

    def _account(self) -> str:
        rows = self._rows()
        told = [f"{len(rows[state])} {state.value}" for state in (State.DONE, State.FAILED, State.UNKNOWN, State.UNTRIED)]
        return f"of {sum(map(len, rows.values()))} rows {', '.join(told)}"


def _lanes(jobs: Sequence[Job]) -> list[deque[int]]:
    """Return the places of the jobs, those with one target in one lane, in the order of their first."""
    lanes: dict[object, deque[int]] = {}
    for index, job in enumerate(jobs):
        lanes.setdefault(index if job.target is None else job.target, deque()).append(index)
    return list(lanes.values())


def _as_error(problem: BaseException) -> DatabaseError:
    if isinstance(problem, DatabaseError):
        return problem
    error = InternalError(f"sending failed with {type(problem).__name__}: {problem}")
    error.__cause__ = problem
    return error
