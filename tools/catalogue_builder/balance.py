"""Give the balance its columns: a row per kind and currency.

In: the schema of the balance. Out: columns. A kind is the key of a list of amounts; below an object the two keys are
joined by an underscore (``issuing_available``).
"""

from __future__ import annotations

from catalogue_builder.spec import Schema
from stripesql.catalogue.model import Column, ColumnKind
from stripesql.types import SqlType

KINDS = (
    "available",
    "connect_reserved",
    "instant_available",
    "issuing_available",
    "pending",
    "refund_and_dispute_prefunding_available",
    "refund_and_dispute_prefunding_pending",
)


def balance_columns(schema: Schema) -> tuple[Column, ...]:
    """Return the columns; kinds that this version lacks are left out of the known values."""
    kinds = tuple(kind for kind in KINDS if any(kind.startswith(name) for name in schema["properties"]))
    return (
        Column("kind", ("kind",), SqlType.VARCHAR, ColumnKind.ENUM, values=kinds),
        Column("currency", ("currency",), SqlType.VARCHAR, ColumnKind.STRING),
        Column("amount", ("amount",), SqlType.BIGINT, ColumnKind.INTEGER),
        Column("source_types", ("source_types",), SqlType.JSON, ColumnKind.OBJECT),
        Column("livemode", ("livemode",), SqlType.BOOLEAN, ColumnKind.BOOLEAN),
    )
