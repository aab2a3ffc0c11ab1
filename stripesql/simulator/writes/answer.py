"""Answer a write: check its parameters, let the handler of its area carry it out, show what became of it.

In: a route and a body. Out: the JSON document. ``prepare`` raises what is refused before anything begins; what ``carry_out``
raises is kept under the idempotency key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stripesql.simulator import errors, expand, params
from stripesql.simulator.account import Account
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import areas, plain, references
from stripesql.simulator.writes.bodies import Body
from stripesql.simulator.writes.hand import Cause, Hand
from stripesql.simulator.writes.model import Handler, Write
from stripesql.simulator.writes.routes import Deed, WriteRoute
from stripesql.simulator.writes.values import Check, checked


@dataclass(frozen=True, slots=True)
class Prepared:
    """Say a write that may begin."""

    route: WriteRoute
    values: dict[str, Any]
    paths: tuple[tuple[str, ...], ...]
    include: tuple[str, ...]
    body: Body
    handler: Handler


def prepare(account: Account, route: WriteRoute, body: Body) -> Prepared:
    """Return the write with typed parameters.

    Raises:
        ApiError: 400 for parameters; 400 for an operation that is not played.
    """
    handler = _handler(route)
    tree = dict(body.tree)
    names = {parameter.name for parameter in route.endpoint.parameters}
    sent = tree.pop("expand", None) if not route.endpoint.json_body else None
    paths = expand.paths_of(_listed(sent)) if sent is not None else ()
    include = tuple(tree.pop("include", ())) if route.endpoint.json_body and "include" not in names else ()
    parameters = tuple(parameter for parameter in route.endpoint.parameters if parameter.name != "expand" and parameter.kind != "file")
    files = [parameter for parameter in route.endpoint.parameters if parameter.kind == "file"]
    check = Check(account.now(), typed=route.endpoint.json_body, updating=route.deed is Deed.UPDATE)
    values = checked(tree, parameters, check)
    if files and body.upload is None:
        raise errors.missing_parameter(files[0].name)
    included = values.get("include") or include
    return Prepared(route, values, paths, tuple(str(name).partition(".")[0] for name in included), body, handler)


def _listed(sent: Any) -> params.Value:
    """Return ``expand[]`` and ``expand[0]`` as a list."""
    if isinstance(sent, dict):
        return [sent[key] for key in sorted(sent)]
    listed: params.Value = sent
    return listed


def _handler(route: WriteRoute) -> Handler:
    name = route.table.name if route.table is not None else ""
    match route.deed:
        case Deed.CREATE:
            return areas.CREATE.get(name, plain.create)
        case Deed.UPDATE:
            return areas.UPDATE.get(name, plain.update)
        case Deed.DELETE:
            return areas.DELETE.get(name, plain.delete)
        case Deed.ACTION:
            found = areas.ACTIONS.get(route.action)
            if found is None:
                message = f"The simulator does not play {route.endpoint.method} {route.endpoint.path}."
                raise ApiError(400, message, code="simulator_not_played")
            return found


def carry_out(account: Account, prepared: Prepared, cause: Cause) -> dict[str, Any]:
    """Change the account and return the document; a refusal leaves no trace, but for declined charges.

    Raises:
        ApiError: whatever Stripe refuses.
    """
    hand = Hand(account, cause)
    try:
        references.check(hand, prepared.route.table, prepared.values)
        shown = prepared.handler(Write(hand, prepared.route, prepared.values, prepared.body.upload))
        return _document(account, shown, prepared)
    except ApiError as error:
        if not error.keeps:
            hand.undo()
        raise
    except BaseException:
        hand.undo()
        raise


def _document(account: Account, shown: Any, prepared: Prepared) -> dict[str, Any]:
    if isinstance(shown, dict):
        return shown
    name, row_id = shown
    shelf = account.shelf(name)
    name = shelf.kind.table
    expand.check(name, prepared.paths, in_list=False)
    return expand.apply(account, name, account.render(name, shelf.get(row_id), prepared.include), prepared.paths)
