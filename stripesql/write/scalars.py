"""Turn one SQL value into the value that a parameter takes, exactly or not at all.

In: a parameter without parts, a typed Python value, the session's clock. Out: text, integer, boolean or Decimal. Nothing
is rounded and nothing is guessed: what does not fit is a ``DataError`` that names the argument and says what fits.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Final
from zoneinfo import ZoneInfo

from stripesql.catalogue.model import Parameter
from stripesql.errors import DataError
from stripesql.sql.symbols import symbolic_date

Scalar = str | int | bool | Decimal

_MOST_LISTED: Final = 30
_MONEY: Final = ("amount", "balance", "price", "fee", "_gte", "tax_rounding")


@dataclass(frozen=True, slots=True)
class When:
    """Say what a time without an offset, and a symbolic date, mean.

    Attributes:
        zone: the session's time zone.
        now: the statement's time; None where symbolic dates are not read.
    """

    zone: str = "UTC"
    now: dt.datetime | None = None


def scalar_of(parameter: Parameter, value: object, where: str, when: When) -> Scalar:
    """Return what is sent for a value that is not None.

    Args:
        parameter: of a kind without parts.
        value: as the engine gave it.
        where: the argument's name, for messages.
        when: how times without an offset are read.

    Raises:
        DataError: the value does not fit.
    """
    if isinstance(value, str):
        if value in parameter.values or (value == "now" and parameter.accepts_now):
            return value
        if value == "" and parameter.kind != "string":
            if parameter.accepts_empty:
                return value
            raise DataError(f"{where} cannot be empty: it takes {takes(parameter)}")
    match parameter.kind:
        case "enum":
            return _enum(parameter, value, where)
        case "integer":
            return _integer(parameter, value, where)
        case "boolean":
            return _boolean(parameter, value, where)
        case "number":
            return _decimal(parameter, value, where)
        case "decimal":
            return plain(_decimal(parameter, value, where))
        case "unix-time":
            return _unix(parameter, value, where, when)
        case "iso-time":
            return _iso(parameter, value, where, when)
        case _:
            return _text(parameter, value, where)


def takes(parameter: Parameter) -> str:
    """Return what a parameter takes, as a phrase: ``a whole number or 'inf'``."""
    kind = {
        "integer": "a whole number",
        "boolean": "true or false",
        "number": "a number",
        "decimal": "a decimal number",
        "unix-time": "a time",
        "iso-time": "a time",
        "enum": "",
        "object": "an object",
        "array": "a list",
        "map": "an object",
        "file": "the path of a local file",
    }.get(parameter.kind, "text")
    words = list(parameter.values) + (["now"] if parameter.accepts_now else [])
    shown = ", ".join(repr(word) for word in words[:_MOST_LISTED]) + (", ..." if len(words) > _MOST_LISTED else "")
    return " or ".join(part for part in (kind, shown) if part)


def _wrong(parameter: Parameter, value: object, where: str, hint: str = "") -> DataError:
    return DataError(f"{where} takes {takes(parameter)}, not {_shown(value)}{hint}")


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _enum(parameter: Parameter, value: object, where: str) -> str:
    near = get_close_matches(str(value).lower(), parameter.values, n=1, cutoff=0.6)
    raise _wrong(parameter, value, where, f"; did you mean {near[0]!r}?" if near else "")


def _integer(parameter: Parameter, value: object, where: str) -> int:
    number = _number(value)
    if number is None:
        raise _wrong(parameter, value, where)
    if number != number.to_integral_value():
        money = any(part in parameter.name for part in _MONEY)
        hint = f" ({value} in a currency with cents is {(number * 100).to_integral_value():f})" if _has_cents(number) else ""
        raise _wrong(parameter, value, where, f"; amounts are whole numbers of the currency's minor unit{hint}" if money else "")
    return int(number)


def _has_cents(number: Decimal) -> bool:
    return number * 100 == (number * 100).to_integral_value()


def _number(value: object) -> Decimal | None:
    """Return a number that a value is, exactly, or None where it is none."""
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value.strip() if isinstance(value, str) else value)  # type: ignore[arg-type]
    except (InvalidOperation, TypeError, ValueError):
        return None
    return number if number.is_finite() else None


def _boolean(parameter: Parameter, value: object, where: str) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word not in ("true", "false"):
        raise _wrong(parameter, value, where)
    return word == "true"


def _decimal(parameter: Parameter, value: object, where: str) -> Decimal:
    number = _number(value)
    if number is None:
        raise _wrong(parameter, value, where)
    return number


def _time(parameter: Parameter, value: object, where: str, when: When) -> dt.datetime:
    zone = ZoneInfo(when.zone)
    if isinstance(value, str):
        value = _read_time(value, when, zone) or value
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=zone) if value.tzinfo is None else value
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time(), zone)
    raise _wrong(parameter, value, where, "; write a time such as '2030-01-31 12:00:00'")


def _read_time(text: str, when: When, zone: ZoneInfo) -> dt.datetime | dt.date | None:
    if when.now is not None and (day := symbolic_date(text, when.now.astimezone(zone).date())) is not None:
        return day
    try:
        return dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def _unix(parameter: Parameter, value: object, where: str, when: When) -> int:
    number = _number(value)
    if number is not None and number == number.to_integral_value() and not (isinstance(value, str) and len(value.strip()) < 9):
        return int(number)
    time = _time(parameter, value, where, when)
    # Stripe counts whole seconds; now() has microseconds that nobody means.
    return int((time - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(seconds=1))


def _iso(parameter: Parameter, value: object, where: str, when: When) -> str:
    time = _time(parameter, value, where, when).astimezone(dt.UTC)
    return time.isoformat(timespec="milliseconds" if time.microsecond else "seconds").replace("+00:00", "Z")


def _text(parameter: Parameter, value: object, where: str) -> str:
    match value:
        case str():
            return value
        case bool():
            raise _wrong(parameter, value, where)
        case int():
            return str(value)
        case Decimal() | float():
            number = _number(value)
            if number is not None:
                return plain(number)
        case dt.datetime() | dt.date():
            return value.isoformat()
    raise _wrong(parameter, value, where)


def plain(number: Decimal) -> str:
    """Return a number without exponent and without zeros at its end.

    >>> plain(Decimal("0.1250")), plain(Decimal("1E+3")), plain(Decimal("-0"))
    ('0.125', '1000', '0')
    """
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
