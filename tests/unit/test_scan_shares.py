"""Hold the even cuts to what they promise: as many slices as workers, few probes, and none for nothing."""

from bisect import bisect_left, bisect_right

import pytest

from stripesql.scan.means import Means, RoundTrips
from stripesql.scan.shares import Shares
from stripesql.scan.slices import Portions, Slice, tell_density

NOW, DAY = 1_790_000_000, 86_400


class Course:
    """Read times by slices, one page of each in turn, as workers with equal latencies would."""

    def __init__(self, times: list[int], low: int, workers: int) -> None:
        self.times = sorted(times, reverse=True)
        self.negated = [-each for each in self.times]
        self.workers = workers
        self.slices = [Slice(low=low, floor=low)]
        self.at = {id(self.slices[0]): 0}
        self.shares = Shares(Portions())
        self.requests = self.rounds = self.given = 0
        self.page(self.slices[0])

    def page(self, each: Slice) -> None:
        self.requests += 1
        end = bisect_right(self.negated, -(each.low or 0))
        at = self.at[id(each)]
        found = self.times[at : min(end, at + 100)]
        first = each.position is None
        own = len(each.take(found))
        self.shares.read(own)
        self.given += own
        self.at[id(each)] = at + len(found)
        each.done = at + 100 >= end or each.is_finished()
        if first:
            tell_density(self.slices, each)

    def run(self) -> None:
        while active := [each for each in self.slices if not each.done]:
            while len(active) < self.workers:
                begun = [each for each in active if each.position is not None]
                unbegun = [each for each in active if each.position is None]
                thief = self.shares.next_cut(begun, unbegun, self.workers)
                if thief is None:
                    break
                self.at[id(thief)] = bisect_left(self.negated, -(thief.high or 0))
                self.slices.append(thief)
                active.append(thief)
            self.rounds += 1
            for each in active:
                self.page(each)


@pytest.mark.parametrize("workers", [4, 18, 40])
def test_even_rows_make_as_many_slices_as_workers_and_hardly_more(workers):
    course = Course([NOW - 700 * n for n in range(30_000)], NOW - 700 * 30_000, workers)
    course.run()
    assert course.given == 30_000
    assert len(course.slices) <= workers + 12
    assert course.requests <= 300 + 0.5 * workers + 15
    # Nobody is left with much when the others are done.
    assert course.rounds <= 300 / workers + 8


@pytest.mark.parametrize("years", [1, 10])
def test_a_beginning_long_before_the_first_row_costs_few_probes(years):
    course = Course([NOW - 60 * n for n in range(3_000)], NOW - years * 365 * DAY, 18)
    course.run()
    assert course.given == 3_000
    assert course.requests <= 45


@pytest.mark.parametrize(("rows", "probes"), [(30_000, 8), (3_000, 3)])
def test_a_few_probes_come_before_anything_else_is_cut_fewer_where_little_is_to_come(rows, probes):
    course = Course([NOW - 700 * n for n in range(rows)], NOW - 700 * rows, 18)
    cut = []
    while (thief := course.shares.next_cut([course.slices[0]], cut, 18)) is not None:
        cut.append(thief)
    assert len(cut) == probes
    lengths = [(each.high or 0) - (each.floor or 0) for each in cut]
    assert max(lengths) - min(lengths) <= 2


@pytest.mark.parametrize("ratio", [1 / 50, 1 / 3, 1.0, 3.0, 50.0])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_part_that_is_kept_holds_that_part_of_the_rows(ratio, part):
    whole = Slice(low=NOW - 1_000_000, floor=NOW - 1_000_000, position=NOW, density=1.0, floor_density=ratio)
    thief = whole.keep(part)
    assert thief is not None
    # The two densities meet at the cut.
    assert whole.guess == pytest.approx(ratio ** ((NOW - (thief.high or 0)) / 1_000_000), rel=1e-3)
    kept = (whole.guess - 1) / (ratio - 1) if ratio != 1 else (NOW - (thief.high or 0)) / 1_000_000
    assert kept == pytest.approx(part, rel=1e-2)


def test_a_second_is_not_divided():
    assert Slice(low=NOW, floor=NOW, position=NOW, density=1000.0).keep(0.5) is None


def test_the_usual_round_trip_is_the_mean_unless_it_is_known_too_little_or_this_process_made_it_longer():
    trips = RoundTrips()
    assert trips.usual_s is None
    trips.took(0.2)
    assert trips.usual_s == pytest.approx(0.14)
    for each in (0.1, 0.15) * 30:
        trips.took(each)
    assert trips.usual_s == pytest.approx(0.125, rel=0.02)
    for _ in range(100):
        trips.took(2.0)
    assert trips.usual_s == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("rate", "usual_s", "workers"),
    [(100, None, 1), (100, 0.15, 18), (25, 0.15, 5), (25, 0.01, 1), (1e6, 0.001, 1), (1e6, 0.003, 1), (1e6, 0.005, 2), (1e6, 2.0, 64)],
)
def test_workers_follow_rate_and_round_trip_and_one_is_enough_where_the_way_is_short(rate, usual_s, workers):
    assert Means(None, None, "", rate=rate).crew_size(usual_s) == workers  # type: ignore[arg-type]
