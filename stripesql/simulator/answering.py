"""Turn what was decided into answers: headers, refusals, and what faults leave of an answer on its way.

In: requests, errors, faults. Out: ``Answer``. Pure functions on values.
"""

from __future__ import annotations

from collections.abc import Callable
from email.utils import formatdate

import msgspec

from stripesql.simulator.answers import Answer, Asked
from stripesql.simulator.errors import ApiError
from stripesql.simulator.faults import Fault
from stripesql.simulator.limits import too_fast

FAULTS: dict[Fault, Callable[[], ApiError]] = {
    Fault.RATE_LIMIT: lambda: too_fast("global-rate"),
    Fault.ENDPOINT_RATE: lambda: too_fast("endpoint-rate"),
    Fault.LOCK_TIMEOUT: lambda: too_fast(None),
    Fault.SERVER_ERROR: lambda: ApiError(500, "An unknown error occurred.", type="api_error"),
    Fault.UNAVAILABLE: lambda: ApiError(503, "The service is unavailable for a moment.", type="api_error"),
    Fault.GATEWAY_TIMEOUT: lambda: ApiError(504, "The service did not answer in time.", type="api_error"),
    Fault.UNAUTHORIZED: lambda: ApiError(401, "Invalid API Key provided.", type="invalid_request_error"),
    Fault.FORBIDDEN: lambda: ApiError(403, "The provided key does not have the required permissions for this endpoint."),
    Fault.REDIRECT: lambda: ApiError(302, "Moved.", headers={"Location": "https://elsewhere.example/"}),
    Fault.CONFLICT: lambda: ApiError(409, "The object was changed by another request.", code="lock_timeout"),
}
"""Faults that are answers, given before anything is carried out."""


def account_of(asked: Asked) -> str | None:
    """Return the account that the request names, or None for the key's own."""
    return asked.headers.get("stripe-account") or asked.headers.get("stripe-context") or None


def is_form(asked: Asked) -> bool:
    """Say whether the body is a form: v1 sends forms, v2 sends JSON, files come in parts."""
    kind = asked.headers.get("content-type", "")
    return bool(asked.body) and "json" not in kind and not kind.startswith("multipart/")


def headers_of(asked: Asked, request_id: str, at: float) -> dict[str, str]:
    """Return the headers of an answer; ``at`` is what the server's clock says."""
    headers = {"Content-Type": "application/json", "Date": formatdate(at, usegmt=True), "Request-Id": request_id}
    if asked.headers.get("stripe-version"):
        headers["Stripe-Version"] = asked.headers["stripe-version"]
    account = account_of(asked)
    if account:
        headers["Stripe-Account"] = account
    if asked.method == "POST" and asked.headers.get("idempotency-key"):
        headers["Idempotency-Key"] = asked.headers["idempotency-key"]
    return headers


def refusal(error: ApiError, headers: dict[str, str], request_id: str) -> Answer:
    """Return the answer that refuses."""
    return Answer(error.status, msgspec.json.encode(error.document(request_id)), {**headers, **error.headers})


def replayed(found: Answer, request_id: str) -> Answer:
    """Return an answer that was given before."""
    headers = {"Request-Id": request_id, "Original-Request": found.headers["Request-Id"], "Idempotent-Replayed": "true"}
    return Answer(found.status, found.body, {**found.headers, **headers})


def spoiled(answer: Answer, fault: Fault | None) -> Answer:
    """Return what is left of the answer on its way."""
    if fault is Fault.BAD_JSON:
        return Answer(answer.status, answer.body[: len(answer.body) // 2] + b"\x00{]", answer.headers)
    if fault is Fault.HTML:
        page = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
        return Answer(502, page, {**answer.headers, "Content-Type": "text/html"})
    return answer
