"""Define every exception that stripesql raises, as one PEP 249 tree.

::

    Warning
    Error
    ├── InterfaceError                  misuse of this library (closed cursor, bad argument)
    └── DatabaseError
        ├── DataError                   a value that cannot be used where it stands
        ├── OperationalError            the outside world: network, limits, time
        │   ├── ConnectionFailed        no answer reached us
        │   ├── QueryTimeout            statement_timeout_s passed
        │   ├── QueryCancelled          cancel() was called
        │   ├── BudgetExceeded          max_requests would be passed
        │   └── OutcomeUnknown          a write may or may not have happened
        ├── IntegrityError
        ├── InternalError               a defect of ours or of the engine
        ├── ProgrammingError            the SQL is wrong
        │   ├── SqlSyntaxError          it cannot be parsed
        │   ├── UnknownName             a table, column or function that is not there
        │   └── ArgumentRequired        the list needs a predicate that is missing
        └── NotSupportedError           the SQL is right, and Stripe or we cannot do it

    StripeError (mixin: status, code, type, param, request_id)
    ├── AuthenticationFailed            (OperationalError)  401
    ├── PermissionDenied                (OperationalError)  403
    ├── InvalidRequest                  (ProgrammingError)  400, 404 that is not about an object
    ├── NotFound                        (DataError)         404 resource_missing
    ├── CardDeclined                    (OperationalError)  402
    ├── IdempotencyConflict             (IntegrityError)    400, 409
    ├── RateLimited                     (OperationalError)  429
    └── ApiFailure                      (OperationalError)  5xx, 424, an answer that is not JSON

In: nothing. Out: exception classes. Translation from HTTP lives in ``fetch/failures.py``.
"""

from __future__ import annotations


class Warning(Exception):  # noqa: A001  PEP 249 fixes the name
    """Report something that a caller may want to know; never raised by stripesql itself."""


class Error(Exception):
    """Stand at the root of all errors; catching it catches everything stripesql raises."""


class InterfaceError(Error):
    """Report misuse of this library rather than of SQL or of Stripe."""


class DatabaseError(Error):
    """Stand at the root of the errors that concern the database."""


class DataError(DatabaseError):
    """Report a value that cannot be used where it stands."""


class OperationalError(DatabaseError):
    """Report a failure outside the statement: network, limits, time, permission."""


class IntegrityError(DatabaseError):
    """Report a conflict with what Stripe already holds."""


class InternalError(DatabaseError):
    """Report a defect of stripesql or of its engine."""


class ProgrammingError(DatabaseError):
    """Report a statement that is wrong.

    Attributes:
        position: (line, column), both counted from 1, or None where it is not known.
    """

    def __init__(self, message: str = "", *, position: tuple[int, int] | None = None) -> None:
        if position is not None:
            message = f"{message} (line {position[0]}, column {position[1]})"
        super().__init__(message)
        self.position = position


class NotSupportedError(DatabaseError):
    """Report a statement that is valid and that Stripe or stripesql cannot carry out."""


class SqlSyntaxError(ProgrammingError):
    """Report text that does not parse."""


class UnknownName(ProgrammingError):
    """Report a table, column or function that does not exist."""


class ArgumentRequired(ProgrammingError):
    """Report a list that Stripe answers only with an argument that the query does not give."""


class ConnectionFailed(OperationalError):
    """Report that no answer reached us: name resolution, refused, reset, timed out."""


class QueryTimeout(OperationalError):
    """Report that ``statement_timeout_s`` passed."""


class QueryCancelled(OperationalError):
    """Report that the query was cancelled by ``cancel()``; Ctrl-C raises KeyboardInterrupt."""


class BudgetExceeded(OperationalError):
    """Report a query that was stopped before it would pass ``max_requests``."""


class OutcomeUnknown(OperationalError):
    """Report a write that may or may not have happened.

    Attributes:
        idempotency_key: the key to repeat the write with, or None.
    """

    def __init__(self, message: str = "", *, idempotency_key: str | None = None) -> None:
        super().__init__(message)
        self.idempotency_key = idempotency_key


class StripeError(DatabaseError):
    """Carry the fields of Stripe's own error beside the PEP 249 class.

    Attributes:
        status: HTTP status, None when there was no answer.
        code: Stripe's error code (``resource_missing``), or None.
        type: Stripe's error type (``invalid_request_error``), or None.
        param: the request parameter that Stripe names, or None.
        request_id: ``Request-Id`` of the answer, for Stripe's support, or None.
    """

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        code: str | None = None,
        type: str | None = None,  # noqa: A002  Stripe's name for the field
        param: str | None = None,
        request_id: str | None = None,
    ) -> None:
        DatabaseError.__init__(self, message)
        self.status = status
        self.code = code
        self.type = type
        self.param = param
        self.request_id = request_id
        # ProgrammingError's field; no position in SQL belongs to an answer of Stripe.
        self.position: tuple[int, int] | None = None


class AuthenticationFailed(StripeError, OperationalError):
    """Report a key that Stripe does not accept (401)."""


class PermissionDenied(StripeError, OperationalError):
    """Report a restricted key without the permission that the message names (403)."""


class InvalidRequest(StripeError, ProgrammingError):
    """Report a parameter that Stripe refuses (400)."""


class NotFound(StripeError, DataError):
    """Report an object that does not exist (404 ``resource_missing``)."""


class CardDeclined(StripeError, OperationalError):
    """Report a payment that was declined (402)."""


class IdempotencyConflict(StripeError, IntegrityError):
    """Report an idempotency key that was used with other parameters, or is in use (400, 409)."""


class RateLimited(StripeError, OperationalError):
    """Report that Stripe kept answering 429 until the retries were used up.

    Attributes:
        reason: ``Stripe-Rate-Limited-Reason`` (``global-rate``, ``endpoint-rate``, ...), or None.
    """

    reason: str | None = None


class ApiFailure(StripeError, OperationalError):
    """Report a failure inside Stripe (5xx, 424), or an answer that cannot be read."""
