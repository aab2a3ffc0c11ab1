"""Ask Stripe's Search, which may lag behind what was written: only where it is allowed, and only for rows that may be missed.

A query of Search joins clauses by AND or by OR, never by both, and has ten at most. Tokens are equal in any case, texts
contain a phrase (``:``) or a part of three letters (``~``), numbers compare: each clause says no more than the term that it
comes from, so the engine checks all terms again. Nothing is negated.

Source: https://docs.stripe.com/search, read 2026-06.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from stripesql.catalogue.model import Column, ColumnKind, Table
from stripesql.plan.domains import Bound, Domain, Domains, combine
from stripesql.plan.price import LIFE_S, OF_FLAG, OF_KIND, OF_RARE, OF_TEST, OF_USUAL, USUAL, Known, names_few
from stripesql.plan.scans import Push
from stripesql.predicate import AnyOf, Conjunct, Contains, Entry, Value

_MOST_CLAUSES: Final = 10
_SHORTEST_PART: Final = 3
_LONGEST_VALUE: Final = 500
# Parts of a table's rows, as guesses: those with a name or key, with a metadata value, with a part of a text, with a number.
_OF_NAME, _OF_ENTRY, _OF_PART, _OF_NUMBER = 0.002, 0.02, 0.05, 0.01
_SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class _Choice:
    """Say clauses of which one must hold, the part of the rows that they leave, and the terms that say so."""

    clauses: tuple[str, ...]
    part: float
    texts: tuple[str, ...]


def push(table: Table, conjuncts: Sequence[Conjunct], known: Known) -> Push | None:
    """Return the query that leaves the fewest rows, or None where no term can be searched for."""
    choices = list(_choices(table, conjuncts, known))
    alone = sorted((each for each in choices if len(each.clauses) == 1), key=lambda each: each.part)[:_MOST_CLAUSES]
    several = min((each for each in choices if 1 < len(each.clauses) <= _MOST_CLAUSES), key=lambda each: each.part, default=None)
    together = math.prod(each.part for each in alone)
    if several is not None and (not alone or several.part < together):
        return _push(" OR ".join(several.clauses), several.part, several.texts)
    if not alone:
        return None
    texts = tuple(dict.fromkeys(text for each in alone for text in each.texts))
    return _push(" AND ".join(dict.fromkeys(each.clauses[0] for each in alone)), together, texts)


def _push(query: str, part: float, texts: tuple[str, ...]) -> Push:
    return Push("", ((("query", query),),), exact=False, texts=texts, part=part)


def _choices(table: Table, conjuncts: Sequence[Conjunct], known: Known) -> Iterator[_Choice]:
    """Yield what each term asks of a field that can be searched."""
    fields = {column.lower(): (field, kind) for column, field, kind in table.search_fields}
    for conjunct in conjuncts:
        match conjunct.predicate:
            case Entry(column, key, values) if column.lower() in fields and _is_key(key):
                clauses = [f'{fields[column.lower()][0]}["{key}"]:{written}' for value in values if (written := _quoted(value))]
                if len(clauses) == len(values):
                    yield _Choice(tuple(clauses), min(_OF_ENTRY * len(clauses), 1.0), (conjunct.text,))
            case Contains(column, part) if column.lower() in fields and (clause := _part(*fields[column.lower()], part)):
                yield _Choice((clause,), _OF_PART, (conjunct.text,))
            case AnyOf(branches):
                yield from _either(table, conjunct, branches, known)
    yield from _of_domains(table, combine(conjuncts), fields, known)


def _either(table: Table, conjunct: Conjunct, branches: Sequence[Sequence[Conjunct]], known: Known) -> Iterator[_Choice]:
    """Yield the narrowest clauses of every branch of an OR; nothing where a branch has none."""
    found: list[_Choice] = []
    for branch in branches:
        best = min(_choices(table, branch, known), key=lambda each: each.part, default=None)
        if best is None:
            return
        found.append(best)
    clauses = tuple(dict.fromkeys(clause for each in found for clause in each.clauses))
    yield _Choice(clauses, min(sum(each.part for each in found), 1.0), (conjunct.text,))


def _of_domains(table: Table, domains: Domains, fields: Mapping[str, tuple[str, str]], known: Known) -> Iterator[_Choice]:
    for name, domain in domains.columns.items():
        column = table.column(name)
        if column is None or name not in fields:
            continue
        field, kind = fields[name]
        if kind == "numeric":
            yield from _numbers(field, column, domain, known)
        elif domain.values is not None:
            clauses = [clause for value in domain.values if (clause := _equal(field, kind, value))]
            if clauses and len(clauses) == len(domain.values):
                part = sum(_part_with(column, value) for value in domain.values)
                yield _Choice(tuple(clauses), min(part, 1.0), domain.texts)
        elif domain.prefix is not None and (clause := _part(field, kind, domain.prefix)):
            yield _Choice((clause,), _OF_PART, domain.texts)


def _numbers(field: str, column: Column, domain: Domain, known: Known) -> Iterator[_Choice]:
    if domain.values is not None:
        numbers = [value for value in domain.values if isinstance(value, int) and not isinstance(value, bool) and value >= 0]
        if numbers and len(numbers) == len(domain.values):
            yield _Choice(tuple(f"{field}:{value}" for value in numbers), min(_OF_NUMBER * len(numbers), 1.0), domain.texts)
        return
    low, high = domain.low, domain.high
    ends = [clause for clause in (_low(field, low, domain.times), _high(field, high, domain.times)) if clause]
    # The two ends of one range leave what lies between: each half of that is its root.
    part = (_part_of_life(low, high, known) if domain.times else OF_TEST) ** (1 / max(len(ends), 1))
    for clause in ends:
        yield _Choice((clause,), part, domain.texts)


def _low(field: str, bound: Bound | None, times: bool) -> str | None:
    if bound is None:
        return None
    value, whole = (bound.value // _SECOND, bound.value % _SECOND == 0) if times else (bound.value, True)
    return f"{field}{'>' if whole and not bound.inclusive else '>='}{value}" if value >= 0 else None


def _high(field: str, bound: Bound | None, times: bool) -> str | None:
    if bound is None:
        return None
    value, whole = (-(-bound.value // _SECOND), bound.value % _SECOND == 0) if times else (bound.value, True)
    return f"{field}{'<' if whole and not bound.inclusive else '<='}{value}" if value >= 0 else None


def _part_of_life(low: Bound | None, high: Bound | None, known: Known) -> float:
    now_s = known.now_s or (high.value / _SECOND if high is not None else 0.0)
    first = low.value / _SECOND if low is not None else now_s - LIFE_S
    last = min(high.value / _SECOND, now_s) if high is not None else now_s
    return min(max((last - first) / LIFE_S, 1e-6), 1.0)


def _equal(field: str, kind: str, value: Value) -> str | None:
    text = ("true" if value else "false") if isinstance(value, bool) else value
    if not isinstance(text, str) or (kind == "string" and not any(each.isalnum() for each in text)):
        return None
    written = _quoted(text)
    return f"{field}:{written}" if written is not None else None


def _part(field: str, kind: str, part: str) -> str | None:
    written = _quoted(part) if kind == "string" and len(part) >= _SHORTEST_PART else None
    return f"{field}~{written}" if written is not None else None


def _part_with(column: Column, value: Value) -> float:
    if column.kind is ColumnKind.BOOLEAN:
        return OF_FLAG
    if column.values and column.name != "type":
        return OF_USUAL if value in USUAL else OF_RARE
    return _OF_NAME if names_few(column) else OF_KIND


def _is_key(key: str) -> bool:
    """Say whether a metadata key can be written: how a quote in one is, is not documented."""
    return bool(key) and key.isprintable() and not any(each in key for each in "\"'\\[]")


def _quoted(value: str) -> str | None:
    """Return a value in quotes, or None for one that no query can hold."""
    if not value or not value.isprintable() or len(value) > _LONGEST_VALUE:
        return None
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
