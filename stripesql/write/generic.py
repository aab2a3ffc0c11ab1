"""Read the arguments of ``CALL stripe.request(...)``: any request to the host of the connection, its answer through a JSONPath.

In: method, path, parameters, body, headers, filter. Out: ``Wanted``. The key goes to the host of the connection and nowhere
else, and only headers that say for whom, in which version and under which idempotency key can be set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl, quote

from stripesql.catalogue.model import Parameter
from stripesql.catalogue.procedures import EFFECT_FREE, REQUEST
from stripesql.errors import DataError, IntegrityError, NotSupportedError
from stripesql.request import Params, Request
from stripesql.write.arguments import Argument, document_of, pairs_of
from stripesql.write.filters import compiled
from stripesql.write.scalars import When, scalar_of
from stripesql.write.shapes import Check, Checked, Nothing, checked, from_json
from stripesql.write.usage import usage

WHAT: Final = "CALL stripe.request"
_METHODS: Final = ("GET", "POST", "DELETE")
_HEADERS: Final = {
    "stripe-account": "account",
    "stripe-context": "context",
    "stripe-version": "version",
    "idempotency-key": "idempotency_key",
}
_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f\\#]|//|%2[ef]|%5c|(?:^|/)\.{1,2}(?:/|$)", re.IGNORECASE)
_UNSENDABLE: Final = re.compile(r"[^\x20-\x7e]")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Say one generic call.

    Attributes:
        request: what is sent; its idempotency key where the caller gave one.
        filter: JSONPath over the answer.
        paginate: read a list to its end.
    """

    request: Request
    filter: str
    paginate: bool

    @property
    def writes(self) -> bool:
        """Say whether it may change something."""
        return self.request.method != "GET" and self.request.path not in EFFECT_FREE


def wanted(arguments: Sequence[Argument], when: When) -> Wanted:
    """Return what a call asks for.

    Raises:
        DataError: an argument does not fit.
        NotSupportedError: a path or a header that would lead the key elsewhere.
    """
    given = {each.name.lower(): from_json(each.value, each.name) if each.is_json else each.value for each in arguments}
    method = _text(given, "method", "GET").upper()
    if method not in _METHODS:
        raise DataError(f"{WHAT}: method takes {', '.join(_METHODS)}, not {method!r}")
    if given.get("path") is None:
        raise IntegrityError(f"{WHAT} needs path; {usage(REQUEST)}")
    path, query = split_path(_text(given, "path", ""))
    v2 = path.startswith("/v2/")
    params = (*query, *pairs_of("", _tree(given.get("params"), "params", when, v2=v2)))
    # A STRUCT in a list has all fields of the others, NULL where it had none: only JSON text can mean null.
    text = any(each.name.lower() == "body" and (each.is_json or isinstance(each.value, str)) for each in arguments)
    body = _tree(given.get("body"), "body", when, v2=v2, nulls=v2 and text)
    if body and method != "POST":
        raise DataError(f"{WHAT}: a {method} has no body; give params, or say method => 'POST'")
    request = Request(method, path, params, **_headers(given.get("headers"), method))
    if method == "POST":
        request = replace(request, document=document_of(body)) if v2 else replace(request, body=tuple(pairs_of("", body)))
    paginate = given.get("paginate") is True or str(given.get("paginate")).lower() == "true"
    if paginate and method != "GET":
        raise DataError(f"{WHAT}: paginate reads a list on, which only GET does")
    chosen = _text(given, "filter", "$")
    compiled(chosen)
    return Wanted(request, chosen, paginate)


def _text(given: Mapping[str, object], name: str, default: str) -> str:
    value = given.get(name)
    return default if value is None else str(scalar_of(Parameter(name, "string"), value, f"{WHAT}: {name}", When()))


def split_path(text: str) -> tuple[str, Params]:
    """Return a path that stays on the host, and the query that was written into it.

    Raises:
        NotSupportedError: it names a host, climbs, or holds what no path holds.
    """
    # Not urlsplit: it drops line breaks before it looks.
    path, _, query = text.partition("?")
    if not path.startswith("/") or _UNSAFE.search(path) or "#" in query:
        raise NotSupportedError(
            f"{WHAT}: path {text!r} is refused; it begins with one /, as in '/v1/customers', and has no host, no .. and no blank"
        )
    try:
        encoded = quote(path, safe="/%~!$&'()*+,;=:@")
    except UnicodeEncodeError as problem:
        raise DataError(f"{WHAT}: path holds half of a surrogate pair, which is no Unicode text") from problem
    return encoded, tuple(parse_qsl(query, keep_blank_values=True))


def _tree(value: object, name: str, when: When, *, v2: bool, nulls: bool = False) -> dict[str, Checked]:
    check = Check(WHAT, updating=nulls, any_unset=v2, when=when)
    found = checked(Parameter(name, "map"), value, name, check)
    if found in (Nothing.ABSENT, Nothing.UNSET):
        return {}
    if not isinstance(found, dict):
        raise DataError(f"{WHAT}: {name} takes an object")
    return found


def _headers(value: object, method: str) -> dict[str, Any]:
    found = _tree(value, "headers", When(), v2=False)
    for name in found:
        if name.lower() not in _HEADERS:
            raise NotSupportedError(f"{WHAT}: the header {name} cannot be set; {', '.join(each.title() for each in _HEADERS)} can")
        if not isinstance(found[name], str | int) or _UNSENDABLE.search(str(found[name])):
            raise DataError(f"{WHAT}: the header {name} takes one line of ASCII text, not {found[name]!r}")
    headers = {_HEADERS[name.lower()]: str(each) for name, each in found.items()}
    if "idempotency_key" in headers and method != "POST":
        raise DataError(f"{WHAT}: only a POST has an Idempotency-Key")
    return headers
