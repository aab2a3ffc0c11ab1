"""Carry out one INSERT, UPDATE or DELETE: read, check, send, answer.

In: the text with its parameters bound, or once for many sets of parameters. Out: ``Written``. This page is the life of a
write: everything that can be wrong is found before the first request that writes.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from stripesql.errors import DatabaseError, ProgrammingError
from stripesql.request import Request
from stripesql.sql.dialects import to_duckdb
from stripesql.sql.parameters import Parameters
from stripesql.sql.writes import Delete, Insert, Update, read_write
from stripesql.write.delete import plan_delete
from stripesql.write.guards import demand_few
from stripesql.write.insert import Source, in_row, plan_insert
from stripesql.write.many import template_of
from stripesql.write.scene import Scene
from stripesql.write.update import constants, plan_update
from stripesql.write.work import Work, Written, carry_out, jobs_of, keyed

_KINDS = {Insert: "insert", Update: "update", Delete: "delete"}


def run(text: str, scene: Scene) -> Written:
    """Carry out one write.

    Raises:
        BatchFailed: one of several rows failed.
        DatabaseError: anything else that is wrong; nothing was written then, unless it is ``OutcomeUnknown``.
    """
    statement = read_write(text)
    scene = replace(scene, text=text)
    return _send(plan(statement, scene), _KINDS[type(statement)], scene)


def plan(statement: Insert | Update | Delete, scene: Scene, source: Source | None = None) -> Work:
    """Return what a write sends."""
    match statement:
        case Insert():
            return plan_insert(statement, scene, source)
        case Update():
            return plan_update(statement, scene)
        case Delete():
            return plan_delete(statement, scene)


def run_many(text: str, sets: Sequence[Parameters], scene: Scene) -> Written:
    """Carry out a write once per set of parameters, as one batch: all is read and checked before anything is sent.

    Raises:
        BatchFailed: one of several rows failed; rows are numbered through all sets.
        DatabaseError: anything else that is wrong.
    """
    dialect = scene.settings.sql_dialect
    template = template_of(text, dialect)
    if template is not None and (rows := template.rows_of(sets)) is not None:
        source = Source(template.columns, rows)
        return _send(plan(template.statement, scene, source), "insert", scene)
    bound = [to_duckdb(text, each, dialect).rstrip().rstrip(";") for each in sets]
    statements = [read_write(each) for each in bound]
    works: list[Work] = []
    written: set[str] = set()
    for at, (statement, each) in enumerate(zip(statements, bound, strict=True)):
        try:
            works.append(_after(written, plan(statement, replace(scene, text=each)), statement, replace(scene, text=each)))
        except DatabaseError as problem:
            raise in_row(problem, at, len(bound)) from problem.__cause__
        written.update(request.path for request in works[-1].requests)
        demand_few(scene.settings, works[-1].what, sum(len(work.requests) for work in works))
    if not works:
        return Written(None, 0, None)
    return _send(_together(works), _KINDS[type(statements[0])], scene)


def _after(written: Set[str], work: Work, statement: Insert | Update | Delete, scene: Scene) -> Work:
    """Return the work of a set of parameters as it is after those before it, though its rows were read before they wrote.

    Raises:
        ProgrammingError: it computes new values from a row that is another one by then.
    """
    again = [row for row, request in enumerate(work.requests) if request.path in written]
    if work.named or work.table is None or not again or isinstance(statement, Insert):
        return work
    if isinstance(statement, Update):
        if constants(statement.sets, work.table, scene, work.what) is None:
            raise ProgrammingError(
                f"{work.what}: two sets of parameters meet the row {work.ids[again[0]]!r}, and its new values are computed from it; "
                "nothing was written; run the sets one by one with execute"
            )
        return work
    left = [row for row in range(len(work.requests)) if row not in again]
    return replace(
        work,
        requests=tuple(work.requests[row] for row in left),
        targets=tuple(work.targets[row] for row in left),
        ids={place: work.ids[row] for place, row in enumerate(left)},
    )


def _together(works: Sequence[Work]) -> Work:
    """Return several writes of one kind as one."""
    if len(works) == 1:
        return works[0]
    if any(work.returning is not None for work in works):
        raise ProgrammingError("executemany with RETURNING takes INSERT ... VALUES with one row of placeholders; nothing was written")
    ids: dict[int, str] = {}
    instead: dict[int, Request | None] = {}
    first = 0
    for work in works:
        ids |= {first + row: key for row, key in work.ids.items()}
        instead |= {first + row: request for row, request in work.instead.items()}
        first += len(work.requests)
    return replace(
        works[0],
        requests=tuple(request for work in works for request in work.requests),
        targets=tuple(target for work in works for target in work.targets),
        ids=ids,
        instead=instead,
        # What was read is there; what was named may not be.
        named=any(work.named for work in works),
    )


def _send(work: Work, kind: str, scene: Scene) -> Written:
    prefix = scene.settings.idempotency_key_prefix
    if work.instead:
        rows = [row for row, request in work.instead.items() if request is not None]
        requests = keyed([request for request in work.instead.values() if request is not None], prefix, "upsert")
        work = replace(work, instead={**work.instead, **dict(zip(rows, requests, strict=True))})
    return carry_out(work, jobs_of(work, prefix, kind), scene)
