"""Answer SQL over the Stripe API: a PEP 249 driver and SQLAlchemy dialect.

>>> import stripesql
>>> with stripesql.connect(demo=True) as connection:
...     cursor = connection.execute("SELECT id FROM customers LIMIT 1")
...     cursor.stats.requests <= 1
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from stripesql.errors import (
    AlreadyExists,
    ApiFailure,
    ArgumentRequired,
    AuthenticationFailed,
    BatchFailed,
    BudgetExceeded,
    CardDeclined,
    ConnectionFailed,
    DatabaseError,
    DataError,
    Error,
    IdempotencyConflict,
    IntegrityError,
    InterfaceError,
    InternalError,
    InvalidRequest,
    NotFound,
    NotSupportedError,
    OperationalError,
    OutcomeUnknown,
    PermissionDenied,
    ProgrammingError,
    QueryCancelled,
    QueryTimeout,
    RateLimited,
    SqlSyntaxError,
    StripeError,
    UnknownName,
    Warning,
    WriteRefused,
)
from stripesql.types import (
    BINARY,
    DATETIME,
    NUMBER,
    ROWID,
    STRING,
    Binary,
    Date,
    DateFromTicks,
    Time,
    TimeFromTicks,
    Timestamp,
    TimestampFromTicks,
)

if TYPE_CHECKING:
    from stripesql.dbapi.connect import connect
    from stripesql.dbapi.connection import Connection
    from stripesql.dbapi.cursor import Cursor

__version__: Final = "0.1.0"

apilevel: Final = "2.0"
threadsafety: Final = 2
paramstyle: Final = "qmark"

# Loaded at first use: importing the module alone must stay cheap for programs that only name it.
_LAZY: Final = {
    "connect": "stripesql.dbapi.connect",
    "Connection": "stripesql.dbapi.connection",
    "Cursor": "stripesql.dbapi.cursor",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        from importlib import import_module

        value = getattr(import_module(_LAZY[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'stripesql' has no attribute {name!r}")


__all__ = [
    "BINARY",
    "DATETIME",
    "NUMBER",
    "ROWID",
    "STRING",
    "AlreadyExists",
    "ApiFailure",
    "ArgumentRequired",
    "AuthenticationFailed",
    "BatchFailed",
    "Binary",
    "BudgetExceeded",
    "CardDeclined",
    "Connection",
    "ConnectionFailed",
    "Cursor",
    "DataError",
    "DatabaseError",
    "Date",
    "DateFromTicks",
    "Error",
    "IdempotencyConflict",
    "IntegrityError",
    "InterfaceError",
    "InternalError",
    "InvalidRequest",
    "NotFound",
    "NotSupportedError",
    "OperationalError",
    "OutcomeUnknown",
    "PermissionDenied",
    "ProgrammingError",
    "QueryCancelled",
    "QueryTimeout",
    "RateLimited",
    "SqlSyntaxError",
    "StripeError",
    "Time",
    "TimeFromTicks",
    "Timestamp",
    "TimestampFromTicks",
    "UnknownName",
    "Warning",
    "WriteRefused",
    "apilevel",
    "connect",
    "paramstyle",
    "threadsafety",
]
