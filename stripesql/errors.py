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
        ├── NotSupportedError           the SQL is right, and Stripe or we cannot do it
        │   └── WriteRefused            a guard of the connection forbids the write; nothing was sent
        └── BatchFailed                 a write of several rows stopped on the way; it is also what its cause is

    BatchFailed, by its cause (done, failed, unknown, untried)
    ├── BatchOutcomeUnknown             (OutcomeUnknown)
    ├── BatchOperationalError           (OperationalError)
    ├── BatchProgrammingError           (ProgrammingError)
    ├── BatchDataError                  (DataError)
    ├── BatchIntegrityError             (IntegrityError)
    ├── BatchNotSupportedError          (NotSupportedError)
    └── BatchInternalError              (InternalError)

    StripeError (mixin: status, code, type, param, request_id)
    ├── AuthenticationFailed            (OperationalError)  401
    ├── PermissionDenied                (OperationalError)  403
    ├── InvalidRequest                  (ProgrammingError)  400, 404 that is not about an object
    ├── NotFound                        (DataError)         404 resource_missing
    ├── CardDeclined                    (OperationalError)  402
    ├── AlreadyExists                   (IntegrityError)    400 resource_already_exists
    ├── IdempotencyConflict             (IntegrityError)    400, 409
    ├── RateLimited                     (OperationalError)  429
    └── ApiFailure                      (OperationalError)  5xx, 424, an answer that is not JSON

In: nothing. Out: exception classes. Translation from HTTP lives in ``fetch/failures.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final


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


class WriteRefused(NotSupportedError):
    """Report a write that a setting forbids: ``read_only``, ``allow_full_table_writes``, ``max_write_rows``."""


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
        rest: what was sent, for ``Cursor.resume``, which repeats it under its key; no part of the interface.
    """

    def __init__(self, message: str = "", *, idempotency_key: str | None = None) -> None:
        super().__init__(message)
        self.idempotency_key = idempotency_key
        self.rest: object = None


class BatchFailed(DatabaseError):
    """Report a write of several rows that stopped at a row that failed.

    It is an instance of its cause's PEP 249 class as well (``OperationalError`` for a declined card), and of
    ``OutcomeUnknown`` where that is the cause. The cause itself is ``__cause__``. Rows are numbered from 0, in the order
    of the statement; each is in exactly one of the four.

    Attributes:
        done: rows that were written.
        failed: rows that were not, for a reason in ``problems``.
        unknown: rows that may have been written, for a reason in ``problems``.
        untried: rows that were not sent.
        ids: id of the object of each row that is known: of all rows of UPDATE and DELETE, of the done ones of INSERT.
        problems: what happened, by the number of the row.
        answers, rest: what was answered and what is left; for ``Cursor.resume``, and no part of the interface.
    """

    def __init__(
        self,
        message: str = "",
        *,
        done: Sequence[int] = (),
        failed: Sequence[int] = (),
        unknown: Sequence[int] = (),
        untried: Sequence[int] = (),
        ids: Mapping[int, str] | None = None,
        problems: Mapping[int, DatabaseError] | None = None,
    ) -> None:
        Exception.__init__(self, message)
        self.done, self.failed, self.unknown, self.untried = tuple(done), tuple(failed), tuple(unknown), tuple(untried)
        self.ids: Mapping[int, str] = dict(ids or {})
        self.problems: Mapping[int, DatabaseError] = dict(problems or {})
        self.answers: Mapping[int, object] = {}
        self.rest: object = None
        # The fields of those that it may be as well.
        self.position: tuple[int, int] | None = None
        self.idempotency_key: str | None = None

    @staticmethod
    def caused_by(cause: BaseException) -> type[BatchFailed]:
        """Return the class for a batch that stopped for this cause."""
        return next((each for each in _BATCHES if isinstance(cause, each.__bases__[1])), BatchFailed)


class BatchOutcomeUnknown(BatchFailed, OutcomeUnknown):
    """Report a batch that stopped because the outcome of a row is not known."""


class BatchOperationalError(BatchFailed, OperationalError):
    """Report a batch that stopped for a reason outside the statement."""


class BatchProgrammingError(BatchFailed, ProgrammingError):
    """Report a batch that stopped at a row that Stripe refused."""


class BatchDataError(BatchFailed, DataError):
    """Report a batch that stopped at a value that cannot be used."""


class BatchIntegrityError(BatchFailed, IntegrityError):
    """Report a batch that stopped at a conflict with what Stripe holds."""


class BatchNotSupportedError(BatchFailed, NotSupportedError):
    """Report a batch that stopped at something that Stripe or stripesql cannot carry out."""


class BatchInternalError(BatchFailed, InternalError):
    """Report a batch that stopped at a defect of stripesql."""


_BATCHES: Final = (
    *(BatchOutcomeUnknown, BatchOperationalError, BatchProgrammingError, BatchDataError),
    *(BatchIntegrityError, BatchNotSupportedError, BatchInternalError),
)


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


class AlreadyExists(StripeError, IntegrityError):
    """Report an id, a code or another unique value that is taken (400 ``resource_already_exists``)."""


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
