"""Run statements while requests fail, and say how each ended.

In: a way of reading or writing, a fault, and when it strikes. Out: ``Ending``. The tests ask that every ending is the exact
rows, or one clear error that tells the truth; ``tools/write_hardening_page.py`` puts the endings into the documentation.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import stripesql
from stripesql.fetch import retries
from stripesql.simulator import Fault, Server, Simulator

KEY = "sk_test_" + "hardening12345"
NOW = 1_790_000_000
LONGEST_S = 60.0
"""No statement of the battery may take longer: a bound, not a measure of speed."""
WRITTEN = 20
"""Rows of each write."""
CHARGES = 600
ITEMS = 250
"""Rows beside those of the seeded account."""


@dataclass(frozen=True)
class Scan:
    """Say a way of reading, by a query that takes it; {ids} stands for ids of customers."""

    name: str
    sql: str


SCANS = (
    Scan("serial list", "SELECT id, amount, currency FROM invoice_items"),
    Scan("parallel ranges", "SELECT currency, count(*), sum(amount) FROM charges GROUP BY currency"),
    Scan("streamed list", "SELECT id, amount, status FROM charges"),
    Scan("fan-out over parents", "SELECT id, customer, value FROM customer_tax_ids WHERE customer IN ({ids})"),
    Scan("objects by id", "SELECT id, email FROM customers WHERE id IN ({ids})"),
    Scan("a list per key", "SELECT c.id, c.amount FROM charges AS c JOIN customers AS u ON c.customer = u.id WHERE u.id IN ({ids})"),
    Scan("expanded join", "SELECT r.id, c.amount, u.email FROM refunds r JOIN charges c ON c.id = r.charge JOIN customers u ON u.id = c.customer"),
    Scan("two tables at once", "SELECT (SELECT count(*) FROM payouts), (SELECT sum(net) FROM balance_transactions)"),
)  # fmt: skip


@dataclass(frozen=True)
class Write:
    """Say a way of writing ``WRITTEN`` rows, and how to see in the account what became of each.

    Attributes:
        name: for people.
        prepare: makes the objects that the statement is about, and returns their ids in the order of the rows.
        run: executes the statement for a tag that no other run has.
        times: how often the account shows each row as written, by the tag and the ids.
    """

    name: str
    prepare: Callable[[Simulator, str], list[str]]
    run: Callable[[stripesql.Cursor, str], object]
    times: Callable[[Simulator, str, list[str]], list[int]]


def _customers(sim: Simulator, tag: str) -> list[str]:
    # The newest come first in a list, and so in the rows of a statement.
    made = [sim.insert("customers", {"email": f"{n}@{tag}.test", "created": NOW + n, "balance": 0}) for n in range(WRITTEN)]
    return [row["id"] for row in reversed(made)]


def _inserted(sim: Simulator, tag: str, ids: list[str]) -> list[int]:
    there = Counter(row["email"] for row in sim.listed("customers"))
    return [there[f"{n}@{tag}.test"] for n in range(WRITTEN)]


def _updated(sim: Simulator, tag: str, ids: list[str]) -> list[int]:
    changed = Counter(row["id"] for row in sim.listed("customers") if row["description"] == f"changed by {tag}")
    return [changed[each] for each in ids]


def _deleted(sim: Simulator, tag: str, ids: list[str]) -> list[int]:
    there = {row["id"] for row in sim.listed("customers")}
    return [0 if each in there else 1 for each in ids]


def _called(sim: Simulator, tag: str, ids: list[str]) -> list[int]:
    items = Counter(row["customer"] for row in sim.objects("invoice_items"))
    return [items[each] for each in ids]


WRITES = (
    Write(
        "INSERT of 20 rows",
        lambda sim, tag: [],
        lambda cursor, tag: cursor.executemany("INSERT INTO customers (email) VALUES (?)", [[f"{n}@{tag}.test"] for n in range(WRITTEN)]),
        _inserted,
    ),
    Write(
        "UPDATE by condition",
        _customers,
        lambda cursor, tag: cursor.execute(f"UPDATE customers SET description = 'changed by {tag}' WHERE email LIKE '%@{tag}.test'"),
        _updated,
    ),
    Write(
        "DELETE by condition",
        _customers,
        lambda cursor, tag: cursor.execute(f"DELETE FROM customers WHERE email LIKE '%@{tag}.test'"),
        _deleted,
    ),
    Write(
        "CALL for each row",
        _customers,
        lambda cursor, tag: cursor.execute(
            f"CALL invoice_items.create(customer => id, amount => 500, currency => 'usd') FROM customers WHERE email LIKE '%@{tag}.test'"
        ),
        _called,
    ),
)
FAULTS = tuple(Fault)


@dataclass(frozen=True)
class Strike:
    """Say when requests fail: each ``every``-th, or only the ``once``-th."""

    every: int = 0
    once: int = 0

    def arm(self, sim: Simulator, fault: Fault, method: str = "") -> None:
        """Let it happen from now on."""
        if self.every:
            sim.faults.every(fault, self.every, method=method)
        else:
            sim.hooks.before(self.once, lambda: sim.faults.next(fault, method=method))

    def __str__(self) -> str:
        return f"every {self.every}" if self.every else f"once, at {self.once}"


ALWAYS = Strike(every=1)


@dataclass(frozen=True)
class Ending:
    """Say how a statement ended.

    Attributes:
        exact: a read gave the rows that it gives without faults; a write wrote each row once and said so.
        problem: the error, or None.
        true: what the error says of the rows of a write is what the account shows; of a read always.
        retries: requests that were sent again.
        usable: the next statement of the connection, without faults, was exact; a write that stopped was resumed so.
        seconds: that it took.
    """

    exact: bool
    problem: stripesql.Error | None
    true: bool
    retries: int
    usable: bool
    seconds: float


class Battery:
    """Hold one served account and the true rows of each scan."""

    def __init__(self, scale: float = 0.05) -> None:
        self.sim = Simulator(scale=scale, now=NOW)
        for n in range(CHARGES):  # enough that several requests at once are worth it
            self.sim.insert("charges", {"amount": 100 + n, "currency": ("usd", "eur", "jpy")[n % 3], "created": NOW - n * 977})
        for n in range(ITEMS):
            self.sim.insert("invoice_items", {"amount": n, "currency": "usd", "date": NOW - n})
        self.server = Server(self.sim)
        self._tags = itertools.count()
        listed = {row["id"] for row in self.sim.listed("customers")}
        self.ids = [row["id"] for row in self.sim.objects("customers") if row["id"] in listed][:6]
        with self.connect() as calm:
            self.truth = {scan.name: self.rows(calm, scan) for scan in SCANS}

    def connect(self, **settings: Any) -> stripesql.Connection:
        fast = {"requests_per_second": 5000.0, "endpoint_requests_per_second": 5000.0, "http_timeout_s": 5.0}
        return stripesql.connect(KEY, base_url=self.server.url, **(fast | settings))

    def rows(self, connection: stripesql.Connection, scan: Scan) -> Sequence[tuple[Any, ...]]:
        return sorted(connection.execute(self.sql(scan)).fetchall(), key=repr)

    def sql(self, scan: Scan) -> str:
        names = ", ".join(f"'{each}'" for each in self.ids)
        return scan.sql.format(ids=names)

    def read(self, scan: Scan, fault: Fault, strikes: Sequence[Strike]) -> list[Ending]:
        """Run a scan on one connection, under a fault that strikes in each of these ways."""
        with self._connected(fault) as connection:
            return [self._read(connection, scan, fault, strike) for strike in strikes]

    def _read(self, connection: stripesql.Connection, scan: Scan, fault: Fault, strike: Strike) -> Ending:
        cursor = self._armed(connection, fault, strike, "")
        began, problem, exact = time.monotonic(), None, False
        try:
            exact = sorted(cursor.execute(self.sql(scan)).fetchall(), key=repr) == self.truth[scan.name]
        except stripesql.Error as caught:
            problem = caught
        seconds = time.monotonic() - began
        self._calm()
        connection.execute("SET http_timeout_s = 5")
        usable = self.rows(connection, scan) == self.truth[scan.name]
        return Ending(exact, problem, True, cursor.stats.retries, usable, seconds)

    def write(self, write: Write, fault: Fault, strikes: Sequence[tuple[Strike, str]]) -> list[Ending]:
        """Run a write on one connection, under a fault that strikes requests of a method; after each, go on without it."""
        with self._connected(fault) as connection:
            return [self._write(connection, write, fault, strike, method) for strike, method in strikes]

    def _write(self, connection: stripesql.Connection, write: Write, fault: Fault, strike: Strike, method: str) -> Ending:
        tag = f"w{next(self._tags)}"
        ids = write.prepare(self.sim, tag)
        cursor = self._armed(connection, fault, strike, method)
        began, problem = time.monotonic(), None
        try:
            write.run(cursor, tag)
        except stripesql.Error as caught:
            problem = caught
        seconds, retried = time.monotonic() - began, cursor.stats.retries
        self._calm()
        connection.execute("SET http_timeout_s = 5")
        times = write.times(self.sim, tag, ids)
        exact = problem is None and times == [1] * WRITTEN and cursor.rowcount == WRITTEN
        true = _is_true(problem, times) if problem is not None else exact
        usable = exact or self._goes_on(write, cursor, tag, problem, ids)
        self._remove(tag, ids)
        return Ending(exact, problem, true, retried, usable, seconds)

    def _goes_on(self, write: Write, cursor: stripesql.Cursor, tag: str, problem: stripesql.Error | None, ids: list[str]) -> bool:
        """Resume what stopped, or run what failed before its first write again; say whether each row is written once now."""
        stuck: set[int] = set()
        try:
            if isinstance(problem, stripesql.BatchFailed):
                cursor.resume(problem, failed=True)
            else:
                write.run(cursor, tag)
        except stripesql.OutcomeUnknown:  # an answer that Stripe keeps under the key stays what it is
            stuck = set(getattr(problem, "unknown", ()))
        times = write.times(self.sim, tag, ids)
        return all(count == 1 or (count == 0 and row in stuck) for row, count in enumerate(times))

    def _remove(self, tag: str, ids: list[str]) -> None:
        for row in list(self.sim.listed("customers")):
            if str(row["email"]).endswith(f"@{tag}.test"):
                self.sim.delete("customers", row["id"])
        mine = set(ids)
        for row in list(self.sim.objects("invoice_items")):
            if row["customer"] in mine:
                self.sim.delete("invoice_items", row["id"])

    @contextmanager
    def _connected(self, fault: Fault) -> Iterator[stripesql.Connection]:
        self._calm()
        with self.connect(statement_timeout_s=LONGEST_S) as connection:
            yield connection
            self._calm()

    def _armed(self, connection: stripesql.Connection, fault: Fault, strike: Strike, method: str) -> stripesql.Cursor:
        # An answer that never comes costs the whole time-out; a second is long enough for one that does come.
        waits_s = (0.05 if strike == ALWAYS else 1.0) if fault is Fault.NO_ANSWER else 5.0
        connection.execute(f"SET http_timeout_s = {waits_s}")
        strike.arm(self.sim, fault, method)
        return connection.cursor()

    def _calm(self) -> None:
        self.sim.faults.clear()
        self.sim.hooks.clear()
        self.sim.faults.drip_s = 0.0005

    def close(self) -> None:
        self.server.close()


def _is_true(problem: stripesql.Error, times: list[int]) -> bool:
    """Say whether an error tells of each row what became of it."""
    if not isinstance(problem, stripesql.BatchFailed):
        return times == [0] * WRITTEN  # it failed while it read: nothing was written
    told = sorted([*problem.done, *problem.failed, *problem.unknown, *problem.untried]) == list(range(WRITTEN))
    done = all(times[row] == 1 for row in problem.done)
    not_done = all(times[row] == 0 for row in (*problem.failed, *problem.untried))
    return told and done and not_done and all(times[row] in (0, 1) for row in problem.unknown)


def hurry() -> None:
    """Let retries wait for milliseconds: how long they wait is tested elsewhere."""
    retries.FIRST_WAIT_S = 0.002  # type: ignore[misc]
    retries.LONGEST_WAIT_S = 0.01  # type: ignore[misc]


def threads_left(before: set[threading.Thread], within_s: float = 10.0) -> list[str]:
    """Return the names of threads that are alive and were not before, after they had time to end."""
    until = time.monotonic() + within_s
    while True:
        left = [each for each in threading.enumerate() if each not in before and not _serves(each)]
        if not left or time.monotonic() > until:
            return [each.name for each in left]
        time.sleep(0.02)


def _serves(thread: threading.Thread) -> bool:
    """Say whether it is one of the simulator's own, which end with their connections."""
    return "_serve" in thread.name or "simulator" in thread.name
