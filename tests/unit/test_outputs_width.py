import unicodedata

import pytest

from stripesql.outputs.layout import GAP, MARGIN, NARROWEST, Layout, Wish, fit
from stripesql.outputs.width import cut, fold, fold_indented, harmless, pad, split_at, width

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("abc", 3),
        ("日本", 4),
        ("e\u0301", 1),
        ("\u200cab", 2),
        ("ｱ", 1),
        ("\uff21", 2),
        ("한", 2),
        ("\u1112\u1161\u11ab", 2),
        ("👍", 2),
        ("👍🏽", 2),
        (FAMILY, 2),
        ("❤", 1),
        ("❤\ufe0f", 2),
        ("🇩🇪", 2),
        ("\U0001fae8", 2),
    ],
)
def test_width_is_what_a_terminal_uses(text, columns):
    assert width(text) == columns


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("a\nb\r\n\tc", r"a\nb\r\n\tc"),
        ("\x1b]0;owned\x07", r"\x1b]0;owned\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("\x00\x7f", r"\x00\x7f"),
        ("100\u202e000", r"100\u202e000"),
        ("a\u2028b\ufeff", r"a\u2028b\ufeff"),
        ("\U000e0041", r"\U000e0041"),
        ("1\u00a0000", "1 000"),
        (FAMILY, FAMILY),
        ("e\u0301", "e\u0301"),
    ],
)
def test_harmless_text_spells_out_what_a_terminal_would_act_on(text, shown):
    assert harmless(text) == shown


def test_no_code_point_of_a_control_or_format_category_is_left():
    for code in (*range(0xD800), *range(0xE000, 0x110000)):
        kinds = {unicodedata.category(char) for char in harmless(chr(code)) if char not in "\u200c\u200d"}
        assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}, hex(code)


def test_cut_text_ends_with_an_ellipsis_and_fits():
    assert cut("abcdef", 6, "…") == "abcdef"
    assert cut("abcdefg", 6, "…") == "abcde…"
    assert cut("日本語", 5, "…") == "日本…"
    assert cut("日本語", 4, "…") == "日…"
    assert cut("abcdef", 2, "...") == ".."
    assert width(cut("日本語", 4, "…")) <= 4


def test_split_keeps_marks_with_their_character():
    assert split_at("e\u0301e\u0301", 1) == ("e\u0301", "e\u0301")
    assert split_at(FAMILY + "x", 2) == (FAMILY, "x")


def test_fold_loses_nothing_and_keeps_to_the_limit():
    for text in ("", "abc", "x" * 50, "日本語テキスト" * 5, FAMILY * 7):
        pieces = fold(text, 8)
        assert "".join(pieces) == text
        assert all(width(piece) <= 8 for piece in pieces)
    assert fold("日本", 1) == ["日", "本"]


def test_fold_breaks_after_a_space_where_one_is_near():
    assert fold("one two three", 8) == ["one two ", "three"]
    assert fold("a bcdefghijkl", 8) == ["a bcdefg", "hijkl"]
    assert fold_indented("  key: one two three", 12) == ["  key: one ", "    two ", "    three"]


def test_pad_counts_columns_and_not_characters():
    assert pad("日", 4) == "日  "
    assert pad("7", 4, right=True) == "   7"
    assert pad("too long", 4) == "too long"


def total(layout: Layout) -> int:
    mark = GAP + 1 if layout.hidden else 0
    return MARGIN + sum(layout.widths) + GAP * (len(layout.widths) - 1) + mark


def test_columns_that_fit_are_as_wide_as_they_want():
    assert fit([Wish(2, 5, False), Wish(6, 1, True)], 80) == Layout((5, 6), 0)
    assert fit([Wish(2, 500, False)] * 9, None) == Layout((500,) * 9, 0)


def test_the_widest_text_shrinks_first_and_numbers_never():
    layout = fit([Wish(2, 18, True), Wish(6, 9, True), Wish(11, 200, False)], 80)
    assert layout.widths[:2] == (18, 9)
    assert total(layout) == 80
    assert layout.hidden == 0


def test_a_long_label_over_short_numbers_shrinks():
    layout = fit([Wish(39, 3, True), Wish(39, 3, True)], 60)
    assert layout.hidden == 0
    assert all(NARROWEST <= each < 39 for each in layout.widths)


def test_columns_go_from_the_right_when_nothing_can_shrink():
    layout = fit([Wish(2, 20, True)] * 10, 80)
    assert layout.widths == (20, 20, 20)
    assert layout.hidden == 7
    assert total(layout) <= 80


@pytest.mark.parametrize("screen", [1, 2, 10, 40, 79, 80, 200])
@pytest.mark.parametrize("columns", [1, 2, 30, 400])
def test_a_layout_never_exceeds_its_screen_unless_one_column_does(screen, columns):
    layout = fit([Wish(5 + i % 30, 3 + i % 50, i % 3 == 0) for i in range(columns)], screen)
    assert layout.widths
    assert len(layout.widths) + layout.hidden == columns
    assert total(layout) <= screen or len(layout.widths) == 1
