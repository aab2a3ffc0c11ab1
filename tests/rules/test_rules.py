"""Run the cases of the ``.sql`` files beside this one: SQL, the requests that it must cost, and what stays to be checked.

A case is written so::

    -- case: what it claims
    -- zone: Europe/Berlin                    (optional; UTC without it)
    -- set: allow_stale_search                (optional; a setting that is on)
    SELECT id FROM charges WHERE created >= '2024-05-01' AND amount > 5
    -- request: GET /v1/charges?created[gte]={2024-05-01T00:00:00+02:00}
    -- residual: amount > 5

``{...}`` stands for the unix seconds of a time. Requests are those of all scans of the query; a case without
``request`` must send none. ``residual`` lists every term that is not answered by Stripe, ``limit`` the rows after which
a scan ends. ``error`` gives the class of the exception and a part of its message instead. The
statement's time is always Wednesday 2024-05-15 10:30:00 UTC. Nothing is sent.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pytest

from stripesql import errors
from stripesql.catalogue.load import catalogue
from stripesql.engine.instance import Engine
from stripesql.query.relations import Relations
from stripesql.query.select import Planned, Surroundings, plan
from stripesql.settings import Settings

NOW = dt.datetime(2024, 5, 15, 10, 30, tzinfo=dt.UTC)
_LINE = re.compile(r"-- (case|zone|set|request|residual|limit|error): ?(.*)")
_NOT_LIKE = re.compile(r"^(\w+) NOT LIKE")
_TIME = re.compile(r"\{(\d[^{}]+)\}")


@dataclass
class Case:
    where: str
    claim: str
    sql: list[str] = field(default_factory=list)
    zone: str = "UTC"
    set: str = ""
    requests: list[str] = field(default_factory=list)
    residual: list[str] = field(default_factory=list)
    limit: int | None = None
    error: str | None = None


def cases() -> Iterator[Case]:
    for path in sorted(Path(__file__).parent.glob("*.sql")):
        case: Case | None = None
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = _LINE.fullmatch(line)
            key, value = match.groups() if match is not None else ("", "")
            if key == "case":
                if case is not None:
                    yield case
                case = Case(f"{path.stem}:{number}", value)
            elif case is None:
                continue
            elif key == "":
                case.sql.append(line)
            elif key == "request":
                case.requests.append(_TIME.sub(lambda found: str(int(dt.datetime.fromisoformat(found[1]).timestamp())), value))
            elif key == "residual":
                case.residual.append(value)
            elif key == "limit":
                case.limit = int(value)
            else:
                setattr(case, key, value)
        if case is not None:
            yield case


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    instance = Engine()
    yield instance
    instance.close()


def planned(engine: Engine, sql: str, zone: str, on: str = "") -> Planned:
    cursor = engine.cursor()
    try:
        cursor.begin(zone, NOW)
        relations = Relations(catalogue(), {"frame": pa.table({"id": ["cus_1"], "n": [1]})})
        settings = Settings(timezone=zone)
        return plan(sql, Surroundings(cursor, relations, settings.changed(on, True) if on else settings, NOW))
    finally:
        cursor.close()


CASES = list(cases())


@pytest.mark.parametrize("case", CASES, ids=[case.where for case in CASES])
def test_case_costs_the_requests_that_it_says(case: Case, engine: Engine) -> None:
    sql = "\n".join(case.sql).strip()
    if case.error is not None:
        name, _, message = case.error.partition(" ")
        with pytest.raises(getattr(errors, name)) as caught:
            planned(engine, sql, case.zone)
        assert type(caught.value).__name__ == name, case.claim
        assert message in str(caught.value), case.claim
        return
    stages = planned(engine, sql, case.zone, case.set).plan.stages
    assert sorted(read.request.display() for stage in stages for read in stage.scan.reads) == sorted(case.requests), case.claim
    # Releases of sqlglot write it differently.
    assert sorted({_NOT_LIKE.sub(r"NOT \1 LIKE", text) for stage in stages for text in stage.scan.residual if stage.scan.reads}) == sorted(
        case.residual
    ), case.claim
    assert {stage.scan.limit for stage in stages} - {None} == {case.limit} - {None}, case.claim


def test_no_claim_is_made_twice() -> None:
    claims = [case.claim for case in CASES]
    assert sorted({claim for claim in claims if claims.count(claim) > 1}) == []


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 200
