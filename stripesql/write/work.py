"""Hold what a write will send, and carry it out.

In: the jobs of a statement, checked and with their keys. Out: ``Written``: the rows of RETURNING, how many were written,
the last id. A batch that stopped can go on later with what is left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import msgspec

from stripesql.catalogue.model import Table
from stripesql.errors import AlreadyExists, BatchFailed, DatabaseError, InterfaceError, NotFound, OutcomeUnknown
from stripesql.fetch.response import Response
from stripesql.request import Request
from stripesql.scan.means import Means
from stripesql.write.batch import Job, Send, send_all
from stripesql.write.guards import demand_writable
from stripesql.write.keys import in_order, keys_of
from stripesql.write.objects import Rows
from stripesql.write.scene import Scene

Answers = Mapping[int, Response]
"""Stripe's answer to each row that was written, by the number of the row."""


class Returning(Protocol):
    """Make the rows of RETURNING, of those that were written."""

    def rows(self, answers: Answers, scene: Scene) -> Rows:
        """Return a row for each answer, in the order of the statement."""
        ...


@dataclass(frozen=True, slots=True)
class Work:
    """Say what a write sends.

    Attributes:
        what: the statement, for messages: ``INSERT INTO customers``.
        table: what it writes to; None of a procedure.
        requests: one per row, without keys.
        targets: what each request is about, to keep their order; None where it stands alone.
        ids: id of each row that has one before it is sent.
        returning: RETURNING, or None.
        named: rows are named by their keys and were not read: one that is not there is no row.
        instead: of an upsert: what to send for a row whose id is taken; None leaves the row as it is.
        repeated: rows that may have been written before; one of DELETE that is not there any more was.
    """

    what: str
    table: Table | None
    requests: tuple[Request, ...]
    targets: tuple[str | None, ...]
    ids: Mapping[int, str] = field(default_factory=dict)
    returning: Returning | None = None
    named: bool = False
    instead: Mapping[int, Request | None] = field(default_factory=dict)
    repeated: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Written:
    """Say what a write did.

    Attributes:
        rows: of RETURNING, or None.
        count: rows that were written.
        last_id: id of the last of them, or None.
    """

    rows: Rows | None
    count: int
    last_id: str | None


@dataclass(slots=True)
class Rest:
    """Hold what a batch that stopped has not done, to go on with.

    Attributes:
        work: the statement.
        jobs: all of it, under their keys.
    """

    work: Work
    jobs: tuple[Job, ...]


class _Identified(msgspec.Struct):
    id: str | None = None


_identified = msgspec.json.Decoder(_Identified)


def jobs_of(work: Work, prefix: str | None, kind: str) -> tuple[Job, ...]:
    """Return a job for each request, under its idempotency key."""
    return tuple(
        Job(request, row, target)
        for row, (request, target) in enumerate(zip(keyed(work.requests, prefix, kind), work.targets, strict=True))
    )


def keyed(requests: Sequence[Request], prefix: str | None, kind: str) -> tuple[Request, ...]:
    """Return the requests, each POST with its idempotency key."""
    requests = in_order(requests, prefix)
    keys = keys_of(requests, prefix, kind)
    return tuple(
        replace(request, idempotency_key=key) if request.method == "POST" else request for request, key in zip(requests, keys, strict=True)
    )


def carry_out(work: Work, jobs: Sequence[Job], scene: Scene) -> Written:
    """Send the jobs.

    Raises:
        BatchFailed: one of several failed; ``resume`` goes on.
        DatabaseError: the only one failed.
    """
    if not jobs:
        return _written(work, {}, scene)
    skipped: set[int] = set()
    try:
        responses = send_all(jobs, scene.means, send=_sender(work, scene.means, skipped))
    except BatchFailed as problem:
        _tell(problem, work, tuple(jobs), skipped)
        raise
    except OutcomeUnknown as problem:
        problem.rest = Rest(work, tuple(jobs))
        raise
    except KeyboardInterrupt as problem:
        if isinstance(problem.__cause__, BatchFailed):
            _tell(problem.__cause__, work, tuple(jobs), skipped)
        elif isinstance(problem.__cause__, OutcomeUnknown):
            problem.__cause__.rest = Rest(work, tuple(jobs))
        raise
    return _written(work, {job.row: answer for job, answer in zip(jobs, responses, strict=True) if job.row not in skipped}, scene)


def resume(problem: BatchFailed | OutcomeUnknown, scene: Scene, *, failed: bool) -> Written:
    """Send what a write has not done, under the keys that it had: what is unknown exists once even if it was done.

    Args:
        problem: what the write raised.
        scene: what to send with.
        failed: send the failed rows again, too.

    Raises:
        InterfaceError: the error is none of a write that can go on.
        BatchFailed, OutcomeUnknown: it stopped again.
    """
    rest = getattr(problem, "rest", None)
    if not isinstance(rest, Rest):
        raise InterfaceError(
            "this error carries nothing to go on with; resume takes the BatchFailed or OutcomeUnknown that a write or a CALL raised; "
            "after any other error nothing is open: run the statement again"
        )
    again, untried = {job.row for job in rest.jobs}, set[int]()
    if isinstance(problem, BatchFailed):
        again, untried = {*problem.unknown, *(problem.failed if failed else ())}, set(problem.untried)
    demand_writable(scene.settings, scene.mode, rest.work.what)
    jobs = [job for job in rest.jobs if job.row in again | untried]
    # What stopped the batch may do so again: it comes last, with those whose order it keeps.
    held = {job.target for job in jobs if job.row in again and job.target is not None}
    jobs.sort(key=lambda job: job.row in again or job.target in held)
    return carry_out(replace(rest.work, repeated=frozenset(again | untried)), jobs, scene)


def _sender(work: Work, means: Means, skipped: set[int]) -> Send:
    """Return what sends a job; rows that turn out to be none are added to ``skipped``."""

    def send(job: Job) -> Response:
        try:
            return means.client.send(job.request, means.control)
        except NotFound as problem:
            if not _is_about(problem, work.ids.get(job.row)):
                raise
            if job.request.method == "DELETE" and job.row in work.repeated:
                return Response(404, {}, b"{}", job.request)
            if not work.named:
                raise
        except AlreadyExists:
            if job.row not in work.instead:
                raise
            if (instead := work.instead[job.row]) is not None:
                return means.client.send(instead, means.control)
        skipped.add(job.row)
        return Response(404, {}, b"{}", job.request)

    return send


def _is_about(problem: NotFound, key: str | None) -> bool:
    """Say whether the object itself is missing, and not one that a parameter names."""
    return key is not None and f"'{key}'" in str(problem).replace('"', "'")


def _tell(problem: BatchFailed, work: Work, jobs: tuple[Job, ...], skipped: set[int]) -> None:
    """Complete the account: the ids that are known, and what is left."""
    answered = {row: answer for row, answer in problem.answers.items() if isinstance(answer, Response) and row not in skipped}
    ids = dict(work.ids) | {row: found for row, answer in answered.items() if (found := id_of(answer)) is not None}
    problem.ids = dict(sorted(ids.items()))
    problem.rest = Rest(work, jobs)


def _written(work: Work, answers: Answers, scene: Scene) -> Written:
    last = max(answers, default=None)
    last_id = None if last is None else id_of(answers[last]) or work.ids.get(last)
    if work.returning is None:
        return Written(None, len(answers), last_id)
    try:
        rows = work.returning.rows(answers, scene)
    except DatabaseError as problem:
        # Whoever reads this must not think that nothing happened.
        told = f"{work.what} has written {len(answers)} {'row' if len(answers) == 1 else 'rows'}, and giving them back failed: {problem}"
        error = BatchFailed.caused_by(problem)(told, done=tuple(answers))
        error.answers = answers
        _tell(error, work, (), set())
        raise error from problem
    return Written(rows, len(answers), last_id)


def id_of(response: Response) -> str | None:
    """Return the id of the object of an answer, or None."""
    try:
        return _identified.decode(response.body).id
    except msgspec.MsgspecError:
        return None
