"""Hold the builder against both idioms of the spec, and against its own lock."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "stripe"
CURRENT = SHARED / "openapi.2026-10-28.endive.json.xz"
OLDER = SHARED / "openapi.2023-08-16.public.json.xz"

sys.path.insert(0, str(ROOT / "tools"))

from build_catalogue import BY_HAND, GENERATED, main  # noqa: E402
from catalogue_builder.build import Built, build, lock_text  # noqa: E402
from catalogue_builder.columns import Flattener, merged  # noqa: E402
from catalogue_builder.coverage import covered, smells  # noqa: E402
from catalogue_builder.names import singular, table_name  # noqa: E402
from catalogue_builder.parameters import parameter  # noqa: E402
from catalogue_builder.quirks import LOCK, read_quirks  # noqa: E402
from catalogue_builder.report import coverage_page, tables_page  # noqa: E402
from catalogue_builder.shapes import Form, shape  # noqa: E402
from catalogue_builder.spec import Spec, operation_id  # noqa: E402
from catalogue_builder.store import write_catalogue  # noqa: E402

from stripesql.catalogue.load import Catalogue  # noqa: E402
from stripesql.catalogue.model import ColumnKind, Exactness  # noqa: E402

needs_current = pytest.mark.skipif(not CURRENT.exists(), reason="the spec is not beside the repository")
needs_older = pytest.mark.skipif(not OLDER.exists(), reason="the older spec is not beside the repository")
EMPTY = Spec("test", (), {})


@cache
def current() -> Built:
    return build(CURRENT)


@cache
def older() -> Built:
    return build(OLDER)


def files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.json"))}


@needs_current
def test_generated_data_is_up_to_date(tmp_path: Path):
    built = current()
    write_catalogue(tmp_path, built.spec.version, built.tables, built.actions)
    assert files(tmp_path) == files(GENERATED)
    assert lock_text(built) == LOCK.read_text(encoding="utf-8")
    pages = ROOT / "docs" / "reference"
    assert coverage_page(built, SHARED / "columns.csv", BY_HAND.read_text(encoding="utf-8")) == (pages / "coverage.md").read_text(
        encoding="utf-8"
    )
    assert tables_page(built.tables) == (pages / "tables.md").read_text(encoding="utf-8")


@needs_older
def test_the_public_idiom_builds_and_loads(tmp_path: Path):
    main([str(OLDER), "--out", str(tmp_path)])
    older_catalogue = Catalogue(tmp_path)
    assert older_catalogue.version == "2023-08-16"
    tables = {table.name: table for table in older_catalogue.tables()}
    assert tables["customers"].column("address_city") is not None
    assert tables["customers"].column("default_source").kind is ColumnKind.EXPANDABLE
    assert tables["customers"].delete.returns == "deleted"
    assert tables["subscriptions"].delete is None
    assert tables["subscriptions"].list.variants == ((("status", "all"),),)
    for table in tables.values():
        names = [column.name.lower() for column in table.columns]
        assert len(names) == len(set(names))
        assert len(table.visible) <= 150
        assert all(table.column(name) is not None for name in table.key)


@needs_older
def test_a_parameter_without_review_is_never_pushed_and_reported():
    built = older()
    assert built.unreviewed
    tables = {table.name: table for table in built.tables}
    for name, leaf in built.unreviewed:
        one = next(one for one in tables[name].list.filters if one.param == leaf.param)
        assert one.exactness is Exactness.NEVER
        assert f"- `{name}`: `{leaf.param}`" in coverage_page(built, None, "")


@needs_older
def test_operation_ids_are_those_of_the_public_file():
    import lzma

    document = json.loads(lzma.decompress(OLDER.read_bytes()))
    for path, methods in document["paths"].items():
        for method, raw in methods.items():
            assert operation_id(method, path) == raw["operationId"]


@needs_current
@needs_older
@pytest.mark.parametrize("built", [current, older], ids=["current", "older"])
def test_every_operation_is_covered_or_left_out_with_a_reason(built):
    found = covered(built())
    assert len(found) == len(built().spec.operations)
    assert not [one.operation.path for one in found if not one.place and one.role == "no reason"]


@needs_current
def test_no_text_that_smells_of_hidden_rows_is_open():
    assert not [one.place for one in smells(current()) if not one.answer]


@needs_current
def test_no_answer_speaks_of_a_text_that_is_gone():
    defaults = current().quirks.defaults
    assert {*defaults["answered"], *defaults["harmless"]} == {one.place for one in smells(current())}


@needs_current
def test_every_quirk_names_a_table_and_a_parameter_of_the_spec():
    built = current()
    tables = {table.name: table for table in built.tables}
    for name, entries in built.quirks.filters.items():
        if isinstance(entries, dict):
            params = {one.param for one in tables[name].list.filters}
            assert set(entries) <= params, name
    for name in [
        *built.quirks.scans,
        *built.quirks.arguments["required"],
        *built.quirks.orders["unordered"],
        *built.quirks.references["tables"],
    ]:
        assert name in tables
    for entry in built.quirks.hidden_rows["notes"]:
        assert set(entry["tables"]) <= set(tables)
    for name, columns in built.quirks.references["tables"].items():
        assert all(tables[name].column(column) is not None for column in columns), name
    expands = built.quirks.columns["expand"]
    for resource, paths in expands.items():
        if isinstance(paths, list) and resource != "source":
            assert all(any(column.expand == path for table in built.tables for column in table.columns) for path in paths), resource


def growing(children: int) -> dict[str, object]:
    address = {"type": "object", "properties": {f"line{number}": {"type": "string"} for number in range(children)}}
    return {"properties": {"id": {"type": "string"}, "address": address}}


def test_an_object_flattens_until_it_is_too_big():
    small = Flattener(EMPTY, growing(24))
    assert [column.name for column in small.columns() if not column.hidden][-1] == "address_line23"
    assert small.decided == {"address": "flat"}
    big = Flattener(EMPTY, growing(25))
    assert [column.name for column in big.columns()] == ["id", "address"]
    assert big.decided == {"address": "big"}


def test_the_lock_keeps_an_object_flat_that_grows():
    first = Flattener(EMPTY, growing(24))
    before = {column.name for column in first.columns()}
    later = Flattener(EMPTY, growing(30), locked=first.decided)
    assert before <= {column.name for column in later.columns()}
    assert later.decided == first.decided


def test_the_lock_keeps_an_object_json_that_shrinks():
    first = Flattener(EMPTY, growing(30))
    first.columns()
    later = Flattener(EMPTY, growing(3), locked=first.decided)
    assert [column.name for column in later.columns()] == ["id", "address"]


@needs_current
def test_the_lock_loses_no_decision_of_an_earlier_build():
    earlier = {"gone": {"address": "flat"}, "customer": {"address": "big"}}
    built = replace(current(), quirks=replace(read_quirks(), lock=earlier))
    lock = json.loads(lock_text(built))
    assert lock["gone"] == {"address": "flat"}


def test_a_hub_is_json_with_its_type():
    variants = {name: {"type": "object", "properties": {"x": {"type": "string"}}} for name in ("card", "sepa")}
    details = {"type": "object", "properties": {"type": {"type": "string", "enum": ["card", "sepa"]}, **variants}}
    columns = Flattener(EMPTY, {"properties": {"details": details}}).columns()
    assert [(column.name, column.kind) for column in columns] == [("details", ColumnKind.OBJECT), ("details_type", ColumnKind.ENUM)]


def test_columns_of_several_item_types_are_the_union():
    card = Flattener(EMPTY, {"properties": {"id": {"type": "string"}, "brand": {"type": "string"}}, "required": ["id", "brand"]}).columns()
    bank = Flattener(EMPTY, {"properties": {"id": {"type": "string"}, "bank": {"type": "string"}}, "required": ["id"]}).columns()
    found = {column.name: column.always for column in merged([card, bank])}
    assert found == {"bank": False, "brand": False, "id": True}


def test_both_idioms_of_nullable_are_one():
    spec = Spec("test", (), {"address": {"type": "object", "properties": {"city": {"type": "string"}}}})
    reference = {"$ref": "#/components/schemas/address"}
    assert shape(spec, {"anyOf": [reference], "nullable": True}).form is Form.NESTED
    assert shape(spec, {**reference, "nullable": True}).form is Form.NESTED


def test_parameters_say_what_stands_beside_their_kind():
    now = parameter(EMPTY, "trial_end", {"anyOf": [{"type": "string", "enum": ["now"]}, {"type": "integer"}]})
    assert (now.kind, now.accepts_now, now.values) == ("unix-time", True, ())
    unset = parameter(EMPTY, "name", {"anyOf": [{"type": "string", "enum": [""]}, {"type": "string"}]})
    assert (unset.kind, unset.accepts_empty) == ("string", True)
    up_to = parameter(EMPTY, "up_to", {"anyOf": [{"type": "string", "enum": ["inf"]}, {"type": "integer"}]})
    assert (up_to.kind, up_to.values) == ("integer", ("inf",))
    token = parameter(EMPTY, "card", {"anyOf": [{"type": "object", "properties": {"cvc": {"type": "string"}}}, {"type": "string"}]})
    assert (token.kind, token.accepts_text) == ("object", True)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/customers", "customers"),
        ("/v1/checkout/sessions/{session}/line_items", "checkout_session_line_items"),
        ("/v1/accounts/{account}/capabilities", "account_capabilities"),
        ("/v2/core/accounts/{account_id}/persons", "v2_core_account_persons"),
        ("/v1/balance", "balance"),
    ],
)
def test_tables_are_named_by_their_path(path: str, name: str):
    assert table_name(path, {}) == name


def test_singulars():
    assert [singular(name) for name in ("capabilities", "disputes", "credit_notes")] == ["capability", "dispute", "credit_note"]
