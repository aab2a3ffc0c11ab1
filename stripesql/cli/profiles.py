"""Read and write profiles: settings under names, in a TOML file of the user's configuration folder.

In: the file. Out: ``Profiles``, and the file again. A key is never in it: a profile says where its key is.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from stripesql.cli.keys import hold_key, may_hold_key
from stripesql.cli.parsing import UsageError

KEYRING: Final = "keyring"
"""Value of ``key``: the system's keyring has it."""

_FILE: Final = "config.toml"
_HEAD: Final = "# Written by stripesql config, which keeps no comments. Keys are never kept here: they are in the system's keyring or in the environment.\n"


@dataclass(frozen=True, slots=True)
class Profile:
    """Say one profile.

    Attributes:
        settings: keyword arguments of ``connect``.
        in_keyring: the system's keyring holds its key.
        key_env: environment variable that holds its key, or None.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    in_keyring: bool = False
    key_env: str | None = None


@dataclass(frozen=True, slots=True)
class Profiles:
    """Hold all profiles by name, and the name of the one that is used where none is named."""

    by_name: Mapping[str, Profile] = field(default_factory=dict)
    default: str | None = None

    def find(self, name: str) -> Profile:
        """Return a profile.

        Raises:
            UsageError: there is none; the message offers a near name.
        """
        found = self.by_name.get(name)
        if found is None:
            near = get_close_matches(name, self.by_name, n=1)
            hint = (
                f"; did you mean {near[0]}?" if near else "; stripesql config list shows them" if self.by_name else "; there are none yet"
            )
            raise UsageError(f"there is no profile {name}{hint}")
        return found

    def with_profile(self, name: str, profile: Profile, *, default: bool) -> Profiles:
        """Return the profiles with one added or replaced."""
        return Profiles({**self.by_name, name: profile}, name if default else self.default)

    def without(self, name: str) -> Profiles:
        """Return the profiles without one."""
        kept = {each: profile for each, profile in self.by_name.items() if each != name}
        return Profiles(kept, None if self.default == name else self.default)


def path() -> Path:
    """Return where the file is, or would be."""
    from platformdirs import user_config_path

    return user_config_path("stripesql", appauthor=False) / _FILE


def load() -> Profiles:
    """Return the profiles of the file; none where there is no file.

    Raises:
        UsageError: the file cannot be read, is not TOML, says something that is no profile, or holds a key.
    """
    file = path()
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Profiles()
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"cannot read {file}: {getattr(problem, 'strerror', None) or 'it is not UTF-8 text'}") from problem
    if hold_key([text]):
        raise UsageError(
            f"{file} holds what looks like a Stripe key, and keys are not read from files; "
            "remove it there, then run stripesql config set NAME --store-key"
        )
    try:
        return read(tomllib.loads(text))
    except tomllib.TOMLDecodeError as problem:
        raise UsageError(f"{file} is not TOML: {problem}") from problem
    except ValueError as problem:
        raise UsageError(f"{file}: {problem}") from problem


def read(document: Mapping[str, Any]) -> Profiles:
    """Return the profiles that a parsed file says.

    Raises:
        ValueError: it says something else.
    """
    unknown = set(document) - {"default", "profiles"}
    if unknown:
        raise ValueError(f"{sorted(unknown)[0]} is not known; a file has default and [profiles.NAME]")
    tables = document.get("profiles", {})
    if not isinstance(tables, dict) or not all(isinstance(each, dict) for each in tables.values()):
        raise ValueError("profiles are written [profiles.NAME]")
    default = document.get("default")
    if default is not None and default not in tables:
        raise ValueError(f"the default profile {default} is not there")
    return Profiles({name: _profile(name, table) for name, table in tables.items()}, default)


def _profile(name: str, table: Mapping[str, Any]) -> Profile:
    settings = dict(table)
    key, key_env = settings.pop("key", None), settings.pop("key_env", None)
    if key not in (None, KEYRING):
        raise ValueError(f'profile {name}: key is either "{KEYRING}" or absent; a key itself never stands in this file')
    if key_env is not None and not isinstance(key_env, str):
        raise ValueError(f"profile {name}: key_env is the name of an environment variable")
    for each, value in settings.items():
        try:
            check(each, value)
        except UsageError as problem:
            raise ValueError(f"profile {name}: {problem}") from problem
    return Profile(settings, key == KEYRING, key_env)


def check(name: str, value: Any) -> Any:
    """Return the value of a setting as it is kept.

    Raises:
        UsageError: no such setting, a wrong value, or one that is not for files.
    """
    from stripesql.errors import InterfaceError, NotSupportedError
    from stripesql.settings import from_keywords, setting

    if name == "transport":
        raise UsageError("transport is not for profiles")
    if isinstance(value, str) and may_hold_key(value):
        raise UsageError(f"the value of {name} looks like a key, and keys are not kept in files; --store-key asks for one")
    if name == "proxy" and "@" in str(value):
        raise UsageError("a proxy with a password is not kept in a file; set the environment variable HTTPS_PROXY")
    try:
        from_keywords({name: value})
        return setting(name).read(value)
    except (InterfaceError, NotSupportedError) as problem:
        raise UsageError(str(problem)) from problem


def changed(profile: Profile, changes: Mapping[str, str], removed: tuple[str, ...] = ()) -> Profile:
    """Return a profile with settings replaced and forgotten.

    Raises:
        UsageError: a setting that is not there cannot be forgotten; else as ``check``.
    """
    settings = {**profile.settings, **{name: check(name, value) for name, value in changes.items()}}
    for name in removed:
        if name not in settings:
            raise UsageError(f"the profile has no setting {name}")
        del settings[name]
    return replace(profile, settings={name: value for name, value in settings.items() if value is not None})


def save(profiles: Profiles) -> None:
    """Write the file, readable for its owner alone; it is whole at any moment.

    Raises:
        OSError: it cannot be written.
    """
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
    with suppress(FileNotFoundError):
        partial.unlink()
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text_of(profiles))
    partial.replace(file)


def text_of(profiles: Profiles) -> str:
    """Return the file's text."""
    lines = [_HEAD]
    if profiles.default is not None:
        lines.append(f"default = {_toml(profiles.default)}\n")
    for name, profile in profiles.by_name.items():
        lines.append(f"\n[profiles.{name}]\n")
        lines += [f'key = "{KEYRING}"\n'] if profile.in_keyring else []
        lines += [f"key_env = {_toml(profile.key_env)}\n"] if profile.key_env else []
        lines += [f"{each} = {_toml(value)}\n" for each, value in profile.settings.items()]
    return "".join(lines)


def _toml(value: Any) -> str:
    # Texts, numbers and truth values are written the same in JSON and in TOML, but for U+007F.
    return json.dumps(value).replace("\x7f", "\\u007f")
