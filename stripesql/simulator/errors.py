"""Define the refusals of the simulated API, in Stripe's JSON shape.

In: what was wrong. Out: ``ApiError``, raised by every check and turned into an answer in one place (``simulator``).
The texts are our own; type, code, param and status are Stripe's (https://docs.stripe.com/error-codes).
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """Refuse a request.

    Attributes:
        status: HTTP status.
        message: for people.
        code: Stripe's error code, or None.
        param: parameter at fault, or None.
        type: Stripe's error type.
        headers: sent along.
        extra: further fields of the error: ``decline_code``, ``payment_intent``.
        keeps: what was changed before the refusal stays (a declined charge).
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        type: str = "invalid_request_error",  # noqa: A002  Stripe's name for the field
        headers: dict[str, str] | None = None,
        extra: dict[str, Any] | None = None,
        keeps: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        self.type = type
        self.headers = headers or {}
        self.extra = extra or {}
        self.keeps = keeps

    def document(self, request_id: str) -> dict[str, Any]:
        """Return the JSON document of a v1 answer; fields without a value are left out, as Stripe does."""
        error: dict[str, Any] = {}
        if self.code is not None:
            error["code"] = self.code
            error["doc_url"] = "https://stripe.com/docs/error-codes/" + self.code.replace("_", "-")
        error["message"] = self.message
        if self.param is not None:
            error["param"] = self.param
        error["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
        error["type"] = self.type
        return {"error": error | self.extra}


def unknown_parameter(name: str) -> ApiError:
    """Refuse a parameter that the endpoint does not have."""
    return ApiError(400, f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def missing_parameter(name: str) -> ApiError:
    """Refuse a call without a parameter that it needs."""
    return ApiError(400, f"Missing required param: {name}.", code="parameter_missing", param=name)


def empty_parameter(name: str) -> ApiError:
    """Refuse ``name=``."""
    message = f"You passed an empty string for '{name}'. It cannot be unset here: leave it out, or give it a value."
    return ApiError(400, message, code="parameter_invalid_empty", param=name)


def invalid_integer(name: str, text: str) -> ApiError:
    """Refuse text where an integer belongs."""
    return ApiError(400, f"Invalid integer: {text}", code="parameter_invalid_integer", param=name)


def invalid_value(name: str, message: str) -> ApiError:
    """Refuse a value that has the right type and cannot be meant."""
    return ApiError(400, message, param=name)


def invalid_choice(name: str, choices: tuple[str, ...]) -> ApiError:
    """Refuse a value outside the vocabulary."""
    return ApiError(400, f"Invalid {name}: must be one of {', '.join(choices)}", param=name)


def no_such(noun: str, object_id: str, param: str, status: int = 400) -> ApiError:
    """Refuse an id that names nothing: 404 in a path, 400 in a parameter."""
    return ApiError(status, f"No such {noun}: '{object_id}'", code="resource_missing", param=param)


def unknown_url(method: str, path: str) -> ApiError:
    """Refuse a path, or a method on it, that the API does not have."""
    return ApiError(404, f"Unrecognized request URL ({method}: {path}). If you are trying to list objects, remove the trailing slash.")
