"""Statements of other dialects become DuckDB's, and no value is read by another dialect's rules."""

from __future__ import annotations

import pytest

from stripesql.errors import InterfaceError, ProgrammingError, SqlSyntaxError
from stripesql.sql.dialects import to_duckdb


@pytest.mark.parametrize(
    ("dialect", "text", "parameters", "expected"),
    [
        ("duckdb", "SELECT  ? ", [1], 'SELECT  1 AS "?" '),
        ("", "SELECT  ? ", [1], 'SELECT  1 AS "?" '),
        ("postgres", "SELECT x::int FROM t WHERE y = ?", ["a"], "SELECT CAST(x AS INT) FROM t WHERE y = 'a'"),
        ("postgres", "SELECT %(a)s, :b", {"a": 1, "b": "x"}, "SELECT 1, 'x'"),
        ("postgres", "SELECT 5 % 2", None, "SELECT 5 % 2"),
        ("mysql", "SELECT `a` FROM `t` WHERE b = ?", ["it's"], "SELECT \"a\" FROM \"t\" WHERE b = 'it''s'"),
        ("mysql", "SELECT 'it\\'s ?', ?", ["\\'"], "SELECT 'it''s ?', '\\'''"),
        ("mysql", 'SELECT "text ?", ?', ["x"], "SELECT 'text ?', 'x'"),
        ("mysql", "SELECT IFNULL(a, ?) FROM t LIMIT ?", ["x", 5], "SELECT COALESCE(a, 'x') FROM t LIMIT 5"),
        ("snowflake", "SELECT IFF(a, ?, 2) FROM t", [1], "SELECT CASE WHEN a THEN 1 ELSE 2 END FROM t"),
        ("snowflake", "SELECT a FROM t WHERE a = :x", {"x": "it's"}, "SELECT a FROM t WHERE a = 'it''s'"),
        ("bigquery", "SELECT `a` FROM `t` WHERE b = ?", ["x"], 'SELECT "a" FROM "t" WHERE b = \'x\''),
        ("bigquery", 'SELECT "text", ?', [1], "SELECT 'text', 1"),
        ("tsql", "SELECT TOP 5 a FROM t WHERE b = ?", [1], "SELECT a FROM t WHERE b = 1 LIMIT 5"),
        ("postgres", "SET timezone = ?", ["UTC"], "SET timezone = 'UTC'"),
        ("mysql", "SHOW TABLES", None, "SHOW TABLES"),
        ("mysql", "DESCRIBE charges", None, "DESCRIBE charges"),
        ("postgres", "EXPLAIN SELECT 1", None, "EXPLAIN SELECT 1"),
    ],
)
def test_a_statement_is_translated_and_its_values_are_not(dialect: str, text: str, parameters: object, expected: str) -> None:
    assert to_duckdb(text, parameters, dialect) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "snowflake", "bigquery"])
@pytest.mark.parametrize(
    "value", ["'; DROP TABLE t; --", "\\'; --", "\\", '"', "`", "${x}", "{{x}}", "$$", "stripesql_parameter_1", "a\nb"]
)
def test_a_value_passes_every_dialect_unread(dialect: str, value: str) -> None:
    quoted = "'" + value.replace("'", "''") + "'"
    assert to_duckdb("SELECT a FROM t WHERE b = ? AND c = ?", [value, 1], dialect) == f"SELECT a FROM t WHERE b = {quoted} AND c = 1"


@pytest.mark.parametrize(
    ("dialect", "text", "parameters", "error"),
    [
        ("nosuch", "SELECT 1", None, InterfaceError),
        ("postgres", "SELECT FROM WHERE", None, SqlSyntaxError),
        ("mysql", "SELECT 'abc", None, SqlSyntaxError),
        ("postgres", "SELECT ?", [1, 2], ProgrammingError),
        ("postgres", "SELECT :a", {"b": 1}, ProgrammingError),
        ("postgres", "SELECT ?", "a", InterfaceError),
    ],
)
def test_what_cannot_be_translated_is_told(dialect: str, text: str, parameters: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        to_duckdb(text, parameters, dialect)  # type: ignore[arg-type]
