"""The page of list parameters says what the catalogue says."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import parameter_table

    yield parameter_table
    sys.modules.pop("parameter_table", None)


def test_the_page_is_up_to_date(tool):
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page(), "run tools/parameter_table.py"


def test_what_is_never_sent_has_a_reason(tool):
    rows = [line for line in tool.page().splitlines() if "| no |" in line]
    assert rows
    assert [line for line in rows if line.endswith("| no |  |")] == []
