"""Offer directives for what the package itself knows best: settings, errors, the command's help, symbolic dates, functions.

In: the installed package. Out: document nodes, made anew at each build, so that the pages cannot say otherwise than the code.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive

import stripesql
from stripesql import errors
from stripesql.settings import SETTINGS, Setting, Settings


class SettingsTable(Directive):
    """Tabulate every setting: default, meaning, where it may be given."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        defaults = Settings()
        rows = [(_code(each.name), _code(_shown(getattr(defaults, each.name))), _meaning(each)) for each in SETTINGS]
        table = _table(("Setting", "Default", "Meaning"), (26, 18, 56), rows)
        table["classes"].append("settings")
        return [table]


class ErrorTree(Directive):
    """Show the drawing of the exceptions."""

    def run(self) -> list[nodes.Node]:
        """Return the drawing."""
        drawn = (errors.__doc__ or "").partition("::\n\n")[2].partition("\nIn: nothing.")[0]
        return [_literal("\n".join(line.removeprefix("    ") for line in drawn.splitlines()).strip("\n"))]


class ErrorTable(Directive):
    """Tabulate every exception with what it reports and its fields."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        found = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, Exception)]
        rows = [
            (_code(each.__name__), _inline(_first_sentence(each)), _inline(", ".join(f"``{name}``" for name in _fields(each))))
            for each in found
        ]
        return [_table(("Exception", "Purpose", "Fields"), (24, 56, 20), rows)]


class CommandHelp(Directive):
    """Show what ``--help`` prints; the argument names a subcommand."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the text."""
        # argparse folds to the terminal, and colours since Python 3.14; here both must not depend on who builds.
        os.environ["COLUMNS"], os.environ["NO_COLOR"] = "88", "1"
        from stripesql.cli import arguments, subcommands

        parsers = {"": arguments.parser, "simulate": arguments._simulate_parser, "demo": arguments._tour_parser}
        parsers |= {name: each.parser for name, each in subcommands.SUBCOMMANDS.items()}
        made = parsers[(self.arguments or [""])[0]]
        return [_literal(made().format_help())]


class TableFunctions(Directive):
    """List the table functions that a statement may call."""

    def run(self) -> list[nodes.Node]:
        """Return the list, as a sentence."""
        from stripesql.sql.functions import TABLE_FUNCTIONS

        paragraph = nodes.paragraph()
        for index, name in enumerate(sorted(TABLE_FUNCTIONS)):
            paragraph += [nodes.Text(", " if index else ""), nodes.literal(text=name)]
        return [paragraph]


def _places(setting: Setting) -> str:
    return ", ".join(
        {"connect": "connect", "url": "URL", "set": "SET"}[each] for each in ("connect", "url", "set") if each in setting.places
    )


def _meaning(setting: Setting) -> list[nodes.Node]:
    said: list[nodes.Node] = [nodes.Text(f"{setting.meaning}. Takes {setting.kind}. In {_places(setting)}.")]
    return said if _is_read(setting.name) else [*said, nodes.Text(" "), nodes.strong(text="Reserved: nothing uses it yet.")]


@cache
def _sources() -> str:
    package = Path(stripesql.__file__).parent
    return "\n".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py") if path.name != "settings.py")


def _is_read(name: str) -> bool:
    """Say whether any module reads the setting; what none reads is for a later version, and the page says so."""
    return re.search(rf"settings\.{name}\b|\b{name}=settings", _sources()) is not None


def _shown(value: object) -> str:
    return (
        "none"
        if value is None
        else str(value).lower()
        if isinstance(value, bool)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


def _fields(kind: type) -> list[str]:
    """Return what the class's own docstring lists under Attributes."""
    listed = (kind.__doc__ or "").partition("Attributes:")[2]
    return re.findall(r"^\s+(\w+):", listed, re.MULTILINE)


def _first_sentence(kind: type) -> str:
    return (kind.__doc__ or "").strip().partition("\n")[0]


def _code(text: str) -> list[nodes.Node]:
    return [nodes.literal(text=text)]


def _inline(text: str) -> list[nodes.Node]:
    """Return text in which ``double backquotes`` mean code."""
    parts = text.split("``")
    return [nodes.literal(text=part) if index % 2 else nodes.Text(part) for index, part in enumerate(parts) if part]


def _literal(text: str) -> nodes.literal_block:
    return nodes.literal_block(text, text, language="text")


def _table(titles: Sequence[str], widths: Sequence[int], rows: Sequence[Sequence[list[nodes.Node]]]) -> nodes.table:
    group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for width in widths), cols=len(titles))
    group += nodes.thead("", _row([[nodes.Text(title)] for title in titles]))
    group += nodes.tbody("", *(_row(row) for row in rows))
    return nodes.table("", group)


def _row(cells: Sequence[list[nodes.Node]]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *cell)) for cell in cells))


DIRECTIVES: dict[str, type[Directive]] = {
    "settings-table": SettingsTable,
    "error-tree": ErrorTree,
    "error-table": ErrorTable,
    "command-help": CommandHelp,
    "table-functions": TableFunctions,
}


def setup(app: Any) -> dict[str, Any]:
    """Register the directives with Sphinx."""
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
