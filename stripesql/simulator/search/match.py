"""Match rows against a search query: types of fields, and what each operator means for them.

In: a parsed query. Out: a test over a function that reads fields. Tokens are equal in any case, strings contain a phrase
(``:``) or a part (``~``, at least three letters), numbers compare. The fields are stated by hand (docs: Search, fields).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from stripesql.simulator import errors
from stripesql.simulator.search.grammar import Clause, Query

Read = Callable[[str], Any]
_CARD = {
    f"payment_method_details.{source}.{name}": "token"
    for source in ("card", "card_present", "interac_present")
    for name in ("last4", "exp_month", "exp_year", "brand", "fingerprint")
}
FIELDS: dict[str, dict[str, str]] = {
    "charges": {
        "amount": "numeric",
        "billing_details.address.postal_code": "token",
        "created": "numeric",
        "currency": "token",
        "customer": "token",
        "disputed": "token",
        "metadata": "token",
        "refunded": "token",
        "status": "token",
        **_CARD,
    },
    "customers": {"created": "numeric", "email": "string", "metadata": "token", "name": "string", "phone": "string"},
    "invoices": {
        "created": "numeric",
        "currency": "token",
        "customer": "token",
        "last_finalization_error_code": "token",
        "last_finalization_error_type": "token",
        "metadata": "token",
        "number": "string",
        "receipt_number": "string",
        "status": "string",
        "subscription": "string",
        "total": "numeric",
    },
    "payment_intents": {
        "amount": "numeric",
        "created": "numeric",
        "currency": "token",
        "customer": "token",
        "metadata": "token",
        "status": "token",
    },
    "prices": {"active": "token", "currency": "token", "lookup_key": "string", "metadata": "token", "product": "string", "type": "token"},
    "products": {
        "active": "token",
        "description": "string",
        "metadata": "token",
        "name": "string",
        "shippable": "token",
        "url": "string",
    },
    "subscriptions": {"created": "numeric", "metadata": "token", "status": "token", "canceled_at": "numeric"},
}
_PATHS = {
    ("invoices", "subscription"): "parent.subscription_details.subscription",
    ("invoices", "last_finalization_error_code"): "last_finalization_error.code",
    ("invoices", "last_finalization_error_type"): "last_finalization_error.type",
}
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ":": lambda a, b: a == b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
}
SHORTEST_PART = 3


def matcher(table: str, query: Query) -> Callable[[Read], bool]:
    """Return the test of a row.

    Raises:
        ApiError: 400, a field cannot be searched, or an operator does not fit it.
    """
    tests = [_test(table, clause) for clause in query.clauses]
    combine = any if query.any_of else all
    return lambda read: combine(test(read) for test in tests)


def _test(table: str, clause: Clause) -> Callable[[Read], bool]:
    kind = FIELDS[table].get(clause.field)
    if kind is None or (clause.field == "metadata") != (clause.key is not None):
        raise errors.invalid_value("query", f"Field `{clause.field}` is an unsupported search field for resource `{table}`.")
    allowed = {"token": (":",), "string": (":", "~"), "numeric": tuple(_COMPARE)}[kind]
    if clause.operator not in allowed or (clause.value is None and clause.operator != ":"):
        raise errors.invalid_value("query", f"Operator `{clause.operator}` is not supported for field `{clause.field}`.")
    if clause.operator == "~" and len(clause.value or "") < SHORTEST_PART:
        raise errors.invalid_value("query", f"A part to search for has at least {SHORTEST_PART} characters.")
    if kind != "numeric" and clause.value is not None and not clause.quoted:
        raise errors.invalid_value("query", f"The value of `{clause.field}` must be in quotes.")
    test = _positive(table, clause, kind)
    return (lambda read: not test(read)) if clause.negated else test


def _positive(table: str, clause: Clause, kind: str) -> Callable[[Read], bool]:
    path = _PATHS.get((table, clause.field), clause.field)
    wanted = clause.value
    if clause.key is not None:
        return lambda read: _token((read("metadata") or {}).get(clause.key), wanted)
    if table == "charges" and path == "refunded":
        return lambda read: _token(_refunded(read), wanted)
    if kind == "numeric":
        if wanted is None:
            return lambda read: read(path) is None
        if not re.fullmatch(r"-?\d+(\.\d+)?", wanted):
            raise errors.invalid_value("query", f"`{wanted}` is not a number.")
        bound, compare = float(wanted), _COMPARE[clause.operator]
        return lambda read: (value := read(path)) is not None and compare(value, bound)
    if kind == "token":
        return lambda read: _token(read(path), wanted)
    if wanted is None:
        return lambda read: read(path) is None
    contains = _part if clause.operator == "~" else _phrase
    return lambda read: (value := read(path)) is not None and contains(str(value), wanted)


def _refunded(read: Read) -> str | None:
    """Return true for a full refund, false for a part, None for none (docs: Search, charges)."""
    if read("refunded"):
        return "true"
    return "false" if read("amount_refunded") else None


def _token(value: Any, wanted: str | None) -> bool:
    if wanted is None or value is None:
        return value is None and wanted is None
    written = str(value).lower() if isinstance(value, bool) else str(value)
    return written.lower() == wanted.lower()


def _part(value: str, wanted: str) -> bool:
    return wanted.lower() in value.lower()


def _phrase(value: str, wanted: str) -> bool:
    """Say whether the words of ``wanted`` stand in ``value`` in that order, side by side."""
    pattern = r"\W+".join(re.escape(word) for word in re.findall(r"\w+", wanted.lower()))
    return bool(pattern) and re.search(rf"(?<!\w){pattern}(?!\w)", value.lower()) is not None
