"""Read the terms of WHERE and ON as predicates over single sources.

In: a term's tree, the scopes, the constants. Out: for each source, what the term demands of its rows. A term that is
not understood says nothing, which costs requests and never rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from stripesql.catalogue.model import Column, ColumnKind
from stripesql.predicate import (
    AnyOf,
    Comparison,
    Conjunct,
    Contains,
    Entry,
    InList,
    Never,
    NullTest,
    Opaque,
    Operator,
    Predicate,
    Prefix,
    Span,
    Value,
)
from stripesql.sql.constants import STRING_LITERAL, Constant, Constants, is_constant
from stripesql.sql.parts import key_taken, part_of
from stripesql.sql.scopes import Scopes
from stripesql.sql.sources import Scope, Source
from stripesql.sql.times import Spans, instant, local_time, year_of
from stripesql.sql.tree import Node, conjuncts, disjuncts, text_of
from stripesql.types import SqlType

_OPERATORS: Final[dict[type[Node], Operator]] = {
    exp.EQ: Operator.EQ,
    exp.NEQ: Operator.NE,
    exp.LT: Operator.LT,
    exp.LTE: Operator.LE,
    exp.GT: Operator.GT,
    exp.GTE: Operator.GE,
}
_FLIPPED: Final = {Operator.LT: Operator.GT, Operator.LE: Operator.GE, Operator.GT: Operator.LT, Operator.GE: Operator.LE}
_INTEGERS: Final = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"})


@dataclass(frozen=True, slots=True)
class Demand:
    """Say what a term demands: of one source, or of all of them (a constant term) where ``source`` is None."""

    source: Source | None
    predicate: Predicate


class Reader:
    """Read terms within one scope."""

    def __init__(self, scopes: Scopes, scope: Scope, constants: Constants, zone: str) -> None:
        self._scopes = scopes
        self._scope = scope
        self._constants = constants
        self._spans = Spans(constants, zone)

    def demands(self, term: Node) -> list[Demand]:
        """Return the demands of one term; all of them hold whenever the term is TRUE. Empty: nothing is known."""
        term = term.unnest()
        if is_constant(term):
            return self._constant_term(term)
        if isinstance(term, exp.Or):
            return self._disjunction(term)
        if isinstance(term, exp.Between):
            return [] if term.args.get("symmetric") else self._between(term)
        found = self._simple(term)
        return [found] if found is not None else []

    def _constant_term(self, term: Node) -> list[Demand]:
        value = self._constants.get(f"CAST({text_of(term)} AS BOOLEAN)")
        return [] if value is None or value.text == "true" else [Demand(None, Never())]

    def _between(self, term: exp.Between) -> list[Demand]:
        low, high = term.args["low"], term.args["high"]
        if self._column(term.this) is None and _is_literal(low) != _is_literal(high):
            return []  # the engine reads the literal as the other end's type, not as this expression's
        found = [self._comparison(term.this, Operator.GE, low), self._comparison(term.this, Operator.LE, high)]
        known = [each for each in found if each is not None]
        return [*known, Demand(known[0].source, Opaque())] if len(known) == 1 else known

    def _simple(self, term: Node) -> Demand | None:
        if term.args.get("negate"):  # NOT LIKE, in newer releases of sqlglot
            return None
        operator = _OPERATORS.get(type(term))
        if operator is not None and isinstance(term, exp.Binary):
            return self._comparison(term.left, operator, term.right)
        if isinstance(term, exp.NullSafeEQ):
            return self._null_safe(term)
        if isinstance(term, exp.In):
            return self._in(term)
        if isinstance(term, exp.Like | exp.StartsWith):
            return self._prefix(term) or self._part(term)
        if isinstance(term, exp.ILike | exp.Contains | exp.EndsWith):
            return self._part(term)
        if isinstance(term, exp.Is):
            return self._is(term)
        if isinstance(term, exp.Not):
            return self._not(term)
        return self._truth(term, True)

    # -- one kind of term each

    def _comparison(self, left: Node, operator: Operator, right: Node) -> Demand | None:
        if is_constant(left) and not is_constant(right):
            left, operator, right = right, _FLIPPED.get(operator, operator), left
        if not is_constant(right):
            return None
        found = self._column(left)
        if found is None:
            told = self._entry(left, [right]) or self._in_any_case(left, right) if operator is Operator.EQ else None
            return told or self._over_time(left, operator, right)
        source, column = found
        constant, value = self._value(column, right)
        if constant is not None and constant.text is None:
            return Demand(source, Never())
        return Demand(source, Comparison(_name(column), operator, value)) if value is not None else None

    def _over_time(self, left: Node, operator: Operator, right: Node) -> Demand | None:
        if operator is Operator.NE:
            return None
        if (local := local_time(left, self._is_time_column)) is not None:
            found = self._column(local.column)
            span = self._spans.compare(_name(found[1]), local, operator, right) if found is not None else None
            return Demand(found[0], span) if found is not None and span is not None else None
        if (local := year_of(left, self._is_time_column)) is not None:
            found, constant = self._column(local.column), self._constants.of(right)
            if found is None or constant is None or constant.type not in _INTEGERS or constant.text is None:
                return None
            span = self._spans.years(_name(found[1]), local, operator, int(constant.text))
            return Demand(found[0], span) if span is not None else None
        return None

    def _null_safe(self, term: exp.NullSafeEQ) -> Demand | None:
        demand = self._comparison(term.left, Operator.EQ, term.right)
        return None if demand is None or isinstance(demand.predicate, Never) else demand

    def _in(self, term: exp.In) -> Demand | None:
        items = term.expressions
        if not items or term.args.get("query") or term.args.get("unnest") or term.args.get("field") or not all(map(is_constant, items)):
            return None
        found = self._column(term.this)
        if found is None:
            return self._entry(term.this, items) or self._in_spans(term)
        source, column = found
        values: list[Value] = []
        for item in items:
            constant, value = self._value(column, item)
            if constant is not None and constant.text is None:
                continue
            if value is None:
                return None
            values.append(value)
        return Demand(source, InList(_name(column), tuple(dict.fromkeys(values))) if values else Never())

    def _in_spans(self, term: exp.In) -> Demand | None:
        """Return ``created::DATE IN (...)`` as a disjunction of spans; None where one of the values says nothing."""
        found = [self._over_time(term.this, Operator.EQ, item) for item in term.expressions]
        known = [each for each in found if each is not None]
        if len(known) < len(found):
            return None
        text = text_of(term)
        return Demand(known[0].source, AnyOf(tuple((Conjunct(each.predicate, text),) for each in known)))

    def _entry(self, node: Node, items: Iterable[Node]) -> Demand | None:
        """Return that a key of a map has one of the values."""
        taken = key_taken(node.unnest())
        resolved = self._scopes.resolve(taken[0]) if taken is not None and isinstance(taken[0], exp.Column | exp.Dot) else None
        if taken is None or resolved is None or resolved.scope is not self._scope or resolved.column.kind is not ColumnKind.MAP:
            return None
        keys = (*resolved.rest, *((taken[1],) if taken[1] is not None else ()))
        constants = [self._constants.of(item) for item in items]
        texts = [each.text for each in constants if each is not None and each.type in (STRING_LITERAL, "VARCHAR") and each.text]
        if len(keys) != 1 or not texts or len(texts) < len(constants):
            return None
        return Demand(resolved.source, Entry(_name(resolved.column), keys[0], tuple(dict.fromkeys(texts))))

    def _in_any_case(self, left: Node, right: Node) -> Demand | None:
        """Return ``lower(column) = 'text'`` as what it says of the column itself."""
        left = left.unnest()
        found = self._column(left.this) if isinstance(left, exp.Lower | exp.Upper) and isinstance(left.this, Node) else None
        constant = self._constants.of(right)
        if found is None or found[1].type is not SqlType.VARCHAR or constant is None or not constant.text or not constant.text.isascii():
            return None
        literal = constant.type in (STRING_LITERAL, "VARCHAR")
        return Demand(found[0], Contains(_name(found[1]), constant.text, any_case=True)) if literal else None

    def _part(self, term: Node) -> Demand | None:
        found, told = self._column(term.this), part_of(term)
        if found is None or told is None or found[1].type is not SqlType.VARCHAR:
            return None
        return Demand(found[0], Contains(_name(found[1]), *told))

    def _prefix(self, term: Node) -> Demand | None:
        found, pattern = self._column(term.this), term.expression
        if found is None or not isinstance(pattern, exp.Literal) or not pattern.is_string or found[1].type is not SqlType.VARCHAR:
            return None
        if isinstance(term, exp.StartsWith):
            return Demand(found[0], Prefix(_name(found[1]), pattern.name))
        text = pattern.name
        if not any(wildcard in text for wildcard in "%_"):
            return Demand(found[0], Comparison(_name(found[1]), Operator.EQ, text))
        if text.endswith("%") and not any(wildcard in text[:-1] for wildcard in "%_"):
            return Demand(found[0], Prefix(_name(found[1]), text[:-1]))
        return None

    def _is(self, term: exp.Is) -> Demand | None:
        value = term.expression
        if isinstance(value, exp.Null):
            found = self._column(term.this)
            return Demand(found[0], NullTest(_name(found[1]))) if found is not None else None
        return self._truth(term.this, bool(value.this)) if isinstance(value, exp.Boolean) else None

    def _not(self, term: exp.Not) -> Demand | None:
        inner = term.this.unnest()
        if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
            found = self._column(inner.this)
            return Demand(found[0], NullTest(_name(found[1]), negated=True)) if found is not None else None
        return self._truth(inner, False)

    def _truth(self, term: Node, truth: bool) -> Demand | None:
        found = self._column(term)
        if found is None or found[1].type is not SqlType.BOOLEAN:
            return None
        return Demand(found[0], Comparison(_name(found[1]), Operator.EQ, truth))

    def _disjunction(self, term: exp.Or) -> list[Demand]:
        branches = [self._branch(branch) for branch in disjuncts(term)]
        sources = {id(d.source): d.source for branch in branches for _, demands in branch for d in demands if d.source is not None}
        found = []
        for source in sources.values():
            parts = [_of_source(branch, source) for branch in branches]
            possible = [part for part in parts if not any(isinstance(each.predicate, Never) for each in part)]
            if all(any(not isinstance(each.predicate, Opaque) for each in part) for part in possible):
                found.append(Demand(source, _any_of(possible)))
        return found

    def _branch(self, branch: Node) -> list[tuple[str, list[Demand]]]:
        return [(text_of(term), self.demands(term)) for term in conjuncts(branch)]

    # -- columns and values

    def _column(self, node: Node) -> tuple[Source, Column] | None:
        """Return the catalogue column of this scope that an expression is, casts to its own type removed."""
        node = node.unnest()
        if isinstance(node, exp.Cast) and not isinstance(node, exp.TryCast) and node.to.this in exp.DataType.TEXT_TYPES:
            inner = self._column(node.this)
            return inner if inner is not None and inner[1].type is SqlType.VARCHAR else None
        if not isinstance(node, exp.Column | exp.Dot):
            return None
        resolved = self._scopes.resolve(node)
        if resolved is None or resolved.rest or resolved.scope is not self._scope:
            return None
        return resolved.source, resolved.column

    def _is_time_column(self, node: Node) -> bool:
        found = self._column(node)
        return found is not None and found[1].type is SqlType.TIMESTAMPTZ

    def _value(self, column: Column, node: Node) -> tuple[Constant | None, Value | None]:
        """Return what a column is compared with: the constant, and its value where the engine compares it as the column's type."""
        if column.type is SqlType.TIMESTAMPTZ:
            return instant(self._constants, node)
        constant = self._constants.of(node)
        return constant, self._coerced(column, constant, node)

    def _coerced(self, column: Column, constant: Constant | None, node: Node) -> Value | None:
        """Return the constant as a value of the column's type, or None where the engine would not compare it so."""
        if constant is None or constant.text is None:
            return None
        literal = constant.type == STRING_LITERAL
        match column.type:
            case SqlType.VARCHAR:
                return constant.text if literal or constant.type == "VARCHAR" else None
            case SqlType.BIGINT:
                if literal:
                    constant = self._constants.get(f"CAST({text_of(node)} AS BIGINT)")
                return int(constant.text) if constant is not None and constant.text and constant.type in _INTEGERS else None
            case SqlType.BOOLEAN:
                if literal:
                    constant = self._constants.get(f"CAST({text_of(node)} AS BOOLEAN)")
                return constant.text == "true" if constant is not None and constant.type == "BOOLEAN" and constant.text else None
        return None


def _is_literal(node: Node) -> bool:
    inner = node.unnest()
    return isinstance(inner, exp.Literal) and inner.is_string


def _name(column: Column) -> str:
    return column.same_as or column.name


def _of_source(branch: Iterable[tuple[str, list[Demand]]], source: Source) -> tuple[Conjunct, ...]:
    """Return a branch as conjuncts over one source; what concerns others is opaque."""
    parts = []
    for text, demands in branch:
        own = [Conjunct(demand.predicate, text) for demand in demands if demand.source in (source, None)]
        parts += own if len(own) == len(demands) and own else [*own, Conjunct(Opaque(), text)]
    return tuple(parts)


def _any_of(branches: list[tuple[Conjunct, ...]]) -> Predicate:
    """Return the disjunction in its simplest form: never, one branch's predicate, an IN list, or itself."""
    if not branches:
        return Never()
    values: list[Value] = []
    columns: set[str] = set()
    for branch in branches:
        predicate = branch[0].predicate if len(branch) == 1 else None
        if isinstance(predicate, Comparison) and predicate.operator is Operator.EQ:
            columns.add(predicate.column)
            values.append(predicate.value)
        elif isinstance(predicate, InList):
            columns.add(predicate.column)
            values += predicate.values
        else:
            columns |= {"", " "}
    if len(columns) == 1:
        return InList(columns.pop(), tuple(dict.fromkeys(values)))
    return AnyOf(tuple(branches))


def rejects_null(predicate: Predicate) -> bool:
    """Say whether the predicate cannot be TRUE on a row of NULLs."""
    match predicate:
        case Comparison() | InList() | Prefix() | Span() | Contains() | Entry() | Never():
            return True
        case NullTest(negated=negated):
            return negated
        case AnyOf(branches=branches):
            return all(any(rejects_null(each.predicate) for each in branch) for branch in branches)
        case Opaque():
            return False
