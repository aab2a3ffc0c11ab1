"""INSERT, UPDATE and DELETE are cut into clauses, each the user's own text."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripesql import errors
from stripesql.sql.lexer import code
from stripesql.sql.writes import Assignment, Conflict, Delete, Insert, Target, Update, equalities, excluded_name, read_write

CUSTOMERS = Target(None, "customers", "customers", "customers")


def insert(**parts):
    return Insert(
        **{
            "target": CUSTOMERS,
            "columns": None,
            "by_name": False,
            "rows": None,
            "query": None,
            "conflict": None,
            "returning": None,
            **parts,
        }
    )


READ = [
    ("INSERT INTO customers (email, name) VALUES ('a', upper('b')), (DEFAULT, NULL)",
     insert(columns=("email", "name"), rows=(("'a'", "upper('b')"), (None, "NULL")))),
    ("insert into stripe.customers as c (email) values (1) returning id, c.email",
     insert(target=Target("stripe", "customers", "c", "stripe.customers as c"), columns=("email",), rows=(("1",),), returning="id, c.email")),
    ("INSERT INTO customers DEFAULT VALUES", insert(rows=((),))),
    ("INSERT INTO customers BY NAME SELECT 1 AS balance", insert(by_name=True, query="SELECT 1 AS balance")),
    ("INSERT INTO customers (email) SELECT a FROM x JOIN y ON x.a = y.a RETURNING *",
     insert(columns=("email",), query="SELECT a FROM x JOIN y ON x.a = y.a", returning="*")),
    ("INSERT INTO customers (SELECT 1)", insert(query="(SELECT 1)")),
    ("INSERT INTO customers (email) VALUES (1) UNION ALL SELECT 2", insert(columns=("email",), query="VALUES (1) UNION ALL SELECT 2")),
    ("WITH a AS (SELECT 1 AS b) INSERT INTO customers (email) SELECT b FROM a",
     insert(columns=("email",), query="SELECT b FROM a", ctes="WITH a AS (SELECT 1 AS b) ")),
    ("""INSERT INTO customers ("address.city", address.line1, metadata['a b'], metadata.k, items[0].price) VALUES (1, 2, 3, 4, [5, 6])""",
     insert(columns=("address.city", "address.line1", "metadata['a b']", "metadata.k", "items[0].price"), rows=(("1", "2", "3", "4", "[5, 6]"),))),
    ("INSERT INTO customers (id) VALUES ('x') ON CONFLICT DO NOTHING", insert(columns=("id",), rows=(("'x'",),), conflict=Conflict((), None))),
    ("INSERT INTO customers (id) VALUES ('x') ON CONFLICT (ID) DO UPDATE SET name = EXCLUDED.name, phone = NULL WHERE customers.a = 1 RETURNING id",
     insert(columns=("id",), rows=(("'x'",),), returning="id",
            conflict=Conflict(("id",), (Assignment("name", "EXCLUDED.name"), Assignment("phone", "NULL")), "customers.a = 1"))),
    ("UPDATE customers SET name = 'a' || name, phone = DEFAULT WHERE id = 'x'",
     Update(CUSTOMERS, (Assignment("name", "'a' || name"), Assignment("phone", None)), None, "id = 'x'", None)),
    ("UPDATE customers AS c SET c.name = f.n, metadata.k = (SELECT 1 FROM g) FROM f, g WHERE f.id = c.id RETURNING c.id",
     Update(Target(None, "customers", "c", "customers AS c"), (Assignment("c.name", "f.n"), Assignment("metadata.k", "(SELECT 1 FROM g)")),
            "f, g", "f.id = c.id", "c.id")),
    ("UPDATE customers c SET balance = CASE WHEN name IS DISTINCT FROM 'x' THEN extract(year FROM created) END",
     Update(Target(None, "customers", "c", "customers c"),
            (Assignment("balance", "CASE WHEN name IS DISTINCT FROM 'x' THEN extract(year FROM created) END"),), None, None, None)),
    ("UPDATE customers SET (name, phone) = ROW('a', f(1, 2))",
     Update(CUSTOMERS, (Assignment("name", "'a'"), Assignment("phone", "f(1, 2)")), None, None, None)),
    ("DELETE FROM customers", Delete(CUSTOMERS, None, None, None)),
    ("DELETE FROM \"customers\" c USING f WHERE f.id = c.id AND c.shipping.from = 'returning' RETURNING c.*",
     Delete(Target(None, "customers", "c", "\"customers\" c"), "f", "f.id = c.id AND c.shipping.from = 'returning'", "c.*")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), READ, ids=[text[:60] for text, _ in READ])
def test_a_write_is_cut_into_clauses(text, expected):
    assert read_write(text) == expected


REFUSED = [
    ("INSERT OR REPLACE INTO coupons (id) VALUES (1)", errors.NotSupportedError, "ON CONFLICT"),
    ("INSERT OR IGNORE INTO coupons (id) VALUES (1)", errors.NotSupportedError, "ON CONFLICT"),
    ("REPLACE INTO coupons (id) VALUES (1)", errors.NotSupportedError, "ON CONFLICT"),
    ("MERGE INTO coupons USING a ON b WHEN MATCHED THEN DELETE", errors.NotSupportedError, "ON CONFLICT"),
    ("INSERT INTO coupons (id) VALUES (1) ON DUPLICATE KEY UPDATE a = 1", errors.NotSupportedError, "ON CONFLICT"),
    ("INSERT customers (email) VALUES (1)", errors.SqlSyntaxError, r"INTO is missing here.*line 1, column 8"),
    ("INSERT INTO customers (email, name) VALUES (1, 2), (3)", errors.SqlSyntaxError, "row 2 of VALUES has 1 values for 2 columns"),
    ("INSERT INTO customers (email)", errors.SqlSyntaxError, "VALUES"),
    ("INSERT INTO customers (email, ) VALUES (1)", errors.SqlSyntaxError, "between two commas"),
    ("INSERT INTO customers (email) BY NAME SELECT 1", errors.SqlSyntaxError, "not both"),
    ("INSERT INTO customers (email || 'x') VALUES (1)", errors.SqlSyntaxError, "cannot be part of a column"),
    ("UPDATE customers SET", errors.SqlSyntaxError, "SET needs"),
    ("UPDATE customers SET name", errors.SqlSyntaxError, "column = value"),
    ("UPDATE customers SET name = ", errors.SqlSyntaxError, "column = value"),
    ("UPDATE customers SET name = 'a', WHERE id = 'x'", errors.SqlSyntaxError, "column = value"),
    ("UPDATE customers SET name = 'a' WHERE", errors.SqlSyntaxError, "WHERE needs"),
    ("UPDATE customers SET name = 'a' WHERE id = 'x' ORDER BY id LIMIT 1", errors.SqlSyntaxError, "UPDATE has no ORDER"),
    ("UPDATE customers SET (a, b) = (SELECT 1, 2)", errors.SqlSyntaxError, "as many expressions"),
    ("DELETE customers", errors.SqlSyntaxError, "FROM is missing"),
    ("DELETE FROM customers WHERE id = 'x' LIMIT 3", errors.SqlSyntaxError, "SELECT id FROM"),
    ("DELETE FROM customers RETURNING", errors.SqlSyntaxError, "RETURNING needs"),
    ("DELETE FROM", errors.SqlSyntaxError, "ends too early"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "message"), REFUSED, ids=[text[:60] for text, _, _ in REFUSED])
def test_what_is_no_write_says_what_to_write(text, kind, message):
    with pytest.raises(kind, match=message):
        read_write(text)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("id = 'x'", {"id": ("x",)}),
        ("id IN ('x', 'y', 'x') AND customer = 'z'", {"id": ("x", "y"), "customer": ("z",)}),
        ("id IN ('x', NULL)", None),
        ("id IN (SELECT 'x')", None),
        ("id NOT IN ('x', 'y')", None),
        ("id IN ()", None),
        ("id IN ('x', 'y') IS TRUE", None),
        ("c.id = 'it''s' and CUSTOMER = 'y'", {"id": ("it's",), "customer": ("y",)}),
        ("id = 'x' OR id = 'y'", None),
        ("id = 'x' AND id = 'y'", None),
        ("d.id = 'x'", None),
        ("id = name", None),
        ("id <> 'x'", None),
        ("NOT id = 'x'", None),
        ("(id = 'x')", None),
        ("id = 'x' || 'y'", None),
        ("id = E'x'", None),
    ],
)
def test_only_plain_equalities_name_a_row(condition, expected):
    assert equalities(condition, {"c"}) == expected


def test_a_column_of_excluded_is_told_from_an_expression():
    assert excluded_name("EXCLUDED.name") == "name"
    assert excluded_name('excluded."address.city"') == "address.city"
    assert excluded_name("EXCLUDED.name || 'x'") is None
    assert excluded_name("name") is None


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_statement_with_words_missing_or_repeated_is_an_error_of_ours_or_a_statement(data):
    text = data.draw(st.sampled_from([text for text, _ in READ] + [text for text, _, _ in REFUSED]))
    words = [token.text for token in code(text)]
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(words) - 1))
        kind = data.draw(st.sampled_from(("drop", "repeat", "swap")))
        other = data.draw(st.integers(0, len(words) - 1))
        if kind == "drop" and len(words) > 1:
            del words[at]
        elif kind == "repeat":
            words.insert(at, words[other])
        else:
            words[at], words[other] = words[other], words[at]
    with contextlib.suppress(errors.Error):
        read_write(" ".join(words))
