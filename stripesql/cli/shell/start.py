"""Start the shell: greet, read, run, until the end.

In: options, what is typed. Out: results and words on the terminal. An error ends a statement and not the shell.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from stripesql import __version__
from stripesql.catalogue.load import Catalogue, catalogue
from stripesql.cli.account import Account, account_of
from stripesql.cli.arguments import Options, UsageError
from stripesql.cli.background import StillRunning
from stripesql.cli.run import Connect, opened
from stripesql.cli.shell import troubles
from stripesql.cli.shell.commands import carry_out
from stripesql.cli.shell.pieces import DotCommand, SqlText, cut, hinted, scan
from stripesql.cli.shell.reading import reader_for
from stripesql.cli.shell.running import Runner, say
from stripesql.cli.shell.state import State
from stripesql.errors import Error

_DEEPEST_READ = 16

_NO_KEY = "there is no Stripe key yet\n  stripesql --demo opens the shell on the demo account, which needs none\n  export STRIPE_API_KEY=rk_... gives a key; stripesql config keeps one in the system's keyring"


class Shell:
    """Run statements and dot commands on one connection."""

    def __init__(self, runner: Runner, state: State, known: Catalogue) -> None:
        """Take what runs statements, what dot commands change, and the catalogue."""
        self.state = state
        self.known = known
        self._runner = runner
        self._depth = 0

    def statement(self, text: str) -> None:
        """Run one statement.

        Raises:
            Error, UsageError, OSError: it failed.
        """
        self._runner.run(text)
        match next((token.word for token in scan(text).tokens if token.word), ""):
            case "set" | "reset":
                self.state.dialect = self._runner.setting("sql_dialect")
            case "create" | "drop" | "alter":
                self.state.frames = self._runner.frames()

    def script(self, text: str) -> None:
        """Run the statements and commands of a text, to the first that fails.

        Raises:
            Error, UsageError, OSError: it failed; its ``__notes__`` say which.
        """
        if self._depth >= _DEEPEST_READ:
            raise UsageError("files that .read each other are nested too deeply")
        self._depth += 1
        try:
            while not self.state.leaving and (text := self._some(text)):
                pass
        finally:
            self._depth -= 1

    def _some(self, text: str) -> str:
        """Run a text up to its end or to a change of dialect; return what is left."""
        dialect = self.state.dialect
        found = cut(text, dialect)
        for piece in found.pieces:
            self._piece(piece)
            if self.state.leaving:
                return ""
            if self.state.dialect != dialect:
                return text[piece.end :]
        if found.rest:
            self._piece(SqlText(found.rest))
        return ""

    def _piece(self, piece: DotCommand | SqlText) -> None:
        try:
            if isinstance(piece, DotCommand):
                carry_out(self, piece.text)
            else:
                self.statement(piece.text)
        except (Error, UsageError, OSError) as problem:
            if not hasattr(problem, "statement"):
                problem.statement = piece.text  # type: ignore[union-attr]
            raise


def start(options: Options, connect: Connect) -> None:
    """Run the shell on a terminal until Ctrl-D or ``.quit``.

    Raises:
        UsageError: there is no key.
        StillRunning: a cancelled statement did not end.
        KeyboardInterrupt: a signal asked the process to end.
    """
    account = account_of(options)
    if not account.has_key:
        raise UsageError(_NO_KEY)
    state, known = _state(options, account), catalogue()
    reader = reader_for(account.mode, state, known)
    with closing(opened(account, connect)) as connection:
        shell = Shell(Runner(connection, state, ask=reader.ask), state, known)
        say(_greeting(account))
        with _ends_at_signals(state) as signalled:
            while not state.leaving:
                try:
                    text = reader.read()
                except KeyboardInterrupt:
                    print(file=sys.stderr)
                    continue
                except EOFError:
                    return
                _run(shell, text, debug=options.debug)
    if signalled:
        raise KeyboardInterrupt


@contextmanager
def _ends_at_signals(state: State) -> Iterator[list[int]]:
    """Let SIGTERM and SIGHUP cancel what runs and end the shell, unlike Ctrl-C; yield those that came."""
    came: list[int] = []

    def heard(number: int, frame: Any) -> None:
        came.append(number)
        state.leaving = True
        signal.default_int_handler(number, frame)

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    taken = [number for name in names if signal.getsignal(number := getattr(signal, name)) is signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        taken = []
    for number in taken:
        signal.signal(number, heard)
    try:
        yield came
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _run(shell: Shell, text: str, *, debug: bool) -> None:
    """Run what was typed; what goes wrong is said."""
    try:
        shell.script(hinted(text))
    except StillRunning:
        raise
    except KeyboardInterrupt as interruption:
        sys.stdout.flush()
        # The terminal has echoed ^C in the middle of a line.
        print(file=sys.stderr)
        say(" · ".join(["cancelled", *getattr(interruption, "__notes__", [])]))
    except BrokenPipeError:
        raise
    except Exception as problem:  # noqa: BLE001  whatever it is, the next statement can be typed
        troubles.show(problem, str(getattr(problem, "statement", text)), debug=debug)


def run_scripts(options: Options, texts: Sequence[str], connect: Connect) -> None:
    """Run texts that hold dot commands, without asking anything; the first failure ends it.

    Raises:
        Error, UsageError, OSError: a statement or a command failed.
    """
    account = account_of(options)
    state = _state(options, account)
    with closing(opened(account, connect)) as connection:
        shell = Shell(Runner(connection, state, ask=None), state, catalogue())
        for text in texts:
            shell.script(text)


def _state(options: Options, account: Account) -> State:
    return State(
        format=options.format,
        output=options.output,
        stats=options.stats,
        parameters=dict(options.parameters or {}),
        dialect=str(account.settings.get("sql_dialect", "duckdb")),
    )


def _greeting(account: Account) -> str:
    what = {"demo": "the demo account", "test": "a test key", "live": "a live key"}.get(account.mode, "a key")
    if account.profile:
        what = f"profile {account.profile}, {what}"
    return f"stripesql {__version__} · {what}\n.help lists commands · ; ends a statement · Ctrl-D leaves"
