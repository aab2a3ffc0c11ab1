"""Hold URLs: where the key stands, how options are typed, what nothing may show."""

import logging
import traceback

import pytest
import sqlalchemy as sa
from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import ArgumentError

from stripesql.errors import InterfaceError
from stripesql.settings import ApiKey
from stripesql.sqlalchemy.dialect import StripeDialect

KEY = "rk_test_51ThisIsSecret"


def arguments(url):
    return StripeDialect().create_connect_args(make_url(url))[1]


@pytest.mark.parametrize("scheme", ["stripe", "stripe+stripesql", "stripesql"])
def test_every_name_leads_to_the_dialect(scheme):
    with sa.create_engine(f"{scheme}:///?demo=1").connect() as connection:
        assert connection.dialect.name == "stripe"
        assert connection.execute(sa.text("SELECT 1")).scalar() == 1


def test_key_is_taken_from_the_password_slot():
    assert arguments(f"stripe://:{KEY}@/") == {"api_key": ApiKey(KEY)}


def test_key_is_taken_from_the_environment(sim, monkeypatch):
    monkeypatch.setenv("STRIPE_API_KEY", KEY)
    sim.clear_log()
    with sa.create_engine("stripe://", connect_args={"transport": sim.transport()}).connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM products")).scalar()


def test_database_may_be_named_for_programs_that_list_tables_under_one():
    assert arguments(f"stripe://:{KEY}@/stripe?timezone=UTC") == {"api_key": ApiKey(KEY), "timezone": "UTC"}
    with pytest.raises(ArgumentError, match="has a host or a path"):
        arguments(f"stripe://:{KEY}@/other")


def test_without_a_key_the_error_says_how_to_give_one(monkeypatch):
    monkeypatch.delenv("STRIPE_API_KEY", raising=False)
    with pytest.raises(sa.exc.InterfaceError, match="STRIPE_API_KEY"):
        sa.create_engine("stripe://").connect()


def test_options_are_typed():
    given = arguments("stripe:///?demo=1&max_requests=7&timezone=Europe/Berlin&allow_stale_search=on&http_timeout_s=2.5")
    assert given == {"demo": True, "max_requests": 7, "timezone": "Europe/Berlin", "allow_stale_search": True, "http_timeout_s": 2.5}


def test_options_reach_the_connection():
    with sa.create_engine("stripe:///?demo=1&timezone=Europe/Berlin").connect() as connection:
        assert connection.execute(sa.text("SHOW timezone")).scalar() == "Europe/Berlin"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("stripe:///?timezon=UTC", "'timezon' is not a setting; did you mean 'timezone'"),
        ("stripe:///?max_requests=many", "setting max_requests takes a whole number"),
        ("stripe:///?local_files=1", "setting local_files cannot be given here"),
        ("stripe:///?base_url=http://example.com", "base_url must be https"),
        ("stripe:///?timezone=UTC&timezone=CET", "the URL gives the option timezone more than once"),
        ("stripe://:x@api.stripe.com/", "the URL has a host or a path"),
        ("stripe:///customers", "the URL has a host or a path"),
    ],
)
def test_wrong_url_is_refused_when_the_engine_is_made(url, message):
    with pytest.raises(ArgumentError, match=message):
        sa.create_engine(url)


@pytest.mark.parametrize("url", [f"stripe://{KEY}@/", f"stripe://{KEY}:@/", f"stripe:///?api_key={KEY}", f"stripe:///?key={KEY}"])
def test_key_in_a_place_that_programs_print_is_refused_with_the_right_url(url):
    with pytest.raises(ArgumentError, match="stripe://:sk_test_") as caught:
        sa.create_engine(url)
    assert KEY not in str(caught.value)


def test_nothing_shows_the_key(caplog):
    engine = sa.create_engine(f"stripe://:{KEY}@/?base_url=http://127.0.0.1:9&http_timeout_s=0.2", echo="debug", echo_pool="debug")
    shown = [
        repr(engine),
        str(engine),
        repr(engine.url),
        str(engine.url),
        repr(engine.pool),
        str(engine.dialect),
        str(vars(engine.dialect)),
    ]
    with caplog.at_level(logging.DEBUG), engine.connect() as connection:
        shown += [repr(connection), repr(connection.connection), repr(connection.engine)]
        try:
            connection.execute(sa.text("SUMMARIZE SELECT nothing FROM customers")).fetchall()
        except sa.exc.DBAPIError as problem:
            shown += [str(problem), repr(problem), repr(problem.orig)]
            shown += traceback.TracebackException.from_exception(problem, capture_locals=True).format()
        else:
            raise AssertionError("an unknown column was found")
    assert not [text for text in [*shown, caplog.text] if KEY in text]


def test_failing_connect_shows_no_key_in_its_frames():
    engine = sa.create_engine(f"stripe://:{KEY}%20more@/")
    with pytest.raises(sa.exc.InterfaceError, match="characters that no key has") as caught:
        engine.connect()
    assert isinstance(caught.value.orig, InterfaceError)
    told = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert KEY not in told


def test_url_can_still_be_used_to_make_another_engine():
    engine = sa.create_engine(f"stripe://:{KEY}@/?timezone=CET")
    assert sa.create_engine(engine.url).url.password == KEY
    assert engine.url.update_query_dict({"max_requests": "3"}).password == KEY
