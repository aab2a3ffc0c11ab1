"""Read the command lines of ``config``, ``schema`` and ``completion``.

In: arguments after the subcommand's name. Out: a frozen value of ``Subcommand``. Nothing heavy is imported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from stripesql.cli.help import COMPLETION, CONFIG, SCHEMA, Folded
from stripesql.cli.parsing import Parser, UsageError

DIAGRAMS: Final = ("mermaid", "dot")
SHELLS: Final = ("bash", "zsh", "fish")

_PROFILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class ConfigOptions:
    """Hold the command ``config``.

    Attributes:
        action: ``list``, ``show``, ``set`` or ``remove``.
        profile: its name; empty for ``list``.
        changes: settings to keep, as they were written.
        removed: settings to forget; with none, ``remove`` forgets the profile.
        store_key: read a key and keep it in the keyring.
        key_env: environment variable that holds the key, or None.
        default: make it the profile that is used when none is named.
        names: list names alone, for scripts.
    """

    action: str
    profile: str = ""
    changes: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()
    store_key: bool = False
    key_env: str | None = None
    default: bool = False
    names: bool = False


@dataclass(frozen=True, slots=True)
class SchemaOptions:
    """Hold the command ``schema``: the tables, a name of ``DIAGRAMS``, whether only edges between these tables are drawn, and a file."""

    tables: tuple[str, ...]
    format: str
    only: bool
    output: str | None


@dataclass(frozen=True, slots=True)
class CompletionOptions:
    """Hold the command ``completion``: a name of ``SHELLS``."""

    shell: str


Subcommand = ConfigOptions | SchemaOptions | CompletionOptions


@dataclass(frozen=True, slots=True)
class _Reader:
    """Say one subcommand: how its parser is made, and what its arguments become."""

    parser: Callable[[], Parser]
    read: Callable[[Sequence[str]], Subcommand]


def config_parser() -> Parser:
    """Return the parser of ``stripesql config``."""
    made = Parser("stripesql config", description=CONFIG, formatter_class=Folded, allow_abbrev=False)
    _add_debug(made)
    actions = made.add_subparsers(dest="action", metavar="ACTION", parser_class=Parser)

    add = actions.add_parser("list", help="the profiles (the default action)", allow_abbrev=False)
    add.add_argument("--names", action="store_true", help="names alone, one a line")
    add = actions.add_parser("show", help="what one profile holds", allow_abbrev=False)
    add.add_argument("profile", metavar="NAME", type=_profile)

    add = actions.add_parser("set", help="make or change a profile", allow_abbrev=False)
    add.add_argument("profile", metavar="NAME", type=_profile)
    add.add_argument("changes", metavar="SETTING=VALUE", nargs="*", type=_change, help="such as timezone=Europe/Berlin")
    keys = add.add_mutually_exclusive_group()
    keys.add_argument("--store-key", action="store_true", help="ask for a key, or read it from standard input, and keep it in the keyring")
    keys.add_argument("--key-env", metavar="VARIABLE", type=_variable, help="name of the environment variable that holds the key")
    add.add_argument("--default", action="store_true", help="use it where no profile is named and STRIPE_API_KEY is not set")

    add = actions.add_parser("remove", help="forget a profile and its key, or some of its settings", allow_abbrev=False)
    add.add_argument("profile", metavar="NAME", type=_profile)
    add.add_argument("removed", metavar="SETTING", nargs="*")
    return made


def schema_parser() -> Parser:
    """Return the parser of ``stripesql schema``."""
    made = Parser("stripesql schema", description=SCHEMA, formatter_class=Folded, allow_abbrev=False)
    add = made.add_argument
    add("tables", metavar="TABLE", nargs="+", help="such as customers; SHOW TABLES lists them")
    add("--format", choices=DIAGRAMS, default="mermaid", metavar="NAME", help="mermaid (default) or dot, for Graphviz")
    add("--only", action="store_true", help="leave out keys that lead to other tables than these")
    add("-o", "--output", metavar="FILE", help="write there instead of standard output")
    _add_debug(made)
    return made


def completion_parser() -> Parser:
    """Return the parser of ``stripesql completion``."""
    made = Parser("stripesql completion", description=COMPLETION, formatter_class=Folded, allow_abbrev=False)
    made.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))
    _add_debug(made)
    return made


def _add_debug(parser: Parser) -> None:
    parser.add_argument("--debug", action="store_true", help="print a traceback with an error")


def _config(arguments: Sequence[str]) -> ConfigOptions:
    found = config_parser().read(arguments)
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in vars(found).items() if name not in ("action", "debug")
    }
    return ConfigOptions(found.action or "list", **given)


def _schema(arguments: Sequence[str]) -> SchemaOptions:
    found = schema_parser().read(arguments)
    return SchemaOptions(tuple(found.tables), found.format, found.only, None if found.output == "-" else found.output)


def _completion(arguments: Sequence[str]) -> CompletionOptions:
    return CompletionOptions(completion_parser().read(arguments).shell)


def _profile(text: str) -> str:
    if not _PROFILE_NAME.fullmatch(text):
        raise UsageError("a profile's name is made of letters, digits, - and _")
    return text


def _change(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        # What is not of the form may be a key: it is not repeated.
        raise UsageError("settings are written SETTING=VALUE; a key is never an argument, --store-key asks for it")
    if "key" in name and name != "idempotency_key_prefix":
        raise UsageError("a key is no setting: --store-key asks for it, --key-env names the environment variable that holds it")
    return name, value


def _variable(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z_]\w*", text, re.ASCII):
        raise UsageError("--key-env takes the name of an environment variable, not a key")
    return text


SUBCOMMANDS: Final[Mapping[str, _Reader]] = {
    "config": _Reader(config_parser, _config),
    "schema": _Reader(schema_parser, _schema),
    "completion": _Reader(completion_parser, _completion),
}
