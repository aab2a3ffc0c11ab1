"""Carry out dot commands.

In: a line such as ``.mode csv``, the state, what tells and runs. Out: changes of the state, words on the screen. ``COMMANDS`` lists them all.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Protocol

from stripesql.catalogue.load import Catalogue
from stripesql.catalogue.model import Table
from stripesql.cli.arguments import Origin, Source, UsageError, parameter
from stripesql.cli.screen import screen_of
from stripesql.cli.script import text_of
from stripesql.cli.shell import showing
from stripesql.cli.shell.paging import PagerClosed, Pages
from stripesql.cli.shell.state import State
from stripesql.outputs.formats import BINARY, FORMATS, by_suffix

_WIDTH_ELSEWHERE: Final = 100
"""Columns that lines are folded to where there is no terminal."""


class Shell(Protocol):
    """Name what commands use of the shell."""

    state: State
    known: Catalogue

    def statement(self, text: str) -> None: ...  # noqa: D102
    def script(self, text: str) -> None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Command:
    """Say one command.

    Attributes:
        usage: what follows its name.
        meaning: one phrase for ``.help``.
        run: carries it out; takes the shell and the rest of the line.
        argument: what completes its argument: ``table``, ``format``, ``file``, ``switch``, ``command``, or nothing.
    """

    usage: str
    meaning: str
    run: Callable[[Shell, str], None]
    argument: str = ""


def carry_out(shell: Shell, line: str) -> None:
    """Carry out one line.

    Raises:
        UsageError: there is no such command, or its argument makes no sense.
        Error, OSError: what it was to do failed.
    """
    name, _, rest = line.strip().rstrip(";").partition(" ")
    found = COMMANDS.get(name.lower())
    if found is None:
        near = get_close_matches(name.lower(), COMMANDS, n=1)
        raise UsageError(f"there is no command {name}{f'; did you mean {near[0]}?' if near else '; .help lists them'}")
    found.run(shell, rest.strip())


# -- tables


def _tables(shell: Shell, rest: str) -> None:
    known = [*shell.state.frames, *shell.known.table_names()]
    names = showing.matching(known, rest) if rest else known
    if not names:
        near = get_close_matches(rest.lower(), known, n=3)
        raise UsageError(f"no table's name fits {rest}" + (f"; near are {', '.join(near)}" if near else ""))
    screen = screen_of(sys.stdout)
    _paged(shell, showing.in_columns(names, screen.width or 0))


def _schema(shell: Shell, rest: str) -> None:
    width = screen_of(sys.stdout).width or _WIDTH_ELSEWHERE
    frame = shell.state.frames.get(rest.lower())
    if frame is not None:
        _paged(shell, f"{rest.lower()}\n  of this connection alone\n\n" + showing.listed([(name, kind, "") for name, kind in frame], width))
        return
    table = _table(shell, rest)
    _paged(shell, showing.heading(table, width) + "\n" + showing.columns(table, width) + "\n" + showing.footing(table, width))


def _filters(shell: Shell, rest: str) -> None:
    _paged(shell, showing.filters(_table(shell, rest), screen_of(sys.stdout).width or _WIDTH_ELSEWHERE))


def _table(shell: Shell, name: str) -> Table:
    if not name:
        raise UsageError("name a table: .schema customers")
    from stripesql.cli.diagram import tables_named

    return tables_named([name.strip('"')], shell.known)[0]


def _paged(shell: Shell, text: str) -> None:
    size = shutil.get_terminal_size()
    pages = Pages(lines=size.lines - 1 if sys.stdout.isatty() and shell.state.pager else None, columns=size.columns)
    with suppress(PagerClosed):
        pages.write(text.encode())
    pages.end()


# -- results


def _mode(shell: Shell, rest: str) -> None:
    if not rest:
        _say(f"results are written as {shell.state.format or 'table'}; there are {', '.join(FORMATS)}")
        return
    if rest not in FORMATS:
        near = get_close_matches(rest, FORMATS, n=1)
        raise UsageError(f"there is no format {rest}; {f'did you mean {near[0]}?' if near else 'there are ' + ', '.join(FORMATS)}")
    shell.state.format = rest
    if rest in BINARY:
        _say(f"{rest} is not text; .output FILE or .once FILE say where it goes")


def _output(shell: Shell, rest: str) -> None:
    shell.state.once = None
    if not rest or rest == "-":
        shell.state.output = None
        _say("results go to the screen")
        return
    shell.state.output = _file(shell, rest)
    _say(f"results go to {rest}, as {by_suffix(rest) or shell.state.format or 'table'}; .output alone ends that")


def _once(shell: Shell, rest: str) -> None:
    if not rest:
        raise UsageError("name a file: .once payouts.csv")
    shell.state.once = _file(shell, rest)


def _file(shell: Shell, rest: str) -> str:
    path = Path(rest.strip("'\"")).expanduser()
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}")
    if path.is_dir():
        raise UsageError(f"{path} is a folder")
    return str(path)


def _read(shell: Shell, rest: str) -> None:
    if not rest:
        raise UsageError("name a file: .read month.sql")
    shell.script(text_of(Source(Origin.FILE, str(Path(rest.strip("'\"")).expanduser()))))


# -- figures


def _timer(shell: Shell, rest: str) -> None:
    shell.state.timer = _switch(rest, shell.state.timer)
    _say(f"figures after each statement are {_on(shell.state.timer)}")


def _pager(shell: Shell, rest: str) -> None:
    shell.state.pager = _switch(rest, shell.state.pager)
    _say(f"the pager is {_on(shell.state.pager)}")


def _stats(shell: Shell, rest: str) -> None:
    shell.state.stats = _switch(rest, shell.state.stats)
    _say(f"all figures after each statement are {_on(shell.state.stats)}")


def _cost(shell: Shell, rest: str) -> None:
    state = shell.state
    word, _, number = rest.partition(" ")
    if word == "confirm":
        if number.strip() in ("off", "none"):
            state.confirm = None
        elif number.strip().isascii() and number.strip().isdigit():
            state.confirm = int(number)
        else:
            raise UsageError(".cost confirm takes a number of requests, or off")
    else:
        state.cost = _switch(rest, state.cost)
    asks = "is never asked for" if state.confirm is None else f"is asked for above {state.confirm:,} requests"
    _say(f"the price before each statement is {_on(state.cost)}; consent {asks}")


def _switch(rest: str, now: bool) -> bool:
    if rest not in ("", "on", "off"):
        raise UsageError(f"write on or off, not {rest}")
    return rest == "on" if rest else now


def _on(value: bool) -> str:
    return "on" if value else "off"


def _explain(shell: Shell, rest: str) -> None:
    text = rest or shell.state.last
    if not text:
        raise UsageError("there is no statement yet: .explain SELECT ...")
    last = shell.state.last
    shell.statement(text if text.lower().lstrip().startswith("explain") else f"EXPLAIN {text}")
    shell.state.last = rest or last


# -- parameters


def _params(shell: Shell, rest: str) -> None:
    known = shell.state.parameters
    word, _, name = rest.partition(" ")
    if not rest:
        for each, value in known.items():
            print(f":{each} = {_shown(value)}")
        if not known:
            _say("no parameters; .params NAME=VALUE sets one, :NAME stands for it in SQL")
    elif word == "unset":
        if known.pop(name.strip().removeprefix(":"), _MISSING) is _MISSING:
            raise UsageError(f"there is no parameter {name.strip()}")
    elif rest == "clear":
        known.clear()
    else:
        try:
            given, value = parameter(rest.removeprefix("set "))
        except argparse.ArgumentTypeError as problem:
            raise UsageError(str(problem)) from problem
        known[given] = value


_MISSING: Final = object()


def _shown(value: Any) -> str:
    return str(value) if isinstance(value, Decimal) else json.dumps(value, default=str)


# -- the rest


def _help(shell: Shell, rest: str) -> None:
    if rest:
        name = f".{rest.removeprefix('.')}"
        if name not in COMMANDS:
            carry_out(shell, name)
        print(f"{name} {COMMANDS[name].usage}".rstrip() + f"\n  {COMMANDS[name].meaning}")
        return
    lines = [f"{name} {each.usage}".rstrip() for name, each in COMMANDS.items()]
    left = max(map(len, lines)) + 2
    width = screen_of(sys.stdout).width or _WIDTH_ELSEWHERE
    meanings = [each.meaning for each in COMMANDS.values()]
    if width < left + max(map(len, meanings)):
        text = "".join(f"{line}\n    {meaning}\n" for line, meaning in zip(lines, meanings, strict=True))
    else:
        text = "".join(f"{line.ljust(left)}{meaning}\n" for line, meaning in zip(lines, meanings, strict=True))
    _paged(shell, f"{text}\n{_KEYS}")


_KEYS: Final = """\
A statement ends with ; and may take several lines.
Tab completes. Up and down go through history, Ctrl-R searches it.
Ctrl-C cancels a statement, Ctrl-D leaves.
"""


def _quit(shell: Shell, rest: str) -> None:
    shell.state.leaving = True


def _say(text: str) -> None:
    from stripesql.cli.shell.running import say

    say(text)


COMMANDS: Final[Mapping[str, Command]] = {
    ".tables": Command("[PATTERN]", "names of tables; * stands for anything", _tables),
    ".schema": Command("TABLE", "columns, keys and procedures of a table", _schema, "table"),
    ".filters": Command("TABLE", "what Stripe filters itself", _filters, "table"),
    ".mode": Command("[FORMAT]", "how results are written", _mode, "format"),
    ".output": Command("[FILE]", "write results to a file, or again to the screen", _output, "file"),
    ".once": Command("FILE", "write the next result to a file", _once, "file"),
    ".read": Command("FILE", "run statements and commands of a file", _read, "file"),
    ".explain": Command("[SQL]", "the plan of a statement, or of the last one", _explain),
    ".cost": Command("[on|off|confirm N]", "requests before each statement; ask above N", _cost, "switch"),
    ".timer": Command("[on|off]", "rows, requests and seconds after each statement", _timer, "switch"),
    ".stats": Command("[on|off]", "all figures after each statement", _stats, "switch"),
    ".pager": Command("[on|off]", "show long results with a pager", _pager, "switch"),
    ".params": Command("[NAME=VALUE]", "values of :NAME; also unset NAME, clear, NAME:=JSON", _params),
    ".help": Command("[COMMAND]", "this list", _help, "command"),
    ".quit": Command("", "leave, as Ctrl-D does", _quit),
    ".exit": Command("", "the same", _quit),
}
