"""Define the one value that an answer of Stripe is.

In: nothing. Out: ``Response``; ``decode`` reads its body, ``failures`` its status.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stripesql.request import Request


@dataclass(frozen=True, slots=True)
class Response:
    """Hold a complete answer.

    Attributes:
        status: HTTP status.
        headers: names in lower case.
        body: after decompression.
        request: what was asked.
        request_id: ``Request-Id``, or None.
        date: ``Date``, unix seconds, or None.
        took_s: seconds from sending to the last byte, without the waiting and the opening of a connection before.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    request: Request
    request_id: str | None = None
    date: int | None = None
    took_s: float = 0.0
