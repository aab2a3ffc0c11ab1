"""Send generic calls, and give a row for each match in their answers.

In: ``Wanted`` values. Out: ``Written``: value, place and number of the call for each match. Lists are read on where a call
says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

from stripesql.errors import DataError
from stripesql.fetch.response import Response
from stripesql.request import Request
from stripesql.scan.means import Means
from stripesql.types import SqlType
from stripesql.write.batch import Job, send_all
from stripesql.write.called import is_lost
from stripesql.write.filters import matches
from stripesql.write.generic import WHAT, Wanted, split_path
from stripesql.write.guards import demand_few, demand_writable
from stripesql.write.keys import in_order, keys_of
from stripesql.write.objects import Rows, document_of, rows_of
from stripesql.write.scene import Scene
from stripesql.write.work import Work, Written, carry_out

_FIELDS: Final = (("value", SqlType.JSON), ("path", SqlType.VARCHAR), ("call", SqlType.BIGINT))
_LARGEST_PAGE: Final = "100"


@dataclass(frozen=True, slots=True)
class _Matches:
    """Make the rows of calls that were answered once each."""

    calls: Sequence[Wanted]

    def rows(self, answers: Mapping[int, Response], scene: Scene) -> Rows:
        """Return a row for each match, calls counted from 1."""
        return _match_rows(self.calls, {at: [answer] for at, answer in answers.items()})


def send(calls: Sequence[Wanted], scene: Scene) -> Written:
    """Send every call, several at once.

    Raises:
        WriteRefused: the connection may not write, or not so much.
        BatchFailed: one of several failed.
    """
    writes = sum(each.writes for each in calls)
    if writes:
        demand_writable(scene.settings, scene.mode, WHAT)
        demand_few(scene.settings, WHAT, writes)
    jobs = _jobs(calls, scene)
    if any(each.request.method == "GET" for each in calls):
        rows = _read(calls, jobs, scene.means)
        return Written(rows, rows.table.num_rows, None)
    work = Work(WHAT, None, tuple(job.request for job in jobs), (None,) * len(jobs), returning=_Matches(calls))
    written = carry_out(work, jobs, scene)
    return written if written.rows is None else replace(written, count=written.rows.table.num_rows)


def _jobs(calls: Sequence[Wanted], scene: Scene) -> list[Job]:
    """Return a job for each call, a POST under the key that the caller gave or one of ours."""
    requests = in_order([each.request for each in calls], scene.settings.idempotency_key_prefix)
    keys = keys_of(requests, scene.settings.idempotency_key_prefix, "call stripe.request")
    return [
        Job(replace(each, idempotency_key=key) if each.method == "POST" and each.idempotency_key is None else each, at)
        for at, (each, key) in enumerate(zip(requests, keys, strict=True))
    ]


def _read(calls: Sequence[Wanted], jobs: Sequence[Job], means: Means) -> Rows:
    answers: dict[int, list[Response]] = {}

    def send_one(job: Job) -> Response:
        answers[job.row] = list(_pages(job.request, means, paginate=calls[job.row].paginate))
        return answers[job.row][-1]

    send_all(jobs, means, send=send_one)
    return _match_rows(calls, answers)


def _match_rows(calls: Sequence[Wanted], answers: Mapping[int, Sequence[Response]]) -> Rows:
    rows = [
        (match.value, match.path, at + 1)
        for at in sorted(answers)
        for answer in answers[at]
        for match in matches(calls[at].filter, {} if is_lost(answer) else document_of(answer))
    ]
    return rows_of(_FIELDS, rows)


def _pages(request: Request, means: Means, *, paginate: bool) -> Iterator[Response]:
    """Send a request and yield its answer, and with ``paginate`` those of the pages that follow."""
    if paginate and not any(name == "limit" for name, _ in request.params):
        request = request.with_params(("limit", _LARGEST_PAGE))
    following: Request | None = request
    while following is not None:
        answer = means.client.send(following, means.control)
        yield answer
        following = _next(following, document_of(answer)) if paginate else None


def _next(request: Request, page: Any) -> Request | None:
    """Return the request for the page after this one, None after the last."""
    if not isinstance(page, dict):
        return None
    if isinstance(url := page.get("next_page_url"), str):
        # Whatever host it names: the next page is on ours.
        parts = urlsplit(url)
        path, params = split_path(f"{parts.path}?{parts.query}")
        return replace(request, path=path, params=params)
    if page.get("has_more") is not True:
        return None
    if isinstance(token := page.get("next_page"), str):
        return request.with_params(("page", token))
    data = page.get("data")
    last = data[-1].get("id") if isinstance(data, list) and data and isinstance(data[-1], dict) else None
    if not isinstance(last, str) or ("starting_after", last) in request.params:
        raise DataError(f"{WHAT}: the list at {request.path} does not say how it goes on; leave paginate out")
    return request.with_params(("starting_after", last))
