"""Tell about tables: their names, one table whole, its filters.

In: the catalogue. Out: lines. No request is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from stripesql.catalogue.model import Action, Exactness, Filter, FilterShape, Table, TableShape
from stripesql.outputs.width import fold
from stripesql.types import SqlType

_LEAST_ROOM = 18
"""Columns below which the third part of a line is better read on a line of its own."""

_SHAPES = {
    FilterShape.EQUALITY: "=",
    FilterShape.RANGE: "= < <= > >= BETWEEN",
    FilterShape.IN_LIST: "= IN",
    FilterShape.IS_NULL: "IS NULL",
    FilterShape.NEGATED: "= true, = false",
}


def matching(names: Sequence[str], pattern: str) -> list[str]:
    """Return the names that a pattern fits: ``*`` and ``%`` stand for anything, and without them the pattern may be anywhere in the name."""
    pattern = pattern.lower().replace("%", "*")
    if "*" not in pattern and "?" not in pattern:
        pattern = f"*{pattern}*"
    return [name for name in names if fnmatchcase(name, pattern)]


def in_columns(names: Sequence[str], width: int) -> str:
    """Return names in as many columns as fit, to be read downwards."""
    if not names:
        return ""
    widest = max(map(len, names)) + 2
    columns = max((width + 2) // widest, 1)
    height = -(-len(names) // columns)
    rows = (names[row::height] for row in range(height))
    return "".join("".join(name.ljust(widest) for name in row).rstrip() + "\n" for row in rows)


def heading(table: Table, width: int) -> str:
    """Return what is to be known of a table before its columns."""
    lines = _reads(table)
    lines += [f"not listed: {note.rows}{f' ({note.seen_by})' if note.seen_by else ''}" for note in table.notes if note.beyond_list]
    return f"{table.name}\n{_folded(lines, width)}"


def footing(table: Table, width: int) -> str:
    """Return what can be done to a table."""
    writes = [
        verb for verb, endpoint in (("INSERT", table.create), ("UPDATE", table.update), ("DELETE", table.delete)) if endpoint is not None
    ]
    lines = [f"writes: {', '.join(writes) or 'none'}"]
    lines += [f"CALL {_signature(action)}" for action in table.actions]
    hidden = [column.name for column in table.columns if column.hidden]
    if hidden:
        lines.append(f"not in *: {', '.join(hidden)}")
    return _folded(lines, width)


def _reads(table: Table) -> list[str]:
    lines = []
    if table.list is not None:
        lines.append(f"list: GET {table.list.path}")
        lines += [f"needs {column} = ..., or comes with its parent" for _, column in table.list.required]
    if table.retrieve is not None and table.shape is TableShape.LIST:
        lines.append(f"by id: GET {table.retrieve.path}")
    elif table.retrieve is not None:
        lines.append(f"read: GET {table.retrieve.path}")
    return lines


def _signature(action: Action) -> str:
    required = [f"{each.name} => ..." for each in action.endpoint.parameters if each.required]
    more = ["..."] if len(required) < len(action.endpoint.parameters) else []
    return f"{action.table}.{action.name}({', '.join([*action.endpoint.arguments, *required, *more])})"


def _folded(lines: Sequence[str], width: int) -> str:
    """Return lines folded, each piece indented."""
    return "".join(f"  {piece.rstrip()}\n" for line in lines for piece in fold(line, max(width - 2, 20)))


def columns(table: Table, width: int) -> str:
    """Return a line per column of a table: its type, what it refers to, and what Stripe filters."""
    rows = []
    for column in table.visible:
        parts = ["key"] if column.name in table.key else []
        parts += [f"-> {' or '.join(column.references)}"] if column.references else []
        parts += [f"filter {found}"] if (found := operators(table, column.name)) else []
        rows.append((column.name, column.type.value.replace(SqlType.TIMESTAMPTZ.value, "TIMESTAMPTZ"), "; ".join(parts)))
    return listed(rows, width)


def listed(rows: Sequence[tuple[str, str, str]], width: int) -> str:
    """Return a line per row, in three columns; a third one that does not fit goes on below, and on a narrow screen begins there."""
    first, second = (max((len(row[index]) for row in rows), default=0) for index in (0, 1))
    indent = first + second + 6
    lines = []
    for name, kind, rest in rows:
        head = f"  {name.ljust(first)}  {kind.ljust(second)}"
        if width - indent >= _LEAST_ROOM:
            pieces = fold(rest, width - indent)
            lines += [f"{head}  {pieces[0]}", *(" " * indent + piece for piece in pieces[1:])]
        else:
            lines += [f"  {name}  {kind}", *(f"    {piece}" for piece in (fold(rest, max(width - 4, 20)) if rest else []))]
    return "".join(line.rstrip() + "\n" for line in lines)


def operators(table: Table, column: str) -> str | None:
    """Return the operators of a column that become parameters of requests, None for none."""
    found = ["= IN (by id)"] if column == "id" and table.retrieve is not None and table.retrieve.arguments else []
    if table.list is not None:
        found += ["= (required)" for _, name in table.list.required if name == column]
        found += [_shape(each) for each in table.list.filters if each.column == column and each.exactness is not Exactness.NEVER]
    return ", ".join(dict.fromkeys(found)) or None


def _shape(each: Filter) -> str:
    return f"{_SHAPES[each.shape]}{' LIKE' if each.wildcard else ''}"


def filters(table: Table, width: int) -> str:
    """Return a line per way to ask Stripe for fewer rows of a table."""
    rows = []
    if table.retrieve is not None and table.retrieve.arguments:
        rows.append(("id", "= IN", "one request per id"))
    if table.list is not None:
        rows += [(column, "=", f"required, sent as {argument}") for argument, column in table.list.required]
        rows += [_filter(each) for each in table.list.filters if each.column is not None and each.exactness is not Exactness.NEVER]
        if table.list.time_column:
            rows.append((table.list.time_column, "ORDER BY DESC LIMIT", "the list's own order"))
    return listed(rows, width) or "  Stripe filters nothing here\n"


def _filter(each: Filter) -> tuple[str, str, str]:
    parts = [f"sent as {each.param}"]
    if each.exactness is not Exactness.EXACT:
        parts.append("checked again here")
    if each.max_values > 1:
        parts.append(f"at most {each.max_values} values")
    if each.values:
        parts.append(", ".join(each.values))
    return each.column or "", _shape(each), "; ".join(parts)
