"""Decide what may be typed next in a statement.

In: text, the cursor's offset, the catalogue. Out: ``Candidate`` values, best first. Pure but for reading the catalogue. ``completer`` gives them to
the terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from stripesql.catalogue.load import Catalogue
from stripesql.catalogue.system import RELATIONS
from stripesql.cli.shell.columns import SCHEMAS, columns_of, fields_below, hidden_columns
from stripesql.cli.shell.pieces import scan
from stripesql.cli.shell.place import Candidate, Place
from stripesql.cli.shell.procedures import namespaces, parameters, procedures
from stripesql.cli.shell.scopes import name_of, scopes
from stripesql.cli.shell.values import in_string
from stripesql.cli.shell.vocabulary import CLAUSES, FUNCTIONS, KEYWORDS, OPENERS, RESERVED, STATEMENTS
from stripesql.settings import SETTINGS
from stripesql.sql.lexer import Token, TokenKind

_RELATION_BEFORE = frozenset({"from", "join", "into", "update", "describe", "desc", "summarize"})
_NONE: Mapping[str, Sequence[tuple[str, str]]] = MappingProxyType({})
_ALL_KEYWORDS = frozenset(word.lower() for word in KEYWORDS)


def candidates(text: str, cursor: int, known: Catalogue, frames: Mapping[str, Sequence[tuple[str, str]]] = _NONE) -> list[Candidate]:
    """Return what may stand at the cursor.

    Args:
        text: what is typed so far, which may hold several statements.
        cursor: offset in it.
        known: the catalogue.
        frames: tables of this connection alone, with the name and the type of each column.
    """
    before = scan(text[:cursor])
    if (
        before.tokens
        and before.tokens[-1].kind is TokenKind.COMMENT
        and before.tokens[-1].end == cursor
        and before.tokens[-1].text[0] == "-"
    ):
        return []
    start = max((token.end for token in before.tokens if token.text == ";"), default=0)
    head = [token for token in before.tokens if token.start >= start and token.kind is not TokenKind.COMMENT]
    whole = [token for token in scan(text).tokens if token.start >= start and token.kind is not TokenKind.COMMENT]
    end = next((index for index, token in enumerate(whole) if token.text == ";" and token.start >= cursor), len(whole))
    if before.open is not None:
        if before.open.kind is not TokenKind.STRING or not before.open.text.startswith("'"):
            return []
        seen = scopes(_without_strings(text, start, cursor), cursor, frames)
        return _unique(in_string(Place(head, before.open.text[1:], (), seen, known), text[cursor : cursor + 1]))
    prefix = head.pop() if head and head[-1].end == cursor and head[-1].kind is TokenKind.WORD else None
    if head and head[-1].end == cursor and head[-1].kind in (TokenKind.NUMBER, TokenKind.STRING, TokenKind.QUOTED):
        return []
    chain = _chain(head)
    place = Place(head, prefix.text if prefix else "", chain, scopes(whole[:end], cursor, frames), known)
    return _unique(_matching(_after_point(place) if chain else _plain(place), place.prefix))


def _without_strings(text: str, start: int, cursor: int) -> list[Token]:
    """Return the tokens of a statement in which a string is being typed: what follows it on its line may be in or after it."""
    rest = text[cursor:]
    closing = rest.find("'")
    after = rest[closing + 1 :] if closing >= 0 and "\n" not in rest[:closing] else rest
    padded = scan(f"{text[:cursor]}'{' ' * (len(rest) - len(after))}{after}")
    found = [token for token in padded.tokens if token.start >= start and token.kind is not TokenKind.COMMENT]
    end = next((index for index, token in enumerate(found) if token.text == ";" and token.start >= cursor), len(found))
    return found[:end]


def _chain(head: list[Token]) -> tuple[str, ...]:
    """Take ``a.b.`` from the end of the tokens, and return its names."""
    names: list[str] = []
    while len(head) >= 2 and head[-1].text == "." and head[-2].kind in (TokenKind.WORD, TokenKind.QUOTED):
        names.insert(0, name_of(head[-2]))
        del head[-2:]
    return tuple(names)


# -- after a point


def _after_point(place: Place) -> Iterator[Candidate]:
    size, first = len(place.prefix), place.chain[0]
    if place.head == "call" and len(place.before) == 1:
        if first == "stripe":
            yield Candidate("request(", size, "procedure", "any request to Stripe")
        for name, endpoint in procedures(first, place.known).items():
            yield Candidate(f"{name}(", size, "procedure", f"{endpoint.method} {endpoint.path}")
        return
    if first in SCHEMAS and len(place.chain) == 1 and _wants_relation(place):
        names = place.known.table_names() if first == "stripe" else tuple(RELATIONS)
        yield from (Candidate(name, size, "table") for name in _shallow_first(names))
        return
    visible = place.scopes.here.visible()
    source = visible.get(first)
    if source is not None and len(place.chain) == 1:
        for each in [*columns_of(source, place.scopes, place.known), *hidden_columns(source, place.known)]:
            yield Candidate(_quoted(each.name), size, "column", each.note)
    elif source is not None:
        yield from (Candidate(_quoted(each.name), size, "column", each.note) for each in fields_below(source, place.chain[1:], place.known))
    for other in visible.values():
        yield from (Candidate(_quoted(each.name), size, "column", each.note) for each in fields_below(other, place.chain, place.known))


# -- elsewhere


def _plain(place: Place) -> Iterator[Candidate]:
    size, previous = len(place.prefix), place.previous
    if previous is None:
        yield from _keywords(STATEMENTS, place)
    elif place.head == "call":
        yield from _call(place)
    elif place.head in ("set", "reset", "show") and len(place.before) == 1:
        yield from _keywords(("TABLES", "SCHEMAS", "COLUMNS FROM") if place.head == "show" else (), place)
        yield from (
            Candidate(each.name, size, "setting", each.meaning) for each in SETTINGS if "set" in each.places or place.head == "show"
        )
    elif place.head == "explain" and len(place.before) == 1:
        yield from _keywords(("ANALYZE", "(FORMAT JSON)", *STATEMENTS), place)
    elif _wants_relation(place):
        yield from _relations(place)
    elif _is_operand(previous):
        yield from _keywords(CLAUSES, place)
    else:
        yield from _operands(place)


def _wants_relation(place: Place) -> bool:
    previous = place.previous
    if previous is None:
        return False
    if previous.text == ",":
        return _clause(place.before) in ("from", "join")
    return previous.word in _RELATION_BEFORE or (previous.word == "from" and place.head == "show")


def _clause(before: Sequence[Token]) -> str:
    """Return the keyword that governs the end of the tokens, at their own depth of parentheses."""
    depth = 0
    for token in reversed(before):
        if token.text == ")":
            depth += 1
        elif token.text == "(":
            if depth == 0:
                return ""
            depth -= 1
        elif depth == 0 and token.word in (
            "select",
            "from",
            "join",
            "where",
            "on",
            "by",
            "having",
            "limit",
            "set",
            "values",
            "qualify",
            "using",
        ):
            return token.word
    return ""


def _is_operand(token: Token) -> bool:
    if token.kind is TokenKind.WORD:
        return token.word not in _ALL_KEYWORDS or token.word in (
            "null",
            "true",
            "false",
            "end",
            "current_date",
            "current_timestamp",
            "asc",
            "desc",
        )
    return token.kind in (TokenKind.QUOTED, TokenKind.STRING, TokenKind.NUMBER) or token.text in (")", "]", "*")


def _relations(place: Place) -> Iterator[Candidate]:
    size = len(place.prefix)
    yield from (Candidate(_quoted(name), size, "table", "named above") for name in place.scopes.named)
    yield from (Candidate(_quoted(name), size, "table", "of this connection") for name in place.scopes.frames)
    yield from (Candidate(name, size, "table") for name in _shallow_first(place.known.table_names()))
    yield Candidate("information_schema", size, "table", "schema")


def _shallow_first(names: Iterable[str]) -> list[str]:
    """Return names with ``customers`` before ``customer_tax_ids``."""
    return sorted(names, key=lambda name: (name.count("_"), name))


def _operands(place: Place) -> Iterator[Candidate]:
    size = len(place.prefix)
    visible = place.scopes.here.sources or place.scopes.here.visible()
    for source in visible.values():
        yield from (Candidate(_quoted(each.name), size, "column", each.note) for each in columns_of(source, place.scopes, place.known))
    yield from (Candidate(name, size, "table", "named here") for name in visible)
    yield from _keywords(OPENERS, place)
    yield from (Candidate(f"{name}(", size, "function") for name in FUNCTIONS)
    if place.prefix:
        for source in visible.values():
            yield from (Candidate(_quoted(each.name), size, "column", each.note) for each in hidden_columns(source, place.known))
        yield from _keywords(CLAUSES, place)


def _keywords(words: Iterable[str], place: Place) -> Iterator[Candidate]:
    """Offer keywords in the letters that the user types: small where the word begun, or the one before it, is small."""
    sample = place.prefix or next((token.text for token in reversed(place.before) if token.word in _ALL_KEYWORDS), "")
    small = sample[:1].islower()
    yield from (Candidate(word.lower() if small else word, len(place.prefix), "keyword") for word in words)


# -- procedures


def _call(place: Place) -> Iterator[Candidate]:
    size = len(place.prefix)
    if len(place.before) == 1:
        yield from (Candidate(f"{table}.", size, "procedure") for table in namespaces(place.known))
    elif place.previous is not None and place.previous.text in ("(", ","):
        for each in parameters(place):
            yield Candidate(f"{each.name} => ", size, "parameter", f"{each.kind}{', required' if each.required else ''}")


# -- what fits


def _matching(found: Iterable[Candidate], prefix: str) -> list[Candidate]:
    """Return the candidates that begin with the prefix, then those that hold it after a ``_``."""
    wanted = prefix.lower()
    starts: list[Candidate] = []
    inside: list[Candidate] = []
    for each in found:
        plain = each.text.lower().lstrip('"')
        if plain.startswith(wanted):
            starts.append(each)
        elif len(wanted) >= 2 and each.kind in ("column", "table") and f"_{wanted}" in plain:
            inside.append(each)
    return starts + inside


def _unique(found: Iterable[Candidate]) -> list[Candidate]:
    first: dict[str, Candidate] = {}
    for each in found:
        first.setdefault(each.text, each)
    return list(first.values())


def _quoted(name: str) -> str:
    return f'"{name}"' if name.lower() in RESERVED or not name.isidentifier() else name
