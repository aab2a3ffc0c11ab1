"""Serve charges over HTTP from a process of its own, as fast as the limits that it is told allow.

In: how many charges; then, line by line on stdin, the conditions of the next measurement as JSON. Out: on stdout, first the
URL, then for each line what was asked since the line before. The rows are the simulator's, rendered once and kept as JSON: what
is measured is the reader, not the rendering.
"""

from __future__ import annotations

import argparse
import json
import sys
from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

import msgspec

from stripesql.simulator import Simulator, serve
from stripesql.simulator.limits import Limits
from stripesql.simulator.reads import Call

CHARGES_AT_SCALE_1 = 2250


@dataclass
class Charges:
    """Hold the list, newest first."""

    ages: list[int]
    ids: list[str]
    rows: list[msgspec.Raw]

    def __post_init__(self) -> None:
        self.places = {each: place for place, each in enumerate(self.ids)}

    def page(self, call: Call, _: tuple[str, ...]) -> dict[str, Any]:
        """Return one page, by cursor, limit and range."""
        bounds: Any = call.sent.get("created", {})
        start, end = 0, len(self.ids)
        for name, bound in bounds.items():
            match name:
                case "gte":
                    end = min(end, bisect_left(self.ages, -int(bound) + 1))
                case "gt":
                    end = min(end, bisect_left(self.ages, -int(bound)))
                case "lte":
                    start = max(start, bisect_left(self.ages, -int(bound)))
                case _:
                    start = max(start, bisect_left(self.ages, -int(bound) + 1))
        if "starting_after" in call.sent:
            start = max(start, self.places[str(call.sent["starting_after"])] + 1)
        stop = min(end, start + int(str(call.sent.get("limit", 10))))
        return {"object": "list", "data": self.rows[start:stop], "has_more": stop < end, "url": "/v1/charges"}


def rendered(simulator: Simulator, count: int) -> Charges:
    """Return the newest charges of the account."""
    found = Charges([], [], [])
    for row in simulator.listed("charges")[:count]:
        found.ages.append(-row["created"])
        found.ids.append(row["id"])
        found.rows.append(msgspec.Raw(msgspec.json.encode(row)))
    found.__post_init__()
    return found


def main() -> None:
    """Run until stdin ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--charges", type=int, default=100_000)
    arguments = parser.parse_args()
    simulator = Simulator(scale=arguments.charges / CHARGES_AT_SCALE_1)
    charges = rendered(simulator, arguments.charges)
    simulator.routes.add("GET", "/v1/charges", charges.page)
    with serve(simulator) as server:
        print(json.dumps({"url": server.url, "charges": len(charges.ids), "times": [-age for age in charges.ages[999::1000]]}), flush=True)
        for line in sys.stdin:
            conditions = json.loads(line)
            statuses = [asked.status for asked in simulator.log]
            simulator.clear_log()
            simulator._latency_ms, simulator._jitter_ms = conditions["latency_ms"], conditions["jitter_ms"]
            simulator._limits = Limits(conditions["rate"], conditions["endpoint_rate"])
            print(json.dumps({"requests": len(statuses), "refused": statuses.count(429)}), flush=True)


if __name__ == "__main__":
    main()
