"""Find what each FROM of a statement reads, and what each column name refers to.

In: a tree and a function from names to relations. Out: ``Scope`` per SELECT, with its sources; ``resolve`` for a
column. Where a name cannot be attributed with certainty the answer is None, and nothing is pushed for it.
"""

from __future__ import annotations

from sqlglot import exp

from stripesql.sql.ctes import inside_with, visible_cte
from stripesql.sql.resolution import is_known, qualified, unqualified
from stripesql.sql.sources import FindRelation, Resolved, Scope, Source
from stripesql.sql.tree import Node, arg, column_parts
from stripesql.types import SqlType


class Scopes:
    """Hold the scopes of one statement."""

    def __init__(self, tree: Node, find: FindRelation) -> None:
        """Find all scopes; ``find(schema, name)`` answers None for an unknown relation."""
        self._find = find
        self._by_select: dict[int, Scope] = {}
        self.tables: list[Source] = []
        """every Table node that is not a CTE, in the order of the text, known or not"""
        self._by_node: dict[int, Source] = {}
        self._scope_of_node: dict[int, tuple[Node, Scope | None]] = {}
        self._uses: dict[int, int] = {}
        for select in tree.find_all(exp.Select):
            self._scope(select)
        for node in tree.find_all(exp.Table):
            if id(node) not in self._by_node:
                self._source(node, pushable=False)
        self.tables.sort(key=_start)

    def of(self, node: Node) -> Scope | None:
        """Return the scope whose columns ``node`` may use."""
        path: list[Node] = []
        at: Node | None = node
        found: Scope | None = None
        while at is not None:
            known = self._scope_of_node.get(id(at))
            if known is not None and known[0] is at:
                found = known[1]
                break
            path.append(at)
            at = at.parent
            if isinstance(at, exp.Select) and not inside_with(at, node):
                found = self._by_select.get(id(at))
                break
        # A long conjunction is a deep tree: each of its nodes is climbed once. The node is kept, so that its id stays its own.
        for each in path:
            self._scope_of_node[id(each)] = (each, found)
        return found

    def uses_of(self, query: Node) -> int:
        """Return how often a CTE is read; 0 for a subquery, which is read where it stands."""
        return self._uses.get(id(query), 0)

    def scope_of(self, select: exp.Select) -> Scope | None:
        """Return the scope of a SELECT itself."""
        return self._by_select.get(id(select))

    def all(self) -> list[Scope]:
        """Return all scopes."""
        return list(self._by_select.values())

    # -- building

    def _scope(self, select: exp.Select) -> Scope:
        known = self._by_select.get(id(select))
        if known is not None:
            return known
        around = select.find_ancestor(exp.Select)
        while around is not None and inside_with(around, select):
            around = around.find_ancestor(exp.Select)
        scope = Scope(select, parent=self._scope(around) if around is not None else None)
        self._by_select[id(select)] = scope
        origin = arg(select, "from")
        if origin is not None:
            self._add(scope, origin.this, None)
        for join in select.args.get("joins") or ():
            self._join(scope, join)
        for lateral in select.args.get("laterals") or ():
            self._add(scope, lateral, None)
        if select.args.get("sample") is not None:
            _forbid(scope.sources)
        return scope

    def _join(self, scope: Scope, join: exp.Join) -> None:
        before = list(scope.sources)
        self._add(scope, join.this, join)
        added = scope.sources[len(before) :]
        side, method = join.side.upper(), join.method.upper()
        if side in ("LEFT", "FULL"):
            _extend(added)
        if side in ("RIGHT", "FULL"):
            _extend(before)
        if method == "NATURAL":
            scope.natural = True
        elif method == "POSITIONAL":
            _forbid(scope.sources)
        elif method == "ASOF":
            # The nearest row is chosen before WHERE is applied: a narrower right side would choose another one.
            _forbid(added)
        scope.merged.update(each.name.lower() for each in join.args.get("using") or ())

    def _add(self, scope: Scope, node: Node, join: exp.Join | None) -> None:
        if isinstance(node, exp.Table):
            source = self._source(node, pushable=True)
            source.join = join
            scope.sources.append(source)
            for nested in node.args.get("joins") or ():
                scope.plain = False
                self._join(scope, nested)
        elif isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table):
            # (a JOIN b ON ...): which joins extend what is no longer a matter of their order.
            scope.plain = False
            self._add(scope, node.this, join)
        elif isinstance(node, exp.Subquery):
            scope.sources.append(
                Source(
                    node.alias_or_name,
                    node,
                    query=node.this,
                    join=join,
                    pushable=not node.args.get("pivots") and not node.args.get("sample"),
                )
            )
        else:
            scope.sources.append(Source(node.alias_or_name, node, join=join, pushable=False))

    def _source(self, node: exp.Table, *, pushable: bool) -> Source:
        alias = node.args.get("alias")
        renamed = alias is not None and bool(alias.args.get("columns"))
        plain = pushable and not renamed and not node.args.get("pivots") and not node.args.get("sample")
        source = Source(node.alias_or_name, node, pushable=plain)
        self._by_node[id(node)] = source
        if not isinstance(node.this, exp.Identifier):
            source.pushable = False
            return source
        source.query = visible_cte(node) if not node.args.get("db") else None
        if source.query is not None:
            self._uses[id(source.query)] = self._uses.get(id(source.query), 0) + 1
        if source.query is None:
            source.relation = self._find(node.args["db"].name if node.args.get("db") else None, node.name)
            self.tables.append(source)
        return source

    # -- resolving

    def resolve(self, node: Node) -> Resolved | None:
        """Return the catalogue column that a name or dotted path refers to, or None where that is not certain."""
        parts = column_parts(node)
        scope = self.of(node)
        while parts and scope is not None:
            names = tuple(part.name for part in parts)
            found = qualified(scope, names) or unqualified(scope, names)
            if found is not None or is_known(scope, names):
                return found
            scope = scope.parent
        return None

    def type_of(self, node: Node) -> SqlType | None:
        """Return the type of a column name, followed through subqueries and CTEs; None where it is not certain."""
        resolved = self.resolve(node)
        if resolved is not None:
            return None if resolved.rest else resolved.column.type
        parts = column_parts(node)
        scope = self.of(node)
        if not parts or len(parts) > 2 or scope is None:
            return None
        names = [part.name.lower() for part in parts]
        for source in scope.sources:
            if source.query is not None and (len(names) == 1 or source.alias.lower() == names[0]):
                found = self._output_type(source.query, names[-1], depth=0)
                if found is not None:
                    return found
        return None

    def _output_type(self, query: Node, name: str, depth: int) -> SqlType | None:
        while isinstance(query, exp.Subquery | exp.SetOperation):
            query = query.this
        scope = self._by_select.get(id(query))
        if scope is None or depth > 20:
            return None
        for item in scope.select.expressions:
            if item.alias_or_name.lower() == name and not isinstance(item, exp.Star):
                inner = item.unalias() if isinstance(item, exp.Alias) else item
                return self.type_of(inner) if column_parts(inner) else None
        if any(item.is_star for item in scope.select.expressions):
            for source in scope.sources:
                if source.table is not None and (column := source.table.column(name)) is not None:
                    return column.type
                if source.query is not None and (found := self._output_type(source.query, name, depth + 1)) is not None:
                    return found
        return None


def _start(source: Source) -> int:
    return int(source.node.this.meta.get("start") or 0) if isinstance(source.node.this, exp.Identifier) else 0


def _forbid(sources: list[Source]) -> None:
    for source in sources:
        source.pushable = False


def _extend(sources: list[Source]) -> None:
    for source in sources:
        source.extended = True
