"""Write docs/reference/hardening.md: how reads and writes end while requests fail, counted by running them.

In: the battery of ``tests/hardening``, over HTTP on this machine; some minutes. Out: the page. It fails, and writes nothing,
where an ending is neither exact nor an error that tells the truth.

    python tools/write_hardening_page.py
"""

from __future__ import annotations

import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "hardening"))

import battery  # noqa: E402
from battery import ALWAYS, FAULTS, SCANS, WRITES, Battery, Ending, Strike  # noqa: E402

from stripesql.simulator import Fault  # noqa: E402

PAGE = ROOT / "docs" / "reference" / "hardening.md"
ONCE = tuple(Strike(once=n) for n in (1, 2, 3, 5))
NAMES = {
    Fault.RATE_LIMIT: "429, the account's limit",
    Fault.ENDPOINT_RATE: "429, the endpoint's limit",
    Fault.LOCK_TIMEOUT: "429, a locked object",
    Fault.SERVER_ERROR: "500 before anything happened",
    Fault.SERVER_ERROR_KEPT: "500, and again under the same idempotency key",
    Fault.SERVER_ERROR_AFTER: "500 after the request was carried out",
    Fault.UNAVAILABLE: "503",
    Fault.GATEWAY_TIMEOUT: "504",
    Fault.UNAUTHORIZED: "401",
    Fault.FORBIDDEN: "403",
    Fault.REDIRECT: "302 to another host",
    Fault.CONFLICT: "409",
    Fault.RESET_BEFORE: "connection reset before the request arrived",
    Fault.RESET_AFTER: "connection reset before the answer",
    Fault.NO_ANSWER: "no answer at all",
    Fault.CUT_BODY: "half of the answer",
    Fault.BAD_JSON: "an answer that is not JSON",
    Fault.HTML: "502 with a page of HTML",
    Fault.SLOW_DRIP: "an answer in small pieces",
}
HEAD = """# Hardening

Written by `tools/write_hardening_page.py`, which runs the statements below against the simulator over HTTP while requests fail, and
counts how they end. To repeat it: `python tools/write_hardening_page.py`. `tests/hardening` runs a part of it with every change.

There are two good endings: the exact rows, as without the failure, and one error that says what happened. A write that fails says of
each row whether it was done, failed, is unknown or was not tried; this is compared with what the account shows. After each statement
the connection is used again, without failures: a read gives its rows, and a write that stopped is
[resumed](../how-to/write-safely.md), until each row is there exactly once.

"""
TAIL = """
A read that fails at every request ends with an error after six attempts, or 21 where Stripe answers 429. What a second attempt cannot
mend ends at once: 401, 403, a redirect (which is not followed, so that the key goes nowhere else) and an answer that is complete and no
JSON. After a write, an answer that is no JSON hides the object but not that the row was written: `INSERT`, `UPDATE` and `DELETE` end
well, and `CALL`, whose row is that answer, ends with an error that has the row under `done`. A 500 that Stripe repeats under the same
idempotency key leaves the row unknown.

Waits are bounded: `http_timeout_s` limits the wait for a connection and for an answer, and an answer that takes longer than that has to
bring 1 kB a second. `statement_timeout_s` limits the whole statement.
"""


@dataclass
class Row:
    """Count the endings under one fault."""

    exact: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    runs: Counter[str] = field(default_factory=Counter)
    kinds: set[str] = field(default_factory=set)
    sent_again: int = 0
    bad: list[str] = field(default_factory=list)

    def add(self, group: str, name: str, strike: Strike, ending: Ending) -> None:
        """Count one ending."""
        self.runs[group] += 1
        self.exact[group] += ending.exact
        self.errors[group] += ending.problem is not None
        if ending.problem is not None and strike == ALWAYS and group.startswith("read"):
            self.kinds.add(type(ending.problem).__name__)
        good = (ending.exact or ending.problem is not None) and ending.true and ending.usable and ending.seconds < battery.LONGEST_S
        if not good:
            self.bad.append(f"{name}, {strike}: {ending}")

    def cell(self, group: str) -> str:
        """Return what stands in the table: exact endings, and errors, of all."""
        runs, exact, errors = self.runs[group], self.exact[group], self.errors[group]
        if exact == runs:
            return f"{runs} exact"
        return f"{errors} errors" if errors == runs else f"{exact} exact, {errors} errors"


def measured() -> dict[Fault, Row]:
    """Run everything."""
    battery.hurry()
    made = Battery()
    rows: dict[Fault, Row] = {}
    threads = set(threading.enumerate())
    try:
        for fault in FAULTS:
            row = rows[fault] = Row()
            for scan in SCANS:
                for strike, ending in zip((ALWAYS, *ONCE), made.read(scan, fault, (ALWAYS, *ONCE)), strict=True):
                    row.add("read always" if strike == ALWAYS else "read once", scan.name, strike, ending)
                    if scan is SCANS[0] and strike == ALWAYS:
                        row.sent_again = ending.retries
            for write in WRITES:
                method = "DELETE" if "DELETE" in write.name else "POST"
                strikes: tuple[Any, ...] = ((ALWAYS, method), *((strike, method) for strike in ONCE))
                for (strike, _), ending in zip(strikes, made.write(write, fault, strikes), strict=True):
                    row.add("write always" if strike == ALWAYS else "write once", write.name, strike, ending)
            print(fault.name, {group: row.cell(group) for group in sorted(row.runs)}, row.bad, flush=True)
    finally:
        made.close()
    left = battery.threads_left(threads)
    if left:
        next(iter(rows.values())).bad.append(f"threads are left: {left}")
    return rows


def page(rows: dict[Fault, Row]) -> str:
    """Return the text of the page."""
    total = sum(sum(row.runs.values()) for row in rows.values())
    exact = sum(sum(row.exact.values()) for row in rows.values())
    errors = sum(sum(row.errors.values()) for row in rows.values())
    lines = [HEAD + f"Of {total} statements {exact} were exact and {errors} ended with an error that told the truth. Wrong rows: 0. Rows lost or", "doubled: 0. Connections that were not usable afterwards: 0. Threads left behind: 0.", ""]  # fmt: skip
    lines += ["The reads: " + ", ".join(scan.name for scan in SCANS) + ".", "The writes, of 20 rows each: " + ", ".join(write.name for write in WRITES) + ".", ""]  # fmt: skip
    lines += ["*Once* is a failure at the first, second, third or fifth request, in four runs.", ""]
    lines += ["| What fails | Reads, once | Reads, every request | Error | Sent again | Writes, once | Writes, every request |", "|---|---|---|---|---|---|---|"]  # fmt: skip
    for fault, row in rows.items():
        kinds = ", ".join(f"`{kind}`" for kind in sorted(row.kinds)) or "none"
        lines.append(f"| {NAMES[fault]} | {row.cell('read once')} | {row.cell('read always')} | {kinds} | {row.sent_again} | {row.cell('write once')} | {row.cell('write always')} |")  # fmt: skip
    lines += ["", "*Error* is the class where every request of a read fails, *sent again* the repeated requests of a serial list then."]
    return "\n".join(lines) + "\n" + TAIL


def main() -> int:
    rows = measured()
    bad = [each for row in rows.values() for each in row.bad]
    if bad:
        print("\n".join(["these are no good endings:", *bad]), file=sys.stderr)
        return 1
    PAGE.write_text(page(rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
