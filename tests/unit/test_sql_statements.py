"""A text is cut at its semicolons, and each statement is told by its head."""

from __future__ import annotations

import pytest

from stripesql.errors import NotSupportedError, ProgrammingError, SqlSyntaxError
from stripesql.sql.statements import (
    Call,
    Describe,
    Explain,
    LocalDDL,
    Query,
    Set,
    ShowSetting,
    Statement,
    Transaction,
    Write,
    classify,
    split,
)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        (" ; ;; ", []),
        ("-- only a comment", []),
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1;", ["SELECT 1"]),
        ("SELECT 1;;;", ["SELECT 1"]),
        ("SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]),
        ("SELECT ';'; SELECT \";\"", ["SELECT ';'", 'SELECT ";"']),
        ("SELECT $$;$$; SELECT 2 -- ;\n;", ["SELECT $$;$$", "SELECT 2 -- ;"]),
        ("SELECT /* ; /* ; */ ; */ 1; SELECT E'\\';'", ["SELECT /* ; /* ; */ ; */ 1", "SELECT E'\\';'"]),
        ("SELECT 'a\\'; SELECT 2", ["SELECT 'a\\'", "SELECT 2"]),
        ("SELECT a$$; SELECT b$$", ["SELECT a$$", "SELECT b$$"]),
    ],
)
def test_split_at_semicolons_that_end_a_statement(text: str, parts: list[str]) -> None:
    assert split(text) == parts


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("SELECT 1", Query("SELECT 1")),
        ("select 1;", Query("select 1")),
        ("-- c\nSELECT 1 -- d", Query("-- c\nSELECT 1")),
        ("FROM charges", Query("FROM charges")),
        ("(SELECT 1)", Query("(SELECT 1)")),
        ("VALUES (1)", Query("VALUES (1)")),
        ("TABLE charges", Query("TABLE charges")),
        ("PIVOT charges ON currency", Query("PIVOT charges ON currency")),
        ("SUMMARIZE charges", Query("SUMMARIZE charges")),
        ("WITH a AS (SELECT 1) SELECT * FROM a", Query("WITH a AS (SELECT 1) SELECT * FROM a")),
        ("WITH a AS (SELECT 1) FROM a", Query("WITH a AS (SELECT 1) FROM a")),
        ("WITH a AS (SELECT 1) INSERT INTO b SELECT * FROM a", Write("insert", "WITH a AS (SELECT 1) INSERT INTO b SELECT * FROM a")),
        ("EXPLAIN SELECT 1", Explain(Query("SELECT 1"))),
        ("explain analyze select 1", Explain(Query("select 1"), analyze=True)),
        ("EXPLAIN (FORMAT JSON) SELECT 1", Explain(Query("SELECT 1"), json=True)),
        ("EXPLAIN (ANALYZE, FORMAT JSON) SELECT 1", Explain(Query("SELECT 1"), analyze=True, json=True)),
        ("EXPLAIN (SELECT 1)", Explain(Query("(SELECT 1)"))),
        ("EXPLAIN DELETE FROM customers WHERE id = 'x'", Explain(Write("delete", "DELETE FROM customers WHERE id = 'x'"))),
        ("SET timezone = 'Europe/Berlin'", Set("timezone", "Europe/Berlin")),
        ("SET TIME ZONE 'UTC'", Set("timezone", "UTC")),
        ("SET max_requests TO 5", Set("max_requests", "5")),
        ("SET SESSION max_requests = default", Set("max_requests", None)),
        ("SET \"Timezone\" = 'it''s'", Set("timezone", "it's")),
        ("RESET timezone", Set("timezone", None)),
        ("SHOW timezone", ShowSetting("timezone")),
        ("SHOW TIME ZONE", ShowSetting("timezone")),
        ("DESCRIBE charges", Describe(None, "charges")),
        ("DESC stripe.charges", Describe("stripe", "charges")),
        ('DESCRIBE TABLE "charges"', Describe(None, "charges")),
        ("SHOW COLUMNS FROM charges", Describe(None, "charges")),
        ("DESCRIBE SELECT 1", Query("DESCRIBE SELECT 1")),
        ("DESCRIBE FROM charges", Query("DESCRIBE FROM charges")),
        ("DESCRIBE (SELECT 1)", Query("DESCRIBE (SELECT 1)")),
        ("INSERT INTO a VALUES (1)", Write("insert", "INSERT INTO a VALUES (1)")),
        ("CALL customers.search('x')", Call("CALL customers.search('x')")),
        ("CREATE TABLE t (a INT)", LocalDDL("create", "CREATE TABLE t (a INT)")),
        ("BEGIN", Transaction("begin")),
        ("commit;", Transaction("commit")),
    ],
)
def test_a_statement_is_told_by_its_head(text: str, statement: Statement) -> None:
    assert classify(text) == statement


@pytest.mark.parametrize("head", ["COPY", "ATTACH", "INSTALL", "LOAD", "PRAGMA", "USE", "EXPORT", "CHECKPOINT", "PREPARE", "EXECUTE"])
def test_what_is_none_of_our_business_is_refused_by_name(head: str) -> None:
    with pytest.raises(NotSupportedError, match=f"{head} is not available"):
        classify(f"{head} something")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", SqlSyntaxError),
        ("-- nothing", SqlSyntaxError),
        ("SELEC 1", SqlSyntaxError),
        ("'text'", SqlSyntaxError),
        ("EXPLAIN", SqlSyntaxError),
        ("EXPLAIN (FORMAT XML) SELECT 1", SqlSyntaxError),
        ("EXPLAIN (FORMAT JSON", SqlSyntaxError),
        ("EXPLAIN EXPLAIN SELECT 1", ProgrammingError),
        ("EXPLAIN ANALYZE DELETE FROM customers", NotSupportedError),
        ("SET", SqlSyntaxError),
        ("SET timezone", SqlSyntaxError),
        ("SET timezone =", SqlSyntaxError),
        ("DESCRIBE", SqlSyntaxError),
        ("DESCRIBE a.b.c", SqlSyntaxError),
        ("SHOW a b c", SqlSyntaxError),
    ],
)
def test_what_cannot_be_told_is_an_error(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        classify(text)
