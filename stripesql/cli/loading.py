"""Load the driver for one statement in a process of its own, where half a second is noticed.

In: nothing. Out: ``connect``.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stripesql.dbapi.connection import Connection


_ANYHOW: Final = frozenset({"pandas", "click"})
_ARROW_ALONE: Final = 18
"""The first Arrow that does without NumPy."""


def driver(*, own_process: bool) -> Callable[..., Connection]:
    """Return ``stripesql.connect``.

    Args:
        own_process: nothing else runs in this process that could want what is spared.
    """
    with _nothing_collected(), _without(_spared()) if own_process else nullcontext():
        if own_process and "pandas" not in sys.modules:
            import pyarrow as pa

            # With its first array Arrow looks for pandas; found none, it asks no more whether an object is pandas'.
            pa.array([None])
        from stripesql.dbapi.connect import connect

    return connect


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Put the garbage collector off: what is loaded stays, and looking through it again and again takes a tenth of a second."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _spared() -> frozenset[str]:
    """Return what the libraries load wherever it is installed, and do without elsewhere.

    Arrow loads pandas and NumPy, for the sake of those who convert to them; httpx loads click, for a command of its own.
    """
    arrow = int(version("pyarrow").partition(".")[0])
    return _ANYHOW | ({"numpy"} if arrow >= _ARROW_ALONE else set())


@contextmanager
def _without(names: frozenset[str]) -> Iterator[None]:
    """Find no module of these names, wherever they are."""
    finder = _Without(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Without:
    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Leave every other module to the finders that follow.

        Raises:
            ModuleNotFoundError: it is one of those.
        """
        if name in self._names:
            raise ModuleNotFoundError(f"{name} is not wanted here", name=name)
