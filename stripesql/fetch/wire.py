"""Write a ``Request`` as HTTP.

In: the request, and what the connection adds. Out: URL path with query, headers, body. Pure; nothing is sent here.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final
from urllib.parse import urlencode

from stripesql.errors import DataError, InterfaceError
from stripesql.request import Params, Request
from stripesql.settings import API_URL, FILES_URL, ApiKey, Settings

# What h11 would refuse is refused here first: its message quotes the value, and one of the values is the key.
_HEADER_VALUE: Final = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_NOT_TEXT: Final = "a parameter holds half of a surrogate pair, which is no Unicode text and cannot be sent"
_KEY: Final = re.compile(r"[\x21-\x7e]+")


class Headers(dict[str, str]):
    """Hold the headers of a request, whose repr does not show them: a traceback may print the variables of its frames."""

    def __repr__(self) -> str:
        return f"<headers {', '.join(self)}>"


def base_of(request: Request, settings: Settings) -> str:
    """Return scheme and host for a request; only Stripe itself has a second host, for files."""
    return FILES_URL if request.base == "files" and settings.base_url == API_URL else settings.base_url


def target_of(request: Request) -> str:
    """Return path and query, parameters in their order.

    Raises:
        DataError: a parameter is no Unicode text.
    """
    return f"{request.path}?{_form(request.params)}" if request.params else request.path


def body_of(request: Request) -> bytes | None:
    """Return the body of a POST, a form or a document; None for other methods.

    Raises:
        DataError: a field is no Unicode text.
    """
    if request.method != "POST":
        return None
    if request.document is not None:
        return _utf8(request.document)
    return _multipart(request) if request.uploads else _form(request.body or ()).encode()


def headers_of(request: Request, settings: Settings, key: ApiKey, *, default_version: str | None) -> Headers:
    """Return the headers of a request; account, context and version come from the settings where it has none.

    Raises:
        InterfaceError: a value cannot be a header; the key is not shown.
    """
    if not _KEY.fullmatch(key.reveal()):
        raise InterfaceError("the Stripe key is empty, or holds a space, a line break or a letter beyond ASCII; copy it again")
    values = {
        "Stripe-Version": request.version or settings.stripe_version or default_version,
        "Stripe-Account": request.account or settings.stripe_account,
        "Stripe-Context": request.context or settings.stripe_context,
        "Idempotency-Key": request.idempotency_key if request.method == "POST" else None,
        "Content-Type": _content_type(request) if request.method == "POST" else None,
    }
    headers = {name: value for name, value in values.items() if value is not None}
    for name, value in headers.items():
        if not _HEADER_VALUE.fullmatch(value):
            raise InterfaceError(f"{name} cannot be {value!r}: a header holds plain ASCII text")
    return Headers(headers, Authorization=f"Bearer {key.reveal()}")


def _content_type(request: Request) -> str:
    if request.document is not None:
        return "application/json"
    return f"multipart/form-data; boundary={_boundary(request)}" if request.uploads else "application/x-www-form-urlencoded"


def _boundary(request: Request) -> str:
    """Return a line that no part contains; the same for each attempt, so that a repeated request has the same bytes."""
    digest = hashlib.sha256()
    for upload in request.uploads:
        digest.update(upload.content)
    return digest.hexdigest()[:40]


def _multipart(request: Request) -> bytes:
    """Return fields and files as RFC 7578 writes them."""
    boundary = _boundary(request).encode()
    fields = [(f'name="{_quoted(name)}"', "", _utf8(value)) for name, value in request.body or ()]
    files = [
        (f'name="{_quoted(each.name)}"; filename="{_quoted(each.filename)}"', "Content-Type: application/octet-stream\r\n", each.content)
        for each in request.uploads
    ]
    parts = [
        b"--" + boundary + b"\r\n" + _utf8(f"Content-Disposition: form-data; {head}\r\n{kind}\r\n") + content + b"\r\n"
        for head, kind, content in fields + files
    ]
    return b"".join(parts) + b"--" + boundary + b"--\r\n"


def _quoted(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as problem:
        raise DataError(_NOT_TEXT) from problem


def _form(params: Params) -> str:
    try:
        return urlencode(params)
    except UnicodeEncodeError as problem:
        raise DataError(_NOT_TEXT) from problem
