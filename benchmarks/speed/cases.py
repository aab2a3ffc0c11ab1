"""Measure, one case per function. Each yields lines; a line is a name, a figure, and what it should be."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from conditions import ACCOUNT, AT_ONCE, DEFAULT, ENDPOINT, KEY, Bench, Conditions


@dataclass(frozen=True)
class Line:
    """Say one result.

    Attributes:
        case: what was measured.
        figure: the median.
        unit: of the figure; ``x`` is a ratio within this run.
        target: ``<= 1.25``, or "" where there is none.
        detail: all measurements, and what else helps to read them.
    """

    case: str
    figure: float
    unit: str
    target: str = ""
    detail: str = ""

    @property
    def met(self) -> bool | None:
        """Say whether the target is met, None without one."""
        if not self.target:
            return None
        relation, bound = self.target.split()
        return self.figure <= float(bound) if relation == "<=" else self.figure >= float(bound)


AGGREGATE = "SELECT count(*), sum(amount) FROM charges"
FOUR = "id, amount, currency, created"


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = run()
    return time.perf_counter() - began, result


def full_scan(bench: Bench, repeat: int) -> Iterator[Line]:
    for conditions, bounded in ((ACCOUNT, True), (ENDPOINT, True), (DEFAULT, False)):
        least = -(-bench.charges // 100)
        floor_s = least / conditions.allowed
        seconds, requests, refused = [], [], []
        for _ in range(repeat):
            bench.set(conditions)
            with bench.connect(conditions) as connection:
                took, rows = timed(lambda: connection.execute(AGGREGATE).fetchall())
            assert rows[0][0] == bench.charges, rows
            asked = bench.set(conditions)
            seconds.append(took)
            requests.append(asked["requests"])
            refused.append(asked["refused"])
        name = f"{bench.charges:,} charges, {conditions.name}"
        shown = ", ".join(f"{each:.1f} s" for each in seconds)
        yield from [
            Line(
                f"{name}: requests over the least",
                statistics.median(requests) / least,
                "x",
                "<= 1.10" if bounded else "",
                f"{requests} of {least}",
            ),
            Line(
                f"{name}: time over the floor",
                statistics.median(seconds) / floor_s,
                "x",
                "<= 1.25" if bounded else "",
                f"{shown}; floor {floor_s:.1f} s",
            ),
            Line(f"{name}: refused with 429", 100 * sum(refused) / sum(requests), "%", "<= 1.0", f"{refused}"),
        ]


def _ours(bench: Bench, conditions: Conditions, since: int, columns: str = FOUR) -> Any:
    with bench.connect(conditions) as connection:
        return connection.execute(f"SELECT {columns} FROM charges WHERE created >= to_timestamp({since})").fetch_arrow_table().to_pandas()


def _official(bench: Bench, since: int) -> Any:
    import pandas as pd
    import stripe

    client = stripe.StripeClient(KEY, base_addresses={"api": bench.url, "files": bench.url}, max_network_retries=2)
    charges = client.v1.charges.list({"limit": 100, "created": {"gte": since}}).auto_paging_iter()
    return pd.DataFrame([{"id": c.id, "amount": c.amount, "currency": c.currency, "created": c.created} for c in charges])


def against_official_sdk(bench: Bench, repeat: int) -> Iterator[Line]:
    since = bench.since(30_000)
    for conditions, target in ((ACCOUNT, ">= 20"), (ENDPOINT, ">= 4"), (AT_ONCE, ">= 10")):
        ratios, shown = [], []
        # The SDK is slow enough for its own spread to matter little; at zero latency both are quick.
        for _ in range(repeat if conditions is AT_ONCE else 1):
            bench.set(conditions)
            theirs, frame = timed(lambda: _official(bench, since))
            ours = []
            for _ in range(3):
                bench.set(conditions)
                took, mine = timed(lambda: _ours(bench, conditions, since))  # noqa: B023  called at once
                assert len(mine) == len(frame)
                assert set(mine["id"]) == set(frame["id"])
                ours.append(took)
            ratios.append(theirs / statistics.median(ours))
            shown.append(f"{theirs:.1f} s against {', '.join(f'{each:.2f}' for each in ours)} s")
        name = f"30,000 charges into pandas, official SDK over ours, {conditions.name}"
        yield Line(name, statistics.median(ratios), "x", target, "; ".join(shown))


def decoding(bench: Bench, repeat: int) -> Iterator[Line]:
    since = bench.since(30_000)
    for columns, target in ((FOUR, ">= 40000"), ("*", ">= 20000")):
        speeds, busy = [], []
        for _ in range(max(3, repeat)):
            bench.set(AT_ONCE)
            with bench.connect(AT_ONCE) as connection:
                cursor = connection.cursor()
                sql = f"SELECT {columns} FROM charges WHERE created >= to_timestamp({since})"
                before = time.process_time()
                took, table = timed(lambda: cursor.execute(sql).fetch_arrow_table())  # noqa: B023  called at once
                busy.append(table.num_rows / (time.process_time() - before))
            speeds.append(table.num_rows / took)
        detail = ", ".join(f"{each:,.0f}" for each in speeds)
        what = "4 columns" if columns == FOUR else "all columns"
        yield Line(f"rows a second at zero latency, {what}", statistics.median(speeds), "", target, detail)
        yield Line(
            f"rows a second of processor time, {what}", statistics.median(busy), "", target, "what other users of the machine distort less"
        )


def memory(bench: Bench, repeat: int) -> Iterator[Line]:
    for how in ("aggregate", "fetchmany"):
        peaks: dict[int, list[dict[str, float]]] = {25_000: [], 100_000: []}
        for rows, found in peaks.items():
            for _ in range(max(2, repeat - 1)):
                bench.set(AT_ONCE)
                command = [
                    sys.executable,
                    str(Path(__file__).with_name("peak.py")),
                    bench.url,
                    how,
                    str(bench.since(min(rows, bench.charges))),
                ]
                found.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        few, many = (statistics.median(each["peak_mb"] for each in found) for found in peaks.values())
        above = statistics.median(each["peak_mb"] - each["base_mb"] for each in peaks[25_000])
        yield Line(f"peak memory, {how}, 100,000 rows over 25,000", many / few, "x", "<= 1.2", f"{many:.0f} MB over {few:.0f} MB")
        yield Line(f"peak memory above the start, {how}, 25,000 rows", above, "MB", "<= 60" if how == "aggregate" else "")


def fixed_cost(bench: Bench, repeat: int) -> Iterator[Line]:
    bench.set(AT_ONCE)
    bare, whole = [], []
    busy = {"bare": 0.0, "whole": 0.0}
    headers = {"Authorization": f"Bearer {KEY}"}
    with bench.connect(AT_ONCE) as connection, httpx.Client(base_url=bench.url, headers=headers) as client:
        cursor = connection.cursor()
        for _ in range(100 * repeat):
            before = time.process_time()
            bare.append(timed(lambda: client.get("/v1/charges?limit=10").json())[0])
            between = time.process_time()
            whole.append(timed(lambda: cursor.execute("SELECT id, amount FROM charges LIMIT 10").fetchall())[0])
            busy["bare"] += between - before
            busy["whole"] += time.process_time() - between
    cost = statistics.median(whole) - statistics.median(bare)
    detail = f"medians of {len(bare)}: {1000 * statistics.median(whole):.2f} ms, bare {1000 * statistics.median(bare):.2f} ms"
    yield Line("fixed cost of a query of one request, over the bare httpx call", 1000 * cost, "ms", "<= 6.0", detail)
    least, least_bare = (1000 * statistics.quantiles(each, n=10)[0] for each in (whole, bare))
    detail = f"{least:.2f} ms, bare {least_bare:.2f} ms"
    yield Line("the same among the quickest tenth", least - least_bare, "ms", "<= 6.0", detail)
    processor = 1000 * (busy["whole"] - busy["bare"]) / len(bare)
    yield Line("the same in processor time, all threads", processor, "ms", "<= 6.0", "what other users of the machine distort less")


def eight_threads(bench: Bench, repeat: int) -> Iterator[Line]:
    rates, refused, failures = [], 0, []
    since = bench.since(8_000)

    def query() -> None:
        try:
            with bench.connect(ENDPOINT) as connection:
                connection.execute(f"{AGGREGATE} WHERE created >= to_timestamp({since})").fetchall()
        except Exception as problem:  # noqa: BLE001  counted
            failures.append(repr(problem))

    for _ in range(max(2, repeat - 1)):
        bench.set(ENDPOINT)
        threads = [threading.Thread(target=query) for _ in range(8)]
        began = time.perf_counter()
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        took = time.perf_counter() - began
        asked = bench.set(ENDPOINT)
        rates.append(asked["requests"] / took)
        refused += asked["refused"]
    detail = (
        f"{', '.join(f'{each:.1f}' for each in rates)} requests a second; {refused} refused; {len(failures)} failed {failures[:1] or ''}"
    )
    yield from [
        Line(
            "8 threads at once: their requests a second over the limit of 25",
            statistics.median(rates) / ENDPOINT.allowed,
            "x",
            ">= 0.9",
            detail,
        ),
        Line("8 threads at once: queries that failed", len(failures), "", "<= 0"),
    ]


LIBRARIES = "import duckdb, httpx, msgspec, pyarrow, pyarrow.acero, pyarrow.compute, pyarrow.dataset, sqlglot"
ONE_SHOT = ["-m", "stripesql", "--demo", "-c", "SELECT id, email FROM customers LIMIT 10"]


def cold_start(_: Bench, repeat: int) -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder:
        # Compiled as pip leaves it, whatever this environment does with bytecode.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = folder

        def run(*arguments: str) -> None:
            subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=environment)

        commands = {
            "libraries": ["-c", LIBRARIES],
            "import": ["-c", f"{LIBRARIES}; import stripesql"],
            "driver": ["-c", f"{LIBRARIES}; import stripesql; stripesql.connect"],
            "one shot": ONE_SHOT,
        }
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for arguments in commands.values():
            run(*arguments)
        # In turns, so that whoever else uses the machine disturbs all of them alike.
        for _ in range(3 * repeat):
            for name, arguments in commands.items():
                seconds[name].append(timed(lambda: run(*arguments))[0])  # noqa: B023  called at once
    found = {name: statistics.median(each) for name, each in seconds.items()}
    for name, what in (("import", "import stripesql"), ("driver", "import of the whole driver")):
        detail = f"medians of {3 * repeat}: {found[name]:.2f} s, the libraries alone {found['libraries']:.2f} s"
        yield Line(f"{what}, over its libraries", 1000 * (found[name] - found["libraries"]), "ms", "<= 150", detail)
    detail = f"{min(seconds['one shot']):.2f} to {max(seconds['one shot']):.2f} s"
    yield Line("a command with one query of the simulator", found["one shot"], "s", "<= 0.6", detail)


CASES: dict[str, Callable[[Bench, int], Iterator[Line]]] = {
    "full-scan": full_scan,
    "sdk": against_official_sdk,
    "decoding": decoding,
    "memory": memory,
    "fixed-cost": fixed_cost,
    "cold-start": cold_start,
    "threads": eight_threads,
}
