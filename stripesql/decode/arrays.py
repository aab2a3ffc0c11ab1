"""Build Arrow arrays from values that ``structs`` read.

In: one sequence of values and its form. Out: the column's array, or an exception that sends the page to the slow
reader: here is no place to say which object is to blame.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, assert_never

import msgspec
import pyarrow as pa

from stripesql.decode.forms import Form
from stripesql.decode.structs import RAW_NULL, Expanded
from stripesql.decode.values import Unfit, decimal_of, integer_of, micros_of
from stripesql.types import SqlType

UNFIT: Final = (Unfit, pa.ArrowException, ValueError, TypeError, OverflowError)
"""What ``array_of`` raises when a value does not fit."""


def type_of(form: Form) -> SqlType:
    """Return the SQL type of the arrays of a form."""
    match form:
        case Form.TEXT | Form.EXPANDABLE | Form.TIME_KEY:
            return SqlType.VARCHAR
        case Form.INTEGER:
            return SqlType.BIGINT
        case Form.BOOLEAN | Form.FLAG:
            return SqlType.BOOLEAN
        case Form.NUMBER:
            return SqlType.DOUBLE
        case Form.DECIMAL:
            return SqlType.DECIMAL
        case Form.UNIX_TIME | Form.ISO_TIME:
            return SqlType.TIMESTAMPTZ
        case Form.JSON:
            return SqlType.JSON
        case _:
            assert_never(form)


_ARROW: Final = {form: type_of(form).arrow() for form in Form}


def array_of(form: Form, values: Sequence[Any]) -> pa.Array:
    """Return the array of values that msgspec read in this form.

    Raises:
        Exception: one of ``UNFIT``.
    """
    arrow = _ARROW[form]
    # Most columns of most pages are NULL throughout; the first look keeps the others from paying for the count.
    if values and values[0] is None and values.count(None) == len(values):
        return pa.nulls(len(values), arrow)
    match form:
        case Form.EXPANDABLE:
            values = [value.id if type(value) is Expanded else value for value in values]
        case Form.UNIX_TIME:
            values = [None if value is None else value * 1_000_000 for value in values]
        case Form.JSON:
            compact = msgspec.json.format
            values = [None if value is None or value == RAW_NULL else compact(value, indent=-1) for value in values]
        case Form.INTEGER:
            return _integers(values, arrow)
        case Form.DECIMAL:
            return _decimals(values, arrow)
        case Form.ISO_TIME:
            return _times(values, arrow)
        case _:
            pass
    return pa.array(values, arrow)


def exact_array(form: Form, values: Sequence[Any]) -> pa.Array:
    """Return the array of values that ``values.value_of`` gave for this form."""
    return pa.array(values, _ARROW[form])


def _integers(values: Sequence[Any], arrow: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, arrow)
    except (pa.ArrowInvalid, TypeError):  # v2 writes 64-bit integers as strings
        return pa.array([integer_of(value) if type(value) is str else value for value in values], arrow)


def _decimals(values: Sequence[Any], arrow: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, pa.string()).cast(arrow)
    except pa.ArrowException:  # spellings that Arrow does not know
        return pa.array([None if value is None else decimal_of(value) for value in values], arrow)


def _times(values: Sequence[Any], arrow: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, pa.string()).cast(arrow)
    except pa.ArrowException:  # fractions finer than a microsecond, leap seconds
        return pa.array([None if value is None else micros_of(value) for value in values], arrow)
