"""Be the command ``stripesql``: from arguments to an exit code.

Nothing but argparse and the list of formats is imported before it is known what to do.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from stripesql.cli import arguments as command_line
from stripesql.cli.arguments import Options, Origin, SimulateOptions, Source, TourOptions, UsageError
from stripesql.cli.keys import REFUSAL, hold_key
from stripesql.cli.subcommands import CompletionOptions, ConfigOptions, SchemaOptions, Subcommand

if TYPE_CHECKING:
    from stripesql.cli.run import Connect


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0, 1, 2, 130 or 141, as ``--help`` says.

    Args:
        arguments: without the program's name; None means those of this process.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    try:
        if hold_key(given):
            raise UsageError(REFUSAL)
        with suppress(SystemExit):  # argparse has printed the help or the version
            _dispatch(command_line.read(given), alone=not given, own_process=arguments is None)
        # Here and not at exit, where Python would complain about a reader that has gone.
        sys.stdout.flush()
    except KeyboardInterrupt as interruption:
        return _interrupted(interruption, debug=debug)
    except BrokenPipeError:
        return _broken_pipe()
    except Exception as problem:  # noqa: BLE001  the last place where an error can become a message
        return _failed(problem, debug=debug)
    finally:
        if arguments is None:
            # The process ends: looking through everything for cycles once more would take a tenth of a second.
            gc.freeze()
    return 0


def _dispatch(options: Options | SimulateOptions | TourOptions | Subcommand, *, alone: bool, own_process: bool) -> None:
    match options:
        case ConfigOptions():
            from stripesql.cli.config import config

            config(options)
        case SchemaOptions():
            from stripesql.cli.diagram import draw

            draw(options)
        case CompletionOptions(shell):
            from stripesql.cli.completion import script

            print(script(shell), end="")
        case TourOptions():
            from stripesql import connect
            from stripesql.cli.tour import tour

            tour(connect)
        case SimulateOptions():
            from stripesql.cli.simulate import simulate

            simulate(options)
        case Options(sources=()) if sys.stdin.isatty():
            _shell(options, own_process=own_process)
        case Options(sources=()):
            _run(replace(options, sources=(Source(Origin.STDIN),)), alone=alone, own_process=own_process)
        case Options():
            _run(options, alone=False, own_process=own_process)


def _shell(options: Options, *, own_process: bool) -> None:
    from stripesql.cli.shell.start import start

    start(options, _driver(own_process=own_process))


def _run(options: Options, *, alone: bool, own_process: bool) -> None:
    from stripesql.cli.script import has_commands, statements, texts

    given = texts(options.sources)
    if any(map(has_commands, given)):
        from stripesql.cli.shell.start import run_scripts

        run_scripts(options, given, _driver(own_process=own_process))
        return
    dialect = str(options.settings.get("sql_dialect", "duckdb"))
    script = [statement for text in given for statement in statements(text, dialect)]
    if not script:
        if alone:
            command_line.parser().print_help()
            return
        raise UsageError("there is no statement to run")
    from stripesql.cli.run import run

    run(options, script, _driver(own_process=own_process))


def _driver(*, own_process: bool) -> Connect:
    """Return ``connect``; in a process of somebody else's, what that process has made of it."""
    import stripesql
    from stripesql.cli.loading import driver

    return driver(own_process=True) if own_process else stripesql.connect


def _failed(problem: Exception, *, debug: bool) -> int:
    from stripesql.cli.failures import described, exit_code

    _say(described(problem, debug=debug))
    return exit_code(problem)


def _interrupted(interruption: KeyboardInterrupt, *, debug: bool) -> int:
    from stripesql.cli.background import StillRunning
    from stripesql.cli.failures import Exit, described

    if sys.stderr.isatty():
        # The terminal has echoed ^C in the middle of a line.
        _say("")
    if isinstance(interruption.__cause__, Exception):
        _say(described(interruption.__cause__, debug=debug))
    if isinstance(interruption, StillRunning):
        _leave(Exit.INTERRUPTED)
    return Exit.INTERRUPTED


def _leave(code: int) -> None:
    """End the process although a thread does not end, after what was registered for the end has had its chance."""
    import atexit
    import threading

    ending = threading.Thread(target=atexit._run_exitfuncs, daemon=True)
    ending.start()
    ending.join(2)
    os._exit(code)


def _broken_pipe() -> int:
    """Answer as a program that SIGPIPE ends, which is what ``head`` does to all others in a pipeline."""
    from stripesql.cli.failures import Exit

    with suppress(OSError, ValueError):
        # What is still buffered would fail again at exit, where Python prints a complaint.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
    return Exit.BROKEN_PIPE


def _say(text: str) -> None:
    with suppress(OSError):
        print(text, file=sys.stderr, flush=True)
