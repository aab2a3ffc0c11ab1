"""The shell on a terminal, as a person sees it."""

import os
import stat
import subprocess
import sys

import pytest

pytest.importorskip("pty")
pytest.importorskip("pyte")

from terminal import Terminal

from stripesql.cli.shell.history import read
from stripesql.simulator import Simulator, serve

COMMAND = [sys.executable, "-W", "error", "-m", "stripesql"]
SECRET = "rk_" + "test_" + "51HabcdefGHIJ"
CTRL_C, CTRL_D = "\x03", "\x04"


@pytest.fixture
def env(tmp_path):
    unwanted = ("STRIPE_API_KEY", "STRIPESQL_PROFILE", "STRIPESQL_BASE_URL", "NO_COLOR", "PAGER", "COLUMNS", "LINES")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    folders = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_DATA_HOME": str(tmp_path / "data"), "HOME": str(tmp_path)}
    return kept | folders | {"TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", "PAGER": ""}


def prompts(text, prompt="demo>"):
    return sum(line.startswith(prompt) for line in text.split("\n"))


def test_a_session_from_the_greeting_to_ctrl_d(env, tmp_path):
    with Terminal([*COMMAND, "--demo"], env=env, lines=50) as terminal:
        terminal.until(lambda text: prompts(text) == 1)
        assert ".help lists commands · ; ends a statement · Ctrl-D leaves" in terminal.text

        terminal.type("SELECT NULL AS a,\r")
        terminal.until("\n   ->")
        terminal.type("'b' AS b;\r")
        shown = terminal.until(lambda text: prompts(text) == 2)
        assert " a    │ b\n──────┼──\n NULL │ b\n1 row · 0 requests · " in shown

        terminal.type("SELECT *\rFROM custmers;\r")
        shown = terminal.until(lambda text: prompts(text) == 3)
        assert 'there is no table "custmers"; did you mean "customers"? (line 2, column 6)\n  FROM custmers\n       ^' in shown

        terminal.type("SELECT half")
        terminal.until("SELECT half")
        terminal.type(CTRL_C)
        terminal.until(lambda text: prompts(text) == 4)

        terminal.type(f"SELECT '{SECRET}';\r")
        terminal.until(lambda text: prompts(text) == 5)
        terminal.type(".tabels\r")
        assert "there is no command .tabels; did you mean .tables?" in terminal.until(lambda text: prompts(text) == 6)

        terminal.type(CTRL_D)
        assert terminal.end() == 0
        assert b"\x1b[31m" in terminal.raw, "an error is red"
    assert "Traceback" not in terminal.text

    (file,) = (tmp_path / "data").rglob("history.jsonl") if sys.platform == "linux" else tmp_path.rglob("history.jsonl")
    assert read(file) == ["SELECT NULL AS a,\n'b' AS b;", "SELECT *\nFROM custmers;", ".tabels"]
    assert SECRET not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_tab_completes_and_history_comes_back(env):
    with Terminal([*COMMAND, "--demo"], env=env, lines=50) as terminal:
        terminal.until(lambda text: prompts(text) == 1)
        terminal.type("SELECT c.ema FROM customers c" + "\x1b[D" * len(" FROM customers c"))
        terminal.until("SELECT c.ema FROM customers c")
        terminal.type("\t")
        terminal.until("SELECT c.email FROM customers c")
        terminal.type("\x05 LIMIT 1;\r")
        terminal.until(lambda text: prompts(text) == 2 and "1 row · 1 request" in text)
        terminal.type("\x1b[A")
        terminal.until(lambda text: text.count("SELECT c.email FROM customers c LIMIT 1;") == 2)
        terminal.type(CTRL_C)
        terminal.until(lambda text: prompts(text) == 3)

        terminal.type("\x12c.em")
        terminal.until(lambda text: text.count("SELECT c.email FROM customers c LIMIT 1;") == 3)
        terminal.type(CTRL_C)
        terminal.until(lambda text: "c.em" not in text.split("\n")[-1])
        terminal.type("\x12c.em\r\r")
        terminal.until(lambda text: text.count("1 row · 1 request") == 2)
        terminal.until(lambda text: text.endswith("demo>"))

        terminal.type("SELECT 'half' AS a")
        terminal.until("SELECT 'half' AS a")
        terminal.type("\x1b\r")
        terminal.until(lambda text: " half\n1 row" in text and text.endswith("demo>"))
        assert "Traceback" not in terminal.text
        terminal.type("exit\r")
        assert terminal.end() == 0


def test_ctrl_c_cancels_the_query_and_not_the_shell(env):
    with serve(Simulator(latency_ms=400), 0) as server:
        env |= {"STRIPE_API_KEY": SECRET}
        with Terminal([*COMMAND, "--base-url", server.url], env=env) as terminal:
            terminal.until(lambda text: prompts(text, "test>") == 1)
            assert "a test key" in terminal.text
            terminal.type("SELECT count(*) FROM charges WHERE currency = 'xxx';\r")
            assert "rows" in terminal.until(" requests/s")
            terminal.type(CTRL_C)
            shown = terminal.until(lambda text: prompts(text, "test>") == 2)
            assert "\ncancelled · " in shown
            assert "requests/s" not in shown, "the progress is erased"
            terminal.type("SELECT id FROM customers LIMIT 1;\r")
            assert "1 row · 1 request" in terminal.until(lambda text: prompts(text, "test>") == 3)
            terminal.type("SELECT count(*) FROM charges WHERE currency = 'yyy';\r")
            terminal.until(" requests/s")
            terminal.process.terminate()
            assert terminal.end() == 130, "a signal to end ends the shell"
            assert "Traceback" not in terminal.text


def test_a_narrow_terminal_without_colour(env):
    with Terminal([*COMMAND, "--demo"], env=env | {"NO_COLOR": "1"}, columns=40) as terminal:
        terminal.until(lambda text: prompts(text) == 1)
        terminal.type("SELECT id, email, name, created FROM customers LIMIT 2;\r")
        shown = terminal.until("2 rows")
        assert "\n─[ 1 ]" in shown or "│ …" in shown
        terminal.type(".filters charges\r")
        shown = terminal.until("the list's own order")
        assert "\n  id  = IN\n    one request per id\n" in shown
        terminal.type("SELECT nothing_of_that_name FROM customers;\r")
        terminal.until(lambda text: "       ^\n" in text and text.endswith("demo>"))
        terminal.type(CTRL_D)
        assert terminal.end() == 0
        for code in (b"\x1b[31m", b"\x1b[2m", b";34m", b"[34m", b"[33m"):
            assert code not in terminal.raw


def test_a_dumb_terminal(env):
    with Terminal([*COMMAND, "--demo"], env=env | {"TERM": "dumb"}) as terminal:
        terminal.until(lambda text: prompts(text) == 1)
        terminal.type("SELECT\n")
        terminal.until("   ->")
        terminal.type("1 AS a;\n")
        terminal.until(lambda text: " a\n──\n 1\n" in text and prompts(text) == 2)
        terminal.type(CTRL_C)
        terminal.until(lambda text: prompts(text) == 3)
        terminal.type(CTRL_D)
        assert terminal.end() == 0
        assert b"\x1b" not in terminal.raw


def test_a_price_is_asked_about(env):
    with Terminal([*COMMAND, "--demo"], env=env) as terminal:
        terminal.until(lambda text: prompts(text) == 1)
        terminal.type(".cost on\r.cost confirm 3\r")
        terminal.until(lambda text: prompts(text) == 3)
        terminal.type("SELECT id FROM charges LIMIT 1;\r")
        assert "price: 1 request planned\n" in terminal.until(lambda text: prompts(text) == 4)
        terminal.type("SELECT count(*) FROM charges;\r")
        assert "planned, more than 3; run it? [y/N]" in terminal.until("[y/N]")
        terminal.type("n\r")
        terminal.until(lambda text: prompts(text) == 5)
        terminal.type("SELECT count(*) FROM charges;\r")
        terminal.until(lambda text: text.count("[y/N]") == 2)
        terminal.type("y\r")
        terminal.until(lambda text: text.count("1 row · ") == 2 and text.endswith("demo>"))
        terminal.process.terminate()
        assert terminal.end() == 130, "a signal to end ends the shell at the prompt too"
        assert "Traceback" not in terminal.text


def test_a_long_result_is_paged_and_leaving_the_pager_stops_the_reading(env, tmp_path):
    pager = tmp_path / "pager.py"
    pager.write_text(
        "import signal, sys\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nfor _ in range(3):\n    print(sys.stdin.readline(), end='')\nprint('-- more --', flush=True)\nopen('/dev/tty').readline()\n"
    )
    with Terminal([*COMMAND, "--demo"], env=env | {"PAGER": f"{sys.executable} {pager}"}) as terminal:
        terminal.until(lambda text: prompts(text) == 1)
        terminal.type("SELECT id FROM charges;\r")
        terminal.until("-- more --")
        terminal.type(CTRL_C)  # is the pager's own, which does not mind here
        terminal.type("q\r")
        shown = terminal.until(lambda text: prompts(text) == 2)
        assert "Traceback" not in shown
        terminal.type(CTRL_D)
        assert terminal.end() == 0


def test_without_a_key_it_says_what_to_do(env):
    with Terminal(COMMAND, env=env) as terminal:
        assert terminal.end() == 2
        assert "there is no Stripe key yet" in terminal.text
        assert "stripesql --demo opens the shell on the demo account" in terminal.text


def test_a_pipe_gets_results_and_no_words(env):
    script = ".tables refunds\nSELECT 1 AS a;\n.mode csv\nSELECT 2 AS b\n"
    done = subprocess.run([*COMMAND, "--demo"], input=script, capture_output=True, encoding="utf-8", env=env, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "application_fee_refunds\nrefunds\n a\n──\n 1\nb\n2\n"
