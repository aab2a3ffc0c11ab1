"""Translate what went wrong between us and Stripe into the errors of this library.

In: an answer that is no success, or the lack of one. Out: one exception, ready to be raised, that says what happened, to
what, and what to do next. ``FAILURES`` is the whole translation: to explain an error better, change its row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from stripesql.catalogue.load import catalogue
from stripesql.errors import (
    AlreadyExists,
    ApiFailure,
    AuthenticationFailed,
    CardDeclined,
    ConnectionFailed,
    DatabaseError,
    IdempotencyConflict,
    InvalidRequest,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    StripeError,
)
from stripesql.fetch.response import Response
from stripesql.request import Request


@dataclass(frozen=True, slots=True)
class Failure:
    """Say what one kind of answer means.

    Attributes:
        status: lowest and highest HTTP status.
        kind: Stripe's error type, or None for any.
        code: Stripe's error code, or None for any.
        error: what is raised.
        what: what happened; ``{target}`` is method and path, ``{message}`` Stripe's own words.
        advice: what to do next; ``{param}`` is the parameter that Stripe names, ``{permission}`` what the request needs.
        on_write: the same where the request would have written; "" for no difference.
    """

    status: tuple[int, int]
    kind: str | None
    code: str | None
    error: type[StripeError]
    what: str
    advice: str
    on_write: str = ""


_SAID: Final = "Stripe refused {target}: {message}"

# The first row that fits counts. Sources: https://docs.stripe.com/api/errors, https://docs.stripe.com/error-codes and
# https://docs.stripe.com/error-low-level, read 2026-04-30. HTTP status of a reused idempotency key: 400 by what others
# report; the type decides.
FAILURES: Final = (
    Failure((300, 399), None, None, ApiFailure, "{target} was redirected, and the key does not follow", "check base_url and the proxy"),
    Failure((400, 499), None, "idempotency_key_in_use", IdempotencyConflict, _SAID, "the same write is still running; wait for it, then repeat the statement"),
    Failure((400, 499), "idempotency_error", None, IdempotencyConflict, _SAID, "the key was used with other parameters: use another idempotency_key_prefix, or repeat the first statement unchanged"),
    Failure((400, 499), None, "resource_already_exists", AlreadyExists, _SAID, "choose another, or say ON CONFLICT ... DO UPDATE or DO NOTHING where the table takes it"),
    Failure((400, 499), "card_error", None, CardDeclined, _SAID, "the payment was declined; nothing is wrong with the statement"),
    Failure((401, 401), None, None, AuthenticationFailed, "Stripe refused the key for {target}: {message}", "check STRIPE_API_KEY, or the key given to connect()"),
    Failure((402, 402), None, None, CardDeclined, _SAID, "the request was valid and failed; nothing is wrong with the statement"),
    Failure((403, 403), None, None, PermissionDenied, "the key may not {target}: {message}", "give the key this permission ({permission}) in the Dashboard (Developers, API keys), or leave the table out"),
    Failure((404, 404), None, "resource_missing", NotFound, "{target} is about an object that is not there: {message}", "check the id, and whether key and object are both test or both live"),
    Failure((404, 404), None, "invoice_upcoming_none", InvalidRequest, _SAID, "nothing is to be invoiced: it needs a subscription that goes on, or pending invoice items"),
    Failure((404, 404), None, None, InvalidRequest, "Stripe does not know {target}: {message}", "check stripe_version, and whether the account has this product"),
    Failure((409, 409), None, "lock_timeout", ApiFailure, _SAID, "another request kept the object locked; try again, with fewer requests on one object"),
    Failure((409, 409), None, None, IdempotencyConflict, _SAID, "something else changed the same object; try again"),
    Failure((424, 424), None, None, ApiFailure, "{target} failed at a service behind Stripe: {message}", "try again later"),
    Failure((429, 429), None, "lock_timeout", RateLimited, "{target} met a locked object in every attempt: {message}", "another request keeps it locked; try again, with fewer requests on one object"),
    Failure((429, 429), None, None, RateLimited, "Stripe kept refusing {target} as too frequent{reason}: {message}", "other programs use the same limit; try again later, or lower requests_per_second"),
    Failure((400, 499), None, None, InvalidRequest, _SAID, "check {param}; EXPLAIN shows what is sent, and SET pushdown = off sends no predicate", "check {param}; EXPLAIN shows what is sent"),
    Failure((500, 599), None, None, ApiFailure, "Stripe failed at {target}: {message}", "try again later; https://status.stripe.com shows outages"),
    Failure((0, 999), None, None, ApiFailure, "{target} was answered with HTTP {status}: {message}", "check base_url and the proxy"),
)  # fmt: skip


def failure_of(response: Response, *, secret: str = "") -> StripeError:
    """Return the error for an answer that is no success.

    Args:
        response: with a status other than 2xx.
        secret: the key, which no message may repeat even if the answer does.
    """
    error = _error_in(response.body)
    kind, code = _text(error, "type"), _text(error, "code")
    row = _row(response.status, kind, code)
    reason = reason_of(response)
    what = row.what.format(
        target=target_of(response.request),
        message=_message(response, error),
        status=response.status,
        reason=f" ({reason})" if reason else "",
    )
    param = _text(error, "param")
    writes = response.request.method != "GET"
    advice = row.on_write if writes and row.on_write else row.advice
    values = "the values that are set, and whether the state of the object allows it" if writes else "the values that are compared"
    permission = _permission(response.request) if "{permission}" in advice else ""
    text = f"{what.rstrip('.')}; {advice.format(param=param or values, permission=permission)}"
    if response.request_id:
        text += f" [{response.request_id}]"
    raised = row.error(
        text.replace(secret, "***") if secret else text,
        status=response.status,
        code=code or _text(error, "decline_code"),
        type=kind,
        param=param,
        request_id=response.request_id,
    )
    if isinstance(raised, RateLimited):
        raised.reason = reason
    return raised


def reason_of(response: Response) -> str | None:
    """Return which limit a 429 says was passed, or None."""
    return response.headers.get("stripe-rate-limited-reason")


def unreadable(response: Response, problem: Exception | None = None) -> ApiFailure:
    """Return the error for a success whose body is not the JSON that it should be; raise it ``from problem``."""
    what = "is not JSON" if problem is None else f"is not JSON that can be read ({problem})"
    if problem is None and _is_json(response.body):
        what = "is JSON, and not what was asked for"
    kind = response.headers.get("content-type", "").partition(";")[0] or "no content type"
    return ApiFailure(
        f"Stripe's answer {what}: {target_of(response.request)} gave {len(response.body)} bytes of {kind}; "
        "check base_url and the proxy, then try again",
        status=response.status,
        request_id=response.request_id,
    )


def lost(request: Request, host: str, reason: str, attempts: int) -> ConnectionFailed:
    """Return the error for a request that was never answered."""
    tries = "" if attempts == 1 else f" in {attempts} attempts"
    return ConnectionFailed(f"{target_of(request)} got no answer from {host}{tries}: {reason}; check the network, base_url and the proxy")


def unknown(request: Request, problem: DatabaseError) -> OutcomeUnknown:
    """Return the error for a write that may have happened; raise it ``from problem``."""
    again = (
        f"repeat it under the idempotency key {request.idempotency_key} to find out"
        if request.idempotency_key
        else "look whether it is there before you repeat it"
    )
    return OutcomeUnknown(f"{target_of(request)} may or may not have happened: {problem}; {again}", idempotency_key=request.idempotency_key)


def target_of(request: Request) -> str:
    """Return method and path; parameters may hold what customers wrote, and stay out of messages."""
    return f"{request.method} {request.path}"


def _permission(request: Request) -> str:
    """Say what a restricted key needs for a request: what Stripe calls the permission is in its own words, if at all."""
    access = "Read" if request.method == "GET" else "Write"
    table = catalogue().table_name_under(request.path)
    expanded = [value.removeprefix("data.") for name, value in request.params if name.startswith("expand")]
    beside = f", and Read for what is expanded: {', '.join(expanded)}" if expanded else ""
    return f"{access} for {table or request.path}{beside}"


def _row(status: int, kind: str | None, code: str | None) -> Failure:
    return next(
        row for row in FAILURES if row.status[0] <= status <= row.status[1] and row.kind in (None, kind) and row.code in (None, code)
    )


def _is_json(body: bytes) -> bool:
    try:
        msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _error_in(body: bytes) -> Mapping[str, Any]:
    """Return the members of Stripe's error object, none where the body holds no such thing."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
    error = found.get("error") if isinstance(found, dict) else None
    return error if isinstance(error, dict) else {}


def _text(error: Mapping[str, Any], name: str) -> str | None:
    value = error.get(name)
    return value if isinstance(value, str) and value else None


def _message(response: Response, error: Mapping[str, Any]) -> str:
    if found := _text(error, "message"):
        return found
    if found := _text(error, "code"):
        return found
    kind = response.headers.get("content-type", "").partition(";")[0]
    return f"HTTP {response.status}" + (f", {kind} instead of Stripe's JSON" if kind and kind != "application/json" else "")
