import csv as stdlib_csv
import datetime as dt
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stripesql.errors import DataError
from stripesql.outputs import parquet, xlsx
from stripesql.outputs.formats import BINARY, FORMATS, SPACED, SUFFIXES, by_suffix
from stripesql.outputs.rows import Column, Rows, unique_labels

BERLIN = ZoneInfo("Europe/Berlin")


def rows_of(*columns, batch_rows=2):
    """Make Rows from (label, SQL type, array)."""
    schema = pa.schema([(label, array.type) for label, _, array in columns])
    batch = pa.RecordBatch.from_arrays([array for _, _, array in columns], schema=schema)
    batches = [batch.slice(start, batch_rows) for start in range(0, batch.num_rows, batch_rows)]
    return Rows(tuple(Column(label, type_name) for label, type_name, _ in columns), schema, iter(batches))


def written(name, *columns, **kwargs):
    out = io.BytesIO()
    report = FORMATS[name](rows_of(*columns, **kwargs), out)
    assert report.rows == len(columns[0][2])
    return out.getvalue() if name in BINARY else out.getvalue().decode()


def moments(unit="us", tz="Europe/Berlin"):
    summer = dt.datetime(2026, 7, 1, 12, 0, tzinfo=dt.UTC)
    winter = dt.datetime(2026, 1, 1, 0, 0, 0, 500000, tzinfo=dt.UTC)
    return pa.array([summer, winter, None], pa.timestamp(unit, tz=tz))


def test_every_suffix_names_a_format():
    assert set(SUFFIXES.values()) <= set(FORMATS)
    assert set(FORMATS) >= BINARY | SPACED
    assert by_suffix("/tmp/x.2026/Report.CSV") == "csv"
    assert by_suffix("report") is None


def test_the_list_of_formats_is_imported_without_arrow():
    code = "import sys, stripesql.outputs.formats; sys.exit('pyarrow' in sys.modules or 'openpyxl' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_unique_labels_avoid_labels_that_exist():
    labels = unique_labels(tuple(Column(label, "") for label in ["id", "id", "id_2", "id", "x"]))
    assert labels == ["id", "id_3", "id_2", "id_4", "x"]


# text of values


def test_csv_tells_null_from_an_empty_string():
    text = written("csv", ("a", "VARCHAR", pa.array(["", None, "x"])), ("b", "VARCHAR", pa.array(["y", "", None])))
    assert text == 'a,b\n"",y\n,""\nx,\n'


def test_csv_survives_a_round_trip():
    values = ["plain", "comma,", 'quo"te', "two\nlines", "cr\rhere", " spaces ", "日本", "=1+1", "-2", "\ttab"]
    text = written("csv", ('la"bel,', "VARCHAR", pa.array(values)))
    assert [row[0] for row in stdlib_csv.reader(io.StringIO(text, newline=""))] == ['la"bel,', *values]
    assert "\n=1+1\n" in text


def test_tsv_has_one_line_per_row():
    text = written("tsv", ("a", "VARCHAR", pa.array(["t\tn\nr\rb\\", None, "", "\\N"])))
    assert text == "a\nt\\tn\\nr\\rb\\\\\n\\N\n\n\\\\N\n"


def test_timestamps_are_iso_8601_in_the_zone_of_the_session():
    column = ("created", "TIMESTAMP WITH TIME ZONE", moments())
    assert written("csv", column).splitlines()[1:] == ["2026-07-01T14:00:00+02:00", "2026-01-01T01:00:00.500000+01:00", ""]
    assert json.loads(written("json", column))[0]["created"] == "2026-07-01T14:00:00+02:00"
    assert written("table", column).splitlines()[2:] == [" 2026-07-01 14:00:00+02", " 2026-01-01 01:00:00.500000+01", " NULL"]
    india = pa.array([0], pa.timestamp("s", tz="Asia/Kolkata"))
    assert " 1970-01-01 05:30:00+05:30\n" in written("table", ("t", "", india))
    assert " 05:00:00\n" in written("table", ("t", "", pa.array([dt.time(5)], pa.time64("us"))))


def test_nanoseconds_are_kept():
    array = pa.array([1_700_000_000_123_456_789, 1_700_000_000_000_000_001, 1_700_000_000_000_000_000, -1, None], pa.int64())
    text = written("csv", ("t", "TIMESTAMP_NS", array.cast(pa.timestamp("ns"))))
    assert text.splitlines()[1:] == [
        "2023-11-14T22:13:20.123456789",
        "2023-11-14T22:13:20.000000001",
        "2023-11-14T22:13:20",
        "1969-12-31T23:59:59.999999999",
        "",
    ]
    zoned = written("jsonl", ("t", "", array.cast(pa.timestamp("ns", tz="Europe/Berlin"))))
    assert zoned.splitlines()[0] == '{"t":"2023-11-14T23:13:20.123456789+01:00"}'


@pytest.mark.parametrize(
    ("array", "text", "json_text"),
    [
        (pa.array([9223372036854775807]), "9223372036854775807", "9223372036854775807"),
        (pa.array([18446744073709551615], pa.uint64()), "18446744073709551615", "18446744073709551615"),
        (pa.array([Decimal("0.000000000001")], pa.decimal128(38, 12)), "0.000000000001", "0.000000000001"),
        (pa.array([Decimal("-12345678901234567890.5")], pa.decimal128(38, 12)),
         "-12345678901234567890.500000000000", "-12345678901234567890.500000000000"),
        (pa.array([0.1]), "0.1", "0.1"),
        (pa.array([0.1], pa.float32()), "0.1", "0.1"),
        (pa.array([1e300]), "1e+300", "1e+300"),
        (pa.array([float("nan")]), "nan", '"NaN"'),
        (pa.array([float("-inf")]), "-inf", '"-Infinity"'),
        (pa.array([True]), "true", "true"),
        (pa.array([b"\x00\xff"]), "\\x00FF", '"\\\\x00FF"'),
        (pa.array([dt.date(2026, 2, 28)]), "2026-02-28", '"2026-02-28"'),
        (pa.array([dt.time(1, 2, 3)], pa.time64("us")), "01:02:03", '"01:02:03"'),
        (pa.array([(14, -3, -14_398_500_000_000)], pa.month_day_nano_interval()),
         "1 year 2 months -3 days -03:59:58.5", '"1 year 2 months -3 days -03:59:58.5"'),
        (pa.array([3_723_000_000_001], pa.time64("ns")), "01:02:03.000000001", '"01:02:03.000000001"'),
        (pa.array([(0, 0, 0)], pa.month_day_nano_interval()), "00:00:00", '"00:00:00"'),
        (pa.array(["a", "a"]).dictionary_encode()[:1], "a", '"a"'),
    ],
)  # fmt: skip
def test_values_keep_every_digit(array, text, json_text):
    assert written("csv", ("v", "", array)).splitlines()[1] == text
    assert written("jsonl", ("v", "", array)) == '{"v":' + json_text + "}\n"


def test_a_date_that_python_cannot_hold_is_an_error_that_names_its_column():
    with pytest.raises(DataError, match=r'column "t" holds a value that cannot be written .*CAST it to VARCHAR'):
        written("csv", ("t", "", pa.array([2**62], pa.int64()).cast(pa.timestamp("us"))))


# JSON


def test_json_columns_are_nested_and_other_formats_keep_their_text():
    column = ("metadata", "JSON", pa.array(['{"a":1.10,"b":[1,"x"]}', "12345678901234567890.000", None, '"text"']))
    assert written("jsonl", column).splitlines() == [
        '{"metadata":{"a":1.10,"b":[1,"x"]}}',
        '{"metadata":12345678901234567890.000}',
        '{"metadata":null}',
        '{"metadata":"text"}',
    ]
    assert written("tsv", column).splitlines()[1] == '{"a":1.10,"b":[1,"x"]}'


def test_json_with_line_breaks_stays_on_one_line():
    text = written("jsonl", ("m", "JSON", pa.array(['{\r\n  "a": "x\\ny"\n}\n'])))
    assert text.count("\n") == 1
    assert json.loads(text) == {"m": {"a": "x\ny"}}


@pytest.mark.parametrize("broken", ["{", "NaN", "", "{'a':1}", "[1] [2]"])
def test_text_that_is_not_json_after_all_becomes_a_string(broken):
    assert json.loads(written("jsonl", ("m", "JSON", pa.array([broken])))) == {"m": broken}


def test_lists_of_json_are_nested():
    assert written("jsonl", ("m", "JSON[]", pa.array([['{"a":1}', None]]))) == '{"m":[{"a":1},null]}\n'


def test_nested_types_are_json_everywhere():
    kind = pa.struct([("a", pa.decimal128(5, 2)), ("t", pa.timestamp("us", tz="UTC")), ("l", pa.list_(pa.string()))])
    array = pa.array([{"a": Decimal("1.50"), "t": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "l": ["x", None]}, None], kind)
    expected = '{"a":1.50,"t":"2026-01-01T00:00:00+00:00","l":["x",null]}'
    assert written("jsonl", ("s", "", array)).splitlines() == ['{"s":' + expected + "}", '{"s":null}']
    assert written("tsv", ("s", "", array)).splitlines()[1:] == [expected, "\\N"]
    pairs = pa.array([[("k", 1), ('q"', None)]], pa.map_(pa.string(), pa.int64()))
    assert json.loads(written("jsonl", ("m", "", pairs))) == {"m": {"k": 1, 'q"': None}}


def test_labels_of_any_kind_are_json_keys():
    text = written("jsonl", ('{a}"', "", pa.array([1])), ("b", "", pa.array([2])), ("b", "", pa.array([3])))
    assert json.loads(text) == {'{a}"': 1, "b": 2, "b_2": 3}


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_json_is_one_array_of_any_length(count):
    text = written("json", ("n", "", pa.array(range(count), pa.int64())))
    assert json.loads(text) == [{"n": n} for n in range(count)]
    assert text.endswith("]\n")


def test_strings_are_escaped_as_json_demands():
    nasty = 'q" b\\ n\n \x00 \x1f \u2028 日本 👍'
    assert json.loads(written("jsonl", ("s", "", pa.array([nasty])))) == {"s": nasty}


# streaming


@pytest.mark.parametrize("name", ["csv", "tsv", "json", "jsonl", "markdown", "vertical"])
def test_a_row_is_written_before_the_next_batch_is_asked_for(name):
    out = io.BytesIO()
    sizes = []

    def batches():
        for number in range(3):
            sizes.append(len(out.getvalue()))
            yield pa.record_batch({"n": pa.array([number])})

    FORMATS[name](Rows((Column("n", "BIGINT"),), pa.schema([("n", pa.int64())]), batches()), out)
    assert sizes[0] < sizes[1] < sizes[2]


@pytest.mark.parametrize("name", FORMATS)
def test_an_error_while_reading_passes_through(name):
    def batches():
        yield pa.record_batch({"n": pa.array([1])})
        raise DataError("page 2 failed")

    with pytest.raises(DataError, match="page 2 failed"):
        FORMATS[name](Rows((Column("n", "BIGINT"),), pa.schema([("n", pa.int64())]), batches()), io.BytesIO())


# Parquet


def test_parquet_keeps_types():
    columns = (
        ("id", "VARCHAR", pa.array(["a", None, "c"])),
        ("amount", "BIGINT", pa.array([2**63 - 1, None, -1])),
        ("d", "DECIMAL(38,12)", pa.array([Decimal("0.1"), None, Decimal(1)], pa.decimal128(38, 12))),
        ("created", "TIMESTAMP WITH TIME ZONE", moments()),
        ("id", "VARCHAR", pa.array(["x", "y", "z"])),
        ("i", "INTERVAL", pa.array([(1, 2, 0), None, (0, 1, 0)], pa.month_day_nano_interval())),
    )
    table = pq.read_table(io.BytesIO(written("parquet", *columns)))
    assert table.column_names == ["id", "amount", "d", "created", "id_2", "i"]
    for label, _, array in columns[:4]:
        assert table.column(label).combine_chunks() == array
    assert table.column("i").to_pylist() == ["1 month 2 days", None, "1 day"]


def test_parquet_without_rows_has_its_schema():
    table = pq.read_table(io.BytesIO(written("parquet", ("n", "BIGINT", pa.array([], pa.int64())))))
    assert table.schema.field("n").type == pa.int64()


def test_parquet_gathers_pages_into_row_groups(monkeypatch):
    monkeypatch.setattr(parquet, "GROUP_ROWS", 100)
    data = written("parquet", ("n", "BIGINT", pa.array(range(250))), batch_rows=10)
    groups = pq.ParquetFile(io.BytesIO(data)).metadata
    assert [groups.row_group(i).num_rows for i in range(groups.num_row_groups)] == [100, 100, 50]


# Excel


def sheet_of(data):
    return openpyxl.load_workbook(io.BytesIO(data)).active


def test_xlsx_has_real_numbers_and_dates():
    data = written(
        "xlsx",
        ("n", "BIGINT", pa.array([42, None])),
        ("d", "DECIMAL", pa.array([Decimal("12.5"), None], pa.decimal128(38, 12))),
        ("b", "BOOLEAN", pa.array([True, None])),
        ("t", "TIMESTAMP WITH TIME ZONE", moments()[:2]),
        ("day", "DATE", pa.array([dt.date(2026, 2, 28), dt.date(1805, 1, 1)])),
    )
    rows = list(sheet_of(data).iter_rows(values_only=True))
    assert rows[0] == ("n", "d", "b", "t", "day")
    assert rows[1] == (42, 12.5, True, dt.datetime(2026, 7, 1, 14, 0), dt.datetime(2026, 2, 28))
    assert rows[2] == (None, None, None, dt.datetime(2026, 1, 1, 1, 0, 0, 500000), "1805-01-01")


def test_xlsx_says_that_offsets_are_gone():
    out = io.BytesIO()
    report = xlsx.write(rows_of(("t", "", moments())), out)
    assert report.notes == ("times are in Europe/Berlin, without an offset",)


def test_xlsx_writes_numbers_that_excel_would_round_as_text():
    data = written(
        "xlsx",
        ("n", "BIGINT", pa.array([2**63 - 1, 10**17, 123456789012345])),
        ("d", "", pa.array([Decimal("1234567890.123456"), Decimal("0.000000000001"), Decimal(0)], pa.decimal128(38, 12))),
    )
    rows = list(sheet_of(data).iter_rows(values_only=True, min_row=2))
    assert rows == [("9223372036854775807", "1234567890.123456000000"), (10**17, 1e-12), (123456789012345, 0)]


def test_xlsx_text_is_never_a_formula_or_an_error():
    values = ["=1+1", "#N/A", "+1", "@x", "=", "=HYPERLINK(1)"]
    data = written("xlsx", ("=label", "VARCHAR", pa.array(values)))
    cells = [row[0] for row in sheet_of(data).iter_rows()]
    assert [cell.value for cell in cells] == ["=label", *values]
    assert {cell.data_type for cell in cells} == {"s"}
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


def test_xlsx_escapes_what_xml_cannot_hold():
    data = written("xlsx", ("s", "VARCHAR", pa.array(["bell\x07", "_x0041_", "two\nlines"])))
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "bell_x0007_" in sheet
    assert "_x005F_x0041_" in sheet
    assert "two\nlines" in sheet


def test_xlsx_refuses_what_excel_cannot_hold(monkeypatch):
    with pytest.raises(DataError, match='one of column "s" has 32,768; leave the column out'):
        written("xlsx", ("s", "VARCHAR", pa.array(["x" * 32_768])))
    monkeypatch.setattr(xlsx, "MOST_ROWS", 3)
    assert len(list(sheet_of(written("xlsx", ("n", "", pa.array(range(3))))).iter_rows())) == 4
    with pytest.raises(DataError, match="at most 3 rows"):
        written("xlsx", ("n", "", pa.array(range(4))))


def test_a_failed_xlsx_leaves_no_temporary_file(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(DataError):
        written("xlsx", ("s", "VARCHAR", pa.array(["ok", "x", "x" * 40_000])))
    assert list(Path(tmp_path).iterdir()) == []
