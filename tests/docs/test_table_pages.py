"""Hold the reference pages of tables, which are made when the site is built, to what they promise."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from documents import ROOT

from stripesql.catalogue.load import catalogue

PLACES = (ROOT / "docs" / "_ext", ROOT / "tools")
NAMES = catalogue().table_names()


@pytest.fixture(scope="module")
def pages() -> Iterator[ModuleType]:
    known = sys.path[:]
    sys.path[:0] = [str(each) for each in PLACES]
    import table_pages

    yield table_pages
    sys.path[:] = known
    for name in ("table_pages", "parameter_table"):
        sys.modules.pop(name, None)


def written(pages: ModuleType, name: str) -> str:
    table = catalogue().table(name)
    assert table is not None
    page: str = pages.page(table)
    return page


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_everything_that_the_catalogue_knows_of_its_table(pages: ModuleType, name: str) -> None:
    table = catalogue().table(name)
    assert table is not None
    page = written(pages, name)
    assert not [each.name for each in table.columns if f"| `{each.name}` |" not in page]
    assert not [each.param for each in (table.list.filters if table.list else ()) if f"| `{each.param}` |" not in page]
    endpoints = [each for each in (table.create, table.update) if each is not None]
    endpoints += [each.endpoint for each in table.actions]
    sent = {each.name for endpoint in endpoints for each in endpoint.parameters} - {"expand"}
    assert not [each for each in sent if f"| `{each}` |" not in page]
    assert not [each.name for each in table.actions if f"### {name}.{each.name}\n" not in page]
    assert not [each.rows for each in table.notes if each.rows not in page]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_light_and_its_tables_are_whole(pages: ModuleType, name: str) -> None:
    page = written(pages, name)
    assert len(page) < 30_000
    for grid in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in grid.splitlines()}) == 1, grid


def test_links_between_pages_of_tables_lead_to_tables(pages: ModuleType) -> None:
    links = {link for name in NAMES for link in re.findall(r"\]\((\w+)\.md\)", written(pages, name))}
    assert links
    assert links <= set(NAMES)


def test_pages_are_written_and_old_ones_go(pages: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    pages.write_pages(folder)
    changed = folder / "charges.md"
    kept = (folder / "refunds.md").stat().st_mtime_ns
    changed.write_text("old", encoding="utf-8")
    (folder / "gone.md").write_text("old", encoding="utf-8")
    pages.write_pages(folder)
    assert {each.stem for each in folder.iterdir()} == set(NAMES)
    assert changed.read_text(encoding="utf-8") == written(pages, "charges")
    assert (folder / "refunds.md").stat().st_mtime_ns == kept


@pytest.mark.parametrize("name", ["tables", "parameters", "procedures"])
def test_lists_of_tables_link_to_their_pages(pages: ModuleType, name: str) -> None:
    text = (ROOT / "docs" / "reference" / f"{name}.md").read_text(encoding="utf-8")
    assert "](tables/charges.md)" in pages.linked(text, f"reference/{name}")
    assert "](tables/" not in text
