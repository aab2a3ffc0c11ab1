"""Keep what was typed, in a file of the user's data folder that only the user reads; a text that may hold a key is not kept.

In: texts. Out: the same, newest first, also in the next shell.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from prompt_toolkit.history import History

from stripesql.cli.keys import may_hold_key

MOST: Final = 5_000
"""Texts that are kept; the file is cut to so many when a shell begins."""


class PrivateHistory(History):
    """Remember texts; one line of the file is one text, as JSON."""

    def __init__(self, file: Path | None) -> None:
        """Take the file; None keeps the texts for this shell alone."""
        super().__init__()
        self._file = file

    def load_history_strings(self) -> Iterable[str]:
        """Return the texts of before, newest first."""
        texts = read(self._file) if self._file is not None else []
        if self._file is not None and len(texts) > MOST:
            texts = texts[-MOST:]
            self._rewrite(self._file, texts)
        return reversed(texts)

    def append_string(self, string: str) -> None:
        """Remember one text, if it may be remembered and is not the last one again."""
        text = string.strip()
        if not text or may_hold_key(text) or text in self.get_strings()[-1:]:
            return
        super().append_string(text)

    def store_string(self, string: str) -> None:
        """Add one text to the file; a file that cannot be written is no reason to stop."""
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # One write of one line: several shells may write to the file at once.
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                if hasattr(os, "fchmod"):
                    os.fchmod(descriptor, 0o600)
                os.write(descriptor, json.dumps(string).encode() + b"\n")
            finally:
                os.close(descriptor)
        except OSError:
            self._file = None

    def _rewrite(self, file: Path, texts: list[str]) -> None:
        partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
        try:
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                stream.writelines(json.dumps(text) + "\n" for text in texts)
            partial.replace(file)
        except (OSError, UnicodeError):
            partial.unlink(missing_ok=True)


def read(file: Path) -> list[str]:
    """Return the texts of a file, oldest first; lines that are none are left out."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            text = json.loads(line)
        except ValueError:
            continue
        if isinstance(text, str) and text and not may_hold_key(text):
            found.append(text)
    return found


def path() -> Path:
    """Return where the file is, or would be."""
    from platformdirs import user_data_path

    return user_data_path("stripesql", appauthor=False) / "history.jsonl"
