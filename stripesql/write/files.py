"""Read local files for uploads, and save downloads, where ``local_files`` allows it.

In: paths, bytes. Out: contents, or a file that was not there before. A file appears under its name when it is complete.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path

from stripesql.errors import DataError, NotSupportedError, OperationalError
from stripesql.settings import Settings

ReadFile = Callable[[str], tuple[str, bytes]]
"""Gives name and content of a local file."""


def reader(settings: Settings) -> ReadFile:
    """Return what reads a local file.

    The function raises NotSupportedError where ``local_files`` does not allow it, DataError where it cannot be read.
    """

    def read(path: str) -> tuple[str, bytes]:
        _demand(settings, "reading")
        place = Path(path).expanduser()
        try:
            return place.name, place.read_bytes()
        except OSError as problem:
            raise DataError(f"the file {path!r} cannot be read: {problem.strerror or problem}") from problem

    return read


def check_target(path: str, settings: Settings, *, overwrite: bool) -> None:
    """Return if a download may be saved under ``path``.

    Raises:
        NotSupportedError: ``local_files`` does not allow it.
        DataError: something is there already, or the folder is not.
    """
    _demand(settings, "writing")
    place = Path(path).expanduser()
    if place.is_dir() or not place.parent.is_dir():
        raise DataError(f"{path!r} cannot be written: {'it is a folder' if place.is_dir() else 'its folder does not exist'}")
    if place.exists() and not overwrite:
        raise DataError(f"{path!r} is there already; choose another path, or say overwrite => true")


def save(path: str, content: bytes, *, overwrite: bool) -> str:
    """Write a file, complete or not at all, and return its absolute path.

    Raises:
        DataError: something came to be there meanwhile.
        OperationalError: the disk does not take it.
    """
    place = Path(path).expanduser().absolute()
    try:
        with tempfile.NamedTemporaryFile(prefix=f".{place.name[:64]}-", dir=place.parent, delete=False) as made:
            temporary = Path(made.name)
        try:
            temporary.write_bytes(content)
            if overwrite:
                temporary.replace(place)
            else:
                _put(temporary, place)
        finally:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
    except FileExistsError as problem:
        raise DataError(f"{path!r} is there already; choose another path, or say overwrite => true") from problem
    except OSError as problem:
        raise OperationalError(f"{path!r} cannot be written: {problem.strerror or problem}") from problem
    return str(place)


def _put(temporary: Path, place: Path) -> None:
    """Give a file its name; another one that took the name meanwhile stays.

    Raises:
        FileExistsError: the name is taken.
    """
    try:
        place.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if place.exists():
            raise FileExistsError from None
        temporary.rename(place)


def _demand(settings: Settings, what: str) -> None:
    if not settings.local_files:
        raise NotSupportedError(f"{what} a local file needs connect(..., local_files=True)")
