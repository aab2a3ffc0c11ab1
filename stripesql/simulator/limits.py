"""Refuse requests that come too fast, per account and per endpoint.

In: the time of each request. Out: 429 with the reason that Stripe gives in a header.
"""

from __future__ import annotations

import time

from stripesql.simulator.errors import ApiError


class Limits:
    """Two token buckets, each as deep as one second of its rate; None is unlimited."""

    def __init__(self, rate: float | None, endpoint_rate: float | None) -> None:
        self._rates = {"global-rate": rate, "endpoint-rate": endpoint_rate}
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def take(self, account: str, endpoint: str) -> None:
        """Count one request.

        Raises:
            ApiError: 429; the request is not counted against the other bucket.
        """
        wanted = {"global-rate": account, "endpoint-rate": f"{account} {endpoint}"}
        for reason, rate in self._rates.items():
            if rate is not None and self._level(reason, wanted[reason], rate) < 1.0:
                raise too_fast(reason)
        for reason, rate in self._rates.items():
            if rate is not None:
                level, at = self._buckets[reason, wanted[reason]]
                self._buckets[reason, wanted[reason]] = (level - 1.0, at)

    def _level(self, reason: str, name: str, rate: float) -> float:
        now = time.monotonic()
        level, at = self._buckets.get((reason, name), (max(rate, 1.0), now))
        level = min(max(rate, 1.0), level + (now - at) * rate)
        self._buckets[reason, name] = (level, now)
        return level


def too_fast(reason: str | None = "global-rate") -> ApiError:
    """Return the 429; None is a lock timeout, which carries no reason."""
    if reason is None:
        return ApiError(429, "This object cannot be accessed right now because another request is using it.", code="lock_timeout")
    return ApiError(429, "Request rate limit exceeded.", code="rate_limit", headers={"Stripe-Rate-Limited-Reason": reason})
