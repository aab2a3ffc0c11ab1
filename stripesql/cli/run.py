"""Run the statements of one command and write their results.

In: options. Out: rows on the destination, figures on standard error. Errors are raised; ``main`` shows them.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from stripesql.cli import background, summary
from stripesql.cli.account import Account, account_of
from stripesql.cli.arguments import Options, UsageError
from stripesql.cli.destination import Destination, destination
from stripesql.cli.progress import Progress
from stripesql.cli.screen import screen_of
from stripesql.cli.script import gives_rows
from stripesql.errors import NotSupportedError, QueryCancelled
from stripesql.outputs.formats import BINARY, FORMATS, SPACED, by_suffix
from stripesql.outputs.rows import PLAIN, Column, Rows
from stripesql.stats import Stats

if TYPE_CHECKING:
    import pyarrow as pa


class Cursor(Protocol):
    """Name what a command uses of ``stripesql.Cursor``."""

    @property
    def description(self) -> Sequence[tuple[Any, ...]] | None: ...  # noqa: D102
    @property
    def rowcount(self) -> int: ...  # noqa: D102
    @property
    def stats(self) -> Stats: ...  # noqa: D102
    def execute(self, operation: str, parameters: Mapping[str, Any] | None = None) -> Any: ...  # noqa: D102
    def fetch_record_batch(self) -> pa.RecordBatchReader: ...  # noqa: D102
    def cancel(self) -> None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


class Connection(Protocol):
    """Name what a command uses of ``stripesql.Connection``."""

    def cursor(self) -> Cursor: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


Connect = Callable[..., Connection]
"""``stripesql.connect``: an optional URL, then settings."""


def run(options: Options, script: Sequence[str], connect: Connect) -> None:
    """Run the statements of ``script`` in order; Ctrl-C cancels the one that runs.

    Raises:
        UsageError: the output does not fit the format.
        Error: a statement failed; those after it are not run.
        OSError: the output cannot be written.
        KeyboardInterrupt: Ctrl-C; its cause is what the statement said to being cancelled.
    """
    format_name = chosen_format(options)
    if options.output is not None:
        _check_results(options.output, format_name, script)
    command = _Command(options, lambda: opened(account_of(options), connect), format_name, script)
    try:
        background.call(command.run, tick=command.progress.draw, interrupt=command.cancel)
    finally:
        command.progress.end()


def chosen_format(options: Options) -> str:
    """Return the format: the one that is asked for, else what the file's suffix means, else table.

    Raises:
        UsageError: the suffix means nothing, or the format is binary and the output a terminal.
    """
    name = options.format
    if name is None and options.output is not None:
        name = by_suffix(options.output)
        if name is None:
            raise UsageError(f"the suffix of {options.output} names no format; add --format")
    name = name or "table"
    if name in BINARY and options.output is None and sys.stdout.isatty():
        raise UsageError(f"{name} is not text; write it to a file with --output, or into a pipe")
    return name


def _check_results(output: str, format_name: str, script: Sequence[str]) -> None:
    """Refuse, before anything is sent, to write results to one file whose format holds one: readers would take them for one table.

    Raises:
        UsageError: there are two.
    """
    if format_name in SPACED:
        return
    count = sum(map(gives_rows, script))
    if count > 1:
        raise UsageError(f"{output} would get {count} results, and {format_name} holds one result: run them one by one")


def opened(account: Account, connect: Connect) -> Connection:
    """Return a new connection to an account."""
    arguments = () if account.first is None else (account.first.reveal(),)
    return connect(*arguments, **account.settings)


def rows_of(cursor: Cursor) -> Rows:
    """Return the result of an executed cursor, to be read once."""
    reader = cursor.fetch_record_batch()
    columns = tuple(Column(str(label), str(type_name)) for label, type_name, *_ in cursor.description or ())
    return Rows(columns, reader.schema, iter(reader))


def _is_file(stream: TextIO) -> bool:
    """Return whether a stream is a file; a pipe often ends on the same terminal."""
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except OSError:
        return False


class _Command:
    """Hold what the thread that works and the thread that waits both see."""

    def __init__(self, options: Options, connect: Callable[[], Connection], format_name: str, script: Sequence[str]) -> None:
        self.progress = Progress(sys.stderr, shares_terminal=options.output is None and not _is_file(sys.stdout))
        self._options = options
        self._connect = connect
        self._format_name = format_name
        self._script = script
        self._cursor: Cursor | None = None
        self._cancelled = False

    def run(self) -> None:
        """Run every statement, in the thread that works."""
        with closing(self._connect()) as connection, destination(self._options.output) as out:
            for number, text in enumerate(self._script, 1):
                try:
                    self._statement(connection, text, out)
                except Exception as problem:
                    if len(self._script) > 1:
                        problem.add_note(f"in statement {number} of {len(self._script)}: {' '.join(text.split())[:60]}")
                    raise

    def cancel(self) -> None:
        """Cancel the statement that runs and all after it; called from the thread that waits."""
        self._cancelled = True
        if self._cursor is not None:
            self._cursor.cancel()

    def _statement(self, connection: Connection, text: str, out: Destination) -> None:
        with closing(connection.cursor()) as cursor:
            self._cursor = cursor
            if self._cancelled:
                raise QueryCancelled("cancelled before it began")
            # execute() replaces the figures, so they are asked for at each look.
            self.progress.begin(lambda: cursor.stats)
            cursor.execute(text, self._options.parameters)
            report = self._result(cursor, out) if cursor.description is not None else self._change(cursor, out)
            self.progress.end()
            self._report(report, cursor.stats)

    def _result(self, cursor: Cursor, out: Destination) -> str:
        stream = out.next_result()
        if out.results > 1:
            if self._format_name in (BINARY if self._options.output is None else FORMATS.keys() - SPACED):
                raise NotSupportedError(f"{self._format_name} holds one result and this is the second; run it by itself")
            stream.write(b"\n" if self._format_name in SPACED else b"")
        rows = rows_of(cursor)
        watched = Rows(rows.columns, rows.schema, self.progress.watched(rows.batches))
        screen = screen_of(sys.stdout) if self._options.output is None else PLAIN
        written = FORMATS[self._format_name](watched, stream, screen)
        stream.flush()
        return summary.of_rows(written, cursor.stats)

    def _change(self, cursor: Cursor, out: Destination) -> str:
        """Say how many rows were written also where the figures are not seen, but not where a program reads results."""
        report = summary.of_change(cursor.rowcount, cursor.stats)
        seen = screen_of(sys.stdout).width is not None and screen_of(sys.stderr).width is not None
        if cursor.rowcount < 0 or seen or self._options.output is not None or self._format_name not in SPACED:
            return report
        self.progress.end()
        stream = out.next_result()
        stream.write(b"\n" if out.results > 1 else b"")
        stream.write(f"{summary.counted(cursor.rowcount, 'row')} written\n".encode())
        stream.flush()
        return report

    def _report(self, report: str, stats: Stats) -> None:
        """Print the figures: for people, so only on a terminal, or where they are asked for."""
        screen = screen_of(sys.stderr)
        if screen.width is None and not self._options.stats:
            return
        if self._options.stats:
            report = f"{report}\n{summary.of_costs(stats)}"
        if not screen.unicode:
            report = report.replace("·", "-")
        print(f"\x1b[2m{report}\x1b[0m" if screen.colour else report, file=sys.stderr, flush=True)
