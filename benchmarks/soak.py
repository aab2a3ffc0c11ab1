"""Query and write from eight threads while requests fail, and watch whether memory, threads, sockets and files stay flat.

In: minutes. Out: a table over time on standard output, and a verdict; exit status 1 where something grows, rows were wrong, or an
error was none of PEP 249's. Stripe is the simulator, over HTTP, in a process of its own. Needs /proc, so Linux.

    python benchmarks/soak.py --minutes 30
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import stripesql
from stripesql.simulator import Fault, Simulator, serve

KEY = "sk_test_" + "soak1234567890"
NOW = 1_790_000_000
# Primes, so that the faults meet in ever new ways.
FAULTS = {
    Fault.RESET_BEFORE: 89, Fault.RESET_AFTER: 97, Fault.CUT_BODY: 101, Fault.RATE_LIMIT: 61, Fault.ENDPOINT_RATE: 67, Fault.SERVER_ERROR: 71,
    Fault.UNAVAILABLE: 73, Fault.GATEWAY_TIMEOUT: 79, Fault.CONFLICT: 83, Fault.HTML: 103, Fault.SLOW_DRIP: 107, Fault.BAD_JSON: 499, Fault.SERVER_ERROR_AFTER: 503, Fault.NO_ANSWER: 997,
}  # fmt: skip
SETTINGS: dict[str, Any] = {
    "requests_per_second": 300.0, "endpoint_requests_per_second": 200.0, "http_timeout_s": 5.0, "statement_timeout_s": 60.0, "memory_limit": "300MB",
}  # fmt: skip
READS = (
    "SELECT currency, count(*), sum(amount) FROM charges GROUP BY currency ORDER BY currency",
    "SELECT id FROM charges ORDER BY id",
    "SELECT r.id, c.amount FROM refunds r JOIN charges c ON c.id = r.charge ORDER BY r.id",
    "SELECT count(*), sum(net) FROM balance_transactions",
    "SELECT id, amount FROM charges WHERE created >= '2026-01-01' AND currency = 'eur' ORDER BY id",
    "SELECT count(*) FROM invoice_line_items",
    "SELECT date_trunc('month', created) AS m, count(*) FROM payment_intents GROUP BY m ORDER BY m",
    "SELECT id FROM charges ORDER BY created DESC, id LIMIT 20",
)


@dataclass(frozen=True)
class Sample:
    """Say what this process holds while nobody works."""

    minutes: float
    memory_mb: float
    threads: int
    sockets: int
    files: int


class Soak:
    """Hold what the workers share."""

    def __init__(self, url: str, workers: int, minutes: float) -> None:
        self.url = url
        self.minutes = minutes
        self.began = time.monotonic()
        self.samples: list[Sample] = []
        self.done: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.lock = threading.Lock()
        self.barrier = threading.Barrier(workers, action=self.sample)
        self.shared = [self.connect() for _ in range(2)]
        self.truth: dict[str, list[Any]] = {}

    def connect(self, **settings: Any) -> stripesql.Connection:
        """Open a connection that retries within its time."""
        return stripesql.connect(KEY, base_url=self.url, **(SETTINGS | settings))

    def learn(self) -> None:
        """Read the true rows, again where a fault was final."""
        for sql in READS:
            while sql not in self.truth:
                try:
                    self.truth[sql] = self.shared[0].execute(sql).fetchall()
                except stripesql.Error:
                    continue

    @property
    def passed_min(self) -> float:
        """Return the minutes since the start."""
        return (time.monotonic() - self.began) / 60

    def sample(self) -> None:
        """Look at the process; every worker waits, and has closed its cursors."""
        gc.collect()
        until = time.monotonic() + 10
        while time.monotonic() < until and any(each.name.startswith("stripesql-") for each in threading.enumerate()):
            time.sleep(0.05)
        links = []
        for each in Path("/proc/self/fd").iterdir():
            try:
                links.append(str(each.readlink()))
            except OSError:
                continue
        sockets = sum(link.startswith("socket:") for link in links)
        status = Path("/proc/self/status").read_text(encoding="ascii")
        memory_kb = int(status.split("VmRSS:")[1].split()[0])
        threads = int(status.split("Threads:")[1].split()[0])
        found = Sample(self.passed_min, memory_kb / 1024, threads, sockets, len(links) - sockets)
        self.samples.append(found)
        print(f"{found.minutes:8.1f} {found.memory_mb:10.1f} {found.threads:8d} {found.sockets:8d} {found.files:6d} {sum(self.done.values()):11d} {sum(self.errors.values()):7d} {len(self.wrong):6d}", flush=True)  # fmt: skip

    def work(self, number: int, every_min: float) -> None:
        """Run statements until the time is over; meet the others every now and then."""
        chance = random.Random(number)
        due = every_min
        while True:
            self.one(chance, f"t{number}n{chance.randrange(10**9)}")
            if self.passed_min >= due:
                self.barrier.wait()
                due += every_min
                if due > self.minutes + every_min / 2:
                    return

    def one(self, chance: random.Random, tag: str) -> None:
        """Run one statement of any kind."""
        name, run = chance.choice(KINDS)
        try:
            run(self, chance, tag)
        except stripesql.InternalError as problem:
            self.note_wrong(f"{name}: InternalError: {problem}")
        except stripesql.Error as problem:
            with self.lock:
                self.errors[type(problem).__name__] += 1
        except Exception as problem:  # noqa: BLE001  what should not come out is what is looked for
            self.note_wrong(f"{name}: {type(problem).__name__}: {problem}")
        with self.lock:
            self.done[name] += 1

    def note_wrong(self, what: str) -> None:
        """Keep and print what should not have happened."""
        with self.lock:
            self.wrong.append(what)
        print(f"WRONG {what}", flush=True)


def _read(soak: Soak, chance: random.Random, tag: str) -> None:
    sql = chance.choice(READS)
    rows = chance.choice(soak.shared).execute(sql).fetchall()
    if rows != soak.truth[sql]:
        soak.note_wrong(f"{sql} gave {len(rows)} rows, not {len(soak.truth[sql])}, or others")


def _read_a_part(soak: Soak, chance: random.Random, tag: str) -> None:
    cursor = chance.choice(soak.shared).execute("SELECT id, amount, description FROM charges")
    cursor.fetchmany(chance.randrange(1, 300))
    if chance.random() < 0.5:
        cursor.close()


def _arrow(soak: Soak, chance: random.Random, tag: str) -> None:
    table = chance.choice(soak.shared).execute(READS[1]).fetch_arrow_table()
    if table.num_rows != len(soak.truth[READS[1]]):
        soak.note_wrong(f"Arrow gave {table.num_rows} rows")


def _own_connection(soak: Soak, chance: random.Random, tag: str) -> None:
    sql = chance.choice(READS)
    with soak.connect(cache_ttl_s=60.0) as connection:
        for _ in range(2):
            if connection.execute(sql).fetchall() != soak.truth[sql]:
                soak.note_wrong(f"a connection of its own: {sql}")
        connection.execute("CREATE TEMP TABLE t AS SELECT id, amount FROM charges LIMIT 50")
        connection.execute("SELECT count(*) FROM t").fetchall()


def _dropped_connection(soak: Soak, chance: random.Random, tag: str) -> None:
    soak.connect().execute("SELECT id FROM charges").fetchmany(120)


def _cancel(soak: Soak, chance: random.Random, tag: str) -> None:
    cursor = chance.choice(soak.shared).cursor()
    timer = threading.Timer(chance.random() * 0.1, cursor.cancel)
    timer.start()
    try:
        cursor.execute(chance.choice(READS)).fetchall()
    finally:
        timer.cancel()
        timer.join()
        cursor.close()


def _mistake(soak: Soak, chance: random.Random, tag: str) -> None:
    chance.choice(soak.shared).execute(
        chance.choice(("SELECT nothing FROM charges", "SELEC 1", "SELECT 'a'::INT", "DELETE FROM customers"))
    )


def _write(soak: Soak, chance: random.Random, tag: str) -> None:
    """Insert, change, read and delete rows that nobody else touches."""
    cursor = chance.choice(soak.shared).cursor()
    rows = [[f"{n}@{tag}.test"] for n in range(chance.randrange(1, 12))]
    _again(cursor, lambda: cursor.executemany("INSERT INTO customers (email) VALUES (?)", rows))
    _again(cursor, lambda: cursor.execute(f"UPDATE customers SET name = 'soaked' WHERE email LIKE '%@{tag}.test'"))
    found = cursor.execute(f"SELECT email, name FROM customers WHERE email LIKE '%@{tag}.test'").fetchall()
    stuck = len(rows) - len(found)
    if stuck < 0 or len(set(found)) != len(found):
        soak.note_wrong(f"{len(rows)} rows were inserted, {len(found)} are there")
    _again(cursor, lambda: cursor.execute(f"DELETE FROM customers WHERE email LIKE '%@{tag}.test'"))
    cursor.close()


def _again(cursor: stripesql.Cursor, run: Callable[[], object]) -> None:
    """Run a write, and go on once where it stopped."""
    try:
        run()
    except stripesql.BatchFailed as problem:
        cursor.resume(problem, failed=True)


KINDS: tuple[tuple[str, Callable[[Soak, random.Random, str], None]], ...] = (
    ("read", _read),
    ("read", _read),
    ("read a part", _read_a_part),
    ("read Arrow", _arrow),
    ("connect, read", _own_connection),
    ("connect, drop", _dropped_connection),
    ("cancel", _cancel),
    ("mistake", _mistake),
    ("write", _write),
)


def verdict(samples: list[Sample]) -> list[str]:
    """Return what grew, by the samples after the first fifth of the time, when caches and pools are full."""
    warm = samples[max(1, len(samples) // 5) :]
    if len(warm) < 4:
        return ["too few samples to tell"]
    third = max(1, len(warm) // 3)
    first, last = warm[:third], warm[-third:]
    grown = []
    for name, spare in (("threads", 2), ("sockets", 4), ("files", 2)):
        before, after = max(getattr(each, name) for each in first), min(getattr(each, name) for each in last)
        if after > before + spare:
            grown.append(f"{name} grew from {before} to {after}")
    before_mb, after_mb = min(each.memory_mb for each in first), min(each.memory_mb for each in last)
    if after_mb > before_mb * 1.1 + 10:
        grown.append(f"memory grew from {before_mb:.0f} MB to {after_mb:.0f} MB")
    return grown


def server() -> None:
    """Serve an account that fails now and then, until standard input ends."""
    sim = Simulator(scale=0.1, now=NOW, latency_ms=5)
    with serve(sim) as running:
        for fault, every in FAULTS.items():
            sim.faults.every(fault, every)
        sim.faults.drip_s = 0.002
        print(running.port, flush=True)
        threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
        while True:
            time.sleep(5)
            sim.clear_log()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        server()
        return 0
    with subprocess.Popen([sys.executable, __file__, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            return _run(f"http://127.0.0.1:{int(child.stdout.readline())}", options)
        finally:
            child.kill()


def _run(url: str, options: argparse.Namespace) -> int:
    soak = Soak(url, options.workers, options.minutes)
    soak.learn()
    soak.began = time.monotonic()
    print(
        f"{'minutes':>8} {'memory MB':>10} {'threads':>8} {'sockets':>8} {'files':>6} {'statements':>11} {'errors':>7} {'wrong':>6}",
        flush=True,
    )
    every_min = options.minutes / 15
    workers = [threading.Thread(target=soak.work, args=(n, every_min), name=f"worker-{n}") for n in range(options.workers)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for connection in soak.shared:
        connection.close()
    soak.sample()
    print("statements:", dict(sorted(soak.done.items())))
    print("errors:", dict(sorted(soak.errors.items())))
    grown = verdict(soak.samples[:-1])
    print("grown:", "; ".join(grown) or "nothing", "| wrong:", len(soak.wrong), flush=True)
    return 1 if grown or soak.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
