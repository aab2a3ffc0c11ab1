"""Define what a random query is, and draw its conditions.

Rows are determined wherever a query is compared row by row: LIMIT stands with a total order, or the query is compared as
"so many of those rows".
"""

from dataclasses import dataclass

from hypothesis import strategies as st

from exactness.atoms import Source, atom
from exactness.sql import Sql, comma, fill, quote, same
from exactness.tables import NEEDS, TABLES, field_of
from exactness.worlds import id_of


@dataclass(frozen=True)
class Query:
    """Say a query and how its rows are compared.

    Attributes:
        sql: both texts.
        tables: what it reads.
        ordered: the order of the rows is determined.
        limit: rows that it gives at most where any so many of ``sql``'s rows will do; then ``limited`` is our text.
        limited: text with LIMIT and OFFSET.
        offset: rows that are skipped.
        by: column by which ``sql`` is ordered, where ties leave a choice: only its values are determined.
    """

    sql: Sql
    tables: tuple[str, ...]
    ordered: bool = False
    limit: int | None = None
    offset: int = 0
    limited: str = ""
    by: int | None = None


LISTED = tuple(TABLES)
RELATED = tuple((child, field.name, field.references) for child in LISTED for field in TABLES[child] if field.references is not None)
"""Tables that a foreign key joins: (child, column, parent)."""


def predicate(draw, sources: list[Source], zone: str, depth: int = 2) -> Sql:
    """Return a nested condition."""
    kind = draw(st.sampled_from(("atom", "atom", "and", "and", "or", "or", "not"))) if depth else "atom"
    if kind == "atom":
        return atom(draw, sources, zone)
    if kind == "not":
        return fill("NOT (@)", predicate(draw, sources, zone, depth - 1))
    parts = [predicate(draw, sources, zone, depth - 1) for _ in range(draw(st.integers(2, 3)))]
    return fill("(@)", comma(parts, f" {kind.upper()} "))


def where(draw, sources: list[Source], zone: str, depth: int = 2) -> Sql:
    """Return a WHERE clause, or nothing, sometimes with the parent of a list that Stripe gives per parent."""
    terms = [_pinned(draw, source) for source in sources if source.table in NEEDS and draw(st.booleans())]
    terms += [predicate(draw, sources, zone, depth) for _ in range(draw(st.sampled_from((0, 1, 1, 1, 2, 3))))]
    return fill(" WHERE @", comma(terms, " AND ")) if terms else same("")


def _pinned(draw, source: Source) -> Sql:
    field = field_of(source.table, NEEDS[source.table])
    ids = draw(st.lists(st.integers(0, 4), min_size=1, max_size=3))
    return fill("@ IN (@)", source.column(field, draw), comma(same(quote(id_of(field.references, index))) for index in ids))
