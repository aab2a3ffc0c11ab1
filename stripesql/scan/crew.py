"""Let several threads work for one consumer.

In: a function that gives each idle thread its next piece of work, or says that there is none now, or none any more. Out:
the results, in the order in which they come. Bounded: threads wait while the consumer is behind. A failure of one ends
all, and is raised where the results are read, before what else is ready.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, Generic, TypeVar

Result = TypeVar("Result")
Work = Callable[[], Result | None]
"""One piece of work; None says that it gave nothing to read."""

# Long enough to cost nothing; what changes wakes the threads at once, but for the time that brings new room.
# Each thread that is woken costs as much as decoding a page, so it is one at a time, and whoever finds work wakes the next.
_POLL_S: Final = 0.05


class Crew(Generic[Result]):
    """Run pieces of work in threads until there is none left.

    ``find`` is called with the crew's lock held, and answers a piece of work; None for none now; it raises StopIteration
    when there will be none any more. Each piece may make further work, which other threads are then woken for.

    Attributes:
        lock: guards what ``find`` and the pieces of work share; held while ``find`` runs.
    """

    def __init__(
        self,
        find: Callable[[], Work[Result] | None],
        workers: Callable[[], int],
        room: Callable[[], int],
        check: Callable[[], object] = lambda: None,
    ) -> None:
        """Take the source of work.

        Args:
            find: see above.
            workers: how many threads are wanted; asked now and then.
            room: how many results may be under way or wait for the consumer; asked now and then.
            check: raises where the statement is over, so that threads end even if nobody closes the results.
        """
        self._find = find
        self._workers = workers
        self._room = room
        self._check = check
        self.lock = threading.RLock()
        self._arrived = threading.Condition(self.lock)
        self._wanted = threading.Condition(self.lock)
        self._ready: deque[Result] = deque()
        self._failure: BaseException | None = None
        self._under_way = 0
        self._stopped = False
        self._finished = False
        self._threads = 0

    def results(self) -> Iterator[Result]:
        """Yield the results until all work is done; closing the iterator stops the threads, each after its piece of work."""
        try:
            while (item := self._take()) is not None:
                yield item
        finally:
            with self.lock:
                self._stopped = True
                self._ready.clear()
                self._wanted.notify_all()

    def _take(self) -> Result | None:
        """Return the next result, None after the last."""
        with self.lock:
            while True:
                self._hire()
                if self._failure is not None:
                    raise self._failure
                if self._ready:
                    self._wanted.notify()
                    return self._ready.popleft()
                if self._threads == 0:
                    return None
                # A wait without end would not let KeyboardInterrupt through on every platform.
                self._arrived.wait(_POLL_S)

    def _hire(self) -> None:
        while not (self._stopped or self._finished) and self._threads < self._workers():
            self._threads += 1
            threading.Thread(target=self._work, name="stripesql-scan", daemon=True).start()

    def _work(self) -> None:
        try:
            while (work := self._next()) is not None:
                result = work()
                with self.lock:
                    self._under_way -= 1
                    if result is not None and not self._stopped:
                        self._ready.append(result)
                        self._arrived.notify()
        except BaseException as problem:  # noqa: BLE001  raised again where the results are read
            with self.lock:
                self._failure = self._failure or problem
                self._stopped = True
        finally:
            with self.lock:
                self._threads -= 1
                self._arrived.notify()
                self._wanted.notify_all()

    def _next(self) -> Work[Result] | None:
        with self.lock:
            while not (self._stopped or self._finished):
                self._check()
                if len(self._ready) + self._under_way < self._room():
                    try:
                        work = self._find()
                    except StopIteration:
                        self._finished = True
                        return None
                    if work is not None:
                        self._under_way += 1
                        self._wanted.notify()
                        return work
                self._wanted.wait(_POLL_S)
        return None
