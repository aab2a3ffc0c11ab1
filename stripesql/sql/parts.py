"""Read what a term says of a part of a text, or of one key of a map.

In: trees. Out: the part that must be in the text; the key that an expression takes out of a map. Pure.
"""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from stripesql.sql.tree import Node

_WILDCARDS: Final = re.compile(r"[%_]+")
# A dot or a slash may make a path of it; other keys are one key whatever the engine takes the text for.
_PLAIN_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def part_of(term: Node) -> tuple[str, bool] | None:
    """Return a text that must be part of the column where the term is TRUE, and whether in any case; None where there is none.

    >>> part_of(exp.ILike(this=exp.column("name"), expression=exp.Literal.string("%ltd%g_b%")))
    ('ltd', True)
    """
    pattern = term.expression
    if not isinstance(pattern, exp.Literal) or not pattern.is_string:
        return None
    parts = _WILDCARDS.split(pattern.name) if isinstance(term, exp.Like | exp.ILike) else [pattern.name]
    part, any_case = max(parts, key=len), isinstance(term, exp.ILike)
    # What another case of a letter beyond ASCII is depends on who is asked.
    return (part, any_case) if part and (part.isascii() or not any_case) else None


def key_taken(node: Node) -> tuple[Node, str | None] | None:
    """Return what an expression takes a key out of, and the key; None for the key where the expression is a name or a dotted path."""
    if isinstance(node, exp.Column | exp.Dot):
        return node, None
    if isinstance(node, exp.Bracket) and len(node.expressions) == 1:
        (key,) = node.expressions
        return (node.this, key.name) if isinstance(key, exp.Literal) and key.is_string else None
    if isinstance(node, exp.JSONExtractScalar):
        name = _only_key(node.expression)
        return (node.this, name) if name is not None and _PLAIN_KEY.fullmatch(name) else None
    return None


def _only_key(path: object) -> str | None:
    """Return the key of a path with one step: ``'k'``, ``'$.k'``, ``'/k'``."""
    if isinstance(path, exp.Literal) and path.is_string and path.name.startswith("/"):
        return path.name[1:]
    if not isinstance(path, exp.JSONPath):
        return None
    steps = [each for each in path.expressions if not isinstance(each, exp.JSONPathRoot)]
    if len(steps) != 1 or not isinstance(steps[0], exp.JSONPathKey):
        return None
    return steps[0].this if isinstance(steps[0].this, str) else None
