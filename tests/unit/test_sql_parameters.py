"""Placeholders are found where they are, and nowhere else."""

from __future__ import annotations

import pytest

from stripesql.errors import InterfaceError, ProgrammingError, SqlSyntaxError
from stripesql.sql.parameters import bind

POSITIONAL = [
    ("SELECT ?", [1], "SELECT 1"),
    ("SELECT ?::INTEGER", ["5"], "SELECT '5'::INTEGER"),
    ("SELECT ?, ?", [1, "a"], "SELECT 1, 'a'"),
    ("SELECT '?' , ?", [1], "SELECT '?' , 1"),
    ('SELECT "?" , ?', [1], 'SELECT "?" , 1'),
    ("SELECT 1 -- ?\n, ?", [2], "SELECT 1 -- ?\n, 2"),
    ("SELECT /* ? /* ? */ ? */ ?", [2], "SELECT /* ? /* ? */ ? */ 2"),
    ("SELECT $$ ? $$, $a$ ? $$ ? $a$, ?", [2], "SELECT $$ ? $$, $a$ ? $$ ? $a$, 2"),
    ("SELECT E'\\'?', ?", [2], "SELECT E'\\'?', 2"),
    ("SELECT 'it''s ?', ?", [2], "SELECT 'it''s ?', 2"),
    ("SELECT 'a\\', ?", [2], "SELECT 'a\\', 2"),
    ("SELECT a$$, ? AS b$$", [2], "SELECT a$$, 2 AS b$$"),
    ("SELECT x[?:?]", [1, 2], "SELECT x[1:2]"),
    ("SELECT x-?", [-1], "SELECT x-(-1)"),
    ("SELECT {'a':?}", [1], "SELECT {'a':1}"),
    ("SELECT 5 % ?", [2], "SELECT 5 % 2"),
    ("SELECT ? IN ?", ["a", ["a", "b"]], "SELECT 'a' IN ['a', 'b']"),
    ("SELECT x AND?AND y", [True], "SELECT x AND TRUE AND y"),
    ("SELECT :a, %(b)s, ?", [1], "SELECT :a, %(b)s, 1"),
]
NAMED = [
    ("SELECT :a", {"a": 1}, "SELECT 1"),
    ("SELECT %(a)s", {"a": 1}, "SELECT 1"),
    ("SELECT :a, %(a)s, :b", {"a": 1, "b": "x"}, "SELECT 1, 1, 'x'"),
    ("SELECT :a::INTEGER", {"a": "5"}, "SELECT '5'::INTEGER"),
    ("SELECT x::INTEGER, :a", {"a": 5}, "SELECT x::INTEGER, 5"),
    ("SELECT x::a, :a", {"a": 5}, "SELECT x::a, 5"),
    ("SELECT ':a', \":a\", :a -- :a", {"a": 5}, "SELECT ':a', \":a\", 5 -- :a"),
    ("SELECT x[1:a], :a", {"a": 5}, "SELECT x[1:a], 5"),
    ("SELECT x[b:a], x[b :a], :a", {"a": 5}, "SELECT x[b:a], x[b :a], 5"),
    ("SELECT x[:n]", {"a": 5}, "SELECT x[:n]"),
    ("SELECT x[:n]", {"n": 5}, "SELECT x[5]"),
    ("SELECT x[:]", {"n": 5}, "SELECT x[:]"),
    ("SELECT [:a, :b]", {"a": 1, "b": 2}, "SELECT [1, 2]"),
    ("SELECT [x = :a, 1 + :a]", {"a": 1}, "SELECT [x = 1, 1 + 1]"),
    ("SELECT [CASE WHEN :a THEN :b END]", {"a": True, "b": 2}, "SELECT [CASE WHEN TRUE THEN 2 END]"),
    ("SELECT {'k': :a}", {"a": 1}, "SELECT {'k': 1}"),
    ("SELECT {'k':a, 'l':1+:a}", {"a": 1}, "SELECT {'k':a, 'l':1+1}"),
    ("SELECT {k: v, 'l': f(:a)}", {"a": 1}, "SELECT {k: v, 'l': f(1)}"),
    ("SELECT '{\"k\":a}', :a", {"a": 1}, "SELECT '{\"k\":a}', 1"),
    ("SELECT total:amount, :a", {"a": 1}, "SELECT total:amount, 1"),
    ("SELECT total: amount, :a", {"a": 1}, "SELECT total: amount, 1"),
    ('SELECT "total":amount, :a', {"a": 1}, 'SELECT "total":amount, 1'),
    ("FROM c:charges WHERE x=:a", {"a": 1}, "FROM c:charges WHERE x=1"),
    ("SELECT 1 WHERE:a", {"a": True}, "SELECT 1 WHERE TRUE"),
    ("SELECT :a\nFROM x WHERE y=:a", {"a": True}, "SELECT TRUE\nFROM x WHERE y=TRUE"),
    ("SELECT x LIMIT :a OFFSET :b", {"a": 1, "b": 2}, "SELECT x LIMIT 1 OFFSET 2"),
    ("SELECT f(x := :a)", {"a": 1}, "SELECT f(x := 1)"),
    ("SELECT list_transform(l, lambda x: x + :a)", {"a": 1}, "SELECT list_transform(l, lambda x: x + 1)"),
    ("SELECT 5 % 2, '%(a)s', :a", {"a": 1}, "SELECT 5 % 2, '%(a)s', 1"),
    ("SELECT 5 %(a)", {"a": 1}, "SELECT 5 %(a)"),
    ("SELECT %(a)safe", {"a": 1}, "SELECT %(a)safe"),
    ("SELECT :a, ?", {"a": 1}, "SELECT 1, ?"),
    ("SELECT (:a)", {"a": 1, "unused": 2}, "SELECT (1)"),
    ("SELECT :größe", {"größe": 1}, "SELECT 1"),
]


@pytest.mark.parametrize(("text", "parameters", "expected"), [*POSITIONAL, *NAMED])
def test_every_placeholder_and_nothing_else_is_replaced(text: str, parameters: object, expected: str) -> None:
    assert bind(text, parameters) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["SELECT 5 % 2, ? :a %(b)s", "SELECT '%'", "SELECT '%s'"])
@pytest.mark.parametrize("parameters", [None, (), [], {}])
def test_without_parameters_the_text_is_left_alone(text: str, parameters: object) -> None:
    assert bind(text, parameters) == text  # type: ignore[arg-type]


def test_a_value_never_becomes_a_placeholder() -> None:
    assert bind("SELECT ?, ?", ["?", ":a"]) == "SELECT '?', ':a'"
    assert bind("SELECT :a, :b", {"a": ":b", "b": "%(a)s"}) == "SELECT ':b', '%(a)s'"


@pytest.mark.parametrize(
    ("text", "parameters", "message"),
    [
        ("SELECT ?", [1, 2], "the statement has 1 placeholders (?) and 2 values were given"),
        ("SELECT ?, ?", [1], "the statement has 2 placeholders (?) and 1 values were given"),
        ("SELECT 1", [1], "the statement has 0 placeholders (?) and 1 values were given"),
        ("SELECT :a", {"b": 1}, "no value was given for the parameter 'a' (line 1, column 8)"),
        ("SELECT\n  %(a)s", {"b": 1}, "no value was given for the parameter 'a' (line 2, column 3)"),
        ("SELECT [:a]", {"b": 1}, "no value was given for the parameter 'a'"),
    ],
)
def test_a_mismatch_is_told(text: str, parameters: object, message: str) -> None:
    with pytest.raises(ProgrammingError) as caught:
        bind(text, parameters)  # type: ignore[arg-type]
    assert message in str(caught.value)


@pytest.mark.parametrize("parameters", ["abc", b"abc", 5, {1, 2}, iter([1])])
def test_parameters_are_a_sequence_or_a_mapping(parameters: object) -> None:
    with pytest.raises(InterfaceError):
        bind("SELECT ?", parameters)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["SELECT 'abc, ?", 'SELECT "abc, ?', "SELECT /* ? ", "SELECT $$ ?", "SELECT $a$ ? $$"])
def test_what_does_not_end_is_told(text: str) -> None:
    with pytest.raises(SqlSyntaxError, match="does not end"):
        bind(text, [1])


@pytest.mark.parametrize(
    ("text", "values", "bound"),
    [
        ("SELECT ?", ["a"], "SELECT 'a' AS \"?\""),
        ("SELECT upper(?), ?::INTEGER FROM t", ["a", 1], 'SELECT upper(\'a\') AS "upper(?)", 1::INTEGER AS "?::INTEGER" FROM t'),
        ("SELECT CAST(? AS INTEGER)", [1], 'SELECT CAST(1 AS INTEGER) AS "CAST(? AS INTEGER)"'),
        ("SELECT CASE WHEN ? THEN 1 ELSE 2 END", [True], 'SELECT CASE WHEN TRUE THEN 1 ELSE 2 END AS "CASE WHEN ? THEN 1 ELSE 2 END"'),
        ("SELECT count(*) + ?", [1], 'SELECT count(*) + 1 AS "count(*) + ?"'),
        ("SELECT ? x, ? AS y, t: ?", [1, 2, 3], "SELECT 1 x, 2 AS y, t: 3"),
        ("SELECT * REPLACE (? AS a), c.* FROM t c", [1], "SELECT * REPLACE (1 AS a), c.* FROM t c"),
        ("SELECT COLUMNS(?) FROM t", ["a"], "SELECT COLUMNS('a') FROM t"),
        ("SELECT a FROM t WHERE b = ?", [1], "SELECT a FROM t WHERE b = 1"),
    ],
)
def test_a_label_is_the_placeholder_and_not_its_value(text, values, bound):
    assert bind(text, values, keep_labels=True) == bound


def test_a_doubled_percent_is_one_where_the_style_is_pyformat():
    assert bind("SELECT id FROM t WHERE a LIKE '100%%' AND b = %(b)s", {"b": 1}) == "SELECT id FROM t WHERE a LIKE '100%' AND b = 1"
    assert bind("SELECT id FROM t WHERE a LIKE '100%%' AND b = :b", {"b": 1}) == "SELECT id FROM t WHERE a LIKE '100%%' AND b = 1"
