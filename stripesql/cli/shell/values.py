"""Decide what may be typed in a string: values that Stripe knows, symbolic dates, values of settings.

In: a place whose prefix is the string so far. Out: ``Candidate`` values. Pure but for reading the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stripesql.cli.shell.columns import column_named
from stripesql.cli.shell.place import Candidate, Place
from stripesql.cli.shell.procedures import parameters
from stripesql.cli.shell.scopes import name_of
from stripesql.cli.shell.vocabulary import SYMBOLIC_DATES
from stripesql.settings import SETTINGS
from stripesql.sql.lexer import Token, TokenKind
from stripesql.types import SqlType

_COMPARISONS = frozenset({"=", "==", "<>", "!=", "<", "<=", ">", ">=", "between", "like", "ilike"})


def in_string(place: Place, following: str) -> Iterator[Candidate]:
    """Yield values for the string that is being typed; ``following`` is the character after the cursor."""
    quote = "" if following == "'" else "'"
    for value, note in _matching_values(_values(place), place.prefix):
        yield Candidate(value.replace("'", "''") + quote, len(place.prefix), "value", note)


def _matching_values(values: Iterable[tuple[str, str]], prefix: str) -> Iterator[tuple[str, str]]:
    return (pair for pair in values if pair[0].lower().startswith(prefix.lower()))


def _values(place: Place) -> list[tuple[str, str]]:
    before = list(place.before)
    if place.head == "set" and len(before) == 3:
        return _setting_values(before[1].word)
    if place.head == "call" and len(before) > 2 and before[-1].text == "=>":
        each = next((each for each in parameters(place) if each.name == before[-2].text), None)
        return [(value, "") for value in each.values] if each else []
    compared = _compared(before)
    found = column_named(compared, place.scopes, place.known) if compared else None
    if found is None:
        return []
    column, table = found
    if column.type is SqlType.TIMESTAMPTZ:
        return [(symbol, "start of that day") for symbol in SYMBOLIC_DATES]
    listed = place.known.table(table)
    filters = listed.list.filters if listed is not None and listed.list is not None else ()
    more = [value for each in filters if each.column == column.name for value in each.values]
    return [(value, f"{table}.{column.name}") for value in dict.fromkeys([*column.values, *more])]


def _setting_values(name: str) -> list[tuple[str, str]]:
    if name == "timezone":
        from zoneinfo import available_timezones

        return [(zone, "") for zone in sorted(available_timezones())]
    kind = next((each.kind for each in SETTINGS if each.name == name), "")
    return [("on", ""), ("off", "")] if kind in ("true or false", "on or off") else []


def _compared(before: list[Token]) -> tuple[str, ...]:
    """Return the names of the column that the string at the end is compared with: ``c.status`` of ``c.status IN ('open', ``."""
    tokens = list(before)
    while len(tokens) >= 2 and tokens[-1].text == "," and tokens[-2].kind is TokenKind.STRING:
        del tokens[-2:]
    if tokens and tokens[-1].text == "(" and len(tokens) > 1 and tokens[-2].word == "in":
        del tokens[-2:]
        if tokens and tokens[-1].word == "not":
            tokens.pop()
    elif tokens and tokens[-1].text.lower() in _COMPARISONS:
        tokens.pop()
    else:
        return ()
    names: list[str] = []
    while tokens and tokens[-1].kind in (TokenKind.WORD, TokenKind.QUOTED):
        names.insert(0, name_of(tokens.pop()))
        if not tokens or tokens[-1].text != ".":
            break
        tokens.pop()
    return tuple(names)
