"""Attack the borders of reading a list in slices: no row may be lost, none doubled."""

import os
import sys
import threading
from random import Random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from slicing.disorder import disordered
from slicing.lists import NOW, account, hold, listed, plan_of, read, scan

from stripesql.scan.slices import USUAL, Portions, Slice, next_cut

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
CALM = settings(
    max_examples=3000 if NIGHTLY else 150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    print_blob=True,
)
DAY = 86_400
GAPS = st.sampled_from([0] * 6 + [1, 1, 2, 3, 10, 60, 3600, DAY, 30 * DAY, 900 * DAY])
SEEDS = st.integers(0, 2**32)


@st.composite
def times(draw, most: int = 70) -> list[int]:
    """Draw when rows were made: bursts of many in one second, gaps of years, some of them in the future."""
    newest = NOW + draw(st.sampled_from([-400 * DAY, -5, 0, 3600, 4000 * DAY]))
    found = []
    for gap in draw(st.lists(st.tuples(GAPS, st.integers(1, 14)), max_size=most)):
        newest -= gap[0]
        found += [newest] * (gap[1] if gap[0] == 0 else 1)
    return found


@st.composite
def bounded(draw) -> tuple[list[int], tuple[tuple[str, int], ...]]:
    rows = draw(times())
    near = st.sampled_from(rows or [NOW]).flatmap(lambda at: st.integers(at - 2, at + 2))
    low = draw(st.none() | st.tuples(st.sampled_from(["gt", "gte"]), near))
    high = draw(st.none() | st.tuples(st.sampled_from(["lt", "lte"]), near))
    return rows, tuple(each for each in (low, high) if each is not None)


@CALM
@given(rows=times(), seed=SEEDS, workers=st.integers(2, 9))
def test_every_row_comes_once(rows, seed, workers):
    sim = account(rows)
    hold(read(sim, plan_of(), seed=seed, workers=workers), listed(sim))


@CALM
@given(example=bounded(), seed=SEEDS)
def test_every_row_inside_the_bounds_of_a_predicate_comes_once(example, seed):
    rows, bounds = example
    sim = account(rows)
    hold(read(sim, plan_of(bounds=bounds), seed=seed), listed(sim, bounds=bounds))


@pytest.mark.parametrize("low", ["gt", "gte"])
@pytest.mark.parametrize("high", ["lt", "lte"])
@pytest.mark.parametrize("each", [1, 5])
def test_open_and_closed_bounds_at_a_second_that_has_rows(low, high, each):
    sim = account([NOW - n for n in range(60) for _ in range(each)])
    bounds = ((low, NOW - 50), (high, NOW - 4))
    for seed in range(8):
        found = read(sim, plan_of(bounds=bounds), seed=seed)
        hold(found, listed(sim, bounds=bounds))
    # What lies outside is not even fetched.
    assert found.counts.rows < len(listed(sim, bounds=bounds)) + 3 * len(found.pages)


@CALM
@given(rows=times(), seed=SEEDS, portions=st.builds(Portions, st.integers(1, 9), st.integers(1, 12), st.integers(1, 3)))
def test_every_row_comes_once_whatever_the_portions(rows, seed, portions):
    sim = account(rows)
    hold(read(sim, plan_of(), seed=seed, portions=portions), listed(sim))


class _Changes:
    """Change a list before chosen requests, and remember which rows were not there all the time."""

    def __init__(self, sim, seed: int, weights: tuple[int, int, int]) -> None:
        self._sim, self._chance, self._weights = sim, Random(seed), weights
        self.always, self.sometimes = listed(sim), set()
        self._newest = max([NOW, *(row["created"] for row in sim.listed("charges"))])
        self._lock = threading.Lock()

    def __call__(self, number: int, method: str, path: str) -> None:
        # Requests come from several threads; two must not delete the same row.
        with self._lock:
            self._change()

    def _change(self) -> None:
        kind = self._chance.choices(("nothing", "grow", "lose"), self._weights)[0]
        if kind == "grow":
            for _ in range(self._chance.randrange(1, 8)):
                self._newest += self._chance.randrange(2)
                self.sometimes.add(self._sim.insert("charges", {"created": self._newest})["id"])
        elif kind == "lose":
            present = [row["id"] for row in self._sim.listed("charges")]
            at = self._chance.randrange(len(present) + 1)
            for row in present[at : at + self._chance.choice((1, 1, 2, 3, 7))]:
                self._sim.delete("charges", row)
                self.always.discard(row)
                self.sometimes.add(row)


@CALM
@given(rows=times(), seed=SEEDS, changes=SEEDS, weights=st.sampled_from([(3, 2, 0), (3, 0, 2), (2, 1, 1), (0, 0, 1)]))
def test_a_list_that_grows_and_loses_rows_meanwhile_gives_the_others_once(rows, seed, changes, weights):
    sim = account(rows)
    changed = _Changes(sim, changes, weights)
    sim.hooks.on_request(changed)
    hold(read(sim, plan_of(), seed=seed), changed.always, changed.sometimes)


@CALM
@given(rows=st.integers(0, 60), seed=SEEDS, lost=st.integers(1, 80), at=st.integers(2, 12))
def test_all_that_was_read_so_far_may_be_deleted(rows, seed, lost, at):
    sim = account([NOW - n // 4 for n in range(rows)])
    always = listed(sim)
    victims = [row["id"] for row in sim.listed("charges")][:lost]

    def lose():
        for row in victims:
            sim.delete("charges", row)

    sim.hooks.before(at, lose)
    hold(read(sim, plan_of(), seed=seed), always - set(victims), set(victims))


@CALM
@given(
    rows=st.lists(st.integers(0, 300), min_size=20, max_size=90),
    seed=SEEDS,
    swaps=st.lists(st.tuples(st.integers(0, 89), st.integers(1, 12)), max_size=20),
)
def test_a_list_out_of_order_gives_every_row_once(rows, seed, swaps):
    sim, order = disordered(sorted((NOW - each for each in rows), reverse=True), swaps)
    found = read(sim, plan_of(), seed=seed)
    if order.was_seen():
        hold(found, order.ids())
    else:
        hold(found, set(), order.ids())


@settings(CALM, max_examples=15)
@given(rows=times(), workers=st.integers(2, 9), changes=SEEDS)
def test_threads_read_every_row_once(rows, workers, changes):
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        sim = account(rows)
        changed = _Changes(sim, changes, (3, 1, 1))
        sim.hooks.on_request(changed)
        hold(read(sim, plan_of(), workers=workers), changed.always, changed.sometimes)
    finally:
        sys.setswitchinterval(usual)


@pytest.mark.parametrize("rows", [0, 1, 99, 100, 101, 199, 200, 201, 399, 400, 401, 1000, 2500])
@pytest.mark.parametrize("apart", [0, 1, 60, DAY])
def test_real_pages_and_portions(rows, apart):
    sim = account([NOW - apart * n for n in range(rows)])
    for seed in range(3):
        hold(read(sim, plan_of(), seed=seed, portions=Portions()), listed(sim))


@pytest.mark.parametrize(("rows", "requests"), [(0, 1), (1, 1), (100, 1), (101, 2), (400, 4), (401, 6), (700, 8)])
def test_a_small_table_costs_its_pages_and_one_look_below_at_most(rows, requests):
    sim = account([NOW - 60 * n for n in range(rows)])
    found = read(sim, plan_of(), seed=1, portions=Portions())
    assert found.counts.requests <= requests


@pytest.mark.parametrize("shape", ["even", "skewed", "bursts", "gap of years", "lone row in the future"])
def test_a_large_table_is_divided_and_costs_little_more_than_its_pages(shape):
    chance = Random(5)
    at = {
        "even": [NOW - 700 * n for n in range(12_000)],
        "skewed": [int(NOW - 3e8 * chance.random() ** 6) for _ in range(12_000)],
        "bursts": [NOW - DAY * (n // 600) - n % 7 for n in range(12_000)],
        "gap of years": [NOW - 300 * n - (1500 * DAY if n > 7000 else 0) for n in range(12_000)],
        "lone row in the future": [NOW + 4000 * DAY, *(NOW - 700 * n for n in range(12_000))],
    }[shape]
    sim = account(at)
    found = read(sim, plan_of(), seed=3, workers=16, portions=Portions())
    hold(found, listed(sim))
    assert len({dict(asked.params).get("created[lte]") for asked in sim.log}) > 8
    assert found.counts.requests <= 1.2 * -(-len(at) // 100)


@pytest.mark.parametrize("since", [NOW - 700 * 12_000, NOW - 700 * 6_000, NOW - 700 * 120_000])
def test_a_time_to_begin_with_lets_cuts_look_far_and_costs_little(since):
    sim = account([NOW - 700 * n for n in range(12_000)])
    bounds = (("gte", since),)
    found = read(sim, plan_of(bounds=bounds), seed=3, workers=16, portions=Portions())
    hold(found, listed(sim, bounds=bounds))
    # The second request is a cut already.
    assert any(name == "created[lte]" for name, _ in sim.log[1].params + sim.log[2].params)
    assert found.counts.requests <= 1.2 * -(-len(found.ids) // 100)


def test_a_list_that_begins_on_one_day_is_cut_down_to_that_day():
    # 5,000 rows of even density, and below them a slice that has found nothing.
    upper = Slice(floor=NOW - 5_000_000, position=NOW, density=1 / 1000, floor_density=1e-8)
    assert next_cut([upper]) is None
    thief = next_cut([upper], hopeful=True)
    assert thief is not None
    assert NOW - 5_000_000 < thief.high < NOW - 500_000


@pytest.mark.parametrize(
    ("at", "below", "most"),
    [
        ([NOW - n // 10 for n in range(1050)] + [NOW - 300 * DAY - 3600 * n for n in range(3500)], 0, 78),
        ([NOW - 3600 * (n // 600) for n in range(1500)], 1000 * DAY, 38),
        ([NOW - DAY * (n // 600) - n % 7 for n in range(1500)], DAY, 40),
    ],
    ids=["dense, a gap, sparse", "clumps long after the beginning", "bursts"],
)
def test_rows_in_clumps_do_not_make_cut_after_cut_for_nothing(at, below, most):
    sim = account(at)
    bounds = (("gte", min(at) - below),)
    asked = []
    for seed in range(20):
        found = read(sim, plan_of(bounds=bounds), seed=seed, workers=40, portions=Portions())
        hold(found, listed(sim, bounds=bounds))
        asked.append(found.counts.requests)
    assert max(asked) <= most, sorted(asked)


def test_an_empty_stretch_below_does_not_make_the_rows_above_it_look_like_none():
    below = 60 * 300_000
    upper = Slice(low=NOW - below, floor=NOW - below)
    upper.take([NOW - 60 * n for n in range(100)])
    upper.floor_density = 1 / below
    assert upper.expected() > 2 * USUAL.fewest


def test_a_thousand_rows_of_one_second_are_not_divided():
    sim = account([NOW] * 1000)
    found = read(sim, plan_of(bounds=(("gte", NOW), ("lte", NOW))), seed=1, portions=Portions())
    hold(found, listed(sim))
    assert found.counts.requests == 10


@CALM
@given(rows=times(), stop=st.integers(0, 6))
@example(rows=[NOW - n for n in range(70)], stop=1)
def test_a_streaming_scan_is_read_in_order_until_the_consumer_has_taken_its_first_pages(rows, stop):
    sim = account(rows)
    pages = scan(sim, plan_of(), everything=False, portions=Portions(page=3, fewest=4, fewest_of_many=2, alone=4))
    taken = [row for _, page in zip(range(stop), pages, strict=False) for row in page.batch.column(0).to_pylist()]
    assert taken == [row["id"] for row in sim.listed("charges")][: len(taken)]
    assert len(sim.log) == min(stop, max(1, -(-len(listed(sim)) // 3)))
