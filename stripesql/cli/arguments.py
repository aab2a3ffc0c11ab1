"""Read the command line into frozen options.

In: arguments. Out: ``Options``, or the options of a subcommand; ``UsageError`` where they make no sense. Nothing heavy is imported, so that ``--help``
and ``--version`` answer at once.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from stripesql import __version__
from stripesql.cli.help import DESCRIPTION, EPILOGUE, SIMULATE, TOUR, USAGE, Folded
from stripesql.cli.parsing import Parser
from stripesql.cli.parsing import UsageError as UsageError
from stripesql.cli.subcommands import SUBCOMMANDS, Subcommand
from stripesql.outputs.formats import FORMATS


class Origin(Enum):
    """Say where SQL text comes from."""

    ARGUMENT = auto()
    FILE = auto()
    STDIN = auto()


@dataclass(frozen=True, slots=True)
class Source:
    """Name one piece of SQL: its text, or the file that holds it."""

    origin: Origin
    text: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """Hold a command that runs SQL.

    Attributes:
        sources: in the order given; empty where SQL comes from elsewhere or not at all.
        url: ``stripe://...``, or None.
        settings: keyword arguments of ``connect``, only those that were given.
        profile: name of the profile that is asked for, or None.
        parameters: values of ``:name``, or None where there are none.
        format: a name of ``FORMATS``, or None for what the output asks for.
        output: a file's path; None is standard output.
        stats: print all figures after each statement.
        debug: print tracebacks.
    """

    sources: tuple[Source, ...]
    url: str | None
    settings: Mapping[str, Any]
    profile: str | None
    parameters: Mapping[str, Any] | None
    format: str | None
    output: str | None
    stats: bool
    debug: bool


@dataclass(frozen=True, slots=True)
class TourOptions:
    """Hold the command ``demo``."""

    debug: bool


@dataclass(frozen=True, slots=True)
class SimulateOptions:
    """Hold the command ``simulate``: what the simulated account is like and where it listens."""

    port: int
    scale: float
    seed: int
    latency_ms: float
    rate: float | None
    endpoint_rate: float | None
    debug: bool


def read(arguments: Sequence[str]) -> Options | TourOptions | SimulateOptions | Subcommand:
    """Return the options of a command line.

    Raises:
        UsageError: the arguments make no sense.
        SystemExit: ``--help`` or ``--version`` was asked for and is answered.
    """
    match list(arguments):
        case ["demo", *rest]:
            return TourOptions(**vars(_tour_parser().read(rest)))
        case ["simulate", *rest]:
            return SimulateOptions(**vars(_simulate_parser().read(rest)))
        case [name, *rest] if name in SUBCOMMANDS:
            return SUBCOMMANDS[name].read(rest)
        case rest:
            return _options(parser().read(rest))


def parser() -> Parser:
    """Return the parser of the command without a subcommand."""
    made = Parser(
        "stripesql", usage=USAGE, description=DESCRIPTION, epilog=EPILOGUE, formatter_class=Folded, allow_abbrev=False, add_help=False
    )
    made.add_argument("stdin", nargs="?", metavar="-", help=argparse.SUPPRESS)

    sql = made.add_argument_group("what to run")
    add = sql.add_argument
    add("-c", "--command", dest="sources", action="append", type=_text_source, metavar="SQL", help="statements, separated by ;")
    add(
        "-f", "--file", dest="sources", action="append", type=_file_source, metavar="FILE", help="a file of statements; - is standard input"
    )
    add("--param", dest="parameters", action="append", type=parameter, metavar="NAME=VALUE",
        help="a value for :NAME, as text; NAME:=VALUE takes a JSON value (a number, true, null)")  # fmt: skip
    add("--dialect", dest="sql_dialect", metavar="NAME", help="dialect the SQL is written in (default: duckdb)")

    account = made.add_argument_group("which account")
    add = account.add_argument
    add("--demo", action="store_true", default=None, help="the embedded demo account; needs no key and no network")
    add("--profile", metavar="NAME", help="settings and key that stripesql config keeps under a name")
    add("--url", metavar="URL", help="settings as stripe:///?name=value; never with a key in it")
    add("--base-url", metavar="URL", help="another server than api.stripe.com, such as stripesql simulate")
    add("--account", dest="stripe_account", metavar="ACCT", help="connected account to act for")
    add("--timezone", metavar="ZONE", help="zone of dates and times, such as Europe/Berlin (default: UTC)")
    add("--max-requests", type=int, metavar="N", help="stop a statement that would send more requests")

    result = made.add_argument_group("what comes out")
    add = result.add_argument
    add("--format", choices=FORMATS, metavar="NAME", help=", ".join(FORMATS))
    add("-o", "--output", metavar="FILE", help="write there instead of standard output; the suffix picks the format")
    add("--stats", action="store_true", help="print what each statement cost, on standard error")
    add("--debug", action="store_true", help="print a traceback with an error")
    add("--version", action="version", version=f"stripesql {__version__}", help="print the version")
    add("-h", "--help", action="help", help="print this text")
    return made


def _options(found: argparse.Namespace) -> Options:
    sources = tuple(found.sources or ())
    if found.stdin == "-":
        sources += (Source(Origin.STDIN),)
    elif found.stdin in ("demo", "simulate", *SUBCOMMANDS):
        raise UsageError(f"{found.stdin} comes first and takes its own options: stripesql {found.stdin} --help")
    elif found.stdin is not None:
        raise UsageError("SQL is given with -c: stripesql -c 'SELECT ...'")
    names = ("demo", "base_url", "stripe_account", "timezone", "sql_dialect", "max_requests")
    return Options(
        sources=sources,
        url=found.url,
        profile=found.profile,
        settings={name: value for name in names if (value := getattr(found, name)) is not None},
        parameters=dict(found.parameters) if found.parameters else None,
        format=found.format,
        output=None if found.output == "-" else found.output,
        stats=found.stats,
        debug=found.debug,
    )


def _text_source(text: str) -> Source:
    return Source(Origin.ARGUMENT, text)


def _file_source(path: str) -> Source:
    return Source(Origin.STDIN) if path == "-" else Source(Origin.FILE, path)


def parameter(text: str) -> tuple[str, Any]:
    """Return the name and the value of ``NAME=VALUE`` (text) or ``NAME:=VALUE`` (JSON).

    Raises:
        ArgumentTypeError: the text has neither form.
    """
    name, equals, value = text.partition("=")
    exact = name.endswith(":")
    name = name.removesuffix(":").removeprefix(":")
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError("write NAME=VALUE for text, or NAME:=VALUE for a JSON value")
    if not exact:
        return name, value
    try:
        # A number with a point is a decimal, digit for digit, as it would be in SQL.
        from decimal import Decimal

        return name, json.loads(value, parse_float=Decimal)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(f"the value of {name} is not JSON; {name}=VALUE takes it as text") from problem


def _tour_parser() -> Parser:
    made = Parser("stripesql demo", description=TOUR, formatter_class=Folded, allow_abbrev=False)
    made.add_argument("--debug", action="store_true", help="print a traceback with an error")
    return made


def _simulate_parser() -> Parser:
    made = Parser("stripesql simulate", description=SIMULATE, formatter_class=Folded, allow_abbrev=False)
    add = made.add_argument
    add("--port", type=int, default=12111, metavar="N", help="port on 127.0.0.1; 0 takes a free one (default: 12111)")
    add("--scale", type=float, default=1.0, metavar="S", help="size of the account (default: 1, about 300 customers and 2,400 charges)")
    add("--seed", type=int, default=7, metavar="N", help="another number makes another business (default: 7, which is the demo)")
    add("--latency-ms", type=float, default=0.0, metavar="MS", help="time that an answer takes (default: 0)")
    add("--rate", type=float, metavar="N", help="requests per second before 429 (default: no limit)")
    add("--endpoint-rate", type=float, metavar="N", help="the same for one endpoint (default: no limit)")
    add("--debug", action="store_true", help="print a traceback with an error")
    return made
