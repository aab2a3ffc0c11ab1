"""Send requests to Stripe for one connection: paced, repeated where that is safe, translated when they fail.

In: ``Request`` values, with the ``Control`` of their statement. Out: ``Response`` values with a 2xx status, or
exceptions. When to wait and what to repeat is decided in ``pacing`` and ``retries``, what an error means in ``failures``.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import httpx

from stripesql.errors import DatabaseError, InterfaceError
from stripesql.fetch import clock as clocks
from stripesql.fetch import failures, retries, wire
from stripesql.fetch.control import Control
from stripesql.fetch.endpoints import endpoint_of
from stripesql.fetch.limiter import Limiter, limiter_for, rates_of
from stripesql.fetch.response import Response
from stripesql.fetch.retries import Setback
from stripesql.fetch.transport import Answer, Channel, Lost, Route, pool
from stripesql.request import Request
from stripesql.settings import ApiKey, Settings

_SHORTEST_TIMEOUT_S: Final = 0.001


@dataclass(slots=True)
class _Course:
    """Hold how sending one request has gone so far.

    Attributes:
        failures: attempts that ended otherwise than with 429.
        refusals: attempts that ended with 429.
        uncertain: a write may have happened, and no answer has told.
    """

    failures: int = 0
    refusals: int = 0
    uncertain: bool = False

    @property
    def attempts(self) -> int:
        """Return how many attempts have ended."""
        return self.failures + self.refusals


class Client:
    """Send requests with one key under one set of settings; safe to use from any thread.

    Making one costs nothing: connections are opened by the first request, and shared with every client of the process
    that goes the same way.

    Args:
        settings: where to, how fast, as which account.
        api_key: goes into the request header and nowhere else.
        transport: stands in for the network; ``settings.transport`` when not given.
        default_version: ``Stripe-Version`` when neither request nor settings give one; the catalogue's.
        now: local time, unix seconds.
        chance: random numbers, 0 to 1, for the spread of waits.
    """

    def __init__(
        self,
        settings: Settings,
        api_key: ApiKey,
        *,
        transport: httpx.BaseTransport | None = None,
        default_version: str | None = None,
        now: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._settings = settings
        self._key = api_key
        self._default_version = default_version
        self._transport: httpx.BaseTransport | None = settings.transport if transport is None else transport
        self._rates = rates_of(settings, api_key.mode)
        self._now = now
        self._chance = chance
        self._lock = threading.Lock()
        self._channels: dict[Route, Channel] = {}
        self._closed = False
        self._offset: clocks.Offset | None = None

    @property
    def settings(self) -> Settings:
        """Return the settings that the client was made with."""
        return self._settings

    @property
    def clock_offset_s(self) -> float:
        """Return server time minus local time in seconds: 0.0 until known, and where both may agree."""
        offset = self._offset
        return 0.0 if offset is None else offset.estimate_s

    def take_clock(self, other: Client) -> None:
        """Start from what another client has learned of the server's clock."""
        self._offset = other._offset

    def close(self) -> None:
        """Let go of the connections; a request that is under way fails. Closing twice is fine."""
        with self._lock:
            channels, self._channels, self._closed = self._channels, {}, True
        for channel in channels.values():
            channel.release()

    def send(self, request: Request, control: Control, *, endpoint: str | None = None) -> Response:
        """Send a request, again where that is safe, until it succeeds.

        A DELETE that is repeated after a lost answer and then finds nothing has done its work: the 404 is returned.

        Args:
            request: what to ask; the settings fill in account, context and version where it has none.
            control: the statement's budget.
            endpoint: what Stripe's limit per endpoint counts, such as method and path template; derived when not given.

        Raises:
            StripeError: Stripe refused or failed, as ``failures.FAILURES`` says.
            ConnectionFailed: no answer came, in several attempts.
            OutcomeUnknown: no answer told whether a POST or DELETE happened, whatever ended the attempts.
            QueryTimeout, QueryCancelled, BudgetExceeded: by ``control``.
            InterfaceError: the client is closed, or a setting cannot be sent.
        """
        course = _Course()
        try:
            return self._deliver(request, control, endpoint or endpoint_of(request.method, request.path), course)
        except DatabaseError as problem:
            if course.uncertain:
                raise failures.unknown(request, problem) from problem
            raise

    def _deliver(self, request: Request, control: Control, endpoint: str, course: _Course) -> Response:
        """Attempt until an answer is final; ``course`` tells what an exception leaves behind."""
        limiter = self._limiter(request)
        while True:
            control.check()
            control.reserve_request()
            if limiter is not None:
                limiter.admit(endpoint, self._rates, control)
            before = course.uncertain
            outcome = self._attempt(request, control, course)
            course.uncertain = _uncertain(request, outcome, before=before)
            if isinstance(outcome, Response) and (200 <= outcome.status < 300 or (before and _is_gone(outcome))):
                if _is_web_page(outcome):
                    raise failures.unreadable(outcome)
                return outcome
            wait_s = retries.wait_s(_setback(request, outcome), failures=course.failures, refusals=course.refusals, chance=self._chance())
            if isinstance(outcome, Response) and outcome.status == 429:
                course.refusals += 1
                if limiter is not None:
                    limiter.refused(endpoint, failures.reason_of(outcome))
            else:
                course.failures += 1
            # What was cancelled, or is out of time, did not fail for lack of an answer.
            control.check()
            if wait_s is None:
                raise self._failure(request, outcome, course)
            control.wait(wait_s)

    def _attempt(self, request: Request, control: Control, course: _Course) -> Response | Lost:
        channel = self._channel(request)
        target, body = wire.target_of(request), wire.body_of(request)
        headers = wire.headers_of(request, self._settings, self._key, default_version=self._default_version)
        remaining_s = control.remaining_s()
        timeout_s = self._settings.http_timeout_s if remaining_s is None else min(self._settings.http_timeout_s, remaining_s)
        control.stats.add(requests=1, retries=1 if course.attempts else 0)
        # Until the attempt has ended: whatever interrupts a write leaves it unknown.
        course.uncertain = course.uncertain or request.method != "GET"
        sent = self._now()
        answer = channel.exchange(request.method, target, headers, body, timeout_s=max(timeout_s, _SHORTEST_TIMEOUT_S), check=control.check)
        if isinstance(answer, Lost):
            return answer
        control.stats.add(bytes=len(answer.body))
        return self._response(request, answer, sent)

    def _response(self, request: Request, answer: Answer, sent: float) -> Response:
        date, received = retries.unix_of(answer.headers.get("date")), self._now()
        if date is not None:
            with self._lock:
                self._offset = clocks.observed(self._offset, date=date, sent=sent, received=received)
        took_s = max(0.0, received - sent - answer.opening_s)
        return Response(answer.status, answer.headers, answer.body, request, answer.headers.get("request-id"), date, took_s)

    def _failure(self, request: Request, outcome: Response | Lost, course: _Course) -> DatabaseError:
        if isinstance(outcome, Response):
            return failures.failure_of(outcome, secret=self._key.reveal())
        host = urlsplit(wire.base_of(request, self._settings)).netloc
        error = failures.lost(request, host, outcome.reason, course.attempts)
        error.__cause__ = outcome.cause
        return error

    def _limiter(self, request: Request) -> Limiter | None:
        """Return the limits that the request counts against; the simulator in this process has none."""
        if self._settings.demo:
            return None
        account = request.account or self._settings.stripe_account
        return limiter_for(self._settings.base_url, self._key, account, shared=self._settings.shared_limits)

    def _channel(self, request: Request) -> Channel:
        settings = self._settings
        if settings.demo and self._transport is None:
            raise InterfaceError("demo needs the simulator's transport; it must not reach Stripe itself")
        route = Route(wire.base_of(request, settings), settings.proxy, settings.ca_bundle, self._transport)
        shared = pool()
        with self._lock:
            if self._closed:
                raise InterfaceError("the connection is closed")
            channel = self._channels.get(route)
            if channel is None or channel.pool is not shared:
                channel = self._channels[route] = shared.open(route)
            return channel


def _repeatable(request: Request) -> bool:
    return request.method in ("GET", "DELETE") or request.idempotency_key is not None


def _setback(request: Request, outcome: Response | Lost) -> Setback:
    if isinstance(outcome, Lost):
        return Setback(None, repeatable=_repeatable(request))
    headers = outcome.headers
    return Setback(
        outcome.status,
        should_retry={"true": True, "false": False}.get(headers.get("stripe-should-retry", "").lower()),
        retry_after_s=retries.retry_after_s(headers.get("retry-after"), date=outcome.date),
        repeatable=_repeatable(request),
        replayed=headers.get("idempotent-replayed", "").lower() == "true",
    )


def _uncertain(request: Request, outcome: Response | Lost, *, before: bool) -> bool:
    """Say whether a write may have happened that no answer has told about.

    Args:
        request: what was sent.
        outcome: how its latest attempt ended.
        before: what this function said of the attempt before.
    """
    if request.method == "GET":
        return False
    if isinstance(outcome, Lost):
        return before or outcome.sent
    if _is_web_page(outcome):  # somebody between us and Stripe wrote it; whether the request got through, it cannot tell
        return True
    # 5xx: https://docs.stripe.com/error-low-level, "treat the result of a 500 request as indeterminate". 409 and 429
    # speak of this attempt alone; any other answer is the result of the write.
    return outcome.status >= 500 or (before and outcome.status in (409, 429))


def _is_web_page(response: Response) -> bool:
    return response.status < 300 and response.headers.get("content-type", "").startswith("text/html")


def _is_gone(response: Response) -> bool:
    return response.request.method == "DELETE" and response.status == 404
