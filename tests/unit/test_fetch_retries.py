import pytest

from stripesql.fetch.retries import (
    LONGEST_OBEYED_S,
    LONGEST_WAIT_S,
    MOST_FAILURES,
    MOST_REFUSALS,
    Setback,
    retry_after_s,
    unix_of,
    wait_s,
    worth_retrying,
)


@pytest.mark.parametrize(
    ("status", "again"),
    [
        (None, True),
        (400, False),
        (401, False),
        (402, False),
        (403, False),
        (404, False),
        (409, True),
        (424, False),
        (429, True),
        (302, False),
        (500, True),
        (503, True),
    ],
)
def test_the_status_decides_where_stripe_is_silent(status: int | None, again: bool) -> None:
    assert worth_retrying(Setback(status)) is again


@pytest.mark.parametrize("status", [None, 400, 409, 429, 500])
def test_stripes_word_goes_before_the_status(status: int | None) -> None:
    assert worth_retrying(Setback(status, should_retry=True))
    assert not worth_retrying(Setback(status, should_retry=False))


@pytest.mark.parametrize("status", [None, 409, 429, 500])
def test_what_may_not_be_sent_twice_is_not(status: int | None) -> None:
    assert not worth_retrying(Setback(status, should_retry=True, repeatable=False))


def test_a_stored_answer_does_not_change() -> None:
    assert not worth_retrying(Setback(500, replayed=True))


def test_waits_double_up_to_the_longest() -> None:
    assert [wait_s(Setback(500), failures=n, refusals=0, chance=1.0) for n in range(MOST_FAILURES)] == [0.5, 1.0, 2.0, 4.0, 8.0]
    assert wait_s(Setback(429), failures=0, refusals=MOST_REFUSALS - 1, chance=1.0) == LONGEST_WAIT_S


def test_chance_spreads_a_wait_over_its_second_half() -> None:
    assert [wait_s(Setback(500), failures=2, refusals=0, chance=chance) for chance in (0.0, 0.5, 1.0)] == [1.0, 1.5, 2.0]


def test_failures_and_refusals_are_bounded_apart() -> None:
    assert wait_s(Setback(500), failures=MOST_FAILURES, refusals=0, chance=0) is None
    assert wait_s(Setback(500), failures=0, refusals=MOST_REFUSALS, chance=0) is not None
    assert wait_s(Setback(429), failures=0, refusals=MOST_REFUSALS, chance=0) is None
    assert wait_s(Setback(429), failures=MOST_FAILURES, refusals=0, chance=0) is not None


def test_retry_after_is_the_least_wait() -> None:
    assert wait_s(Setback(429, retry_after_s=3), failures=0, refusals=0, chance=0) == 3
    assert wait_s(Setback(429, retry_after_s=0), failures=0, refusals=0, chance=0) == 0.25


def test_a_retry_after_that_is_no_pause_gives_up() -> None:
    assert wait_s(Setback(503, retry_after_s=LONGEST_OBEYED_S + 1), failures=0, refusals=0, chance=0) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        (" 0 ", 0.0),
        ("soon", None),
        ("-1", None),
        ("", None),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 40.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after_s(header, date=60) == seconds


def test_an_http_date_is_a_unix_second() -> None:
    assert unix_of("Tue, 15 Nov 1994 08:12:31 GMT") == 784887151
    assert [unix_of(each) for each in (None, "", "yesterday", "Tue, 99 Nov 1994 08:12:31 GMT")] == [None] * 4
