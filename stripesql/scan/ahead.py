"""Read on in the background while the consumer works on what came before.

In: an iterator that fetches as it is advanced. Out: the same items, in order. Nothing is fetched before the first item
is asked for, and nothing beyond it before the second is: a query that stops after one page costs one page. After that a
thread keeps a few items ready, first one, then two, then four.
"""

from __future__ import annotations

import queue
import threading
import weakref
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Final, Generic, TypeVar

Item = TypeVar("Item")

_MOST_AHEAD: Final = 4
_POLL_S: Final = 0.1
# A thread that nobody told to stop looks so often whether its statement is over.
_LOOK_S: Final = 0.5


class _End:
    """Say that there are no more items; carries the exception that ended them, or None."""

    def __init__(self, failure: BaseException | None) -> None:
        self.failure = failure


def _nothing() -> None:
    pass


def read_ahead(items: Iterator[Item], *, at_once: bool = False, check: Callable[[], object] = _nothing) -> Iterator[Item]:
    """Yield ``items``, read in a thread of its own once the consumer has come back for a second one.

    Args:
        items: is advanced by one thread at a time.
        at_once: the consumer is known to want everything: read ahead from the first item on.
        check: raises where the statement is over, so that the thread ends even if nobody closes the iterator.
    """
    if not at_once:
        try:
            yield next(items)
        except StopIteration:
            return
    with Ahead(items, check) as ahead:
        yield from ahead


class Ahead(Generic[Item]):
    """Read items in a thread of its own, from now on; ``close`` or forgetting it stops the thread."""

    def __init__(self, items: Iterator[Item], check: Callable[[], object] = _nothing) -> None:
        """Begin; ``items`` is advanced by that thread alone. Of ``check``, see ``read_ahead``."""
        self._ready: queue.Queue[Item | _End] = queue.Queue()
        self._room = threading.Semaphore(1)
        self._stopped = threading.Event()
        self._size = 1
        # The thread does not know this object, so that it can be forgotten.
        parts = (items, self._ready, self._room, self._stopped, check)
        self._worker = threading.Thread(target=_work, args=parts, name="stripesql-read-ahead", daemon=True)
        self._finalizer = weakref.finalize(self, _stop, self._stopped, self._room)
        self._worker.start()

    def __iter__(self) -> Iterator[Item]:
        """Yield the items, once."""
        while not isinstance(item := _take(self._ready, self._worker), _End):
            # One place for the item that was taken, one more while the window still grows.
            self._room.release(2 if self._size < _MOST_AHEAD else 1)
            self._size = min(self._size + 1, _MOST_AHEAD)
            yield item
        if item.failure is not None:
            raise item.failure

    def close(self) -> None:
        """Stop the thread, after the item that it is at; a second call does nothing."""
        self._finalizer()

    def __enter__(self) -> Ahead[Item]:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _stop(stopped: threading.Event, room: threading.Semaphore) -> None:
    stopped.set()
    room.release()


def _take(ready: queue.Queue[Item | _End], worker: threading.Thread) -> Item | _End:
    while True:
        try:
            # A bounded wait lets KeyboardInterrupt through and notices a worker that died.
            return ready.get(timeout=_POLL_S)
        except queue.Empty:
            if not worker.is_alive() and ready.empty():
                raise RuntimeError("the thread that reads ahead died") from None


def _work(
    items: Iterator[Item],
    ready: queue.Queue[Item | _End],
    room: threading.Semaphore,
    stopped: threading.Event,
    check: Callable[[], object],
) -> None:
    failure: BaseException | None = None
    try:
        while True:
            while not room.acquire(timeout=_LOOK_S):
                check()
            if stopped.is_set():
                break
            try:
                ready.put(next(items))
            except StopIteration:
                break
    except BaseException as problem:  # noqa: BLE001  raised again where the items are consumed
        failure = problem
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            close()
    ready.put(_End(failure))
