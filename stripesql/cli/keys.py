"""Keep Stripe keys off command lines and out of what is printed or kept.

A key that is an argument shows in ``ps``, in shell histories and in logs of whatever started the command.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence

_KEY = re.compile(r"\b(?:sk|rk|ek)_(?:org_)?(?:test|live)_[A-Za-z0-9_]+")
"""Secret, restricted and ephemeral keys; publishable ones (``pk_``) are no secret."""

_LIKE_KEY = re.compile(r"(?<![A-Za-z0-9])(?:sk|rk|ek|pk|whsec)_\w{4}", re.IGNORECASE)
"""Whatever begins as a key does, for places where one line too few does no harm."""

_PASSWORD = re.compile(r"^(?:--url=)?stripe(?:sql)?(?:\+\w+)?://[^/@]*:[^/@]+@")

_SHORTEST = 4
"""A shorter text is no key, and taking it out would spoil what is printed."""

REFUSAL = (
    "an argument holds what looks like a Stripe key, and others on this machine can read it (ps shows arguments)\n"
    "  put the key in the environment variable STRIPE_API_KEY; if this was a real key, roll it in the Dashboard"
)


class InUse:
    """Hold the keys that this process was given besides the one in the environment, so that nothing prints them."""

    def __init__(self) -> None:
        # Each is behind a closure: no repr or traceback shows the text.
        self._reveals: list[Callable[[], str]] = [lambda: os.environ.get("STRIPE_API_KEY", "").strip()]

    def add(self, key: str) -> None:
        """Take one more key."""
        self._reveals.append(lambda: key)

    def redacted(self, text: str) -> str:
        """Return ``text`` without them."""
        for reveal in self._reveals:
            key = reveal()
            if len(key) >= _SHORTEST:
                text = text.replace(key, "***")
        return text


IN_USE = InUse()
"""One per process, because what prints an error does not know which key the failed command had read."""


def hold_key(arguments: Sequence[str]) -> bool:
    """Return whether an argument holds something like a key, or a URL with a password."""
    return any(_KEY.search(argument) or _PASSWORD.search(argument) for argument in arguments)


def may_hold_key(text: str) -> bool:
    """Return whether a line must not be kept: it holds a key in use, or whatever begins like one."""
    return bool(_LIKE_KEY.search(text)) or IN_USE.redacted(text) != text


def redacted(text: str) -> str:
    """Return ``text`` without keys: those that look like one, and those in use."""
    return _KEY.sub("***", IN_USE.redacted(text))
