"""Tell which procedures can be called, and with which parameters, while a CALL is typed.

In: a table's name, or a place in a CALL. Out: endpoints by the procedure's name, or parameters. Pure but for reading the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping

from stripesql.catalogue.load import Catalogue
from stripesql.catalogue.model import Endpoint, Parameter
from stripesql.cli.shell.place import Place
from stripesql.cli.shell.scopes import name_of
from stripesql.sql.lexer import TokenKind

_REQUEST = ("method", "path", "params", "body", "headers", "filter")
"""Arguments of ``stripe.request``, which takes any request."""


def namespaces(known: Catalogue) -> list[str]:
    """Return what stands before the point: tables, other namespaces, and ``stripe``."""
    writable = {table.name for table in known.tables() if table.create or table.update or table.delete}
    return ["stripe", *sorted(writable | {action.table for action in known.actions()})]


def procedures(namespace: str, known: Catalogue) -> Mapping[str, Endpoint]:
    """Return the procedures of a namespace by name."""
    found = {action.name: action.endpoint for action in known.actions() if action.table == namespace}
    table = known.table(namespace)
    if table is not None:
        found |= {name: each for name in ("create", "update", "delete") if (each := getattr(table, name)) is not None}
    return found


def parameters(place: Place) -> tuple[Parameter, ...]:
    """Return the parameters of the procedure that is being called."""
    names = [name_of(token) for token in place.before[1:4] if token.kind in (TokenKind.WORD, TokenKind.QUOTED)]
    if names == ["stripe", "request"]:
        return tuple(Parameter(name, "text") for name in _REQUEST)
    endpoint = procedures(names[0], place.known).get(names[1]) if len(names) == 2 else None
    return endpoint.parameters if endpoint is not None else ()
