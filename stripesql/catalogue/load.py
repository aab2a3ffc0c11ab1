"""Read the catalogue's data files: the index at first use, a table when it is asked for.

In: ``generated/``, written by ``tools/build_catalogue.py``. Out: values of ``model``. Nothing is read at import.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path

import msgspec

from stripesql.catalogue.model import Action, Table

GENERATED = Path(__file__).parent / "generated"


class _IndexedTable(msgspec.Struct):
    name: str
    path: str
    resource: str
    shape: str


class _Index(msgspec.Struct):
    version: str
    tables: list[_IndexedTable]


class Catalogue:
    """Hold what Stripe offers, read lazily from one folder.

    Attributes:
        version: API version that the data was built from, sent as ``Stripe-Version``.
    """

    def __init__(self, folder: Path = GENERATED) -> None:
        self._folder = folder
        index = msgspec.json.decode((folder / "index.json").read_bytes(), type=_Index)
        self.version = index.version
        self._entries = {entry.name: entry for entry in index.tables}
        self._tables: dict[str, Table] = {}

    def table_names(self) -> tuple[str, ...]:
        """Return the names of all tables, in order."""
        return tuple(self._entries)

    def table(self, name: str) -> Table | None:
        """Return the table of this name, any case, or None."""
        folded = name.lower()
        if folded not in self._entries:
            return None
        found = self._tables.get(folded)
        if found is None:
            found = _tables().decode((self._folder / "tables" / f"{folded}.json").read_bytes())
            self._tables[folded] = found
        return found

    def tables(self) -> Iterator[Table]:
        """Yield every table, in order of name."""
        for name in self._entries:
            yield self._known(name)

    def actions(self) -> tuple[Action, ...]:
        """Return every procedure, those of tables first; reads all tables."""
        return tuple(action for table in self.tables() for action in table.actions) + self._namespaces

    def actions_beside_tables(self, namespace: str) -> tuple[Action, ...]:
        """Return the procedures of a namespace that is no table."""
        return tuple(action for action in self._namespaces if action.table == namespace)

    def table_of_path(self, path: str) -> Table | None:
        """Return the table that this path lists (or, where there is no list, retrieves); names of placeholders do not matter."""
        name = self._names_by_path.get(_normalised(path))
        return self._known(name) if name is not None else None

    def table_name_under(self, path: str) -> str | None:
        """Return the name of the table that a request to this path, ids and all, reads or writes: the longest path of a list wins."""
        asked = path.strip("/").split("/")
        found: tuple[int, str | None] = (0, None)
        for template, name in self._names_by_path.items():
            parts = template.strip("/").split("/")
            if len(parts) <= len(asked) and all(part in ("{}", given) for part, given in zip(parts, asked, strict=False)):
                found = max(found, (len(parts), name), key=lambda each: each[0])
        return found[1]

    def table_of_resource(self, resource: str) -> Table | None:
        """Return the table that holds objects with this value of ``object``: a top-level list before a nested one."""
        name = self._names_by_resource.get(resource)
        return self._known(name) if name is not None else None

    def _known(self, name: str) -> Table:
        found = self.table(name)
        assert found is not None
        return found

    @cached_property
    def _namespaces(self) -> tuple[Action, ...]:
        return msgspec.json.decode((self._folder / "actions.json").read_bytes(), type=tuple[Action, ...])

    @cached_property
    def _names_by_path(self) -> dict[str, str]:
        return {_normalised(entry.path): name for name, entry in self._entries.items()}

    @cached_property
    def _names_by_resource(self) -> dict[str, str]:
        ranked = sorted(self._entries.values(), key=lambda entry: (entry.shape != "list", "{" in entry.path, "|" in entry.resource))
        names: dict[str, str] = {}
        for entry in ranked:
            for resource in entry.resource.split("|"):
                names.setdefault(resource, entry.name)
        return names


@cache
def catalogue() -> Catalogue:
    """Return the catalogue that is part of the package; read once per process."""
    return Catalogue()


@cache
def _tables() -> msgspec.json.Decoder[Table]:
    return msgspec.json.Decoder(Table)


def _normalised(path: str) -> str:
    return re.sub(r"{\w+}", "{}", path)
