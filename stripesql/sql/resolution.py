"""Attribute a name or a dotted path to a source of one scope.

In: the identifiers of a name, and a scope. Out: the column, or None where that is not certain.
"""

from __future__ import annotations

from sqlglot import exp

from stripesql.catalogue.model import Column, Table
from stripesql.catalogue.relations import Local, System
from stripesql.sql.sources import Resolved, Scope, Source
from stripesql.types import SqlType


def qualified(scope: Scope, names: tuple[str, ...]) -> Resolved | None:
    """Return what a name that begins with a source's name refers to."""
    for prefix in (1, 2):
        if len(names) <= prefix:
            return None
        for source in scope.sources:
            if source.table is None or not _names_source(source, names[:prefix]):
                continue
            found = find_path(source.table, names[prefix:])
            if found is not None:
                return Resolved(source, scope, found[0], prefix, names[prefix + found[1] :], found[1])
    return None


def _names_source(source: Source, names: tuple[str, ...]) -> bool:
    if source.alias.lower() != names[-1].lower():
        return False
    schema = source.node.args.get("db")
    return len(names) == 1 or (schema is not None and schema.name.lower() == names[0].lower() and not source.node.args.get("alias"))


def unqualified(scope: Scope, names: tuple[str, ...]) -> Resolved | None:
    """Return what a name without a source's name refers to, where only one source can be meant."""
    if any(source.alias.lower() == names[0].lower() for source in scope.sources) and len(names) > 1:
        return None
    if names[0].lower() in scope.merged or scope.natural:
        return None
    found = [
        Resolved(source, scope, path[0], 0, names[path[1] :], path[1])
        for source in scope.sources
        if source.table is not None and (path := find_path(source.table, names)) is not None
    ]
    visible = [each for each in found if not each.column.hidden]
    candidates = visible or found
    return candidates[0] if len(candidates) == 1 else None


def is_known(scope: Scope, names: tuple[str, ...]) -> bool:
    """Say whether the name belongs to this scope, so that outer scopes must not be asked."""
    if len(names) > 1 and any(source.alias.lower() == names[0].lower() for source in scope.sources):
        return True
    if names[0].lower() in scope.merged:
        return True
    return any(_may_give(source, names) for source in scope.sources)


def _may_give(source: Source, names: tuple[str, ...]) -> bool:
    """Say whether a source may have a column of this name: for a table, its own; for a subquery, what its SELECT gives."""
    alias = source.node.args.get("alias")
    if isinstance(alias, exp.TableAlias) and any(each.name.lower() == names[0].lower() for each in alias.args.get("columns") or ()):
        return True
    if isinstance(source.relation, Table):
        return source.table is None or find_path(source.table, names) is not None
    if isinstance(source.relation, Local | System):
        return names[0].lower() in {(each if isinstance(each, str) else each[0]).lower() for each in source.relation.columns}
    query = source.query
    while isinstance(query, exp.Subquery | exp.SetOperation):
        query = query.this
    if not isinstance(query, exp.Select):
        return False
    # What a star of it gives is what its own tables have; hidden columns are not among that.
    return any(item.alias_or_name.lower() == names[0].lower() for item in query.expressions if not item.is_star)


def find_path(table: Table, names: tuple[str, ...]) -> tuple[Column, int] | None:
    """Return the column that ``names`` lead to and how many of them name it; the rest are keys inside its JSON."""
    first = table.column(names[0])
    if len(names) == 1:
        return (first, 1) if first is not None else None
    folded = tuple(name.lower() for name in names)
    for length in range(len(names), 1, -1):
        for column in table.columns:
            if column.path == folded[:length] and (length == len(names) or column.type is SqlType.JSON):
                return column, length
    return (first, 1) if first is not None and first.type is SqlType.JSON else None
