"""Keep the labels of select items that a splice would change.

A column label comes from the item's text. Where a piece of an item is replaced and the item has no alias, the user's
own text (or the last part of a dotted path) becomes its alias.

In: the tokens, the tree, the splices. Out: more splices, which insert aliases.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from stripesql.sql.constants import Evaluate
from stripesql.sql.lexer import Token, TokenKind
from stripesql.sql.literals import literal
from stripesql.sql.splice import Splice, quoted
from stripesql.sql.tree import Node

_ENDS: Final = frozenset(
    {
        "from",
        "where",
        "group",
        "having",
        "window",
        "qualify",
        "order",
        "limit",
        "offset",
        "union",
        "except",
        "intersect",
        "fetch",
        "using",
        "into",
    }
)


def items(stream: Sequence[Token]) -> list[tuple[int, int]]:
    """Return [start, end) of every select item of a text, inner SELECTs included."""
    found: list[tuple[int, int]] = []
    for index, token in enumerate(stream):
        if token.word == "select":
            found += _items_after(stream, index + 1)
    return found


def _items_after(stream: Sequence[Token], index: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    if index < len(stream) and stream[index].word in ("distinct", "all"):
        index += 1
        if index < len(stream) and stream[index].word == "on":
            index = _after_parenthesis(stream, index + 1)
    depth, first = 0, index
    for at in range(index, len(stream) + 1):
        token = stream[at] if at < len(stream) else None
        symbol = token.text if token is not None and token.kind is TokenKind.SYMBOL else ""
        ends = (
            token is None
            or symbol == ";"
            or (depth == 0 and (symbol == ")" or (token.word in _ENDS and stream[at - 1].word != "distinct")))
        )
        if ends or (depth == 0 and symbol == ","):
            if at > first:
                found.append((stream[first].start, stream[at - 1].end))
            first = at + 1
        if ends:
            break
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(symbol, 0)
    return found


def _after_parenthesis(stream: Sequence[Token], index: int) -> int:
    depth = 0
    while index < len(stream):
        depth += {"(": 1, ")": -1}.get(stream[index].text, 0)
        index += 1
        if depth == 0:
            break
    return index


def item_of(node: Node) -> Node | None:
    """Return the select item that ``node`` belongs to, innermost first, or None."""
    at: Node | None = node
    while at is not None:
        if isinstance(at.parent, exp.Select) and at.arg_key == "expressions":
            return at
        at = at.parent
    return None


def keep_labels(text: str, stream: Sequence[Token], spliced: Sequence[tuple[Node, Splice, str | None]], evaluate: Evaluate) -> list[Splice]:
    """Return the splices that give each changed, unaliased item the label that the engine would give the user's text.

    ``spliced`` is the tree node behind each splice, the splice, and the label where the node alone is the item.
    """
    changed = [(item, node, splice, label) for node, splice, label in spliced if (item := _named_by_its_text(node)) is not None]
    ranges = items(stream) if changed else []
    labels: dict[int, str] = {}
    wanted: dict[int, str] = {}
    for item, node, splice, label in changed:
        around = [each for each in ranges if each[0] <= splice.start and splice.end <= each[1]]
        if not around:
            continue
        start, end = min(around, key=lambda each: each[1] - each[0])
        if label is not None and item is node:
            labels[end] = label
        else:
            wanted[end] = text[start:end]
    labels |= dict(zip(wanted, _as_the_engine_writes(list(wanted.values()), evaluate), strict=True))
    return [Splice(end, end, f" AS {quoted(label)}") for end, label in labels.items()]


def _named_by_its_text(node: Node) -> Node | None:
    item = item_of(node)
    # A star has the labels of its columns.
    if item is None or isinstance(item, exp.Alias):
        return None
    return (
        None
        if any(item_of(star) is item for star in item.find_all(exp.Star, exp.Columns) if not isinstance(star.parent, exp.Count))
        else item
    )


def _as_the_engine_writes(texts: Sequence[str], evaluate: Evaluate) -> list[str]:
    """Return how the engine writes each expression: its label where it has no name of its own."""
    if not texts:
        return []
    answers = evaluate([f"json_deserialize_sql(json_serialize_sql({literal(f'SELECT {text}')}))" for text in texts])
    return [
        answer.text.removeprefix("SELECT ") if answer is not None and answer.text else " ".join(text.split())
        for text, answer in zip(texts, answers, strict=True)
    ]
