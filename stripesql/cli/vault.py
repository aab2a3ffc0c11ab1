"""Keep keys in the system's keyring, through the package ``keyring``, which is imported when it is needed.

In: a profile's name. Out: its key. Keyrings that are files in the clear are not used.
"""

from __future__ import annotations

from typing import Any, Final

from stripesql.cli.parsing import UsageError

_SERVICE: Final = "stripesql"
_OTHER_WAY: Final = "--key-env VARIABLE names an environment variable instead"
_CLEAR: Final = ("keyrings.alt", "keyring.backends.fail", "keyring.backends.null")
"""Modules of backends that keep texts in files without protection, or keep nothing."""


def store(profile: str, key: str) -> str:
    """Keep a key, and return the name of what keeps it.

    Raises:
        UsageError: there is no keyring, or it refuses.
    """
    backend = _backend()
    try:
        backend.set_password(_SERVICE, profile, key)
    except Exception as problem:  # noqa: BLE001  backends raise what they like, and the cause may hold the key
        raise UsageError(f"the keyring did not take the key ({type(problem).__name__}); {_OTHER_WAY}") from None
    return str(getattr(backend, "name", type(backend).__name__))


def fetch(profile: str) -> str | None:
    """Return a key, or None where the keyring has none.

    Raises:
        UsageError: there is no keyring, or it refuses.
    """
    backend = _backend()
    try:
        found = backend.get_password(_SERVICE, profile)
    except Exception as problem:
        raise UsageError(f"the keyring did not give the key of profile {profile} ({type(problem).__name__}: {problem})") from problem
    return None if found is None else str(found)


def forget(profile: str) -> None:
    """Remove a key; one that is not there is no error.

    Raises:
        UsageError: there is no keyring, or it refuses.
    """
    backend = _backend()
    try:
        if backend.get_password(_SERVICE, profile) is not None:
            backend.delete_password(_SERVICE, profile)
    except Exception as problem:
        raise UsageError(f"the keyring did not remove the key of profile {profile} ({type(problem).__name__}: {problem})") from problem


def _backend() -> Any:
    try:
        import keyring
    except ModuleNotFoundError as problem:
        raise UsageError(f"the package keyring is not installed: pip install 'stripesql[keyring]'; {_OTHER_WAY}") from problem
    chosen = keyring.get_keyring()
    backends = getattr(chosen, "backends", [chosen])
    usable = [each for each in backends if not type(each).__module__.startswith(_CLEAR)]
    if not usable:
        raise UsageError(f"this system has no keyring that protects what it keeps; {_OTHER_WAY}")
    return usable[0]
