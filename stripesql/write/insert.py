"""Turn INSERT into a request per row.

In: the statement. Out: ``Work``: every value was read and checked, and nothing was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from stripesql.catalogue.model import Endpoint, Table
from stripesql.errors import DatabaseError, ProgrammingError
from stripesql.request import Request
from stripesql.sql.writes import Insert
from stripesql.write import files
from stripesql.write.arguments import Argument, body_of
from stripesql.write.cells import Cell, cells_of
from stripesql.write.guards import demand_few, demand_writable
from stripesql.write.paths import place_of
from stripesql.write.reading import read
from stripesql.write.returning import OfAnswers, of_answers
from stripesql.write.scene import Scene
from stripesql.write.target import creation, parent_columns, path_for, post, table_of
from stripesql.write.upsert import check_conflict, instead_of
from stripesql.write.work import Work

# Requests about the same of these are sent in the order of the statement: Stripe locks the object, and a list keeps it.
_OWNERS = ("subscription", "invoice", "customer", "account", "product", "value_list", "financial_account")


@dataclass(frozen=True, slots=True)
class Source:
    """Hold the rows of an INSERT.

    Attributes:
        columns: names as the user wrote them.
        rows: a cell per column; None for DEFAULT, which is not sent.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell | None, ...], ...]


def plan_insert(statement: Insert, scene: Scene, source: Source | None = None) -> Work:
    """Return what an INSERT sends.

    Args:
        statement: the statement.
        scene: what it runs in.
        source: its rows, where they are known already (``executemany``).

    Raises:
        DatabaseError: a value, a name or a guard forbids it; nothing was sent.
    """
    table = table_of(statement.target, scene.around.relations)
    what = f"INSERT INTO {table.name}"
    endpoint = creation(table)
    demand_writable(scene.settings, scene.mode, what)
    check_conflict(statement.conflict, table, what)
    returning = of_answers(statement.returning, table, statement.target, scene, what) if statement.returning is not None else None
    _check_names(statement.columns or (), table, endpoint, what)
    if source is None:
        source = _source(statement, table, scene, what)
    demand_few(scene.settings, what, len(source.rows))
    parents, rows = _split(source, table, endpoint)
    returning = replace(returning, parents=tuple(parents)) if returning is not None else None
    expand = _expand(returning)
    requests: list[Request] = []
    targets: list[str | None] = []
    for index, (parent, arguments) in enumerate(zip(parents, rows, strict=True)):
        try:
            body = body_of(endpoint, [*arguments, *expand], table=table, updating=False, what=what, when=scene.when)
            path = path_for(endpoint, parent, parent_columns(table, endpoint), what)
        except DatabaseError as problem:
            raise in_row(problem, index, len(rows)) from problem.__cause__
        requests.append(post(endpoint, path, body, files.reader(scene.settings)))
        targets.append(_owner(parent, arguments))
    ids = {index: found for index, arguments in enumerate(rows) if table.own_id and (found := _own_id(arguments)) is not None}
    instead = instead_of(statement, table, rows, ids, expand, scene, what) if statement.conflict is not None else {}
    return Work(what, table, tuple(requests), tuple(targets), {}, returning, instead=instead)


def _check_names(columns: Sequence[str], table: Table, endpoint: Endpoint, what: str) -> None:
    """Return if every name means something; whether it can be set is told by its values."""
    for name in columns:
        if table.column(name) is None:
            place_of(name, endpoint, table, what)


def _source(statement: Insert, table: Table, scene: Scene, what: str) -> Source:
    columns = statement.columns
    if statement.query is not None:
        found = read(f"{statement.ctes}{statement.query}", scene, what)
        columns = found.labels if statement.by_name else columns
        if columns is None:
            raise _unnamed(table, what)
        if len(columns) != len(found.labels):
            raise ProgrammingError(f"{what} names {len(columns)} columns, and the query gives {len(found.labels)}; nothing was sent")
        values = [[Cell(value, found.is_json(place)) for value in found.column(place)] for place in range(len(columns))]
        return Source(columns, tuple(zip(*values, strict=True)))
    rows = statement.rows or ()
    if columns is None:
        if any(rows):
            raise _unnamed(table, what)
        columns = ()
    demand_few(scene.settings, what, len(rows))
    return Source(columns, cells_of(rows, statement.ctes, scene, what))


def _unnamed(table: Table, what: str) -> ProgrammingError:
    names = [each.name for each in (table.create.parameters if table.create is not None else ())][:3]
    return ProgrammingError(
        f"{what} needs the names of its columns, because most columns of a table cannot be set: {what} ({', '.join(names)}) ..., "
        "or BY NAME before the query"
    )


def _split(source: Source, table: Table, endpoint: Endpoint) -> tuple[list[tuple[object, ...]], list[list[Argument]]]:
    """Return the parents' ids and the arguments of each row."""
    wanted = parent_columns(table, endpoint)
    places = {name.lower(): place for place, name in enumerate(source.columns)}
    in_path = {places[column.lower()] for column in wanted if column.lower() in places}
    parents: list[tuple[object, ...]] = []
    rows: list[list[Argument]] = []
    for row in source.rows:
        parents.append(tuple(cell.value if (at := places.get(name.lower())) is not None and (cell := row[at]) else None for name in wanted))
        rows.append(
            [
                Argument(name, cell.value, cell.is_json)
                for place, (name, cell) in enumerate(zip(source.columns, row, strict=True))
                # A NULL is not sent, so that the column may be one that cannot be set: object mappers write them all.
                if cell is not None and place not in in_path and (cell.value is not None or table.column(name) is None)
            ]
        )
    return parents, rows


def _expand(returning: OfAnswers | None) -> list[Argument]:
    return [Argument("expand", list(returning.expand))] if returning is not None and returning.expand else []


def _owner(parent: Sequence[object], arguments: Sequence[Argument]) -> str | None:
    if parent and isinstance(parent[0], str):
        return parent[0]
    given = {argument.name.lower(): argument.value for argument in arguments}
    return next((value for name in _OWNERS if isinstance(value := given.get(name), str)), None)


def _own_id(arguments: Sequence[Argument]) -> str | None:
    return next((each.value for each in arguments if each.name.lower() == "id" and isinstance(each.value, str)), None)


def in_row(problem: DatabaseError, index: int, rows: int) -> DatabaseError:
    """Return the error, telling which row it is about where there are several."""
    if rows > 1 and problem.args:
        problem.args = (f"{problem.args[0]} (row {index}, counted from 0)", *problem.args[1:])
    return problem
