"""Convert the JSON text of one value into the value of a column, exactly or not at all.

This is the slow, forgiving reader: it accepts more than the API promises, and never changes what it accepts. In: JSON
text and a ``Form``. Out: what ``pyarrow.array`` takes for the form's type (times as microseconds), or ``Unfit``.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Final, assert_never

import msgspec

from stripesql.decode.forms import Form

NULL: Final = b"null"

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,40}")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?")
_RFC3339: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):?([0-5]\d))",
    re.ASCII,
)
_EPOCH_DAY: Final = dt.date(1970, 1, 1).toordinal()
_PLACES: Final = Decimal("1e-12")
_EXACT: Final = Context(prec=38, traps=[Inexact, InvalidOperation])
_objects: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_texts: Final = msgspec.json.Decoder(str)


class Unfit(ValueError):
    """Report a value that its column cannot hold; the message completes "the API gave ..."."""


def value_of(text: bytes, form: Form) -> object:
    """Return the value of a JSON text, None for ``null``.

    Raises:
        Unfit: the form cannot hold the value.
        msgspec.DecodeError: the text is not JSON.
    """
    if text == NULL:
        return None
    match form:
        case Form.TEXT:
            return _text(text)
        case Form.EXPANDABLE:
            return _id(text)
        case Form.JSON:
            return compact(text)
        case Form.BOOLEAN:
            return _boolean(text)
        case Form.INTEGER:
            return _integer(_scalar(text))
        case Form.NUMBER:
            return _number(_scalar(text))
        case Form.DECIMAL:
            return decimal_of(_scalar(text))
        case Form.UNIX_TIME | Form.ISO_TIME:
            return micros_of(_scalar(text))
        case Form.TIME_KEY:
            return seconds_of(_texts.decode(text) if text[:1] == b'"' else text.decode())
        case Form.FLAG:
            return text == b"true"
        case _:
            assert_never(form)


def compact(text: bytes | msgspec.Raw) -> str:
    """Return JSON text without the white space between its tokens; numbers and strings keep their spelling."""
    return bytes(msgspec.json.format(text, indent=-1)).decode()


def object_of(text: bytes | msgspec.Raw) -> dict[str, msgspec.Raw]:
    """Return the members of a JSON object, each as its text.

    Raises:
        msgspec.ValidationError: the text is JSON and no object.
    """
    return _objects.decode(text)


def integer_of(text: str) -> int:
    """Return the 64-bit integer that a string spells, as v2 writes them.

    Raises:
        Unfit: it spells none, or a larger one.
    """
    return _integer(text)


def decimal_of(text: str) -> Decimal:
    """Return the decimal that a text spells, exact in DECIMAL(38,12).

    Raises:
        Unfit: it spells none, or has more digits than that.
    """
    if not _NUMBER.fullmatch(text):
        raise Unfit("a string that is no number")
    try:
        return Decimal(text).quantize(_PLACES, context=_EXACT)
    except (Inexact, InvalidOperation) as problem:
        raise Unfit("a number of more digits than DECIMAL(38,12) holds") from problem


def micros_of(text: str) -> int:
    """Return microseconds since the epoch of unix seconds or of an RFC 3339 time, cut to whole microseconds.

    A leap second is the first second of the next minute, as in POSIX time.

    Raises:
        Unfit: the text is neither, or the time is beyond what a timestamp holds.

    >>> micros_of("1970-01-01T01:00:00.0000019+01:00")
    1
    """
    match = _RFC3339.fullmatch(text)
    micros = _micros_rfc3339(match) if match else _micros_unix(text)
    if not -(2**63) <= micros < 2**63:
        raise Unfit("a time beyond what a timestamp holds")
    return micros


def seconds_of(value: int | str | None) -> int | None:
    """Return the whole second of a time in either of the API's forms, None where it is none."""
    if isinstance(value, str):
        try:
            return micros_of(value) // 1_000_000
        except Unfit:
            return None
    return value


def _micros_rfc3339(match: re.Match[str]) -> int:
    year, month, day, hour, minute, second, fraction, sign, off_hour, off_minute = match.groups()
    try:
        days = dt.date(int(year), int(month), int(day)).toordinal() - _EPOCH_DAY
    except ValueError as problem:
        raise Unfit("a date that is not in the calendar") from problem
    offset = (int(off_hour) * 60 + int(off_minute)) * (-1 if sign == "-" else 1) if sign else 0
    seconds = days * 86_400 + int(hour) * 3_600 + (int(minute) - offset) * 60 + int(second)
    return seconds * 1_000_000 + int((fraction or "")[:6].ljust(6, "0"))


def _micros_unix(text: str) -> int:
    if _INTEGER.fullmatch(text):
        return int(text) * 1_000_000
    if not _NUMBER.fullmatch(text):
        raise Unfit("a string that is no time")
    seconds = Decimal(text)
    if seconds.adjusted() > 20:  # its digits are not worth writing out
        raise Unfit("a time beyond what a timestamp holds")
    return math.floor(Context(prec=len(text) + 6).scaleb(seconds, 6))


def _scalar(text: bytes) -> str:
    """Return the digits of a number or the content of a string."""
    match text[:1]:
        case b'"':
            return _texts.decode(text)
        case b"{":
            raise Unfit("an object")
        case b"[":
            raise Unfit("an array")
        case b"t" | b"f":
            raise Unfit("a boolean")
        case _:
            return text.decode()


def _text(text: bytes) -> str:
    return _texts.decode(text) if text[:1] == b'"' else compact(text)


def _id(text: bytes) -> str:
    if text[:1] == b"{":
        found = object_of(text).get("id")
        if found is not None and bytes(found) != NULL:
            return _text(bytes(found))
    return _text(text)


def _boolean(text: bytes) -> bool:
    match text:
        case b"true" | b'"true"':
            return True
        case b"false" | b'"false"':
            return False
        case _:
            _scalar(text)
            raise Unfit("a string" if text[:1] == b'"' else "a number")


def _integer(text: str) -> int:
    if _INTEGER.fullmatch(text):
        value = int(text)
    else:
        if not _NUMBER.fullmatch(text):
            raise Unfit("a string that is no whole number")
        number = Decimal(text)
        if number.adjusted() > 20:  # its digits are not worth writing out
            raise Unfit("an integer beyond 64 bits")
        if number != number.to_integral_value():
            raise Unfit("a number that is not whole")
        value = int(number)
    if not -(2**63) <= value < 2**63:
        raise Unfit("an integer beyond 64 bits")
    return value


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise Unfit("a string that is no number")
    value = float(text)
    if math.isinf(value):
        raise Unfit("a number beyond what a DOUBLE holds")
    return value
