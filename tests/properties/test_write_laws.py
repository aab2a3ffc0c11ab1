"""A write touches exactly the rows that SELECT with the same WHERE gives, and nothing where SELECT is an error."""

from urllib.parse import unquote

import httpx
import pytest
from exactness.account import small_account
from exactness.atoms import Source
from exactness.shapes import predicate
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

import stripesql
from stripesql import errors

CHANGED = {
    "customers": "metadata.seen = 'yes'",
    "products": "metadata.seen = 'yes'",
    "subscriptions": "description = 'seen'",
    "coupons": "name = 'seen'",
}
DELETED = ("customers", "products", "coupons")


class Untouched(httpx.BaseTransport):
    """Answer writes without carrying them out, so that every example meets the same rows; remember whom they were about."""

    def __init__(self):
        self.written = []
        self._inner = small_account().transport()

    def handle_request(self, request):
        if request.method == "GET":
            return self._inner.handle_request(request)
        key = unquote(request.url.raw_path.decode().rpartition("/")[2])
        self.written.append((request.method, key))
        return httpx.Response(200, json={"id": key, "object": "customer", "deleted": request.method == "DELETE"})


@pytest.fixture(scope="module")
def transport():
    return Untouched()


@pytest.fixture(scope="module")
def connection(transport):
    key = "sk_test_" + "p" * 16
    with stripesql.connect(
        key, transport=transport, allow_full_table_writes=True, requests_per_second=1e6, endpoint_requests_per_second=1e6
    ) as opened:
        yield opened


@st.composite
def conditions(draw, tables):
    table = draw(st.sampled_from(sorted(tables)))
    alias = draw(st.sampled_from(("", "t")))
    return table, alias, predicate(draw, [Source(table, alias)], "UTC").ours


def selected(connection, table, alias, condition):
    try:
        return sorted(row[0] for row in connection.execute(f"SELECT id FROM {table} {alias} WHERE {condition}").fetchall())
    except errors.Error as problem:
        return type(problem)


FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def hold(connection, transport, statement, method, expected):
    transport.written.clear()
    event("an error" if isinstance(expected, type) else "no row" if not expected else "rows")
    if isinstance(expected, type):
        with pytest.raises(expected):
            connection.execute(statement)
        assert transport.written == []
    else:
        assert connection.execute(statement).rowcount == len(expected)
        assert sorted(transport.written) == [(method, key) for key in expected]


@FEW
@given(example=conditions(CHANGED))
def test_update_writes_to_the_rows_that_select_gives(connection, transport, example):
    table, alias, condition = example
    expected = selected(connection, table, alias, condition)
    hold(connection, transport, f"UPDATE {table} {alias} SET {CHANGED[table]} WHERE {condition}", "POST", expected)


@FEW
@given(example=conditions(DELETED))
def test_delete_deletes_the_rows_that_select_gives(connection, transport, example):
    table, alias, condition = example
    expected = selected(connection, table, alias, condition)
    hold(connection, transport, f"DELETE FROM {table} {alias} WHERE {condition}", "DELETE", expected)
