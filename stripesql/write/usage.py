"""Say how a procedure is called, for those who called it otherwise.

In: a procedure. Out: one line: ``CALL invoices.pay(invoice VARCHAR, [forgive => BOOLEAN], ...)``.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from stripesql.catalogue.load import Catalogue
from stripesql.catalogue.model import Parameter
from stripesql.catalogue.procedures import GENERIC, REQUEST, Procedure, namespaces, procedures, procedures_of, sql_type
from stripesql.errors import UnknownName

_MOST_VALUES: Final = 12
_LISTING: Final = "SELECT routine_name FROM information_schema.routines lists the procedures"


def find(namespace: str, name: str, catalogue: Catalogue) -> Procedure:
    """Return the procedure of this name, any case.

    Raises:
        UnknownName: there is none; the message offers a near name.
    """
    if namespace.lower() == "stripe" and name.lower() == GENERIC:
        return REQUEST
    own = procedures_of(namespace, catalogue)
    found = next((each for each in own if each.name == name.lower()), None)
    if found is not None:
        return found
    raise UnknownName(f"there is no procedure {namespace}.{name}; {_near(namespace, name, own, catalogue)}")


def _near(namespace: str, name: str, own: tuple[Procedure, ...], catalogue: Catalogue) -> str:
    if own:
        near = get_close_matches(name.lower(), [each.name for each in own], n=1, cutoff=0.5)
        listed = ", ".join(each.name for each in own)
        return f"did you mean {own[0].namespace}.{near[0]}?" if near else f"{own[0].namespace} has {listed}"
    if catalogue.table(namespace) is not None:
        return f"{namespace} has none; {_LISTING}"
    full = f"{namespace}.{name}".lower()
    near = get_close_matches(full, [each.full_name for each in procedures(catalogue)], n=1, cutoff=0.75)
    if near:
        return f"did you mean {near[0]}?"
    close = get_close_matches(namespace.lower(), namespaces(catalogue), n=1, cutoff=0.75)
    return f"did you mean {close[0]}.{name}? {_LISTING}" if close else _LISTING


def usage(procedure: Procedure) -> str:
    """Return the call with its arguments, their types, and brackets around those that may be left out."""
    ranked = sorted(procedure.endpoint.parameters, key=lambda each: not each.required)
    arguments = [f"{name} VARCHAR" for name in procedure.endpoint.arguments]
    arguments += [_named(each) if each.required else f"[{_named(each)}]" for each in ranked]
    rows = f"; gives rows of {procedure.answer}" if procedure.answer else ""
    return f"CALL {procedure.full_name}({', '.join(arguments)}){rows}"


def _named(parameter: Parameter) -> str:
    words = list(parameter.values)[:_MOST_VALUES]
    more = "|..." if len(parameter.values) > _MOST_VALUES else ""
    return f"{parameter.name} => {sql_type(parameter)}" + (f" ({'|'.join(words)}{more})" if words else "")
