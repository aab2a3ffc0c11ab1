import datetime as dt
import json
from decimal import Decimal

import pyarrow as pa
import pytest

from stripesql.catalogue.model import Column, ColumnKind, ColumnRole
from stripesql.decode import DecodeFailure, Decoder
from stripesql.errors import DataError
from stripesql.types import SqlType

KIND = {
    SqlType.VARCHAR: ColumnKind.STRING,
    SqlType.BIGINT: ColumnKind.INTEGER,
    SqlType.BOOLEAN: ColumnKind.BOOLEAN,
    SqlType.DOUBLE: ColumnKind.NUMBER,
    SqlType.DECIMAL: ColumnKind.DECIMAL,
    SqlType.TIMESTAMPTZ: ColumnKind.UNIX_TIME,
    SqlType.JSON: ColumnKind.OBJECT,
}


def column(path: str, type_: SqlType = SqlType.VARCHAR, kind: ColumnKind | None = None, name: str | None = None) -> Column:
    return Column(name or path.replace(".", "_"), tuple(path.split(".")), type_, kind or KIND[type_])


RAW = Column("_raw", (), SqlType.JSON, ColumnKind.OBJECT, ColumnRole.RAW, hidden=True)
ID = column("id")
AMOUNT = column("amount", SqlType.BIGINT)
CREATED = column("created", SqlType.TIMESTAMPTZ)
LIVE = column("livemode", SqlType.BOOLEAN)
PERCENT = column("percent_off", SqlType.DOUBLE)
UNIT = column("unit_amount_decimal", SqlType.DECIMAL)
CUSTOMER = column("customer", kind=ColumnKind.EXPANDABLE)
AT = column("at", SqlType.TIMESTAMPTZ, ColumnKind.ISO_TIME)
META = column("metadata", SqlType.JSON, ColumnKind.MAP)


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[misc,arg-type]


def body_of(*objects: object, indent: int | None = 2, **around: object) -> bytes:
    return json.dumps({"object": "list", "data": list(objects), "has_more": False, "url": "/v1/things"} | around, indent=indent).encode()


def rows(columns: list[Column], *objects: object) -> list[tuple[object, ...]]:
    page = Decoder(columns).list_page(body_of(*objects))
    return [tuple(row.values()) for row in page.batch.to_pylist()]


def value(col: Column, given: object) -> object:
    return rows([col], {"id": "x_1", col.path[0]: given})[0][0]


def value_of_text(col: Column, text: str) -> object:
    body = f'{{"data": [{{"id": "x_1", "{col.path[0]}": {text}}}]}}'.encode()
    return Decoder([col]).list_page(body).batch.column(0)[0].as_py()


def test_a_page_holds_the_projected_columns_in_their_order() -> None:
    page = Decoder([AMOUNT, ID]).list_page(body_of({"id": "ch_1", "amount": 5, "other": [1]}, {"id": "ch_2", "amount": None}))
    assert page.batch.schema == pa.schema([pa.field("amount", pa.int64()), pa.field("id", pa.string())])
    assert page.batch.to_pydict() == {"amount": [5, None], "id": ["ch_1", "ch_2"]}
    assert (page.ids, page.times, page.rows) == (("ch_1", "ch_2"), (), 2)


def test_json_columns_carry_the_arrow_json_name() -> None:
    assert Decoder([META]).schema.field("metadata").metadata == {
        b"ARROW:extension:name": b"arrow.json",
        b"ARROW:extension:metadata": b"",
    }


def test_each_type_arrives_as_its_own() -> None:
    assert value(CREATED, 1_700_000_000) == utc(2023, 11, 14, 22, 13, 20)
    assert value(AT, "2026-01-02T03:04:05.678901Z") == utc(2026, 1, 2, 3, 4, 5, 678901)
    assert value(UNIT, "0.125") == Decimal("0.125")
    assert value(PERCENT, 25.5) == 25.5
    assert value(PERCENT, 25) == 25.0
    assert value(LIVE, False) is False
    assert value(AMOUNT, -(2**63)) == -(2**63)


def test_null_and_missing_are_null() -> None:
    every = [ID, AMOUNT, CREATED, LIVE, PERCENT, UNIT, CUSTOMER, AT, META]
    assert rows(every, {col.path[0]: None for col in every}, {}) == [(None,) * 9] * 2


def test_nested_values_are_null_where_a_parent_is_null_or_missing() -> None:
    city = column("address.city")
    given: tuple[object, ...] = ({"address": {"city": "Rome"}}, {"address": {}}, {"address": None}, {})
    assert rows([city], *given) == [("Rome",), (None,), (None,), (None,)]


def test_an_expandable_is_its_id_expanded_or_not_and_deleted_or_not() -> None:
    given = ("cus_1", {"id": "cus_2", "object": "customer"}, {"id": "cus_3", "deleted": True}, None)
    assert [value(CUSTOMER, each) for each in given] == ["cus_1", "cus_2", "cus_3", None]


def test_json_keeps_numbers_escapes_and_order_and_loses_only_white_space() -> None:
    text = '{ "b" : 1.50e3, "a": [ 12345678901234567890123, "\\u00e9 \\/ é" , {} ] }'
    assert value_of_text(META, text) == '{"b":1.50e3,"a":[12345678901234567890123,"\\u00e9 \\/ é",{}]}'


def test_raw_is_the_whole_object() -> None:
    thing = {"id": "x_1", "amount": 5, "nested": {"a": [1, 2.5, None]}}
    assert rows([RAW, AMOUNT], thing) == [(json.dumps(thing, separators=(",", ":")), 5)]


def test_a_parent_as_json_and_its_members_are_read_side_by_side() -> None:
    columns = [column("address", SqlType.JSON), column("address.city"), column("address.geo.lat", SqlType.DOUBLE)]
    given = ({"address": {"city": "Rome", "geo": {"lat": 41.9}}}, {"address": None}, {"address": {"geo": None}})
    assert rows(columns, *given) == [('{"city":"Rome","geo":{"lat":41.9}}', "Rome", 41.9), (None, None, None), ('{"geo":null}', None, None)]


def test_two_columns_of_one_path_both_hold_it() -> None:
    assert rows([CREATED, column("created", SqlType.TIMESTAMPTZ, name="date")], {"created": 0}) == [(utc(1970, 1, 1), utc(1970, 1, 1))]


def test_one_path_can_be_read_in_two_forms() -> None:
    assert rows([CUSTOMER, column("customer", SqlType.JSON, name="customer_json")], {"customer": {"id": "cus_1"}}) == [
        ("cus_1", '{"id":"cus_1"}')
    ]


def test_keys_that_are_no_python_names_are_found() -> None:
    assert rows([Column("odd", ("a b", "class", "ключ"), SqlType.VARCHAR, ColumnKind.STRING)], {"a b": {"class": {"ключ": "v"}}}) == [
        ("v",)
    ]


def test_times_are_whole_seconds_of_the_time_column_projected_or_not() -> None:
    body = body_of({"id": "a", "created": 10, "at": "1970-01-01T00:00:11.9Z"}, {"id": "b"})
    for columns in ([ID], [CREATED], [CREATED, RAW]):
        assert Decoder(columns, time_path=("created",)).list_page(body).times == (10, None)
    assert Decoder([AT], time_path=("at",)).list_page(body).times == (11, None)
    assert Decoder([ID], time_path=("at",)).list_page(body).times == (11, None)


def test_times_survive_a_page_that_holds_a_surprise() -> None:
    body = body_of({"id": "a", "created": 10, "at": "1970-01-01T00:00:11.9Z", "amount": "5"}, {"id": "b", "created": "x", "amount": 1.0})
    assert Decoder([AMOUNT], time_path=("created",)).list_page(body).times == (10, None)
    assert Decoder([AMOUNT, AT], time_path=("at",)).list_page(body).times == (11, None)


def test_objects_without_an_id_have_an_empty_key() -> None:
    page = Decoder([AMOUNT]).list_page(body_of({"amount": 1}, {"id": "a", "amount": 2}, {"id": None}))
    assert (page.ids, page.last_id) == (("", "a", ""), "")


def test_no_columns_still_count_rows() -> None:
    page = Decoder([]).list_page(body_of({"id": "a"}, {"id": "b"}))
    assert (page.rows, page.ids, page.batch.num_columns) == (2, ("a", "b"), 0)


def test_an_empty_page_has_the_schema() -> None:
    page = Decoder([ID, column("a.b", SqlType.JSON), AMOUNT, RAW]).list_page(body_of())
    assert (page.rows, page.batch.num_rows, page.batch.schema.names) == (0, 0, ["id", "a_b", "amount", "_raw"])


def test_tombstones_are_no_rows_and_still_the_cursor() -> None:
    page = Decoder([ID, AMOUNT]).list_page(body_of({"id": "a", "amount": 1, "deleted": False}, {"id": "b", "deleted": True}))
    assert (page.batch.to_pydict(), page.ids, page.last_id) == ({"id": ["a"], "amount": [1]}, ("a",), "b")


def test_only_a_true_deleted_makes_a_tombstone() -> None:
    assert rows([ID], *({"id": str(i), "deleted": given} for i, given in enumerate((1, "true", {"a": 1}, None)))) == [
        ("0",),
        ("1",),
        ("2",),
        ("3",),
    ]


def test_a_projected_deleted_column_is_read_and_still_drops_tombstones() -> None:
    assert rows([column("deleted", SqlType.BOOLEAN)], {"deleted": False}, {"deleted": True}, {}) == [(False,), (None,)]


def test_single_gives_one_row_and_a_tombstone_none() -> None:
    decoder = Decoder([ID, AMOUNT])
    assert decoder.single(b'{"id": "ch_1", "amount": 7}').batch.to_pylist() == [{"id": "ch_1", "amount": 7}]
    assert decoder.single(b'{"id": "ch_1", "object": "charge", "deleted": true}').rows == 0
    assert decoder.single(b'{"id": "ch_1", "amount": "7"}').batch.to_pylist() == [{"id": "ch_1", "amount": 7}]


def test_objects_gives_a_row_each() -> None:
    assert Decoder([ID, AMOUNT]).objects([b'{"id": "a", "amount": 1}', b'{"id": "b", "amount": "2"}']).batch.to_pydict() == {
        "id": ["a", "b"],
        "amount": [1, 2],
    }


def test_the_shapes_of_v1_search_and_v2_say_what_follows() -> None:
    decoder = Decoder([ID])
    v1 = decoder.list_page(body_of({"id": "a"}, has_more=True))
    search = decoder.list_page(body_of({"id": "a"}, object="search_result", has_more=True, next_page="tok", total_count=3))
    v2 = decoder.list_page(b'{"data": [{"id": "a"}], "next_page_url": "/v2/things?page=p2", "previous_page_url": null}')
    last = decoder.list_page(b'{"data": [{"id": "a"}], "next_page_url": null}')
    assert (v1.has_more, v1.next_url, v1.next_page) == (True, None, None)
    assert (search.has_more, search.next_page) == (True, "tok")
    assert (v2.has_more, v2.next_url) == (True, "/v2/things?page=p2")
    assert (last.has_more, last.next_url) == (False, None)


def test_constants_fill_parent_and_filter_only_columns() -> None:
    parent = Column("invoice", (), SqlType.VARCHAR, ColumnKind.STRING, ColumnRole.PARENT)
    count = Column("n", (), SqlType.BIGINT, ColumnKind.INTEGER, ColumnRole.FILTER_ONLY)
    flag = Column("ok", (), SqlType.BOOLEAN, ColumnKind.BOOLEAN, ColumnRole.FILTER_ONLY)
    when = Column("when", (), SqlType.TIMESTAMPTZ, ColumnKind.UNIX_TIME, ColumnRole.FILTER_ONLY)
    absent = Column("absent", (), SqlType.VARCHAR, ColumnKind.STRING, ColumnRole.FILTER_ONLY)
    constants = {"invoice": "in_1", "n": "12", "ok": "true", "when": 60}
    page = Decoder([parent, ID, count, flag, when, absent], constants=constants).list_page(body_of({"id": "a"}, {"id": "b"}))
    assert page.batch.to_pylist()[1] == {"invoice": "in_1", "id": "b", "n": 12, "ok": True, "when": utc(1970, 1, 1, 0, 1), "absent": None}
    assert page.batch.schema.field("invoice").type == pa.string()


def test_a_constant_that_does_not_fit_is_an_error() -> None:
    count = Column("n", (), SqlType.BIGINT, ColumnKind.INTEGER, ColumnRole.FILTER_ONLY)
    with pytest.raises(DataError, match="column \"n\" is BIGINT and cannot be 'many'"):
        Decoder([count], constants={"n": "many"})


def test_decoders_of_equal_columns_with_other_constants_do_not_mix() -> None:
    parent = Column("invoice", (), SqlType.VARCHAR, ColumnKind.STRING, ColumnRole.PARENT)
    decoders = [Decoder([parent], constants={"invoice": each}) for each in ("in_1", "in_2")]
    assert [each.list_page(body_of({"id": "a"})).batch.to_pylist() for each in decoders] == [[{"invoice": "in_1"}], [{"invoice": "in_2"}]]


# Surprises: the value is kept.


@pytest.mark.parametrize(
    ("col", "given", "kept"),
    [
        (AMOUNT, "12", 12),
        (AMOUNT, 12.0, 12),
        (AMOUNT, "1e3", 1000),
        (PERCENT, "0.5", 0.5),
        (LIVE, "true", True),
        (CREATED, "60", utc(1970, 1, 1, 0, 1)),
        (CREATED, 1.5, utc(1970, 1, 1, 0, 0, 1, 500000)),
        (CREATED, "1970-01-01T00:01:00Z", utc(1970, 1, 1, 0, 1)),
        (AT, 60, utc(1970, 1, 1, 0, 1)),
        (ID, 5, "5"),
        (ID, True, "true"),
        (ID, {"a": [1, {}]}, '{"a":[1,{}]}'),
        (CUSTOMER, ["cus_1"], '["cus_1"]'),
        (CUSTOMER, {"object": "unknown"}, '{"object":"unknown"}'),
        (CUSTOMER, {"id": 7}, "7"),
    ],
)
def test_a_surprise_is_kept(col: Column, given: object, kept: object) -> None:
    assert value(col, given) == kept


def test_a_decimal_written_as_a_number_is_exact() -> None:
    assert value_of_text(UNIT, "0.1") == Decimal("0.1")
    assert value_of_text(UNIT, "12345678901234567890123456.123456789012") == Decimal("12345678901234567890123456.123456789012")


def test_one_surprise_leaves_the_other_rows_as_they_are() -> None:
    given = [{"id": f"x_{i}", "amount": i, "address": {"city": f"c{i}"}, "metadata": {"k": i}} for i in range(5)]
    columns = [ID, AMOUNT, column("address.city"), META, RAW]
    expected = rows(columns, *given)
    assert rows(columns, *given, {"id": "odd", "amount": "77"})[:5] == expected


def test_an_embedded_object_that_is_only_an_id_keeps_it() -> None:
    columns = [column("card.id"), column("card", SqlType.JSON)]
    assert rows(columns, {"card": {"id": "ic_1"}}, {"card": "ic_2"}) == [("ic_1", '{"id":"ic_1"}'), ("ic_2", '"ic_2"')]


@pytest.mark.parametrize(
    ("col", "given", "words"),
    [
        (AMOUNT, 2**63, 'column "amount" takes a whole number of 64 bits, and the API gave an integer beyond 64 bits in x_1'),
        (AMOUNT, "many", "a string that is no whole number in x_1"),
        (AMOUNT, 1.5, "a number that is not whole in x_1"),
        (AMOUNT, True, "a boolean in x_1"),
        (AMOUNT, {}, "an object in x_1"),
        (LIVE, 1, 'column "livemode" takes true or false, and the API gave a number in x_1'),
        (LIVE, [], "an array in x_1"),
        (PERCENT, "NaN", "a string that is no number in x_1"),
        (UNIT, "0.1234567890123", "a number of more digits than DECIMAL"),
        (UNIT, "123456789012345678901234567", "a number of more digits than DECIMAL"),
        (CREATED, 10**18, "a time beyond what a timestamp holds in x_1"),
        (CREATED, "soon", "a string that is no time in x_1"),
        (AT, "2026-02-30T00:00:00Z", "a date that is not in the calendar in x_1"),
        (AT, "2026-02-03T00:00:00", "a string that is no time in x_1"),
    ],
)
def test_what_a_column_cannot_hold_is_an_error_and_never_null(col: Column, given: object, words: str) -> None:
    with pytest.raises(DataError) as caught:
        value(col, given)
    assert words in str(caught.value)


def test_a_number_beyond_a_double_is_an_error() -> None:
    with pytest.raises(DataError, match="beyond what a DOUBLE holds"):
        value_of_text(PERCENT, "1e400")


def test_something_else_in_the_place_of_a_nested_object_is_an_error() -> None:
    with pytest.raises(DataError, match='column "address_city" takes text, and the API gave no object at address in x_1'):
        rows([column("address.city")], {"id": "x_1", "address": "Rome"})


def test_an_error_about_an_object_without_an_id_says_so() -> None:
    with pytest.raises(DataError, match="in an object without an id"):
        rows([AMOUNT], {"amount": "many"})


# Text that is hard to carry.


def test_nul_and_astral_characters_arrive() -> None:
    assert value_of_text(ID, '"a\\u0000b\\ud83d\\ude00"') == "a\0b\U0001f600"


def test_a_lone_surrogate_that_nobody_asked_for_does_no_harm() -> None:
    body = b'{"data": [{"id": "a", "amount": 1, "note": "x\\ud800"}, {"id": "b", "amount": 2}]}'
    assert Decoder([ID, AMOUNT]).list_page(body).batch.to_pydict() == {"id": ["a", "b"], "amount": [1, 2]}


def test_a_lone_surrogate_stays_in_json_and_is_an_error_as_text() -> None:
    body = b'{"data": [{"id": "a", "metadata": {"k": "\\\\ud800 \\uDFFF \\ud83d\\ude00"}}]}'
    assert Decoder([META]).list_page(body).batch.to_pydict() == {"metadata": ['{"k":"\\\\ud800 \\uDFFF \\ud83d\\ude00"}']}
    with pytest.raises(DataError, match='column "metadata_k" takes text, and the API gave half of a surrogate pair'):
        Decoder([column("metadata.k")]).list_page(body)


def test_a_character_like_the_mark_of_a_surrogate_is_kept() -> None:
    body = '{"data": [{"id": "\ufdd0d800", "metadata": {"a": "\\ufdd1dead", "b": "\\ud800"}}]}'.encode()
    assert Decoder([ID, META]).list_page(body).batch.to_pylist() == [{"id": "\ufdd0d800", "metadata": '{"a":"\\ufdd1dead","b":"\\ud800"}'}]


# Bytes that are no page.


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"data": [{"id": "a"}',
        b'{"data": [{"id": "a"}]} x',
        b"[]",
        b"null",
        b'{"object": "charge"}',
        b'{"data": null}',
        b'{"data": [null]}',
        b'{"data": [1]}',
        b'{"data": [{"id": "a\xff"}]}',
        b'{"data": [{"id": "a"}], "has_more": "yes"}',
        b'{"data": ' + b"[" * 100_000,
    ],
)
@pytest.mark.parametrize("columns", [[ID], [RAW, ID]])
def test_what_is_no_list_is_a_decode_failure(body: bytes, columns: list[Column]) -> None:
    with pytest.raises(DecodeFailure):
        Decoder(columns).list_page(body)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'{"id": 1}, {"id": 2}', b'{"id": "a"', b'"text"'])
def test_what_is_no_object_is_a_decode_failure(body: bytes) -> None:
    with pytest.raises(DecodeFailure):
        Decoder([ID, AMOUNT]).single(body)


def test_a_type_that_no_answer_holds_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="no field of the API is a DATE"):
        Decoder([column("day", SqlType.DATE, ColumnKind.STRING)])
