"""Read the reviewed facts that the spec lacks.

In: the TOML files of ``stripesql/catalogue/quirks``. Out: ``Quirks``, one typed field per file. What they mean is said
in the files themselves.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DIRECTORY = Path(__file__).parents[2] / "stripesql" / "catalogue" / "quirks"
LOCK = DIRECTORY / "columns.lock.json"

Toml = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Quirks:
    """Hold the quirks files, each as it reads.

    Attributes:
        names: names.toml.
        filters: filters.toml.
        arguments: arguments.toml.
        scans: scans.toml.
        orders: orders.toml.
        columns: columns.toml.
        references: references.toml.
        endpoints: endpoints.toml.
        hidden_rows: hidden_rows.toml.
        search: search.toml.
        defaults: defaults.toml.
        lock: flatten decisions of earlier builds, by resource and path.
    """

    names: Toml
    filters: Toml
    arguments: Toml
    scans: Toml
    orders: Toml
    columns: Toml
    references: Toml
    endpoints: Toml
    hidden_rows: Toml
    search: Toml
    defaults: Toml
    lock: dict[str, dict[str, str]]


def read_quirks(directory: Path = DIRECTORY) -> Quirks:
    """Read all files of the folder."""

    def read(name: str) -> Toml:
        return tomllib.loads((directory / f"{name}.toml").read_text(encoding="utf-8"))

    lock = directory / LOCK.name
    return Quirks(
        names=read("names"),
        filters=read("filters"),
        arguments=read("arguments"),
        scans=read("scans"),
        orders=read("orders"),
        columns=read("columns"),
        references=read("references"),
        endpoints=read("endpoints"),
        hidden_rows=read("hidden_rows"),
        search=read("search"),
        defaults=read("defaults"),
        lock=json.loads(lock.read_text(encoding="utf-8")) if lock.exists() else {},
    )
