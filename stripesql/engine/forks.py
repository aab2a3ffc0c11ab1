"""Keep DuckDB's objects of the parent alive in a child process.

DuckDB does not survive a fork: freeing one of its objects in the child crashes it. So each is registered here, and a
child takes a reference to it that is never given back. In: objects. Out: nothing.
"""

from __future__ import annotations

import ctypes
import os
import weakref
from typing import Any, Protocol


class Holder(Protocol):
    """Hold objects of DuckDB."""

    def engine_objects(self) -> list[Any]:
        """Return them."""
        ...


_holders: weakref.WeakSet[Holder] = weakref.WeakSet()


def register(holder: Holder) -> None:
    """Keep what ``holder`` holds from being freed in a child of this process."""
    _holders.add(holder)


def _keep_for_ever() -> None:
    for holder in list(_holders):
        for each in holder.engine_objects():
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(each))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_keep_for_ever)
