"""Keep every bug that the properties found, as the query that showed it."""

import pytest
from exactness.account import TABLES, small_account
from exactness.answers import Ways, check
from exactness.shapes import Query
from exactness.sql import Sql

FOUND = {
    "a needed argument that names no object means no rows": ("SELECT id FROM subscription_items WHERE subscription = 'nope'", None),
    "a scan goes on after a first read that was refused": (
        "SELECT count(*) FROM subscription_items WHERE subscription IN ('nope', 'sub_0')",
        None,
    ),
    "a list that gives nothing new gives no rows": ("SELECT id FROM promotion_codes WHERE code IN ('SPRING', 'spring')", None),
    "a filter of the engine's may speak of a column that the text names by its path": (
        "SELECT id FROM customers WHERE address.city IS NULL AND NOT (address.country IS NOT NULL)",
        "SELECT id FROM customers WHERE address_city IS NULL AND NOT (address_country IS NOT NULL)",
    ),
    "a filter of the engine's may speak of a column by the name that an alias gives it": (
        "SELECT a FROM (SELECT id, amount FROM topups) AS t(a, b) WHERE b IN (10, 20)",
        None,
    ),
    "an id of one's own choice may be a word of the API's paths": ("SELECT id, name FROM products WHERE id = 'search'", None),
    "an id of one's own choice may hold a slash": ("SELECT id, name FROM products WHERE id = 'a/b'", None),
    "a key may be such a word": ("SELECT r.id, p.name FROM prices r JOIN products p ON r.product = p.id WHERE p.id = 'search'", None),
}


@pytest.fixture(scope="module")
def ways():
    found = Ways()
    found.take(small_account(), TABLES, "UTC")
    return found


@pytest.mark.parametrize("name", FOUND)
def test_bug_stays_mended(ways, name):
    ours, plain = FOUND[name]
    assert check(ways, Query(Sql(ours, plain or ours), ("customers",)), {}, "UTC")
