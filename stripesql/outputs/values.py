"""Turn Arrow arrays into Python values, and one scalar value into text that loses nothing.

In: one array and its column. Out: a list with one entry per row. The type is looked at once per array, not per cell.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from stripesql.errors import DataError
from stripesql.outputs.rows import Column

if TYPE_CHECKING:
    import pyarrow as pa


_OFFSET = re.compile(r"([+-]\d\d):00$")
"""An offset of whole hours, after the time of a timestamp."""


def values(array: pa.Array, column: Column) -> list[Any]:
    """Return Python values: None, bool, int, float, Decimal, str, bytes, date, time, datetime, list, dict.

    Nanoseconds are cut to microseconds; ``moments`` keeps them. A 32-bit float becomes the double with the same
    shortest text, so that 0.1 stays 0.1. Intervals are ``pa.MonthDayNano``, maps lists of pairs.

    Raises:
        DataError: a value that Python has no place for, such as a date outside the years 1 to 9999.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(array.type, pa.BaseExtensionType):
        array = array.storage
    kind = array.type
    if pa.types.is_float32(kind):
        return [None if text is None else float(text) for text in pc.cast(array, pa.string()).to_pylist()]
    if is_moment(kind) and kind.unit == "ns":
        coarse = pa.timestamp("us", tz=kind.tz) if pa.types.is_timestamp(kind) else pa.time64("us")
        # Rounded down in Python: Arrow's cast rounds to zero, which moves moments before 1970 forward.
        array = pa.array([None if count is None else count // 1000 for count in _counts(array)], pa.int64()).cast(coarse)
    try:
        return list(array.to_pylist())
    except (OverflowError, ValueError) as problem:
        raise DataError(f'column "{column.label}" holds a value that cannot be written ({problem}); CAST it to VARCHAR') from problem


def moments(array: pa.Array, column: Column, *, for_people: bool = False) -> list[str | None]:
    """Return timestamps or times of day as ISO 8601 text with the offset of their zone, nanoseconds included.

    Args:
        array: timestamps or times of any unit; without a zone there is no offset.
        column: where they stand, for messages.
        for_people: a space instead of ``T`` and ``+01`` instead of ``+01:00``, as the engine and psql show them.
    """
    found = [None if moment is None else moment.isoformat() for moment in values(array, column)]
    if array.type.unit == "ns":
        counts = _counts(array)
        found = [
            text if text is None or count % 1000 == 0 else _extended(text, count % 1000) for text, count in zip(found, counts, strict=True)
        ]
    return [None if text is None else _OFFSET.sub(r"\1", text.replace("T", " ")) for text in found] if for_people else found


def is_moment(kind: pa.DataType) -> bool:
    """Return whether ``moments`` writes this type."""
    import pyarrow as pa

    return bool(pa.types.is_timestamp(kind) or pa.types.is_time64(kind))


def _counts(array: pa.Array) -> list[Any]:
    import pyarrow as pa

    return list(array.cast(pa.int64()).to_pylist())


def _extended(text: str, nanoseconds: int) -> str:
    """Put the three digits after the microseconds back; Python's types have no place for them."""
    end = text.rindex(":", 0, 19) + 3
    seconds, rest = text[:end], text[end:]
    fraction, rest = (rest[1:7], rest[7:]) if rest.startswith(".") else ("000000", rest)
    return f"{seconds}.{fraction}{nanoseconds:03d}{rest}"


def scalar_text(value: Any) -> str:
    r"""Return the text of one value that is neither NULL nor nested.

    Decimals have every digit of their type, doubles are the shortest text that reads back equal, binary is ``\x`` and
    hexadecimal digits, intervals are written as the engine writes them.
    """
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case dt.date() | dt.time():
            return value.isoformat()
        case bytes():
            return "\\x" + value.hex().upper()
        case tuple():
            return _interval(*value)
        case _:
            return repr(value)


def _interval(months: int, days: int, nanoseconds: int) -> str:
    """Return ``1 year 2 months -3 days 04:05:06.5``, which the engine and Postgres read back."""
    sign = -1 if months < 0 else 1
    years, months = sign * (abs(months) // 12), sign * (abs(months) % 12)
    named = ((years, "year"), (months, "month"), (days, "day"))
    parts = [f"{count} {name}{'' if abs(count) == 1 else 's'}" for count, name in named if count]
    if nanoseconds or not parts:
        seconds, fraction = divmod(abs(nanoseconds), 1_000_000_000)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        clock = f"{hours:02d}:{minutes:02d}:{seconds:02d}" + (f".{fraction:09d}".rstrip("0") if fraction else "")
        parts.append(("-" if nanoseconds < 0 else "") + clock)
    return " ".join(parts)
