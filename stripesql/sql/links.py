"""Find the columns by which one relation of a query restricts another.

``a JOIN b ON a.customer = b.id`` needs no row of ``b`` whose id is not among ``a.customer``; ``a.customer IN (SELECT id
FROM b ...)`` needs no row of ``a`` whose customer is not among ``b.id``, and neither does EXISTS. A link says that, and
only where it is certain: the same rules hold as for a predicate on the linked column. Columns are followed through
subqueries and CTEs to the tables that they come from.

In: scopes. Out: links. Nothing is decided here; ``plan`` weighs what following a link costs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlglot import exp

from stripesql.catalogue.model import Column
from stripesql.catalogue.relations import Local
from stripesql.sql.descend import descend, into, origin
from stripesql.sql.scopes import Scopes
from stripesql.sql.sources import Scope, Source
from stripesql.sql.tree import Node, column_parts, conjuncts, disjuncts
from stripesql.types import SqlType


@dataclass(frozen=True, slots=True)
class LinkedSources:
    """Say that only rows of ``source`` matter whose ``column`` is among the values of ``other``'s ``other_column``.

    Links with the same ``union`` say so together: the values of any of them will do, and so will ``values``. 0 for a link
    that stands alone.
    """

    source: Source
    column: str
    other: Source
    other_column: str
    union: int = 0
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """Say a column of a table in FROM."""

    source: Source
    column: Column


@dataclass(frozen=True, slots=True)
class _OwnRows:
    """Say a column of a relation of the connection's own in FROM, by its name."""

    source: Source
    column: str


# A subquery without FROM's rows still gives one: EXISTS (SELECT count(*) ...) is always true.
_MORE_THAN_ROWS: Final = ("having", "qualify", "offset", "windows", "sample", "pivots")


def links(scopes: Scopes) -> Iterator[LinkedSources]:
    """Yield every link of a statement."""
    for scope in scopes.all():
        where = scope.select.args.get("where")
        for term in conjuncts(where.this if where is not None else None):
            yield from _of_term(term, scope, scopes, scope.sources)
        if scope.plain:
            yield from _of_joins(scope, scopes)


def _of_joins(scope: Scope, scopes: Scopes) -> Iterator[LinkedSources]:
    for index, source in enumerate(scope.sources):
        join = source.join
        if join is None or join.method:
            continue
        reach = reach_of(join, scope.sources[: index + 1])
        if join.side.upper() == "LEFT" and not join.kind and _is_told_apart_from_null(source, scope, scopes):
            # WHERE keeps no row of NULLs: the join is an inner one.
            reach = scope.sources[: index + 1]
        for term in conjuncts(join.args.get("on")):
            yield from _of_term(term, scope, scopes, reach)
        if index == 1:
            # USING names columns of both sides; with a third relation it may mean a merged column.
            for name in join.args.get("using") or ():
                yield from _of_using(name.name, scope, scopes, reach)


def _is_told_apart_from_null(source: Source, scope: Scope, scopes: Scopes) -> bool:
    """Say whether a term of WHERE cannot be TRUE where every column of the source is NULL."""
    where = scope.select.args.get("where")
    for term in conjuncts(where.this if where is not None else None):
        if isinstance(term, exp.Not) and isinstance(term.this.unnest(), exp.Is) and isinstance(term.this.unnest().expression, exp.Null):
            sides = [term.this.unnest().this]
        elif isinstance(term, exp.EQ | exp.NEQ | exp.LT | exp.LTE | exp.GT | exp.GTE | exp.Like | exp.ILike):
            sides = [term.left, term.right]
        elif isinstance(term, exp.In | exp.Between):
            sides = [term.this]
        else:
            continue
        for side in sides:
            resolved = scopes.resolve(side.unnest()) if isinstance(side.unnest(), exp.Column) else None
            if resolved is not None and resolved.source is source:
                return True
    return False


def reach_of(join: exp.Join, sources: list[Source]) -> list[Source]:
    """Return the sources that a term of a join's ON may restrict."""
    side, kind = join.side.upper(), join.kind.upper()
    if side == "FULL":
        return []
    if side == "LEFT" or kind == "ANTI":
        return sources[-1:]
    return sources[:-1] if side == "RIGHT" else sources


def _of_term(term: Node, scope: Scope, scopes: Scopes, reach: Sequence[Source]) -> Iterator[LinkedSources]:
    if isinstance(term, exp.EQ):
        for one, other in ((term.left, term.right), (term.right, term.left)):
            query = _query(other)
            if isinstance(query, exp.Any):
                yield from _of_membership(one, query.this, scope, scopes, reach)
            elif query is not None:
                # More rows than one are an error that a narrower subquery would hide: it is not restricted in turn.
                yield from _between(_restricted(one, scope, scopes, reach), _first_output(query, scopes))
            else:
                yield from _between(_restricted(one, scope, scopes, reach), _provider(other, scope, scopes))
    elif isinstance(term, exp.In) and term.args.get("query") is not None:
        yield from _of_membership(term.this, term.args["query"], scope, scopes, reach)
    elif isinstance(term, exp.Exists):
        yield from _of_existence(term, scope, scopes, reach)
    elif isinstance(term, exp.Or):
        yield from _of_disjunction(term, scope, scopes, reach)


def _query(node: Node) -> Node | None:
    node = node.unnest()
    return node if isinstance(node, exp.Any | exp.Query) else None


def _of_membership(node: Node, query: Node, scope: Scope, scopes: Scopes, reach: Sequence[Source]) -> Iterator[LinkedSources]:
    """Yield the links of ``column IN (SELECT ...)``, both ways."""
    yield from _among(_restricted(node, scope, scopes, reach), query, scopes)
    outer = _provider(node, scope, scopes)
    for inner, where in into(query, scopes):
        yield from _between(_restricted(inner, where, scopes, where.sources), outer)


def _of_disjunction(term: exp.Or, scope: Scope, scopes: Scopes, reach: Sequence[Source]) -> Iterator[LinkedSources]:
    """Yield the links of ``column = 'a' OR column IN (SELECT ...)``: of one column of texts."""
    nodes: list[Node] = []
    sides: list[Node] = []
    values: list[str] = []
    for each in disjuncts(term):
        if isinstance(each, exp.In) and each.args.get("query") is not None:
            sides += _sides(each.args["query"])
        elif isinstance(each, exp.In | exp.EQ):
            items = each.expressions if isinstance(each, exp.In) else [each.expression]
            if not items or not all(isinstance(item, exp.Literal) and item.is_string for item in items):
                return
            values += [item.name for item in items]
        else:
            return
        nodes.append(each.this)
    providers = [_first_output(side, scopes) for side in sides]
    others = [_restricted(node, scope, scopes, reach) for node in nodes[1:]]
    for place in _restricted(nodes[0], scope, scopes, reach):
        same = all(any(each.source is place.source and each.column is place.column for each in found) for found in others)
        found = [link for provider in providers for link in _between([place], provider)] if same else []
        if found and len(found) == len(sides) and place.column.type is SqlType.VARCHAR:
            yield from (replace(link, union=id(term), values=tuple(values)) for link in found)


def _among(restricted: Sequence[_Place], query: Node, scopes: Scopes) -> Iterator[LinkedSources]:
    """Yield the links to every side of a UNION, or to a plain SELECT."""
    sides = [_first_output(side, scopes) for side in _sides(query)]
    if len(sides) == 1:
        yield from _between(restricted, sides[0])
        return
    for place in restricted:
        found = [link for side in sides for link in _between([place], side)]
        if len(found) == len(sides):
            yield from (replace(link, union=id(query)) for link in found)


def _sides(query: Node) -> list[Node]:
    """Return the queries whose rows a set operation may give: both of a UNION, the first of EXCEPT and INTERSECT."""
    query = query.unnest()
    if isinstance(query, exp.Union):
        return [*_sides(query.this), *_sides(query.expression)]
    return _sides(query.this) if isinstance(query, exp.SetOperation) else [query]


def _of_existence(term: exp.Exists, scope: Scope, scopes: Scopes, reach: Sequence[Source]) -> Iterator[LinkedSources]:
    """Yield the links of ``EXISTS (SELECT ... WHERE inner.column = outer.column)`` to the outer side.

    Those to the inner side are those of any correlated equality.
    """
    select = term.this.unnest()
    inner = scopes.scope_of(select) if isinstance(select, exp.Select) else None
    where = select.args.get("where") if inner is not None else None
    if inner is None or where is None or not _has_rows_of_its_own(select):
        return
    for each in conjuncts(where.this):
        if not isinstance(each, exp.EQ):
            continue
        for one, other in ((each.left, each.right), (each.right, each.left)):
            yield from _between(_restricted(one, scope, scopes, reach), _provider(other, inner, scopes, own=True))


def _has_rows_of_its_own(select: Node) -> bool:
    """Say whether a SELECT gives a row only where its WHERE holds for one."""
    if any(select.args.get(key) for key in _MORE_THAN_ROWS):
        return False
    group = select.args.get("group")
    if group is not None:
        return not any(group.args.get(key) for key in ("grouping_sets", "cube", "rollup", "totals"))
    plain = (exp.Column, exp.Literal, exp.Star, exp.Alias, exp.Identifier, exp.Null, exp.Boolean, exp.TableAlias)
    return all(isinstance(node, plain) for item in select.args["expressions"] for node in item.walk())


def _of_using(name: str, scope: Scope, scopes: Scopes, reach: Sequence[Source]) -> Iterator[LinkedSources]:
    places = [_named(source, name) for source in scope.sources[:2]]
    for one, other in (places, places[::-1]):
        if one is not None and any(each is one.source for each in reach):
            yield from _between([one], other)


def _named(source: Source, name: str) -> _Place | None:
    column = source.table.column(name) if source.table is not None and source.pushable else None
    return _Place(source, column) if column is not None else None


def _between(restricted: Sequence[_Place], provider: _Place | _OwnRows | None) -> Iterator[LinkedSources]:
    for each in restricted:
        if isinstance(provider, _OwnRows):
            yield LinkedSources(each.source, each.column.name, provider.source, provider.column)
        elif provider is not None and each.source is not provider.source and each.column.type is provider.column.type:
            yield LinkedSources(each.source, each.column.name, provider.source, provider.column.name)


def _restricted(node: Node, scope: Scope, scopes: Scopes, reach: Sequence[Source]) -> list[_Place]:
    """Return the tables whose rows a term on ``node`` restricts: the source's own, or those inside a subquery or CTE."""
    node = node.unnest()
    if not isinstance(node, exp.Column | exp.Dot):
        return []
    resolved = scopes.resolve(node)
    if resolved is not None:
        own = resolved.scope is scope and not resolved.rest and resolved.source.pushable
        return [_Place(resolved.source, resolved.column)] if own and any(each is resolved.source for each in reach) else []
    return [
        place
        for inner, where, through in descend(node, scope, scopes)
        if any(each is through for each in reach)
        for place in _restricted(inner, where, scopes, where.sources)
    ]


def _provider(node: Node, scope: Scope, scopes: Scopes, *, own: bool = False) -> _Place | _OwnRows | None:
    """Return the column whose values are all that ``node`` may have; with ``own`` one of this scope alone."""
    found = origin(node.unnest(), scope, scopes)
    if found is None:
        return _own_rows(node.unnest(), scope)
    if own and not found.own:
        return None
    return _Place(found.source, found.column)


def _own_rows(node: Node, scope: Scope) -> _OwnRows | None:
    """Return the column of a relation of the connection's own that a name of this scope stands for."""
    parts = column_parts(node) if isinstance(node, exp.Column) else None
    if not parts or len(parts) > 2 or scope.natural or parts[-1].name.lower() in scope.merged:
        return None
    name = parts[-1].name.lower()
    if len(parts) == 1 and any(each.table is None and not isinstance(each.relation, Local) for each in scope.sources):
        return None  # a subquery may have the name too
    named = [each for each in scope.sources if len(parts) == 1 or each.alias.lower() == parts[0].name.lower()]
    having = [each for each in named if _has(each, name)]
    (source,) = having if len(having) == 1 else (None,)
    return _OwnRows(source, name) if source is not None and source.pushable and isinstance(source.relation, Local) else None


def _has(source: Source, name: str) -> bool:
    if isinstance(source.relation, Local):
        return name in {each.lower() for each in source.relation.columns}
    return source.table is not None and source.table.column(name) is not None


def _first_output(query: Node, scopes: Scopes) -> _Place | _OwnRows | None:
    """Return the column whose values are all that the only output of a subquery may have."""
    select = query.unnest()
    scope = scopes.scope_of(select) if isinstance(select, exp.Select) and len(select.expressions) == 1 else None
    return _provider(select.expressions[0].unalias(), scope, scopes) if scope is not None else None
