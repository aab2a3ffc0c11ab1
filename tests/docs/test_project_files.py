"""Hold the project's pages to what they promise."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from documents import ROOT, blocks, documents

import stripesql
from stripesql import errors
from stripesql.catalogue.load import catalogue

_LINK = re.compile(r"\]\((?!https?://|#|mailto:)(?P<target>[^)#\s]+)")


def test_readme_begins_with_the_command_that_sets_up_and_the_command_that_tests() -> None:
    first, second = [block.text.splitlines()[0] for block in blocks(ROOT / "README.md") if block.language == "sh"][:2]
    assert first == "python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/stripesql demo"
    assert second == ".venv/bin/python -m pytest"


def test_ci_is_a_script_that_parses() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", script], check=True)


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    page = re.sub(r"^(`{3,}).*?^\1\s*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    missing = [found["target"] for found in _LINK.finditer(page) if not (path.parent / found["target"]).exists()]
    assert not missing


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "docs/index.md"])
def test_number_of_tables_is_counted(name: str) -> None:
    assert f"{len(catalogue().table_names())} tables" in (ROOT / name).read_text(encoding="utf-8")


def test_changelog_names_the_version() -> None:
    assert f"## [{stripesql.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_error_reference_shows_every_exception() -> None:
    drawn = errors.__doc__ or ""
    classes = [name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, Exception)]
    assert not [name for name in classes if not re.search(rf"\b{name}\b", drawn)]
