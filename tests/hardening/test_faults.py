"""Whatever fails on the way, a statement ends exact or with one clear error that tells the truth, and leaves nothing behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import battery
import pytest
from battery import ALWAYS, FAULTS, LONGEST_S, SCANS, WRITES, Battery, Ending, Scan, Strike, Write
from sqlalchemy import create_engine, inspect

import stripesql
from stripesql.fetch import retries
from stripesql.simulator import Fault

PASSING = {Fault.SLOW_DRIP}
"""Faults that only take time."""
REFUSALS = {Fault.REDIRECT, Fault.UNAUTHORIZED, Fault.FORBIDDEN}
FINAL = {Fault.BAD_JSON, *REFUSALS}
"""Faults that no second attempt mends: the answer is complete, and is no or nonsense."""
KEPT = {Fault.SERVER_ERROR_AFTER, Fault.SERVER_ERROR_KEPT}
"""Of a write, Stripe keeps these under the key, so that no attempt tells more."""


@pytest.fixture(scope="module", autouse=True)
def hurried() -> Iterator[None]:
    before = retries.FIRST_WAIT_S, retries.LONGEST_WAIT_S
    battery.hurry()
    yield
    retries.FIRST_WAIT_S, retries.LONGEST_WAIT_S = before


@pytest.fixture(scope="module")
def served() -> Iterator[Battery]:
    made = Battery()
    yield made
    made.close()


def check(ending: Ending, strike: Strike) -> None:
    assert ending.exact or ending.problem is not None, f"{strike}: other rows, and no error"
    assert ending.true, f"{strike}: the error does not tell the truth: {ending.problem}"
    assert ending.usable, f"{strike}: the connection does not go on"
    assert ending.seconds < LONGEST_S
    if ending.problem is not None:
        assert isinstance(ending.problem, stripesql.DatabaseError), type(ending.problem)
        assert not isinstance(ending.problem, stripesql.InternalError)
        assert "/v1/" in str(ending.problem)
        assert battery.KEY not in str(ending.problem)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.parametrize("scan", SCANS, ids=lambda scan: scan.name)
def test_a_read_under_faults(served: Battery, scan: Scan, fault: Fault) -> None:
    threads = set(threading.enumerate())
    place = FAULTS.index(fault)
    strikes = [ALWAYS, Strike(once=1 + place % 5)]
    if (place + SCANS.index(scan)) % 2 and fault is not Fault.NO_ANSWER:  # of which each costs a second
        strikes.append(Strike(every=2))
    for strike, ending in zip(strikes, served.read(scan, fault, strikes), strict=True):
        check(ending, strike)
        if fault in PASSING or (strike.once and fault not in FINAL):
            assert ending.exact, f"{strike}: {ending.problem}"
        if strike == ALWAYS and fault not in PASSING:
            assert isinstance(ending.problem, stripesql.OperationalError)
    assert not battery.threads_left(threads)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.parametrize("write", WRITES, ids=lambda write: write.name)
def test_a_write_under_faults(served: Battery, write: Write, fault: Fault) -> None:
    threads = set(threading.enumerate())
    writing = "DELETE" if "DELETE" in write.name else "POST"
    strikes = [(ALWAYS, writing), (Strike(every=3), writing), (Strike(once=4), "")]
    if fault is Fault.NO_ANSWER:
        strikes.pop(1)
    elif "INSERT" not in write.name:
        strikes.append((ALWAYS, "GET"))
    for (strike, _), ending in zip(strikes, served.write(write, fault, strikes), strict=True):
        check(ending, strike)
        if fault in PASSING or (strike.once and fault not in FINAL | KEPT):
            assert ending.exact, f"{strike}: {ending.problem}"
    assert not battery.threads_left(threads)


def test_reflection_sends_nothing_whatever_fails(served: Battery) -> None:
    for fault in FAULTS:
        served.sim.faults.clear()
        served.sim.faults.every(fault, 1)
        before = len(served.sim.log)
        found = inspect(create_engine(f"stripe://:{battery.KEY}@/?base_url={served.server.url}"))
        assert "charges" in found.get_table_names()
        assert {"id", "amount"} <= {column["name"] for column in found.get_columns("charges")}
        assert found.get_pk_constraint("charges")["constrained_columns"] == ["id"]
        assert found.get_foreign_keys("charges")
        assert found.has_table("customers")
        assert len(served.sim.log) == before
    served.sim.faults.clear()
