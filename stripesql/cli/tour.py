"""Show what stripesql does: five queries over the demo account, each with its rows and the requests that it took."""

from __future__ import annotations

import sys
import textwrap
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from stripesql.cli import background
from stripesql.cli.run import Connect, Connection, Cursor, rows_of
from stripesql.cli.screen import screen_of
from stripesql.cli.summary import counted
from stripesql.outputs import table

_WIDEST_TEXT = 88


@dataclass(frozen=True, slots=True)
class Stop:
    """Hold one stop of the tour.

    Attributes:
        title: what it shows.
        sql: the query, as it would be typed.
        why: what decides the number of requests; no figures, since those are measured.
    """

    title: str
    sql: str
    why: str


STOPS: Final = (
    Stop(
        "LIMIT asks for no more than it needs",
        """\
SELECT id, name, email, created
FROM customers
ORDER BY created DESC
LIMIT 5""",
        "Stripe lists customers newest first, so the order is already there and the limit goes with the request.",
    ),
    Stop(
        "A filter that Stripe has is Stripe's work",
        """\
SELECT customer, money(amount_due, currency) AS due, currency, due_date
FROM invoices
WHERE status = 'open' AND amount_due > 0
ORDER BY due_date
LIMIT 5""",
        "status is a filter of the list and goes with the request; amount_due is none and is checked here.",
    ),
    Stop(
        "EXPLAIN tells the price before it is paid",
        """\
EXPLAIN SELECT c.name, count(*) AS open_invoices
FROM invoices AS i JOIN customers AS c ON c.id = i.customer
WHERE i.status = 'open'
GROUP BY c.name""",
        "Nothing was sent. For each table stands what will be asked of Stripe and what will be checked here.",
    ),
    Stop(
        "Rows that Stripe hides are not missing",
        """\
SELECT status, count(*) AS subscriptions
FROM subscriptions
GROUP BY status
ORDER BY subscriptions DESC""",
        "Stripe's list leaves cancelled subscriptions out unless it is asked for all, so a count asks for all.",
    ),
    Stop(
        "A report reads its window, not the whole history",
        """\
SELECT date_trunc('month', created)::DATE AS month, count(*) AS charges,
       money(sum(amount - amount_refunded), 'usd') AS volume
FROM charges
WHERE created >= 'monthstart-2m' AND currency = 'usd' AND status = 'succeeded'
GROUP BY month
ORDER BY month""",
        "The date bounds the list; currency and status are no filters of it and are checked here.",
    ),
)

CLOSING: Final = """\
Next, on the same account:

  stripesql --demo                          the shell; .help lists its commands
  stripesql --demo -c "FROM payouts LIMIT 20"

and on yours, with a restricted key that may only read:

  export STRIPE_API_KEY=rk_...
  stripesql
"""


def tour(connect: Connect) -> None:
    """Print the tour on standard output; Ctrl-C ends it."""
    guide = _Guide(connect)
    background.call(guide.walk, tick=lambda: None, interrupt=guide.cancel)


class _Guide:
    """Walk from stop to stop, in the thread that works."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._cursor: Cursor | None = None
        self._cancelled = False
        self._screen = screen_of(sys.stdout)
        self._bold, self._code, self._dim, self._end = ("\x1b[1m", "\x1b[36m", "\x1b[2m", "\x1b[0m") if self._screen.colour else ("",) * 4

    def walk(self) -> None:
        """Print every stop and the words at the end."""
        with closing(self._connect(demo=True)) as connection:
            self._say("The demo account is a small business that lives in this process: no key, no network.")
            for number, stop in enumerate(STOPS, 1):
                if self._cancelled:
                    return
                self._show(connection, number, stop)
        print(CLOSING, end="", flush=True)

    def cancel(self) -> None:
        """End the query that runs and the tour; called from the thread that waits."""
        self._cancelled = True
        if self._cursor is not None:
            self._cursor.cancel()

    def _show(self, connection: Connection, number: int, stop: Stop) -> None:
        print(f"{self._bold}{number} of {len(STOPS)}  {stop.title}{self._end}\n")
        print(textwrap.indent(f"{self._code}{stop.sql}{self._end}", "  "), end="\n\n", flush=True)
        with closing(connection.cursor()) as cursor:
            self._cursor = cursor
            cursor.execute(stop.sql)
            table.write(rows_of(cursor), sys.stdout.buffer, self._screen)
            stats = cursor.stats
            cost = f"{counted(stats.requests, 'request')}, {counted(stats.rows_fetched, 'row')} fetched, {stats.elapsed_s:.2f} s."
        print()
        self._say(f"{cost} {stop.why}")

    def _say(self, text: str) -> None:
        width = min(self._screen.width or _WIDEST_TEXT, _WIDEST_TEXT)
        print(f"{self._dim}{textwrap.fill(text, width)}{self._end}\n", flush=True)
