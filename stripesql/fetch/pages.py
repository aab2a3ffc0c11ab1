"""Say which request reads the first page of a list, and which the next.

In: a request without paging, then each page. Out: requests, None at the end. Pure; nothing is sent here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from stripesql.catalogue.model import Paging
from stripesql.decode import Page
from stripesql.errors import InternalError
from stripesql.request import Request
from stripesql.settings import API_URL

MOST_ROWS: Final = 100
"""Rows that Stripe gives in one page at most."""


def first(request: Request, *, limit: int | None, page_size: int = MOST_ROWS, paging: Paging = Paging.CURSOR) -> Request:
    """Return the request for the first page.

    Args:
        request: the list, with its filters.
        limit: rows that are wanted in all, None for all of them.
        page_size: most rows of a page.
        paging: how the list is read on; a list without pages takes no ``limit``.
    """
    return request if paging is Paging.NONE else request.with_params(("limit", str(_rows(limit, page_size))))


def following(
    request: Request, page: Page, *, paging: Paging, remaining: int | None, page_size: int = MOST_ROWS, base_url: str = API_URL
) -> Request | None:
    """Return the request for the page after ``page``, None when there is none or none is wanted.

    Args:
        request: the one that ``page`` answers.
        page: the answer.
        paging: how the list is read on. A Search result goes on by its own token, whatever this says.
        remaining: rows that are still wanted, None for all of them.
        page_size: most rows of a page.
        base_url: where Stripe is; v2 may write it into the next page's URL.

    Raises:
        InternalError: Stripe says that there is more, and reading on would go round in circles or elsewhere.
    """
    if not page.has_more or (remaining is not None and remaining <= 0):
        return None
    match paging:
        case Paging.NONE:
            return None
        case Paging.PAGE_URL:
            after = _at_url(request, page.next_url, base_url)
        case Paging.CURSOR if page.next_page is not None:
            after = request.with_params(("limit", str(_rows(remaining, page_size))), ("page", page.next_page))
        case Paging.CURSOR:
            after = _after_last(request, page, _rows(remaining, page_size))
    if _place(after) == _place(request):
        raise InternalError(f"Stripe's next page of {request.path} is the same page again")
    return after


def _rows(wanted: int | None, page_size: int) -> int:
    return page_size if wanted is None else max(1, min(wanted, page_size))


def _after_last(request: Request, page: Page, rows: int) -> Request:
    if not page.last_id:
        what = "a page whose last object has no id" if page.rows else "an empty page"
        raise InternalError(f"Stripe answered {request.path} with {what} and says that more follows; there is nothing to go on from")
    return request.with_params(("limit", str(rows)), ("starting_after", page.last_id))


def _at_url(request: Request, url: str | None, base_url: str) -> Request:
    if url is None:
        raise InternalError(f"Stripe says that more of {request.path} follows and gives no URL for it")
    parts, home = urlsplit(url), urlsplit(base_url)
    if (parts.scheme, parts.netloc) not in (("", ""), (home.scheme, home.netloc)) or not parts.path.startswith("/"):
        raise InternalError(f"Stripe's next page of {request.path} is at another host, which does not get the key")
    return replace(request, path=parts.path, params=tuple(parse_qsl(parts.query, keep_blank_values=True)))


def _place(request: Request) -> tuple[str, frozenset[tuple[str, str]]]:
    """Return what tells two pages of one list apart: everything but their length."""
    return request.path, frozenset(param for param in request.params if param[0] != "limit")
