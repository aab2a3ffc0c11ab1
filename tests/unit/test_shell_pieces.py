from hypothesis import given
from hypothesis import strategies as st

from stripesql.cli.shell.colouring import fragments
from stripesql.cli.shell.pieces import DotCommand, SqlText, cut, hinted, is_whole, scan
from stripesql.cli.shell.troubles import caret
from stripesql.sql.lexer import TokenKind


def test_statements_end_at_semicolons_and_commands_at_the_line():
    found = cut("SELECT ';' AS a;\n.mode csv\n-- a note\nSELECT 2;;\nSELECT 3")
    assert found.pieces == (SqlText("SELECT ';' AS a"), DotCommand(".mode csv"), SqlText("SELECT 2"))
    assert found.rest == "SELECT 3"


def test_a_quote_in_a_command_opens_no_string():
    found = cut(".once o'hare.csv\nSELECT 1;\n.read b'.sql\nSELECT 2;")
    assert found.pieces == (DotCommand(".once o'hare.csv"), SqlText("SELECT 1"), DotCommand(".read b'.sql"), SqlText("SELECT 2"))
    assert found.rest == ""


def test_a_point_inside_a_statement_is_no_command():
    assert cut("SELECT c\n.name FROM customers c;").pieces == (SqlText("SELECT c\n.name FROM customers c"),)
    assert cut("SELECT .5;").pieces == (SqlText("SELECT .5"),)


def test_enter_runs_what_is_whole():
    for text in (
        "",
        "  \n",
        "exit",
        "QUIT ;",
        "help",
        "\\dt",
        "?",
        "SELECT 1;",
        ".help",
        "SELECT 1; -- done",
        "-- only a note",
        ";",
        "SELECT ';' || \"a;\";",
    ):
        assert is_whole(text), text
    for text in ("SELECT 1", "exit now", "SELECT 1; exit", "SELECT ';", "SELECT 1; SELECT", '"a;', "/* ;", "SELECT $$;", "SELECT 1 -- ;"):
        assert not is_whole(text), text


def test_lone_words_of_other_shells_are_whole():
    for text in ("exit", "QUIT ;", "help", "\\dt", "?"):
        assert is_whole(text), text
        assert isinstance(cut(hinted(text)).pieces[0], DotCommand), text
    assert hinted("exit now") == "exit now"


def test_the_open_end_is_known():
    assert scan("SELECT 'it").open.text == "'it"
    assert scan('SELECT "it').open.kind is TokenKind.QUOTED
    assert scan("SELECT 1\n/* it").open.kind is TokenKind.COMMENT
    assert scan("SELECT $a$ it").open.kind is TokenKind.STRING
    assert scan("SELECT 1").open is None


@given(st.text(st.sampled_from("SELECT a.'\"-/*$;:?x1(\n ,"), max_size=40) | st.text(max_size=20))
def test_colours_change_no_text_and_cutting_loses_none(text):
    assert "".join(piece for _, piece in fragments(text)) == text
    found = cut(text)
    assert "".join(found.rest.split()) in "".join(text.split())
    for piece in found.pieces:
        assert piece.text in text


def test_words_have_their_colours():
    shown = {piece: style for style, piece in fragments("SELECT count(id) FROM customers WHERE a = 'x' AND b = :c -- no", {"customers"})}
    assert shown["SELECT"] == "class:sql.keyword"
    assert shown["count"] == "class:sql.function"
    assert shown["customers"] == "class:sql.table"
    assert shown["'x'"] == "class:sql.string"
    assert shown["c"] == "class:sql.parameter"
    assert shown["-- no"] == "class:sql.comment"
    assert list(fragments(".mode csv")) == [("class:command", ".mode csv")]


def test_the_caret_stands_under_the_place():
    assert caret("SELECT a\nFROM custmers", (2, 6), 80) == ["  FROM custmers", "       ^"]
    assert caret("SELECT 1", (7, 1), 80) == []


def test_a_long_line_is_cut_around_the_caret():
    statement = "SELECT " + "a, " * 60 + "custmer FROM invoices"
    column = statement.index("custmer") + 1
    line, mark = caret(statement, (1, column), 40)
    assert len(line) <= 40
    assert line[mark.index("^") :].startswith("custmer")
    assert line.startswith("  …")


def test_wide_characters_move_the_caret_by_two():
    line, mark = caret("SELECT '日本', x", (1, 14), 80)
    assert line == "  SELECT '日本', x"
    assert len(mark) == len("  SELECT '日本', ^") + 2
