"""Define one write on its way, for the handlers of the areas.

In: nothing. Out: ``Write``, ``Handler``. A handler changes rows through ``hand`` and says what to show: a row by table and
id, or a document of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stripesql.catalogue.model import Table
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes.bodies import Upload
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.routes import WriteRoute


@dataclass(frozen=True, slots=True)
class Write:
    """Say one write whose parameters are checked.

    Attributes:
        hand: changes rows.
        route: the operation.
        values: parameters, typed; None unsets.
        upload: the file of a multipart body.
    """

    hand: Hand
    route: WriteRoute
    values: dict[str, Any]
    upload: Upload | None = None

    @property
    def table(self) -> Table:
        """Return the table that is written."""
        assert self.route.table is not None
        return self.route.table

    @property
    def id(self) -> str:
        """Return the last path argument."""
        return self.route.arguments[-1]


Row = tuple[str, str]
"""Table and id of the row to show."""
Handler = Callable[[Write], "Row | Object"]
Handlers = dict[str, Handler]
"""By table for creates, updates and deletes; by ``table.action`` for actions."""


def wrong_state(message: str, code: str, param: str | None = None) -> ApiError:
    """Refuse a write that the object's state does not allow."""
    return ApiError(400, message, code=code, param=param)


def needed(values: dict[str, Any], *names: str) -> None:
    """Refuse a call that lacks one of the parameters.

    Raises:
        ApiError: 400 ``parameter_missing``.
    """
    from stripesql.simulator import errors

    for name in names:
        if values.get(name) is None:
            raise errors.missing_parameter(name)
