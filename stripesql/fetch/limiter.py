"""Hold requests back to the limits of their account, for all cursors, connections and threads that share a key.

In: requests that want to go, and refusals. Out: waits. What to wait is decided in ``pacing``, where buckets are kept in
``buckets``; here is the clock.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from stripesql.fetch import pacing
from stripesql.fetch.buckets import Buckets, InFile, InProcess, limits_folder
from stripesql.fetch.control import Control
from stripesql.fetch.endpoints import is_search
from stripesql.fetch.pacing import Bucket, Slow
from stripesql.settings import ApiKey, Settings

SEARCH_RATE: Final = 20.0
"""Stripe's limit for Search. Source: https://docs.stripe.com/rate-limits, read 2026-04-30."""
TEST_RATE: Final = 25.0
"""Stripe's limit for a sandbox; also what a key of unknown mode gets."""
LIVE_RATE: Final = 50.0
"""Half of Stripe's limit for a live account: the other half is for the business itself."""
_ACCOUNT: Final = ""
"""Name of the bucket of the account as a whole, beside those of its endpoints."""
_MOST_BUCKETS: Final = 1024
_MOST_AHEAD_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Rates:
    """Say the requests per second that a connection allows itself."""

    account: float
    endpoint: float

    def of(self, endpoint: str) -> float:
        """Return the rate for an endpoint."""
        return min(self.endpoint, SEARCH_RATE) if is_search(endpoint) else self.endpoint


def rates_of(settings: Settings, mode: str) -> Rates:
    """Return the rates that the settings give to a key of this mode."""
    account = settings.requests_per_second or (LIVE_RATE if mode == "live" else TEST_RATE)
    return Rates(account, settings.endpoint_requests_per_second)


class Limiter:
    """Pace the requests of one account.

    Connections that set other rates for the same account move its ceilings; the latest request counts.

    Args:
        buckets: those who share them share the limits.
        clock: seconds, the same for all who share the buckets.
    """

    def __init__(self, buckets: Buckets, clock: Callable[[], float]) -> None:
        self._buckets = buckets
        self._clock = clock

    def admit(self, endpoint: str, rates: Rates, control: Control) -> None:
        """Return when a request may go to the endpoint.

        The endpoint's turn is awaited first: who queues there should not hold back others of the account.

        Raises:
            QueryCancelled: while it waited.
            QueryTimeout: while it waited.
        """
        control.wait(self._take(endpoint, rates.of(endpoint)))
        control.wait(self._take(_ACCOUNT, rates.account))

    def refused(self, endpoint: str, reason: str | None) -> None:
        """Slow what a 429 says is too fast.

        Args:
            endpoint: where the request went.
            reason: ``Stripe-Rate-Limited-Reason``, or None.
        """
        match pacing.slows(reason):
            case Slow.NOTHING:
                return
            case Slow.ACCOUNT:
                name = _ACCOUNT
            case Slow.ENDPOINT:
                name = endpoint
        with self._buckets.held() as buckets:
            if name in buckets:
                buckets[name] = pacing.slowed(buckets[name], self._clock())

    def _take(self, name: str, ceiling: float) -> float:
        """Take one token; return the seconds until it is there."""
        with self._buckets.held() as buckets:
            now = self._clock()
            bucket = buckets.get(name)
            # A time to come is from a clock that was set back since; it would stop everything until then.
            if bucket is None or bucket.at > now + _MOST_AHEAD_S:
                _forget_idle(buckets, now)
                bucket = pacing.full(ceiling, now)
            buckets[name], wait = pacing.take(pacing.with_ceiling(bucket, ceiling), now)
            return wait


def _forget_idle(buckets: dict[str, Bucket], now: float) -> None:
    """Drop buckets that say nothing, where ids that look like names have made many."""
    if len(buckets) >= _MOST_BUCKETS:
        for name in [name for name, bucket in buckets.items() if pacing.idle(bucket, now)]:
            del buckets[name]


# One for each process id as well: a child after a fork starts anew, with a lock that nobody holds.
_limiters: Final[dict[tuple[int, str, bool], Limiter]] = {}


def limiter_for(base_url: str, key: ApiKey, account: str | None, *, shared: bool = False) -> Limiter:
    """Return the one limiter of this process for a key, as it acts for an account.

    Args:
        base_url: where Stripe is.
        key: its text is not kept.
        account: connected account, or None for the key's own.
        shared: share it with the other processes of this user.
    """
    name = hashlib.sha256("\0".join((base_url, key.reveal(), account or "")).encode(errors="surrogatepass")).hexdigest()
    found = _limiters.get((os.getpid(), name, shared))
    if found is None:
        # setdefault is atomic, where a lock might have been copied by a fork while another thread held it.
        made = Limiter(InFile(limits_folder() / f"{name}.json"), time.time) if shared else Limiter(InProcess(), time.monotonic)
        found = _limiters.setdefault((os.getpid(), name, shared), made)
    return found
