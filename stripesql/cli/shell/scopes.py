"""Find out which tables a statement that is being typed can see, and under which names.

In: tokens of one statement, whole or not. Out: a tree of ``Block``. It asks for no grammar, since what is typed has none yet: names after FROM and
JOIN are relations, parentheses are blocks, and an inner block sees what its outer ones see. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from stripesql.cli.shell.vocabulary import KEYWORDS
from stripesql.sql.lexer import Token, TokenKind

_KEYWORDS: Final = frozenset(word.lower() for word in KEYWORDS) - {
    "date",
    "first",
    "last",
    "json",
    "row",
    "percent",
    "range",
    "replace",
    "filter",
}
_STARTS_SOURCE: Final = frozenset({"from", "join", "into", "update"})
_ENDS_SOURCES: Final = frozenset(
    {"where", "group", "order", "having", "limit", "window", "qualify", "on", "using", "select", "set", "values", "returning", "offset"}
)
_SET_OPERATIONS: Final = frozenset({"union", "except", "intersect"})


@dataclass(eq=False, slots=True)
class Block:
    """Hold one SELECT, or what stands between parentheses.

    Attributes:
        outer: the block around it.
        sources: relations by the name under which its columns are reached: a table's name, or the block of a subquery.
        selected: tokens of its select list, an item each; None where it has no SELECT.
    """

    outer: Block | None = None
    sources: dict[str, str | Block] = field(default_factory=dict)
    selected: list[list[Token]] | None = None

    def visible(self) -> dict[str, str | Block]:
        """Return the relations that can be named here; inner names win."""
        around = self.outer.visible() if self.outer is not None else {}
        return {**around, **self.sources}


@dataclass(frozen=True, slots=True)
class Scopes:
    """Hold a statement's blocks: the one at the cursor, and the common table expressions by name; and tables of the connection alone."""

    here: Block
    named: dict[str, Block]
    frames: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)


def name_of(token: Token) -> str:
    """Return the name that a word or quoted name says."""
    return token.text[1:-1].replace('""', '"') if token.kind is TokenKind.QUOTED else token.text.lower()


def is_name(token: Token) -> bool:
    """Return whether a token is a name and no keyword."""
    return token.kind is TokenKind.QUOTED or (token.kind is TokenKind.WORD and token.word not in _KEYWORDS)


def scopes(stream: Sequence[Token], cursor: int, frames: Mapping[str, Sequence[tuple[str, str]]]) -> Scopes:
    """Return what is visible at an offset of a statement whose tokens (without comments) these are."""
    return replace(_Reader(stream, cursor).read(), frames=frames)


class _Reader:
    def __init__(self, stream: Sequence[Token], cursor: int) -> None:
        self._stream = stream
        self._cursor = cursor
        self._stack = [Block()]
        self._in_sources = [False]
        self._selecting = [False]
        self._named: dict[str, Block] = {}
        self._inner: dict[int, Block] = {}

    def read(self) -> Scopes:
        here: Block | None = None
        for index, token in enumerate(self._stream):
            if here is None and token.start >= self._cursor:
                here = self._stack[-1]
            self._take(index, token)
        self._name_subqueries()
        return Scopes(here or self._stack[-1], self._named)

    def _take(self, index: int, token: Token) -> None:
        block = self._stack[-1]
        if token.text == "(":
            inner = Block(block)
            self._inner[index] = inner
            self._note(token)
            self._open(inner)
            if (name := self._cte_before(index)) is not None:
                self._named[name] = inner
        elif token.text == ")":
            if len(self._stack) > 1:
                for each in (self._stack, self._in_sources, self._selecting):
                    each.pop()
            self._note(token)
        elif token.word in _SET_OPERATIONS:
            for each in (self._stack, self._in_sources, self._selecting):
                each.pop()
            self._open(Block(block.outer))
        elif token.word == "select":
            block.selected = [[]]
            self._selecting[-1], self._in_sources[-1] = True, False
        elif token.word in _STARTS_SOURCE:
            self._selecting[-1], self._in_sources[-1] = False, True
            self._source(index + 1)
        elif token.word in _ENDS_SOURCES:
            self._in_sources[-1] = False
        elif token.text == "," and self._in_sources[-1]:
            self._source(index + 1)
        elif token.text == "," and self._selecting[-1] and block.selected is not None:
            block.selected.append([])
        else:
            self._note(token)

    def _open(self, block: Block) -> None:
        self._stack.append(block)
        self._in_sources.append(False)
        self._selecting.append(False)

    def _note(self, token: Token) -> None:
        """Keep a token of a select list."""
        block = self._stack[-1]
        if self._selecting[-1] and block.selected is not None:
            block.selected[-1].append(token)

    def _at(self, index: int) -> Token | None:
        return self._stream[index] if 0 <= index < len(self._stream) else None

    def _source(self, index: int) -> None:
        """Read ``name``, ``schema.name``, either with an alias; a subquery is named when its end is known."""
        token = self._at(index)
        if token is None or not is_name(token):
            return
        name = name_of(token)
        while (
            (dot := self._at(index + 1)) is not None and dot.text == "." and (after := self._at(index + 2)) is not None and is_name(after)
        ):
            name, index = name_of(after), index + 2
        alias = self._alias(index + 1)
        self._stack[-1].sources[alias or name] = name

    def _alias(self, index: int) -> str | None:
        token = self._at(index)
        if token is not None and token.word == "as":
            token = self._at(index + 1)
        # What ends at the cursor is being typed: it may be a keyword's beginning.
        return name_of(token) if token is not None and is_name(token) and token.end != self._cursor else None

    def _cte_before(self, index: int) -> str | None:
        """Return the name of the common table expression whose ``(`` stands at the index."""
        at = index - 1
        while (token := self._at(at)) is not None and token.word in ("materialized", "not"):
            at -= 1
        token, name, before = self._at(at), self._at(at - 1), self._at(at - 2)
        if token is None or token.word != "as" or name is None or not is_name(name) or before is None:
            return None
        return name_of(name) if before.word in ("with", "recursive") or before.text == "," else None

    def _name_subqueries(self) -> None:
        """Give subqueries after FROM, JOIN or a comma their alias in the block around them."""
        ends = _ends(self._stream)
        for index, inner in self._inner.items():
            before = self._at(index - 1)
            if before is None or not (before.word in ("from", "join", "lateral") or before.text == ","):
                continue
            alias = self._alias(ends.get(index, len(self._stream)) + 1)
            if alias is not None and inner.outer is not None and (inner.selected is not None or inner.sources):
                inner.outer.sources[alias] = inner


def _ends(stream: Sequence[Token]) -> dict[int, int]:
    """Return the index of the closing parenthesis of each opening one."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for index, token in enumerate(stream):
        if token.text == "(":
            opened.append(index)
        elif token.text == ")" and opened:
            found[opened.pop()] = index
    return found
