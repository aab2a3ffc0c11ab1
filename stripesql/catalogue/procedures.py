"""Say which procedures there are: every operation that CALL can carry out, by ``<table or namespace>.<name>``.

In: the catalogue. Out: ``Procedure`` values: the actions, create, update and delete of each table, and downloads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from typing import Final

from stripesql.catalogue.load import Catalogue
from stripesql.catalogue.model import Endpoint, Parameter, Table
from stripesql.types import SqlType

EFFECT_FREE: Final = {
    "/v1/invoices/create_preview": "computes an invoice and stores nothing (API reference, create a preview invoice)",
}
"""POST operations that change nothing, by path, with the reason; ``read_only`` lets them pass."""

GENERIC: Final = "request"
"""Name of the procedure in the schema ``stripe`` that sends any request."""


class ProcedureKind(Enum):
    """Say what a procedure does with Stripe's answer."""

    CALL = "call"
    """an object, or a list of them, as rows"""
    DOWNLOAD = "download"
    """bytes, to a local file or as they are"""
    GENERIC = "generic"
    """any JSON, through a filter"""


@dataclass(frozen=True, slots=True)
class Procedure:
    """Say one procedure.

    Attributes:
        namespace: table, or a name of its own where no table fits; ``stripe`` for the generic one.
        name: what follows the dot.
        endpoint: the operation; its path arguments are the positional ones.
        kind: what becomes of the answer.
        answer: table whose columns the rows have; None where none fits.
        part: field of the answer whose list gives the rows; "" for the answer itself.
    """

    namespace: str
    name: str
    endpoint: Endpoint
    kind: ProcedureKind = ProcedureKind.CALL
    answer: str | None = None
    part: str = ""

    @property
    def full_name(self) -> str:
        """Return ``invoices.pay``."""
        return f"{self.namespace}.{self.name}"

    @property
    def writes(self) -> bool:
        """Say whether every call may change something; of the generic procedure each call says it itself."""
        return self.endpoint.method not in ("GET", "") and self.endpoint.path not in EFFECT_FREE


PARTS: Final = {("invoices", "create_preview"): ("create_preview_lines", "lines", "invoice_line_items")}
"""Procedures that give a list inside the answer of another: (table, action) -> name, field, table of its rows."""

_LOCAL: Final = (Parameter("path", "string"), Parameter("overwrite", "boolean"))

DOWNLOADS: Final = (
    # Neither is in the spec as JSON: https://docs.stripe.com/file-upload#download-file-contents, and the API reference of
    # quotes, "download quote PDF"; both live on the files host.
    Procedure("files", "download", Endpoint("GET", "/v1/files/{file}/contents", "", "files", ("file",), _LOCAL), ProcedureKind.DOWNLOAD),
    Procedure("quotes", "pdf", Endpoint("GET", "/v1/quotes/{quote}/pdf", "", "files", ("quote",), _LOCAL), ProcedureKind.DOWNLOAD),
)

REQUEST: Final = Procedure(
    "stripe",
    GENERIC,
    Endpoint(
        "",
        "",
        "",
        parameters=(
            Parameter("method", "enum", values=("GET", "POST", "DELETE")),
            Parameter("path", "string", True),
            Parameter("params", "map"),
            Parameter("body", "map"),
            Parameter("headers", "map"),
            Parameter("filter", "string"),
            Parameter("paginate", "boolean"),
        ),
    ),
    ProcedureKind.GENERIC,
)


def procedures(catalogue: Catalogue) -> Iterator[Procedure]:
    """Yield every procedure; reads all tables."""
    yield REQUEST
    for namespace in namespaces(catalogue):
        yield from procedures_of(namespace, catalogue)


@lru_cache(maxsize=8)
def namespaces(catalogue: Catalogue) -> tuple[str, ...]:
    """Return every name that stands before the dot, in order; reads all tables."""
    return tuple(dict.fromkeys([*catalogue.table_names(), *(each.table for each in catalogue.actions())]))


def procedures_of(namespace: str, catalogue: Catalogue) -> tuple[Procedure, ...]:
    """Return the procedures of a table or namespace, any case; none where there is no such thing."""
    table = catalogue.table(namespace)
    if table is None:
        folded = namespace.lower()
        return tuple(_action(each.table, each.name, each.endpoint, catalogue) for each in catalogue.actions_beside_tables(folded))
    own = [_action(table.name, each.name, each.endpoint, catalogue) for each in table.actions]
    taken = {each.name for each in own}
    writes = {"create": table.create, "update": table.update, "delete": table.delete}
    own += [
        _action(table.name, name, endpoint, catalogue) for name, endpoint in writes.items() if endpoint is not None and name not in taken
    ]
    own += [replace(each, name=part[0], part=part[1], answer=part[2]) for each in own if (part := PARTS.get((table.name, each.name)))]
    return (*own, *(each for each in DOWNLOADS if each.namespace == table.name))


def _action(namespace: str, name: str, endpoint: Endpoint, catalogue: Catalogue) -> Procedure:
    return Procedure(namespace, name, endpoint, answer=_answer(catalogue.table(namespace), endpoint.returns, catalogue))


def _answer(own: Table | None, returns: str, catalogue: Catalogue) -> str | None:
    resource = returns.removeprefix("list:")
    if own is not None and set(resource.split("|")) <= set(own.resource.split("|")):
        return own.name
    found = catalogue.table_of_resource(resource) if resource else None
    return found.name if found is not None else None


def sql_type(parameter: Parameter) -> str:
    """Return the SQL type that a parameter takes."""
    match parameter.kind:
        case "integer":
            return SqlType.BIGINT.value
        case "boolean":
            return SqlType.BOOLEAN.value
        case "number":
            return SqlType.DOUBLE.value
        case "decimal":
            return SqlType.DECIMAL.value
        case "unix-time" | "iso-time":
            return SqlType.TIMESTAMPTZ.value
        case "object" | "array" | "map":
            return SqlType.JSON.value
        case _:
            return SqlType.VARCHAR.value
