import io

import pyarrow as pa
import pytest

from stripesql.outputs import markdown, table, vertical
from stripesql.outputs.rows import Column, Rows, Screen
from stripesql.outputs.width import width

CUSTOMERS = {
    "id": pa.array(["cus_1", "cus_22", "cus_333"]),
    "balance": pa.array([0, -1250, None], pa.int64()),
    "name": pa.array(["Ada", "日本", None]),
}


def rows_of(columns, batch_rows=2):
    batch = pa.table(columns)
    described = tuple(Column(name, "JSON" if name == "metadata" else str(array.type)) for name, array in columns.items())
    return Rows(described, batch.schema, iter(batch.to_batches(max_chunksize=batch_rows)))


def written(write, columns, screen, **kwargs):
    out = io.BytesIO()
    report = write(rows_of(columns, **kwargs), out, screen)
    return out.getvalue().decode(), report


def test_a_table_aligns_numbers_right_and_text_left():
    text, report = written(table.write, CUSTOMERS, Screen())
    assert text == (
        " id      │ balance │ name\n"
        "─────────┼─────────┼─────\n"
        " cus_1   │       0 │ Ada\n"
        " cus_22  │   -1250 │ 日本\n"
        " cus_333 │    NULL │ NULL\n"
    )  # fmt: skip
    assert report.rows == 3
    assert report.notes == ()


def test_a_table_without_unicode_uses_ascii_lines():
    text, _ = written(table.write, {"a": pa.array([1])}, Screen(80, False, False))
    assert text == " a\n--\n 1\n"
    text, _ = written(table.write, {"a": pa.array(["x y" * 30] * 60), "b": pa.array([1] * 60)}, Screen(20, False, False))
    assert text.isascii()
    assert "..." in text


def test_colour_marks_labels_and_null_and_nothing_else():
    text, _ = written(table.write, {"a": pa.array(["x", None])}, Screen(80, True, True))
    assert text == " \x1b[1ma   \x1b[0m\n\x1b[2m─────\x1b[0m\n x\n \x1b[2mNULL\x1b[0m\n"


def test_a_table_without_rows_has_its_labels():
    text, report = written(table.write, {"id": pa.array([], pa.string())}, Screen(80))
    assert text == " id\n───\n"
    assert report.rows == 0


def test_text_is_cut_on_a_terminal_and_whole_in_a_pipe():
    long = {"text": pa.array(["word " * 40] * 3), "amount": pa.array([123456789] * 3)}
    on_terminal, _ = written(table.write, long, Screen(40))
    in_pipe, _ = written(table.write, long, Screen())
    assert all(width(line) <= 40 for line in on_terminal.splitlines())
    assert "…" in on_terminal
    assert on_terminal.count("123456789") == 3
    assert "word " * 40 in in_pipe


def test_the_text_of_an_only_column_is_folded_and_not_cut():
    text, _ = written(table.write, {"explain": pa.array(["x" * 50, None, "short"])}, Screen(21))
    assert text.splitlines()[2:] == [f" {'x' * 20}", f"   {'x' * 18}", f"   {'x' * 12}", " NULL", " short"]


def test_ids_are_not_cut_to_make_room():
    ids = ["pi_3MtwBwLkdIwHu7ix28a3tqPa"] * 60
    text, _ = written(
        table.write, {"id": pa.array(ids), "text": pa.array(["word " * 40] * 60), "more": pa.array(["word " * 40] * 60)}, Screen(40)
    )
    assert text.count(ids[0]) == 60


def test_columns_that_do_not_fit_are_marked_and_reported():
    many = {f"column_{i}": pa.array(["word " * 9] * 60) for i in range(30)}
    text, report = written(table.write, many, Screen(80))
    assert all(width(line) <= 80 for line in text.splitlines())
    assert all(line.endswith("…") for line in text.splitlines() if "┼" not in line)
    assert report.notes == ("25 of 30 columns do not fit and are not shown; --format vertical shows all",)


def test_a_short_result_of_many_columns_is_written_vertically():
    text, report = written(table.write, {f"column_{i}": pa.array(["word " * 9]) for i in range(300)}, Screen(80))
    assert text.startswith("─[ 1 ]─")
    assert "column_299" in text
    assert report.notes == ()


def test_rows_after_the_measured_ones_keep_the_widths():
    texts = ["x y"] * 1_000 + ["a longer text that was not measured"]
    on_terminal, report = written(table.write, {"t": pa.array(texts), "n": pa.array(range(1_001))}, Screen(80), batch_rows=100)
    in_pipe, _ = written(table.write, {"t": pa.array(texts), "n": pa.array(range(1_001))}, Screen(), batch_rows=100)
    assert on_terminal.splitlines()[-1] == " a … │ 1000"
    assert in_pipe.splitlines()[-1] == " a longer text that was not measured │ 1000"
    assert report.rows == 1_001


def test_a_number_after_the_measured_ones_is_never_cut():
    text, _ = written(table.write, {"n": pa.array([1] * 1_000 + [123456789012])}, Screen(80), batch_rows=100)
    assert text.splitlines()[-1] == " 123456789012"


def test_a_table_reads_no_more_than_it_measures_before_it_writes():
    pulled = []

    def batches():
        for number in range(50):
            pulled.append(number)
            yield pa.record_batch({"n": pa.array(range(100))})

    class StopError(Exception):
        pass

    class Closed(io.BytesIO):
        def write(self, data):
            raise StopError

    with pytest.raises(StopError):
        table.write(Rows((Column("n", "BIGINT"),), pa.schema([("n", pa.int64())]), batches()), Closed(), Screen())
    assert len(pulled) == 10


@pytest.mark.parametrize("write", [table.write, vertical.write, markdown.write])
def test_data_cannot_send_escapes_or_break_lines(write):
    evil = "\x1b]0;owned\x07\x9b2J\r\n\u202e\u2028"
    for columns in ({"a": pa.array([evil])}, {evil: pa.array([1])}):
        text, _ = written(write, columns, Screen(80, False, True))
        assert not any(char in text for char in "\x1b\x07\x9b\r\u202e\u2028")
        assert len(text.splitlines()) <= 3


def test_vertical_folds_long_values_on_a_terminal_and_not_in_a_pipe():
    columns = {"id": pa.array(["cus_1"]), "text": pa.array(["x" * 100]), "gone": pa.array([None], pa.string())}
    on_terminal, report = written(vertical.write, columns, Screen(40))
    assert on_terminal == (
        "─[ 1 ]──────────────────────\n"
        " id   │ cus_1\n"
        " text │ xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"
        "      │ xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"
        "      │ xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"
        "      │ xxxx\n"
        " gone │ NULL\n"
    )  # fmt: skip
    assert report.rows == 1
    in_pipe, _ = written(vertical.write, columns, Screen())
    assert f" text │ {'x' * 100}\n" in in_pipe


def test_vertical_puts_a_label_that_is_too_long_on_its_own_line():
    text, _ = written(vertical.write, {"invoice_settings_default_payment_method": pa.array(["pm_1"])}, Screen(40))
    assert text.splitlines()[1:] == [" invoice_settings_default_payment_method", "                      │ pm_1"]


def test_vertical_numbers_rows_across_batches():
    text, _ = written(vertical.write, {"n": pa.array(range(5))}, Screen())
    assert [f"─[ {number} ]" in text for number in range(7)] == [False, True, True, True, True, True, False]


def test_markdown_escapes_what_would_be_markup():
    columns = {"na|me": pa.array(["a|b", "[x](http://evil)", "<img src=x>", "*b* `c` ~d~", "cus_abc_def _em_", "two\nlines", None])}
    text, _ = written(markdown.write, columns, Screen())
    assert text.splitlines() == [
        r"| na\|me |",
        "| --- |",
        r"| a\|b |",
        r"| \[x](http://evil) |",
        r"| \<img src=x> |",
        r"| \*b\* \`c\` \~d\~ |",
        r"| cus_abc_def \_em\_ |",
        "| two<br>lines |",
        "| NULL |",
    ]


def test_markdown_aligns_numbers():
    text, report = written(markdown.write, CUSTOMERS, Screen())
    assert text.splitlines()[:3] == ["| id | balance | name |", "| --- | ---: | --- |", "| cus_1 | 0 | Ada |"]
    assert report.rows == 3
