from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stripesql.fetch import pacing
from stripesql.fetch.pacing import BURST_S, KNEE, ONE_STORM_S, PROBE_S, RECOVERY_S, SLOWEST, Bucket, Slow

# Busy machines are slow; that is no defect of what is tested.
ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
RATES = st.floats(0.5, 1000)
STEPS = st.lists(st.floats(0, 2), min_size=1, max_size=60)


def departures(bucket: Bucket, now: float, steps: list[float]) -> list[float]:
    """Return when requests leave that ask after the given pauses."""
    left = []
    for step in steps:
        now += step
        bucket, wait = pacing.take(bucket, now)
        left.append(now + wait)
    return left


def test_a_burst_goes_at_once_and_the_rest_at_the_rate() -> None:
    assert departures(pacing.full(10.0, 0.0), 0.0, [0.0] * 8) == pytest.approx([0, 0, 0, 0, 0, 0.1, 0.2, 0.3])


def test_a_slow_rate_still_lets_the_first_go_at_once() -> None:
    assert departures(pacing.full(0.5, 0.0), 0.0, [0.0] * 3) == pytest.approx([0, 2, 4])


@ANY_SPEED
@given(rate=RATES, steps=STEPS)
def test_no_stretch_of_time_sees_more_than_its_rate_and_one_burst(rate: float, steps: list[float]) -> None:
    bucket = pacing.full(rate, 0.0)
    left = departures(bucket, 0.0, steps)
    for first, began in enumerate(left):
        for last in range(first, len(left)):
            assert last - first + 1 <= bucket.burst + rate * (left[last] - began) + 1e-6


@ANY_SPEED
@given(rate=RATES, steps=STEPS)
def test_who_asks_first_leaves_first(rate: float, steps: list[float]) -> None:
    left = departures(pacing.full(rate, 0.0), 0.0, steps)
    assert all(earlier <= later + 1e-9 for earlier, later in pairwise(left))


@ANY_SPEED
@given(rate=RATES, steps=STEPS)
def test_nobody_waits_while_tokens_are_there(rate: float, steps: list[float]) -> None:
    bucket, now = pacing.full(rate, 0.0), 0.0
    for step in steps:
        now += step
        there = pacing.passed(bucket, now).tokens
        bucket, wait = pacing.take(bucket, now)
        assert (wait == 0) == (there >= 1)


@ANY_SPEED
@given(rate=RATES, pauses=st.lists(st.tuples(st.floats(0, 5), st.booleans()), max_size=40))
def test_the_rate_stays_between_its_bounds(rate: float, pauses: list[tuple[float, bool]]) -> None:
    bucket, now = pacing.full(rate, 0.0), 0.0
    for pause, refused in pauses:
        now += pause
        bucket = pacing.slowed(bucket, now) if refused else pacing.take(bucket, now)[0]
        assert rate * SLOWEST * 0.999 <= bucket.rate <= rate
        assert bucket.tokens <= bucket.burst


def test_a_refusal_halves_the_rate_and_empties_the_burst() -> None:
    bucket = pacing.slowed(pacing.full(50.0, 0.0), 0.0)
    assert (bucket.rate, bucket.tokens) == (25.0, 0.0)


def test_a_refusal_in_a_burst_ends_the_burst_and_keeps_the_rate() -> None:
    bucket = pacing.full(100.0, 0.0)
    for _ in range(10):
        bucket, _ = pacing.take(bucket, 0.0)
    bucket = pacing.slowed(bucket, 0.0)
    assert (bucket.rate, bucket.evenly, bucket.burst) == (100.0, True, 1.0)
    assert pacing.slowed(bucket, ONE_STORM_S).rate == 50.0


@ANY_SPEED
@given(rate=st.integers(2, 500), taken=st.integers(2, 400), asks=st.lists(st.floats(0, 0.1), min_size=1, max_size=300))
def test_once_a_burst_was_refused_no_second_sees_more_than_the_rate(rate: int, taken: int, asks: list[float]) -> None:
    bucket = pacing.full(float(rate), 0.0)
    for _ in range(taken):
        bucket, _ = pacing.take(bucket, 0.0)
    bucket = pacing.slowed(bucket, 0.0)
    assert bucket.evenly == (taken > 1)
    left = departures(bucket, ONE_STORM_S, asks)
    for first, began in enumerate(left):
        assert sum(at < began + 1.0 for at in left[first:]) <= max(rate, 2)


def test_a_storm_of_refusals_halves_once() -> None:
    bucket = pacing.full(50.0, 0.0)
    for _ in range(10):
        bucket = pacing.slowed(bucket, 0.0)
    assert bucket.rate == 25.0
    assert pacing.slowed(bucket, ONE_STORM_S).rate == pytest.approx((25.0 + 50.0 * ONE_STORM_S / RECOVERY_S) / 2)


def test_a_rate_grows_back_in_equal_steps_and_slowly_near_the_rate_that_was_refused() -> None:
    bucket = pacing.slowed(pacing.full(20.0, 0.0), 0.0)
    knee_s = (20.0 * KNEE - 10.0) / 20.0 * RECOVERY_S
    moments = (1.0, 2.0, knee_s, knee_s + 30.0, knee_s + PROBE_S)
    rates = [pacing.passed(bucket, now).rate for now in moments]
    assert rates == pytest.approx([11.0, 12.0, 20.0 * KNEE, 20.0 * KNEE + 20.0 * 30.0 / PROBE_S, 20.0])


@ANY_SPEED
@given(rate=RATES, slowed=st.lists(st.floats(1, 30), max_size=4), pauses=STEPS)
def test_it_does_not_matter_how_often_one_looks(rate: float, slowed: list[float], pauses: list[float]) -> None:
    bucket, now = pacing.full(rate, 0.0), 0.0
    for pause in slowed:
        now += pause
        bucket = pacing.slowed(bucket, now)
    often = bucket
    for pause in pauses:
        now += pause
        often = pacing.passed(often, now)
    assert pacing.passed(bucket, now).rate == pytest.approx(often.rate)


def test_a_clock_that_steps_back_gives_nothing() -> None:
    bucket = pacing.full(10.0, 5.0)
    assert pacing.passed(bucket, 1.0) == bucket


def test_another_ceiling_keeps_how_far_it_was_slowed() -> None:
    bucket = pacing.with_ceiling(pacing.slowed(pacing.full(50.0, 0.0), 0.0), 10.0)
    assert (bucket.ceiling, bucket.rate, bucket.refused) == (10.0, 5.0, 10.0)
    assert pacing.with_ceiling(bucket, 10.0) is bucket


def test_idle_means_as_good_as_new() -> None:
    bucket = pacing.full(10.0, 0.0)
    assert pacing.idle(bucket, 0.0)
    taken, _ = pacing.take(bucket, 0.0)
    assert not pacing.idle(taken, 0.0)
    assert pacing.idle(taken, BURST_S)
    assert not pacing.idle(pacing.slowed(bucket, 0.0), 1.0)


@pytest.mark.parametrize(
    ("reason", "slows"),
    [
        ("global-rate", Slow.ACCOUNT),
        ("global-concurrency", Slow.ACCOUNT),
        ("endpoint-rate", Slow.ENDPOINT),
        ("endpoint-concurrency", Slow.ENDPOINT),
        ("resource-specific", Slow.NOTHING),
        (None, Slow.NOTHING),
    ],
)
def test_the_reason_says_what_to_slow(reason: str | None, slows: Slow) -> None:
    assert pacing.slows(reason) is slows
