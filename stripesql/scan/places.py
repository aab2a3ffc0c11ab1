"""Find the place in a list again when the object that marks it was deleted.

A list goes on after an object, and an object that is gone marks no place: Stripe refuses it. The list then goes on after an
earlier row, and what comes a second time is left out.

In: the ids of the pages, in order. Out: which of them are new, and from where to go on after a refusal. Pure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from stripesql.errors import InternalError, OperationalError, StripeError
from stripesql.request import Request

_REMEMBERED: Final = 1000
"""Rows that may all be deleted between two requests, before the query has to be run again."""


class Places:
    """Remember the last rows of one list."""

    def __init__(self, first: Request | None) -> None:
        """Take the request for the first page."""
        self._first = first
        self._recent: deque[str] = deque(maxlen=_REMEMBERED)
        self._seen = 0
        self._back = 0
        self._repeated: frozenset[str] = frozenset()
        self._top: frozenset[str] | None = None

    def fresh(self, ids: Sequence[str]) -> list[int]:
        """Take the ids of a page; return the indexes of the rows that did not come before.

        Raises:
            InternalError: the list began again by itself, as a server does that takes an unknown cursor for none.
        """
        fresh = [index for index, each in enumerate(ids) if each not in self._repeated] if self._repeated else list(range(len(ids)))
        if self._top is None:
            self._top = frozenset(ids)
        elif not self._repeated and not self._top.isdisjoint(ids):
            path = self._first.path if self._first is not None else "a list"
            raise InternalError(
                f"{path} began again from its first page instead of going on; the rows cannot be told apart, run the query again"
            )
        self._recent.extend(ids[index] for index in fresh)
        self._seen += len(fresh)
        self._back = 0
        return fresh

    def before(self, request: Request, problem: StripeError) -> Request:
        """Return the request that goes on from an earlier row than the refused one: the row before, then 2, 4, 8 ... rows back.

        Raises:
            StripeError: the refusal, where it is about something else.
            OperationalError: every row that is remembered was deleted.
        """
        if problem.param != "starting_after" or self._first is None:
            raise problem
        self._repeated = frozenset(self._recent)
        self._back = max(1, self._back * 2)
        if self._back < len(self._recent):
            return request.with_params(("starting_after", self._recent[-1 - self._back]))
        if self._seen > len(self._recent):
            raise OperationalError(
                f"the last {len(self._recent)} rows of {request.path} were deleted while the list was being read; run the query again"
            ) from problem
        # Every row so far is remembered: the list begins anew.
        return self._first
