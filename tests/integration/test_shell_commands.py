"""What dot commands do, in a script: the same as at the prompt, without a terminal."""

import json
import os
import sys

import pyarrow.parquet as pq
import pytest

from stripesql.cli.main import main
from stripesql.cli.shell.paging import PagerClosed, Pages, pager_command
from stripesql.outputs.formats import FORMATS


@pytest.fixture
def shell(capfd):
    def run(*lines, options=(), code=0):
        assert main(["--demo", *options, "-c", "\n".join([".timer on", *lines])]) == code
        return capfd.readouterr()

    return run


def test_tables_are_listed_by_pattern(shell):
    assert shell(".tables refund").out == "application_fee_refunds\nrefunds\n"
    assert shell(".tables refund*").out == "refunds\n"
    assert shell(".tables checkout_%").out == "checkout_session_line_items\ncheckout_sessions\n"
    assert shell(".tables").out.count("\n") > 100
    assert "no table's name fits custmers; near are customers" in shell(".tables custmers", code=2).err


def test_a_table_is_told_with_columns_keys_filters_and_procedures(shell):
    text = shell(".schema refunds").out
    assert text.startswith("refunds\n  list: GET /v1/refunds\n  by id: GET /v1/refunds/{refund}\n")
    assert "  charge                                    VARCHAR      -> charges; filter =\n" in text
    assert "  CALL refunds.cancel(refund)\n" in text
    assert "\n  writes: INSERT, UPDATE\n" in f"\n{text}"
    assert 'there is no table "refnds"; did you mean refunds?' in shell(".schema refnds", code=2).err
    assert "name a table: .schema customers" in shell(".schema", code=2).err


def test_tables_of_the_connection_are_told_too(shell):
    text = shell("CREATE TEMP TABLE refund_notes AS SELECT 1 AS n, 'x' AS note;", ".tables refund", ".schema refund_notes").out
    assert text.startswith("refund_notes\napplication_fee_refunds\nrefunds\nrefund_notes\n  of this connection alone\n\n  n     ")
    assert shell("CREATE TEMP TABLE gone AS SELECT 1 AS n;", "DROP TABLE gone;", ".tables gone", code=2).out == ""


def test_filters_are_told_with_their_values(shell):
    text = shell(".filters subscriptions").out
    assert "  id                     = IN                 one request per id\n" in text
    assert "sent as status; active, canceled, incomplete" in text
    assert "ORDER BY DESC LIMIT" in text


@pytest.mark.parametrize("name", ["table", "vertical", "csv", "tsv", "json", "jsonl", "markdown"])
def test_a_mode_is_for_all_results_after_it(shell, name):
    text = shell(f".mode {name}", "SELECT 1 AS a;", "SELECT 2 AS a;").out
    assert "1" in text
    assert "2" in text
    if name == "json":
        assert json.loads(text.partition("\n")[0] if text.startswith("[{") else text[: text.index("]") + 1]) == [{"a": 1}]
    if name == "csv":
        assert text == "a\n1\na\n2\n"


def test_a_plan_is_lines_in_every_mode_for_people(shell):
    text = shell(".mode vertical", "SELECT 1 AS a FROM balance;", ".explain").out
    assert " explain\n" in text
    assert "balance: single object" in text


def test_results_go_to_files(shell, tmp_path):
    csv, txt, parquet = (tmp_path / name for name in ("a.csv", "a.txt", "a b.parquet"))
    out = shell(
        f".once {csv}",
        "SELECT 1 AS a;",
        "SELECT 'shown' AS b;",
        f".output {txt}",
        "SELECT 2 AS a;",
        "SELECT 3 AS a;",
        ".output",
        f".once {parquet}",
        "SELECT 4 AS a;",
        "SELECT 'again' AS c;",
    ).out
    assert csv.read_text() == "a\n1\n"
    assert txt.read_text() == " a\n──\n 2\n\n a\n──\n 3\n"
    assert pq.read_table(parquet).to_pylist() == [{"a": 4}]
    assert out == " b\n──────\n shown\n c\n──────\n again\n"


def test_a_file_whose_format_holds_one_result_gets_one(shell, tmp_path):
    file = tmp_path / "a.csv"
    err = shell(f".output {file}", "SELECT 1 AS a;", "SELECT 2 AS b;", code=2).err
    assert "has a result already, and csv holds one: .output or .once another file" in err
    assert file.read_text() == "a\n1\n"


def test_a_failing_result_leaves_a_file_as_it_was(shell, tmp_path):
    file = tmp_path / "a.txt"
    shell(f".output {file}", "SELECT 1 AS a;", "SELECT error('no') AS b;", code=1)
    assert file.read_text() == " a\n──\n 1\n"


def test_parameters_are_set_shown_and_forgotten(shell):
    assert shell(".params a=1", ".params n:=2.50", ".params", "SELECT :a AS a, :n AS n;").out == (
        ':a = "1"\n:n = 2.50\n a │    n\n───┼─────\n 1 │ 2.50\n'
    )
    assert shell(".params a=1", ".params unset a", ".params").out == ""
    assert shell(".params", options=["--param", "a=1"]).out == ':a = "1"\n'
    assert "write NAME=VALUE for text" in shell(".params nothing", code=2).err


def test_a_price_above_the_limit_is_not_paid_where_nobody_can_be_asked(shell):
    err = shell(".cost confirm 5", "SELECT 1;", "SELECT count(*) FROM charges;", code=2).err
    assert "planned, more than 5; .cost confirm is 5 and nobody can be asked, so it was not run" in err
    assert shell(".cost confirm 5", "SELECT id FROM charges LIMIT 1;").out.count("ch_") == 1
    err = shell(".cost confirm 5", "INSERT INTO customers (email) VALUES ('price@example.com');", code=2).err
    assert "a write takes a request for each row (.explain shows them); .cost confirm is 5 and nobody can be asked" in err
    assert shell("SELECT count(*) AS n FROM customers WHERE email = 'price@example.com';").out == " n\n──\n 0\n"
    assert "takes a number of requests" in shell(".cost confirm many", code=2).err


def test_files_are_read_and_the_first_failure_ends_them(shell, tmp_path):
    inner, outer = tmp_path / "inner.sql", tmp_path / "outer.sql"
    inner.write_text("SELECT 'inner' AS a")
    outer.write_text(f"-- a note\n.mode csv\n.read {inner}\nSELECT nothing FROM customers;\nSELECT 'never';\n")
    found = shell(f".read {outer}", "SELECT 'nor this';", code=1)
    assert found.out == "a\ninner\n"
    assert 'there is no column "nothing" in customers' in found.err
    inner.write_text(f".read {inner}\n")
    assert "nested too deeply" in shell(f".read {inner}", code=2).err
    assert "cannot read" in shell(f".read {tmp_path}/none.sql", code=2).err


def test_commands_that_do_not_exist_are_corrected(shell):
    assert "there is no command .tabels; did you mean .tables?" in shell(".tabels", code=2).err
    assert "there is no format cvs; did you mean csv?" in shell(".mode cvs", code=2).err
    assert "write on or off, not maybe" in shell(".timer maybe", code=2).err
    assert f"there is no folder {os.sep}none" in shell(".once /none/a.csv", code=2).err


def test_help_lists_all_and_tells_one(shell):
    text = shell(".help").out
    for name in (
        ".tables",
        ".schema",
        ".filters",
        ".mode",
        ".output",
        ".once",
        ".read",
        ".timer",
        ".cost",
        ".explain",
        ".params",
        ".help",
        ".quit",
    ):
        assert f"\n{name}" in f"\n{text}"
    assert shell(".help cost").out == ".cost [on|off|confirm N]\n  requests before each statement; ask above N\n"
    for name in FORMATS:
        assert main(["--demo", "-c", f".mode {name}"]) == 0


def test_quit_ends_a_script(shell):
    assert shell("SELECT 1 AS a;", ".quit", "SELECT 2 AS a;").out == " a\n──\n 1\n"


def test_a_write_tells_its_rows_and_an_error_ends_the_script(shell):
    assert shell(".mode csv", "SET timezone = 'Asia/Tokyo';", "SHOW timezone;").out == "timezone\nAsia/Tokyo\n"


def test_the_dialect_is_that_of_the_session(shell):
    text = shell(".mode csv", "SET sql_dialect = 'mysql';", "SELECT 'a\\';b' AS a;").out
    assert text == "a\na';b\n"


# -- the pager


def test_a_short_text_is_written_and_a_long_one_is_paged(capfd, monkeypatch):
    monkeypatch.setenv("PAGER", f"{sys.executable} -c 'import sys; print(len(sys.stdin.read()))'")
    short, long = Pages(lines=3, columns=80), Pages(lines=3, columns=80)
    short.write(b"1\n2\n3\n")
    short.end()
    assert capfd.readouterr().out == "1\n2\n3\n"
    long.write(b"1\n2\n3\n4\n")
    long.write(b"5\n")
    long.end()
    assert capfd.readouterr().out == "10\n"


def test_lines_that_are_folded_count_as_many(capfd, monkeypatch):
    monkeypatch.setenv("PAGER", f"{sys.executable} -c 'import sys; print(len(sys.stdin.read()))'")
    pages = Pages(lines=3, columns=10)
    pages.write(b"x" * 31 + b"\n")
    pages.end()
    assert capfd.readouterr().out == "32\n"


def _write_until_it_fails(pages):
    while True:
        pages.write(b"x" * 100_000 + b"\n")


def test_a_pager_that_is_left_ends_the_writing(monkeypatch):
    monkeypatch.setenv("PAGER", f"{sys.executable} -c pass")
    pages = Pages(lines=0, columns=80)
    with pytest.raises(PagerClosed):
        _write_until_it_fails(pages)
    pages.end()


@pytest.mark.parametrize("pager", ["", "cat", "no-such-program-anywhere", "'"])
def test_without_a_pager_everything_is_written(capfd, monkeypatch, pager):
    monkeypatch.setenv("PAGER", pager)
    assert pager_command() is None
    pages = Pages(lines=1, columns=80)
    pages.write(b"1\n2\n3\n")
    pages.end()
    assert capfd.readouterr().out == "1\n2\n3\n"


def test_the_pager_gets_no_key(capfd, monkeypatch):
    key = "sk_" + "test_" + "51HabcdefGHIJ"
    monkeypatch.setenv("STRIPE_API_KEY", key)
    monkeypatch.setenv("WORK_KEY", key.replace("sk", "rk"))
    monkeypatch.setenv(
        "PAGER", f'{sys.executable} -c \'import os; print(sorted(set(os.environ) & {{"STRIPE_API_KEY", "WORK_KEY", "LESS"}}))\''
    )
    monkeypatch.delenv("LESS", raising=False)
    pages = Pages(lines=0, columns=80)
    pages.write(b"1\n2\n")
    pages.end()
    assert capfd.readouterr().out == "['LESS']\n"
