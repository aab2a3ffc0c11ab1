"""Say where in a statement the cursor is, and what may be typed there.

In: nothing. Out: ``Place``, which ``completing`` finds, and ``Candidate``, which it answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stripesql.catalogue.load import Catalogue
from stripesql.cli.shell.scopes import Scopes
from stripesql.sql.lexer import Token


@dataclass(frozen=True, slots=True)
class Candidate:
    """Say one thing that may be typed.

    Attributes:
        text: what replaces the last ``replaced`` characters before the cursor.
        replaced: how many.
        kind: ``keyword``, ``table``, ``column``, ``function``, ``procedure``, ``parameter``, ``setting`` or ``value``.
        note: a phrase beside it.
    """

    text: str
    replaced: int
    kind: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Say where the cursor is: the tokens before the word that is being typed, that word, the names with points before it, and what is visible."""

    before: Sequence[Token]
    prefix: str
    chain: tuple[str, ...]
    scopes: Scopes
    known: Catalogue

    @property
    def previous(self) -> Token | None:
        """Return the token before the word."""
        return self.before[-1] if self.before else None

    @property
    def head(self) -> str:
        """Return the statement's first word."""
        return self.before[0].word if self.before else ""
