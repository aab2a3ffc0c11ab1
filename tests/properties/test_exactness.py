"""Hold every answer against brute force: pushed down, not pushed down, and the same SQL over plain tables."""

import pytest
from exactness.answers import Ways, check
from exactness.drawing import AT_NIGHT, CALM, examples
from exactness.tables import TABLES
from hypothesis import event, given

from stripesql.catalogue.load import catalogue


@pytest.fixture(scope="module")
def ways():
    return Ways()


def hold(ways, example):
    zone, query, world, informed = example
    ways.settle(world, query.tables, zone, informed=informed)
    event("compared" if check(ways, query, world, zone, informed=informed) else "an error for plain DuckDB too")


@CALM
@given(example=examples())
def test_every_query_returns_what_plain_sql_returns(ways, example):
    hold(ways, example)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@AT_NIGHT
@given(example=examples())
def test_many_more_queries_return_what_plain_sql_returns(ways, example):
    hold(ways, example)


@pytest.mark.parametrize("name", TABLES)
def test_table_of_the_brute_force_is_in_the_catalogue(name):
    table = catalogue().table(name)
    assert [each.name for each in TABLES[name] if table.column(each.name) is None] == []
