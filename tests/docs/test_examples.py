"""Run every example of the README and of the documentation."""

from __future__ import annotations

import doctest
import importlib.metadata
import subprocess
import warnings
from pathlib import Path
from typing import Any

import pytest
from documents import ROOT, Block, blocks, commands, documents

import stripesql
from stripesql.sql.statements import split

_OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
_MARKS = {"", "output varies", "fails"}
_NEEDS = "needs "
"""Begins the mark of an example that runs only where a package is installed: ``<!-- needs harlequin -->``."""
# What is shown and not run: commands that set up a machine, and drawings.
_SHOWN = {"sh", "text", "toml"}


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_examples_run(path: Path, surroundings: dict[str, str]) -> None:
    names: dict[str, Any] = {}
    for block in blocks(path):
        needed = block.mark.removeprefix(_NEEDS) if block.mark.startswith(_NEEDS) else ""
        assert needed or block.mark in _MARKS, f"{block.place}: unknown mark {block.mark!r}"
        if needed and not _is_installed(needed):
            continue
        with warnings.catch_warnings():
            if needed:
                warnings.simplefilter("ignore")  # another program's warnings are its own
            _run(block, names, path, surroundings)


def _run(block: Block, names: dict[str, Any], path: Path, surroundings: dict[str, str]) -> None:
    match block.language:
        case "python" if block.text.startswith(">>> "):
            _run_session(block, names)
        case "python":
            exec(compile("\n" * (block.line - 1) + block.text, str(path), "exec"), names)
        case "console":
            _run_commands(block, surroundings)
        case "sql":
            _run_sql(block)
        case language:
            assert language in _SHOWN or language.startswith("{"), f"{block.place}: nothing runs {language!r}"


def _is_installed(package: str) -> bool:
    try:
        importlib.metadata.distribution(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _run_session(block: Block, names: dict[str, Any]) -> None:
    examples = doctest.DocTestParser().get_doctest(block.text, names, block.place, str(block.path), block.line - 1)
    checker = _Anything() if block.mark == "output varies" else None
    runner = doctest.DocTestRunner(checker, verbose=False, optionflags=_OPTIONS)
    said: list[str] = []
    result = runner.run(examples, out=said.append, clear_globs=False)
    names.update(examples.globs)
    assert not result.failed, "".join(said)


class _Anything(doctest.OutputChecker):
    """Take any output, but not an exception: that one is no output."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return bool(want) == bool(got)


def _run_commands(block: Block, surroundings: dict[str, str]) -> None:
    for command in commands(block.text):
        # pipefail is off: `| head` ends its command early.
        done = subprocess.run(["bash", "-c", command.text], capture_output=True, text=True, env=surroundings, timeout=60, check=False)
        place = f"{block.place}: $ {command.text}\n{done.stdout}{done.stderr}"
        assert (done.returncode != 0) == (block.mark == "fails"), place
        said = done.stderr if block.mark == "fails" else done.stdout
        if block.mark == "output varies":
            assert _shape(said) == _shape(command.output), place
        elif command.output:
            assert doctest.OutputChecker().check_output(command.output, said, _OPTIONS), place


def _shape(output: str) -> tuple[list[str], bool]:
    """Return what does not depend on data: the words of the first line, and whether anything follows."""
    first, _, rest = output.partition("\n")
    return first.split(), bool(rest.strip())


def _run_sql(block: Block) -> None:
    with stripesql.connect(demo=True) as connection:
        for statement in split(block.text):
            if block.mark == "fails":
                with pytest.raises(stripesql.Error):
                    _read(connection, statement)
            else:
                _read(connection, statement)


def _read(connection: stripesql.Connection, statement: str) -> None:
    cursor = connection.execute(statement)
    if cursor.description is not None:
        cursor.fetchall()
