"""A batch sends each job once, keeps the order of one object, and accounts for every row when it stops."""

from __future__ import annotations

import json
import threading
from collections import Counter

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripesql import errors
from stripesql.fetch.client import Client
from stripesql.fetch.control import Control
from stripesql.request import Request
from stripesql.scan.means import Means
from stripesql.settings import ApiKey, Settings
from stripesql.stats import Stats
from stripesql.write.batch import Job, send_all

KEY = ApiKey("sk_test_" + "b" * 16)


class Server(httpx.BaseTransport):
    """Answer by the body's ``fate``; remember the order in which requests arrived."""

    def __init__(self) -> None:
        self.arrived: list[str] = []
        self.under_way: Counter[str] = Counter()
        self.overlaps: list[str] = []
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        form = dict(httpx.QueryParams(request.content.decode()))
        with self._lock:
            self.arrived.append(form["row"])
            self.under_way[form["target"]] += 1
            if self.under_way[form["target"]] > 1 and form["target"] != "None":
                self.overlaps.append(form["target"])
        try:
            return self._answer(form)
        finally:
            with self._lock:
                self.under_way[form["target"]] -= 1

    def _answer(self, form: dict[str, str]) -> httpx.Response:
        match form["fate"]:
            case "refused":
                return httpx.Response(400, json={"error": {"type": "invalid_request_error", "message": "no", "param": "row"}})
            case "declined":
                return httpx.Response(402, json={"error": {"type": "card_error", "code": "card_declined", "message": "no"}})
            case "unknown":  # a stored 500 does not change any more
                return httpx.Response(500, headers={"idempotent-replayed": "true"}, json={"error": {"type": "api_error", "message": "no"}})
        return httpx.Response(200, json={"id": form["row"]})


def job(row: int, fate: str = "done", target: str | None = None) -> Job:
    body = (("row", str(row)), ("fate", fate), ("target", str(target)))
    return Job(Request("POST", "/v1/customers", body=body, idempotency_key=f"key-{row}"), row, target)


def means(server: Server, **limits: int) -> Means:
    options = Settings(transport=server, requests_per_second=1e6, endpoint_requests_per_second=1e6)
    return Means(Client(options, KEY), Control(stats=Stats(), pause=lambda _: None, **limits), options.base_url, workers=4)


def test_answers_come_in_the_order_of_the_jobs():
    found = send_all([job(row) for row in range(50)], means(Server()))
    assert [json.loads(each.body)["id"] for each in found] == [str(row) for row in range(50)]


def test_requests_about_one_object_keep_their_order_and_never_overlap():
    server = Server()
    send_all([job(row, target=f"cus_{row % 3}") for row in range(60)], means(server))
    assert server.overlaps == []
    for lane in range(3):
        rows = [int(row) for row in server.arrived if int(row) % 3 == lane]
        assert rows == sorted(rows)


FATES = st.lists(
    st.tuples(st.sampled_from(["done"] * 6 + ["refused", "declined", "unknown"]), st.sampled_from([None, "a", "b"])),
    min_size=2,
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(FATES)
def test_every_row_is_in_exactly_one_part_of_the_account(fates):
    server = Server()
    jobs = [job(row, fate, target) for row, (fate, target) in enumerate(fates)]
    expected = {"done": "done", "refused": "failed", "declined": "failed", "unknown": "unknown"}
    if {fate for fate, _ in fates} == {"done"}:
        assert len(send_all(jobs, means(server))) == len(fates)
    else:
        with pytest.raises(errors.BatchFailed) as caught:
            send_all(jobs, means(server))
        problem = caught.value
        told = {"done": problem.done, "failed": problem.failed, "unknown": problem.unknown, "untried": problem.untried}
        assert sorted(row for rows in told.values() for row in rows) == list(range(len(fates)))
        tried = {int(row) for row in server.arrived}
        for row, (fate, _) in enumerate(fates):
            assert row in told[expected[fate] if row in tried else "untried"]
        assert set(problem.problems) == {*problem.failed, *problem.unknown} != set()
    assert max(Counter(server.arrived).values()) == 1


@pytest.mark.parametrize(
    ("fate", "kind", "part"),
    [
        ("refused", errors.ProgrammingError, "failed"),
        ("declined", errors.OperationalError, "failed"),
        ("unknown", errors.OutcomeUnknown, "unknown"),
    ],
)
def test_the_error_of_a_batch_is_what_its_cause_is(fate, kind, part):
    jobs = [job(0), job(1), job(2, fate), job(3)]
    with pytest.raises(errors.BatchFailed, match="of 4 rows") as caught:
        send_all(list(jobs), means(Server()))
    assert isinstance(caught.value, kind)
    assert isinstance(caught.value.__cause__, errors.DatabaseError)
    assert getattr(caught.value, part) == (2,)
    assert isinstance(caught.value.problems[2], kind)
    if fate == "unknown":
        assert caught.value.idempotency_key == "key-2"


def test_a_job_that_is_alone_raises_its_own_error():
    with pytest.raises(errors.CardDeclined):
        send_all([job(0, "declined")], means(Server()))


def test_more_jobs_than_the_budget_are_refused_before_the_first():
    server = Server()
    with pytest.raises(errors.BudgetExceeded, match="nothing was written"):
        send_all([job(row) for row in range(5)], means(server, max_requests=4))
    assert server.arrived == []


def test_what_was_cancelled_was_not_tried():
    server = Server()
    stopped = means(server)
    stopped.control.cancel()
    with pytest.raises(errors.BatchFailed) as caught:
        send_all([job(row) for row in range(5)], stopped)
    assert caught.value.untried == (0, 1, 2, 3, 4)
    assert isinstance(caught.value.__cause__, errors.QueryCancelled)
    assert server.arrived == []
