"""Idempotency keys: random, or a function of what is sent that does not depend on the order of rows."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripesql.errors import InterfaceError, WriteRefused
from stripesql.request import Request, Upload
from stripesql.settings import Settings
from stripesql.write.guards import demand_few, demand_where, demand_writable
from stripesql.write.keys import LONGEST, keys_of

PAIRS = st.lists(
    st.tuples(st.sampled_from(["email", "name", "metadata[k]"]), st.text(max_size=3)), max_size=3, unique_by=lambda pair: pair[0]
)
ROWS = st.lists(PAIRS.map(lambda pairs: Request("POST", "/v1/customers", body=tuple(pairs))), max_size=8)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_same_rows_in_any_order_have_the_same_keys(rows, chance):
    shuffled = rows.copy()
    chance.shuffle(shuffled)
    assert sorted(keys_of(rows, "job-1", "insert")) == sorted(keys_of(shuffled, "job-1", "insert"))


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_every_row_has_a_key_of_its_own_even_among_equals(rows):
    keys = keys_of(rows, "job-1", "insert")
    assert len(set(keys)) == len(rows)
    assert all(len(key) <= LONGEST for key in keys)


def test_the_order_of_columns_does_not_matter_and_everything_else_does():
    row = Request("POST", "/v1/customers", body=(("email", "a"), ("name", "b")))
    (key,) = keys_of([row], "p", "insert")
    assert keys_of([replace(row, body=tuple(reversed(row.body)))], "p", "insert") == [key]
    others = [
        keys_of([row], "q", "insert"),
        keys_of([row], "p", "update"),
        keys_of([replace(row, path="/v1/products")], "p", "insert"),
        keys_of([replace(row, body=(("email", "a"), ("name", "c")))], "p", "insert"),
        keys_of([replace(row, body=(("email", "b"), ("name", "a")))], "p", "insert"),
        keys_of([replace(row, body=None, document='{"email":"a"}')], "p", "insert"),
        keys_of([replace(row, uploads=(Upload("file", "a.txt", b"x"),))], "p", "insert"),
    ]
    assert len({key, *(each for (each,) in others)}) == len(others) + 1


def test_without_a_prefix_keys_are_random():
    rows = [Request("POST", "/v1/customers", body=(("email", "a"),))] * 3
    keys = keys_of(rows, None, "insert")
    assert len(set(keys)) == 3
    assert not set(keys) & set(keys_of(rows, None, "insert"))


def test_a_prefix_that_leaves_no_room_is_refused():
    rows = [Request("POST", "/v1/customers", body=())]
    longest = LONGEST - 50
    assert len(keys_of(rows, "p" * longest, "insert")[0]) <= LONGEST
    with pytest.raises(InterfaceError, match=f"{longest} are the most"):
        keys_of(rows, "p" * (longest + 1), "insert")


@pytest.mark.parametrize(
    ("read_only", "mode", "demo", "allowed"),
    [
        (None, "test", False, True),
        (None, "live", False, False),
        (None, "unknown", False, False),
        (None, "unknown", True, True),
        (False, "live", False, True),
        (False, "unknown", False, True),
        (True, "test", False, False),
        (True, "test", True, False),
    ],
)
def test_who_may_write(read_only, mode, demo, allowed):
    settings_ = Settings(read_only=read_only, demo=demo)
    demand_writable(settings_, mode, "CALL invoices.create_preview", effect_free=True)
    if allowed:
        demand_writable(settings_, mode, "DELETE FROM customers")
    else:
        with pytest.raises(WriteRefused, match=r"DELETE FROM customers was refused and nothing was sent.*read_only"):
            demand_writable(settings_, mode, "DELETE FROM customers")


def test_whole_tables_and_many_rows_need_a_setting():
    demand_where(Settings(), "UPDATE t", whole_table=False)
    demand_where(Settings(allow_full_table_writes=True), "UPDATE t", whole_table=True)
    with pytest.raises(WriteRefused, match=r"it has no WHERE.*allow_full_table_writes=True"):
        demand_where(Settings(), "UPDATE t", whole_table=True)
    with pytest.raises(WriteRefused, match="its WHERE is always true"):
        demand_where(Settings(), "UPDATE t", whole_table=True, constant=True)
    demand_few(Settings(), "UPDATE t", 10**6)
    demand_few(Settings(max_write_rows=3), "UPDATE t", 3)
    with pytest.raises(WriteRefused, match="max_write_rows=3"):
        demand_few(Settings(max_write_rows=3), "UPDATE t", 4)
