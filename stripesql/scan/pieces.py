"""Read one list or one object, page by page; a list also as a slice of itself.

In: a ``Read`` of a plan. Out: pages. A parameter that Stripe refuses is reported as ``Refused`` while no row of the read has
been given.
"""

from __future__ import annotations

import re
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import pyarrow as pa

from stripesql.catalogue.model import Table
from stripesql.decode import Decoder, Page
from stripesql.decode.page import DecodeFailure
from stripesql.errors import BudgetExceeded, InternalError, InvalidRequest, NotFound, StripeError
from stripesql.fetch import failures, pages
from stripesql.fetch.response import Response
from stripesql.plan.scans import Read, ReadKind
from stripesql.request import Request
from stripesql.scan.means import Means, RoundTrips, ScanCounts
from stripesql.scan.places import Places
from stripesql.scan.ranges import range_parameter
from stripesql.scan.slices import Slice

_USUAL_ID: Final = re.compile(r"[\w.\-]{1,255}")


class Refused(Exception):
    """Say that Stripe refused a pushed parameter before it gave any row of a read."""

    def __init__(self, param: str, cause: StripeError) -> None:
        """Take the parameter's name without brackets, and what Stripe said."""
        super().__init__(param)
        self.param = param
        self.cause = cause


@dataclass(slots=True)
class Sender:
    """Send the requests of one scan, and measure their round trips."""

    table: Table
    means: Means
    counts: ScanCounts
    trips: RoundTrips = field(default_factory=RoundTrips)

    def send(self, request: Request, kind: ReadKind) -> Response:
        """Return the answer; see ``Client.send``."""
        self.counts.add(requests=1)
        # Search is another endpoint than the list, and has a limit of its own.
        template = self.table.list.path if self.table.list is not None and kind is ReadKind.LIST else None
        stats = self.means.control.stats
        began, before = time.monotonic(), stats.of_thread
        try:
            response = self.means.client.send(request, self.means.control, endpoint=f"GET {template}" if template else None)
        except StripeError:
            # A refusal is a round trip too: the scan may go on after it, and wants to know how many workers it can use.
            self.trips.took(time.monotonic() - began)
            raise
        except BudgetExceeded:
            self.counts.add(requests=-1)
            raise
        finally:
            retries, waited_s = (now - then for now, then in zip(stats.of_thread, before, strict=True))
            self.counts.add(requests=int(retries), retries=int(retries), waited_s=waited_s)
        self.trips.took(response.took_s)
        return response

    def counted(self, page: Page) -> Page:
        """Count the rows of a page that was fetched."""
        self.counts.add(rows=page.rows)
        self.means.control.stats.add(rows_fetched=page.rows)
        return page


class Piece:
    """Read one list, or a range of it, or one object; one thread at a time.

    Attributes:
        read: what is read.
        origin: the read of the plan that this is, or is a part of.
        slice: the range that is this piece's own.
        busy: a thread is fetching a page of it; kept by whoever schedules pieces.
        done: nothing is left.
    """

    def __init__(
        self,
        read: Read,
        decoder: Decoder,
        sender: Sender,
        *,
        rows: int | None = None,
        first: int | None = None,
        window: Slice | None = None,
        origin: Read | None = None,
    ) -> None:
        """Read ``read``.

        Args:
            read: a list or an object.
            decoder: for its answers.
            sender: sends its requests.
            rows: most rows in all, or None.
            first: most rows of the first page, None for as many as a page holds.
            window: the range that is read; None for what the request itself says.
            origin: the read of which this is a part; None where it is all of it.
        """
        self.read = read
        self.origin = origin or read
        self.busy = False
        self._decoder = decoder
        self._sender = sender
        self._page_rows = sender.means.portions.page
        self._request: Request | None = (
            pages.first(read.request, limit=rows if first is None else first, page_size=self._page_rows, paging=read.paging)
            if read.kind is not ReadKind.OBJECT
            else read.request
        )
        self._places = Places(self._request)
        self._begun = False
        self._ended = False
        self._rows = rows
        self._range = range_parameter(sender.table) if read.kind is ReadKind.LIST else None
        self._is_part = window is not None
        self._given = array("q")
        self._again: set[int] | None = None
        self.slice = window or _window(read.request, self._range, 2 * sender.means.portions.fewest)

    @property
    def done(self) -> bool:
        """Say whether nothing is left to read."""
        return self._request is None

    @property
    def can_be_cut(self) -> bool:
        """Say whether another piece may take the older part."""
        return self._range is not None and not self.done and self._begun and self.slice.ordered

    @property
    def has_end(self) -> bool:
        """Say whether it is known how far down it reaches, or does not matter, because it is never cut."""
        return self._range is None or self.slice.floor is not None

    def thief(self, window: Slice) -> Piece:
        """Return the piece that reads a slice cut from this one."""
        assert self._range is not None
        kept = tuple(param for param in self.read.request.params if param[0].partition("[")[0] != self._range)
        bounds = [(f"{self._range}[gte]", window.low), (f"{self._range}[lte]", window.high)]
        params = kept + tuple((name, str(value)) for name, value in bounds if value is not None)
        request = replace(self.read.request, params=params)
        return Piece(replace(self.read, request=request), self._decoder, self._sender, window=window, origin=self.origin)

    def again(self) -> Piece:
        """End this piece, and return one that reads all rows of its slice but those that were given already.

        For a list that is not in order: only a window of the slice's own is sure to hold its rows.
        """
        self._ended = self.slice.done = True
        # A page may be under way; then it is the last.
        if not self.busy:
            self._request = None
        piece = self.thief(Slice(self.slice.floor, self.slice.high, self.slice.floor, ordered=False))
        # Shared, for the sake of that page.
        piece._again = self._again = set(self._given)
        return piece

    def next_page(self) -> Page | None:
        """Fetch and return the next page, None where there is nothing; rows of other slices are still in it.

        Raises:
            Refused: Stripe refuses a pushed parameter, and no page was given yet.
            Error: the request failed.
        """
        request = self._request
        assert request is not None
        if self.read.kind is ReadKind.OBJECT:
            self._request = None
            return self._object(request)
        while True:
            try:
                response = self._sender.send(request, self.read.kind)
                break
            except (InvalidRequest, NotFound) as problem:
                if self._begun:
                    request = self._places.before(request, problem)
                elif self._is_missing_key(problem):
                    self._request = None
                    return None
                else:
                    self._request = None
                    raise self._refusal(problem) from problem
        page = self._sender.counted(_decoded(self._decoder.list_page, response))
        self._begun = True
        # The results of a search may shift from page to page: what comes twice is left out by whoever reads it.
        fresh = list(range(page.rows)) if self.read.kind is ReadKind.SEARCH else self._places.fresh(page.ids)
        self._rows = None if self._rows is None else self._rows - len(fresh)
        self._request = pages.following(
            request,
            page,
            paging=self.read.paging,
            remaining=self._rows,
            page_size=self._page_rows,
            base_url=self._sender.means.base_url,
        )
        return page if len(fresh) == page.rows else taken(page, fresh)

    def own(self, page: Page) -> Page:
        """Return the rows of a page that belong to this piece's slice; call with the scheduler's lock held."""
        if self._range is None:
            return page
        times = [each for each in page.times if each is not None]
        if len(times) != page.rows:
            if self._is_part or self.slice.is_cut:
                raise InternalError(f"a row of {self._sender.table.name} has no {self._range}; the list cannot be read in ranges")
            # A time is missing where none may be: this list is not cut.
            self._range = None
            return page
        keep = self._not_given(page, self.slice.take(times))
        if self._ended or self.slice.is_finished():
            self._request = None
        self.slice.done = self.done
        return page if len(keep) == page.rows else taken(page, keep)

    def _not_given(self, page: Page, keep: list[int]) -> list[int]:
        """Remember the rows that are given, in eight bytes each; leave out those that were given before."""
        keys = [hash(page.ids[index]) for index in keep]
        if self._again is None:
            self._given.extend(keys)
            return keep
        fresh = [index for index, key in zip(keep, keys, strict=True) if key not in self._again]
        self._again.update(keys)
        return fresh

    def _is_missing_key(self, problem: StripeError) -> bool:
        """Say whether Stripe does not know the object that a pushed key or a needed argument names: no row refers to it."""
        names = [name for name, _ in self.read.request.params]
        root = (problem.param or "").partition("[")[0]
        # One of several values says nothing of the others.
        several = sum(name.partition("[")[0] == root and name.endswith("[]") for name in names) > 1
        # The first page of a part is not the first of the list: there was such an object a moment ago.
        missing = not self._is_part and problem.code == "resource_missing" and not several
        return missing and (problem.param in names or problem.status == 404)

    def _refusal(self, problem: StripeError) -> Exception:
        """Return the signal to go on without a push, or the error itself where it is about something else."""
        # A search is all ours, and not every account has one: whatever is wrong with it, the list is there.
        root = "query" if self.read.kind is ReadKind.SEARCH else (problem.param or "").partition("[")[0]
        names = {name.partition("[")[0] for name in self.read.pushed}
        # Rows outside of a part were given already: the scan cannot begin again.
        return Refused(root, problem) if root in names and not self._is_part else problem

    def _object(self, request: Request) -> Page | None:
        try:
            response = self._sender.send(request, ReadKind.OBJECT)
        except NotFound as problem:
            if problem.code == "resource_missing":
                return None
            raise
        except InvalidRequest as problem:
            # An id with odd characters may not even reach Stripe's look-up; no row has such an id.
            if problem.param in (None, "id") and not _USUAL_ID.fullmatch(request.path.rpartition("/")[2]):
                return None
            raise
        return self._sender.counted(_decoded(self._decoder.single, response))


def _window(request: Request, name: str | None, reach: int) -> Slice:
    """Return the range that a request's own parameters ask for."""
    lows: list[int] = []
    highs: list[int] = []
    for param, value in request.params:
        if name is None or param.partition("[")[0] != name or not value.removeprefix("-").isdecimal():
            continue
        match param.removeprefix(name):
            case "[gte]":
                lows.append(int(value))
            case "[gt]":
                lows.append(int(value) + 1)
            case "[lte]":
                highs.append(int(value))
            case "[lt]":
                highs.append(int(value) - 1)
            case _:
                lows.append(int(value))
                highs.append(int(value))
    low = max(lows, default=None)
    return Slice(low, min(highs, default=None), low, reach=reach)


def taken(page: Page, keep: list[int]) -> Page:
    """Return a page with some of its rows, by index."""
    times = tuple(page.times[index] for index in keep) if page.times else ()
    return replace(
        page, ids=tuple(page.ids[index] for index in keep), times=times, batch=page.batch.take(pa.array(keep, pa.int64())), rows=len(keep)
    )


def _decoded(decode: Callable[[bytes], Page], response: Response) -> Page:
    try:
        return decode(response.body)
    except DecodeFailure as problem:
        raise failures.unreadable(response) from problem
