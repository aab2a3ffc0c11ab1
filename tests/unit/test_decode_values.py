from decimal import Decimal

import pytest

from stripesql.decode.forms import Form
from stripesql.decode.values import Unfit, decimal_of, integer_of, micros_of, seconds_of, value_of


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01t00:00:01z", 1_000_000),
        ("1970-01-01 00:00:01+00:00", 1_000_000),
        ("1970-01-01T05:30:00+05:30", 0),
        ("1969-12-31T16:00:00-0800", 0),
        ("1969-12-31T23:59:59.999999999Z", -1),
        ("1970-01-01T00:00:00.1Z", 100_000),
        ("1970-01-01T00:00:00.1234567899Z", 123_456),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
        ("-1", -1_000_000),
        ("1.0000019", 1_000_001),
        ("-0.0000001", -1),
        ("1.7e9", 1_700_000_000_000_000),
    ],
)
def test_times_are_cut_to_whole_microseconds(text: str, micros: int) -> None:
    assert micros_of(text) == micros


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-13-01T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:00+24:00",
        "1e400",
        "9" * 40,
        "9" * 400,
        "1e999999",
        "inf",
        "nan",
        "0x10",
        "\u0661",
    ],
)
def test_what_is_no_time_is_unfit(text: str) -> None:
    with pytest.raises(Unfit):
        micros_of(text)


def test_a_time_key_that_is_no_time_is_unknown() -> None:
    assert [seconds_of(each) for each in (5, "1970-01-01T00:00:05.9Z", "soon", None)] == [5, 5, None, None]


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        ("0.125", "0.125"),
        ("-5", "-5"),
        ("1e-12", "1e-12"),
        ("1.500000000000000", "1.5"),
        ("0e999", "0"),
        ("9" * 26, "9" * 26),
        (".5", "0.5"),
    ],
)
def test_decimals_are_exact(text: str, decimal: str) -> None:
    assert decimal_of(text) == Decimal(decimal)


@pytest.mark.parametrize("text", ["", "1.0000000000001", "9" * 27, "1e999999", "NaN", "1_000", "1,5", "\u0661"])
def test_what_is_no_decimal_of_this_size_is_unfit(text: str) -> None:
    with pytest.raises(Unfit):
        decimal_of(text)


@pytest.mark.parametrize("text", ["", "1.5", "9223372036854775808", "1e999999", "9" * 5000, "1_000", "0x1", "\u0661", "1 "])
def test_what_is_no_64_bit_integer_is_unfit(text: str) -> None:
    with pytest.raises(Unfit):
        integer_of(text)


def test_integers_are_parsed_where_they_parse_exactly() -> None:
    assert [integer_of(text) for text in ("9223372036854775807", "-9223372036854775808", "1.0", "12e2", "-0")] == [
        2**63 - 1,
        -(2**63),
        1,
        1200,
        0,
    ]


@pytest.mark.parametrize("form", [form for form in Form if form is not Form.FLAG])
def test_null_is_null_in_every_form(form: Form) -> None:
    assert value_of(b"null", form) is None
