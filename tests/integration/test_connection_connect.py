"""What connect() takes, and what it keeps to itself."""

import copy
import logging
import pickle
import traceback

import httpx
import pytest

import stripesql
from stripesql.settings import SETTINGS, ApiKey
from stripesql.simulator import Simulator, serve
from stripesql.simulator.faults import Fault

KEY = "sk_test_51SECRETabcdefgh"


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    for name in ("STRIPE_API_KEY", "STRIPESQL_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def _sent(*args, **settings):
    """Connect, run a query, and return the request that went out."""
    seen = []

    def answer(request):
        seen.append(request)
        return httpx.Response(200, json={"object": "list", "data": [], "has_more": False, "url": "/v1/customers"})

    with stripesql.connect(*args, transport=httpx.MockTransport(answer), **settings) as connection:
        connection.execute("SELECT id FROM customers").fetchall()
    return seen[0]


# -- the key


def test_the_key_travels_in_the_header_and_nowhere_else():
    request = _sent(KEY)
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert KEY not in str(request.url)


def test_the_key_is_an_argument_by_place_or_name_or_from_the_environment(monkeypatch):
    assert _sent(api_key=KEY).headers["Authorization"].endswith(KEY)
    monkeypatch.setenv("STRIPE_API_KEY", "rk_live_fromenv")
    assert _sent().headers["Authorization"] == "Bearer rk_live_fromenv"
    assert _sent(KEY).headers["Authorization"].endswith(KEY)
    assert _sent("stripe://:sk_test_url@/").headers["Authorization"].endswith("sk_test_url")
    assert _sent("stripe:///").headers["Authorization"] == "Bearer rk_live_fromenv"


def test_a_missing_key_names_the_ways_to_give_one():
    for arguments in ([], [None], [""], ["stripe:///"]):
        with pytest.raises(stripesql.InterfaceError, match=r"STRIPE_API_KEY.*demo=True"):
            stripesql.connect(*arguments)


@pytest.mark.parametrize("key", ["pk_test_abc", "pk_live_abc", "stripe://:pk_test_abc@/"])
def test_a_publishable_key_is_refused(key):
    with pytest.raises(stripesql.InterfaceError, match="publishable"):
        stripesql.connect(key)


@pytest.mark.parametrize("key", ["sk_test_a b", "sk_test_a\n", "sk_test_ü", "sk_test_\x00", "export STRIPE_API_KEY=sk_test_a"])
def test_a_key_with_odd_characters_is_refused(key):
    with pytest.raises(stripesql.InterfaceError, match="characters"):
        stripesql.connect(key)


@pytest.mark.parametrize("key", [5, b"sk_test_a", ["sk_test_a"], True])
def test_a_key_that_is_no_text_is_refused(key):
    with pytest.raises(stripesql.InterfaceError, match="is text"):
        stripesql.connect(key)


# -- URLs


@pytest.mark.parametrize("url", ["stripe:///?demo=1", "stripesql:///?demo=true", "stripe://?demo=1", "stripe://:sk_test_a@/?demo=1"])
def test_a_url_may_ask_for_the_demo(url):
    with stripesql.connect(url) as connection:
        assert connection.execute("SELECT count(*) > 0 FROM customers").fetchone() == (True,)


def test_a_url_gives_settings_which_arguments_overrule():
    with stripesql.connect("stripe:///?demo=1&timezone=Europe/Berlin&max_requests=7") as connection:
        assert connection.execute("SHOW timezone").fetchone() == ("Europe/Berlin",)
        assert connection.execute("SHOW max_requests").fetchone() == ("7",)
    with stripesql.connect("stripe:///?demo=1&timezone=Europe/Berlin", timezone="Asia/Tokyo") as connection:
        assert connection.execute("SHOW timezone").fetchone() == ("Asia/Tokyo",)


def test_a_key_in_a_url_is_decoded():
    assert _sent("stripe://:sk_test_a%2Db@/").headers["Authorization"] == "Bearer sk_test_a-b"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (f"stripe://{KEY}@/", "stripe://:sk_test_...@/"),
        (f"stripe://{KEY}:@/", "stripe://:sk_test_...@/"),
        (f"stripe://user:{KEY}@/", "stripe://:sk_test_...@/"),
        (f"stripe:///?api_key={KEY}", "stripe://:sk_test_...@/"),
        (f"stripe://:{KEY}@api.stripe.com/", "base_url"),
        (f"stripe://:{KEY}@/database", "base_url"),
        (f"stripe://:{KEY}@/#x", "host or a path"),
        (f"postgresql://:{KEY}@/", "begin with stripe://"),
        (f"stripe://:{KEY}@[/", "cannot be read"),
        (f"stripe://:{KEY}@/?timezon=UTC", 'did you mean .timezone.'),
        (f"stripe://:{KEY}@/?memory_limit=1GB", "cannot be given here"),
        (f"stripe://:{KEY}@/?transport=x", "cannot be given here"),
        (f"stripe://:{KEY}@/?max_requests=many", "max_requests takes a whole number"),
    ],
)  # fmt: skip
def test_a_wrong_url_is_explained_without_repeating_it(url, message):
    with pytest.raises(stripesql.InterfaceError, match=message) as caught:
        stripesql.connect(url)
    assert "SECRET" not in str(caught.value)


# -- settings


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"timezon": "UTC"}, "did you mean 'timezone'"),
        ({"qwerty": 1}, "settings are"),
        ({"timezone": "Europe/Nowhere"}, "IANA"),
        ({"timezone": 5}, "IANA"),
        ({"timezone": "../etc"}, "IANA"),
        ({"timezone": ""}, "IANA"),
        ({"read_only": "perhaps"}, "read_only"),
        ({"max_requests": -1}, "whole number"),
        ({"max_requests": 1.5}, "whole number"),
        ({"max_requests": True}, "whole number"),
        ({"statement_timeout_s": 0}, "positive"),
        ({"statement_timeout_s": "soon"}, "positive"),
        ({"http_timeout_s": float("nan")}, "positive"),
        ({"http_timeout_s": float("inf")}, "positive"),
        ({"http_timeout_s": None}, "positive"),
        ({"requests_per_second": 0}, "positive"),
        ({"cache_ttl_s": -1}, "cache_ttl_s"),
        ({"shared_limits": None}, "true or false"),
        ({"base_url": 5}, "base_url"),
        ({"demo": 5}, "demo"),
        ({"stripe_account": 5}, "an account id"),
    ],
)
def test_wrong_settings_are_interface_errors(settings, message):
    with pytest.raises(stripesql.InterfaceError, match=message):
        stripesql.connect(KEY, **settings)


@pytest.mark.parametrize("url", ["http://api.stripe.com", "ftp://localhost", "https://", "https://user:password@x.com", "http://127.0.0.1.evil.com", "http://localhost@evil.com", "api.stripe.com", "", "http://[::2]", "http://0.0.0.0"])  # fmt: skip
def test_a_base_url_that_would_show_the_key_is_refused(url):
    with pytest.raises(stripesql.NotSupportedError, match="https"):
        stripesql.connect(KEY, base_url=url)


@pytest.mark.parametrize(
    "url",
    ["https://stripe.example.com", "https://example.com/prefix/", "http://127.0.0.1:12111", "http://localhost:1", "http://[::1]:8080"],
)
def test_a_base_url_is_https_or_loopback(url):
    assert str(_sent(KEY, base_url=url).url).startswith(url.rstrip("/") + "/v1/customers")


def test_the_environment_may_give_the_base_url(monkeypatch):
    monkeypatch.setenv("STRIPESQL_BASE_URL", "http://127.0.0.1:12111")
    assert _sent(KEY).url.port == 12111
    assert _sent(KEY, base_url="http://127.0.0.1:5").url.port == 5
    monkeypatch.setenv("STRIPESQL_BASE_URL", "http://example.com")
    with pytest.raises(stripesql.NotSupportedError):
        stripesql.connect(KEY)


def test_headers_follow_settings():
    request = _sent(KEY, stripe_account="acct_1", stripe_version="2024-06-20")
    assert (request.headers["Stripe-Account"], request.headers["Stripe-Version"]) == ("acct_1", "2024-06-20")


VALUES = {
    "stripe_account": ("acct_1", "acct_1"), "stripe_context": ("a/b", "a/b"), "stripe_version": ("2024-06-20", "2024-06-20"), "timezone": ("Europe/Berlin", "Europe/Berlin"),
    "sql_dialect": ("postgres", "postgres"), "max_requests": ("7", "7"), "statement_timeout_s": ("1.5", "1.5"), "http_timeout_s": ("9", "9.0"), "allow_stale_search": ("on", "true"),
    "pushdown": ("off", "false"), "cache_ttl_s": ("60", "60.0"), "cache_bytes": ("1000", "1000"),
    "allow_full_table_writes": ("true", "true"), "max_write_rows": ("10", "10"), "idempotency_key_prefix": ("x", "x"),
}  # fmt: skip


@pytest.fixture(scope="module")
def sim():
    return Simulator(scale=0.1)


@pytest.fixture
def connection(sim):
    with stripesql.connect(demo=True, transport=sim.transport()) as connection:
        yield connection


@pytest.mark.parametrize("name", [each.name for each in SETTINGS if "set" in each.places])
def test_settings_are_set_shown_and_reset(connection, name):
    value, shown = VALUES[name]
    before = connection.execute(f"SHOW {name}").fetchall()
    for statement in (f"SET {name} = '{value}'", f"SET {name.upper()} TO '{value}'", f"SET SESSION {name} = '{value}';"):
        cursor = connection.execute(statement)
        assert cursor.description is None
        assert connection.execute(f"SHOW {name}").fetchall() == [(shown,)] != before
        connection.execute(f"RESET {name}")
        assert connection.execute(f"SHOW {name}").fetchall() == before


@pytest.mark.parametrize("name", [each.name for each in SETTINGS if "set" not in each.places])
def test_other_settings_are_shown_and_not_set(connection, name):
    assert connection.execute(f"SHOW {name}").description[0][0] == name
    for statement in (f"SET {name} = '1'", f"RESET {name}"):
        with pytest.raises(stripesql.InterfaceError, match=r"connect\(\)"):
            connection.execute(statement)


def test_reset_goes_back_to_what_connect_was_given(sim):
    with stripesql.connect(demo=True, transport=sim.transport(), timezone="Asia/Tokyo") as connection:
        connection.execute("SET timezone = 'Europe/Berlin'")
        connection.execute("SET timezone = DEFAULT")
        assert connection.execute("SHOW timezone").fetchone() == ("Asia/Tokyo",)
        connection.execute("SET TIME ZONE 'Europe/Berlin'")
        assert connection.execute("SHOW TIME ZONE").fetchone() == ("Europe/Berlin",)


@pytest.mark.parametrize("statement", ["SET threads = 4", "SET memory_limt = '1GB'", "SET enable_external_access = true", "SET GLOBAL temp_directory = '/'", "RESET threads", "SHOW threads", "SET VARIABLE stripesql_now = 1", "SET TimeZone.x = 1"])  # fmt: skip
def test_settings_of_the_engine_are_out_of_reach(connection, statement):
    with pytest.raises(stripesql.Error):
        connection.execute(statement)


@pytest.mark.parametrize(
    ("name", "value"), [("timezone", "Nowhere"), ("max_requests", "-1"), ("statement_timeout_s", "0"), ("pushdown", "maybe")]
)
def test_a_wrong_value_leaves_the_setting_alone(connection, name, value):
    before = connection.execute(f"SHOW {name}").fetchall()
    with pytest.raises(stripesql.InterfaceError, match=name):
        connection.execute(f"SET {name} = '{value}'")
    assert connection.execute(f"SHOW {name}").fetchall() == before


def test_settings_of_two_connections_are_apart(connection, sim):
    with stripesql.connect(demo=True, transport=sim.transport()) as other:
        other.execute("SET timezone = 'Asia/Tokyo'")
        assert connection.execute("SHOW timezone").fetchone() == ("UTC",)


def test_a_password_of_a_proxy_is_not_shown():
    with stripesql.connect(KEY, proxy="http://user:password@127.0.0.1:1") as connection:
        assert connection.execute("SHOW proxy").fetchone() == ("http://***@127.0.0.1:1",)
        connection.execute("SET statement_timeout_s = 0.5")
        with pytest.raises(stripesql.OperationalError) as caught:
            connection.execute("SELECT id FROM customers").fetchall()
        assert "password" not in _told(caught.value)


# -- what stays secret


def _told(problem):
    """Return everything that a crash reporter would send: messages, and the variables of every frame of ours."""
    lines, pending, seen = [], [problem], set()
    while pending:
        each = pending.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        lines += [str(each), repr(each), repr(getattr(each, "__dict__", {}))]
        found = traceback.TracebackException.from_exception(each, capture_locals=True)
        # Beyond the frame of the test itself, which holds the key for a good reason.
        lines += [f"{frame.name} {frame.locals}" for frame in found.stack if frame.filename != __file__]
        pending += [each.__cause__, each.__context__]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "arguments",
    [
        ([KEY], {"timezon": "UTC"}), ([KEY], {"timezone": "x"}), ([KEY], {"base_url": "http://x.com"}), ([f"stripe://{KEY}@/"], {}), ([f"stripe://:{KEY}@host/"], {}), ([f"stripe://:{KEY}@[/"], {}),
        ([f"stripe:///?api_key={KEY}"], {}), ([f"stripe://:{KEY}@/?x=1"], {}), ([f"x://:{KEY}@/"], {}), (["pk_live_SECRET"], {}), (["SECRET SECRET"], {}), ([f"stripe://:{KEY}@/?base_url=http://x.com"], {}),
    ],
)  # fmt: skip
def test_no_failure_of_connect_tells_the_key(arguments):
    positional, named = arguments
    with pytest.raises(stripesql.Error) as caught:
        stripesql.connect(*positional, **named)
    assert "SECRET" not in _told(caught.value)


@pytest.fixture(scope="module")
def served(sim):
    with serve(sim) as server:
        yield server


@pytest.mark.parametrize("fault", list(Fault))
def test_no_failure_of_a_query_tells_the_key(sim, served, fault, caplog):
    caplog.set_level(logging.DEBUG)
    sim.faults.every(fault, 1)
    sim.faults.drip_s = 0.05
    try:
        with stripesql.connect(KEY, base_url=served.url, statement_timeout_s=0.4) as connection:
            with pytest.raises(stripesql.Error) as caught:
                connection.execute("SELECT * FROM customers").fetchall()
            told = _told(caught.value)
    finally:
        sim.faults.clear()
    assert "send" in told  # the variables are really there
    assert "SECRET" not in told
    assert "SECRET" not in caplog.text


@pytest.mark.parametrize(
    "statement", ["SELECT nothing FROM customers", "SELECT 'a'::INT", "SELEC", "SHOW api_key", "SET api_key = 1", "SELECT * FROM custmers"]
)
def test_no_error_of_sql_tells_the_key(served, statement):
    with stripesql.connect(KEY, base_url=served.url) as connection:
        with pytest.raises(stripesql.Error) as caught:
            connection.execute(statement).fetchall()
        assert "SECRET" not in _told(caught.value)


@pytest.mark.parametrize("statement", ["SELECT id, email::INT FROM customers", "SELECT sum(email::INT) FROM customers"])
def test_printing_the_variables_of_a_failure_sends_nothing_and_shows_no_row(sim, served, statement):
    with stripesql.connect(KEY, base_url=served.url) as connection:
        with pytest.raises(stripesql.DataError) as caught:
            connection.execute(statement).fetchall()
        sent = len(sim.log)
        told = _told(caught.value)
        assert len(sim.log) == sent
    assert sum(customer["id"] in told for customer in sim.objects("customers")) <= 1  # the message quotes the value


def test_no_repr_and_no_attribute_tells_the_key(served):
    with stripesql.connect(KEY, base_url=served.url) as connection:
        cursor = connection.execute("SELECT id FROM customers LIMIT 1")
        pending, seen = [connection, cursor], set()
        while pending:
            each = pending.pop()
            if id(each) in seen or len(seen) > 5000:
                continue
            seen.add(id(each))
            assert "SECRET" not in repr(each)
            pending += [value for value in getattr(each, "__dict__", {}).values() if type(value).__module__.startswith("stripesql")]


def test_nothing_that_holds_the_key_is_pickled_or_deep_copied(served):
    with stripesql.connect(KEY, base_url=served.url) as connection:
        for each in (connection, connection.cursor(), ApiKey(KEY), {"key": ApiKey(KEY)}):
            with pytest.raises(TypeError):
                pickle.dumps(each)
            with pytest.raises(TypeError):
                copy.deepcopy(each)


def test_errors_survive_a_pickle():
    with stripesql.connect(demo=True) as connection, pytest.raises(stripesql.UnknownName) as caught:
        connection.execute("SELECT 1 FROM custmers")
    copied = pickle.loads(pickle.dumps(caught.value))
    assert (type(copied), str(copied), copied.position) == (stripesql.UnknownName, str(caught.value), caught.value.position)


@pytest.mark.parametrize(
    ("key", "mode"),
    [("sk_test_a", "test"), ("rk_test_a", "test"), ("sk_live_a", "live"), ("rk_live_a", "live"), ("sk_a", "unknown"), ("", "unknown")],
)
def test_a_key_knows_its_mode(key, mode):
    assert ApiKey(key).mode == mode
    assert "***" in repr(ApiKey(key))
