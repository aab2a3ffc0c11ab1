"""Count the requests of realistic queries against plans worked out by hand.

Runs every query of ``requests_plans.toml`` on a fresh demo account, once as it is and once with ``SET pushdown = off``,
and prints what each cost beside the price of the hand-made plan. Rows must be equal both times. Every query gets a
connection of its own, so that nothing is known of the account beforehand; scans are not divided among workers, which
would add a request here and there for speed.

    python benchmarks/requests.py [--only TEXT] [--json FILE] [--explain]

Ends with 1 where rows differ or a query costs more than 1.1 times the hand-made plan.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from stripesql.dbapi.connection import Connection
from stripesql.scan.means import Means
from stripesql.session.owned import Owned
from stripesql.session.session import Session
from stripesql.settings import ApiKey, from_keywords
from stripesql.simulator import Simulator

NOW = dt.datetime(2026, 10, 15, 12, tzinfo=dt.UTC)
PLANS = Path(__file__).with_name("requests_plans.toml")
MOST_TIMES = 1.1


class Steady(Owned):
    """Answer every statement at one moment, with one request at a time."""

    def now(self) -> dt.datetime:
        """Return the moment."""
        return NOW

    def means(self, *args: Any, **named: Any) -> Means:
        """Return means of one worker."""
        return replace(super().means(*args, **named), workers=1)


@dataclass(frozen=True, slots=True)
class Result:
    """Say what one query cost.

    Attributes:
        name: of the query.
        requests: with everything pushed down that can be.
        plain: without pushdown; None where the query cannot be answered without.
        by_hand: of the hand-made plan.
        rows: that it returned.
        rows_equal: both ways returned the same rows.
    """

    name: str
    requests: int
    plain: int | None
    by_hand: int
    rows: int
    rows_equal: bool

    @property
    def times(self) -> float:
        """Return how many times the price of the hand-made plan was paid."""
        return self.requests / self.by_hand if self.by_hand else 1.0 + self.requests

    @property
    def is_met(self) -> bool:
        """Say whether it is within the target."""
        return self.times <= MOST_TIMES and self.rows_equal


def queries() -> list[dict[str, Any]]:
    """Return the queries and their hand-made plans."""
    return list(tomllib.loads(PLANS.read_text(encoding="utf-8"))["query"])


def names(account: Simulator) -> dict[str, str]:
    """Return the ids and addresses that stand in braces in the queries; several of them as SQL lists them."""
    charges, customers = account.listed("charges"), {each["id"]: each for each in account.listed("customers")}
    busy = [each for each, _ in Counter(charge["customer"] for charge in charges).most_common() if each in customers]
    items = Counter(item["price"]["product"] for item in account.listed("subscription_items"))
    return {
        "charges_9": _spread(charges, 9),
        "charges_60": _spread(charges, 60),
        "customers_40": _spread(list(customers.values()), 40),
        "charge": charges[5]["id"],
        "charge_2": charges[500]["id"],
        "charge_3": charges[1500]["id"],
        "customer": busy[0],
        "email": customers[busy[0]]["email"],
        "email_2": customers[busy[1]]["email"],
        "payment_intent": next(each["payment_intent"] for each in charges if each["customer"] == busy[1] and each["payment_intent"]),
        "payout": next(each["id"] for each in account.listed("payouts") if each["automatic"]),
        "product": items.most_common(1)[0][0],
        "subscription": account.listed("subscriptions")[0]["id"],
    }


def _spread(rows: Sequence[Mapping[str, Any]], number: int) -> str:
    """Return the ids of rows that are spread over a list."""
    return "', '".join(rows[index * len(rows) // number]["id"] for index in range(number))


def connection(account: Simulator, zone: str, *, pushdown: bool, search: bool = False) -> Connection:
    """Open a connection that knows nothing yet."""
    transport = account.transport()
    settings = from_keywords(
        {"transport": transport, "timezone": zone, "requests_per_second": 100_000, "endpoint_requests_per_second": 100_000}
    )
    found = Connection(Session(Steady(settings, ApiKey("sk_test_requests"), transport=transport)))
    if not pushdown:
        found.execute("SET pushdown = off")
    if search:
        found.execute("SET allow_stale_search = on")
    return found


def run(account: Simulator, sql: str, zone: str, *, pushdown: bool, search: bool = False) -> tuple[int, Counter[str]]:
    """Return the requests that arrived, and the rows."""
    account.clear_log()
    with connection(account, zone, pushdown=pushdown, search=search) as opened:
        rows = opened.execute(sql).fetchall()
    return len(account.log), Counter(repr(row) for row in rows)


def measured(account: Simulator, query: Mapping[str, Any], known: Mapping[str, str]) -> Result:
    """Run one query both ways."""
    sql, zone = text_of(query, known), query.get("zone", "UTC")
    requests, rows = run(account, sql, zone, pushdown=True, search=query.get("search", False))
    plain, expected = run(account, sql, zone, pushdown=False)
    return Result(query["name"], requests, plain, query["requests"], rows.total(), rows == expected)


def text_of(query: Mapping[str, Any], known: Mapping[str, str]) -> str:
    """Return the SQL with its ids."""
    return str(query["sql"]).format_map({name: f"'{value}'" for name, value in known.items()}).strip()


def lines(results: Sequence[Result]) -> list[str]:
    """Return the table, and the sums below."""
    found = [f"{'query':<44} {'requests':>8} {'by hand':>8} {'times':>6} {'plain':>7} {'rows':>6}"]
    for each in results:
        mark = "" if each.is_met else "  rows differ" if not each.rows_equal else "  more than by hand"
        plain = "-" if each.plain is None else str(each.plain)
        found.append(f"{each.name:<44} {each.requests:>8} {each.by_hand:>8} {each.times:>6.2f} {plain:>7} {each.rows:>6}{mark}")
    sums = [sum(values) for values in zip(*((each.requests, each.by_hand, each.plain or 0) for each in results), strict=True)]
    equal = sum(each.requests <= each.by_hand for each in results)
    found.append(f"{'all':<44} {sums[0]:>8} {sums[1]:>8} {sums[0] / max(sums[1], 1):>6.2f} {sums[2]:>7}")
    found.append(
        f"{len(results)} queries: {equal} equal to the plan by hand, {sum(each.is_met for each in results)} within {MOST_TIMES} times"
    )
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit code."""
    parser = argparse.ArgumentParser(description="Count the requests of realistic queries against plans worked out by hand.")
    parser.add_argument("--only", help="queries whose name has this text")
    parser.add_argument("--json", type=Path, help="write the results to a file")
    parser.add_argument("--explain", action="store_true", help="print the plan of each query")
    options = parser.parse_args(arguments)
    account = Simulator(now=NOW.timestamp())
    known = names(account)
    results = []
    for query in queries():
        if options.only and options.only not in query["name"]:
            continue
        if options.explain:
            with connection(account, query.get("zone", "UTC"), pushdown=True, search=query.get("search", False)) as opened:
                text = opened.execute(f"EXPLAIN {text_of(query, known)}").fetchall()
            print("", f"-- {query['name']} (by hand {query['requests']}: {query['why']})", *(line for (line,) in text), sep="\n")
            continue
        results.append(measured(account, query, known))
    if results:
        print(*lines(results), sep="\n")
    if options.json:
        options.json.write_text(json.dumps([asdict(each) | {"times": each.times} for each in results], indent=2) + "\n", encoding="utf-8")
    return 0 if all(each.is_met for each in results) else 1


if __name__ == "__main__":
    sys.exit(main())
