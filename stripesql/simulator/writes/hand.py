"""Change an account's rows, tell it as events, and take everything back when the write is refused.

In: one write. Out: changed shelves. Every handler of an area works through a ``Hand``; it knows no HTTP.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from stripesql.catalogue.model import ColumnRole
from stripesql.simulator import errors, expand, generic, insertion, shapes
from stripesql.simulator.account import Account
from stripesql.simulator.business.events import API_VERSION
from stripesql.simulator.business.records import Loose, Subscription
from stripesql.simulator.embedded import EMBEDDED, SAME_ROWS
from stripesql.simulator.search import LAG_S
from stripesql.simulator.writes import happenings

_SERIAL = itertools.count(1 << 45)
Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cause:
    """Say what request a change belongs to."""

    request_id: str
    idempotency_key: str | None


class Hand:
    """Write to one account within one request.

    Attributes:
        account: whose rows.
        now: unix seconds, one for the whole write.
    """

    def __init__(self, account: Account, cause: Cause) -> None:
        self.account = account
        self.now = account.now()
        self._cause = cause
        self._before: list[tuple[str, str, Any]] = []
        self._events: list[Loose] = []

    def new_id(self, prefix: str) -> str:
        """Return an id that nothing has yet."""
        return self.account.world.ids.make(prefix, next(_SERIAL))

    def id_of(self, name: str) -> str:
        """Return a new id for a row of a table."""
        prefix = happenings.PREFIXES.get(name) or insertion.PREFIXES.get(name) or generic.PREFIXES.get(name)
        return self.new_id(prefix or "".join(word[:3] for word in name.split("_"))[:12] + "_1")

    def find(self, name: str, row_id: str | None) -> Object | None:
        """Return a living object with its expand-only fields, a copy; None where there is none."""
        row = self.account.shelf(name).get(row_id) if row_id is not None else None
        return None if row is None else deepcopy(self.account.fields(_own(name), row))

    def get(self, name: str, row_id: str, param: str = "id", status: int = 404) -> Object:
        """Return a living object.

        Raises:
            ApiError: no such object: 404 in a path, 400 in a parameter.
        """
        found = self.find(name, row_id)
        if found is None:
            raise errors.no_such(shapes.known(name).resource.partition("|")[0].rpartition(".")[2], row_id, param, status)
        return found

    def named(self, name: str, row_id: str, param: str) -> Object:
        """Return a living object that a parameter names."""
        return self.get(name, row_id, param, 400)

    def having(self, name: str, column: str, value: Any) -> list[Object]:
        """Return the living objects whose ``column`` is ``value``, oldest first (item order where the table has one)."""
        shelf = self.account.shelf(name)
        rows = shelf.having(column, value)
        found = [deepcopy(self.account.fields(_own(name), row)) for row in rows]
        return found[::-1] if shelf.kind.in_item_order else found

    def shown(self, name: str, row_id: str) -> Object:
        """Return the object as an answer shows it."""
        return self.account.render(_own(name), self.account.shelf(name).get(row_id))

    def add(
        self, name: str, fields: Mapping[str, Any], parents: Mapping[str, str] | None = None, *, event: bool = True, beyond: bool = False
    ) -> Object:
        """Add an object: what ``fields`` do not say is blank; return it whole."""
        name = _own(name)
        table = shapes.known(name)
        value = {**deepcopy(shapes.blank(name)), **deepcopy(insertion.PLAIN.get(name, {})), **fields}
        value["id"] = row_id = value.get("id") or self.id_of(name)
        key = "date" if name == "invoice_items" else "created"
        at = self.now
        if key in shapes.tree(name):
            stated = value.get(key)
            at = stated if isinstance(stated, int) else self.now
            value[key] = shapes.iso(at) if table.v2 else at
        if "updated" in shapes.tree(name) and not value.get("updated"):
            value["updated"] = at
        for entry in EMBEDDED.get(name, ()):
            value.pop(entry.field, None)
        self._put(name, Loose(row_id, at, value, dict(parents or {}), beyond, written=self.now))
        if event:
            self.tell(name, row_id, "created")
        return deepcopy(value)

    def change(self, name: str, row_id: str, fields: Mapping[str, Any], *, event: bool | str = True) -> Object:
        """Change fields of an object; ``event`` is the event's last part where it is not ``updated``; return it whole."""
        name = _own(name)
        shelf = self.account.shelf(name)
        row = shelf.get(row_id)
        if row is None:
            raise errors.no_such(shapes.known(name).resource.rpartition(".")[2], row_id, "id", 404)
        before = self.account.fields(name, row)
        self._keep_discounts(row, before)
        after = deepcopy({**before, **fields})
        for entry in EMBEDDED.get(name, ()):
            after.pop(entry.field, None)
        if after == before and type(row) is Loose:
            return after
        if "updated" in shapes.tree(name) and "updated" not in fields:
            after["updated"] = shapes.iso(self.now) if shapes.known(name).v2 else self.now
        self._put(
            name,
            Loose(
                row_id, row.created, after, self._parents(name, row), getattr(row, "beyond_list", False), self.now, self._seen(row, before)
            ),
        )
        if event and after != before:
            self.tell(name, row_id, event if isinstance(event, str) else "updated", _difference(before, after))
        return deepcopy(after)

    def _keep_discounts(self, row: Any, before: Object) -> None:
        """Keep the discounts of a subscription of the beginning, which only its record knows."""
        if type(row) is Subscription:
            for discount_id in before["discounts"]:
                found = self.account.discount(discount_id)
                if found is not None:
                    self.account.discounts[discount_id] = found

    def _parents(self, name: str, row: Any) -> dict[str, str]:
        if type(row) is Loose:
            return row.parents
        columns = [column.name for column in shapes.known(name).columns if column.role is ColumnRole.PARENT]
        shelf = self.account.shelf(name)
        if "test_clock" in shelf.kind.quick and "test_clock" not in shapes.tree(name) and shelf.reader("test_clock")(row) is not None:
            columns.append("test_clock")
        return {column: shelf.reader(column)(row) for column in columns}

    def _seen(self, row: Any, before: Object) -> Object | None:
        """Return what search still sees: of a row that was changed a moment ago, what it was before that."""
        if type(row) is Loose and row.written is not None and row.written > self.now - LAG_S:
            return row.previous
        return deepcopy(before)

    def remove(self, name: str, row_id: str, *, event: bool = True) -> Object:
        """Turn an object into a tombstone and return the answer of a delete."""
        name = _own(name)
        shelf = self.account.shelf(name)
        row = shelf.get(row_id)
        resource = self.account.fields(name, row).get("object") or shelf.kind.resource
        if event:
            self.tell(name, row_id, "deleted")
        self._before.append((name, row_id, row))
        shelf.remove(row_id)
        return {"id": row_id, "object": resource, "deleted": True}

    def _put(self, name: str, row: Loose) -> None:
        shelf = self.account.shelf(name)
        self._before.append((name, row.id, shelf.get(row.id)))
        shelf.add(row)

    def tell(self, name: str, row_id: str, verb: str, previous: Object | None = None) -> None:
        """Add the event ``<kind>.<verb>`` about an object, where Stripe has such an event."""
        kind = happenings.kind_of(name, verb)
        row = self.account.shelf(name).get(row_id)
        if kind is None or row is None:
            return
        data: Object = {"object": expand.apply(self.account, name, self.account.render(name, row), ())}
        if previous is not None:
            self.account.show_rates(name, previous)
            data["previous_attributes"] = previous
        event_id = self.new_id("evt_1")
        request = {"id": self._cause.request_id, "idempotency_key": self._cause.idempotency_key}
        value = {
            **shapes.blank("events"),
            "id": event_id,
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now,
            "data": deepcopy(data),
        }
        value |= {"pending_webhooks": 0, "request": request, "type": kind}
        event = Loose(event_id, self.now, value, written=self.now)
        self._events.append(event)
        self.account.happen(event)

    def undo(self) -> None:
        """Take back everything, last first."""
        for event in reversed(self._events):
            self.account.unhappen(event)
        for name, row_id, row in reversed(self._before):
            shelf = self.account.shelf(name)
            if row is None:
                shelf.discard(row_id)
            else:
                shelf.add(row)
        self._events.clear()
        self._before.clear()


def _own(name: str) -> str:
    """Return the table whose shelf holds the rows."""
    return SAME_ROWS[name][0] if name in SAME_ROWS else name


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Object:
    """Return the old values of what changed; of maps only the keys that changed, None for new ones."""
    found: Object = {}
    for key in after:
        old, new = before.get(key), after[key]
        if old == new or key == "updated":
            continue
        found[key] = (
            {inner: old.get(inner) for inner in {**old, **new} if old.get(inner) != new.get(inner)}
            if isinstance(old, dict) and isinstance(new, dict)
            else old
        )
    return found
