"""Read one query: what it asks of which table, and the text that the engine runs.

In: SQL text with its parameters bound, the relations, the session's zone and the statement's time. Out: ``Analysis``.
Nothing is fetched, and no engine is called but to compute constants.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final
from zoneinfo import ZoneInfo

from sqlglot import exp

from stripesql.catalogue.relations import Local, Relation
from stripesql.errors import NotSupportedError, SqlSyntaxError, UnknownName
from stripesql.predicate import Conjunct
from stripesql.sql.constants import Constants, Evaluate, is_constant
from stripesql.sql.ctes import visible_cte
from stripesql.sql.functions import check_names, check_table_functions
from stripesql.sql.labels import keep_labels
from stripesql.sql.lexer import Token, TokenKind, code, position
from stripesql.sql.limits import Need, need_of, reads_all
from stripesql.sql.links import LinkedSources, links
from stripesql.sql.losses import may_lose_rows
from stripesql.sql.paths import column_nodes, rewrite_paths
from stripesql.sql.rewrites import Hidden, schema_splices, star_splices, table_splices
from stripesql.sql.scopes import Scopes
from stripesql.sql.sources import FindRelation, Scope
from stripesql.sql.splice import Splice, apply
from stripesql.sql.temporal import symbolic_literals
from stripesql.sql.terms import Draft, Reading, carry_over, read_terms
from stripesql.sql.tree import Node, parse, span, text_of
from stripesql.sql.unparsed import check_syntax, find_relations

_FORBIDDEN: Final = (exp.DML, exp.DDL, exp.Copy, exp.Set, exp.Pragma, exp.Attach, exp.Detach, exp.Use, exp.Drop, exp.Into)
# A value may need another (a bound's instant needs the bound); no chain is longer than three.
_ROUNDS: Final = 6

_FILES: Final = (".csv", ".tsv", ".json", ".jsonl", ".parquet", ".xlsx", ".arrow", ".txt", ".gz", ".db", ".duckdb")


@dataclass(frozen=True, slots=True)
class Link:
    """Say that only rows matter whose ``column`` is among the values of ``other_column`` of the occurrence ``other``.

    Links with the same ``union``, which is not 0, say so together, and with ``values``; some may be to the connection's own rows.
    """

    column: str
    other: str
    other_column: str
    union: int = 0
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Say one use of a relation.

    Attributes:
        name: name by which the engine's text reads it.
        relation: what it is.
        alias: the user's name for it.
        conjuncts: what the query demands of its rows; opaque ones cannot be pushed.
        hidden: hidden columns that the query uses, in the order of the table.
        expand: columns that the query names and that Stripe leaves out unless they are asked for.
        mentioned: lower-case names that the text mentions, a superset of the columns used; None where it may be any.
        limit: rows that suffice when every conjunct is pushed exactly; None for all.
        newest: newest rows that suffice, with the ties of the last, when every conjunct is pushed exactly; None for all.
        repeated: the engine may read it more than once.
        reads_all: the query reads it to the end in any case.
        links: other occurrences that restrict its rows.
        own_keys: (column, a relation of the connection's own, its column): only rows matter whose column is among its values.
        may_lose: rows of it may be missing without any row of the answer being wrong.
        tests: SQL over its columns that the query asks of its rows alone; only where the context wants it.
    """

    name: str
    relation: Relation
    alias: str
    conjuncts: tuple[Conjunct, ...] = ()
    hidden: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    mentioned: frozenset[str] | None = None
    limit: int | None = None
    newest: int | None = None
    repeated: bool = False
    reads_all: bool = False
    links: tuple[Link, ...] = ()
    own_keys: tuple[tuple[str, str, str], ...] = ()
    may_lose: bool = False
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """Say a query that was read.

    Attributes:
        text: SQL for the engine.
        occurrences: the relations that it reads, in the order of the text.
        may_stop: the engine may stop before it has read all rows.
    """

    text: str
    occurrences: tuple[Occurrence, ...]
    may_stop: bool = True


@dataclass(frozen=True, slots=True)
class Context:
    """Say what reading depends on beside the text.

    Attributes:
        find: gives the relation of a (schema, name), or None.
        names: all relation names, for "did you mean".
        evaluate: computes constants.
        zone: the session's time zone.
        now: the statement's time, aware.
        tests: tell for each relation what is asked of its rows alone.
    """

    find: FindRelation
    names: Sequence[str]
    evaluate: Evaluate
    zone: str
    now: dt.datetime
    tests: bool = False


def analyze(text: str, context: Context) -> Analysis:
    """Return what a query asks.

    What DuckDB can parse and sqlglot cannot is read by its tokens alone: every column, nothing pushed.

    Raises:
        SqlSyntaxError: the text does not parse.
        UnknownName: a table that does not exist.
        NotSupportedError: a function or a kind of statement that is refused.
    """
    head = re.match(r"\s*describe\s+", text, re.IGNORECASE)
    body = text[head.end() :] if head else text
    stream = code(body)
    check_names(body, stream)
    try:
        found = _by_tree(body, stream, parse(body), context)
    except (SqlSyntaxError, RecursionError) as problem:
        found = _by_tokens(body, stream, problem, context)
    return replace(found, text=f"DESCRIBE {found.text}") if head else found


def _by_tokens(text: str, stream: Sequence[Token], problem: SqlSyntaxError | RecursionError, context: Context) -> Analysis:
    if isinstance(problem, SqlSyntaxError):
        check_syntax(text, context.evaluate, problem)
    found = find_relations(text, stream, context.find)
    for schema, name, offset in found.unknown:
        raise _unknown_table(text, schema, name, offset, context.names)
    # Every one may be read more than once: nothing is known of how the text uses it.
    occurrences = tuple(Occurrence(name, relation, name, repeated=True) for name, relation in found.relations.items())
    return Analysis(apply(text, found.splices), occurrences)


def _by_tree(text: str, stream: Sequence[Token], tree: Node, context: Context) -> Analysis:
    _check(tree)
    scopes = Scopes(tree, context.find)
    drafts = [Draft(source, f"__scan_{index}") for index, source in enumerate(scopes.tables)]
    for node in (draft.source.node for draft in drafts if draft.source.relation is None):
        where = span(node.this)
        raise _unknown_table(
            text, node.args["db"].name if node.args.get("db") else None, node.name, where[0] if where else None, context.names
        )
    by_source = {id(draft.source): draft for draft in drafts}
    words = _words(stream)
    _find_hidden(tree, scopes, by_source, words)

    # Found before paths are rewritten: a dotted path does not show the column's own name.
    named_columns = {resolved.column.name.lower() for node in column_nodes(tree) if (resolved := scopes.resolve(node)) is not None}
    symbols = symbolic_literals(tree, scopes, context.now.astimezone(ZoneInfo(context.zone)).date())
    splices = _splices(text, stream, tree, scopes, {key: draft.hidden for key, draft in by_source.items()}, symbols, context.evaluate)
    # Terms are read from the tree in which symbols are dates already.
    for node, replacement in symbols:
        node.replace(parse(replacement))
    linked = list(links(scopes))
    _read(scopes, drafts, Reading(scopes, Constants(context.evaluate), context.zone, by_source, context.tests))
    carry_over(linked, by_source)
    mentioned = words | named_columns if _names_all_columns(tree) else None
    own_links = _links(linked, by_source)
    return Analysis(
        apply(text, splices),
        tuple(
            replace(
                _occurrence(draft, scopes, mentioned),
                links=tuple(own_links.get(draft.name, ())),
                own_keys=tuple(dict.fromkeys(_own_keys(draft, linked))),
            )
            for draft in drafts
        ),
        may_stop=tree.find(exp.Limit, exp.Fetch, exp.Offset, exp.Exists) is not None,
    )


def _read(scopes: Scopes, drafts: Sequence[Draft], reading: Reading) -> None:
    for _ in range(_ROUNDS):
        for draft in drafts:
            draft.conjuncts.clear()
            draft.tests.clear()
        for scope in scopes.all():
            read_terms(scope, reading)
        if not reading.constants.fetch():
            return


def _splices(
    text: str,
    stream: Sequence[Token],
    tree: Node,
    scopes: Scopes,
    hidden: Hidden,
    symbols: Sequence[tuple[Node, str]],
    evaluate: Evaluate,
) -> list[Splice]:
    tables = table_splices(stream, scopes)
    paths = list(rewrite_paths(text, stream, tree, scopes, hidden))
    dates = [(node, Splice(*where, replacement)) for node, replacement in symbols if (where := span(node)) is not None]
    changed: list[tuple[Node, Splice, str | None]] = [(node, splice, None) for node, splice in [*tables, *dates]]
    changed += [(each.node, each.splice, each.label) for each in paths]
    labels = keep_labels(text, stream, changed, evaluate)
    return [
        *(splice for _, splice, _ in changed),
        *star_splices(text, stream, tree, scopes, hidden),
        *schema_splices(tree, scopes),
        *labels,
    ]


def _links(linked: Iterable[LinkedSources], by_source: dict[int, Draft]) -> dict[str, list[Link]]:
    found: dict[str, list[Link]] = {}
    for each in linked:
        own, other = by_source.get(id(each.source)), by_source.get(id(each.other))
        if own is None or other is None or each.source.table is None:
            continue
        if each.other.table is not None or each.union:
            found.setdefault(own.name, []).append(Link(each.column, other.name, each.other_column, each.union, each.values))
    return found


def _own_keys(draft: Draft, linked: Iterable[LinkedSources]) -> Iterator[tuple[str, str, str]]:
    for each in linked:
        if each.source is draft.source and isinstance(each.other.relation, Local) and not each.union:
            yield each.column, each.other.relation.name, each.other_column


def _check(tree: Node) -> None:
    refused = tree if isinstance(tree, _FORBIDDEN) else tree.find(*_FORBIDDEN)
    if refused is not None:
        raise NotSupportedError(f"{refused.key.upper()} cannot be part of a query")
    if not isinstance(tree, exp.Query | exp.Values | exp.Pivot | exp.Summarize):
        # Its head is a query's: the parser took the rest for something else.
        raise SqlSyntaxError(f"the statement was read as {tree.key.upper()}")
    check_table_functions(tree)


def _unknown_table(text: str, schema: str | None, name: str, offset: int | None, names: Sequence[str]) -> UnknownName:
    written = f"{schema}.{name}" if schema is not None else name
    near = get_close_matches(name.lower(), names, n=1, cutoff=0.6)
    if "/" in name or name.lower().endswith(_FILES):
        hint = "; SQL reads no files here: read it in Python, and connection.register(name, frame) makes it a table"
        return UnknownName(f'there is no table "{written}"{hint}', position=position(text, offset) if offset is not None else None)
    hint = f'; did you mean "{near[0]}"?' if near else "; SHOW TABLES lists the tables"
    return UnknownName(f'there is no table "{written}"{hint}', position=position(text, offset) if offset is not None else None)


def _find_hidden(tree: Node, scopes: Scopes, by_source: dict[int, Draft], words: AbstractSet[str]) -> None:
    for node in column_nodes(tree):
        resolved = scopes.resolve(node)
        if resolved is None:
            continue
        if resolved.column.hidden:
            by_source[id(resolved.source)].hidden.add(resolved.column.name)
        if resolved.column.expand:
            by_source[id(resolved.source)].expand.add(resolved.column.name)
    if all(isinstance(star.parent, exp.Count) for star in tree.find_all(exp.Star)):
        return
    # A name may mean a column that a star has brought out of a subquery, unless it is but a table's.
    words -= {table.name.lower() for table in tree.find_all(exp.Table)} - {node.name.lower() for node in column_nodes(tree)}
    for draft in by_source.values():
        columns = draft.source.table.columns if draft.source.table is not None else ()
        draft.expand.update(column.name for column in columns if column.expand and not column.hidden and column.name.lower() in words)


def _words(stream: Sequence[Token]) -> frozenset[str]:
    """Return every name of the text, lower case."""
    return frozenset(token.text.strip('"`').lower() for token in stream if token.kind in (TokenKind.WORD, TokenKind.QUOTED))


def _names_all_columns(tree: Node) -> bool:
    """Say whether the text names every column that it uses."""
    if isinstance(tree, exp.Pivot | exp.Summarize) or tree.find(exp.Columns, exp.Pivot):
        return False
    if any(not isinstance(star.parent, exp.Count) for star in tree.find_all(exp.Star)):
        return False
    if any(join.method.upper() == "NATURAL" for join in tree.find_all(exp.Join)):
        return False
    return not any(alias.args.get("columns") for alias in tree.find_all(exp.TableAlias))


def _occurrence(draft: Draft, scopes: Scopes, mentioned: frozenset[str] | None) -> Occurrence:
    source = draft.source
    node, relation = source.node, source.relation
    if relation is None:  # pragma: no cover  unknown names were refused above
        raise UnknownName(f'there is no table "{node.name}"')
    scope = scopes.of(node)
    own = scope if scope is not None and any(each is source for each in scope.sources) else None
    order = [column.name for column in source.table.columns] if source.table is not None else []
    need = _need(draft, own, scopes)
    return Occurrence(
        draft.name,
        relation,
        source.alias,
        tuple(dict.fromkeys(draft.conjuncts)),
        tuple(name for name in order if name in draft.hidden),
        tuple(name for name in order if name in draft.expand),
        mentioned,
        need.rows,
        need.newest,
        _may_repeat(node),
        own is not None and reads_all(own),
        may_lose=source.table is not None and source.table.search_path is not None and may_lose_rows(source, own, scopes),
        tests=tuple(dict.fromkeys(draft.tests)),
    )


def _need(draft: Draft, own: Scope | None, scopes: Scopes) -> Need:
    """Return how many rows are needed: all, where a term leaves rows out that the scan does not know of."""
    need = need_of(draft.source, own, scopes) if own is not None else Need()
    told = {conjunct.text for conjunct in draft.conjuncts}
    return need if all(is_constant(term) or text_of(term) in told for term in need.terms) else Need()


def _may_repeat(node: Node) -> bool:
    """Say whether the engine may read the relation twice: under PIVOT, or in a CTE that is used more than once."""
    at = node.parent
    while at is not None:
        if isinstance(at, exp.Pivot):
            return True
        if isinstance(at, exp.CTE):
            query = at.this
            uses = sum(visible_cte(table) is query for table in node.root().find_all(exp.Table) if not table.args.get("db"))
            if uses > 1 or bool(at.parent is not None and at.parent.args.get("recursive")):
                return True
        at = at.parent
    return False
