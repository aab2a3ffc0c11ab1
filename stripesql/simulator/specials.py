"""Answer the reads that are no rows of a table.

In: a path. Out: how it is answered, or None: the contents of a file, the PDF of a quote. Reads with parameters that work like
actions are only named here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from stripesql.simulator import errors
from stripesql.simulator.answers import Content
from stripesql.simulator.reads import Call

ACTIONS = frozenset({("GET", "/v1/credit_notes/preview"), ("GET", "/v1/apps/secrets/find")})
"""Reads that ``writes`` answers: they look like retrieves, and take parameters."""


@dataclass(frozen=True, slots=True)
class Special:
    """Say one such read.

    Attributes:
        table: whose permission it needs.
        answer: makes the document.
    """

    table: str
    answer: Callable[[Call], dict[str, Any] | Content]


def find(path: str) -> Special | None:
    """Return what answers the path."""
    segments = path.split("/")
    if len(segments) == 5 and segments[:3] == ["", "v1", "files"] and segments[4] == "contents":
        return Special("files", lambda call: contents(call, unquote(segments[3])))
    if len(segments) == 5 and segments[:3] == ["", "v1", "quotes"] and segments[4] == "pdf":
        return Special("quotes", lambda call: pdf(call, unquote(segments[3])))
    return None


def pdf(call: Call, quote_id: str) -> Content:
    """Return a page with the number of a quote, which a draft does not have."""
    row = call.account.shelf("quotes").get(quote_id)
    if row is None:
        raise errors.no_such("quote", quote_id, "quote", 404)
    value = call.account.fields("quotes", row)
    if value["number"] is None:
        raise errors.invalid_value("quote", "A draft has no PDF: finalize the quote first.")
    words = f"BT /F1 24 Tf 72 720 Td (Quote {value['number']}) Tj ET".encode("latin-1", "replace")
    return Content("application/pdf", _page(words))


def _page(drawing: bytes) -> bytes:
    """Return a PDF of one page."""
    parts = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    whole, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(whole))
        whole += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    ending = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, len(whole))
    return whole + b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1) + table + ending


def contents(call: Call, file_id: str) -> Content:
    """Return the bytes of a file."""
    row = call.account.shelf("files").get(file_id)
    if row is None:
        raise errors.no_such("file", file_id, "file", 404)
    value = call.account.fields("files", row)
    return Content("application/octet-stream", call.account.contents.get(file_id) or f"{value.get('filename')}\n".encode())
