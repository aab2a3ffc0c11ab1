"""Say what Superset calls each of our errors.

In: messages, because Superset keeps no more of an exception. Out: names of its ``SupersetErrorType``. The messages themselves stay as
they are: they say what to do next.
"""

from __future__ import annotations

import re
from typing import Final

_TABLE: Final = (
    (r'there is no table "', "TABLE_DOES_NOT_EXIST_ERROR"),
    (r'there is no column "', "COLUMN_DOES_NOT_EXIST_ERROR"),
    (r'there is no function "', "SYNTAX_ERROR"),
    (r"a statement cannot begin with|cannot be parsed|syntax error", "SYNTAX_ERROR"),
    (r"Stripe refused the key for|no Stripe key:|this is a publishable key|holds characters that no key has", "CONNECTION_INVALID_PASSWORD_ERROR"),
    (r"the key may not ", "CONNECTION_DATABASE_PERMISSIONS_ERROR"),
    (r"got no answer from ", "CONNECTION_HOST_DOWN_ERROR"),
    (r"took longer than statement_timeout_s", "CONNECTION_DATABASE_TIMEOUT"),
    (r"is about an object that is not there", "OBJECT_DOES_NOT_EXIST_ERROR"),
)  # fmt: skip

_AROUND: Final = r"^\s*(?:stripe error: )?(?:\([\w.]+\) )?"

KINDS: Final = tuple((re.compile(rf"{_AROUND}(?P<said>[^\n]*?(?:{pattern})[^\n]*)"), kind) for pattern, kind in _TABLE)
"""A pattern for each kind of message, whose group ``said`` is the message without what SQLAlchemy and Superset put around it."""


def kind_of(message: str) -> str | None:
    """Return Superset's name for the error with this message; None where it has none.

    >>> kind_of('stripe error: there is no table "chargess"; did you mean "charges"? (line 1, column 15)')
    'TABLE_DOES_NOT_EXIST_ERROR'
    """
    return next((kind for pattern, kind in KINDS if pattern.search(message)), None)
