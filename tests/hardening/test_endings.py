"""What is cut off from outside, by Ctrl-C or a fork, ends clean, and what was going on can go on."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import battery
import pytest

import stripesql
from stripesql.simulator import Simulator

BEGIN = """
import os, signal, sys, threading, time
import stripesql
from stripesql.simulator import Simulator, serve
sim = Simulator(empty=True)
for n in range(700):
    sim.insert("charges", {"amount": n, "currency": "usd", "created": 1_700_000_000 - n * 1000})
server = serve(sim)
fast = {"requests_per_second": 1e6, "endpoint_requests_per_second": 1e6}
connection = stripesql.connect("sk_test_" + "e" * 16, base_url=server.url, **fast)
def interrupt():
    os.kill(os.getpid(), signal.SIGINT)
def ours():
    return [each.name for each in threading.enumerate() if each.name.startswith("stripesql-") and "simulator" not in each.name]
def settle():
    until = time.monotonic() + 20
    while ours() and time.monotonic() < until:
        time.sleep(0.01)
    return ours()
"""
CASES = {
    "Ctrl-C between two pages of a fetch": """
cursor = connection.execute("SELECT id FROM charges")
rows = cursor.fetchmany(150)
sim.faults.latency_ms = 400
threading.Timer(0.2, interrupt).start()
try:
    cursor.fetchall()
    print("not interrupted")
except KeyboardInterrupt:
    sim.faults.latency_ms = 0
try:
    print(len(cursor.fetchall()))
except stripesql.Error as problem:
    print(type(problem).__name__)
print(connection.execute("SELECT count(*), sum(amount) FROM charges").fetchall())
connection.close()
print(settle())
""",
    "Ctrl-C in a scan by several workers": """
sim.hooks.before(4, interrupt)
sim.faults.latency_ms = 60
try:
    connection.execute("SELECT sum(amount) FROM charges").fetchall()
    print("not interrupted")
except KeyboardInterrupt:
    print("interrupted")
sim.faults.latency_ms = 0
print(connection.execute("SELECT count(*), sum(amount) FROM charges").fetchall())
connection.close()
print(settle())
""",
    "Ctrl-C while Arrow batches are read": """
reader = connection.execute("SELECT id, amount FROM charges").fetch_arrow()
first = reader.read_next_batch().num_rows
sim.faults.latency_ms = 400
threading.Timer(0.2, interrupt).start()
try:
    reader.read_all()
    time.sleep(5)
    print("not interrupted")
except (KeyboardInterrupt, OSError, stripesql.Error):
    print("interrupted")
sim.faults.latency_ms = 0
print(connection.execute("SELECT count(*), sum(amount) FROM charges").fetchall())
connection.close()
print(settle())
""",
    "a fork while requests are under way": """
cursor = connection.execute("SELECT id FROM charges")
cursor.fetchmany(120)
sys.stdout.flush()
child = os.fork()
if child == 0:
    try:
        connection.execute("SELECT 1")
    except stripesql.InterfaceError as problem:
        print("after fork" in str(problem), flush=True)
    with stripesql.connect("sk_test_" + "e" * 16, base_url=server.url, **fast) as mine:
        print(mine.execute("SELECT count(*), sum(amount) FROM charges").fetchall(), flush=True)
    os._exit(0)
print(os.waitpid(child, 0)[1])
print(len(cursor.fetchall()), connection.execute("SELECT count(*), sum(amount) FROM charges").fetchall())
connection.close()
print(settle())
""",
    "exit with cursors open everywhere": """
cursors = [connection.execute(sql) for sql in ("SELECT id FROM charges", "SELECT id, amount FROM charges WHERE amount > 5")]
[each.fetchmany(101) for each in cursors]
reader = connection.execute("SELECT id FROM charges").fetch_arrow()
reader.read_next_batch()
sim.faults.latency_ms = 50
other = stripesql.connect("sk_test_" + "e" * 16, base_url=server.url, **fast)
worker = threading.Thread(target=lambda: other.execute("SELECT id FROM charges").fetchmany(101), daemon=True)
worker.start()
worker.join()
print("bye")
""",
}
SUMS = f"[(700, {700 * 699 // 2})]"
SAID = {
    # The rest of the rows cannot be had: an error says so, rather than a part of them.
    "Ctrl-C between two pages of a fetch": ["InterfaceError", SUMS, "[]"],
    "Ctrl-C in a scan by several workers": ["interrupted", SUMS, "[]"],
    "Ctrl-C while Arrow batches are read": ["interrupted", SUMS, "[]"],
    "a fork while requests are under way": ["True", SUMS, "0", f"580 {SUMS}", "[]"],
    "exit with cursors open everywhere": ["bye"],
}


@pytest.mark.skipif(os.name == "nt", reason="signals and forks are of POSIX")
@pytest.mark.parametrize("case", CASES)
def test_the_end_is_clean(case: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(stripesql.__file__).parents[1]), "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", BEGIN + CASES[case]],
        capture_output=True,
        text=True,
        env=environment,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == SAID[case]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM charges",
        "SELECT id FROM charges ORDER BY amount",
        "SELECT a.id FROM charges a JOIN customers c ON c.id = a.customer",
    ],
)
@pytest.mark.parametrize("timeout_s", [600, 1e15])
def test_a_cursor_that_is_dropped_leaves_no_thread_on_a_connection_that_lives(sql: str, timeout_s: float) -> None:
    with stripesql.connect(demo=True, transport=Simulator(scale=0.05).transport(), statement_timeout_s=timeout_s) as connection:
        threads = set(threading.enumerate())
        for _ in range(5):
            connection.execute(sql).fetchone()
        assert not battery.threads_left(threads)
