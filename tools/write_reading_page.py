"""Write docs/reference/reading.md: which tables are read in ranges, several requests at once, and why the others are not.

In: the catalogue of the installed package. Out: the page.

    python tools/write_reading_page.py
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from stripesql.catalogue.load import catalogue
from stripesql.catalogue.model import TableShape
from stripesql.scan.ranges import why_serial

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "reading.md"
HEAD = """# How tables are read

Written by `tools/write_reading_page.py`. A list that can be cut into ranges of its time is read by several requests at once, as
[How fast](../explanation/how-fast.md) tells. The others are read page after page, the next page while the rows of this one are
worked on. Lists below a parent are read several at once either way.
"""


def page() -> str:
    """Return the text of the page."""
    cut: list[str] = []
    serial: dict[str, list[str]] = defaultdict(list)
    for table in catalogue().tables():
        if table.shape is TableShape.LIST:
            reason = why_serial(table)
            (cut if reason is None else serial[reason]).append(f"`{table.name}`")
    lines = [HEAD, f"## In ranges of `created`: {len(cut)} lists", "", ", ".join(cut), ""]
    lines += [f"## Page after page: {sum(map(len, serial.values()))} lists", "", "| Because | Tables |", "|---|---|"]
    lines += [f"| {reason} | {', '.join(names)} |" for reason, names in sorted(serial.items(), key=lambda each: -len(each[1]))]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
