"""Draw the foreign keys of tables.

In: tables of the catalogue. Out: text for Mermaid (an ``erDiagram``) or for Graphviz (DOT). Pure but for ``draw``, which is the command.

Grammars: https://mermaid.js.org/syntax/entityRelationshipDiagram.html and https://graphviz.org/doc/info/lang.html (2025-06). All names are
words of ``[a-z0-9_]``, so nothing needs escaping.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from stripesql.catalogue.load import Catalogue, catalogue
from stripesql.catalogue.model import Column, Table
from stripesql.cli.destination import destination
from stripesql.cli.parsing import UsageError
from stripesql.cli.subcommands import SchemaOptions


@dataclass(frozen=True, slots=True)
class Edge:
    """Say one foreign key; where a value may be of one of several tables, there is an edge for each, all but the first an alternative."""

    table: str
    column: str
    target: str
    alternative: bool


def draw(options: SchemaOptions) -> None:
    """Write the diagram of the tables that are asked for.

    Raises:
        UsageError: there is no such table.
        OSError: the file cannot be written.
    """
    tables = tables_named(options.tables, catalogue())
    text = (dot if options.format == "dot" else mermaid)(tables, edges(tables, only=options.only))
    with destination(options.output) as out:
        out.next_result().write(text.encode())


def tables_named(names: Sequence[str], known: Catalogue) -> list[Table]:
    """Return the tables of these names, each once.

    Raises:
        UsageError: there is no such table; the message offers a near name.
    """
    found: dict[str, Table] = {}
    for name in names:
        table = known.table(name.lower().removeprefix("stripe."))
        if table is None:
            near = get_close_matches(name.lower(), known.table_names(), n=1, cutoff=0.6)
            raise UsageError(f'there is no table "{name}"{f"; did you mean {near[0]}?" if near else "; SHOW TABLES lists the tables"}')
        found[table.name] = table
    return list(found.values())


def edges(tables: Sequence[Table], *, only: bool) -> list[Edge]:
    """Return the foreign keys of the tables, in the order of their columns; with ``only``, those between these tables."""
    names = {table.name for table in tables}
    return [
        Edge(table.name, column.name, target, position > 0)
        for table in tables
        for column in table.visible
        for position, target in enumerate(column.references)
        if not only or target in names
    ]


def _drawn_columns(table: Table, found: Sequence[Edge]) -> list[Column]:
    keys = {edge.column for edge in found if edge.table == table.name}
    return [column for column in table.visible if column.name in table.key or column.name in keys]


def _others(tables: Sequence[Table], found: Sequence[Edge]) -> list[str]:
    """Return the tables that keys lead to and that were not asked for."""
    names = {table.name for table in tables}
    return list(dict.fromkeys(edge.target for edge in found if edge.target not in names))


def mermaid(tables: Sequence[Table], found: Sequence[Edge]) -> str:
    """Return an ``erDiagram``: key columns with their types, and a line per foreign key; dotted lines are alternatives."""
    lines = ["erDiagram"]
    for table in tables:
        keys = {edge.column for edge in found if edge.table == table.name}
        lines.append(f"    {table.name} {{")
        for column in _drawn_columns(table, found):
            marks = ["PK"] * (column.name in table.key) + ["FK"] * (column.name in keys)
            lines.append(f"        {_word(column.type.value)} {column.name} {', '.join(marks)}")
        lines.append("    }")
    lines += [f"    {other}" for other in _others(tables, found)]
    for edge in found:
        line = ".." if edge.alternative else "--"
        lines.append(f'    {edge.table} }}o{line}o| {edge.target} : "{edge.column}"')
    return "\n".join(lines) + "\n"


def _word(type_name: str) -> str:
    """Return a type as the word that Mermaid wants: no spaces, no arguments."""
    return re.sub(r"\(.*\)", "", type_name).strip().replace(" ", "_")


def dot(tables: Sequence[Table], found: Sequence[Edge]) -> str:
    """Return a ``digraph``: a box per table with its key columns, and an arrow per foreign key; dashed ones are alternatives."""
    lines = [
        "digraph stripe {",
        "  graph [rankdir=LR];",
        '  node [shape=plain, fontname="Helvetica"];',
        '  edge [arrowhead=normal, fontname="Helvetica"];',
    ]
    for table in tables:
        rows = "".join(f'<TR><TD PORT="{column.name}" ALIGN="LEFT">{column.name}</TD></TR>' for column in _drawn_columns(table, found))
        lines.append(f"  {table.name} [label=<{_box(table.name, rows)}>];")
    lines += [f"  {other} [label=<{_box(other, '')}>];" for other in _others(tables, found)]
    for edge in found:
        style = " [style=dashed]" if edge.alternative else ""
        lines.append(f"  {edge.table}:{edge.column} -> {edge.target}:_table{style};")
    return "\n".join([*lines, "}"]) + "\n"


def _box(name: str, rows: str) -> str:
    head = f'<TR><TD PORT="_table" BGCOLOR="#eeeeee"><B>{name}</B></TD></TR>'
    return f'<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="4">{head}{rows}</TABLE>'
