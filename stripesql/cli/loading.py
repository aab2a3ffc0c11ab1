"""Load the driver for one statement in a process of its own, where half a second is noticed.

In: nothing. Out: ``connect``.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stripesql.dbapi.connection import Connection


def driver(*, own_process: bool) -> Callable[..., Connection]:
    """Return ``stripesql.connect``.

    Args:
        own_process: nothing else runs in this process that could want pandas.
    """
    with _nothing_collected():
        if own_process:
            _spare_pandas()
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


def _spare_pandas() -> None:
    """Keep Arrow from loading pandas, which it does with its first array wherever pandas is installed.

    Arrow then asks no more whether an object is pandas'; ``to_pandas`` loads it nevertheless.
    """
    if "pandas" in sys.modules:
        return
    sys.meta_path.insert(0, _WithoutPandas)
    try:
        import pyarrow as pa

        pa.array([None])
    finally:
        sys.meta_path.remove(_WithoutPandas)


class _WithoutPandas:
    """Find no pandas, wherever it is."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Leave every other module to the finders that follow.

        Raises:
            ModuleNotFoundError: it is pandas.
        """
        if name == "pandas":
            raise ModuleNotFoundError("pandas is not wanted here", name=name)
