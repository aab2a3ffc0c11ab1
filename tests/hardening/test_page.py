"""The page of figures tells of every fault and every way of reading and writing that there is."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from battery import FAULTS, SCANS, WRITES

ROOT = Path(__file__).parents[2]


def test_the_page_is_that_of_the_battery(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    path = list(sys.path)
    import write_hardening_page as tool

    monkeypatch.setattr(sys, "path", path)
    text = tool.PAGE.read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert [row[0].removeprefix("| ") for row in rows] == [tool.NAMES[fault] for fault in FAULTS]
    for each in (*SCANS, *WRITES):
        assert each.name in text
    assert tool.HEAD in text
    assert tool.TAIL in text
    runs = len(FAULTS) * (len(SCANS) + len(WRITES)) * (1 + len(tool.ONCE))
    found = re.search(r"Of (\d+) statements (\d+) were exact and (\d+) ended with an error", text)
    assert found is not None
    total, exact, errors = map(int, found.groups())
    assert total == runs == exact + errors
