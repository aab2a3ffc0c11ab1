"""Keep the labels of select items that hold placeholders.

A label is the user's text: ``?`` and not the value that takes its place, which differs from call to call and is nobody's
business in a header.

In: the text and the placeholders that are filled. Out: where aliases are inserted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from stripesql.sql.labels import items
from stripesql.sql.lexer import Token, TokenKind, code
from stripesql.sql.splice import quoted


def aliases(text: str, places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """Yield (offset, alias) for each select item that holds a placeholder and has no alias of its own."""
    if not places:
        return
    stream = code(text)
    for start, end in items(stream):
        if any(start <= first and last <= end for first, last in places):
            inside = [token for token in stream if start <= token.start and token.end <= end]
            if not _is_named(inside, places):
                yield end, f" AS {quoted(' '.join(text[start:end].split()))}"


def _is_named(inside: Sequence[Token], places: Sequence[tuple[int, int]]) -> bool:
    """Say whether an item has an alias, or is one that cannot have one (a star, COLUMNS)."""
    outside = list(_outside_parentheses(inside))
    if any(token.word == "as" for token in outside) or any(token.word == "columns" for token in inside):
        return True
    if inside[0].text == "*" or any(one.text == "." and two.text == "*" for one, two in pairwise(inside)):
        return True
    if len(inside) > 1 and inside[1].text == ":" and inside[0].kind in (TokenKind.WORD, TokenKind.QUOTED):
        return True
    last = inside[-1]
    if last.word == "end":
        return False
    if last.kind not in (TokenKind.WORD, TokenKind.QUOTED) or any(first <= last.start and last.end <= end for first, end in places):
        return False
    # A name after an operator ends an expression; after a value it is an alias.
    before = inside[-2] if len(inside) > 1 else last
    return before.kind is not TokenKind.SYMBOL or before.text in (")", "]", "}", "?")


def _outside_parentheses(inside: Sequence[Token]) -> Iterator[Token]:
    depth = 0
    for token in inside:
        depth -= token.text in (")", "]", "}")
        if depth == 0:
            yield token
        depth += token.text in ("(", "[", "{")
