"""Answer a write once per idempotency key.

In: key, account and what was asked. Out: the stored answer, or leave to go on. Docs: Idempotent requests: an answer is kept
once the endpoint began to run, errors included; refused parameters, keys and limits are not kept.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass

from stripesql.simulator.answers import Answer, Asked
from stripesql.simulator.errors import ApiError

LONGEST = 255
KEPT_S = 24 * 3600
KEPT_V2_S = 30 * KEPT_S


@dataclass(slots=True)
class _Entry:
    asked: bytes
    at: int
    answer: Answer | None = None


class Memory:
    """Remember the answers by account and key; safe from several threads."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], _Entry] = {}
        self._lock = threading.Lock()

    def begin(self, account: str, key: str, asked: Asked, now: int) -> Answer | None:
        """Return the answer that was given before, or None: then the key is in use until ``end``.

        Raises:
            ApiError: 400 for a key that was used with other parameters, 409 for one in use.
        """
        if len(key) > LONGEST:
            raise ApiError(400, f"Idempotency keys have at most {LONGEST} characters.", type="idempotency_error")
        print_ = fingerprint(asked)
        with self._lock:
            found = self._entries.get((account, key))
            if found is not None and found.answer is not None and now - found.at >= kept_s(asked.path):
                found = None
            if found is None:
                self._entries[account, key] = _Entry(print_, now)
                return None
            if found.asked != print_:
                message = f"Keys for idempotent requests can only be used with the same parameters they were first used with. Try a key other than '{key}'."
                raise ApiError(400, message, type="idempotency_error")
            if found.answer is None:
                message = "There is currently another in-progress request using this idempotency key."
                raise ApiError(409, message, code="idempotency_key_in_use", type="idempotency_error")
            return found.answer

    def end(self, account: str, key: str, answer: Answer | None) -> None:
        """Keep the answer; None forgets the key: nothing was carried out."""
        with self._lock:
            if answer is None:
                self._entries.pop((account, key), None)
            else:
                self._entries[account, key].answer = answer


def is_kept(path: str, answer: Answer) -> bool:
    """Say whether an answer is kept: v1 keeps errors as well, v2 tries again what failed."""
    return not path.startswith("/v2/") or answer.status < 400


def kept_s(path: str) -> int:
    """Return how long answers are kept: a day in v1, thirty in v2."""
    return KEPT_V2_S if path.startswith("/v2/") else KEPT_S


def fingerprint(asked: Asked) -> bytes:
    """Return what must be the same: method, path and everything sent."""
    body = asked.body
    if asked.headers.get("content-type", "").startswith("multipart/"):
        # Each attempt has a boundary of its own.
        boundary = asked.headers["content-type"].partition("boundary=")[2].strip('"').encode()
        body = body.replace(boundary, b"") if boundary else body
    return hashlib.blake2b(b"\0".join((asked.method.encode(), asked.path.encode(), asked.query.encode(), body))).digest()
