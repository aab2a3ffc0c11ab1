"""Be the command ``config``: show and change profiles.

In: options. Out: lines on standard output; a key goes from the terminal, or standard input, to the keyring, and nowhere else.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace

from stripesql.cli import profiles
from stripesql.cli.parsing import UsageError
from stripesql.cli.profiles import Profile, Profiles
from stripesql.cli.subcommands import ConfigOptions


def config(options: ConfigOptions) -> None:
    """Carry out one action.

    Raises:
        UsageError: it cannot be carried out; nothing is changed then.
        OSError: the file cannot be written.
    """
    known = profiles.load()
    match options.action:
        case "list":
            _list(known, names=options.names)
        case "show":
            _show(options.profile, known)
        case "set":
            _set(options, known)
        case _:
            _remove(options, known)


def _list(known: Profiles, *, names: bool) -> None:
    if names:
        print("".join(f"{name}\n" for name in known.by_name), end="")
        return
    print(f"profiles in {profiles.path()}:")
    if not known.by_name:
        print("  none yet; stripesql config set NAME --store-key makes one")
    width = max((len(name) for name in known.by_name), default=0)
    for name, profile in known.by_name.items():
        mark = "*" if name == known.default else " "
        print(f"{mark} {name.ljust(width)}  {'; '.join([_where(profile), *_settings(profile)])}")
    if known.default is not None:
        print("* is used where no profile is named and STRIPE_API_KEY is not set")


def _show(name: str, known: Profiles) -> None:
    profile = known.find(name)
    print(f"{name}{' (default)' if name == known.default else ''}")
    for line in [_where(profile), *_settings(profile)]:
        print(f"  {line}")


def _where(profile: Profile) -> str:
    if profile.in_keyring:
        return "key in the keyring"
    if profile.key_env is not None:
        return f"key in ${profile.key_env}{'' if os.environ.get(profile.key_env) else ', which is not set'}"
    return "no key" if profile.settings.get("demo") else "key in $STRIPE_API_KEY"


def _settings(profile: Profile) -> list[str]:
    return [f"{name} = {str(value).lower() if isinstance(value, bool) else value}" for name, value in profile.settings.items()]


def _set(options: ConfigOptions, known: Profiles) -> None:
    name = options.profile
    before = known.by_name.get(name, Profile())
    profile = profiles.changed(before, dict(options.changes))
    said = ""
    if options.key_env is not None:
        profile = replace(profile, key_env=options.key_env, in_keyring=False)
    elif options.store_key:
        from stripesql.cli import vault

        said = f", its key in {vault.store(name, read_key(name))}"
        profile = replace(profile, key_env=None, in_keyring=True)
    profiles.save(known.with_profile(name, profile, default=options.default))
    if before.in_keyring and not profile.in_keyring:
        _forget_key(name)
    print(f"profile {name} is {'changed' if name in known.by_name else 'made'}{said}")


def _remove(options: ConfigOptions, known: Profiles) -> None:
    name = options.profile
    profile = known.find(name)
    if options.removed:
        profiles.save(known.with_profile(name, profiles.changed(profile, {}, options.removed), default=False))
        print(f"profile {name} no longer has {', '.join(options.removed)}")
        return
    if profile.in_keyring:
        _forget_key(name)
    profiles.save(known.without(name))
    print(f"profile {name} is removed")


def _forget_key(name: str) -> None:
    from stripesql.cli import vault

    vault.forget(name)


def read_key(profile: str) -> str:
    """Return a key that is typed without being shown, or the first line of standard input where that is no terminal.

    Raises:
        UsageError: what was given is no key.
    """
    if sys.stdin.isatty():
        from getpass import getpass

        try:
            key = getpass(f"Stripe key of {profile} (not shown): ")
        except EOFError:
            key = ""
    else:
        key = sys.stdin.readline()
    key = key.strip()
    if key.startswith("pk_"):
        raise UsageError(
            "this is a publishable key (pk_...), which cannot read an account; use a secret (sk_...) or restricted key (rk_...)"
        )
    if not key.startswith(("sk_", "rk_")) or not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError("that is no Stripe key: a restricted key begins with rk_, a secret key with sk_; nothing is changed")
    return key
