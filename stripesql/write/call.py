"""Carry out CALL: evaluate its arguments, check every call, send them, give the answers as rows.

In: the text of a CALL, or a procedure's name with Python values. Out: ``Written``, without rows where Stripe answers with nothing.
The arguments are a SELECT, so a scalar subquery is an argument like another, and FROM makes one call for each row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from stripesql.catalogue.model import Table
from stripesql.catalogue.procedures import Procedure, ProcedureKind
from stripesql.errors import ProgrammingError, UnknownName
from stripesql.request import Request
from stripesql.sql.calls import CallText, read_call
from stripesql.sql.dialects import to_duckdb
from stripesql.sql.parameters import Parameters
from stripesql.write import files, generic, generic_send
from stripesql.write.arguments import Argument
from stripesql.write.batch import Job, send_all
from stripesql.write.call_many import constants_of, keys_of_arguments, with_values
from stripesql.write.called import called
from stripesql.write.downloads import check_distinct, download_of, download_rows
from stripesql.write.given import natural
from stripesql.write.guards import demand_few, demand_writable
from stripesql.write.reading import read
from stripesql.write.requests import Slot, request_of, slots_of
from stripesql.write.scene import Scene
from stripesql.write.usage import find
from stripesql.write.work import Work, Written, carry_out, jobs_of

# What the engine says of a name where no FROM could give it.
_NO_COLUMN: Final = re.compile(r'column "([^"]+)" was not found because the FROM clause is missing')

Calls = Sequence[Sequence[Argument]]
"""The arguments of each call, in the order of their slots."""


def run_call(text: str, scene: Scene) -> Written:
    """Carry out a CALL.

    Raises:
        UnknownName, ProgrammingError, IntegrityError, DataError: it is wrong; nothing was sent.
        WriteRefused: the connection may not write, or not so much.
        StripeError, BatchFailed, OutcomeUnknown: Stripe refused, or the batch stopped on its way.
    """
    call, scene = read_call(text), replace(scene, text=text)
    procedure, slots = resolved(call, scene)
    demand_writable(scene.settings, scene.mode, _what(procedure), effect_free=not procedure.writes)
    return call_all(procedure, slots, evaluated(call, procedure, slots, scene), scene)


def run_calls(text: str, sets: Sequence[Parameters], scene: Scene) -> Written:
    """Carry out a CALL once per set of parameters, as one batch: all is evaluated and checked before anything is sent.

    Raises: as ``run_call``; rows are numbered through all sets.
    """
    if not sets:
        return Written(None, 0, None)
    dialect = scene.settings.sql_dialect
    call = read_call(text)
    procedure, slots = resolved(call, scene)
    demand_writable(scene.settings, scene.mode, _what(procedure), effect_free=not procedure.writes)
    keys = keys_of_arguments(call, text) if dialect.lower() in ("duckdb", "") else None
    if keys is not None:
        fixed = [slot for slot, key in zip(slots, keys, strict=True) if key is None]
        (constants,) = evaluated(constants_of(call, keys), procedure, fixed, scene) if fixed else [[]]
        if (calls := with_values(slots, keys, constants, sets)) is not None:
            return call_all(procedure, slots, calls, scene)
    bound = [read_call(to_duckdb(text, each, dialect)) for each in sets]
    return call_all(procedure, slots, [each for one in bound for each in evaluated(one, procedure, slots, scene)], scene)


def call_procedure(name: str, positional: Sequence[object], named: Mapping[str, object], scene: Scene) -> Written:
    """Carry out one call with Python values, which may be dicts and lists; the rest is as in ``run_call``."""
    parts = name.split(".")
    if len(parts) == 3 and parts[0].lower() == "stripe":
        parts.pop(0)
    if len(parts) != 2:
        raise UnknownName(f"a procedure is named table.action, such as invoices.pay, and not {name!r}")
    procedure = find(parts[0], parts[1], scene.around.relations.catalogue)
    slots = slots_of(procedure, [*(None for _ in positional), *named], table_of(procedure, scene))
    arguments = [Argument(slot.name, natural(value)) for slot, value in zip(slots, [*positional, *named.values()], strict=True)]
    demand_writable(scene.settings, scene.mode, _what(procedure), effect_free=not procedure.writes)
    return call_all(procedure, slots, [arguments], scene)


def _what(procedure: Procedure) -> str:
    return f"CALL {procedure.full_name}"


def resolved(call: CallText, scene: Scene) -> tuple[Procedure, list[Slot]]:
    """Return the procedure, and what each argument is.

    Raises:
        UnknownName, ProgrammingError, IntegrityError: as ``find`` and ``slots_of``.
    """
    procedure = find(call.namespace, call.name, scene.around.relations.catalogue)
    return procedure, slots_of(procedure, [each.name for each in call.arguments], table_of(procedure, scene))


def table_of(procedure: Procedure, scene: Scene) -> Table | None:
    """Return the table whose columns the names of arguments may be: that of create and update."""
    return scene.around.relations.catalogue.table(procedure.namespace) if procedure.name in ("create", "update") else None


def evaluated(call: CallText, procedure: Procedure, slots: Sequence[Slot], scene: Scene) -> Calls:
    """Return the arguments of each call: the rows of a query, read to its end before anything is sent."""
    if not procedure.writes:
        scene = replace(scene, around=replace(scene.around, settings=replace(scene.settings, max_write_rows=None)))
    try:
        found = read(call.query(), scene, _what(procedure))
    except ProgrammingError as problem:
        if (name := _NO_COLUMN.search(str(problem))) is None:
            raise
        raise UnknownName(
            f"{_what(procedure)}: {name[1]} is no value; a text stands in quotes, as in '{name[1]}', and a column needs FROM after the call"
        ) from problem
    columns = [found.column(place) for place in range(len(slots))]
    texts = [found.is_json(place) for place in range(len(slots))]
    return [
        [Argument(slot.name, column[row], is_json) for slot, column, is_json in zip(slots, columns, texts, strict=True)]
        for row in range(found.rows)
    ]


def call_all(procedure: Procedure, slots: Sequence[Slot], calls: Calls, scene: Scene) -> Written:
    """Check every call, then send them all, several at once.

    Args:
        procedure: what is called.
        slots: what each argument is.
        calls: the arguments of each call, in the order of ``slots``.
        scene: what to carry them out in.
    """
    match procedure.kind:
        case ProcedureKind.GENERIC:
            return generic_send.send([generic.wanted(each, scene.when) for each in calls], scene)
        case ProcedureKind.DOWNLOAD:
            downloads = [download_of(procedure, slots, each, scene.settings, scene.when) for each in calls]
            check_distinct(downloads)
            answers = send_all([Job(each.request, at) for at, each in enumerate(downloads)], scene.means) if downloads else []
            rows = download_rows(downloads, answers)
            return Written(rows, rows.table.num_rows, None)
        case ProcedureKind.CALL:
            work = _work(procedure, slots, calls, scene)
            jobs = jobs_of(work, scene.settings.idempotency_key_prefix, f"call {procedure.full_name}")
            written = carry_out(work, jobs, scene)
            return written if written.rows is None else replace(written, count=written.rows.table.num_rows)


def _work(procedure: Procedure, slots: Sequence[Slot], calls: Calls, scene: Scene) -> Work:
    requests = requests_of(procedure, slots, calls, scene)
    ids = [{slot.name: str(each.value) for slot, each in zip(slots, call, strict=True) if slot.in_path} for call in calls]
    if procedure.writes:
        demand_few(scene.settings, _what(procedure), len(requests))
    return Work(
        _what(procedure),
        None,
        tuple(requests),
        tuple(_target(procedure, each) for each in requests),
        {at: each[procedure.endpoint.arguments[-1]] for at, each in enumerate(ids) if each},
        called(procedure, slots, ids),
    )


def requests_of(procedure: Procedure, slots: Sequence[Slot], calls: Calls, scene: Scene) -> list[Request]:
    """Return the request of each call, without idempotency keys; everything is checked."""
    table, read_file = table_of(procedure, scene), files.reader(scene.settings)
    return [request_of(procedure, list(zip(slots, each, strict=True)), table, scene.when, read_file) for each in calls]


def _target(procedure: Procedure, request: Request) -> str | None:
    """Return what a write is about: the path up to the first id, ``/v1/invoices/in_1``."""
    template = procedure.endpoint.path.split("/")
    place = next((at for at, part in enumerate(template) if part.startswith("{")), None)
    return "/".join(request.path.split("/")[: place + 1]) if place is not None and procedure.writes else None
