"""Every operation of the API is reached by a statement, and the page of them says what the catalogue says."""

from __future__ import annotations

import json
import lzma
import sys
from collections import Counter
from pathlib import Path

import pytest

from stripesql.sql.calls import read_call
from stripesql.sql.statements import Call, Query, Write, classify
from stripesql.write.usage import find

ROOT = Path(__file__).parents[2]
SPEC = ROOT.parent / "shared" / "stripe" / "openapi.2026-10-28.endive.json.xz"
BESIDE_THE_SPEC = {("GET", "/v1/files/{file}/contents"): "bytes, which the spec does not describe"}


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import write_procedures_page

    yield write_procedures_page
    sys.modules.pop("write_procedures_page", None)


def test_the_page_is_up_to_date(tool):
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page(), "run tools/write_procedures_page.py"


@pytest.mark.skipif(not SPEC.exists(), reason="Stripe's file is not at hand")
def test_no_operation_of_the_spec_is_without_a_statement(tool):
    spec = json.loads(lzma.decompress(SPEC.read_bytes()))
    operations = {(method.upper(), path) for path, each in spec["paths"].items() for method in each if method in ("get", "post", "delete")}
    assert len(operations) > 600
    reached = {(each.method, each.path) for _, each in tool.operations()}
    assert operations - reached == set()
    assert reached - operations == set(BESIDE_THE_SPEC)


def test_what_is_called_free_of_effects_is_a_post_of_the_api_with_a_reason(tool):
    from stripesql.catalogue.procedures import EFFECT_FREE

    posts = {each.path for _, each in tool.operations() if each.method == "POST"}
    assert set(EFFECT_FREE) <= posts
    assert all(EFFECT_FREE.values())


def test_no_two_statements_are_alike_and_each_is_one(tool):
    from stripesql.catalogue.load import catalogue

    counts = Counter(each.statement for _, each in tool.operations() if not each.statement.startswith("SELECT"))
    assert [statement for statement, count in counts.items() if count > 1] == []
    for _, each in tool.operations():
        match classify(each.statement.replace("...", "1")):
            case Call(text):
                call = read_call(text)
                found = find(call.namespace, call.name, catalogue())
                assert (found.endpoint.method, found.endpoint.path) == (each.method, each.path)
            case kind:
                assert isinstance(kind, Query | Write)
