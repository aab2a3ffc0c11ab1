"""Bodies of requests: forms, JSON documents, and files between boundaries."""

from __future__ import annotations

from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

import pytest

from stripesql.errors import DataError
from stripesql.fetch.wire import body_of, headers_of
from stripesql.request import Request, Upload
from stripesql.settings import ApiKey, Settings

KEY = ApiKey("sk_test_" + "b" * 24)


def content_type(request: Request) -> str | None:
    return headers_of(request, Settings(), KEY, default_version="2026-10-28").get("Content-Type")


def parts_of(request: Request) -> list[EmailMessage]:
    head = f"Content-Type: {content_type(request)}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + (body_of(request) or b""))
    assert message.is_multipart()
    return list(message.iter_parts())


def test_a_form_keeps_order_and_repeats():
    fields = (("name", "O'Brien & Söhne = 100%"), ("a[0]", "x y+z"), ("a[1]", ""))
    request = Request("POST", "/v1/customers", body=fields)
    assert content_type(request) == "application/x-www-form-urlencoded"
    assert parse_qsl((body_of(request) or b"").decode(), keep_blank_values=True) == list(fields)


def test_a_document_goes_as_it_is():
    request = Request("POST", "/v2/core/accounts", document='{"name":"é"}')
    assert content_type(request) == "application/json"
    assert body_of(request) == '{"name":"é"}'.encode()


def test_only_a_post_has_a_body():
    assert body_of(Request("GET", "/v1/customers", document="{}")) is None
    assert content_type(Request("DELETE", "/v1/customers/cus_1", body=(("a", "b"),))) is None


def test_files_go_between_boundaries():
    content = bytes(range(256)) * 3 + b"\r\n--\r\n"
    upload = Upload("file", 'a "b"\n.png', content)
    request = Request("POST", "/v1/files", base="files", body=(("purpose", "dispute_evidence"), ("é", "ü")), uploads=(upload,))
    fields = parts_of(request)
    assert [part.get_param("name", header="content-disposition") for part in fields] == ["purpose", "é", "file"]
    assert [part.get_payload(decode=True) for part in fields[:2]] == [b"dispute_evidence", "ü".encode()]
    assert fields[2].get_payload(decode=True) == content
    assert fields[2].get_filename() == "a %22b%22%0A.png"
    assert fields[2].get_content_type() == "application/octet-stream"


def test_a_repeated_upload_has_the_same_bytes():
    request = Request("POST", "/v1/files", uploads=(Upload("file", "a", b"1"),))
    assert body_of(request) == body_of(request)
    assert content_type(request) == content_type(request)


def test_the_content_of_a_file_is_not_in_a_repr():
    assert "secret" not in repr(Request("POST", "/v1/files", uploads=(Upload("file", "a", b"secret"),)))


@pytest.mark.parametrize(
    "request_",
    [
        Request("POST", "/v2/x", document='{"a":"\ud800"}'),
        Request("POST", "/v1/files", body=(("a", "\ud800"),), uploads=(Upload("f", "f", b""),)),
    ],
    ids=["document", "file"],
)
def test_half_a_surrogate_pair_is_refused(request_):
    with pytest.raises(DataError, match="half of a surrogate pair"):
        body_of(request_)
