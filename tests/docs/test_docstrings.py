"""Run the examples in docstrings."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import documents
import pytest

import stripesql

_MODULES = [each.name for each in pkgutil.walk_packages(stripesql.__path__, "stripesql.") if not each.name.endswith("__main__")]
_FOR_A_PROGRAM = {"stripesql.harlequin": "harlequin", "stripesql.superset.form": "superset", "stripesql.superset.spec": "superset"}
"""Modules that another program loads, and that program; it need not be installed."""


@pytest.mark.parametrize("name", ["stripesql", *_MODULES])
def test_docstring_examples_run(name: str) -> None:
    if name in _FOR_A_PROGRAM:
        pytest.importorskip(_FOR_A_PROGRAM[name])
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert not result.failed


def test_reader_of_console_blocks_reads_its_own_example() -> None:
    assert not doctest.testmod(documents).failed
