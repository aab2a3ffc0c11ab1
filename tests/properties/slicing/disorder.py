"""Serve a list whose order is not that of its times, as no list of Stripe's is known to be: filters still hold."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from slicing.lists import NOW
from stripesql.simulator import Simulator
from stripesql.simulator.reads import Call


class Order:
    """Remember what was shown."""

    def __init__(self, rows: Sequence[tuple[str, int]]) -> None:
        self._rows = list(rows)
        self._last: dict[Any, int] = {}
        self._seen = False

    def ids(self) -> set[str]:
        return {row for row, _ in self._rows}

    def was_seen(self) -> bool:
        """Say whether any page showed, or followed upon, what is out of order; or whether nothing is."""
        times = [at for _, at in self._rows]
        return self._seen or times == sorted(times, reverse=True)

    def page(self, call: Call) -> dict[str, Any]:
        bounds = call.sent.get("created", {})
        low, high = int(bounds.get("gte", 0)), int(bounds.get("lte", 1 << 40))
        rows = [row for row in self._rows if low <= row[1] <= high]
        after = call.sent.get("starting_after")
        start = [row for row, _ in rows].index(after) + 1 if after else 0
        limit = int(call.sent["limit"])
        shown = rows[start : start + limit]
        self._watch([at for _, at in rows[max(0, start - 1) : start + limit]])
        data = [{"id": row, "object": "charge", "created": at} for row, at in shown]
        return {"object": "list", "data": data, "has_more": start + limit < len(rows), "url": "/v1/charges"}

    def _watch(self, times: Sequence[int]) -> None:
        self._seen = self._seen or any(later > earlier for earlier, later in pairwise(times))


def disordered(times: Sequence[int], swaps: Sequence[tuple[int, int]]) -> tuple[Simulator, Order]:
    """Return a simulator that lists charges of these times, with rows moved down the list by a few places."""
    rows = [(f"row_{n}", at) for n, at in enumerate(times)]
    for place, by in swaps:
        if rows:
            row = rows.pop(place % len(rows))
            rows.insert(min(len(rows), place % (len(rows) + 1) + by), row)
    order = Order(rows)
    sim = Simulator(empty=True, now=NOW)
    sim.routes.add("GET", "/v1/charges", lambda call, _: order.page(call))
    return sim, order
