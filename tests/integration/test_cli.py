"""The command as a user runs it: a process of its own, on the demo account or against a served one."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
from contextlib import suppress

import openpyxl
import pyarrow.parquet as pq
import pytest

import stripesql

COMMAND = [sys.executable, "-W", "error", "-m", "stripesql"]
NO_KEY = {name: value for name, value in os.environ.items() if name not in ("STRIPE_API_KEY", "NO_COLOR", "STRIPESQL_BASE_URL")}
UTF8 = NO_KEY | {"PYTHONIOENCODING": "utf-8"}


def run(*arguments, stdin="", env=UTF8):
    return subprocess.run([*COMMAND, *arguments], input=stdin, capture_output=True, encoding="utf-8", env=env, check=False)


def on_terminal(*arguments, env=UTF8, until=None, then=None, width=100):
    """Run with a terminal on all three streams; return exit code and everything that was shown.

    When ``until`` has been shown, the signal ``then`` is sent.
    """
    master, slave = pty.openpty()
    import fcntl
    import struct
    import termios

    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    process = subprocess.Popen([*COMMAND, *arguments], stdin=slave, stdout=slave, stderr=slave, env=env | {"TERM": "xterm"}, close_fds=True)
    os.close(slave)
    shown = b""
    with suppress(OSError):  # Linux answers EIO when the other side has gone
        while chunk := os.read(master, 65536):
            shown += chunk
            if until is not None and until in shown:
                process.send_signal(then)
                until = None
    os.close(master)
    return process.wait(), shown.decode()


@pytest.fixture(scope="module")
def served():
    """Serve a slow account, and give its URL."""
    process = subprocess.Popen(
        [*COMMAND, "simulate", "--port", "0", "--latency-ms", "200"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )
    assert process.stdout is not None
    url = process.stdout.readline().split()[-1]
    # The words for people are read too, so that the server never waits for a reader.
    reader = threading.Thread(target=process.stdout.read, daemon=True)
    reader.start()
    yield url
    process.send_signal(signal.SIGINT)
    assert process.wait() == 0
    assert process.stderr is not None
    assert process.stderr.read() == ""
    reader.join()
    process.stdout.close()
    process.stderr.close()


def test_the_version_is_told():
    answer = run("--version")
    assert answer.stdout == f"stripesql {stripesql.__version__}\n"
    assert answer.returncode == 0


def test_help_is_printed_for_the_command_alone():
    answer = run()
    assert answer.returncode == 0
    for word in ("stripesql demo", "STRIPE_API_KEY", "exit codes:", "--max-requests"):
        assert word in answer.stdout
    assert run("--help").stdout == answer.stdout


def test_rows_go_to_standard_output_and_nothing_to_standard_error():
    answer = run("--demo", "-c", "SELECT id, balance FROM customers LIMIT 2")
    assert answer.returncode == 0
    assert answer.stderr == ""
    lines = answer.stdout.splitlines()
    assert re.fullmatch(r" id +│ balance", lines[0])
    assert [bool(re.fullmatch(r" cus_\w+ │ +-?\d+", line)) for line in lines[2:]] == [True, True]


def test_sql_comes_from_standard_input_with_and_without_a_dash():
    sql = "SET timezone = 'Europe/Berlin';\nSELECT id, created FROM customers LIMIT 1;\n"
    with_dash = run("--demo", "-", "--format", "csv", stdin=sql)
    assert with_dash.stdout.startswith("id,created\ncus_")
    assert re.search(r"\+0[12]:00$", with_dash.stdout)
    assert run("--demo", "--format", "csv", stdin=sql).stdout == with_dash.stdout


def test_json_is_nested_and_zoned():
    answer = run("--demo", "--timezone", "Asia/Kolkata", "--format", "json", "-c", "SELECT id, created, metadata FROM customers LIMIT 3")
    rows = json.loads(answer.stdout)
    assert len(rows) == 3
    assert all(isinstance(row["metadata"], dict) and row["created"].endswith("+05:30") for row in rows)


def test_files_are_written_in_the_format_of_their_suffix(tmp_path):
    sql = "SELECT id, amount, created, money(amount, currency) AS price FROM charges LIMIT 150"
    for name in ("rows.csv", "rows.parquet", "rows.xlsx", "rows.jsonl"):
        answer = run("--demo", "-c", sql, "-o", str(tmp_path / name))
        assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")
    table = pq.read_table(tmp_path / "rows.parquet")
    assert table.num_rows == 150
    ids = table.column("id").to_pylist()
    assert [line.split(",")[0] for line in (tmp_path / "rows.csv").read_text().splitlines()[1:]] == ids
    sheet = openpyxl.load_workbook(tmp_path / "rows.xlsx").active
    assert [row[0] for row in sheet.iter_rows(values_only=True, min_row=2)] == ids
    assert [json.loads(line)["id"] for line in (tmp_path / "rows.jsonl").read_text().splitlines()] == ids


@pytest.mark.parametrize("name", ["parquet", "xlsx"])
def test_binary_formats_go_through_pipes_and_not_to_terminals(name, tmp_path):
    answer = subprocess.run(
        [*COMMAND, "--demo", "-c", "SELECT id FROM customers LIMIT 1", "--format", name], capture_output=True, env=UTF8, check=True
    )
    assert answer.stdout[:2] in (b"PA", b"PK")
    code, shown = on_terminal("--demo", "-c", "SELECT 1", "--format", name)
    assert code == 2
    assert f"{name} is not text" in shown


def test_parameters_are_bound():
    answer = run("--demo", "--format", "csv", "-c", "SELECT :a AS a, :n + 1 AS n", "--param", "a=it's", "--param", "n:=41")
    assert answer.stdout == "a,n\nit's,42\n"


def test_the_dialect_is_translated():
    assert run("--demo", "--dialect", "mysql", "--format", "csv", "-c", "SELECT `id` FROM customers LIMIT 1").stdout.startswith("id\ncus_")


def test_errors_are_said_without_a_traceback():
    answer = run("--demo", "-c", "SELECT custmer FROM invoices")
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert "did you mean" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert run("--demo", "--timezone", "Nowhere", "-c", "SELECT 1").returncode == 2


def test_a_missing_key_is_a_wrong_command_line():
    answer = run("-c", "SELECT id FROM customers", env=NO_KEY)
    assert answer.returncode == 2
    assert "STRIPE_API_KEY" in answer.stderr


def test_a_budget_stops_the_query():
    answer = run("--demo", "--max-requests", "2", "-c", "SELECT count(*) FROM charges")
    assert answer.returncode == 1
    assert "max_requests=2" in answer.stderr


def test_stats_say_what_a_statement_cost():
    answer = run("--demo", "--stats", "--format", "csv", "-c", "SELECT id FROM customers LIMIT 1")
    assert answer.stderr.startswith("1 row · 1 request · ")


def test_a_reader_that_goes_away_leaves_standard_error_clean():
    command = " ".join([*COMMAND, "--demo --format csv -c 'FROM charges'"])
    answer = subprocess.run(
        ["bash", "-c", f"{command} | head -1; echo ${{PIPESTATUS[0]}}"], capture_output=True, encoding="utf-8", env=UTF8, check=True
    )
    assert answer.stderr == ""
    assert answer.stdout.startswith("id,")
    assert answer.stdout.splitlines()[-1] == "141"


def test_a_terminal_gets_colour_and_a_summary_unless_it_refuses():
    code, shown = on_terminal("--demo", "-c", "SELECT id, CAST(NULL AS VARCHAR) AS nothing FROM customers LIMIT 2")
    assert code == 0
    assert "\x1b[2mNULL" in shown
    assert "2 rows · 1 request · " in shown
    _, shown = on_terminal("--demo", "-c", "SELECT id FROM customers LIMIT 2", env=UTF8 | {"NO_COLOR": "1"})
    assert "\x1b" not in shown


def test_a_table_fits_the_terminal():
    _, shown = on_terminal("--demo", "-c", "FROM customers LIMIT 20", env=UTF8 | {"NO_COLOR": "1"}, width=60)
    lines = shown.replace("\r", "").splitlines()
    assert max(map(len, lines[:22])) <= 60
    assert "columns do not fit and are not shown" in shown


def test_the_tour_runs_in_a_pipe_and_on_a_terminal():
    answer = run("demo")
    assert answer.returncode == 0
    assert answer.stderr == ""
    assert "\x1b" not in answer.stdout
    costs = re.findall(r"^(\d+) requests?, ", answer.stdout, re.MULTILINE)
    assert len(costs) == 5
    assert costs[:3] == ["1", "1", "0"]
    code, shown = on_terminal("demo")
    assert code == 0
    assert "\x1b[1m1 of 5" in shown


def test_a_served_account_answers_with_any_test_key(served):
    answer = run(
        "--base-url", served, "--format", "csv", "-c", "SELECT id FROM customers LIMIT 1", env=UTF8 | {"STRIPE_API_KEY": "sk_test_anything"}
    )
    assert answer.stdout.startswith("id\ncus_")
    assert answer.stderr == ""


def test_ctrl_c_ends_a_long_query_without_noise(served):
    arguments = ("--base-url", served, "--format", "csv", "-c", "SELECT count(*) FROM events")
    env = UTF8 | {"STRIPE_API_KEY": "sk_test_anything"}
    code, shown = on_terminal(*arguments, env=env, until=b"requests/s", then=signal.SIGINT)
    assert code == 130
    assert "rows ·" in shown.replace("\x1b[K", "")
    after = shown.rpartition("\x1b[K")[2]
    assert "Traceback" not in shown
    assert "Exception ignored" not in shown
    assert after.count("stripesql:") == 1


def test_progress_is_erased_when_rows_come(served):
    env = UTF8 | {"STRIPE_API_KEY": "sk_test_anything", "NO_COLOR": "1"}
    code, shown = on_terminal("--base-url", served, "-c", "SELECT count(*) AS n FROM events", env=env)
    assert code == 0
    assert "requests/s" in shown
    assert "requests/s" not in shown.rpartition("\x1b[K")[2]
    assert re.search(r"\x1b\[K +n\r\n", shown)


def test_nothing_is_drawn_where_there_is_no_terminal(served):
    answer = run("--base-url", served, "-c", "SELECT count(*) AS n FROM events", env=UTF8 | {"STRIPE_API_KEY": "sk_test_anything"})
    assert answer.returncode == 0
    assert answer.stderr == ""


def test_a_port_that_is_taken_is_said(served):
    port = served.rpartition(":")[2]
    answer = run("simulate", "--port", port)
    assert answer.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in answer.stderr
