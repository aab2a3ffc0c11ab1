"""Give each term of WHERE and ON to the scans that it may restrict.

Where a term may go is the law here: not into a side that NULLs may stand for, unless it rejects them, nor before a
sample, a PIVOT or a choice of the nearest row.

In: scopes, links and a reader of terms. Out: conjuncts, in the drafts of the scans.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from stripesql.predicate import Conjunct, Opaque, renamed
from stripesql.sql.constants import Constants, is_constant
from stripesql.sql.descend import descend
from stripesql.sql.links import LinkedSources, reach_of
from stripesql.sql.own import own_test
from stripesql.sql.paths import column_nodes
from stripesql.sql.predicates import Demand, Reader, rejects_null
from stripesql.sql.scopes import Scopes
from stripesql.sql.sources import Scope, Source
from stripesql.sql.tree import Node, conjuncts, text_of


@dataclass(slots=True)
class Draft:
    """Collect what is known of one source while terms are read."""

    source: Source
    name: str
    conjuncts: list[Conjunct] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    expand: set[str] = field(default_factory=set)
    tests: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reading:
    """Say what terms are read with; ``by_source`` gives the draft of a source by its identity, ``tests`` asks for own tests."""

    scopes: Scopes
    constants: Constants
    zone: str
    by_source: dict[int, Draft]
    tests: bool = False


def read_terms(scope: Scope, reading: Reading) -> None:
    """Give every term of a SELECT to the drafts that it restricts."""
    for term, reach in _terms(scope):
        _assign(term, scope, reach, reading)
        _assign_inner(term, scope, reach, reading)


def _terms(scope: Scope) -> Iterator[tuple[Node, Sequence[Source]]]:
    """Yield the terms of WHERE and ON, each with the sources that it may restrict."""
    where = scope.select.args.get("where")
    for term in conjuncts(where.this if where is not None else None):
        yield term, scope.sources
    for index, source in enumerate(scope.sources if scope.plain else ()):
        join = source.join
        if join is not None and join.args.get("on") is not None and not join.method:
            reach = reach_of(join, scope.sources[: index + 1])
            for term in conjuncts(join.args["on"]):
                yield term, reach


def _assign(term: Node, scope: Scope, reach: Sequence[Source], reading: Reading) -> None:
    """Give a term to every draft that it speaks of: as a predicate where it may be pushed, else as opaque."""
    demands = Reader(reading.scopes, scope, reading.constants, reading.zone).demands(term)
    text = text_of(term)
    if reading.tests:
        _add_tests(term, reach, reading)
    given: set[int] = set()
    for demand in demands:
        for source in reach if demand.source is None else [demand.source]:
            draft = reading.by_source.get(id(source))
            if draft is not None and _may_push(demand, source, reach):
                draft.conjuncts.append(Conjunct(demand.predicate, text))
                given.add(id(source))
    if is_constant(term):
        return
    spoken = _spoken_of(term, reading.scopes, scope)
    opaque = Opaque(joins=_is_equality_of_columns(term) and len({id(each) for each in spoken}) > 1)
    for source in spoken:
        # What an outer join's ON says of the side that it keeps leaves no row out.
        reaches = id(source) not in given and any(each is source for each in reach)
        if reaches and (draft := reading.by_source.get(id(source))) is not None:
            draft.conjuncts.append(Conjunct(opaque, text))


def _add_tests(term: Node, reach: Sequence[Source], reading: Reading) -> None:
    """Add a term to the tests of the only source that it speaks of, where the source's own rows must pass it."""
    for source in reach:
        draft = reading.by_source.get(id(source))
        if draft is not None and source.pushable and not source.extended and (test := own_test(term, source, reading.scopes)) is not None:
            draft.tests.append(test)


def _is_equality_of_columns(term: Node) -> bool:
    return isinstance(term, exp.EQ) and all(isinstance(side.unnest(), exp.Column) for side in (term.left, term.right))


def _assign_inner(term: Node, scope: Scope, reach: Sequence[Source], reading: Reading) -> None:
    """Give a term to the tables inside the subquery or CTE that it speaks of."""
    for inner, where, through in descend(term, scope, reading.scopes):
        if all(each is not through for each in reach):
            continue
        if reading.tests and not through.extended:
            _add_tests(inner, where.sources, reading)
        for demand in Reader(reading.scopes, where, reading.constants, reading.zone).demands(inner):
            draft = reading.by_source.get(id(demand.source))
            if draft is None or demand.source is None:
                continue
            if isinstance(demand.predicate, Opaque):
                # Nothing to push, and a LIMIT must not travel past it.
                draft.conjuncts.append(Conjunct(Opaque(), text_of(term)))
            elif _may_push(demand, demand.source, where.sources) and (not through.extended or rejects_null(demand.predicate)):
                draft.conjuncts.append(Conjunct(demand.predicate, text_of(term)))


def carry_over(found: Iterable[LinkedSources], by_source: dict[int, Draft]) -> None:
    """Give what is demanded of one side of an equality to the other: ``a.created > x AND a.created = b.created``."""
    for _ in range(2):
        for each in found:
            if each.union:
                continue  # the other side may be another's
            own, other = by_source.get(id(each.source)), by_source.get(id(each.other))
            if own is None or other is None:
                continue
            known = {conjunct.predicate for conjunct in own.conjuncts}
            for conjunct in list(other.conjuncts):
                carried = renamed(conjunct.predicate, each.other_column, each.column)
                if carried is not None and carried not in known:
                    own.conjuncts.append(Conjunct(carried, conjunct.text))
                    known.add(carried)


def _may_push(demand: Demand, source: Source, reach: Sequence[Source]) -> bool:
    if not source.pushable or all(each is not source for each in reach):
        return False
    if isinstance(demand.predicate, Opaque):
        return True
    # The ON of a LEFT JOIN restricts its right side before NULLs are put in its place; the rule here is the stricter one.
    return not source.extended or rejects_null(demand.predicate)


def _spoken_of(term: Node, scopes: Scopes, scope: Scope) -> list[Source]:
    """Return the sources of this scope whose rows a term may tell apart; all of them where a name is not certain."""
    found: list[Source] = []
    for node in column_nodes(term):
        resolved = scopes.resolve(node)
        if resolved is None:
            return scope.sources
        found.append(resolved.source)
    # What a subquery inside the term reads is not told apart by it.
    own = [each for each in scope.sources if any(each is other for other in found)]
    return own or scope.sources
