"""Read the examples out of the project's pages.

In: a Markdown file. Out: its fenced blocks, each with what a comment before it says: ``<!-- output varies -->``,
``<!-- fails -->``, ``<!-- needs harlequin -->``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^(?P<fence>`{3,})(?P<language>[^\n`]*)\n(?P<text>.*?)^(?P=fence)\s*$", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"<!-- (?P<mark>[a-z ]+) -->\s*\Z")


@dataclass(frozen=True)
class Block:
    path: Path
    line: int
    language: str
    text: str
    mark: str

    @property
    def place(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True)
class Command:
    """Say a line that begins with ``$``, with the lines that follow it."""

    text: str
    output: str


def documents() -> list[Path]:
    own = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    made = {ROOT / "docs" / "_build", ROOT / "docs" / "reference" / "tables"}
    return own + sorted(path for path in (ROOT / "docs").rglob("*.md") if made.isdisjoint(path.parents))


def blocks(path: Path) -> Iterator[Block]:
    page = path.read_text(encoding="utf-8")
    for found in _FENCE.finditer(page):
        mark = _MARK.search(page[: found.start()])
        line = page.count("\n", 0, found.start()) + 2
        yield Block(path, line, found["language"].strip(), found["text"], mark["mark"] if mark else "")


def commands(text: str) -> list[Command]:
    r"""Return the commands of a console block; ``> `` goes on with the line before.

    >>> commands("$ a \\\n>   b\nout\n$ c\n")
    [Command(text='a \\\n  b', output='out\n'), Command(text='c', output='')]
    """
    found: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append([line[2:], ""])
        elif line.startswith("> ") and found and not found[-1][1]:
            found[-1][0] += "\n" + line[2:]
        elif found:
            found[-1][1] += line + "\n"
        else:
            raise ValueError(f"a console block begins with a command, not with {line!r}")
    return [Command(*each) for each in found]
