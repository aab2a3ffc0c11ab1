"""Run one statement of the shell: its price before, its rows, its figures after.

In: a statement's text. Out: rows on the screen or in a file, figures below. Errors are raised.
"""

from __future__ import annotations

import json
import shutil
import signal
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stripesql.cli import background, summary
from stripesql.cli.arguments import UsageError
from stripesql.cli.destination import destination
from stripesql.cli.progress import Progress
from stripesql.cli.run import Connection, Cursor, rows_of
from stripesql.cli.screen import screen_of
from stripesql.cli.shell.paging import PagerClosed, Pages
from stripesql.cli.shell.state import State
from stripesql.errors import Error
from stripesql.outputs.formats import BINARY, FORMATS, SPACED, by_suffix
from stripesql.outputs.rows import PLAIN, Rows, Written
from stripesql.sql.statements import Call, Write, classify

_PRICE_OF_WRITE = "a write takes a request for each row (.explain shows them)"

_FRAMES = """SELECT table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema NOT IN ('stripe', 'information_schema') ORDER BY table_name, ordinal_position"""

_LINES_BELOW = 2
"""Lines of the screen that the figures and the prompt take."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Say how many requests a statement is planned with; ``most`` None where that is not known."""

    least: int
    most: int | None
    likely: int

    def __str__(self) -> str:
        if self.least == self.most:
            return summary.counted(self.least, "request")
        if self.most is None:
            return f"{self.least:,} or more requests, perhaps {self.likely:,}"
        return f"{self.least:,} to {self.most:,} requests"


class Runner:
    """Run statements on one connection, one at a time."""

    def __init__(self, connection: Connection, state: State, *, ask: Callable[[str], bool] | None) -> None:
        """Take the connection, and what puts a question to the user; None where nobody can answer."""
        self._connection = connection
        self._state = state
        self._ask = ask
        self._written: dict[Path, str] = {}

    def run(self, text: str) -> None:
        """Run one statement; Ctrl-C cancels it.

        Raises:
            Error: the statement failed, or was cancelled.
            UsageError: its result fits nowhere, or it costs more than was allowed.
            OSError: the output cannot be written.
        """
        self._state.last = text
        if (self._state.cost or self._state.confirm is not None) and not self._accepted(text):
            return
        with closing(self._connection.cursor()) as cursor:
            _Statement(cursor, text, self._state, self._written).run()

    def _accepted(self, text: str) -> bool:
        """Show the price; return whether the statement is to be run."""
        limit, cost = self._state.confirm, self.cost(text)
        if cost is None and not _writes(text):
            return True
        price = _PRICE_OF_WRITE if cost is None else f"{cost} planned"
        if limit is None or (cost is not None and max(cost.likely, cost.least) <= limit):
            if self._state.cost:
                say(f"price: {price}")
            return True
        over = f"{price}{'' if cost is None else f', more than {limit:,}'}"
        if self._ask is None:
            raise UsageError(f"{over}; .cost confirm is {limit:,} and nobody can be asked, so it was not run")
        return self._ask(f"{over}; run it?")

    def cost(self, text: str) -> Cost | None:
        """Return what a statement is planned with; None for what has no plan. Nothing is sent."""
        try:
            with closing(self._connection.cursor()) as cursor:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {text}", self._state.parameters or None)
                document = json.loads(cursor.fetch_record_batch().read_all().column(0)[0].as_py())
            requests = document["requests"]
            return Cost(requests["least"], requests["most"], requests["likely"])
        except (Error, ValueError, KeyError, TypeError, IndexError):
            return None  # running it will say what is wrong

    def frames(self) -> dict[str, list[tuple[str, str]]]:
        """Return the tables of the connection alone, with the name and the type of each column."""
        found: dict[str, list[tuple[str, str]]] = {}
        with closing(self._connection.cursor()) as cursor:
            cursor.execute(_FRAMES)
            for table, column, kind in zip(*cursor.fetch_record_batch().read_all().to_pydict().values(), strict=True):
                found.setdefault(table, []).append((column, kind))
        return found

    def setting(self, name: str) -> str:
        """Return a setting of the connection as text."""
        with closing(self._connection.cursor()) as cursor:
            cursor.execute(f"SHOW {name}")
            return str(cursor.fetch_record_batch().read_all().column(0)[0].as_py())


def _writes(text: str) -> bool:
    try:
        return isinstance(classify(text), Write | Call)
    except Error:
        return False  # running it will say what is wrong


class _Statement:
    """Hold what the thread that works and the thread that waits both see."""

    def __init__(self, cursor: Cursor, text: str, state: State, written: dict[Path, str]) -> None:
        self._cursor = cursor
        self._text = text
        self._state = state
        self._written = written
        self._pages: Pages | None = None
        self._progress = Progress(sys.stderr, shares_terminal=False)

    def run(self) -> None:
        try:
            with _interrupts_unless(lambda: self._pages is not None and self._pages.has_terminal):
                background.call(self._work, tick=self._progress.draw, interrupt=self._cursor.cancel)
        except KeyboardInterrupt as interruption:
            interruption.add_note(summary.of_cost(self._cursor.stats))
            raise
        finally:
            self._progress.end()

    def _work(self) -> None:
        self._progress.begin(lambda: self._cursor.stats)
        self._cursor.execute(self._text, self._state.parameters or None)
        if self._cursor.description is None:
            self._progress.end()
            self._report(summary.of_change(self._cursor.rowcount, self._cursor.stats))
            return
        once, self._state.once = self._state.once, None
        path = once or self._state.output
        name = chosen_format(self._state, path)
        if [column[0] for column in self._cursor.description] == ["explain"] and name == "vertical":
            name = "table"  # a plan is lines of one text
        report = self._to_screen(name) if path is None else self._to_file(Path(path).expanduser(), name, alone=once is not None)
        self._progress.end()
        self._report(report)

    def _to_screen(self, name: str) -> str:
        screen = screen_of(sys.stdout)
        size = shutil.get_terminal_size()
        lines = size.lines - _LINES_BELOW if screen.width is not None and self._state.pager else None
        self._pages = pages = Pages(lines=lines, columns=size.columns, before_pager=self._progress.end)
        try:
            written = FORMATS[name](self._watched(), pages.stream, screen)
        except PagerClosed:
            self._cursor.cancel()
            pages.end()
            return f"the pager was left before the end · {summary.of_cost(self._cursor.stats)}"
        except BaseException:
            self._progress.end()
            pages.end()
            raise
        self._progress.end()
        pages.end()
        return _for_shell(summary.of_rows(written, self._cursor.stats))

    def _to_file(self, path: Path, name: str, *, alone: bool) -> str:
        if path in self._written and not alone:
            written = self._append(path, name)
        else:
            with destination(str(path)) as out:
                written = FORMATS[name](self._watched(), out.next_result(), PLAIN)
            if not alone:
                self._written[path] = name
        return f"{path}: {summary.of_rows(written, self._cursor.stats)}"

    def _append(self, path: Path, name: str) -> Written:
        """Add a result to a file that this shell wrote; on failure the file is as it was."""
        if name not in SPACED:
            raise UsageError(f"{path} has a result already, and {name} holds one: .output or .once another file")
        with path.open("ab") as stream:
            size = stream.tell()
            try:
                stream.write(b"\n")
                return FORMATS[name](self._watched(), stream, PLAIN)
            except BaseException:
                stream.flush()
                stream.truncate(size)
                raise

    def _watched(self) -> Rows:
        rows = rows_of(self._cursor)
        return Rows(rows.columns, rows.schema, self._progress.watched(rows.batches))

    def _report(self, report: str) -> None:
        if self._state.stats:
            report = f"{report}\n{summary.of_costs(self._cursor.stats)}"
        if self._state.timer or self._state.stats:
            say(report)


def chosen_format(state: State, path: str | None) -> str:
    """Return the format of the next result: the suffix of a file wins over ``.mode``.

    Raises:
        UsageError: the format is binary and the output the screen.
    """
    name = (by_suffix(path) if path is not None else None) or state.format or "table"
    if name in BINARY and path is None and sys.stdout.isatty():
        raise UsageError(f"{name} is not text; .once FILE writes the next result to a file")
    return name


def say(text: str) -> None:
    """Print words that are no result: dim, on standard error, and in a pipe not at all."""
    screen = screen_of(sys.stderr)
    if screen.width is None:
        return
    if not screen.unicode:
        text = text.replace("·", "-")
    text = "\n".join(piece for line in text.split("\n") for piece in textwrap.wrap(line, screen.width, break_on_hyphens=False))
    sys.stdout.flush()
    print(f"\x1b[2m{text}\x1b[0m" if screen.colour else text, file=sys.stderr, flush=True)


def _for_shell(report: str) -> str:
    return report.replace("--format vertical", ".mode vertical")


@contextmanager
def _interrupts_unless(pager_has_terminal: Callable[[], bool]) -> Iterator[None]:
    """Let Ctrl-C through, but not while a pager has the terminal: it is the pager's then."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def heard(number: int, frame: Any) -> None:
        if not pager_has_terminal():
            signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, heard)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
