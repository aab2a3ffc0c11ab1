"""Write the terms that speak of one table alone as the engine reads them, to count the rows that pass.

In: a term, a source, the scopes. Out: SQL over the table's own columns; None where the term speaks of other things too.
"""

from __future__ import annotations

from sqlglot import exp

from stripesql.sql.parts import key_taken
from stripesql.sql.paths import column_nodes, json_path
from stripesql.sql.scopes import Scopes
from stripesql.sql.sources import Source
from stripesql.sql.splice import quoted
from stripesql.sql.tree import Node, parse, text_of
from stripesql.types import SqlType


def own_test(term: Node, source: Source, scopes: Scopes) -> str | None:
    """Return the term in names of the source's columns, without its alias."""
    if term.find(exp.Query, exp.Window, exp.AggFunc) is not None:
        return None
    copy = term.copy()
    copy.parent = term.parent
    nodes = list(column_nodes(copy))
    for node in nodes:
        resolved = scopes.resolve(node)
        if resolved is None or resolved.source is not source:
            return None
        keys, whole = resolved.rest, node
        if resolved.column.type is SqlType.JSON and isinstance(node.parent, exp.Bracket | exp.Dot) and node.parent.this is node:
            taken = key_taken(node.parent)
            if keys or taken is None or taken[1] is None:
                return None
            keys, whole = (taken[1],), node.parent
        name = quoted(resolved.column.name)
        replacement = parse(json_path(name, keys)) if keys else exp.column(resolved.column.name, quoted=True)
        if whole is copy:
            copy = replacement
        else:
            whole.replace(replacement)
    return text_of(copy) if nodes else None
