"""Carry out statements about the tables that a connection holds for itself: CREATE TEMP TABLE, DROP, and writes to them.

What such a statement reads is a query like any other, over Stripe's tables too, and the engine takes its rows as they
come. A statement that fails changes nothing. In: the statement, and what it runs in. Out: ``Effect``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from itertools import count
from typing import Final

from stripesql.catalogue.model import Table
from stripesql.catalogue.relations import Local
from stripesql.engine.cursor import Effect
from stripesql.engine.quoting import quoted, stored_name
from stripesql.engine.stored import ROW_ID, Tables
from stripesql.errors import IntegrityError, InterfaceError, NotSupportedError, ProgrammingError, UnknownName
from stripesql.query import select
from stripesql.query.relations import TARGET, Relations
from stripesql.query.select import Surroundings
from stripesql.scan.means import Means
from stripesql.sql.dialects import to_duckdb
from stripesql.sql.functions import check_names
from stripesql.sql.lexer import code
from stripesql.sql.local import SERIAL, CreateTable, Drop, read_local
from stripesql.sql.parameters import Parameters
from stripesql.sql.writes import Assignment, Conflict, Delete, Insert, Update, read_write

_NOTHING: Final = Effect(0)
_ROWS_AT_ONCE: Final = 500
_sequences: Final = count()


def define(text: str, around: Surroundings, means: Means, tables: Tables) -> Effect:
    """Carry out CREATE TEMP TABLE or DROP.

    Raises:
        ProgrammingError, NotSupportedError: the statement is wrong, or about something that is not the connection's own.
        Error: its query failed; then there is no new table, and one that it was to replace is as it was.
    """
    statement = read_local(text)
    match statement:
        case CreateTable():
            effect = _create(statement, around, means)
        case Drop():
            effect = _drop(statement, around)
    tables.look(around.engine)
    return effect


def query_of(text: str) -> str | None:
    """Return the query of CREATE TEMP TABLE ... AS, for EXPLAIN; None where there is none."""
    statement = read_local(text)
    return statement.query if isinstance(statement, CreateTable) else None


def query_of_write(text: str, relations: Relations) -> str | None:
    """Return the query that a write to a temporary table makes, for EXPLAIN; None for a write to anything else."""
    found = own_write(text, relations)
    if found is None:
        return None
    statement, target = found
    match statement:
        case Insert():
            return "SELECT 1" if statement.rows == ((),) else _inserted(statement)
        case Update():
            return _changed_rows(statement, target, _values(statement))
        case Delete():
            return _changed_rows(statement, target, [])


def _create(statement: CreateTable, around: Surroundings, means: Means) -> Effect:
    name = statement.name
    found = around.relations.find(None, name)
    if isinstance(found, Table):
        raise ProgrammingError(f'"{name}" is a table of Stripe\'s, which a temporary table cannot hide; choose another name')
    if isinstance(found, Local) and not found.is_table:
        raise ProgrammingError(f'a frame is registered as "{name}"; choose another name, or connection.unregister({name!r}) first')
    if found is not None and statement.if_not_exists:
        return _NOTHING
    if found is not None and not statement.replaces:
        raise ProgrammingError(
            f'the temporary table "{name}" is there already; write CREATE OR REPLACE TEMP TABLE, CREATE TEMP TABLE IF NOT EXISTS, '
            f"or DROP TABLE {name} first"
        )
    # Two threads may have got here: the engine then refuses the second, or replaces the first.
    head = f"CREATE {'OR REPLACE ' if statement.replaces else ''}TABLE {stored_name(name)}"
    if statement.query is None:
        return around.engine.perform(f"{head} {_numbered(statement, around)}", {})
    columns = f" ({', '.join(quoted(each) for each in statement.columns)})" if statement.columns else ""
    end = "" if statement.with_data else " WITH NO DATA"
    return select.perform(statement.query, around, means, lambda query: f"{head}{columns} AS {query}\n{end}")


def _numbered(statement: CreateTable, around: Surroundings) -> str:
    """Return the definition, with a sequence for each SERIAL column."""
    types = []
    for _ in range(statement.definition.count(SERIAL)):
        name = stored_name(f"__sequence_{next(_sequences)}")
        around.engine.perform(f"CREATE SEQUENCE {name}", {})
        types.append(f"BIGINT DEFAULT nextval('{name}')")
    parts = statement.definition.split(SERIAL)
    definition = parts[0] + "".join(kind + part for kind, part in zip(types, parts[1:], strict=True))
    return definition.replace("{{", "{").replace("}}", "}")


def _drop(statement: Drop, around: Surroundings) -> Effect:
    name = statement.name
    found = around.relations.find(None, name)
    if isinstance(found, Table):
        raise NotSupportedError(f"{name} is a table of Stripe's and cannot be dropped")
    if found is None:
        if statement.if_exists:
            return _NOTHING
        near = get_close_matches(name, [each.name for each in around.relations.own if each.is_table], n=1, cutoff=0.6)
        raise UnknownName(
            f'there is no temporary table "{name}"' + (f'; did you mean "{near[0]}"?' if near else "; DROP TABLE IF EXISTS passes over it")
        )
    if not isinstance(found, Local) or not found.is_table:
        raise ProgrammingError(f'"{name}" is a registered frame: connection.unregister({name!r}) forgets it')
    return around.engine.perform(f"DROP TABLE {stored_name(name)}", {})


def own_target(statement: Insert | Update | Delete, relations: Relations) -> Local | None:
    """Return the temporary table that a write changes; None where it is about something else."""
    found = relations.find(statement.target.schema, statement.target.name)
    return found if isinstance(found, Local) and found.is_table else None


def write(statement: Insert | Update | Delete, target: Local, around: Surroundings, means: Means) -> Effect:
    """Carry out INSERT, UPDATE or DELETE on a temporary table.

    Raises:
        Error: it failed, and changed nothing.
    """
    returning = statement.returning
    tail = f" RETURNING {returning}" if returning is not None else ""
    if returning is not None:
        check_names(returning, code(returning))
    match statement:
        case Insert():
            return _insert(statement, target, tail, around, means)
        case Update():
            return _update(statement, target, tail, around, means)
        case Delete():
            return _delete(statement, target, tail, around, means)


def _insert(statement: Insert, target: Local, tail: str, around: Surroundings, means: Means) -> Effect:
    columns = f" ({', '.join(quoted(each) for each in statement.columns)})" if statement.columns is not None else ""
    head = f"INSERT INTO {stored_name(target.name)}{columns}{' BY NAME' if statement.by_name else ''}"
    end = f"\n{_conflict(statement.conflict)}{tail}"
    gives_rows = statement.returning is not None
    if statement.rows == ((),):
        return around.engine.perform(f"{head} DEFAULT VALUES{end}", {}, gives_rows=gives_rows)
    return select.perform(_inserted(statement), around, means, lambda query: f"{head} {query}{end}", gives_rows=gives_rows)


def _inserted(statement: Insert) -> str:
    """Return the query whose rows are inserted."""
    source = statement.query
    if source is None:
        source = "VALUES " + ", ".join(
            f"({', '.join('DEFAULT' if each is None else each for each in row)})" for row in statement.rows or ()
        )
    return f"{statement.ctes}{source}"


def _conflict(conflict: Conflict | None) -> str:
    if conflict is None:
        return ""
    on = "ON CONFLICT" + (f" ({', '.join(quoted(each) for each in conflict.columns)})" if conflict.columns else "")
    if conflict.updates is None:
        return f"{on} DO NOTHING"
    texts = [each.text or "" for each in conflict.updates] + [conflict.where or ""]
    for each in texts:
        check_names(each, code(each))
    sets = ", ".join(f"{quoted(each.name)} = {each.text or 'DEFAULT'}" for each in conflict.updates)
    return f"{on} DO UPDATE SET {sets}" + (f" WHERE {conflict.where}" if conflict.where is not None else "")


def _update(statement: Update, target: Local, tail: str, around: Surroundings, means: Means) -> Effect:
    alias = quoted(statement.target.alias)
    query = _changed_rows(statement, target, _values(statement))
    sets = ", ".join(_set(each, place) for place, each in enumerate(statement.sets))
    head = f"UPDATE {stored_name(target.name)} AS {alias} SET {sets} FROM (\n"
    end = f'\n) AS "__change" WHERE {alias}.rowid = "__change"."{ROW_ID}"{tail}'
    return select.perform(query, around, means, lambda text: f"{head}{text}{end}", gives_rows=statement.returning is not None)


def _values(statement: Update) -> list[str]:
    return [f'({each.text}) AS "__value_{place}"' for place, each in enumerate(statement.sets) if each.text is not None]


def _set(assignment: Assignment, place: int) -> str:
    return f"{quoted(assignment.name)} = " + ("DEFAULT" if assignment.text is None else f'"__change"."__value_{place}"')


def _delete(statement: Delete, target: Local, tail: str, around: Surroundings, means: Means) -> Effect:
    alias = quoted(statement.target.alias)
    head = f'DELETE FROM {stored_name(target.name)} AS {alias} WHERE {alias}.rowid IN (SELECT "{ROW_ID}" FROM (\n'
    query = _changed_rows(statement, target, [])
    return select.perform(query, around, means, lambda text: f"{head}{text}\n)){tail}", gives_rows=statement.returning is not None)


def _changed_rows(statement: Update | Delete, target: Local, read: Sequence[str]) -> str:
    """Return the query for the ids of the rows that a statement changes, and what else is to be read with them."""
    alias = quoted(statement.target.alias)
    columns = ", ".join([f'{alias}."{ROW_ID}"', *read])
    source = f", {statement.source}" if statement.source is not None else ""
    where = f" WHERE {statement.where}" if statement.where is not None else ""
    return f'{statement.ctes}SELECT {columns} FROM "{TARGET}".{quoted(target.name)} AS {alias}{source}{where}'


def demand_free_name(name: str, relations: Relations) -> None:
    """Return where a frame may be registered under a name.

    Raises:
        InterfaceError: a temporary table has it.
    """
    found = relations.find(None, name)
    if isinstance(found, Local) and found.is_table:
        raise InterfaceError(f'"{name}" is a temporary table of this connection; DROP TABLE {name} first, or choose another name')


def own_write(text: str, relations: Relations) -> tuple[Insert | Update | Delete, Local] | None:
    """Return a write and the temporary table that it changes; None where it is about something else."""
    if not any(each.is_table for each in relations.own):
        return None
    statement = read_write(text)
    target = own_target(statement, relations)
    return None if target is None else (statement, target)


def write_many(text: str, sets: Sequence[Parameters], around: Surroundings, means: Means) -> Effect:
    """Carry out a write on a temporary table once per set of parameters; rows of VALUES go in many at a time.

    Raises:
        Error: a set failed; what came before it stays done.
    """
    rowcount, effect = 0, _NOTHING
    for statement in _merged([read_write(to_duckdb(text, each, around.settings.sql_dialect).rstrip().rstrip(";")) for each in sets]):
        target = own_target(statement, around.relations)
        if target is None:
            raise UnknownName(f'there is no temporary table "{statement.target.name}" any more')
        if statement.returning is not None and len(sets) > 1:
            raise ProgrammingError("executemany gives no rows: leave out RETURNING, or execute the statement once per set")
        effect = _each_or_all(statement, target, around, means)
        rowcount += effect.rowcount
    return effect if len(sets) == 1 else Effect(rowcount)


def _each_or_all(statement: Insert | Update | Delete, target: Local, around: Surroundings, means: Means) -> Effect:
    """Carry out a statement; row by row where the rows may refer to each other."""
    try:
        return write(statement, target, around, means)
    except IntegrityError:
        if not isinstance(statement, Insert) or len(statement.rows or ()) < 2:
            raise
    return Effect(sum(write(replace(statement, rows=(row,)), target, around, means).rowcount for row in statement.rows or ()))


def _merged(statements: Sequence[Insert | Update | Delete]) -> Iterator[Insert | Update | Delete]:
    """Yield the statements, INSERTs of values many rows at a time."""
    pending: Insert | None = None
    for each in statements:
        # The same row may be met twice by ON CONFLICT, but not in one statement.
        if not isinstance(each, Insert) or not each.rows or each.rows == ((),) or each.conflict is not None:
            yield each
        elif pending is None:
            pending = each
        else:
            pending = replace(pending, rows=(*(pending.rows or ()), *each.rows))
        if pending is not None and len(pending.rows or ()) >= _ROWS_AT_ONCE:
            yield pending
            pending = None
    if pending is not None:
        yield pending
