"""List the formats: their names, writers and file suffixes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

from stripesql.outputs import csv, json, jsonl, markdown, parquet, table, tsv, vertical, xlsx
from stripesql.outputs.rows import Writer

FORMATS: Final[Mapping[str, Writer]] = {
    "table": table.write,
    "vertical": vertical.write,
    "csv": csv.write,
    "tsv": tsv.write,
    "json": json.write,
    "jsonl": jsonl.write,
    "markdown": markdown.write,
    "parquet": parquet.write,
    "xlsx": xlsx.write,
}

BINARY: Final = frozenset({"parquet", "xlsx"})
"""Formats that are not text, and of which one file holds one result."""

SPACED: Final = frozenset({"table", "vertical", "markdown"})
"""Formats for people: several results have an empty line between them."""

SUFFIXES: Final[Mapping[str, str]] = {
    ".txt": "table",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".md": "markdown",
    ".markdown": "markdown",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "xlsx",
}


def by_suffix(path: str) -> str | None:
    """Return the format that a file's name asks for, None if it asks for none."""
    return SUFFIXES.get(PurePath(path).suffix.lower())
