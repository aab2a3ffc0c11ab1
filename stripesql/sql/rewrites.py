"""Give the splices by which the engine reads scans: names of tables, schemas of columns, stars without hidden columns.

In: the text's tokens, tree and scopes. Out: splices. Dotted paths are the business of ``paths``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from sqlglot import exp

from stripesql.errors import NotSupportedError
from stripesql.sql.lexer import Token
from stripesql.sql.scopes import Scopes
from stripesql.sql.sources import Scope, Source
from stripesql.sql.splice import Splice, quoted
from stripesql.sql.tree import Node, arg, span

Hidden = Mapping[int, AbstractSet[str]]
"""Hidden columns that the text uses, by the identity of their source."""


def table_splices(stream: Sequence[Token], scopes: Scopes) -> list[tuple[Node, Splice]]:
    """Return the splice that puts its scan in the place of each table."""
    found: list[tuple[Node, Splice]] = []
    for index, source in enumerate(scopes.tables):
        node = source.node
        schema = span(node.args["db"]) if node.args.get("db") else None
        name = span(node.this)
        if name is None:
            raise NotSupportedError(f"the table {node.name} stands where stripesql cannot see it")
        start = schema[0] if schema is not None else name[0]
        in_from = isinstance(node.parent, exp.From | exp.Join | exp.Subquery | exp.Table) and _word_before(stream, start) != "table"
        alias = f" AS {quoted(node.name)}" if in_from and not node.args.get("alias") else ""
        found.append((node, Splice(start, name[1], f"__scan_{index}{alias}")))
    return found


def _word_before(stream: Sequence[Token], start: int) -> str:
    before = [token for token in stream if token.end <= start]
    return before[-1].word if before else ""


def schema_splices(tree: Node, scopes: Scopes) -> list[Splice]:
    """Return the splices that make ``customers.id`` of ``stripe.customers.id``: the engine knows a table by its alias alone."""
    found = []
    for node in tree.find_all(exp.Column):
        schema, table = node.args.get("db"), node.args.get("table")
        if schema is None or table is None or node.args.get("catalog"):
            continue
        start, end = span(schema), span(table)
        source = _named(scopes.of(node), schema.name.lower(), table.name.lower())
        if source is not None and start is not None and end is not None:
            found.append(Splice(start[0], end[1], quoted(source.alias)))
    return found


def _named(scope: Scope | None, schema: str, alias: str) -> Source | None:
    while scope is not None:
        for source in scope.sources:
            own = source.node.args.get("db")
            if own is not None and own.name.lower() == schema and source.alias.lower() == alias:
                return source
        scope = scope.parent
    return None


def star_splices(text: str, stream: Sequence[Token], tree: Node, scopes: Scopes, hidden: Hidden) -> list[Splice]:
    """Return the splices that keep hidden columns, which the text uses elsewhere, out of every ``*``.

    Raises:
        NotSupportedError: a construct that would show a hidden column, or join on it.
    """
    if not any(hidden.values()):
        return []
    for scope in scopes.all():
        if scope.natural and (names := [name for source in scope.sources for name in sorted(hidden.get(id(source), ()))]):
            raise NotSupportedError(f'NATURAL JOIN would join on the hidden column "{names[0]}" as well; write USING or ON')
    found = []
    for star in tree.find_all(exp.Star):
        around = scopes.of(star)
        if around is None or isinstance(star.parent, exp.Count):
            continue
        table = star.parent.args.get("table") if isinstance(star.parent, exp.Column) else None
        columns = [
            f"{quoted(source.alias)}.{quoted(name)}"
            for source in around.sources
            if table is None or table.name.lower() == source.alias.lower()
            for name in sorted(hidden.get(id(source), ()))
        ]
        if columns:
            found.append(_exclude(text, stream, star, around, columns))
    return found


def _exclude(text: str, stream: Sequence[Token], star: Node, scope: Scope, columns: Sequence[str]) -> Splice:
    where = span(star)
    listed = ", ".join(columns)
    if where is None or text[where[0] : where[1]] != "*":
        # FROM without SELECT: the star has no place in the text.
        start = _start_of_from(stream, scope)
        return Splice(start, start, f"SELECT * EXCLUDE ({listed}) ")
    following = [token for token in stream if token.start >= where[1]]
    if arg(star, "except") and len(following) > 1:
        first = following[1]
        if first.text == "(":
            return Splice(first.end, first.end, listed + ", ")
        return Splice(first.start, first.end, f"({listed}, {first.text})")
    return Splice(where[1], where[1], f" EXCLUDE ({listed})")


def _start_of_from(stream: Sequence[Token], scope: Scope) -> int:
    starts = [where[0] for source in scope.sources if isinstance(source.node, exp.Table) and (where := span(source.node.this)) is not None]
    before = [token for token in stream if token.word == "from" and starts and token.end <= min(starts)]
    if not before:
        raise NotSupportedError("FROM without SELECT cannot use hidden columns here; write SELECT with the columns")
    return before[-1].start
