"""Turn exceptions into what a person reads, and into exit codes.

In: an exception. Out: a message of one or two lines, without keys and without anything that a terminal would act on.
"""

from __future__ import annotations

import traceback
from enum import IntEnum

from stripesql import errors
from stripesql.cli.arguments import UsageError
from stripesql.cli.keys import redacted
from stripesql.outputs.width import harmless


class Exit(IntEnum):
    """Number the ways a command ends."""

    OK = 0
    FAILED = 1
    USAGE = 2
    INTERRUPTED = 130
    BROKEN_PIPE = 141


def exit_code(problem: Exception) -> Exit:
    """Return the exit code of an error; misuse of a setting counts as a wrong command line."""
    return Exit.USAGE if isinstance(problem, UsageError | errors.InterfaceError) else Exit.FAILED


def described(problem: Exception, *, debug: bool) -> str:
    """Return the lines for standard error: the message, then a hint where there is one."""
    said = f"stripesql: {_indented(_parts(problem))}"
    if debug:
        # A traceback shows source lines and messages, not values: a key can only be in a message.
        said = _harmless("".join(traceback.format_exception(problem))) + said
    return redacted(said)


def _indented(parts: list[str]) -> str:
    return _harmless("\n".join(parts)).replace("\n", "\n  ")


def _harmless(text: str) -> str:
    """Keep line breaks, and spell out all else that a terminal would act on."""
    return "\n".join(harmless(line) for line in text.split("\n"))


def _parts(problem: Exception) -> list[str]:
    match problem:
        case UsageError():
            return [str(problem), "see stripesql --help"]
        case errors.Error():
            hint = _hint(problem)
            notes = getattr(problem, "__notes__", [])
            return [str(problem) or type(problem).__name__, *([hint] if hint else []), *notes]
        case OSError():
            where = f"{problem.filename}: " if problem.filename else ""
            return [f"{where}{problem.strerror or problem}"]
        case _:
            return [f"unexpected {type(problem).__name__}: {problem}", "this is a defect of stripesql; --debug shows where"]


def _hint(problem: errors.Error) -> str | None:
    match problem:
        case errors.OutcomeUnknown(idempotency_key=str(key)):
            return f"idempotency key {key}"
        case errors.StripeError():
            is_said = problem.request_id is None or problem.request_id in str(problem)
            parts = [] if is_said else [f"request {problem.request_id}"]
            if problem.code:
                parts.append(f"https://docs.stripe.com/error-codes#{problem.code.replace('_', '-')}")
            return ", ".join(parts) or None
        case errors.BudgetExceeded():
            return "EXPLAIN shows what a statement costs; --max-requests raises the budget"
        case _:
            return None
