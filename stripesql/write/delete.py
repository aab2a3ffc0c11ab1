"""Turn DELETE into a request per row.

In: the statement. Out: ``Work``: its rows were read by a SELECT with the same WHERE, or are named by their keys.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from stripesql.errors import DatabaseError
from stripesql.request import Request
from stripesql.sql.splice import quoted
from stripesql.sql.writes import Delete
from stripesql.write.guards import demand_few, demand_where, demand_writable
from stripesql.write.insert import in_row
from stripesql.write.objects import Rows
from stripesql.write.reading import Read, read
from stripesql.write.returning import ReadBefore
from stripesql.write.scene import Scene
from stripesql.write.target import deletion, is_always_true, key_columns, keys_named, path_for, table_of
from stripesql.write.work import Work


def plan_delete(statement: Delete, scene: Scene) -> Work:
    """Return what a DELETE sends.

    Raises:
        DatabaseError: a name or a guard forbids it; nothing was sent that writes.
    """
    table = table_of(statement.target, scene.around.relations)
    what = f"DELETE FROM {table.name}"
    endpoint = deletion(table)
    demand_writable(scene.settings, scene.mode, what)
    columns = key_columns(table, endpoint)
    named = keys_named(statement, columns) if not statement.ctes and statement.source is None and statement.returning is None else None
    returning = None
    if named is not None:
        keys = named
    else:
        check_rows(statement, columns, scene, what)
        found = read(delete_query(statement, columns), scene, what, unique=range(len(columns)))
        first = dict[tuple[object, ...], int]()
        for row, key in enumerate(zip(*(found.column(place) for place in range(len(columns))), strict=True)):
            first.setdefault(key, row)
        keys = list(first)
        returning = _returning(found, len(columns), list(first.values())) if statement.returning is not None else None
    demand_few(scene.settings, what, len(keys))
    requests: list[Request] = []
    for index, key in enumerate(keys):
        try:
            requests.append(Request("DELETE", path_for(endpoint, key, columns, what), base=endpoint.base))
        except DatabaseError as problem:
            raise in_row(problem, index, len(keys)) from problem.__cause__
    ids = {row: str(key[-1]) for row, key in enumerate(keys)}
    return Work(what, table, tuple(requests), tuple(str(key[0]) for key in keys), ids, returning, named=named is not None)


def check_rows(statement: Delete, columns: Sequence[str], scene: Scene, what: str) -> None:
    """Return if the rows are restricted, or need not be; see ``demand_where``."""
    always = is_always_true(statement.where, statement.target, columns, scene)
    whole = statement.where is None or always
    demand_where(scene.settings, what, whole_table=whole, constant=always)


def delete_query(statement: Delete, columns: Sequence[str]) -> str:
    """Return the SELECT that gives the key of each row, and what RETURNING asks for."""
    alias = quoted(statement.target.alias)
    items = [f"{alias}.{quoted(column)} AS __key_{place}" for place, column in enumerate(columns)]
    if statement.returning is not None:
        items.append(statement.returning)
    source = f", {statement.source}" if statement.source is not None else ""
    where = f" WHERE {statement.where}" if statement.where is not None else ""
    return f"{statement.ctes}SELECT {', '.join(items)} FROM {statement.target.text}{source}{where}"


def _returning(found: Read, keys: int, rows: Sequence[int]) -> ReadBefore:
    columns = list(range(keys, len(found.labels)))
    table = pa.Table.from_arrays([found.table.column(at) for at in columns], names=[found.labels[at] for at in columns])
    return ReadBefore(Rows(found.types[keys:], table.take(pa.array(rows, pa.int64()))))
