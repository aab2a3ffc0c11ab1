"""Walk over the tokens of a statement and cut its clauses out.

In: a text and its tokens. Out: words, pieces between commas, and texts of clauses; brackets are never looked into.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stripesql.errors import SqlSyntaxError
from stripesql.sql.lexer import Token, TokenKind, position

Ends = Callable[[str, str], bool]
"""Says of a word outside brackets, and the word after it, whether a clause ends before it."""


@dataclass(slots=True)
class Clauses:
    """Hold the place in a stream of tokens."""

    text: str
    stream: Sequence[Token]
    at: int = 0

    @property
    def done(self) -> bool:
        """Say whether nothing is left."""
        return self.at >= len(self.stream)

    @property
    def token(self) -> Token:
        """Return the next token.

        Raises:
            SqlSyntaxError: nothing is left.
        """
        if self.done:
            raise SqlSyntaxError("the statement ends too early", position=self.position())
        return self.stream[self.at]

    def word(self, ahead: int = 0) -> str:
        """Return the next word in lower case, "" where no word stands there."""
        return self.stream[self.at + ahead].word if self.at + ahead < len(self.stream) else ""

    def symbol(self, ahead: int = 0) -> str:
        """Return the next symbol, "" where none stands there."""
        token = self.stream[self.at + ahead] if self.at + ahead < len(self.stream) else None
        return token.text if token is not None and token.kind is TokenKind.SYMBOL else ""

    def takes(self, word: str) -> bool:
        """Pass the next word if it is this one."""
        if self.word() != word:
            return False
        self.at += 1
        return True

    def demand(self, word: str, example: str) -> None:
        """Pass the next word.

        Raises:
            SqlSyntaxError: it is another; the message shows the example.
        """
        if not self.takes(word):
            raise SqlSyntaxError(f"{word.upper()} is missing here; write {example}", position=self.position())

    def position(self) -> tuple[int, int]:
        """Return (line, column) of the next token, or of the end."""
        return position(self.text, len(self.text) if self.done else self.stream[self.at].start)

    def parentheses(self) -> list[Token]:
        """Pass a pair of parentheses, and return the tokens inside.

        Raises:
            SqlSyntaxError: the pair is not closed.
        """
        begins, depth = self.at, 0
        while not self.done:
            depth += depth_of(self.token)
            self.at += 1
            if depth == 0:
                return list(self.stream[begins + 1 : self.at - 1])
        raise SqlSyntaxError("a parenthesis is not closed", position=position(self.text, self.stream[begins].start))

    def until(self, ends: Ends) -> str:
        """Pass everything before the word at which the clause ends, and return its text."""
        begins, depth = self.at, 0
        while not self.done:
            token = self.token
            depth += depth_of(token)
            before = self.stream[self.at - 1].word if self.at else ""
            is_word = depth == 0 and token.word and before != "distinct" and not _is_name(self, begins)
            if is_word and ends(token.word, self.word(1)):
                break
            self.at += 1
        return self.text[self.stream[begins].start : self.stream[self.at - 1].end] if self.at > begins else ""

    def end(self, verb: str) -> None:
        """Return at the end of the statement.

        Raises:
            SqlSyntaxError: something is left.
        """
        if self.done:
            return
        hint = ""
        if self.word() in ("order", "limit"):
            hint = f"; {verb} has no {self.word().upper()}: write WHERE id IN (SELECT id FROM ... ORDER BY ... LIMIT n)"
        raise SqlSyntaxError(f"{self.token.text} cannot stand here{hint}", position=self.position())


def _is_name(reader: Clauses, begins: int) -> bool:
    """Say whether the next word is part of a path such as ``shipping.from``."""
    return reader.at > begins and reader.stream[reader.at - 1].text == "."


def depth_of(token: Token) -> int:
    """Return what a token adds to the depth of brackets."""
    return {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.text, 0) if token.kind is TokenKind.SYMBOL else 0


def pieces(tokens: Sequence[Token]) -> list[list[Token]]:
    """Return the tokens between commas outside brackets; no piece for no token."""
    found: list[list[Token]] = [[]] if tokens else []
    depth = 0
    for token in tokens:
        depth += depth_of(token)
        if depth == 0 and token.text == "," and token.kind is TokenKind.SYMBOL:
            found.append([])
        else:
            found[-1].append(token)
    return found


def name_of(token: Token) -> str:
    """Return a name without its quotes."""
    return token.text[1:-1].replace('""', '"') if token.kind is TokenKind.QUOTED else token.text


def target_of(reader: Clauses) -> tuple[str | None, str, int, int]:
    """Pass ``[schema.]name``; return both, and where they stand.

    Raises:
        SqlSyntaxError: no name stands there.
    """
    first = reader.token
    if first.kind not in (TokenKind.WORD, TokenKind.QUOTED):
        raise SqlSyntaxError(f"a table is missing before {first.text}", position=reader.position())
    reader.at += 1
    if reader.symbol() != ".":
        return None, name_of(first), first.start, first.end
    reader.at += 1
    last = reader.token
    if last.kind not in (TokenKind.WORD, TokenKind.QUOTED):
        raise SqlSyntaxError(f"a table is missing before {last.text}", position=reader.position())
    reader.at += 1
    return name_of(first), name_of(last), first.start, last.end
