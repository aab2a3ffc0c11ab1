"""Say what a CALL would send; nothing is sent, not even what its arguments would read.

In: the text of a CALL. Out: ``CallPlan``: lines for EXPLAIN, and the plan of the query that gives the arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from stripesql.catalogue.procedures import EFFECT_FREE, Procedure, ProcedureKind
from stripesql.errors import WriteRefused
from stripesql.query import select
from stripesql.query.stages import Planned
from stripesql.request import Request
from stripesql.sql.calls import CallText, read_call
from stripesql.write import generic
from stripesql.write.call import evaluated, requests_of, resolved, table_of
from stripesql.write.downloads import download_of
from stripesql.write.guards import demand_writable
from stripesql.write.paths import place_of
from stripesql.write.places import in_statement
from stripesql.write.requests import Slot
from stripesql.write.scene import Scene, fresh


@dataclass(frozen=True, slots=True)
class CallPlan:
    """Say what a CALL would do.

    Attributes:
        lines: the request, with its parameters.
        planned: the query that gives the arguments; None where they are constants.
    """

    lines: tuple[str, ...]
    planned: Planned | None = None


def plan_call(text: str, scene: Scene) -> CallPlan:
    """Return what a CALL would send: the request itself where its arguments are constants, else what it is made of.

    Raises:
        UnknownName, ProgrammingError, IntegrityError, DataError: as the call itself would.
    """
    call, scene = read_call(text), replace(scene, text=text)
    procedure, slots = resolved(call, scene)
    query = call.query()
    with in_statement(query, text):
        planned = select.plan_and_check(query, fresh(scene.around), scene.means)
    if not call.rest and not planned.plan.stages:  # nothing of Stripe's is read, and there is one row
        return CallPlan(tuple(_request_lines(procedure, _request(call, procedure, slots, scene), scene)))
    return CallPlan(tuple(_template_lines(call, procedure, slots, scene)), planned)


def _request(call: CallText, procedure: Procedure, slots: Sequence[Slot], scene: Scene) -> Request:
    calls = evaluated(call, procedure, slots, scene)
    match procedure.kind:
        case ProcedureKind.GENERIC:
            return generic.wanted(calls[0], scene.when).request
        case ProcedureKind.DOWNLOAD:
            return download_of(procedure, slots, calls[0], scene.settings, scene.when).request
        case ProcedureKind.CALL:
            return requests_of(procedure, slots, calls, scene)[0]


def _request_lines(procedure: Procedure, request: Request, scene: Scene) -> list[str]:
    writes = request.method != "GET" and request.path not in EFFECT_FREE
    lines = [f"call {procedure.full_name}: 1 request{', which writes' if writes else ', which changes nothing'}"]
    lines.append(f"  {request.display()}")
    lines += [f"    {name}={value}" for name, value in request.body or ()]
    lines += [f"    {request.document}"] if request.document is not None else []
    lines += [f"    {each.name}: {each.filename}, {len(each.content)} bytes" for each in request.uploads]
    return lines + _key_line(request.method, scene) + _refusal(procedure, scene, writes=writes)


def _template_lines(call: CallText, procedure: Procedure, slots: Sequence[Slot], scene: Scene) -> list[str]:
    endpoint = procedure.endpoint
    times = "1 request for each row of the query below" if call.rest else "1 request"
    effects = {ProcedureKind.GENERIC: ""}
    effect = effects.get(procedure.kind, ", which writes" if procedure.writes else ", which changes nothing")
    lines = [f"call {procedure.full_name}: {times}{effect}"] + ([f"  {endpoint.method} {endpoint.path}"] if endpoint.path else [])
    for slot, argument in zip(slots, call.arguments, strict=True):
        name = "{" + slot.name + "}" if slot.in_path else _bracketed(slot.name, procedure, scene)
        lines.append(f"    {name} = {' '.join(argument.text.split())}")
    return lines + _key_line(endpoint.method, scene) + _refusal(procedure, scene, writes=procedure.writes)


def _bracketed(name: str, procedure: Procedure, scene: Scene) -> str:
    first, *rest = place_of(name, procedure.endpoint, table_of(procedure, scene), procedure.full_name).steps
    return str(first) + "".join(f"[{step}]" for step in rest)


def _key_line(method: str, scene: Scene) -> list[str]:
    if method != "POST":
        return []
    prefix = scene.settings.idempotency_key_prefix
    return [
        f"  idempotency key: {'random, one for each call' if prefix is None else f'{prefix}-<hash of the call>-<its number among equal ones>'}"
    ]


def _refusal(procedure: Procedure, scene: Scene, *, writes: bool) -> list[str]:
    try:
        demand_writable(scene.settings, scene.mode, f"CALL {procedure.full_name}", effect_free=not writes)
    except WriteRefused as problem:
        return [f"  would be refused: {problem}"]
    return []
