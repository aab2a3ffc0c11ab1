"""Run work beside the main thread, so that Ctrl-C is heard while the work waits in native code.

Python delivers signals to the main thread between two bytecodes; a main thread inside the engine or a socket would
hear of Ctrl-C when the call returns. Here the main thread only waits.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

TICK_S = 0.1

GRACE_S = 5.0
"""A cancelled query ends within a page; work that does not end by then hangs on something else, such as a full pipe."""


class StillRunning(KeyboardInterrupt):
    """Report Ctrl-C whose work did not stop: the caller must leave the process without waiting for threads."""


def call(work: Callable[[], T], *, tick: Callable[[], None], interrupt: Callable[[], None]) -> T:
    """Return what ``work`` returns, or raise what it raises.

    Args:
        work: runs in a thread of its own.
        tick: called every tenth of a second from the calling thread.
        interrupt: called at Ctrl-C, again each tick until the work has ended, since a cancel may come before there is
            anything to cancel.

    Raises:
        KeyboardInterrupt: Ctrl-C or the like; the work has ended, and how it failed is the cause.
        StillRunning: Ctrl-C, and the work goes on after ``GRACE_S`` or a second Ctrl-C.
    """
    results: list[T] = []
    failures: list[BaseException] = []
    ended = threading.Event()

    def run() -> None:
        try:
            results.append(work())
        except BaseException as failure:  # noqa: BLE001  it is raised again in the thread that waits
            failures.append(failure)
        finally:
            ended.set()

    thread = threading.Thread(target=run, name="stripesql-statement", daemon=True)
    try:
        with _ends_like_ctrl_c():
            thread.start()
            while not ended.wait(TICK_S):
                tick()
    except KeyboardInterrupt as interruption:
        if not _stopped(ended, interrupt):
            raise StillRunning from None
        raise interruption from (failures[0] if failures else None)
    if failures:
        raise failures[0]
    return results[0]


@contextmanager
def _ends_like_ctrl_c() -> Iterator[None]:
    """Let SIGTERM and SIGHUP cancel too: by default they end the process, and half-written files and spilled rows stay.

    Signals that are ignored stay so (nohup), and those that somebody handles stay theirs.
    """
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    taken = [number for name in names if signal.getsignal(number := getattr(signal, name)) is signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        taken = []
    for number in taken:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _stopped(ended: threading.Event, interrupt: Callable[[], None]) -> bool:
    try:
        for _ in range(int(GRACE_S / TICK_S)):
            interrupt()
            if ended.wait(TICK_S):
                return True
    except KeyboardInterrupt:
        return False
    return False
