"""Turn DESCRIBE of a relation into a query over the catalogue."""

from __future__ import annotations

from difflib import get_close_matches

from stripesql.catalogue.relations import Local
from stripesql.errors import UnknownName
from stripesql.query.relations import Relations
from stripesql.sql.literals import literal
from stripesql.sql.splice import quoted
from stripesql.sql.statements import Describe


def describe_query(statement: Describe, relations: Relations) -> str:
    """Return the SELECT that describes a relation: a row per column.

    Raises:
        UnknownName: there is no such relation.
    """
    relation = relations.find(statement.schema, statement.name)
    if relation is None:
        near = get_close_matches(statement.name.lower(), relations.names, n=1, cutoff=0.6)
        raise UnknownName(
            f'there is no table "{statement.name}"' + (f'; did you mean "{near[0]}"?' if near else "; SHOW TABLES lists the tables")
        )
    if isinstance(relation, Local):
        return f"DESCRIBE SELECT * FROM {quoted(relation.name)}"
    schema = getattr(relation, "schema", "stripe")
    return (
        'SELECT column_name, data_type AS column_type, is_nullable AS "null", column_key AS "key", references_table AS "references", '
        'pushed_filter AS "pushed", is_hidden AS "hidden" FROM information_schema.columns '
        f"WHERE table_schema = {literal(schema)} AND table_name = {literal(relation.name)} ORDER BY ordinal_position"
    )
