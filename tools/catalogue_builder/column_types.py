"""Say which SQL type a kind of value has.

In: ``ColumnKind``. Out: ``SqlType``, by DESIGN section 4.
"""

from __future__ import annotations

from stripesql.catalogue.model import ColumnKind
from stripesql.types import SqlType

SQL_TYPES = {
    ColumnKind.STRING: SqlType.VARCHAR,
    ColumnKind.ENUM: SqlType.VARCHAR,
    ColumnKind.EXPANDABLE: SqlType.VARCHAR,
    ColumnKind.INTEGER: SqlType.BIGINT,
    ColumnKind.BOOLEAN: SqlType.BOOLEAN,
    ColumnKind.NUMBER: SqlType.DOUBLE,
    ColumnKind.DECIMAL: SqlType.DECIMAL,
    ColumnKind.UNIX_TIME: SqlType.TIMESTAMPTZ,
    ColumnKind.ISO_TIME: SqlType.TIMESTAMPTZ,
    ColumnKind.MAP: SqlType.JSON,
    ColumnKind.LIST: SqlType.JSON,
    ColumnKind.ARRAY: SqlType.JSON,
    ColumnKind.OBJECT: SqlType.JSON,
}


def sql_type(kind: ColumnKind) -> SqlType:
    """Return the SQL type of the kind."""
    return SQL_TYPES[kind]
