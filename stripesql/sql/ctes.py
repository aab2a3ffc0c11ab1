"""Find the common table expression that a bare name in FROM means.

In: a table's tree. Out: the query behind its name, or None.
"""

from __future__ import annotations

from sqlglot import exp

from stripesql.sql.tree import Node, arg


def visible_cte(node: Node) -> Node | None:
    """Return the query of the CTE that a bare table name refers to, or None.

    A CTE sees those before it; its own name inside it means the table, unless WITH is RECURSIVE.
    """
    name, child, parent = node.name.lower(), node, node.parent
    while parent is not None:
        with_clause = arg(parent, "with") if isinstance(parent, exp.Query | exp.DML | exp.Subquery) else None
        ctes = list(with_clause.expressions) if with_clause is not None else []
        if child is with_clause:
            inside = next((index for index, cte in enumerate(ctes) if contains(cte, node)), len(ctes))
            ctes = ctes[: inside + 1] if with_clause.args.get("recursive") else ctes[:inside]
        for cte in reversed(ctes):
            if cte.alias.lower() == name:
                return cte.this  # type: ignore[no-any-return]
        child, parent = parent, parent.parent
    return None


def contains(ancestor: Node, node: Node) -> bool:
    """Say whether ``node`` stands in ``ancestor``."""
    at: Node | None = node
    while at is not None and at is not ancestor:
        at = at.parent
    return at is ancestor


def inside_with(select: Node, node: Node) -> bool:
    """Say whether ``node`` stands in the WITH clause of ``select``, which sees none of its columns."""
    with_clause = arg(select, "with")
    return with_clause is not None and contains(with_clause, node)
