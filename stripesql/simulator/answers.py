"""Define what the simulator is asked and what it answers, before any transport.

In: nothing. Out: ``Asked``, ``Answer``, ``LoggedRequest``. Transports turn HTTP into the one and the other into HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Asked:
    """Say one HTTP request as it arrived.

    Attributes:
        method: upper case.
        path: as sent, percent-encoding kept.
        query: the query string without its ``?``, as sent.
        headers: names in lower case.
        body: of a POST.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(slots=True)
class Answer:
    """Say one HTTP answer; ``headers`` in the order in which they are sent."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """Say one request that reached the simulator, for tests to count.

    Attributes:
        method: GET, POST or DELETE.
        path: as it was sent.
        params: query parameters, decoded, in order.
        status: of the answer; 0 where a fault let none leave.
        account: connected account that was asked for, or None for the key's own.
        body: form fields of a POST, decoded, in order; empty for JSON.
        idempotency_key: of a POST, or None.
        replayed: the answer was one that was given before.
    """

    method: str
    path: str
    params: tuple[tuple[str, str], ...]
    status: int
    account: str | None
    body: tuple[tuple[str, str], ...] = ()
    idempotency_key: str | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """Say an answer that is not JSON: the contents of a file, a PDF."""

    type: str
    data: bytes
