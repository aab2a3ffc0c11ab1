"""Take a list out of an answer, to its end.

In: an answer that holds a list object in one of its fields. Out: the pages of that list, the first as it came, the rest
fetched from the list's own address.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from stripesql.errors import ApiFailure
from stripesql.fetch import failures
from stripesql.fetch.client import Client
from stripesql.fetch.control import Control
from stripesql.fetch.response import Response
from stripesql.request import Request
from stripesql.write.objects import document_of

_LARGEST_PAGE: Final = "100"


def pages_of(answer: Response, field: str, client: Client, control: Control) -> Iterator[Response]:
    """Yield the pages of the list in ``field``.

    Raises:
        ApiFailure: the answer holds no such list, or the list does not say how it goes on.
    """
    document = document_of(answer)
    page = document.get(field) if isinstance(document, dict) else None
    if not isinstance(page, dict) or not isinstance(page.get("data"), list):
        raise failures.unreadable(answer)
    yield replace(answer, body=json.dumps(page).encode())
    while page.get("has_more") is True:
        following = client.send(_next(page, answer), control)
        page = document_of(following)
        yield following


def _next(page: dict[str, Any], answer: Response) -> Request:
    url, data = page.get("url"), page.get("data")
    last = data[-1].get("id") if data else None
    if not isinstance(url, str) or not url.startswith("/v1/") or not isinstance(last, str):
        raise ApiFailure(
            f"{answer.request.method} {answer.request.path} gave a list that goes on and does not say where", request_id=answer.request_id
        )
    sent = answer.request
    return Request(
        "GET", url, (("limit", _LARGEST_PAGE), ("starting_after", last)), account=sent.account, context=sent.context, version=sent.version
    )
