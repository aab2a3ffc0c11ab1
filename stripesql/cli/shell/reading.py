"""Read what is typed: with editing, colours and completion on a terminal, line by line elsewhere.

In: keys. Out: texts that are whole (see ``pieces``), or EOFError at the end, or KeyboardInterrupt at Ctrl-C.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from stripesql.catalogue.load import Catalogue
from stripesql.cli.shell.pieces import is_whole
from stripesql.cli.shell.state import State

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

CONTINUED = "-> "


class Reader(Protocol):
    """Name what the shell uses of a reader."""

    def read(self) -> str: ...  # noqa: D102
    def ask(self, question: str) -> bool: ...  # noqa: D102


def prompt_of(mode: str) -> str:
    """Return the prompt: what the key is for, ``demo``, ``test``, ``live`` or ``stripe``."""
    return f"{mode}> "


class PlainReader:
    """Read lines as they come, for terminals that cannot move the cursor and for what is no terminal on both sides."""

    def __init__(self, mode: str, state: State) -> None:
        """Take what the prompt says, and the state for its dialect."""
        self._prompt = prompt_of(mode)
        self._state = state

    def read(self) -> str:
        """Return the next whole text.

        Raises:
            EOFError: there is no more.
        """
        text = self._line(self._prompt)
        while not is_whole(text, self._state.dialect):
            try:
                text += self._line(CONTINUED.rjust(len(self._prompt)))
            except EOFError:
                return text + ";"
        return text

    def ask(self, question: str) -> bool:
        """Return whether the answer begins with y."""
        try:
            return self._line(f"{question} [y/N] ").strip().lower() in ("y", "yes")
        except (EOFError, KeyboardInterrupt):
            return False

    def _line(self, prompt: str) -> str:
        print(prompt, end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            print(file=sys.stderr)
            raise EOFError
        return line


def is_rich() -> bool:
    """Return whether the terminal can move its cursor."""
    both = sys.stdin.isatty() and sys.stdout.isatty()
    return both and (sys.platform == "win32" or os.environ.get("TERM", "") not in ("dumb", "unknown", ""))


def reader_for(mode: str, state: State, known: Catalogue) -> Reader:
    """Return the reader that suits the terminal."""
    return _terminal_reader(mode, state, known) if is_rich() else PlainReader(mode, state)


def _terminal_reader(mode: str, state: State, known: Catalogue) -> Reader:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.application import get_app
    from prompt_toolkit.output.color_depth import ColorDepth

    from stripesql.cli.shell import history
    from stripesql.cli.shell.colouring import STYLE, SqlLexer
    from stripesql.cli.shell.completer import ShellCompleter

    prompt = prompt_of(mode)
    style = "class:prompt.live" if mode == "live" else "class:prompt"
    session: PromptSession[str] = PromptSession(
        [(style, prompt)],
        prompt_continuation=[("class:prompt", CONTINUED.rjust(len(prompt)))],
        # Always, so that searches in history have one place; Enter decides itself.
        multiline=True,
        key_bindings=_enter_runs_what_is_whole(state),
        lexer=SqlLexer(known.table_names()),
        completer=ShellCompleter(known, state, lambda: get_app().output.get_size().columns),
        complete_while_typing=True,
        reserve_space_for_menu=6,
        history=history.PrivateHistory(history.path()),
        style=STYLE,
        color_depth=ColorDepth.DEPTH_1_BIT if os.environ.get("NO_COLOR") else None,
        enable_open_in_editor=False,
    )
    return _TerminalReader(session.prompt)


def _enter_runs_what_is_whole(state: State) -> KeyBindings:
    from prompt_toolkit.enums import DEFAULT_BUFFER
    from prompt_toolkit.filters import has_focus
    from prompt_toolkit.key_binding import KeyBindings

    bindings = KeyBindings()

    @bindings.add("enter", filter=has_focus(DEFAULT_BUFFER))
    def run_or_go_on(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if is_whole(buffer.text, state.dialect):
            buffer.validate_and_handle()
        else:
            buffer.newline()

    return bindings


class _TerminalReader:
    def __init__(self, prompt: Callable[[], str]) -> None:
        self._prompt = prompt

    def read(self) -> str:
        return self._prompt()

    def ask(self, question: str) -> bool:
        try:
            return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
        except (EOFError, KeyboardInterrupt):
            print()
            return False
