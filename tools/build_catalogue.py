"""Build the catalogue's data files from Stripe's OpenAPI file: ``build_catalogue.py SPEC [--out DIR]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from catalogue_builder.build import Built, build, lock_text  # noqa: E402  needs the path above
from catalogue_builder.quirks import LOCK  # noqa: E402
from catalogue_builder.report import coverage_page, tables_page  # noqa: E402
from catalogue_builder.store import write_catalogue  # noqa: E402

GENERATED = ROOT / "stripesql" / "catalogue" / "generated"
PAGES = ROOT / "docs" / "reference"
BY_HAND = ROOT / "tools" / "catalogue_builder" / "checked_by_hand.md"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("spec", type=Path, help="OpenAPI file, .json or .json.xz")
    parser.add_argument(
        "--out", type=Path, default=GENERATED, help="folder for the data; the lock and the docs are written only for the default"
    )
    parser.add_argument("--reviewed", type=Path, help="reviewed column list to compare with; default: columns.csv beside the spec")
    options = parser.parse_args(arguments)
    built = build(options.spec)
    write_catalogue(options.out, built.spec.version, built.tables, built.actions)
    if options.out == GENERATED:
        beside = options.spec.parent / "columns.csv"
        write_beside(built, options.reviewed or (beside if beside.exists() else None))
    print(f"{built.spec.version}: {len(built.tables)} tables, {len(built.actions)} actions of no table")


def write_beside(built: Built, reviewed: Path | None) -> None:
    LOCK.write_text(lock_text(built), encoding="utf-8")
    PAGES.mkdir(parents=True, exist_ok=True)
    (PAGES / "coverage.md").write_text(coverage_page(built, reviewed, BY_HAND.read_text(encoding="utf-8")), encoding="utf-8")
    (PAGES / "tables.md").write_text(tables_page(built.tables), encoding="utf-8")


if __name__ == "__main__":
    main()
