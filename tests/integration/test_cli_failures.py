"""What a command says and leaves behind when something goes wrong, with a connection that can be told to go wrong."""

import os
import signal
import sys
import threading

import pyarrow as pa
import pytest

import stripesql
from stripesql import errors
from stripesql.cli.main import main
from stripesql.stats import Stats

KEY = "sk_" + "test_" + "51HabcdefGHIJ"


class Cursor:
    """Answer each statement with what ``answers`` holds for it: rows, or an exception at the start or after a page."""

    def __init__(self, answers):
        self.answers = answers
        self.stats = Stats()
        self.description = None
        self.rowcount = -1
        self.cancelled = threading.Event()
        self.rows = []

    def execute(self, operation, parameters=None):
        answer = self.answers[operation.strip()]
        if isinstance(answer, BaseException):
            raise answer
        if answer == "wait":
            self.answers["started"]()
            assert self.cancelled.wait(30)
            raise errors.QueryCancelled("the query was cancelled after 3 requests")
        self.rows = answer
        self.description = None if isinstance(answer, int) else [("n", "BIGINT", None, None, None, None, None)]
        self.rowcount = answer if isinstance(answer, int) else -1

    def fetch_record_batch(self):
        schema = pa.schema([("n", pa.int64())])
        return pa.RecordBatchReader.from_batches(schema, self._batches())

    def _batches(self):
        for row in self.rows:
            if isinstance(row, BaseException):
                raise row
            yield pa.record_batch({"n": pa.array([row], pa.int64())})

    def cancel(self):
        self.cancelled.set()

    def close(self):
        pass


class Connection:
    def __init__(self, answers):
        self.answers = answers

    def cursor(self):
        return Cursor(self.answers)

    def close(self):
        self.answers["closed"] = True


@pytest.fixture
def answers(monkeypatch):
    """Give the answers of the connection that the command will open."""
    made = {}
    monkeypatch.setattr(stripesql, "connect", lambda *url, **settings: Connection(made), raising=False)
    return made


@pytest.mark.parametrize(
    ("problem", "code", "said"),
    [
        (
            errors.UnknownName('column "custmer" is not in invoices; did you mean "customer"?', position=(2, 7)),
            1,
            'stripesql: column "custmer" is not in invoices; did you mean "customer"? (line 2, column 7)\n',
        ),
        (
            errors.NotFound("No such customer: 'cus_1'", status=404, code="resource_missing", request_id="req_1"),
            1,
            "stripesql: No such customer: 'cus_1'\n  request req_1, https://docs.stripe.com/error-codes#resource-missing\n",
        ),
        (errors.ApiFailure("Stripe answered 500", request_id="req_2"), 1, "stripesql: Stripe answered 500\n  request req_2\n"),
        (
            errors.OutcomeUnknown("no answer", idempotency_key="ik_1"),
            1,
            "stripesql: no answer\n  idempotency key ik_1\n",
        ),
        (errors.InterfaceError("'x' is not a setting"), 2, "stripesql: 'x' is not a setting\n"),
        (
            errors.InvalidRequest(f"bad \x1b[31m {KEY}\nsecond line"),
            1,
            "stripesql: bad \\x1b[31m ***\n  second line\n",
        ),
        (
            KeyError("oops"),
            1,
            "stripesql: unexpected KeyError: 'oops'\n  this is a defect of stripesql; --debug shows where\n",
        ),
    ],
)
def test_an_error_is_one_message_with_its_hint(answers, capfd, problem, code, said):
    answers["SELECT 1"] = problem
    assert main(["-c", "SELECT 1"]) == code
    captured = capfd.readouterr()
    assert captured.err == said
    assert captured.out == ""


def test_the_budget_says_how_to_raise_it(answers, capfd):
    answers["SELECT 1"] = errors.BudgetExceeded("the query needs about 40 requests and may send 3")
    assert main(["-c", "SELECT 1", "--max-requests", "3"]) == 1
    assert "--max-requests raises the budget" in capfd.readouterr().err


def test_debug_shows_the_traceback_and_no_key(answers, capfd):
    answers["SELECT 1"] = errors.AuthenticationFailed(f"Invalid API Key provided: {KEY}")
    assert main(["-c", "SELECT 1", "--debug"]) == 1
    said = capfd.readouterr().err
    assert said.startswith("Traceback (most recent call last):")
    assert KEY not in said
    assert said.endswith("stripesql: Invalid API Key provided: ***\n")


def test_a_key_among_the_arguments_is_refused_and_not_repeated(answers, capfd):
    assert main(["-c", "SELECT 1", "--api-key", KEY]) == 2
    said = capfd.readouterr().err
    assert KEY not in said
    assert "STRIPE_API_KEY" in said


def test_the_first_failing_statement_ends_the_command_and_is_named(answers, capfd):
    answers |= {"SELECT 1": [1], "SELECT 2": errors.DataError("no"), "SELECT 3": [3]}
    assert main(["-c", "SELECT 1; SELECT 2; SELECT 3", "--format", "csv"]) == 1
    captured = capfd.readouterr()
    assert captured.out == "n\n1\n"
    assert captured.err == "stripesql: no\n  in statement 2 of 3: SELECT 2\n"
    assert answers["closed"]


def test_a_failing_query_leaves_the_file_of_before(answers, capfd, tmp_path):
    target = tmp_path / "rows.csv"
    target.write_text("before")
    answers["SELECT 1"] = [1, 2, errors.ApiFailure("page 3 failed")]
    assert main(["-c", "SELECT 1", "-o", str(target)]) == 1
    assert target.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["rows.csv"]


def test_a_file_keeps_its_mode_and_its_symlink(answers, tmp_path):
    target, link = tmp_path / "rows.csv", tmp_path / "link.csv"
    target.write_text("before")
    target.chmod(0o640)
    link.symlink_to(target)
    answers["SELECT 1"] = [1]
    assert main(["-c", "SELECT 1", "-o", str(link)]) == 0
    assert link.is_symlink()
    assert target.read_text() == "n\n1\n"
    assert target.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("name", ["csv", "tsv", "json", "jsonl", "parquet", "xlsx"])
def test_two_results_are_not_written_to_a_file_that_holds_one(answers, capfd, tmp_path, name):
    # Nothing is sent: there is no answer to either.
    assert main(["-c", "SET timezone = 'UTC'; SELECT 1; SELECT 2", "-o", str(tmp_path / f"a.{name}")]) == 2
    assert f"a.{name} would get 2 results, and {name} holds one result: run them one by one" in capfd.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_second_result_that_no_word_announced_is_refused_when_it_comes(answers, capfd, tmp_path):
    answers |= {"SELECT 1": [1], "VACUUM": [2]}
    assert main(["-c", "SELECT 1; VACUUM", "-o", str(tmp_path / "a.csv")]) == 1
    assert "csv holds one result and this is the second" in capfd.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_files_for_people_hold_several_results(answers, tmp_path):
    answers |= {"SELECT 1": [1], "SELECT 2": [2]}
    assert main(["-c", "SELECT 1; SELECT 2", "-o", str(tmp_path / "a.md")]) == 0
    assert (tmp_path / "a.md").read_text().count("| n |") == 2


def test_binary_formats_hold_one_result_in_a_pipe_too(answers, capfd):
    answers |= {"SELECT 1": [1], "SELECT 2": [2]}
    assert main(["-c", "SELECT 1; SELECT 2", "--format", "parquet"]) == 1
    assert "parquet holds one result and this is the second" in capfd.readouterr().err


def test_a_file_that_cannot_be_written_is_named(answers, capfd, tmp_path):
    answers["SELECT 1"] = [1]
    assert main(["-c", "SELECT 1", "-o", str(tmp_path / "none" / "a.csv")]) == 1
    assert capfd.readouterr().err == f"stripesql: {tmp_path}/none/a.csv: No such file or directory\n"


def test_statements_without_rows_write_nothing(answers, capfd, tmp_path):
    answers["SET timezone = 'UTC'"] = 0
    assert main(["-c", "SET timezone = 'UTC'", "-o", str(tmp_path / "a.csv")]) == 0
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_results_for_people_are_apart_and_others_are_not(answers, capfd):
    answers |= {"SELECT 1": [1], "SELECT 2": [2]}
    assert main(["-c", "SELECT 1; SELECT 2"]) == 0
    assert capfd.readouterr().out == " n\n──\n 1\n\n n\n──\n 2\n"
    assert main(["-c", "SELECT 1; SELECT 2", "--format", "jsonl"]) == 0
    assert capfd.readouterr().out == '{"n":1}\n{"n":2}\n'


def test_a_write_says_what_it_wrote_to_people_and_not_to_programs(answers, capfd, tmp_path):
    answers |= {"SELECT 1": [1], "DELETE": 2, "UPDATE": 1}
    assert main(["-c", "DELETE; SELECT 1; UPDATE"]) == 0
    assert capfd.readouterr() == ("2 rows written\n\n n\n──\n 1\n\n1 row written\n", "")
    for options in (["--format", "csv"], ["--format", "json"], ["-o", str(tmp_path / "a.md")]):
        assert main(["-c", "DELETE", *options]) == 0
        assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_stats_are_printed_also_where_there_is_no_terminal(answers, capfd):
    answers |= {"SELECT 1": [1], "DELETE": 2}
    assert main(["-c", "SELECT 1; DELETE", "--stats"]) == 0
    lines = capfd.readouterr().err.splitlines()
    assert lines[0].startswith("1 row · 0 requests · ")
    assert lines[1].startswith("0 requests · 0 rows fetched · 0 bytes · 0 retries · ")
    assert lines[2].startswith("2 rows written · 0 requests · ")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_cancels_the_statement_and_those_after_it(answers, capfd, number):
    before = signal.getsignal(number)
    answers |= {"SELECT 1": "wait", "SELECT 2": [2], "started": lambda: os.kill(os.getpid(), number)}
    assert main(["-c", "SELECT 1; SELECT 2", "--format", "csv"]) == 130
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == "stripesql: the query was cancelled after 3 requests\n  in statement 1 of 2: SELECT 1\n"
    assert answers["closed"]
    assert signal.getsignal(number) is before


def test_files_that_cannot_be_read_are_a_wrong_command_line(answers, capfd, tmp_path):
    assert main(["-f", str(tmp_path / "none.sql")]) == 2
    assert "none.sql: No such file or directory" in capfd.readouterr().err
    (tmp_path / "latin.sql").write_bytes(b"SELECT '\xe9'")
    assert main(["-f", str(tmp_path / "latin.sql")]) == 2
    assert "latin.sql is not UTF-8 text (byte 8)" in capfd.readouterr().err
    (tmp_path / "empty.sql").write_text(" ;\n-- nothing\n")
    assert main(["-f", str(tmp_path / "empty.sql")]) == 2
    assert "there is no statement to run" in capfd.readouterr().err


def test_a_byte_order_mark_is_no_part_of_the_sql(answers, capfd, tmp_path):
    answers["SELECT 1"] = [1]
    (tmp_path / "windows.sql").write_bytes(b"\xef\xbb\xbfSELECT 1;\r\n")
    assert main(["-f", str(tmp_path / "windows.sql"), "--format", "csv"]) == 0
    assert capfd.readouterr().out == "n\n1\n"


def test_parameters_reach_the_statement(answers, monkeypatch):
    seen = []
    monkeypatch.setattr(Cursor, "execute", lambda self, operation, parameters=None: seen.append((operation.strip(), parameters)))
    assert main(["-c", "SELECT :a", "--param", "a=1"]) == 0
    assert seen == [("SELECT :a", {"a": "1"})]


def test_the_command_runs_in_a_thread_that_is_not_the_main_one(answers):
    seen = []
    answers |= {"SELECT 1": [1]}
    original = Cursor.execute

    def execute(self, operation, parameters=None):
        seen.append(threading.current_thread() is threading.main_thread())
        original(self, operation, parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Cursor, "execute", execute)
        assert main(["-c", "SELECT 1", "-o", "/dev/null", "--format", "csv"]) == 0
    assert seen == [False]
    assert sys.stdout is not None
