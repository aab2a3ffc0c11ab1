"""Make the rows of a call's answers.

In: a procedure, its arguments, Stripe's answer to each call. Out: ``Rows``: those of the table that the answers belong to, or
of their own fields.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stripesql.catalogue.procedures import Procedure
from stripesql.errors import NotFound
from stripesql.fetch.response import Response
from stripesql.request import Request
from stripesql.write.embedded import pages_of
from stripesql.write.objects import Rows, object_rows, table_rows
from stripesql.write.requests import Slot
from stripesql.write.scene import Scene

Ids = Mapping[str, str]
"""The path arguments of a call, by name."""


@dataclass(frozen=True, slots=True)
class Called:
    """Make the rows of the calls of one statement.

    Attributes:
        procedure: what was called.
        ids: of each call.
        raw: add the whole object as ``_raw``, for what ``expand`` brought.
    """

    procedure: Procedure
    ids: Sequence[Ids]
    raw: bool

    def rows(self, answers: Mapping[int, Response], scene: Scene) -> Rows:
        """Return the rows of the answers, in the order of the calls."""
        procedure = self.procedure
        found = [self._answer(at, answers[at], scene) for at in sorted(answers)]
        table = scene.around.relations.catalogue.table(procedure.answer) if procedure.answer is not None else None
        if table is None:
            return object_rows(found)
        if procedure.part:
            means = scene.means
            return table_rows(table, [page for each in found for page in pages_of(each, procedure.part, means.client, means.control)])
        own = table.parents if procedure.namespace == table.name else ()
        parents = [{each.column: self.ids[at][each.argument] for each in own if each.argument in self.ids[at]} for at in sorted(answers)]
        return table_rows(table, found, parents=parents, raw=self.raw)

    def _answer(self, at: int, answer: Response, scene: Scene) -> Response:
        """Return what Stripe answered; where that was lost, what the object is now."""
        if not is_lost(answer):
            return answer
        endpoint = self.procedure.endpoint
        if endpoint.returns != "deleted":
            with contextlib.suppress(NotFound):
                return scene.means.client.send(Request("GET", answer.request.path, base=endpoint.base), scene.means.control)
        known = {"id": self.ids[at][endpoint.arguments[-1]]} if endpoint.arguments else {}
        return replace(answer, body=json.dumps({**known, "deleted": True}).encode())


def is_lost(answer: Response) -> bool:
    """Say whether a DELETE was carried out and its answer lost: repeated, it found nothing."""
    return answer.request.method == "DELETE" and answer.status == 404


def called(procedure: Procedure, slots: Sequence[Slot], ids: Sequence[Ids]) -> Called | None:
    """Return what makes the rows of a procedure; None where Stripe answers with nothing."""
    if not procedure.endpoint.returns:
        return None
    return Called(procedure, ids, any(slot.name.lower().partition("[")[0] == "expand" for slot in slots))
