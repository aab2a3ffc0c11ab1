"""Pace requests: token buckets as values, slowed down by refusals, recovering with time.

In: a bucket and the time. Out: the next bucket, and how long to wait. There is no clock here, no lock and no sleep;
``limiter`` has those.

A bucket gives ``rate`` tokens a second and holds ``burst`` of them. A token may be taken before it is there: the caller
then waits until it is, so that threads queue in the order in which they ask. Stripe answers 429 with the limit that was
passed; a rate that was refused is halved (multiplicative decrease) and grows back in equal steps (additive increase): soon to
a little below where it was refused, and slowly from there on, because what was too fast then is likely to be too fast still.

Stripe describes its own limiter as a bucket that holds several seconds' worth (https://stripe.com/blog/rate-limiters), so a
burst is welcome there. Another server may count what comes within each second. The first refusal of a bucket whose burst was
begun is taken for that: from then on its requests leave evenly, and the rate stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

BURST_S: Final = 0.5
"""A bucket holds what arrives in this time: a small query does not queue, a large one begins soon."""
EVENLY: Final = 0.9
"""Part of the rate at which requests leave evenly: some arrive a little later than they left, the next a little earlier."""
RECOVERY_S: Final = 20.0
"""Seconds in which a rate grows by its whole ceiling, up to ``KNEE``."""
PROBE_S: Final = 300.0
"""The same beyond ``KNEE``: each time that it finds the limit costs refusals, so it must be rare."""
KNEE: Final = 0.8
"""Part of the refused rate up to which a rate recovers soon."""
SLOWEST: Final = 1 / 16
"""A rate falls no further than to this part of its ceiling."""
ONE_STORM_S: Final = 1.0
"""Refusals within this time are of the same burst and halve the rate once."""


class Slow(Enum):
    """Say which bucket a refusal slows."""

    ACCOUNT = "account"
    ENDPOINT = "endpoint"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Bucket:
    """Hold the state of one limit.

    Attributes:
        ceiling: tokens a second when nothing was refused.
        rate: tokens a second now, between ``ceiling * SLOWEST`` and ``ceiling``.
        tokens: tokens that are there; negative where some are taken in advance.
        at: the time of ``tokens`` and ``rate``, in seconds.
        slowed_at: the time of the latest refusal that changed it, or None.
        refused: the rate that was too fast then, or None.
        evenly: there is no burst, because one was refused.
    """

    ceiling: float
    rate: float
    tokens: float
    at: float
    slowed_at: float | None = None
    refused: float | None = None
    evenly: bool = False

    @property
    def burst(self) -> float:
        """Return the most tokens that the bucket holds: at least one, or nothing would ever be sent."""
        return 1.0 if self.evenly else max(1.0, self.rate * BURST_S)

    @property
    def pace(self) -> float:
        """Return the tokens that arrive in a second."""
        return self.rate * EVENLY if self.evenly else self.rate


def full(ceiling: float, now: float) -> Bucket:
    """Return a bucket that nobody has taken from."""
    bucket = Bucket(ceiling, ceiling, 0.0, now)
    return replace(bucket, tokens=bucket.burst)


def passed(bucket: Bucket, now: float) -> Bucket:
    """Return the bucket at a later time; a clock that steps back changes nothing."""
    elapsed = now - bucket.at
    if elapsed <= 0:
        return bucket
    rate = min(bucket.ceiling, _recovered(bucket, elapsed))
    # Tokens arrive at the rate before the time passed: a little too few while it recovers, never too many.
    later = replace(bucket, rate=rate, at=now)
    return replace(later, tokens=min(later.burst, bucket.tokens + elapsed * bucket.pace))


def _recovered(bucket: Bucket, elapsed: float) -> float:
    knee = bucket.ceiling if bucket.refused is None else max(bucket.rate, bucket.refused * KNEE)
    soon = min(knee, bucket.rate + bucket.ceiling * elapsed / RECOVERY_S)
    spent = (soon - bucket.rate) * RECOVERY_S / bucket.ceiling
    return soon + bucket.ceiling * max(0.0, elapsed - spent) / PROBE_S if soon >= knee else soon


def take(bucket: Bucket, now: float) -> tuple[Bucket, float]:
    """Take one token; return the bucket and the seconds until the token is there."""
    later = passed(bucket, now)
    left = later.tokens - 1.0
    return replace(later, tokens=left), max(0.0, -left / later.pace)


def slowed(bucket: Bucket, now: float) -> Bucket:
    """Return the bucket after a refusal: without a burst where that was begun, else at half the rate; with nothing left to give."""
    later = passed(bucket, now)
    if later.slowed_at is not None and now - later.slowed_at < ONE_STORM_S:
        return later
    if not later.evenly and later.tokens < later.burst - 1:
        # What left ahead of the rate is waited for.
        return replace(later, tokens=min(later.tokens, 0.0) - later.burst, slowed_at=now, evenly=True)
    rate = max(later.ceiling * SLOWEST, later.rate / 2)
    return replace(later, rate=rate, tokens=min(later.tokens, 0.0), slowed_at=now, refused=later.rate)


def with_ceiling(bucket: Bucket, ceiling: float) -> Bucket:
    """Return the bucket under another limit; how far it was slowed stays."""
    if ceiling == bucket.ceiling:
        return bucket
    part = ceiling / bucket.ceiling
    return replace(bucket, ceiling=ceiling, rate=bucket.rate * part, refused=None if bucket.refused is None else bucket.refused * part)


def slows(reason: str | None) -> Slow:
    """Return what a 429 slows, by ``Stripe-Rate-Limited-Reason``.

    Without a reason, or for one resource, the rate was not the problem (``lock_timeout``): waiting is enough.
    Source: https://docs.stripe.com/rate-limits, read 2026-04-30.
    """
    if reason is None:
        return Slow.NOTHING
    if reason.startswith("global-"):
        return Slow.ACCOUNT
    return Slow.ENDPOINT if reason.startswith("endpoint-") else Slow.NOTHING


def idle(bucket: Bucket, now: float) -> bool:
    """Say whether the bucket is as good as a new one."""
    later = passed(bucket, now)
    return later.rate == later.ceiling and later.tokens >= later.burst
