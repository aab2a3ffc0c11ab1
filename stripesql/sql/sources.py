"""Define what a FROM clause reads: sources, the scope that holds them, and what a name in it refers to.

In: nothing. Out: the values that ``scopes`` makes of a tree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp

from stripesql.catalogue.model import Column, Table
from stripesql.catalogue.relations import Relation
from stripesql.sql.tree import Node

FindRelation = Callable[[str | None, str], Relation | None]


@dataclass(eq=False, slots=True)
class Source:
    """Say one item of a FROM clause.

    Attributes:
        alias: name by which columns refer to it, as written.
        node: its tree.
        relation: what it is; None for subqueries, CTEs, functions.
        query: for a subquery or a CTE, its tree.
        pushable: WHERE terms may restrict it: no PIVOT, sample, renamed columns or positional join.
        extended: a row of NULLs may stand for it after the joins (outer joins).
        join: the join that brings it in, None for the first.
    """

    alias: str
    node: Node
    relation: Relation | None = None
    query: Node | None = None
    pushable: bool = True
    extended: bool = False
    join: exp.Join | None = None

    @property
    def table(self) -> Table | None:
        """Return the catalogue table, or None; a table with renamed columns has none of the catalogue's."""
        alias = self.node.args.get("alias")
        renamed = isinstance(alias, exp.TableAlias) and bool(alias.args.get("columns"))
        return self.relation if isinstance(self.relation, Table) and not renamed else None


@dataclass(eq=False, slots=True)
class Scope:
    """Say one SELECT and what it reads.

    Attributes:
        select: its tree.
        sources: in the order of the FROM clause.
        parent: the SELECT around it, whose columns it may use, or None.
        merged: lower-case names that USING merges: unqualified, they belong to no single source.
        natural: a NATURAL join is there: any unqualified name may be merged.
        plain: sources come from a FROM that the analysis understands in full.
    """

    select: exp.Select
    sources: list[Source] = field(default_factory=list)
    parent: Scope | None = None
    merged: set[str] = field(default_factory=set)
    natural: bool = False
    plain: bool = True


@dataclass(frozen=True, slots=True)
class Resolved:
    """Say what a column name refers to.

    Attributes:
        source: where it comes from.
        scope: the scope of that source.
        column: the catalogue column.
        prefix: how many leading identifiers name the source rather than the column.
        rest: JSON keys that follow the column.
        whole: how many identifiers name the column itself (more than 1 for a dotted path to a flattened column).
    """

    source: Source
    scope: Scope
    column: Column
    prefix: int
    rest: tuple[str, ...]
    whole: int
