"""Make the idempotency key of each request of a write.

In: what the requests send. Out: a key for each: random, or with a prefix one that follows from what is sent, so that the
same statement under the same prefix, also with its rows in another order, repeats its keys. Pure but for the randomness.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from stripesql.errors import InterfaceError
from stripesql.request import Request

LONGEST: Final = 255
"""Stripe's limit: https://docs.stripe.com/api/idempotent_requests"""
_HASH_LENGTH: Final = 40
_ORDINAL_LENGTH: Final = 8


def keys_of(requests: Sequence[Request], prefix: str | None, kind: str) -> list[str]:
    """Return a key for each POST, in order.

    Args:
        requests: without keys.
        prefix: ``idempotency_key_prefix``, or None for random keys.
        kind: of the statement, ``insert``: the same values sent by another kind have other keys.

    Raises:
        InterfaceError: the prefix is too long.
    """
    if prefix is None:
        return [str(uuid.uuid4()) for _ in requests]
    if len(prefix) + _HASH_LENGTH + _ORDINAL_LENGTH + 2 > LONGEST:
        raise InterfaceError(
            f"idempotency_key_prefix has {len(prefix)} characters; {LONGEST - _HASH_LENGTH - _ORDINAL_LENGTH - 2} are the most"
        )
    seen: Counter[str] = Counter()
    keys: list[str] = []
    for request in requests:
        digest = _digest(request, kind)
        # Equal rows are as many writes as there are rows: the n-th among equals has its own key.
        seen[digest] += 1
        keys.append(f"{prefix}-{digest}-{seen[digest]}")
    return keys


def in_order(requests: Sequence[Request], prefix: str | None) -> list[Request]:
    """Return the requests as they are sent: under a prefix with their fields in an order that does not depend on the statement.

    The key does not depend on it either, and whoever keeps answers under keys may compare bodies as they are.
    """
    if prefix is None:
        return list(requests)
    return [replace(each, body=tuple(sorted(each.body))) if each.body else each for each in requests]


def _digest(request: Request, kind: str) -> str:
    told: list[object] = [kind, request.method, request.path, sorted(request.params), sorted(request.body or ()), request.document]
    told += [[each.name, each.filename, hashlib.sha256(each.content).hexdigest()] for each in request.uploads]
    # Half a surrogate pair is refused when it is sent; here it only must not fail.
    text = json.dumps(told, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH_LENGTH]
