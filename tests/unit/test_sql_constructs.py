"""Whatever DuckDB accepts in a SELECT runs here, with DuckDB's own labels and rows, or fails as clearly."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

import stripesql
from stripesql import errors

TABLES = ("charges", "customers", "invoices", "disputes")
_FILE = Path(__file__).with_name("constructs.sql").read_text(encoding="utf-8")
QUERIES = [block.strip() for block in _FILE.partition("\n")[2].split("\n;;\n")]


@pytest.fixture(scope="module")
def cursor() -> Iterator[Any]:
    with stripesql.connect(demo="constructs") as connection:
        yield connection.cursor()


@pytest.fixture(scope="module")
def plain(cursor: Any) -> Iterator[Any]:
    """Give DuckDB alone, over the same rows."""
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.execute("SET threads = 1")
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table}")
            engine.register("rows", cursor.fetch_arrow_table())
            engine.execute(f"CREATE TABLE {table} AS FROM rows")
            engine.unregister("rows")
        yield engine


def comparable(value: Any) -> Any:
    """Write times in UTC and JSON values as text, however they were given."""
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, default=str, sort_keys=True)
    if isinstance(value, str) and value[:1] in ("{", "[", '"'):
        try:
            return comparable(json.loads(value))
        except ValueError:
            return value
    return value


def rows(found: list[Any]) -> list[str]:
    return sorted(repr([comparable(value) for value in row]) for row in found)


def run(cursor: Any, query: str) -> list[Any]:
    """Run a query to its end."""
    cursor.execute(query)
    return list(cursor.fetchall())


@pytest.mark.parametrize("query", QUERIES, ids=[f"line-{_FILE[: _FILE.index(query)].count(chr(10)) + 1}" for query in QUERIES])
def test_a_query_gives_what_duckdb_gives(query: str, cursor: Any, plain: Any) -> None:
    relation = plain.sql(query)
    expected = relation.fetchall()
    cursor.execute(query)
    given = cursor.fetchall()
    assert [column[0] for column in cursor.description] == list(relation.columns)
    assert len(given) == len(expected)
    if "LIMIT" not in query.upper():
        assert rows(given) == rows(expected)


@pytest.mark.parametrize(
    ("query", "error", "message"),
    [
        ("SELECT", errors.SqlSyntaxError, "SELECT clause without selection list"),
        ("SELECT id FROM", errors.SqlSyntaxError, "syntax error"),
        ("SELECT id\nFROM charges\nWHERE )", errors.SqlSyntaxError, 'syntax error at or near ")" (line 3, column 7)'),
        ("SELECT 'é' FROM charges x y z", errors.SqlSyntaxError, 'at or near "y" (line 1, column 27)'),
        ("SELECT id FROM chrges", errors.UnknownName, 'there is no table "chrges"; did you mean "charges"? (line 1, column 16)'),
        ("SELECT x'00', id FROM chrges", errors.UnknownName, 'there is no table "chrges"; did you mean "charges"? (line 1, column 23)'),
        ("SELECT nosuch FROM charges", errors.UnknownName, 'there is no column "nosuch"'),
        ("SELECT mystery(id) FROM charges", errors.UnknownName, 'there is no function "mystery"'),
        ("SELECT id FROM charges GROUP BY currency", errors.ProgrammingError, "GROUP BY"),
        ("SELECT id FROM charges WHERE amount = 'abc'", errors.DataError, "abc"),
        ("SELECT ?", errors.ProgrammingError, "no values were given"),
        (
            "WITH x AS (INSERT INTO charges VALUES (1) RETURNING *) SELECT * FROM x",
            errors.NotSupportedError,
            "INSERT cannot be part of a query",
        ),
        ("WITH x AS (DELETE FROM charges RETURNING x'00') FROM x", errors.NotSupportedError, "DELETE cannot be part of a query"),
        ("SELECT * FROM (SHOW TABLES)", errors.ProgrammingError, "SHOW"),
        ("SELECT i.created FROM invoice_items i NATURAL JOIN charges c", errors.NotSupportedError, 'hidden column "created"'),
    ],
)
def test_what_cannot_run_is_told(query: str, error: type[Exception], message: str, cursor: Any) -> None:
    with pytest.raises(error) as caught:
        run(cursor, query)
    assert message in str(caught.value)
    assert "__scan_" not in str(caught.value)


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ("SELECT address.city FROM customers", ["city"]),
        ("SELECT ADDRESS.City FROM customers", ["City"]),
        ('SELECT "address"."city" FROM customers', ["city"]),
        ("SELECT c.address.city, customers.address.city FROM customers c, customers", ["city", "city"]),
        ("SELECT stripe.customers.address.city FROM stripe.customers", ["city"]),
        ("SELECT metadata['k'], metadata.k, metadata.\"it's\" FROM customers", ["k", "k", "it's"]),
        ("SELECT metadata['a.b'], metadata['it''s'] FROM customers", ["a.b", "it's"]),
        ("SELECT payment_method_details.card.brand, payment_method_details['card']['brand'] FROM charges", ["brand", "brand"]),
        ("SELECT items.data[0].price.id FROM subscriptions", ["id"]),
        ("SELECT address.city AS town, town2: address.city, address.city t3 FROM customers", ["town", "town2", "t3"]),
        ("SELECT upper(address.city), address.city || '!' FROM customers", ["upper(address.city)", "(address.city || '!')"]),
        ("SELECT created >= 'today' FROM customers", ["(created >= 'today')"]),
        ("SELECT created>='today' AS fresh FROM customers", ["fresh"]),
        ("SELECT [address.city], {'a': address.city} FROM customers", ["list_value(address.city)", "struct_pack(a := address.city)"]),
        (
            "SELECT (SELECT max(amount) FROM charges), EXISTS (FROM charges)",
            ["(SELECT max(amount) FROM charges)", "EXISTS(SELECT * FROM charges)"],
        ),
        ("SELECT (SELECT address.city FROM customers LIMIT 1)", ["(SELECT address.city FROM customers LIMIT 1)"]),
        ("SELECT count(*), sum( amount ) , 1+1 FROM charges", ["count_star()", "sum(amount)", "(1 + 1)"]),
        ("SELECT id, /* c */ address.city -- d\nFROM customers", ["id", "city"]),
        ("SELECT i.created AS c, created FROM invoice_items i, charges", ["c", "created"]),
    ],
)
def test_labels_are_what_the_user_wrote(query: str, labels: list[str], cursor: Any) -> None:
    cursor.execute(f"{query} LIMIT 1" if "LIMIT" not in query else query)
    assert [column[0] for column in cursor.description] == labels


@pytest.mark.parametrize(
    ("query", "hidden"),
    [
        ("SELECT * FROM customers WHERE address IS NOT NULL", False),
        ("SELECT * FROM customers WHERE _raw IS NOT NULL", False),
        ("SELECT c.* FROM customers c WHERE c.address.nosuch IS NULL", False),
        ("SELECT * EXCLUDE (metadata) FROM customers WHERE address IS NOT NULL", False),
        ("SELECT * EXCLUDE metadata FROM customers WHERE address IS NOT NULL", False),
        ("SELECT * REPLACE (upper(address.city) AS name) FROM customers WHERE address IS NOT NULL", False),
        ("SELECT * RENAME (name AS n) FROM customers WHERE address IS NOT NULL", False),
        ("SELECT * LIKE 'add%' FROM customers WHERE address IS NOT NULL", False),
        ("SELECT COLUMNS(*) FROM customers WHERE address IS NOT NULL", False),
        ("FROM customers WHERE address IS NOT NULL", False),
        ("SELECT * FROM (FROM customers WHERE address IS NOT NULL)", False),
        ("SELECT * FROM customers UNION ALL SELECT * FROM customers WHERE address IS NOT NULL", False),
        ("SELECT *, address FROM customers", True),
        ("SELECT address, * FROM customers", True),
    ],
)
def test_a_star_shows_no_hidden_column(query: str, hidden: bool, cursor: Any) -> None:
    cursor.execute(f"SELECT * FROM ({query}) LIMIT 1" if not query.startswith("FROM") else f"{query} LIMIT 1")
    labels = [column[0] for column in cursor.description]
    assert ("address" in labels) is hidden
    assert "_raw" not in labels
    cursor.fetchall()


@pytest.mark.parametrize(
    ("path", "column"),
    [
        ("SELECT count(*) FROM customers WHERE address.city = 'Paris'", "SELECT count(*) FROM customers WHERE address_city = 'Paris'"),
        ("SELECT address.city, count(*) FROM customers GROUP BY address.city", "SELECT address_city, count(*) FROM customers GROUP BY 1"),
        ("SELECT id FROM customers ORDER BY address.city, id", "SELECT id FROM customers ORDER BY address_city, id"),
        (
            "SELECT count(*) FROM customers c JOIN charges h ON h.billing_details.address.city = c.address.city",
            "SELECT count(*) FROM customers c JOIN charges h ON h.billing_details_address_city = c.address_city",
        ),
        ("SELECT address.email FROM customers address", "SELECT email FROM customers"),
        ("SELECT x.city FROM (SELECT address AS x FROM customers)", "SELECT address_city FROM customers"),
        (
            "SELECT c FROM (SELECT id, {'city': 'inner'} AS address FROM charges) x, LATERAL (SELECT address.city AS c)",
            "SELECT 'inner' FROM charges",
        ),
        (
            "SELECT count(*) FROM customers WHERE EXISTS (SELECT 1 FROM (SELECT {'city': 'x'} AS address) y WHERE address.city = 'x')",
            "SELECT count(*) FROM customers",
        ),
    ],
)
def test_a_path_means_its_column_and_an_alias_comes_first(path: str, column: str, cursor: Any) -> None:
    cursor.execute(path)
    by_path = cursor.fetchall()
    cursor.execute(column)
    assert rows(by_path) == rows(cursor.fetchall())


def test_an_expandable_column_is_asked_for_through_a_star(cursor: Any) -> None:
    cursor.execute("SELECT refunds FROM (SELECT * FROM charges) WHERE refunds IS NOT NULL LIMIT 1")
    assert len(cursor.fetchall()) == 1
