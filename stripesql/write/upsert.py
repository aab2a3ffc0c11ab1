"""Decide what ON CONFLICT sends for a row whose id is taken.

The row is created first; where Stripe says that the id is taken, the update is sent instead, so nothing that happens in
between is lost. Only an update that is computed from the row as it is needs a read.

In: the statement and its rows. Out: a request per row, None for DO NOTHING.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from stripesql.catalogue.model import Table
from stripesql.errors import NotSupportedError, ProgrammingError
from stripesql.request import Request
from stripesql.sql.literals import literal
from stripesql.sql.splice import quoted
from stripesql.sql.writes import Assignment, Conflict, Insert, excluded_name
from stripesql.write import files
from stripesql.write.arguments import Argument, body_of
from stripesql.write.cells import NULL, Cell, literal_cell
from stripesql.write.reading import read_values
from stripesql.write.scene import Scene
from stripesql.write.target import change, key_columns, path_for, post
from stripesql.write.values import as_json

Arguments = Sequence[Argument]
_ROW = "__row"


def check_conflict(conflict: Conflict | None, table: Table, what: str) -> None:
    """Return if ON CONFLICT can be carried out.

    Raises:
        NotSupportedError: Stripe chooses the ids of this table; the message shows the pattern to use.
        ProgrammingError: the target is not the id.
    """
    if conflict is None:
        return
    if not table.own_id:
        raise NotSupportedError(
            f"{what}: ON CONFLICT needs a table whose ids you choose (coupons, plans, products); Stripe chooses those of {table.name}. "
            f"Keep your own key in metadata: UPDATE {table.name} SET ... WHERE metadata.key = 'k', and if its rowcount is 0, "
            f"INSERT INTO {table.name} (..., metadata.key) VALUES (..., 'k')"
        )
    if conflict.columns not in ((), ("id",)):
        raise ProgrammingError(f"{what}: ON CONFLICT takes (id), which is all that Stripe keeps unique")


def instead_of(
    statement: Insert,
    table: Table,
    rows: Sequence[Arguments],
    ids: Mapping[int, str],
    expand: Arguments,
    scene: Scene,
    what: str,
) -> dict[int, Request | None]:
    """Return what to send for each row that brings its id, where that id is taken; None to leave it as it is.

    Raises:
        ProgrammingError: two rows bring the same id.
    """
    conflict = statement.conflict
    if conflict is None or conflict.updates is None:
        return dict.fromkeys(ids)
    for key, times in Counter(ids.values()).items():
        if times > 1:
            raise ProgrammingError(f"{what}: ON CONFLICT DO UPDATE cannot write {key!r} twice in one statement; nothing was sent")
    simple = {row: _simple(conflict.updates, rows[row]) for row in ids} if conflict.where is None else {}
    if simple and all(cells is not None for cells in simple.values()):
        values: Mapping[int, Sequence[Cell] | None] = simple
    else:
        values = _computed(statement, conflict, table, rows, ids, scene, what) if ids else {}
    endpoint = change(table)
    found: dict[int, Request | None] = {}
    for row, cells in values.items():
        if cells is None:
            found[row] = None
            continue
        arguments = [Argument(each.name, cell.value, cell.is_json) for each, cell in zip(conflict.updates, cells, strict=True)]
        body = body_of(endpoint, [*arguments, *expand], table=table, updating=True, what=f"{what} ON CONFLICT DO UPDATE", when=scene.when)
        path = path_for(endpoint, (ids[row],), key_columns(table, endpoint), what)
        found[row] = post(endpoint, path, body, files.reader(scene.settings))
    return found


def _simple(updates: Sequence[Assignment], arguments: Arguments) -> list[Cell] | None:
    """Return the values where each is a literal or ``EXCLUDED.column``; None where one is more."""
    given = {each.name.lower(): Cell(each.value, each.is_json) for each in arguments}
    found: list[Cell] = []
    for each in updates:
        name = excluded_name(each.text) if each.text is not None else None
        cell = NULL if each.text is None else given.get(name.lower(), NULL) if name is not None else literal_cell(each.text)
        if cell is None:
            return None
        found.append(cell)
    return found


def _computed(
    statement: Insert, conflict: Conflict, table: Table, rows: Sequence[Arguments], ids: Mapping[int, str], scene: Scene, what: str
) -> dict[int, Sequence[Cell] | None]:
    """Return the values computed from the rows as they are; rows that are not there have none."""
    updates = conflict.updates or ()
    names = list(dict.fromkeys(argument.name for row in ids for argument in rows[row]))
    lines = []
    for row in ids:
        given = {argument.name: argument for argument in rows[row]}
        lines.append(f"({', '.join([str(row), *(_literal(given.get(name)) for name in names)])})")
    columns = ", ".join([_ROW, *map(quoted, names)])
    excluded = f"excluded AS (SELECT * FROM (VALUES {', '.join(lines)}) AS given({columns}))"
    alias = quoted(statement.target.alias)
    items = [f"excluded.{_ROW}", f"({conflict.where or 'TRUE'}) AS is_wanted"]
    items += [f"(\n{_expression(each.text, names)}\n) AS value_{place}" for place, each in enumerate(updates)]
    query = (
        f"{statement.ctes + ', ' if statement.ctes else 'WITH '}{excluded} SELECT {', '.join(items)} FROM {statement.target.text}, "
        f"excluded WHERE {alias}.id = excluded.id AND {alias}.id IN ({', '.join(map(literal, ids.values()))})"
    )
    found = read_values(query, scene, what)
    places = range(2, 2 + len(updates))
    values = [[Cell(value, found.is_json(place)) for value in found.column(place)] for place in places]
    return {
        row: [column[at] for column in values] if wanted is True else None
        for at, (row, wanted) in enumerate(zip(found.column(0), found.column(1), strict=True))
    }


def _expression(text: str | None, names: Sequence[str]) -> str:
    """Return the expression of SET; ``EXCLUDED.metadata.key`` is one column, whose name has a dot."""
    name = excluded_name(text) if text is not None else None
    found = next((each for each in names if name is not None and each.lower() == name.lower()), None)
    return f"excluded.{quoted(found)}" if found is not None else text or "NULL"


def _literal(argument: Argument | None) -> str:
    if argument is None:
        return "NULL"
    value: Any = argument.value
    if argument.is_json or isinstance(value, dict):
        return "NULL" if value is None else f"{literal(value if argument.is_json else json.dumps(value, default=as_json))}::JSON"
    return literal(value)
