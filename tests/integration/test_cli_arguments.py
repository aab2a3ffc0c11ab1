from decimal import Decimal

import pytest

from stripesql.cli.arguments import Options, Origin, SimulateOptions, Source, TourOptions, UsageError, read
from stripesql.cli.keys import hold_key, redacted
from stripesql.cli.run import chosen_format

KEY = "sk_" + "test_" + "51HabcdefGHIJ"


def options(*arguments) -> Options:
    found = read(arguments)
    assert isinstance(found, Options)
    return found


def test_sources_keep_their_order():
    found = options("-c", "SELECT 1", "-f", "a.sql", "-c", "SELECT 2", "-")
    assert found.sources == (
        Source(Origin.ARGUMENT, "SELECT 1"),
        Source(Origin.FILE, "a.sql"),
        Source(Origin.ARGUMENT, "SELECT 2"),
        Source(Origin.STDIN),
    )
    assert options("-f", "-").sources == (Source(Origin.STDIN),)


def test_only_settings_that_are_given_are_passed_on():
    assert options("-c", "x").settings == {}
    found = options("--demo", "--timezone", "Europe/Berlin", "--max-requests", "7", "--account", "acct_1", "--dialect", "postgres")
    assert found.settings == {
        "demo": True,
        "timezone": "Europe/Berlin",
        "max_requests": 7,
        "stripe_account": "acct_1",
        "sql_dialect": "postgres",
    }


def test_parameters_are_text_unless_they_are_said_to_be_json():
    found = options("--param", "zip=01234", "--param", "n:=5", "--param", "d:=1.50", "--param", "none:=null", "--param", "e=a=b")
    assert found.parameters == {"zip": "01234", "n": 5, "d": Decimal("1.50"), "none": None, "e": "a=b"}
    assert options("-c", "x").parameters is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--formt", "csv"], "--formt is not an option here; did you mean --format?"),
        (["--api-key", "x"], "no option takes the key: it is read from the environment variable STRIPE_API_KEY"),
        (["SELECT 1"], "SQL is given with -c: stripesql -c 'SELECT ...'"),
        (["--demo", "demo"], "demo comes first and takes its own options: stripesql demo --help"),
        (["--param", "novalue"], "argument --param: write NAME=VALUE for text, or NAME:=VALUE for a JSON value"),
        (["--param", "n:=x"], "argument --param: the value of n is not JSON; n=VALUE takes it as text"),
        (["--max-requests", "many"], "argument --max-requests: invalid int value: 'many'"),
        (["simulate", "--porrt", "1"], "--porrt is not an option here; did you mean --port?"),
        (["demo", "-c", "x"], "-c is not an option here"),
    ],
)
def test_a_wrong_command_line_is_explained(arguments, message):
    with pytest.raises(UsageError) as caught:
        read(arguments)
    assert str(caught.value).startswith(message)


def test_subcommands_have_their_own_options():
    assert read(["demo"]) == TourOptions(debug=False)
    found = read(["simulate", "--port", "0", "--scale", "0.5", "--rate", "25"])
    assert isinstance(found, SimulateOptions)
    assert (found.port, found.scale, found.rate, found.endpoint_rate) == (0, 0.5, 25.0, None)


@pytest.mark.parametrize(
    "argument",
    [
        KEY,
        "--api-key=" + KEY,
        KEY.replace("test", "live").replace("sk", "rk"),
        "stripe://:" + KEY + "@/",
        "--url=stripe://:anything@/?demo=1",
        "stripe+stripesql://:anything@/",
        f"SELECT '{KEY}'",
    ],
)
def test_what_looks_like_a_key_is_seen(argument):
    assert hold_key(["-c", "SELECT 1", argument])


@pytest.mark.parametrize("argument", ["pk_test_abc", "SELECT 'task_test'", "stripe:///?demo=1", "a@b:c@d", "risk_test_mode"])
def test_what_is_no_key_is_let_through(argument):
    assert not hold_key([argument])


def test_keys_are_redacted_also_when_they_do_not_look_like_one(monkeypatch):
    monkeypatch.setenv("STRIPE_API_KEY", "odd-key-123")
    assert redacted(f"Invalid API Key: {KEY} or odd-key-123") == "Invalid API Key: *** or ***"


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ([], "table"),
        (["--format", "vertical"], "vertical"),
        (["-o", "a/b.CSV"], "csv"),
        (["-o", "a.parquet"], "parquet"),
        (["-o", "a.dat", "--format", "json"], "json"),
        (["-o", "a.csv", "--format", "jsonl"], "jsonl"),
        (["-o", "-"], "table"),
    ],
)
def test_the_format_is_the_one_asked_for_or_the_one_of_the_suffix(arguments, name):
    assert chosen_format(options(*arguments)) == name


def test_a_suffix_that_says_nothing_needs_a_format():
    with pytest.raises(UsageError, match=r"the suffix of a\.dat names no format; add --format"):
        chosen_format(options("-o", "a.dat"))
