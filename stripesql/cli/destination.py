"""Open where results go: standard output, or a file that appears only when it is complete."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO


class Destination:
    """Open the output at the first result, so that a failing statement leaves no empty file.

    Attributes:
        results: how many results went there.
    """

    def __init__(self, open_stream: Callable[[], BinaryIO]) -> None:
        self.results = 0
        self._open = open_stream
        self._stream: BinaryIO | None = None

    def next_result(self) -> BinaryIO:
        """Return the stream for one more result."""
        if self._stream is None:
            self._stream = self._open()
        self.results += 1
        return self._stream


@contextmanager
def destination(path: str | None) -> Iterator[Destination]:
    """Yield the destination; None is standard output.

    A file is written beside its name and takes its name at the end. A query that fails leaves what was there before:
    half a result would look like a whole one. Devices and named pipes are written directly.

    Raises:
        OSError: the file cannot be written.
    """
    if path is None:
        yield Destination(lambda: sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    target = Path(os.path.realpath(path))
    with ExitStack() as stack:
        if target.exists() and not target.is_file():
            device = stack.enter_context(target.open("wb"))
            yield Destination(lambda: device)
            return
        partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
        stack.callback(partial.unlink, missing_ok=True)
        made = Destination(lambda: stack.enter_context(_created(partial, path)))
        yield made
        if made.results:
            made.next_result().close()
            if target.exists():
                partial.chmod(target.stat().st_mode)
            partial.replace(target)


def _created(partial: Path, path: str) -> BinaryIO:
    try:
        return partial.open("xb")
    except OSError as problem:
        # The message names the file that was asked for.
        raise OSError(problem.errno, problem.strerror, path) from problem
