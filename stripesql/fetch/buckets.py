"""Keep buckets for those who share them: the threads of this process, or all processes of this user.

In: nothing. Out: a dictionary of buckets, given to one caller at a time. What becomes of it is decided in ``limiter``.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, Protocol

import msgspec

from stripesql.errors import InterfaceError
from stripesql.fetch.pacing import Bucket

LONGEST_LOCK_S: Final = 10.0
"""Longest wait for a process that keeps the file to itself; it needs it for less than a millisecond."""
_POLL_S: Final = 0.002


class Buckets(Protocol):
    """Hold buckets by name."""

    def held(self) -> AbstractContextManager[dict[str, Bucket]]:
        """Give the buckets to one caller at a time; what it changes stays changed."""
        ...


class InProcess:
    """Hold buckets in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: dict[str, Bucket] = {}

    @contextmanager
    def held(self) -> Iterator[dict[str, Bucket]]:
        """Give the buckets to one thread at a time."""
        with self._lock:
            yield self._buckets


class InFile:
    """Hold buckets in a file of this user, for all processes on this machine that name the same file.

    It costs a fraction of a millisecond per request. The file holds rates and times, and nothing of Stripe's.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def held(self) -> Iterator[dict[str, Bucket]]:
        """Give the buckets to one thread of one process at a time.

        Raises:
            InterfaceError: the file cannot be used.
        """
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as problem:
            raise InterfaceError(f"shared_limits=True needs the file {self._path}, which cannot be opened: {problem.strerror}") from problem
        with os.fdopen(descriptor, "r+b") as file:
            try:
                _lock(file.fileno())
            except OSError as problem:
                raise InterfaceError(
                    f"shared_limits=True needs the file {self._path}, which another process has kept locked for {LONGEST_LOCK_S:g} s; "
                    "look for one that was stopped"
                ) from problem
            try:
                buckets = _read(file.read())
                yield buckets
                file.seek(0)
                file.truncate()
                file.write(msgspec.json.encode(buckets))
                file.flush()
            finally:
                _unlock(file.fileno())


def limits_folder() -> Path:
    """Return the folder for such files: the user's own, where nobody else can put a file in the way."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
        return (Path(base) if base else Path.home() / "AppData" / "Local") / "stripesql" / "limits"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "stripesql" / "limits"


_DECODER: Final = msgspec.json.Decoder(dict[str, Bucket])


def _read(text: bytes) -> dict[str, Bucket]:
    try:
        return _DECODER.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError):  # new, or cut short by a crash: limits start anew
        return {}


if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        until = time.monotonic() + LONGEST_LOCK_S
        while True:
            try:
                return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise
                time.sleep(_POLL_S)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
