"""Colour SQL while it is typed.

In: text. Out: fragments of prompt_toolkit, cut by the same lexer that reads statements. Colours are the terminal's own sixteen, so that they suit
light and dark ones.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Final

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

from stripesql.cli.shell.pieces import scan
from stripesql.cli.shell.vocabulary import KEYWORDS
from stripesql.sql.lexer import Token, TokenKind

STYLE: Final = Style.from_dict(
    {
        "prompt": "bold",
        "prompt.live": "bold ansired",
        "sql.keyword": "bold ansiblue",
        "sql.function": "ansicyan",
        "sql.table": "ansigreen",
        "sql.string": "ansiyellow",
        "sql.number": "ansimagenta",
        "sql.comment": "italic ansibrightblack",
        "sql.parameter": "ansimagenta",
        "sql.open": "ansired",
        "command": "bold",
    }
)

_KEYWORDS: Final = frozenset(word.lower() for word in KEYWORDS)


class SqlLexer(Lexer):
    """Colour statements; a dot command is one colour."""

    def __init__(self, tables: Collection[str]) -> None:
        """Take the names of tables."""
        self._tables = frozenset(tables)

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """Return what gives the fragments of a line."""
        lines = _lines(fragments(document.text, self._tables))
        return lambda number: lines[number] if number < len(lines) else []


def fragments(text: str, tables: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Yield (style, piece) pairs that joined are the text."""
    if text.lstrip().startswith(".") and text.lstrip()[1:2].isalpha():
        yield "class:command", text
        return
    found = scan(text)
    at = 0
    stream = [*found.tokens, *([found.open] if found.open else [])]
    for index, token in enumerate(stream):
        if token.start > at:
            yield "", text[at : token.start]
        following = stream[index + 1] if index + 1 < len(stream) else None
        previous = stream[index - 1] if index else None
        yield (_style(token, previous, following, tables) if token is not found.open else _open_style(token)), text[token.start : token.end]
        at = token.end
    if at < len(text):
        yield "", text[at:]


def _open_style(token: Token) -> str:
    return "class:sql.comment" if token.kind is TokenKind.COMMENT else "class:sql.string"


def _style(token: Token, previous: Token | None, following: Token | None, tables: Collection[str]) -> str:
    after_point = previous is not None and previous.text == "." and previous.end == token.start
    match token.kind:
        case TokenKind.STRING:
            return "class:sql.string"
        case TokenKind.NUMBER:
            return "class:sql.number"
        case TokenKind.COMMENT:
            return "class:sql.comment"
        case TokenKind.WORD if previous is not None and previous.text == ":" and previous.end == token.start:
            return "class:sql.parameter"
        case TokenKind.WORD if after_point:
            return "class:sql.table" if token.word in tables else ""
        case TokenKind.WORD if (
            following is not None and following.text == "(" and following.start == token.end and token.word not in ("in", "as", "values")
        ):
            return "class:sql.function"
        case TokenKind.WORD if token.word in _KEYWORDS:
            return "class:sql.keyword"
        case TokenKind.WORD if token.word in tables:
            return "class:sql.table"
    return ""


def _lines(found: Iterator[tuple[str, str]]) -> list[StyleAndTextTuples]:
    lines: list[StyleAndTextTuples] = [[]]
    for style, piece in found:
        first, *rest = piece.split("\n")
        lines[-1].append((style, first))
        lines.extend([(style, line)] for line in rest)
    return lines
