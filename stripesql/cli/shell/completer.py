"""Give completions to the terminal, for statements and for dot commands.

In: what is typed. Out: completions of prompt_toolkit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from stripesql.catalogue.load import Catalogue
from stripesql.cli.shell.commands import COMMANDS
from stripesql.cli.shell.completing import candidates
from stripesql.cli.shell.place import Candidate
from stripesql.cli.shell.state import State
from stripesql.outputs.formats import FORMATS

_MOST = 400


class ShellCompleter(Completer):
    """Complete what stands before the cursor."""

    def __init__(self, known: Catalogue, state: State, width: Callable[[], int]) -> None:
        """Take the catalogue, the state, and what tells the terminal's width: a narrow one has no room for notes."""
        self._known = known
        self._state = state
        self._width = width

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """Yield completions; unasked, only where a word is begun, after a point, or in a string."""
        text = document.text
        if text.lstrip().startswith("."):
            found = command_candidates(document.text_before_cursor.lstrip(), self._known)
        else:
            if not complete_event.completion_requested and not _is_begun(document.text_before_cursor):
                return
            found = candidates(text, document.cursor_position, self._known, self._state.frames)
        notes = self._width() >= 60
        for each in list(found)[:_MOST]:
            yield Completion(
                each.text,
                start_position=-each.replaced,
                display_meta=(each.note or each.kind) if notes else "",
                style=f"class:kind.{each.kind}",
            )


def _is_begun(before: str) -> bool:
    last = before[-1:]
    return last.isalnum() or last in ("_", ".", "'")


def command_candidates(before: str, known: Catalogue) -> list[Candidate]:
    """Return what may stand at the end of the beginning of a dot command."""
    name, space, rest = before.partition(" ")
    if not space:
        return [Candidate(each, len(name), "command", said.meaning) for each, said in COMMANDS.items() if each.startswith(name.lower())]
    command = COMMANDS.get(name.lower())
    if command is None:
        return []
    if name.lower() == ".explain":
        return candidates(rest, len(rest), known)
    return [
        Candidate(word, len(rest), kind)
        for word, kind in _words(command.argument, rest, known)
        if word.startswith(rest.lower() if kind != "file" else rest)
    ]


def _words(argument: str, rest: str, known: Catalogue) -> Iterable[tuple[str, str]]:
    match argument:
        case "table":
            return [(name, "table") for name in sorted(known.table_names(), key=lambda name: (name.count("_"), name))]
        case "format":
            return [(name, "format") for name in FORMATS]
        case "switch":
            return [("on", "switch"), ("off", "switch")]
        case "command":
            return [(name.removeprefix("."), "command") for name in COMMANDS]
        case "file":
            return [(path, "file") for path in _paths(rest)]
    return []


def _paths(rest: str) -> list[str]:
    folder = rest[: rest.rfind("/") + 1]
    try:
        found = sorted(Path(folder or ".").expanduser().iterdir())
    except OSError:
        return []
    return [f"{folder}{path.name}{'/' if path.is_dir() else ''}" for path in found if not path.name.startswith(".")]
