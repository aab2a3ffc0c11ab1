"""Decide whether a request is sent again, and when.

In: what happened, how often it happened already, and a random number. Out: seconds to wait, or None to give up. Nothing
here waits, sends or draws random numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

MOST_FAILURES: Final = 5
"""Times that a failure is answered with another attempt: six attempts in all."""
MOST_REFUSALS: Final = 20
"""The same for 429, which says that nothing is wrong but the time: about two minutes in all."""
FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 8.0
LONGEST_OBEYED_S: Final = 60.0
"""A ``Retry-After`` beyond this is no pause any more; whoever asked should know."""


@dataclass(frozen=True, slots=True)
class Setback:
    """Say how an attempt ended without the answer that was wanted.

    Attributes:
        status: HTTP status, None where no answer arrived.
        should_retry: ``Stripe-Should-Retry``: true, false, or None where Stripe does not say.
        retry_after_s: ``Retry-After`` in seconds, or None.
        repeatable: sending the request twice does no more than sending it once: GET, DELETE, POST under its key.
        replayed: the answer is the stored one of an earlier attempt (``Idempotent-Replayed``): it will not change.
    """

    status: int | None
    should_retry: bool | None = None
    retry_after_s: float | None = None
    repeatable: bool = True
    replayed: bool = False


def worth_retrying(setback: Setback) -> bool:
    """Say whether another attempt may do better: Stripe's own word first, then the status.

    409 is a lock or an idempotency key in use, and passes; 424 is somebody else's failure, and stays.
    """
    if not setback.repeatable or setback.replayed:
        return False
    if setback.should_retry is not None:
        return setback.should_retry
    return setback.status is None or setback.status in (409, 429) or setback.status >= 500


def wait_s(setback: Setback, *, failures: int, refusals: int, chance: float) -> float | None:
    """Return the seconds to wait before the next attempt, None to give up.

    Args:
        setback: the attempt that ended now.
        failures: earlier attempts that ended otherwise than with 429.
        refusals: earlier attempts that ended with 429.
        chance: random, 0 to 1: spreads attempts of many threads over the second half of the wait.
    """
    refused = setback.status == 429
    if not worth_retrying(setback) or (refusals >= MOST_REFUSALS if refused else failures >= MOST_FAILURES):
        return None
    if setback.retry_after_s is not None and setback.retry_after_s > LONGEST_OBEYED_S:
        return None
    full = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(refusals if refused else failures, 10))
    return max(full * (0.5 + 0.5 * chance), setback.retry_after_s or 0.0)


def retry_after_s(header: str | None, *, date: int | None) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for, None where it is missing or unreadable.

    Args:
        header: seconds, or an HTTP date.
        date: the server's own time, unix seconds, to measure an HTTP date from.
    """
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    moment = unix_of(header)
    return None if moment is None or date is None else max(0.0, float(moment - date))


def unix_of(header: str | None) -> int | None:
    """Return the unix second of an HTTP date, None where it is missing or unreadable."""
    if header is None:
        return None
    try:
        return int(parsedate_to_datetime(header).timestamp())
    except (ValueError, OverflowError):
        return None
