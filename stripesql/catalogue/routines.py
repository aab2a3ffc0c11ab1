"""Answer ``information_schema.routines`` and ``.parameters``: which procedures there are, and what they take.

In: the catalogue. Out: rows. Names and meanings of the columns are those of the SQL standard, as far as it has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from stripesql.catalogue.load import Catalogue
from stripesql.catalogue.model import Parameter
from stripesql.catalogue.procedures import Procedure, ProcedureKind, procedures, sql_type
from stripesql.types import SqlType

_TEXT, _NUMBER = SqlType.VARCHAR, SqlType.BIGINT
_SCHEMA: Final = "stripe"

ROUTINE_COLUMNS: Final = (
    *(("routine_catalog", _TEXT), ("routine_schema", _TEXT), ("routine_name", _TEXT), ("specific_name", _TEXT)),
    *(("routine_type", _TEXT), ("data_type", _TEXT), ("routine_definition", _TEXT), ("sql_data_access", _TEXT)),
)
PARAMETER_COLUMNS: Final = (
    *(("specific_catalog", _TEXT), ("specific_schema", _TEXT), ("specific_name", _TEXT), ("ordinal_position", _NUMBER)),
    *(("parameter_mode", _TEXT), ("parameter_name", _TEXT), ("data_type", _TEXT), ("parameter_default", _TEXT)),
    *(("is_positional", _TEXT), ("is_required", _TEXT), ("allowed_values", _TEXT), ("fields", _TEXT)),
)

Row = tuple[str | int | None, ...]


def routine_rows(catalog: str, catalogue: Catalogue) -> Iterator[Row]:
    """Yield a row for each procedure; ``data_type`` is the table whose columns its rows have."""
    for each in procedures(catalogue):
        access = "MODIFIES SQL DATA" if each.writes or each.kind is ProcedureKind.GENERIC else "READS SQL DATA"
        definition = f"{each.endpoint.method} {each.endpoint.path}" if each.endpoint.path else "any request"
        yield catalog, _SCHEMA, each.full_name, each.full_name, "PROCEDURE", each.answer, definition, access


def parameter_rows(catalog: str, catalogue: Catalogue) -> Iterator[Row]:
    """Yield a row for each argument of each procedure: path arguments first, which may be given by position."""
    for each in procedures(catalogue):
        for position, (parameter, positional) in enumerate(_arguments(each), 1):
            yield (
                *(catalog, _SCHEMA, each.full_name, position, "IN", parameter.name, sql_type(parameter), None),
                *("YES" if positional else "NO", "YES" if parameter.required else "NO"),
                *(", ".join(parameter.values) or None, ", ".join(_fields(parameter)) or None),
            )


def _arguments(procedure: Procedure) -> Iterator[tuple[Parameter, bool]]:
    for name in procedure.endpoint.arguments:
        yield Parameter(name, "string", required=True), True
    for parameter in procedure.endpoint.parameters:
        yield parameter, procedure.kind is ProcedureKind.GENERIC


def _fields(parameter: Parameter) -> list[str]:
    """Return the names inside an object, or inside each element of a list."""
    shape = parameter.item if parameter.item is not None else parameter
    return [each.name for each in shape.fields]
