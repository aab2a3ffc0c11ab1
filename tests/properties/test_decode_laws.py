"""Hold the decoder against a slow reference that is written the other way round: Python's json, value by value."""

import datetime as dt
import json
import math
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stripesql.catalogue.model import Column, ColumnKind, ColumnRole
from stripesql.decode import DecodeFailure, Decoder, Page
from stripesql.errors import DataError
from stripesql.types import SqlType

# Busy machines are slow; that is no defect of what is tested.
ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
COLUMNS = [
    Column("id", ("id",), SqlType.VARCHAR, ColumnKind.STRING),
    Column("text", ("text",), SqlType.VARCHAR, ColumnKind.STRING),
    Column("whole", ("whole",), SqlType.BIGINT, ColumnKind.INTEGER),
    Column("real", ("real",), SqlType.DOUBLE, ColumnKind.NUMBER),
    Column("flag", ("flag",), SqlType.BOOLEAN, ColumnKind.BOOLEAN),
    Column("exact", ("exact",), SqlType.DECIMAL, ColumnKind.DECIMAL),
    Column("unix", ("unix",), SqlType.TIMESTAMPTZ, ColumnKind.UNIX_TIME),
    Column("iso", ("iso",), SqlType.TIMESTAMPTZ, ColumnKind.ISO_TIME),
    Column("link", ("link",), SqlType.VARCHAR, ColumnKind.EXPANDABLE),
    Column("json", ("json",), SqlType.JSON, ColumnKind.OBJECT),
    Column("nest_text", ("nest", "text"), SqlType.VARCHAR, ColumnKind.STRING),
    Column("nest_deep_whole", ("nest", "deep", "whole"), SqlType.BIGINT, ColumnKind.INTEGER),
    Column("nest", ("nest",), SqlType.JSON, ColumnKind.OBJECT, hidden=True),
    Column("_raw", (), SqlType.JSON, ColumnKind.OBJECT, ColumnRole.RAW, hidden=True),
]

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
ANY_TEXT = st.text(max_size=8)
WHOLE = st.integers(-(2**63), 2**63 - 1)
REAL = st.floats(allow_nan=False, allow_infinity=False)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**25), 10**25) | REAL | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=4,
)
EXACT = st.decimals(-(10**26) + 1, 10**26 - 1, places=12).map(lambda each: format(each, "f"))
UNIX = st.integers(-(10**11), 10**11)
ISO = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2200, 1, 1), timezones=st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=-9, minutes=-30))])).map(
    dt.datetime.isoformat
)  # fmt: skip
PROMISED: dict[str, st.SearchStrategy[Any]] = {
    "id": TEXT,
    "text": TEXT | st.none(),
    "whole": WHOLE | WHOLE.map(str) | st.none(),
    "real": REAL | st.integers(-(2**53), 2**53) | st.none(),
    "flag": st.booleans() | st.none(),
    "exact": EXACT | st.none(),
    "unix": UNIX | st.none(),
    "iso": ISO | st.none(),
    "link": TEXT | st.fixed_dictionaries({"id": TEXT}, optional={"object": TEXT}) | st.none(),
    "json": ANYTHING,
    "nest": st.none()
    | st.fixed_dictionaries(
        {}, optional={"text": TEXT | st.none(), "deep": st.none() | st.fixed_dictionaries({}, optional={"whole": WHOLE | st.none()}), "other": ANYTHING}
    ),
    "unasked": ANYTHING,
}  # fmt: skip
AS_PROMISED = st.fixed_dictionaries({"id": TEXT}, optional={name: each for name, each in PROMISED.items() if name != "id"})
SURPRISING = st.fixed_dictionaries({}, optional={name: each | ANYTHING for name, each in PROMISED.items()})


class Refused(Exception):
    pass


def dumped(value: object, *, ascii_only: bool) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=ascii_only)


def unicode_of(value: str) -> str:
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise Refused
    return value


def text_of(value: object, *, ascii_only: bool) -> str:
    return unicode_of(value) if isinstance(value, str) else dumped(value, ascii_only=ascii_only)


def number_of(value: object) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Refused
    try:
        if isinstance(value, str) and not (value.isascii() and value == value.strip() and "_" not in value and "/" not in value):
            raise Refused
        return Fraction(repr(value) if isinstance(value, float) else value)
    except (ValueError, ZeroDivisionError):
        raise Refused from None


def micros_of(value: object) -> int:
    try:
        micros = math.floor(number_of(value) * 1_000_000)
    except Refused:
        if not isinstance(value, str) or "T" not in value:
            raise
        try:
            found = dt.datetime.fromisoformat(value)
        except ValueError:
            raise Refused from None
        if found.tzinfo is None:
            raise Refused from None
        return (found - EPOCH) // dt.timedelta(microseconds=1)
    if not -(2**63) <= micros < 2**63:
        raise Refused
    return micros


def reference(column: Column, value: Any, *, ascii_only: bool) -> Any:
    """Return what the column holds for a value, or raise Refused."""
    if value is None:
        return None
    match column.type:
        case SqlType.JSON:
            return dumped(value, ascii_only=ascii_only)
        case SqlType.VARCHAR:
            if column.kind is ColumnKind.EXPANDABLE and isinstance(value, dict) and value.get("id") is not None:
                value = value["id"]
            return text_of(value, ascii_only=ascii_only)
        case SqlType.BOOLEAN:
            if isinstance(value, bool):
                return value
            if value in ("true", "false"):
                return value == "true"
            raise Refused
        case SqlType.BIGINT:
            number = number_of(value)
            if number.denominator != 1 or not -(2**63) <= number < 2**63:
                raise Refused
            return int(number)
        case SqlType.DOUBLE:
            return float(number_of(value))
        case SqlType.DECIMAL:
            number = number_of(value)
            if (number * 10**12).denominator != 1 or abs(number) >= 10**26:
                raise Refused
            return Decimal(int(number * 10**12)).scaleb(-12, Context(prec=40))
        case SqlType.TIMESTAMPTZ:
            return micros_of(value)
        case _:
            raise AssertionError(column)


def plain(array: pa.Array) -> list[Any]:
    """Return Python values; times as microseconds, as Arrow's reach further than Python's."""
    values: list[Any] = (array.cast(pa.int64()) if pa.types.is_timestamp(array.type) else array).to_pylist()
    return values


def at(thing: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if thing is None:
            return None
        if not isinstance(thing, dict):
            raise Refused
        thing = thing.get(key)
    return thing


def body_of(things: list[dict[str, Any]], *, ascii_only: bool, indent: int | None) -> bytes:
    return json.dumps({"data": things, "has_more": True}, ensure_ascii=ascii_only, indent=indent).encode()


def decoded(things: list[dict[str, Any]], **style: Any) -> Page:
    return Decoder(COLUMNS, time_path=("unix",)).list_page(body_of(things, **style))


def has_surrogate(thing: Any) -> bool:
    return any(0xD800 <= ord(char) <= 0xDFFF for char in dumped(thing, ascii_only=False))


STYLE = {"ascii_only": st.booleans(), "indent": st.sampled_from([None, 0, 2])}


@ANY_SPEED
@given(things=st.lists(AS_PROMISED, max_size=5), **STYLE)
def test_what_the_catalogue_promises_arrives_exactly(things: list[dict[str, Any]], ascii_only: bool, indent: int | None) -> None:
    ascii_only = ascii_only or has_surrogate(things)
    page = decoded(things, ascii_only=ascii_only, indent=indent)
    for column in COLUMNS:
        expected = [reference(column, at(thing, column.path), ascii_only=ascii_only) for thing in things]
        assert plain(page.batch.column(column.name)) == expected, column.name
    assert page.ids == tuple(thing["id"] for thing in things)
    assert page.times == tuple(thing.get("unix") for thing in things)


@ANY_SPEED
@given(things=st.lists(AS_PROMISED, max_size=3), odd=SURPRISING, place=st.integers(0, 3), **STYLE)
def test_a_surprise_is_kept_or_refused_and_never_lost(
    things: list[dict[str, Any]], odd: dict[str, Any], place: int, ascii_only: bool, indent: int | None
) -> None:
    things = [*things[:place], odd, *things[place:]]
    ascii_only = ascii_only or has_surrogate(things)
    for column in COLUMNS:
        decoder = Decoder([column])
        body = body_of(things, ascii_only=ascii_only, indent=indent)
        try:
            text_of(odd.get("id") or "", ascii_only=ascii_only)
            expected = [reference(column, at(thing, column.path), ascii_only=ascii_only) for thing in things]
        except Refused:
            with pytest.raises(DataError):
                decoder.list_page(body)
            continue
        assert plain(decoder.list_page(body).batch.column(0)) == expected, column.name


@ANY_SPEED
@given(things=st.lists(AS_PROMISED, min_size=1, max_size=3), chosen=st.sets(st.sampled_from(range(len(COLUMNS)))))
def test_a_column_is_the_same_in_every_projection(things: list[dict[str, Any]], chosen: set[int]) -> None:
    body = body_of(things, ascii_only=True, indent=None)
    everything = Decoder(COLUMNS).list_page(body).batch
    some = Decoder([COLUMNS[i] for i in chosen]).list_page(body).batch
    assert some.schema.names == [COLUMNS[i].name for i in chosen]
    for name in some.schema.names:
        assert some.column(name).equals(everything.column(name))


@ANY_SPEED
@given(things=st.lists(AS_PROMISED, max_size=4))
def test_an_object_alone_gives_the_row_it_gives_in_a_list(things: list[dict[str, Any]]) -> None:
    decoder = Decoder(COLUMNS)
    listed = decoder.list_page(body_of(things, ascii_only=True, indent=None)).batch
    alone = [decoder.single(json.dumps(thing).encode()).batch for thing in things]
    assert pa.Table.from_batches(alone, listed.schema).combine_chunks() == pa.Table.from_batches([listed])


@ANY_SPEED
@given(
    st.binary(max_size=60)
    | st.text(max_size=60).map(lambda text: text.encode(errors="surrogatepass"))
    | ANYTHING.map(json.dumps).map(str.encode)
)
def test_no_bytes_crash_the_decoder(body: bytes) -> None:
    decoder = Decoder(COLUMNS, time_path=("iso",))
    for read in (decoder.list_page, decoder.single):
        try:
            page = read(body)
        except (DecodeFailure, DataError):
            continue
        assert page.rows == page.batch.num_rows


@ANY_SPEED
@given(things=st.lists(AS_PROMISED, min_size=1, max_size=3), cut=st.integers(1, 400))
def test_a_body_that_was_cut_short_is_never_a_page(things: list[dict[str, Any]], cut: int) -> None:
    body = body_of(things, ascii_only=True, indent=2)
    with pytest.raises(DecodeFailure):
        Decoder(COLUMNS).list_page(body[: -min(cut, len(body))])
