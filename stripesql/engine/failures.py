"""Turn DuckDB's errors into PEP 249 ones that speak of the user's statement.

In: an exception of DuckDB or of Arrow, and the text that ran. Out: an exception to raise. Near names for unknown
columns come from the layers above, which know the tables.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final

import duckdb

from stripesql.errors import (
    DataError,
    Error,
    IntegrityError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    QueryCancelled,
    SqlSyntaxError,
    UnknownName,
)

_SCAN_NAME: Final = re.compile(r'"?__scan_\d+"?( AS )?')
_CLASSES: Final[tuple[tuple[str, type[Error]], ...]] = (
    ("InterruptException", QueryCancelled),
    ("ParserException", SqlSyntaxError),
    ("SyntaxException", SqlSyntaxError),
    ("CatalogException", UnknownName),
    ("BinderException", ProgrammingError),
    ("ConversionException", DataError),
    ("OutOfRangeException", DataError),
    ("TypeMismatchException", DataError),
    ("InvalidTypeException", DataError),
    ("InvalidInputException", DataError),
    ("ConstraintException", IntegrityError),
    ("TransactionException", OperationalError),
    ("DependencyException", ProgrammingError),
    ("NotImplementedException", NotSupportedError),
    ("PermissionException", NotSupportedError),
    ("OutOfMemoryException", OperationalError),
    ("IOException", OperationalError),
)
_TIME_AND_NUMBER: Final = re.compile(r"TIMESTAMP WITH TIME ZONE.*INTEGER|INTEGER.*TIMESTAMP WITH TIME ZONE")
_ENGINE_SETTING: Final = re.compile(r'Use "SET \w+=\w+" to [^\n]*')
_NO_TIME: Final = re.compile(r'(?:invalid (?:timestamp|date) field format|(?:timestamp|date) field value out of range): "([^"]*)"')
_NO_JSON: Final = re.compile(r'Malformed JSON.*Input: "([^"]*)"', re.DOTALL)
_NO_NUMBER: Final = re.compile(r"Could not convert string '([^']*)' to (U?INT\d+|DECIMAL\S*|DOUBLE|FLOAT|BOOL(?:EAN)?|HUGEINT)")


def _unread_text(message: str) -> str | None:
    """Return what to say of a text that stands where a time, a number, a truth value or JSON belongs, or None."""
    if time := _NO_TIME.search(message):
        text = time.group(1)
        seconds = f"to_timestamp({text})" if text.strip().isdecimal() else "a symbol such as 'monthstart-1d'"
        return f"the text '{text}' is no time; write a date such as '2024-05-01' or '2024-05-01 12:00:00', or {seconds}"
    if json := _NO_JSON.search(message):
        return f"the text '{json.group(1)}' is no JSON; compare it with a field of the JSON: price->>'id', or price_id where there is such a column"
    if number := _NO_NUMBER.search(message):
        text, kind = number.groups()
        wanted = "true or false" if kind.startswith("BOOL") else "number"
        return f"the text '{text}' is no {wanted}; write one without quotes, or compare text with text: CAST(... AS VARCHAR)"
    return None


def translate(problem: Exception, text: str) -> Error:
    """Return the PEP 249 error for what the engine said about ``text``."""
    message = str(problem)
    name = next((each.__name__ for each in type(problem).__mro__ if any(each.__name__ == known for known, _ in _CLASSES)), "")
    plain = _SCAN_NAME.sub("", message).partition("\n\nLINE ")[0].strip()
    plain = re.sub(r"^[A-Z][A-Za-z ]* Error: ", "", plain).removeprefix("INTERRUPT Error: ")
    if name == "InterruptException" or "INTERRUPT" in message:
        return QueryCancelled("the query was cancelled")
    if "Values were not provided for the following parameters" in message:
        return ProgrammingError("the statement has placeholders, and no values were given for them")
    if _TIME_AND_NUMBER.search(message):
        return ProgrammingError(
            "a time cannot be compared with a number; write to_timestamp(1700000000), or a date such as '2024-05-01' or 'monthstart'"
        )
    if unread := _unread_text(message):
        return DataError(unread)
    if name == "BinderException" and (column := re.search(r'Referenced column "([^"]+)" not found', message)):
        return UnknownName(f'there is no column "{column.group(1)}"')
    if name == "BinderException" and (column := re.search(r'does not have a column named "([^"]+)"', message)):
        return UnknownName(f'there is no column "{column.group(1)}"')
    if name == "BinderException" and (table := re.search(r'Referenced table "([^"]+)" not found', message)):
        return UnknownName(f'"{table.group(1)}" names no table of this FROM clause')
    if function := re.search(r"Function with name ([\w\"]+) does not exist", message):
        near = re.search(r'Did you mean "([^"]+)"', message)
        # The engine always suggests something, however far.
        hint = f'; did you mean "{near.group(1)}"?' if near and get_close_matches(function.group(1), [near.group(1)]) else ""
        return UnknownName(f'there is no function "{function.group(1)}"{hint}')
    found = dict(_CLASSES).get(name)
    if found is not None:
        return found(_ENGINE_SETTING.sub("", plain).strip())
    return InternalError(f"the engine failed: {plain}") if isinstance(problem, duckdb.Error) else OperationalError(plain)
