"""Carry a term of an outer SELECT into the subqueries and CTEs that it speaks of.

``SELECT ... FROM (SELECT * FROM charges) t WHERE t.created > x`` says as much about ``charges``. A term goes through
projections, renames, DISTINCT, GROUP BY (on its keys) and both sides of a UNION; it stops at whatever counts rows or
looks at other rows: LIMIT, windows, DISTINCT ON, samples, grouping sets, and CTEs that are used more than once.

In: a term and its scope. Out: the term as the inner SELECT would write it, and that scope. The engine still applies the
outer term: nothing is lost where the way is not clear.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from stripesql.catalogue.model import Column
from stripesql.sql.paths import column_nodes
from stripesql.sql.scopes import Scopes
from stripesql.sql.sources import Scope, Source
from stripesql.sql.tree import Node, arg, column_parts

_STOPS: Final = ("limit", "offset", "qualify", "sample", "windows", "pivots", "laterals")
_MOST_LEVELS: Final = 20


def descend(term: Node, scope: Scope, scopes: Scopes) -> Iterator[tuple[Node, Scope, Source]]:
    """Yield the term in each inner scope that it can be carried into, with the source of ``scope`` that leads there."""
    source = _only_derived(term, scope, scopes)
    if source is not None and source.query is not None and source.pushable and not _renames(source):
        for inner, where in _into(term, source.query, scopes, 0):
            yield inner, where, source


def into(query: Node, scopes: Scopes) -> Iterator[tuple[Node, Scope]]:
    """Yield the only output of a subquery as each inner SELECT that it can be carried into would write it."""
    names = _names(_unwrapped(query))
    if names is not None and len(names) == 1:
        yield from _into(exp.column(names[0], quoted=True), query, scopes, 0)


@dataclass(frozen=True, slots=True)
class Origin:
    """Say the column of a table in FROM that a name's values come from; ``own``: not of an outer SELECT."""

    source: Source
    column: Column
    own: bool


def origin(node: Node, scope: Scope, scopes: Scopes, level: int = 0) -> Origin | None:
    """Return the column that has every value, NULL aside, that a name may have; through subqueries and CTEs.

    Whatever leaves rows out or repeats them is no obstacle here.
    """
    if not isinstance(node, exp.Column | exp.Dot) or level > _MOST_LEVELS:
        return None
    resolved = scopes.resolve(node)
    if resolved is not None:
        own = resolved.scope is scope
        return Origin(resolved.source, resolved.column, own) if resolved.source.pushable and not resolved.rest else None
    parts = column_parts(node)
    source = _source_of(tuple(part.name.lower() for part in parts), scope) if parts else None
    if source is None or source.query is None or not source.pushable or _renames(source):
        return None
    select = source.query.unnest()
    inner = scopes.scope_of(select) if isinstance(select, exp.Select) and not select.args.get("pivots") else None
    output = _output(inner, node) if inner is not None else None
    if inner is None or output is None:
        return None
    output = output.copy()
    output.parent = inner.select
    found = origin(output, inner, scopes, level + 1)
    return found if found is not None and found.own else None


def _into(term: Node, query: Node, scopes: Scopes, level: int) -> Iterator[tuple[Node, Scope]]:
    query = _unwrapped(query)
    if level > _MOST_LEVELS:
        return
    if isinstance(query, exp.Union) and not any(query.args.get(key) for key in (*_STOPS, "by_name")):
        yield from _into_union(term, query, scopes, level)
        return
    scope = scopes.scope_of(query) if isinstance(query, exp.Select) else None
    if scope is None or not _is_open(scope):
        return
    inner = _substituted(term, scope, lambda node: _output(scope, node))
    if inner is None:
        return
    yield inner, scope
    for deeper, where, through in descend(inner, scope, scopes):
        # Whoever asked knows of the outermost source alone.
        if not through.extended:
            yield deeper, where


def _into_union(term: Node, query: exp.Union, scopes: Scopes, level: int) -> Iterator[tuple[Node, Scope]]:
    """Carry a term into both sides of a union, whose columns go by their place."""
    branches = [_unwrapped(each) for each in (query.this, query.expression)]
    names = _names(branches[0])
    other = _names(branches[1])
    yield from _into(term, branches[0], scopes, level + 1)
    if names is None or other is None or len(names) != len(other):
        return
    renamed = _renamed(term, dict(zip(names, other, strict=True)))
    if renamed is not None:
        yield from _into(renamed, branches[1], scopes, level + 1)


def _names(query: Node) -> list[str] | None:
    """Return the output names of a SELECT, None where a star or a doubled name hides them."""
    while isinstance(query, exp.Union):
        query = _unwrapped(query.this)
    if not isinstance(query, exp.Select) or any(item.is_star for item in query.expressions):
        return None
    names = [item.alias_or_name.lower() for item in query.expressions]
    return names if all(names) and len(set(names)) == len(names) else None


def _renamed(term: Node, names: dict[str, str]) -> Node | None:
    copy = term.copy()
    copy.parent = term.parent
    for node in list(column_nodes(copy)):
        parts = column_parts(node)
        if not parts or parts[-1].name.lower() not in names:
            return None
        copy = _put(copy, node, exp.column(names[parts[-1].name.lower()], quoted=True))
    return copy


def _unwrapped(query: Node) -> Node:
    while isinstance(query, exp.Subquery) and not any(query.args.get(key) for key in (*_STOPS, "with", "with_")):
        query = query.this
    return query


def _is_open(scope: Scope) -> bool:
    """Say whether a row that the outer term rejects may be left out before the SELECT runs."""
    select = scope.select
    if any(select.args.get(key) for key in _STOPS) or (arg(select, "distinct") and select.args["distinct"].args.get("on")):
        return False
    group = select.args.get("group")
    if group is not None and group.find(exp.GroupingSets, exp.Cube, exp.Rollup) is not None:
        return False  # their rows of NULLs stand for all rows
    if group is None and any(isinstance(node, exp.AggFunc) for item in select.expressions for node in item.walk()):
        return False
    return not any(isinstance(node, exp.Window) for item in select.expressions for node in item.walk())


def _only_derived(term: Node, scope: Scope, scopes: Scopes) -> Source | None:
    """Return the only source that a term speaks of, where that is a subquery or a CTE that is used once."""
    found: dict[int, Source] = {}
    for node in column_nodes(term):
        parts = column_parts(node)
        source = _source_of(tuple(part.name.lower() for part in parts), scope) if parts else None
        if source is None:
            return None
        found[id(source)] = source
    if len(found) != 1 or term.find(exp.Query) is not None:
        return None
    (source,) = found.values()
    return source if source.query is not None and scopes.uses_of(source.query) <= 1 else None


def _source_of(names: tuple[str, ...], scope: Scope) -> Source | None:
    if len(names) == 2:
        return next((each for each in scope.sources if each.alias.lower() == names[0] and each.query is not None), None)
    if len(names) != 1 or names[0] in scope.merged or scope.natural:
        return None
    # Unqualified: the engine refuses a name that two sources have, so the only one that may have it, has it.
    if len(scope.sources) == 1:
        return scope.sources[0]
    having = [each for each in scope.sources if _may_have(each, names[0])]
    return (
        having[0] if len(having) == 1 and having[0].query is not None and names[0] in (_names(_unwrapped(having[0].query)) or []) else None
    )


def _may_have(source: Source, name: str) -> bool:
    if source.table is not None:
        return source.table.column(name) is not None
    names = _names(_unwrapped(source.query)) if source.query is not None else None
    return names is None or name in names


def _renames(source: Source) -> bool:
    alias = source.node.args.get("alias")
    if alias is not None and alias.args.get("columns"):
        return True
    # WITH c(a, b) AS ...: the CTE's own alias renames.
    cte = source.query.parent if source.query is not None else None
    own = cte.args.get("alias") if isinstance(cte, exp.CTE) else None
    return own is not None and bool(own.args.get("columns"))


def _output(scope: Scope, node: Node) -> Node | None:
    """Return the inner column that an outer column name stands for, or None where it is anything else."""
    parts = column_parts(node)
    if not parts:
        return None
    name = parts[-1].name.lower()
    items = scope.select.expressions
    named = [item for item in items if not item.is_star and item.alias_or_name.lower() == name]
    stars = [item for item in items if item.is_star]
    if len(named) == 1 and not stars:
        inner = named[0].unalias()
        return inner if isinstance(inner, exp.Column | exp.Dot) and column_parts(inner) else None
    if named or len(items) != 1 or not isinstance(items[0], exp.Star) or len(scope.sources) != 1:
        return None
    star = items[0]
    if star.args.get("replace") or star.args.get("rename") or arg(star, "except"):
        return None
    return exp.column(parts[-1].copy())


def _substituted(term: Node, scope: Scope, output: object) -> Node | None:
    """Return the term with every column replaced by what ``output`` gives, as part of ``scope``; None where one has none."""
    copy = term.copy()
    for node in list(column_nodes(copy)):
        inner = output(node)  # type: ignore[operator]
        if inner is None:
            return None
        copy = _put(copy, node, inner.copy())
    # Names in it are now resolved where the inner SELECT resolves its own.
    copy.parent = scope.select
    return copy


def _put(tree: Node, node: Node, replacement: Node) -> Node:
    if node is tree:
        return replacement
    node.replace(replacement)
    return tree
