"""Decide which account a command is for: its key and its settings.

In: options, the environment, profiles. Out: what ``connect`` takes. Option > profile > default, and a key that is asked for by name is never
replaced by another.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stripesql.cli.arguments import Options, UsageError
from stripesql.cli.keys import IN_USE
from stripesql.settings import ApiKey

PROFILE_VARIABLE = "STRIPESQL_PROFILE"


@dataclass(frozen=True, slots=True)
class Account:
    """Hold what ``connect`` takes.

    Attributes:
        first: the key, or a URL without one; None leaves the key to the environment.
        settings: keyword arguments.
        profile: name of the profile that gave some of it, or None.
    """

    first: ApiKey | None
    settings: Mapping[str, Any]
    profile: str | None = None

    @property
    def mode(self) -> str:
        """Return ``demo``, ``test``, ``live``, or ``stripe`` where the key does not tell."""
        if self.settings.get("demo"):
            return "demo"
        url = self.first.reveal() if self.first is not None else ""
        if "://" in url and "demo=" in url:
            return "demo"
        key = self.first if self.first is not None and "://" not in url else ApiKey(os.environ.get("STRIPE_API_KEY", ""))
        return "stripe" if key.mode == "unknown" else key.mode

    @property
    def has_key(self) -> bool:
        """Say whether a connection can be opened without asking for a key."""
        return self.first is not None or bool(self.settings.get("demo")) or bool(os.environ.get("STRIPE_API_KEY"))


def account_of(options: Options) -> Account:
    """Return the account of a command.

    Raises:
        UsageError: a profile that does not exist, whose key is not there, or that meets ``--url``.
    """
    if options.url is not None:
        if options.profile is not None:
            raise UsageError("--url and --profile both say which account; give one of them")
        return Account(ApiKey(options.url), options.settings)
    name = options.profile or (None if options.settings.get("demo") else os.environ.get(PROFILE_VARIABLE))
    if not name and (options.settings.get("demo") or os.environ.get("STRIPE_API_KEY")):
        return Account(None, options.settings)

    from stripesql.cli import profiles

    known = profiles.load()
    name = name or known.default
    if not name:
        return Account(None, options.settings)
    profile = known.find(name)
    settings = {**profile.settings, **options.settings}
    if settings.get("demo"):
        return Account(None, settings, name)
    return Account(_key(name, profile), settings, name)


def _key(name: str, profile: Any) -> ApiKey | None:
    if profile.in_keyring:
        from stripesql.cli import vault

        key = vault.fetch(name)
        if not key:
            raise UsageError(f"the keyring has no key for profile {name}; stripesql config set {name} --store-key asks for it")
    elif profile.key_env is not None:
        key = os.environ.get(profile.key_env, "").strip()
        if not key:
            raise UsageError(f"profile {name} takes its key from the environment variable {profile.key_env}, which is not set")
    else:
        return None
    IN_USE.add(key)
    return ApiKey(key)
