"""Turn UPDATE into a request per row.

In: the statement. Out: ``Work``: its rows were read by a SELECT with the same WHERE, or are named by their keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from stripesql.catalogue.model import Endpoint, Table, TableShape
from stripesql.errors import DatabaseError, ProgrammingError
from stripesql.request import Request
from stripesql.sql.lexer import TokenKind, code
from stripesql.sql.splice import quoted
from stripesql.sql.writes import Assignment, Target, Update
from stripesql.write import files
from stripesql.write.arguments import Argument, body_of
from stripesql.write.cells import NULL, Cell, literal_cell
from stripesql.write.guards import demand_few, demand_where, demand_writable
from stripesql.write.insert import in_row
from stripesql.write.paths import place_of, places
from stripesql.write.reading import Read, read, read_values
from stripesql.write.returning import of_answers
from stripesql.write.scene import Scene
from stripesql.write.target import change, is_always_true, key_columns, keys_named, path_for, post, table_of
from stripesql.write.work import Work

_READING: Final = frozenset({"select", "from", "values", "table", "pivot", "unpivot", "summarize", "describe", "show"})

Values = list[Sequence[Cell]]
"""A value per assignment, for each row."""
Keys = list[tuple[object, ...]]
"""The key of each row, in the order of the table's key."""


def plan_update(statement: Update, scene: Scene) -> Work:
    """Return what an UPDATE sends.

    Raises:
        DatabaseError: a value, a name or a guard forbids it; nothing was sent that writes.
    """
    table = table_of(statement.target, scene.around.relations)
    what = f"UPDATE {table.name}"
    endpoint = change(table)
    demand_writable(scene.settings, scene.mode, what)
    names = [plain_name(each.name, statement.target, endpoint) for each in statement.sets]
    for name in names:
        place_of(name, endpoint, table, what)
    returning = of_answers(statement.returning, table, statement.target, scene, what) if statement.returning is not None else None
    named, keys, values = _rows(statement, table, endpoint, scene, what)
    demand_few(scene.settings, what, len(keys))
    columns = key_columns(table, endpoint)
    returning = replace(returning, parents=tuple(keys)) if returning is not None else None
    expand = [Argument("expand", list(returning.expand))] if returning is not None and returning.expand else []
    requests: list[Request] = []
    for index, (key, cells) in enumerate(zip(keys, values, strict=True)):
        arguments = [Argument(name, cell.value, cell.is_json) for name, cell in zip(names, cells, strict=True)]
        try:
            body = body_of(endpoint, [*arguments, *expand], table=table, updating=True, what=what, when=scene.when)
            path = path_for(endpoint, key, columns, what)
        except DatabaseError as problem:
            raise in_row(problem, index, len(keys)) from problem.__cause__
        requests.append(post(endpoint, path, body, files.reader(scene.settings)))
    ids = {row: str(key[-1]) for row, key in enumerate(keys) if key}
    # The first part of a key is the parent, where there is one: Stripe locks it as a whole.
    targets = tuple(str(key[0]) if key else None for key in keys)
    return Work(what, table, tuple(requests), targets, ids, returning, named=named)


def _rows(statement: Update, table: Table, endpoint: Endpoint, scene: Scene, what: str) -> tuple[bool, Keys, Values]:
    """Return whether the rows were named and not read, their keys, and their values."""
    columns = key_columns(table, endpoint)
    if (named := keys_unread(statement, table, columns, scene, what)) is not None:
        return True, *named
    check_where(statement, table, scene, what)
    found = read(update_query(statement, columns), scene, what, unique=range(len(columns)))
    keys: Keys = list(zip(*(found.column(place) for place in range(len(columns))), strict=True)) if columns else [()] * found.rows
    values = _columns(found, len(columns), statement.sets)
    return False, *_once(keys, values, table, what)


def keys_unread(statement: Update, table: Table, columns: tuple[str, ...], scene: Scene, what: str) -> tuple[Keys, Values] | None:
    """Return keys and values where WHERE names the rows and no value depends on them; None where the rows must be read."""
    if statement.ctes or statement.source is not None or (keys := keys_named(statement, columns)) is None:
        return None
    # Of several rows each has a value of its own, though the text is the same: random().
    if len(keys) > 1 and any(each.text is not None and literal_cell(each.text) is None for each in statement.sets):
        return None
    values = constants(statement.sets, table, scene, what)
    return None if values is None else (keys, [values] * len(keys))


def update_query(statement: Update, columns: Sequence[str]) -> str:
    """Return the SELECT that gives the key and the new values of each row."""
    alias = quoted(statement.target.alias)
    items = [f"{alias}.{quoted(column)} AS __key_{place}" for place, column in enumerate(columns)]
    items += [f"(\n{each.text if each.text is not None else 'NULL'}\n) AS __value_{place}" for place, each in enumerate(statement.sets)]
    source = f", {statement.source}" if statement.source is not None else ""
    where = f" WHERE {statement.where}" if statement.where is not None else ""
    return f"{statement.ctes}SELECT {', '.join(items)} FROM {statement.target.text}{source}{where}"


def check_where(statement: Update, table: Table, scene: Scene, what: str) -> None:
    """Return if the rows are restricted, or need not be; see ``demand_where``."""
    always = is_always_true(statement.where, statement.target, table.key, scene)
    whole = table.shape is not TableShape.SINGLETON and (statement.where is None or always)
    demand_where(scene.settings, what, whole_table=whole, constant=always)


def _columns(found: Read, first: int, sets: Sequence[Assignment]) -> Values:
    columns = [[Cell(value, found.is_json(first + at)) for value in found.column(first + at)] for at in range(len(sets))]
    return [list(row) for row in zip(*columns, strict=True)]


def _once(keys: Keys, values: Values, table: Table, what: str) -> tuple[Keys, Values]:
    """Return each row once, though a join may give it several times.

    Raises:
        ProgrammingError: a row would get two different values.
    """
    found: dict[tuple[object, ...], Sequence[Cell]] = {}
    for key, cells in zip(keys, values, strict=True):
        if found.setdefault(key, cells) != cells:
            raise ProgrammingError(
                f"{what}: FROM gives the row {key[-1]!r} of {table.name} several different values; make it one row for each; nothing was sent"
            )
    return list(found), list(found.values())


def constants(sets: Sequence[Assignment], table: Table, scene: Scene, what: str) -> list[Cell] | None:
    """Return the values where none depends on the row; None where one does, or may."""
    cells = [NULL if each.text is None else literal_cell(each.text) for each in sets]
    open_ = [place for place, cell in enumerate(cells) if cell is None]
    texts = [sets[place].text or "NULL" for place in open_]
    if any(_may_read(text, table) for text in texts):
        return None
    if open_:
        try:
            found = read_values("SELECT " + ", ".join(f"(\n{text}\n) AS value_{at}" for at, text in enumerate(texts)), scene, what)
        except ProgrammingError:
            return None  # it names something that only the row has
        for at, place in enumerate(open_):
            cells[place] = Cell(found.column(at)[0], found.is_json(at))
    return [cell for cell in cells if cell is not None]


def _may_read(text: str, table: Table) -> bool:
    """Say whether an expression has a subquery, or a name that may be a column's."""
    columns = {column.name.lower() for column in table.columns}
    for token in code(text):
        name = token.text.strip('"').lower() if token.kind in (TokenKind.WORD, TokenKind.QUOTED) else ""
        if name in _READING or name in columns or name == table.name:
            return True
    return False


def plain_name(name: str, target: Target, endpoint: Endpoint) -> str:
    """Return the name that SET gives without the table's: ``c.name`` becomes ``name``, and ``address.city`` stays."""
    first, dot, rest = name.partition(".")
    known = places(endpoint)
    if dot and first.lower() in (target.alias.lower(), target.name.lower()) and first.lower() not in known:
        return rest
    return name
