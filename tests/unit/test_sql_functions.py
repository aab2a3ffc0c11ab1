"""Functions that reach beyond Stripe are refused, however they are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

import stripesql
from stripesql.errors import NotSupportedError, ProgrammingError
from stripesql.sql.functions import TABLE_FUNCTIONS


@pytest.fixture(scope="module")
def cursor() -> Iterator[Any]:
    with stripesql.connect(demo="functions") as connection:
        yield connection.cursor()


def run(cursor: Any, query: str) -> list[Any]:
    """Run a query to its end."""
    cursor.execute(query)
    return list(cursor.fetchall())


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM READ_CSV('/etc/passwd')",
        "SELECT * FROM \"read_csv\"('/etc/passwd')",
        "SELECT * FROM read_csv ('/etc/passwd')",
        "SELECT * FROM read_csv/* c */('/etc/passwd')",
        "SELECT * FROM read_csv -- c\n('/etc/passwd')",
        "SELECT * FROM main.read_csv('/etc/passwd')",
        "FROM read_text('/etc/passwd')",
        "SELECT 1 FROM charges, read_blob('/etc/passwd')",
        "SELECT 1 FROM charges JOIN glob('/etc/*') ON true",
        "SELECT (SELECT content FROM read_text('/etc/passwd'))",
        "WITH t AS (FROM read_json('/etc/passwd')) FROM t",
        "SELECT x'00', * FROM read_csv('/etc/passwd')",
        "SELECT 1 AS a$$, (SELECT content FROM read_text('/etc/passwd')) AS b$$",
        "SELECT getenv('HOME')",
        "SELECT 'HOME'.getenv()",
        "SELECT current_setting('memory_limit')",
        "SELECT getvariable('x')",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM duckdb_secrets()",
        "SELECT * FROM pragma_database_size()",
        "SELECT * FROM pg_timezone_names()",
        "SELECT * FROM query('SELECT 1')",
        "SELECT * FROM query_table('charges')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM parquet_scan('x.parquet')",
        "SELECT * FROM json_execute_serialized_sql('{}')",
        "SELECT nextval('s')",
        "SELECT * FROM arrow_scan(1, 2, 3)",
        "SELECT * FROM which_secret('x', 'y')",
        "SELECT write_log('x')",
        "SELECT * FROM 'x.csv' t, x'00'",
        "SELECT x'00' FROM 'x.csv'",
        "SELECT x'00' FROM charges JOIN 'x.csv' ON true",
    ],
)
def test_a_function_that_is_none_of_stripes_is_refused(query: str, cursor: Any) -> None:
    with pytest.raises((NotSupportedError, ProgrammingError)) as caught:
        run(cursor, query)
    assert "root:" not in str(caught.value)


@pytest.mark.parametrize(
    "query",
    ["SELECT * FROM 'x.csv'", 'SELECT * FROM "x.csv"', "SELECT * FROM duckdb_tables", "FROM sqlite_master", "FROM pg_catalog.pg_tables"],
)
@pytest.mark.parametrize("parsed", [True, False])
def test_a_name_that_is_no_table_of_stripe_is_refused(query: str, parsed: bool, cursor: Any) -> None:
    with pytest.raises((NotSupportedError, ProgrammingError)):
        cursor.execute(query if parsed else query.replace("*", "x'00'") + " WHERE x'00' IS NOT NULL")


def test_the_error_says_where_and_why(cursor: Any) -> None:
    with pytest.raises(
        NotSupportedError, match=r"function read_csv is not available: SQL here reads Stripe, not files \(line 2, column 6\)"
    ):
        cursor.execute("SELECT *\nFROM read_csv('x')")
    with pytest.raises(NotSupportedError, match="function getenv is not available: it reaches into the engine"):
        cursor.execute("SELECT getenv('HOME')")


def _engine_table_functions() -> list[str]:
    with duckdb.connect() as engine:
        found = engine.execute("SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type IN ('table', 'table_macro')")
        return sorted(name for (name,) in found.fetchall())


@pytest.mark.parametrize("head", ["SELECT 1", "SELECT x'00'"])
def test_of_the_engines_table_functions_only_the_listed_ones_are_left(head: str, cursor: Any) -> None:
    for name in _engine_table_functions():
        if name.lower() not in TABLE_FUNCTIONS:
            with pytest.raises((NotSupportedError, ProgrammingError)):
                cursor.execute(f'{head} FROM "{name}"(1)')


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM unnest([1, 2])",
        "SELECT * FROM range(3)",
        "SELECT * FROM generate_series(1, 3)",
        "SELECT * FROM json_each('[1, 2]')",
        "SELECT x'00', i FROM range(3) r(i)",
        "SELECT 'read_csv(''x'')' AS \"read_csv('x')\", \"read_csv\" FROM (SELECT 1 AS read_csv)",
        "SELECT 1 /* read_csv('x') */ -- getenv('x')",
        "SELECT $$ read_csv('x') $$",
    ],
)
def test_what_only_looks_like_it_runs(query: str, cursor: Any) -> None:
    cursor.execute(query)
    assert cursor.fetchall()
