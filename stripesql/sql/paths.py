"""Rewrite dotted and bracketed paths: ``address.city``, ``metadata.order_id``, ``metadata['order_id']``.

A path to a flattened field becomes that column; a path into JSON becomes ``->>``, which gives text. A table alias wins
over a path, because names are resolved that way.

In: tree and scopes. Out: splices, each with its node and the label that a bare path gives, and the hidden columns used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp

from stripesql.sql.lexer import Token, TokenKind
from stripesql.sql.rewrites import Hidden
from stripesql.sql.scopes import Scopes
from stripesql.sql.sources import Resolved
from stripesql.sql.splice import Splice, quoted
from stripesql.sql.tree import Node, column_parts, span
from stripesql.types import SqlType


@dataclass(frozen=True, slots=True)
class PathSplice:
    """Say one rewritten path."""

    node: Node
    splice: Splice
    label: str | None


def column_nodes(tree: Node) -> Iterator[Node]:
    """Yield every column name and dotted path, whole: the parts of a longer path are not yielded."""
    for node in tree.walk():
        if isinstance(node, exp.Column | exp.Dot) and column_parts(node) and not _is_part(node):
            yield node


def _is_part(node: Node) -> bool:
    parent = node.parent
    return isinstance(parent, exp.Dot) and parent.this is node and column_parts(parent) is not None


def rewrite_paths(text: str, stream: Sequence[Token], tree: Node, scopes: Scopes, hidden: Hidden) -> Iterator[PathSplice]:
    """Yield a splice for each path that the engine would not read as meant."""
    for node in column_nodes(tree):
        resolved, parts = scopes.resolve(node), column_parts(node)
        spans = [span(part) for part in parts or ()]
        if resolved is None or not parts or any(each is None for each in spans):
            continue
        start, end = spans[0][0], spans[-1][1]  # type: ignore[index]
        keys, end_of_keys, outermost = _keys(stream, end, node) if resolved.column.type is SqlType.JSON else ((), end, node)
        if any(not isinstance(key, int) for key in keys):
            end, node = end_of_keys, outermost
        else:
            keys = ()
        if resolved.rest and resolved.column.type is not SqlType.JSON:
            continue
        if not keys and len(parts) == resolved.prefix + 1:
            if resolved.prefix or not _is_hidden_elsewhere(resolved, hidden):
                continue
            name = f"{quoted(resolved.source.alias)}.{quoted(resolved.column.name)}"
        else:
            # The source's alias stays as the user wrote it.
            before = text[start : spans[1][0]] if resolved.prefix == 1 else f"{quoted(resolved.source.alias)}." if resolved.prefix else ""  # type: ignore[index]
            name = before + quoted(resolved.column.name)
        pointer = (*resolved.rest, *keys)
        label = str(next(key for key in reversed(pointer) if isinstance(key, str))) if pointer else parts[-1].name
        bare = isinstance(pointer[-1], str) if pointer else True
        yield PathSplice(node, Splice(start, end, json_path(name, pointer) if pointer else name), label if bare else None)


def _is_hidden_elsewhere(resolved: Resolved, hidden: Hidden) -> bool:
    """Say whether another source has the name as a hidden column that the text uses: the engine would find it ambiguous."""
    return any(resolved.column.name in hidden.get(id(source), ()) for source in resolved.scope.sources if source is not resolved.source)


def _keys(stream: Sequence[Token], end: int, node: Node) -> tuple[tuple[str | int, ...], int, Node]:
    """Return the keys of ``['a'][0].b`` after ``end``, where they end, and the tree of the whole path."""
    keys: list[str | int] = []
    at = next((index for index, token in enumerate(stream) if token.start >= end), len(stream))
    while (parent := node.parent) is not None and parent.this is node:
        one, two, three = (stream[at + ahead] if at + ahead < len(stream) else None for ahead in range(3))
        if isinstance(parent, exp.Bracket) and one is not None and two is not None and three is not None and three.text == "]":
            key = parent.expressions[0]
            if isinstance(key, exp.Literal) and key.is_string:
                keys.append(key.name)
            elif two.kind is TokenKind.NUMBER and two.text.isdigit():
                keys.append(int(two.text))  # counted from 0, as the engine does for JSON
            else:
                break
            node, end, at = parent, three.end, at + 3
        elif isinstance(parent, exp.Dot) and isinstance(parent.expression, exp.Identifier) and two is not None:
            keys.append(parent.expression.name)
            node, end, at = parent, two.end, at + 2
        else:
            break
    return tuple(keys), end, node


def json_path(name: str, keys: Sequence[str | int]) -> str:
    """Return the SQL that takes what lies under ``keys`` out of a JSON column, as text."""
    # JSON pointers, so that a key with a dot, a quote or a bracket stays one key.
    pointer = "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)
    return f"({name}->>'" + pointer.replace("'", "''") + "')"
