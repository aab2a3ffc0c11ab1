"""A condition that holds for every row is recognized; one that leaves a row out never is."""

from __future__ import annotations

import duckdb
import pytest

from stripesql.sql.tautologies import About, is_tautology


def constant(text: str) -> bool:
    try:
        with duckdb.connect() as engine:
            row = engine.execute(f"SELECT ({text}) IS TRUE").fetchone()
    except duckdb.Error:
        return False
    return row == (True,)


ABOUT = About("customers", "c", frozenset({"id", "object"}), constant)

TRUE = [
    "1 = 1", "true", "NOT false", "(((1 = 1)))", "1 = 1 AND 2 > 1", "true OR name = 'a'", "name = 'a' OR 1 = 1", "name = 'a' OR (true AND 'x' LIKE '%')",
    "id IS NOT NULL", "NOT (id IS NULL)", "NOT id IS NULL", "c.id IS NOT NULL", "customers.id IS NOT NULL", '"id" IS NOT NULL', "ID IS NOT NULL",
    "id = id", "c.id = c.id", "id >= id", "id LIKE '%'", "id LIKE '%%'", "id ILIKE '%'", "id <> ''", "id > ''", "id >= ''", "object = object",
    "id IN (SELECT id FROM customers)", "id IN (SELECT c2.id FROM customers c2)", "id IN (SELECT DISTINCT id FROM stripe.customers)",
    "id IN (FROM customers SELECT id)", "id IN (SELECT id FROM customers ORDER BY id)",
    "name = name OR name IS NULL", "name IS NULL OR name IS NOT NULL", "id IS NOT NULL OR name = 'a'", "id IS NOT NULL AND id LIKE '%'",
]  # fmt: skip

# Each may leave a row out.
OTHER = [
    "name = 'a'", "name IS NOT NULL", "name = name", "name LIKE '%'", "name <> ''", "id <> 'cus_1'", "id NOT IN ('cus_1')", "id LIKE 'cus_%'", "id LIKE '_'",
    "id IN (SELECT id FROM customers LIMIT 5)", "id IN (SELECT id FROM customers WHERE name = 'a')", "id IN (SELECT customer FROM customers)",
    "id IN (SELECT id FROM subscriptions)", "id IN (SELECT id FROM customers UNION SELECT 'a')", "id IN (SELECT id FROM customers c JOIN charges d ON true)",
    "id IN (SELECT id FROM customers GROUP BY id HAVING count(*) > 5)", "id NOT IN (SELECT id FROM customers)", "id IN ('cus_1')",
    "id IN (SELECT id FROM customers QUALIFY row_number() OVER () < 3)", "id IN (SELECT id FROM customers USING SAMPLE 5)", "id = name",
    "id IN (SELECT max(id) FROM customers)", "id IN (SELECT DISTINCT ON (name) id FROM customers)", "id IN (SELECT id FROM customers OFFSET 1)",
    "created > '2000-01-01'", "id IS NULL", "false", "NULL", "1 = 2", "true AND name = 'a'", "id IS NOT NULL AND name = 'a'", "name = 'a' OR name = 'b'",
    "name IS NULL OR email IS NOT NULL", "d.id IS NOT NULL", "NOT (id IS NOT NULL)", "NOT (id = id)", "metadata.id IS NOT NULL", "random() < 0.5",
    "EXISTS (SELECT 1 FROM charges)", "(id, name) IN (SELECT id, name FROM customers)", "))", "",
]  # fmt: skip


@pytest.mark.parametrize("condition", TRUE)
def test_what_holds_for_every_row_is_recognized(condition):
    assert is_tautology(condition, ABOUT)


@pytest.mark.parametrize("condition", OTHER)
def test_what_may_leave_a_row_out_is_not(condition):
    assert not is_tautology(condition, ABOUT)
