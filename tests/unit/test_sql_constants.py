"""A constant that is written again means the same: what the planner computes is what the engine compares with."""

from __future__ import annotations

import duckdb
import pytest

from stripesql.errors import SqlSyntaxError
from stripesql.sql.constants import is_constant
from stripesql.sql.tree import parse, text_of

EXPRESSIONS = [
    "1 + 2 * 3", "7 // 2", "7 / 2", "-7 // 2", "-7 % 3", "2 ** 3", "2 ^ 3", "-2 ** 2", "10 - 2 - 3", "100 / 10 / 2", "1 << 3", "~5", "5 & 3 | 8",
    "1_000", "0x1F", "1e3", "5.", "1::TINYINT", "'5'::BIGINT", "CAST('5.5' AS DECIMAL(4,1))", "TRY_CAST('x' AS INT)", "1.5::INT",
    "'a' || 'b'", "'it''s'", "'a\\b'", "'a\nb'", "'é😀'", "E'a\\nb'", "E'a\\\\b'", "E'a\\\\nb'", "E'it\\'s'", "$$it's$$", "$x$a\\b$x$", "upper('a')",
    "concat('a', NULL, 'b')", "'abc'[1]", "'abc'[-1]", "'abc'[1:2]", "substring('abc', 2)", "substring('abcd' FROM 2 FOR 2)", "left('abc', 2)",
    "replace('aXb', 'X', 'y')", "trim('  a ')", "lpad('a', 3, '0')", "printf('%05d', 42)", "format('{}-{}', 1, 'x')", "repeat('ab', 2)",
    "split_part('a_b', '_', 2)", "regexp_replace('a1', '[0-9]', 'x')", "'A' COLLATE NOCASE", "chr(65)", "md5('a')", "strip_accents('é')",
    "DATE '2024-02-29'", "DATE '2024-01-31' + INTERVAL 1 MONTH", "DATE '2024-05-01' - 1", "DATE '2024-05-02' - DATE '2024-05-01'",
    "TIMESTAMP '2024-05-01 10:00:00.5'", "TIMESTAMPTZ '2024-05-01 10:00:00+02'", "TIMESTAMPTZ '2024-05-01 10:00:00'", "TIME '10:00'",
    "INTERVAL '1' MONTH", "INTERVAL 5 DAYS", "INTERVAL '1 month 2 days'", "INTERVAL (2 + 3) HOUR", "INTERVAL '2 weeks'", "INTERVAL 1 QUARTER",
    "to_days(3)", "to_microseconds(5)", "TIMESTAMP '2024-05-01' + INTERVAL '1 day 2 hours'", "TIMESTAMPTZ '2024-03-31' + INTERVAL 1 DAY",
    "TIMESTAMPTZ '2024-03-30 12:00:00' + INTERVAL 24 HOUR", "date_trunc('month', DATE '2024-05-15')", "date_trunc('week', TIMESTAMPTZ '2024-05-15')",
    "date_trunc('quarter', TIMESTAMP '2024-05-15')", "date_part('year', DATE '2024-05-15')", "extract(dow FROM DATE '2024-05-15')",
    "extract('epoch' FROM TIMESTAMPTZ '2024-05-15')", "year(DATE '2024-05-15')", "last_day(DATE '2024-02-01')", "make_date(2024, 5, 1)",
    "make_timestamp(2024, 5, 1, 10, 0, 0.5)", "to_timestamp(1714521600)", "to_timestamp(1714521600.5)", "epoch_ms(1714521600000)",
    "strptime('01.05.2024', '%d.%m.%Y')", "strftime(DATE '2024-05-01', '%Y')", "date_add(DATE '2024-05-01', INTERVAL 1 DAY)",
    "date_diff('day', DATE '2024-05-01', DATE '2024-06-01')", "datediff('month', DATE '2024-01-31', DATE '2024-02-01')",
    "date_sub('month', DATE '2024-01-31', DATE '2024-02-29')", "TIMESTAMPTZ '2024-05-01 00:00:00+00' AT TIME ZONE 'Asia/Tokyo'",
    "TIMESTAMP '2024-05-01' AT TIME ZONE 'Asia/Tokyo'", "timezone('Asia/Tokyo', TIMESTAMP '2024-05-01')", "TIMESTAMP '2024-05-01'::DATE",
    "TIMESTAMP '2024-05-01'::TIMESTAMPTZ", "'2024-05-01'::TIMESTAMPTZ::DATE", "DATE '2024-05-01'::TIMESTAMP", "time_bucket(INTERVAL 1 DAY, DATE '2024-05-01')",
    "age(TIMESTAMP '2024-05-01', TIMESTAMP '2024-01-01')", "epoch(TIMESTAMPTZ '2024-05-01')", "epoch_us(TIMESTAMPTZ '2024-05-01')",
    "CASE WHEN 1 > 2 THEN 'a' ELSE 'b' END", "CASE 1 WHEN 1 THEN 'x' END", "COALESCE(NULL, 'a')", "NULLIF('a', 'a')", "IFNULL(NULL, 1)", "IF(TRUE, 1, 2)",
    "GREATEST(1, 3, 2)", "LEAST('b', 'a')", "1 IN (1, 2)", "1 NOT IN (1, 2)", "NULL IN (1)", "1 BETWEEN 0 AND 2", "1 NOT BETWEEN 0 AND 2",
    "'abc' LIKE 'a%'", "'abc' NOT LIKE 'a%'", "'abc' ILIKE 'A%'", "'a%' LIKE 'a!%' ESCAPE '!'", "'abc' SIMILAR TO 'a.*'", "'abc' GLOB 'a*'", "'abc' ^@ 'a'",
    "'abc' ~ 'b'", "'abc' ~~ 'a%'", "'abc' !~~ 'a%'", "NULL IS NULL", "1 IS NOT NULL", "NULL IS NOT DISTINCT FROM NULL", "1 IS DISTINCT FROM NULL", "TRUE IS NOT TRUE",
    "NOT TRUE", "TRUE AND NULL", "FALSE OR NULL", "TRUE = FALSE", "1 <> 2", "1 != 2", "1 == 1", "'a' < 'B'", "[1, 2, 3][2]", "{'a': 5}.a", "list_contains([1], 1)",
    "round(2.5)", "round(1.234, 2)", "floor(-1.5)", "ceil(1.2)", "trunc(-1.7)", "abs(-5)", "sign(-2)", "sqrt(16)", "log(100)", "ln(1)", "pow(2, 3)", "mod(7, 3)", "5 % 3",
    "divide(7, 2)", "fdiv(7, 2)", "factorial(5)", "@(-5)", "bit_count(7)", "hash('a')", "length('abc')", "strlen('é')", "ord('a')", "'5' + 1", "CAST('t' AS BOOLEAN)",
    "UUID '00000000-0000-0000-0000-000000000000'", "'[1]'::JSON->>0", "'{\"a\": 1}'::JSON->>'a'", "'{\"a\": 1}'::JSON->'$.a'", "json_extract_string('{\"a\": 1}', '$.a')",
]  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'Europe/Berlin'")
    return connection


def _value(engine: duckdb.DuckDBPyConnection, expression: str) -> object:
    try:
        return engine.execute(f"SELECT typeof({expression}), CAST({expression} AS VARCHAR)").fetchall()
    except duckdb.Error as problem:
        return type(problem).__name__


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_constant_written_again_has_the_same_value(expression: str, engine: duckdb.DuckDBPyConnection) -> None:
    """A different value would be pushed and lose rows; an error means that nothing is pushed, which is only slow."""
    written = _written(expression)
    if written is None:
        return
    again = _value(engine, written)
    assert again == _value(engine, expression) or isinstance(again, str)


def _written(expression: str) -> str | None:
    """Return the expression as the planner would ask for it, None where it would not."""
    try:
        (node,) = parse(f"SELECT {expression}").expressions
    except SqlSyntaxError:
        return None
    return text_of(node) if is_constant(node) else None


@pytest.mark.parametrize(
    "expression",
    ["random()", "uuid()", "gen_random_uuid()", "uuidv7()", "x", "x + 1", "(SELECT 1)", "1 + (SELECT 1)", "count(*)", "sum(1)", "row_number() OVER ()",
     "'a' COLLATE NOCASE", "concat('a', random())", "list_transform([1], lambda x: x)", "t.x", "a.b.c", "?", "$1", "*"],
)  # fmt: skip
def test_what_may_change_is_no_constant(expression: str) -> None:
    assert _written(expression) is None
