"""Hold the limiter to what it promises: below the limit together, and quick to find a limit that is lower than it was told."""

import heapq
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from random import Random

import pytest

import stripesql
from stripesql.fetch import pacing
from stripesql.simulator import Simulator, serve


@dataclass
class Virtual:
    """Run clients against a server's limit, in a time of its own: nothing here waits."""

    told: float
    limit: float
    latency_s: float = 0.15
    answered: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.level, self.level_at = max(self.limit, 1.0), 0.0

    def serves(self, now: float) -> bool:
        """Take from a bucket that holds a second's worth."""
        self.level, self.level_at = min(max(self.limit, 1.0), self.level + (now - self.level_at) * self.limit), now
        served = self.level >= 1.0
        self.level -= served
        return served

    def run(self, until: float) -> None:
        chance, bucket, serial = Random(1), pacing.full(self.told, 0.0), 0
        workers = max(2, int(self.told * self.latency_s * 2))
        due: list[tuple[float, int, str, int]] = [(0.0, -n, "asks", 0) for n in range(workers)]
        heapq.heapify(due)
        while due[0][0] <= until:
            now, _, what, refusals = heapq.heappop(due)
            match what:
                case "asks":
                    bucket, wait = pacing.take(bucket, now)
                    later = (now + wait + self.latency_s / 2, "arrives", refusals)
                case "arrives":
                    served = self.serves(now)
                    (self.answered if served else self.refused).append(now)
                    later = (now + self.latency_s / 2, "asks" if served else "is refused", 0 if served else refusals)
                case _:
                    bucket = pacing.slowed(bucket, now)
                    later = (now + 0.5 * 2 ** min(refusals, 4) * (0.5 + 0.5 * chance.random()), "asks", refusals + 1)
            serial += 1
            heapq.heappush(due, (later[0], serial, later[1], later[2]))


class Seconds(Virtual):
    """Another way to limit: count what was served within the second before."""

    def serves(self, now: float) -> bool:
        return sum(at > now - 1.0 for at in self.answered[-200:]) < self.limit


@pytest.mark.parametrize(
    ("told", "limit"), [(25.0, 25.0), (25.0, 24.0), (25.0, 20.0), (25.0, 12.0), (100.0, 90.0), (100.0, 50.0), (100.0, 25.0)]
)
def test_fewer_than_one_request_in_a_hundred_is_refused_and_the_limit_is_used(told: float, limit: float) -> None:
    course = Virtual(told, limit)
    course.run(until=900.0)
    answered, refused = ([at for at in each if at > 60] for each in (course.answered, course.refused))
    assert len(refused) < 0.01 * (len(answered) + len(refused))
    assert len(answered) > 0.85 * limit * 840


def connected(url: str, rate: float, **more: object) -> stripesql.Connection:
    return stripesql.connect("sk_test_shared", base_url=url, requests_per_second=rate, endpoint_requests_per_second=rate, **more)


def test_eight_threads_that_query_at_once_stay_below_the_limit_together() -> None:
    sim = Simulator(scale=0.3, rate=60, latency_ms=5)
    counted: list[int] = []

    def query(url: str) -> None:
        with connected(url, 60.0) as connection:
            tables = ("charges", "payment_intents", "balance_transactions", "customers")
            counted.extend(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)

    with serve(sim) as server:
        threads = [threading.Thread(target=query, args=(server.url,)) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert len(counted) == 32
    assert len(sim.log) > 150, "too few requests to pass the limit with"
    assert [asked.status for asked in sim.log if asked.status != 200] == []


PROCESS = """
import sys, stripesql
url, shared = sys.argv[1], sys.argv[2] == "shared"
rate = {"requests_per_second": 40.0, "endpoint_requests_per_second": 40.0, "shared_limits": shared}
with stripesql.connect("sk_test_processes", base_url=url, **rate) as connection:
    for _ in range(2):
        print(connection.execute("SELECT count(*) FROM charges").fetchone()[0])
"""


@pytest.mark.parametrize("shared", ["shared", "alone"])
def test_processes_that_share_their_limits_stay_below_them_together(shared: str, tmp_path) -> None:
    sim = Simulator(rate=40, latency_ms=5)
    with serve(sim) as server:
        command = [sys.executable, "-c", PROCESS, server.url, shared]
        started = [subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)}) for _ in range(3)]
        answers = [each.communicate(timeout=100)[0].split() for each in started]
    assert {each for answer in answers for each in answer} == {str(len(sim.listed("charges"))).encode()}
    refused = sum(asked.status == 429 for asked in sim.log)
    # Those that do not share are refused, and that is how they find out; none fails.
    assert (refused == 0) == (shared == "shared")


@pytest.mark.parametrize("rate", [25.0, 100.0])
def test_a_server_that_counts_each_second_refuses_one_burst_and_gets_no_more_than_it_allows(rate: float) -> None:
    course = Seconds(rate, rate)
    course.run(until=120.0)
    assert 0 < len(course.refused) < rate / 2
    assert max(course.refused) < 3.0
    assert len(course.answered) > 0.88 * rate * 120


def test_a_refusal_slows_what_it_is_about() -> None:
    def paces(reason: str) -> dict[str, tuple[float, bool]]:
        from stripesql.fetch.buckets import InProcess
        from stripesql.fetch.control import Control
        from stripesql.fetch.limiter import Limiter, Rates
        from stripesql.stats import Stats

        buckets = InProcess()
        limiter = Limiter(buckets, lambda: 0.0)
        for path in ("GET /v1/charges", "GET /v1/customers"):
            limiter.admit(path, Rates(100.0, 25.0), Control(stats=Stats()))
        limiter.refused("GET /v1/charges", reason)
        with buckets.held() as held:
            return {name: (bucket.rate, bucket.evenly) for name, bucket in held.items()}

    whole = {"GET /v1/charges": (25.0, False), "GET /v1/customers": (25.0, False), "": (100.0, False)}
    assert paces("endpoint-rate") == {**whole, "GET /v1/charges": (12.5, False)}
    # The account has let two leave at once.
    assert paces("global-rate") == {**whole, "": (100.0, True)}
    assert paces("lock_timeout") == whole
