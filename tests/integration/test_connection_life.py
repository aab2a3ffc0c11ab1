"""How connections end: at exit, by Ctrl-C, by garbage collection, in a child process."""

import gc
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

import stripesql
from stripesql.simulator import Simulator

BEGIN = """
import os, sys, threading, time
import stripesql
from stripesql.simulator import Simulator, serve
from stripesql.simulator.faults import Fault
simulator = Simulator(scale=0.2)
connection = stripesql.connect(demo=True, transport=simulator.transport())
"""
SERVED = """
import os, sys, threading, time
import stripesql
from stripesql.simulator import Simulator, serve
simulator = Simulator(scale=0.2)
server = serve(simulator)
connection = stripesql.connect("sk_test_abc123", base_url=server.url)
"""


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "temporary"
    path.mkdir()
    return path


def _start(code, folder):
    environment = {**os.environ, "TMPDIR": str(folder), "PYTHONPATH": str(Path(stripesql.__file__).parents[1])}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def _run(code, folder):
    process = _start(code, folder)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


ENDINGS = {
    "nothing was run": "",
    "a connection is open": "connection.execute('SELECT 1').fetchall()",
    "a cursor is in mid-scan": "cursor = connection.execute('SELECT id FROM charges'); cursor.fetchone()",
    "a cursor reads ahead": "simulator.faults.latency_ms = 50; cursor = connection.execute('SELECT id FROM charges'); cursor.fetchmany(150)",
    "a cursor was dropped in mid-scan": "connection.execute('SELECT id FROM charges').fetchone()",
    "several cursors are in mid-scan": "cursors = [connection.execute('SELECT id FROM charges') for _ in range(4)]; [each.fetchone() for each in cursors]",
    "an arrow stream is open": "reader = connection.execute('SELECT id FROM charges').fetch_arrow(); reader.read_next_batch()",
    "another library holds the stream": "import pyarrow; reader = pyarrow.RecordBatchReader.from_stream(connection.execute('SELECT id FROM charges')); reader.read_next_batch()",
    "a query failed": "simulator.faults.every(Fault.BAD_JSON, 1)\ntry: connection.execute('SELECT id FROM charges').fetchall()\nexcept stripesql.Error: pass",
    "everything was closed": "cursor = connection.execute('SELECT id FROM charges'); cursor.fetchone(); cursor.close(); connection.close()",
    "a frame is registered": "connection.register('f', {'a': [1]}); cursor = connection.execute('SELECT * FROM f'); cursor.fetchone()",
    "a finalizer of the standard library came first": "import weakref\nclass A: pass\na = A(); weakref.finalize(a, lambda: None)\ncursor = connection.execute('SELECT id FROM charges'); cursor.fetchone()",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_exit_is_clean_when(ending, folder):
    code, out, err = _run(BEGIN + ENDINGS[ending], folder)
    assert (code, out, err) == (0, "", "")
    assert list(folder.iterdir()) == []


def test_exit_by_an_exception_shows_only_the_exception(folder):
    code, _, err = _run(BEGIN + "cursor = connection.execute('SELECT id FROM charges'); cursor.fetchone()\nraise SystemExit(3)", folder)
    assert (code, err) == (3, "")
    assert list(folder.iterdir()) == []


def test_a_broken_pipe_is_no_trouble_of_ours(folder):
    process = _start(BEGIN + "for row in connection.execute('SELECT id FROM charges'): print(row, flush=True)", folder)
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.wait(timeout=60)
    process.stderr.close()
    assert err.rstrip().splitlines()[-1].startswith("BrokenPipeError")
    assert "stripesql" not in err.replace("import stripesql", "").partition("BrokenPipeError")[2]
    assert list(folder.iterdir()) == []


INTERRUPTED = {
    "the first request": "SELECT id FROM charges",
    "a scan that must be read through": "SELECT sum(amount) FROM charges",
}


@pytest.mark.parametrize("where", INTERRUPTED)
def test_ctrl_c_ends_a_query_and_the_connection_goes_on(where, folder):
    code = f"""
simulator.faults.latency_ms = 1500
connection.execute("SELECT 1").fetchall()
print("go", flush=True)
try:
    connection.execute("{INTERRUPTED[where]}").fetchall()
except KeyboardInterrupt:
    simulator.faults.latency_ms = 0
    print(connection.execute("SELECT count(*) > 0 FROM customers").fetchall())
"""
    process = _start(SERVED + code, folder)
    assert process.stdout.readline() == "go\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "[(True,)]\n", "")
    assert list(folder.iterdir()) == []


def test_ctrl_c_ends_a_query_that_only_computes(folder):
    code = """
connection.register("many", {"a": list(range(100_000))})
print("go", flush=True)
try:
    print(connection.execute("SELECT sum(x.a * y.a) FROM many x, many y").fetchall())
except KeyboardInterrupt:
    print("interrupted")
"""
    process = _start(BEGIN + code, folder)
    assert process.stdout.readline() == "go\n"
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "interrupted\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_child_process_is_told_to_connect_again(folder):
    code = """
cursor = connection.execute("SELECT id FROM charges"); cursor.fetchone()
child = os.fork()
if child == 0:
    for use in (lambda: connection.execute("SELECT 1"), cursor.fetchone, cursor.fetchall, cursor.fetch_arrow_table, lambda: cursor.execute("SELECT 1")):
        try:
            use()
        except stripesql.InterfaceError as problem:
            print("after fork" in str(problem), flush=True)
    cursor.cancel()
    connection.close()
    with stripesql.connect(demo=True, transport=simulator.transport()) as another:
        print(another.execute("SELECT 1").fetchall(), flush=True)
    sys.exit(0)
print(os.waitpid(child, 0)[1], len(os.listdir(os.environ["TMPDIR"])), flush=True)
print(len(cursor.fetchall()) > 100)
"""
    code, out, err = _run(BEGIN + code, folder)
    assert (code, err) == (0, "")
    assert out.split("\n") == ["True"] * 5 + ["[(1,)]", "0 1", "True", ""]
    assert list(folder.iterdir()) == []


def _state():
    descriptors = Path("/proc/self/fd")
    folders = list(Path(tempfile.gettempdir()).glob("stripesql-*"))
    threads = [thread.name for thread in threading.enumerate()]
    return len(list(descriptors.iterdir())) if descriptors.exists() else 0, threads, folders


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("rows", [1, 250])
def test_connections_that_come_and_go_leave_nothing_behind(closed, rows, folder, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    simulator = Simulator(scale=0.1)

    def use():
        connection = stripesql.connect(demo=True, transport=simulator.transport())
        cursor = connection.execute("SELECT id FROM charges")
        cursor.fetchmany(rows)
        if closed:
            connection.close()

    use()
    _settle()
    before = _state()
    gc.disable()  # references alone must do
    try:
        for _ in range(50):
            use()
        _settle()
        after = _state()
    finally:
        gc.enable()
    assert after == before
    assert after[2] == []


def _settle():
    until = time.monotonic() + 10
    while time.monotonic() < until and any(
        thread.name.startswith("stripesql-") and "simulator" not in thread.name for thread in threading.enumerate()
    ):
        time.sleep(0.02)


def test_close_leaves_no_thread(folder, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    simulator = Simulator(scale=0.2)
    before = set(threading.enumerate())
    connection = stripesql.connect(demo=True, transport=simulator.transport(), statement_timeout_s=60)
    cursors = [connection.execute("SELECT id FROM charges") for _ in range(3)]
    for cursor in cursors:
        cursor.fetchmany(120)
    connection.close()
    _settle()
    assert set(threading.enumerate()) == before


def test_the_spill_folder_is_private_and_goes_with_the_connection(folder, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with stripesql.connect(demo=True, transport=Simulator(empty=True).transport()) as connection:
        assert list(folder.iterdir()) == []
        connection.execute("SELECT 1").fetchall()
        (spill,) = folder.iterdir()
        assert spill.stat().st_mode & 0o777 == 0o700
    assert list(folder.iterdir()) == []


def test_a_large_query_spills_into_the_folder_and_nowhere_else(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    elsewhere = tmp_path / "here"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    with stripesql.connect(demo=True, transport=Simulator(empty=True).transport(), memory_limit="60MB") as connection:
        connection.register("many", {"a": [f"{i:050}" for i in range(200_000)]})
        cursor = connection.execute("SELECT a, b FROM (SELECT x.a, y.a AS b FROM many x JOIN many y ON x.a = y.a) ORDER BY b DESC, a")
        assert cursor.fetchone()[0] == f"{199_999:050}"
        assert list(elsewhere.iterdir()) == []
    assert list(folder.iterdir()) == []
