"""Keep Stripe keys off command lines and out of what is printed.

A key that is an argument shows in ``ps``, in shell histories and in logs of whatever started the command.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

_KEY = re.compile(r"\b(?:sk|rk|ek)_(?:org_)?(?:test|live)_[A-Za-z0-9_]+")
"""Secret, restricted and ephemeral keys; publishable ones (``pk_``) are no secret."""

_PASSWORD = re.compile(r"^(?:--url=)?stripe(?:sql)?(?:\+\w+)?://[^/@]*:[^/@]+@")

REFUSAL = (
    "an argument holds what looks like a Stripe key, and others on this machine can read it (ps shows arguments)\n"
    "  put the key in the environment variable STRIPE_API_KEY; if this was a real key, roll it in the Dashboard"
)


def hold_key(arguments: Sequence[str]) -> bool:
    """Return whether an argument holds something like a key, or a URL with a password."""
    return any(_KEY.search(argument) or _PASSWORD.search(argument) for argument in arguments)


def redacted(text: str) -> str:
    """Return ``text`` without keys: those that look like one, and the one in the environment."""
    key = os.environ.get("STRIPE_API_KEY", "").strip()
    if len(key) > 3:
        text = text.replace(key, "***")
    return _KEY.sub("***", text)
