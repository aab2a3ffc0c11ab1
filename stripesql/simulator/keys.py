"""Decide who asks, and what that key may do.

In: headers. Out: the key's permissions, or a refusal that shows no more of the key than Stripe does.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

from stripesql.catalogue.load import catalogue
from stripesql.simulator.embedded import SAME_ROWS
from stripesql.simulator.errors import ApiError

Permissions = frozenset[str] | None
"""``customers:read`` and so on; None is everything."""

_PLAUSIBLE = re.compile(r"(sk|rk)_(test|live)_[A-Za-z0-9_]{1,250}")


def key_of(headers: Mapping[str, str]) -> str:
    """Return the key of a bearer or basic authorization.

    Raises:
        ApiError: 401 without one.
    """
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and rest.strip():
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest, validate=True).decode().partition(":")[0]
        except ValueError:
            pass
    raise ApiError(401, "You did not provide an API key. Send it in the Authorization header, as 'Bearer YOUR_SECRET_KEY'.")


def permissions(key: str, keys: Mapping[str, Permissions] | None) -> Permissions:
    """Return what the key may do.

    Raises:
        ApiError: 401 for a key that is unknown, or no key at all by its form.
    """
    if keys is None and _PLAUSIBLE.fullmatch(key):
        return None
    if keys is not None and key in keys:
        return keys[key]
    raise ApiError(401, f"Invalid API Key provided: {masked(key)}")


def masked(key: str) -> str:
    """Return the key with all but its kind and its last four letters starred out."""
    kind = "_".join(key.split("_")[:2]) + "_" if key.count("_") >= 2 else ""
    rest = key[len(kind) :]
    return kind + "*" * max(0, len(rest) - 4) + (rest[-4:] if len(rest) > 8 else "")


def family(table: str) -> str:
    """Return the table whose permission covers this one: a nested list is covered by its parent's."""
    if table in SAME_ROWS:
        return SAME_ROWS[table][0]
    known = catalogue().table(table)
    if known is None or not known.parents:
        return {"account": "accounts"}.get(table, table)
    return family(known.parents[0].table)


def demand(granted: Permissions, table: str, account_id: str, key: str, *, write: bool = False) -> None:
    """Refuse a key that may not read the table, or write it; write implies read.

    Raises:
        ApiError: 403 that names the permission.
    """
    table = family(table)
    if granted is None or f"{table}:write" in granted or (not write and f"{table}:read" in granted):
        return
    wanted = "write" if write else "read"
    message = (
        f"The provided key '{masked(key)}' does not have the required permissions for this endpoint on account '{account_id}'. "
        f"Having the '{table}:{wanted}' permission would allow this request to continue."
    )
    raise ApiError(403, message)
