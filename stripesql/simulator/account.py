"""Hold one account: its tables, made when they are first read, and how their rows look from outside.

In: a world. Out: shelves of rows, and rendered objects. It knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stripesql.catalogue.model import TableShape
from stripesql.simulator import generic, shapes
from stripesql.simulator.business import tables
from stripesql.simulator.business.records import Loose, Subscription
from stripesql.simulator.business.render_subscriptions import discount
from stripesql.simulator.business.world import World
from stripesql.simulator.embedded import EMBEDDED, EMBEDDED_LIMIT, EXPAND_ONLY, INCLUDE_ONLY, RATES, SAME_ROWS, Embedded
from stripesql.simulator.store import Kind, Shelf


class Account:
    """One account's objects.

    Attributes:
        id: of the account.
        world: where the data of the beginning comes from.
        now: the server's time.
        contents: bytes of uploaded files, by id.
        cards: name of the test card behind a payment method, source or token, by id.
        spent: payment methods that cannot be used again.
        settings: singletons that were changed, by table.
        discounts: those that writes made, by id; they are no rows of any table.
    """

    def __init__(self, world: World, now: Callable[[], int]) -> None:
        self.id = world.account_id
        self.world = world
        self.now = now
        self._shelves: dict[str, Shelf] = {}
        self._loading: set[str] = set()
        self._hand_made = tables.builders(world, now)
        self.contents: dict[str, bytes] = {}
        self.cards: dict[str, str] = {}
        self.spent: set[str] = set()
        self.settings: dict[str, dict[str, Any]] = {}
        self.discounts: dict[str, dict[str, Any]] = {}
        self._happened: list[Loose] = []
        """Events of writes, until the table of events is first read: making it means making the whole history."""

    def shelf(self, name: str) -> Shelf:
        """Return the rows of a table; nested lists that show another table's rows share its shelf."""
        name = SAME_ROWS[name][0] if name in SAME_ROWS else name
        found = self._shelves.get(name)
        if found is None:
            self._loading.add(name)
            try:
                found = self._shelves[name] = Shelf(self._kind(name))
            finally:
                self._loading.discard(name)
            if name == "events":
                for row in self._happened:
                    found.add(row)
                self._happened.clear()
        return found

    def happen(self, event: Loose) -> None:
        """Add an event."""
        if "events" in self._shelves:
            self._shelves["events"].add(event)
        else:
            self._happened.append(event)

    def unhappen(self, event: Loose) -> None:
        """Take an event back."""
        if "events" in self._shelves:
            self._shelves["events"].discard(event.id)
        else:
            self._happened.remove(event)

    def _kind(self, name: str) -> Kind:
        build = self._hand_made.get(name)
        table = shapes.known(name)
        if build is None:
            return Kind(
                name, table.resource, lambda: generic.rows(self, name), blank=shapes.blank(name), in_item_order=name.endswith("line_items")
            )
        kind = build()
        return Kind(name, table.resource, kind.rows, kind.render, kind.quick, kind.in_item_order, shapes.blank(name))

    def some_ids(self, name: str, most: int) -> list[str]:
        """Return ids of the first rows of a table, none while that table is being made."""
        if name in self._loading:
            return []
        if name in self._hand_made or shapes.known(name).parents:
            return [row.id for row, _ in zip(self.shelf(name).all(), range(most), strict=False)]
        return [generic.object_id(self, name, serial) for serial in range(min(most, generic.count(name)))]

    def some_reference(self, names: tuple[str, ...], serial: int) -> str | None:
        """Return the id of an object of the first of the tables that has one."""
        for name in names:
            if name in self._hand_made or not shapes.known(name).parents:
                ids = self.some_ids(name, 7)
                if ids:
                    return ids[serial % len(ids)]
        return None

    def some_object(self, names: tuple[str, ...], serial: int) -> dict[str, Any] | None:
        """Return what ``some_reference`` names, whole; only its id and kind while its table is being made."""
        for name in names:
            found = self.some_reference((name,), serial)
            if found is None:
                continue
            row = None if name in self._loading else self.shelf(name).get(found)
            return {"id": found, "object": shapes.known(name).resource} if row is None else self.render(name, row)
        return None

    def fields(self, name: str, row: Any) -> dict[str, Any]:
        """Return everything the row itself holds, expand-only fields included, embedded lists not."""
        kind = self.shelf(name).kind
        known = row.object if type(row) is Loose else kind.render(row) if kind.render else {}
        value = {**kind.blank, **known}
        if name == "balance_transactions":
            # A booking becomes available as time passes.
            value["status"] = "pending" if value["available_on"] and value["available_on"] > self.now() else value["status"]
            if type(row) is Loose and row.written is not None and value["available_on"] and value["available_on"] <= self.now():
                value["status"] = "available"
        return value

    def render(self, name: str, row: Any, include: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return the object as an answer shows it when nothing is expanded; ``include`` names what v2 adds on demand."""
        value = self.fields(name, row)
        for field in INCLUDE_ONLY.get(name, ()):
            if field not in include:
                value[field] = None
        for field in EXPAND_ONLY.get(name, ()):
            value.pop(field, None)
        for entry in EMBEDDED.get(name, ()):
            if not entry.on_demand:
                value[entry.field] = self.embed(entry, row.id)
        self.show_rates(name, value)
        return value

    def show_rates(self, name: str, value: dict[str, Any]) -> None:
        """Put tax rates in the place of the ids that the row holds."""
        field = RATES.get(name)
        if field is not None and value.get(field):
            value[field] = [self._rate(each) for each in value[field]]

    def _rate(self, named: Any) -> Any:
        row = self.shelf("tax_rates").get(named) if isinstance(named, str) else None
        return named if row is None else self.render("tax_rates", row)

    def embed(self, entry: Embedded, parent_id: str) -> Any:
        """Return the first page of an embedded list."""
        shelf = self.shelf(entry.table)
        rows = shelf.having(entry.column, parent_id)
        if entry.without is not None:
            read = shelf.reader(entry.without[0])
            rows = [row for row in rows if read(row) != entry.without[1]]
        shown = [self.render(entry.table, row) for row in reversed(rows[-EMBEDDED_LIMIT:])]
        if entry.plain:
            return shown[::-1]
        return {"object": "list", "data": shown, "has_more": len(rows) > EMBEDDED_LIMIT, "url": entry.url.replace("{id}", parent_id)}

    def tombstone(self, name: str, row_id: str) -> dict[str, Any]:
        """Return what a retrieve shows of a deleted object."""
        return {"id": row_id, "object": self.shelf(name).kind.resource, "deleted": True}

    def discount(self, discount_id: str) -> dict[str, Any] | None:
        """Return the discount of this id."""
        if discount_id in self.discounts:
            return self.discounts[discount_id]
        row = self.shelf("subscriptions").get("sub_1" + discount_id.removeprefix("di_1"))
        return discount(row) if type(row) is Subscription and row.coupon else None

    def members(self, name: str) -> list[Any]:
        """Return every living row of a table, in list order."""
        rows = list(self.shelf(name).all())
        if name in SAME_ROWS:
            read = self.shelf(name).reader(SAME_ROWS[name][1])
            rows = [row for row in rows if read(row) is not None]
        return rows

    def is_singleton(self, name: str) -> bool:
        """Say whether the table is one object without an id in its path."""
        return shapes.known(name).shape in (TableShape.SINGLETON, TableShape.BALANCE)

    def parent_of(self, name: str, row: Any, column: str) -> Any:
        """Return the parent's id of a row of a nested table."""
        return self.shelf(name).reader(column)(row)
