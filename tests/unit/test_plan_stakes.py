"""What is risked on a list pays off or costs little, whatever the list's length turns out to be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stripesql.plan.stakes import stake

NUMBERS = st.integers(1, 3000)


def taken(by_keys: int, guess: int, real: int, *, counted: bool = False) -> int:
    """Return the requests of a run in which the list shows no key before its end."""
    risked = stake(by_keys, real if counted else guess, counted=counted)
    if risked is None or real <= risked:
        return real
    return risked + by_keys


@given(by_keys=NUMBERS, guess=NUMBERS, real=NUMBERS)
def test_a_guess_costs_at_most_twice_the_keys(by_keys: int, guess: int, real: int) -> None:
    assert taken(by_keys, guess, real) <= 2 * by_keys


@given(by_keys=NUMBERS, guess=NUMBERS, real=NUMBERS)
def test_where_the_keys_are_thought_to_be_fewer_a_tenth_is_risked(by_keys: int, guess: int, real: int) -> None:
    if by_keys <= guess:
        assert taken(by_keys, guess, real) <= by_keys * 1.1


@given(by_keys=NUMBERS, guess=NUMBERS, real=NUMBERS)
def test_where_the_list_is_thought_to_be_shorter_twice_the_better_way_is_the_most(by_keys: int, guess: int, real: int) -> None:
    if by_keys > max(guess, 1):
        assert taken(by_keys, guess, real) <= 2 * min(by_keys, real)


@given(by_keys=NUMBERS, real=NUMBERS)
def test_what_was_counted_is_the_better_way(by_keys: int, real: int) -> None:
    assert taken(by_keys, 0, real, counted=True) == min(by_keys, real)


def test_one_key_is_asked_for() -> None:
    assert stake(1, 1, counted=False) == 0
