import json
from typing import Any

import pytest

from stripesql.errors import (
    AlreadyExists,
    ApiFailure,
    AuthenticationFailed,
    CardDeclined,
    IdempotencyConflict,
    InvalidRequest,
    NotFound,
    OperationalError,
    PermissionDenied,
    RateLimited,
    StripeError,
)
from stripesql.fetch import Response
from stripesql.fetch.failures import FAILURES, failure_of, unreadable
from stripesql.request import Request

REQUEST = Request("GET", "/v1/customers/cus_1", (("email", "someone@example.com"),))


def answer(status: int, body: bytes | dict[str, Any] = b"", **headers: str) -> Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, content, REQUEST, headers.get("request_id"))


def error(status: int, message: str = "Nope.", headers: dict[str, str] | None = None, **fields: Any) -> StripeError:
    return failure_of(answer(status, {"error": {"message": message} | fields}, **(headers or {})))


@pytest.mark.parametrize(
    ("status", "fields", "raised"),
    [
        (400, {"type": "invalid_request_error"}, InvalidRequest),
        (400, {"type": "invalid_request_error", "code": "resource_already_exists"}, AlreadyExists),
        (400, {"type": "idempotency_error"}, IdempotencyConflict),
        (409, {"type": "idempotency_error"}, IdempotencyConflict),
        (409, {"code": "idempotency_key_in_use"}, IdempotencyConflict),
        (409, {"code": "lock_timeout"}, ApiFailure),
        (409, {}, IdempotencyConflict),
        (402, {"type": "card_error", "code": "card_declined"}, CardDeclined),
        (402, {}, CardDeclined),
        (400, {"type": "card_error"}, CardDeclined),
        (401, {"type": "invalid_request_error"}, AuthenticationFailed),
        (403, {"type": "invalid_request_error"}, PermissionDenied),
        (404, {"code": "resource_missing"}, NotFound),
        (404, {}, InvalidRequest),
        (405, {}, InvalidRequest),
        (422, {}, InvalidRequest),
        (424, {"code": "lock_timeout"}, ApiFailure),
        (429, {}, RateLimited),
        (429, {"code": "lock_timeout"}, RateLimited),
        (500, {"type": "api_error"}, ApiFailure),
        (503, {}, ApiFailure),
        (302, {}, ApiFailure),
        (100, {}, ApiFailure),
    ],
)
def test_each_answer_has_its_class(status: int, fields: dict[str, Any], raised: type[StripeError]) -> None:
    assert type(error(status, **fields)) is raised


def test_the_fields_of_stripes_error_are_kept() -> None:
    found = error(400, type="invalid_request_error", code="parameter_unknown", param="foo", headers={"request_id": "req_7"})
    assert (found.status, found.type, found.code, found.param, found.request_id) == (
        400,
        "invalid_request_error",
        "parameter_unknown",
        "foo",
        "req_7",
    )


@pytest.mark.parametrize(
    ("status", "fields", "words"),
    [
        (400, {"message": "Received unknown parameter: foo"}, "Stripe refused GET /v1/customers/cus_1: Received unknown parameter: foo"),
        (401, {"message": "Invalid API Key provided"}, "Stripe refused the key for GET /v1/customers/cus_1: Invalid API Key provided; check STRIPE_API_KEY"),
        (
            403,
            {"message": "The provided key does not have the required permission 'rak_customer_read'."},
            "the key may not GET /v1/customers/cus_1: The provided key does not have the required permission 'rak_customer_read'; "
            "give the key this permission (Read for customers) in the Dashboard",
        ),
        (404, {"code": "resource_missing", "message": "No such customer: 'cus_1'"}, "about an object that is not there: No such customer: 'cus_1'; check the id"),
        (500, {"message": "An error occurred."}, "Stripe failed at GET /v1/customers/cus_1: An error occurred; try again later"),
        (500, {"message": None, "code": "boom"}, "Stripe failed at GET /v1/customers/cus_1: boom"),
    ],
)  # fmt: skip
def test_messages_say_what_happened_to_what_and_what_to_do(status: int, fields: dict[str, Any], words: str) -> None:
    assert words in str(error(status, **fields))


def test_a_rate_limit_says_which() -> None:
    found = error(429, headers={"stripe_rate_limited_reason": "endpoint-rate"})
    assert isinstance(found, RateLimited)
    assert found.reason == "endpoint-rate"
    assert "kept refusing GET /v1/customers/cus_1 as too frequent (endpoint-rate): Nope; other programs use the same limit" in str(found)


def test_the_request_id_ends_the_message() -> None:
    assert str(error(400, headers={"request_id": "req_7"})).endswith(" [req_7]")


@pytest.mark.parametrize(
    "body", [b"", b"<html>Bad gateway</html>", b"[]", b'{"error": "text"}', b'{"error": {"message": 5}}', b"[" * 99999, b"\xff"]
)
def test_a_body_that_is_no_error_still_makes_one(body: bytes) -> None:
    found = failure_of(answer(502, body, content_type="text/html; charset=utf-8"))
    assert type(found) is ApiFailure
    assert "Stripe failed at GET /v1/customers/cus_1: HTTP 502, text/html instead of Stripe's JSON" in str(found)


def test_no_message_repeats_a_secret_or_a_parameter() -> None:
    found = failure_of(answer(401, {"error": {"message": "Bad key sk_test_secret!"}}), secret="sk_test_secret")
    assert "sk_test_secret" not in str(found)
    assert "someone@example.com" not in str(found)


def test_braces_in_a_message_are_only_braces() -> None:
    assert "{status} {0}" in str(error(400, "Use {status} {0}"))


def test_a_body_that_cannot_be_read_names_its_kind() -> None:
    response = answer(200, b'{"data": [', content_type="application/json", request_id="req_1")
    found = unreadable(response, ValueError("Input data was truncated"))
    assert type(found) is ApiFailure
    assert str(found) == (
        "Stripe's answer is not JSON that can be read (Input data was truncated): GET /v1/customers/cus_1 gave 10 bytes of application/json; "
        "check base_url and the proxy, then try again"
    )
    assert (found.status, found.request_id) == (200, "req_1")


def test_every_failure_of_stripe_is_an_error_of_pep_249_with_a_status() -> None:
    assert isinstance(error(500), OperationalError)
    assert all(row.status[0] <= row.status[1] for row in FAILURES)


@pytest.mark.parametrize(
    ("request_", "needs"),
    [
        (Request("GET", "/v1/charges"), "Read for charges"),
        (Request("GET", "/v1/charges/search"), "Read for charges"),
        (Request("GET", "/v1/charges/ch_1"), "Read for charges"),
        (Request("GET", "/v1/customers/cus_1/tax_ids"), "Read for customer_tax_ids"),
        (Request("GET", "/v1/customers/cus_1/tax_ids/txi_1"), "Read for customer_tax_ids"),
        (Request("POST", "/v1/invoices/in_1/pay"), "Write for invoices"),
        (Request("DELETE", "/v1/customers/cus_1"), "Write for customers"),
        (Request("GET", "/v1/invoiceitems"), "Read for invoice_items"),
        (Request("GET", "/v1/charges", (("expand[]", "data.customer"), ("limit", "100"))), "Read for charges, and Read for what is expanded: customer"),
        (Request("GET", "/v1/terminal/odd_things"), "Read for /v1/terminal/odd_things"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.path,
)  # fmt: skip
def test_a_missing_permission_is_named_by_table_and_access(request_: Request, needs: str) -> None:
    refused = Response(403, {}, b'{"error": {"message": "No."}}', request_, None)
    assert f"; give the key this permission ({needs}) in the Dashboard" in str(failure_of(refused))
