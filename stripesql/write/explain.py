"""Say what INSERT, UPDATE and DELETE would send; nothing is sent, not even what they would read.

In: the text of a write. Out: ``WritePlan``: a template of each kind of request, and the plan of the query that reads its
rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stripesql.catalogue.model import Endpoint, Table
from stripesql.errors import DataError, IntegrityError, NotSupportedError, ProgrammingError, WriteRefused
from stripesql.query import select
from stripesql.query.stages import Planned
from stripesql.sql.literals import literal
from stripesql.sql.writes import Delete, Insert, Update, read_write
from stripesql.write.cells import literal_cell
from stripesql.write.delete import check_rows, delete_query
from stripesql.write.guards import demand_few, demand_writable
from stripesql.write.insert import plan_insert
from stripesql.write.paths import place_of
from stripesql.write.places import in_statement
from stripesql.write.scene import Scene, fresh
from stripesql.write.target import change, creation, deletion, key_columns, keys_named, parent_columns, table_of
from stripesql.write.update import check_where, keys_unread, plain_name, plan_update, update_query
from stripesql.write.upsert import check_conflict

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sending:
    """Say one kind of request.

    Attributes:
        method: POST or DELETE.
        path: template; its arguments stand in ``parameters`` in braces.
        parameters: name and expression of each, as the statement has it.
        times: how often it is sent, in words.
    """

    method: str
    path: str
    parameters: Pairs
    times: str


@dataclass(frozen=True, slots=True)
class WritePlan:
    """Say what a write would do.

    Attributes:
        what: ``UPDATE customers``.
        sendings: its kinds of requests.
        rows: where the rows come from, in words.
        key: what its idempotency keys are, in words; "" where it sends none.
        refused: why the connection would refuse it, or "".
        planned: the query that reads its rows or values; None where nothing is read.
    """

    what: str
    sendings: tuple[Sending, ...]
    rows: str
    key: str
    refused: str
    planned: Planned | None

    def lines(self) -> list[str]:
        """Return the plan for people."""
        found = [f"write {self.what}: {self.rows}"]
        for each in self.sendings:
            found.append(f"  {each.method} {each.path}   {each.times}")
            found += [f"    {name} = {text}" for name, text in each.parameters]
        found += [f"  idempotency key: {self.key}"] if self.key else []
        found += [f"  would be refused: {self.refused}"] if self.refused else []
        return [*found, "rows are read by:"] if self.planned is not None else found

    def document(self) -> dict[str, Any]:
        """Return the plan for programs."""
        return {
            "statement": self.what,
            "rows": self.rows,
            "requests": [
                {"method": each.method, "path": each.path, "parameters": dict(each.parameters), "times": each.times}
                for each in self.sendings
            ],
            "idempotency_key": self.key or None,
            "refused": self.refused or None,
        }


def plan_write(text: str, scene: Scene) -> WritePlan:
    """Return what a write would do.

    Raises:
        ProgrammingError, NotSupportedError, UnknownName: as the write itself would, for its names and clauses.
    """
    statement = read_write(text)
    scene = replace(scene, text=text)
    table = table_of(statement.target, scene.around.relations)
    match statement:
        case Insert():
            return _insert(statement, table, scene)
        case Update():
            return _update(statement, table, scene)
        case Delete():
            return _delete(statement, table, scene)


def _insert(statement: Insert, table: Table, scene: Scene) -> WritePlan:
    what, endpoint = f"INSERT INTO {table.name}", creation(table)
    check_conflict(statement.conflict, table, what)
    columns = statement.columns
    planned = None
    if statement.query is not None:
        planned = _planned(f"{statement.ctes}{statement.query}", scene)
        rows, times = "its rows are read first, to the end", "once for each row"
        given: Sequence[str | None] = [f"<column {place}>" for place in range(1, len(columns or ()) + 1)]
    else:
        values = statement.rows or ()
        rows = f"{len(values)} {'row' if len(values) == 1 else 'rows'} of VALUES"
        times = "once" if len(values) == 1 else f"{len(values)} times; the first row is shown"
        given = values[0] if values else ()
        computed = [text for row in values for text in row if text is not None and literal_cell(text) is None]
        if computed:
            items = ", ".join(f"(\n{each}\n)" for each in computed)
            found = _planned(f"{statement.ctes}SELECT {items}", scene)
            planned = found if found.plan.stages else None
    pairs = [(name, text) for name, text in zip(columns or (), given, strict=True) if text is not None]
    if statement.by_name:
        pairs = [("<each column of the query>", "<its value>")]
    sendings = [Sending("POST", endpoint.path, _named(pairs, parent_columns(table, endpoint), endpoint, table, what), times)]
    if statement.conflict is not None and statement.conflict.updates is not None:
        updating = change(table)
        sets = [(each.name, each.text or "NULL") for each in statement.conflict.updates]
        parameters = (("{" + updating.arguments[0] + "}", "EXCLUDED.id"), *_named(sets, (), updating, table, what))
        sendings.append(Sending("POST", updating.path, parameters, "for each row whose id is taken"))
    refused = _refusal(scene, what, len(statement.rows) if statement.rows is not None else 0)
    if not refused and statement.rows is not None and planned is None and statement.conflict is None:
        refused = _reason(lambda: plan_insert(statement, scene))
    return WritePlan(what, tuple(sendings), rows, _key(scene), refused, planned)


def _update(statement: Update, table: Table, scene: Scene) -> WritePlan:
    what, endpoint = f"UPDATE {table.name}", change(table)
    columns = key_columns(table, endpoint)
    sets = [(plain_name(each.name, statement.target, endpoint), each.text or "NULL") for each in statement.sets]
    keys = [(column, f"{table.name}.{column}") for column in columns]
    planned = None
    if (named := keys_unread(statement, table, columns, scene, what)) is not None:
        keys, rows, times = _known(columns, named[0])
    else:
        planned = _planned(update_query(statement, columns), scene)
        rows, times = "its rows are read first, to the end", "once for each row"
    parameters = (*_arguments(keys, endpoint), *_named(sets, (), endpoint, table, what))
    refused = _refusal(scene, what, len(named[0]) if named is not None else 0)
    if not refused:
        refused = _reason(lambda: check_where(statement, table, scene, what) if planned is not None else plan_update(statement, scene))
    return WritePlan(what, (Sending("POST", endpoint.path, parameters, times),), rows, _key(scene), refused, planned)


def _delete(statement: Delete, table: Table, scene: Scene) -> WritePlan:
    what, endpoint = f"DELETE FROM {table.name}", deletion(table)
    columns = key_columns(table, endpoint)
    keys = [(column, f"{table.name}.{column}") for column in columns]
    named = keys_named(statement, columns) if not statement.ctes and statement.source is None and statement.returning is None else None
    planned = None
    if named is not None:
        keys, rows, times = _known(columns, named)
    else:
        planned = _planned(delete_query(statement, columns), scene)
        rows, times = "its rows are read first, to the end", "once for each row"
    refused = _refusal(scene, what, len(named) if named is not None else 0)
    if not refused and planned is not None:
        refused = _reason(lambda: check_rows(statement, columns, scene, what))
    return WritePlan(what, (Sending("DELETE", endpoint.path, _arguments(keys, endpoint), times),), rows, "", refused, planned)


def _known(columns: Sequence[str], named: Sequence[tuple[object, ...]]) -> tuple[list[tuple[str, str]], str, str]:
    """Return the keys of the first row, where the rows come from, and how often a request is sent."""
    keys = [(column, literal(value)) for column, value in zip(columns, named[0], strict=True)]
    if len(named) == 1:
        return keys, "its row is named by its key, and not read", "once"
    return keys, f"its {len(named)} rows are named by their keys, and not read", f"{len(named)} times; the first is shown"


def _planned(query: str, scene: Scene) -> Planned:
    with in_statement(query, scene.text):
        return select.plan_and_check(query, fresh(scene.around), scene.means)


def _arguments(keys: Sequence[tuple[str, str]], endpoint: Endpoint) -> Pairs:
    return tuple(("{" + argument + "}", text) for argument, (_, text) in zip(endpoint.arguments, keys, strict=True))


def _named(pairs: Sequence[tuple[str, str]], parents: Sequence[str], endpoint: Endpoint, table: Table, what: str) -> Pairs:
    """Return the parameters by the names that are sent; those of the path in braces."""
    in_path = dict(zip(parents, endpoint.arguments, strict=True)) if parents else {}
    found = []
    for name, text in pairs:
        shown = " ".join(text.split())
        if name.lower() in in_path:
            found.append(("{" + in_path[name.lower()] + "}", shown))
        elif name.startswith("<"):
            found.append((name, shown))
        else:
            first, *rest = place_of(name, endpoint, table, what).steps
            found.append((str(first) + "".join(f"[{step}]" for step in rest), shown))
    return tuple(found)


def _key(scene: Scene) -> str:
    prefix = scene.settings.idempotency_key_prefix
    return "random, one for each row" if prefix is None else f"{prefix}-<hash of the row>-<its number among equal rows>"


def _refusal(scene: Scene, what: str, rows: int) -> str:
    return _reason(lambda: demand_writable(scene.settings, scene.mode, what)) or _reason(lambda: demand_few(scene.settings, what, rows))


def _reason(check: Callable[[], object]) -> str:
    """Return why the write would be refused before it sent anything, "" where it would not."""
    try:
        check()
    except (WriteRefused, DataError, IntegrityError, ProgrammingError, NotSupportedError) as problem:
        return str(problem)
    return ""
