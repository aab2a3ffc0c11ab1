"""Count what the catalogue covers of a spec, and list what a person has to look at.

In: a built catalogue, and the reviewed column list where it is at hand. Out: findings as values; ``report`` words them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from catalogue_builder.build import Built
from catalogue_builder.endpoints import is_list_answer
from catalogue_builder.spec import Operation
from stripesql.catalogue.model import ColumnKind, Table

SMELL = re.compile(
    r"by default|not include|exclud|defaults to|unless|omit|does(n't| not)|(is|are)(n't| not)|archived|deleted|limited to|if unspecified|without the",
    re.IGNORECASE,
)
"""Words in a list's text that may mean that it hides rows."""


@dataclass(frozen=True, slots=True)
class Covered:
    """Say what became of one operation.

    Attributes:
        operation: the operation.
        place: table or namespace, empty where it is left out.
        role: list, retrieve, create, update, delete, search, ``action <name>``, or the reason for leaving it out.
    """

    operation: Operation
    place: str
    role: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Say one difference to the reviewed column list.

    Attributes:
        table: our name.
        columns: names concerned.
        reason: why.
    """

    table: str
    columns: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Smell:
    """Say one text that may speak of hidden rows.

    Attributes:
        place: the list's path, and the parameter where it is a parameter's text.
        answer: what covers it, empty where nothing does.
    """

    place: str
    answer: str


def covered(built: Built) -> list[Covered]:
    """Return what became of every operation, in order of path and method."""
    actions = {action.endpoint.operation: action for table in built.tables for action in table.actions}
    actions |= {action.endpoint.operation: action for action in built.actions}
    excluded = built.quirks.endpoints["excluded"]
    found = []
    for operation in built.spec.operations:
        if operation.operation in built.roles:
            found.append(Covered(operation, *built.roles[operation.operation]))
        elif operation.operation in actions:
            action = actions[operation.operation]
            found.append(Covered(operation, action.table, f"action {action.name}"))
        else:
            found.append(Covered(operation, "", excluded.get(operation.shape_of_path, "no reason")))
    return found


def smells(built: Built) -> list[Smell]:
    """Return every list text with a word of ``SMELL``, with what answers it."""
    return [smell for operation in built.spec.operations for smell in _smells(built, operation)]


def _smells(built: Built, operation: Operation) -> Iterator[Smell]:
    if operation.method != "GET" or not is_list_answer(operation.answer) or operation.path.endswith("/search"):
        return
    texts = [(operation.path, operation.text)]
    texts += [(f"{operation.path} {raw['name']}", raw.get("description", "")) for raw in operation.filters]
    for place, text in texts:
        if SMELL.search(text):
            yield Smell(place, _answer(built, place))


def _answer(built: Built, place: str) -> str:
    if place in built.quirks.defaults["harmless"]:
        return "read: hides nothing"
    # That a parameter is not pushed is no answer: what it hides when it is not sent is hidden all the same.
    return str(built.quirks.defaults["answered"].get(place, ""))


def differences(built: Built, reviewed: Path) -> list[Difference]:
    """Return the differences to the reviewed list of an older version, each with its reason."""
    known: dict[str, dict[str, str]] = {}
    with reviewed.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            known.setdefault(row["table"], {})[row["column"]] = row["kind"]
    tables = {_reviewed_name(table): table for table in built.tables if table.list is not None}
    found: list[Difference] = []
    for name, table in sorted(tables.items()):
        found += _differences(table, known.get(name))
    gone = sorted(set(known) - set(tables))
    return found + [Difference(name, (), "the table is not in this version") for name in gone]


def _differences(table: Table, known: dict[str, str] | None) -> Iterator[Difference]:
    if known is None:
        yield Difference(table.name, (), "the table is new in this version")
        return
    ours = {column.name: column for column in table.visible}
    missing = sorted(set(known) - set(ours))
    added = sorted(set(ours) - set(known))
    polymorphic = "|" in table.resource
    yield from _group(table.name, [name for name in missing if name == "deleted"], "only tombstones have it, and they are no rows")
    yield from _group(table.name, [name for name in missing if name != "deleted"], _reason_missing(polymorphic))
    synthetic = [name for name in added if not ours[name].path]
    extra = [
        name
        for name in added
        if len(ours[name].path) > 2 and ours[name].path[0] in known and ours[ours[name].path[0]].kind is ColumnKind.OBJECT
    ]
    yield from _group(table.name, synthetic, "the parent's id, not a field")
    yield from _group(table.name, extra, "a field below a JSON object that has a column of its own (columns.toml)")
    yield from _group(table.name, [name for name in added if name not in synthetic + extra], _reason_added(polymorphic))
    times = [name for name in sorted(set(ours) & set(known)) if ours[name].kind is ColumnKind.ISO_TIME and known[name] == "string"]
    yield from _group(table.name, times, "RFC 3339 times of API v2 are timestamps here")
    kinds = [name for name in sorted(set(ours) & set(known)) if name not in times and not _same_kind(known[name], ours[name].kind)]
    yield from _group(table.name, kinds, "another kind in this version")


def _reviewed_name(table: Table) -> str:
    return {"invoice_items": "invoiceitems", "invoice_line_items": "invoice_lines", "credit_note_line_items": "credit_note_lines"}.get(
        table.name, table.name
    )


def _reason_missing(polymorphic: bool) -> str:
    return "fields of an item type that the list no longer gives (names.toml)" if polymorphic else "gone in this version"


def _reason_added(polymorphic: bool) -> str:
    return "fields of all item types, where the list took the first one" if polymorphic else "new in this version"


def _same_kind(known: str, ours: ColumnKind) -> bool:
    if known.startswith("json") or known == "poly":
        return ours is ColumnKind.OBJECT
    return {"fk": "string"}.get(known, known) == ours.value


def _group(table: str, names: Iterable[str], reason: str) -> Iterator[Difference]:
    names = tuple(names)
    if names:
        yield Difference(table, names, reason)


def maybe_expand_only(built: Built) -> list[str]:
    """Return the fields that the file lets be expanded, does not require, and has as list, map or array, and no quirk names.

    Only the public file says what can be expanded.
    """
    quirk = built.quirks.columns["expand"]
    found = []
    for name, schema in sorted(built.spec.schemas.items()):
        if "x-resourceId" not in schema:
            continue
        for field in schema.get("x-expandableFields", ()):
            raw = built.spec.resolve(schema["properties"].get(field, {}))
            collection = raw.get("type") == "array" or "data" in raw.get("properties", {}) or bool(raw.get("additionalProperties"))
            if collection and field not in schema.get("required", ()) and field not in quirk.get(name, ()):
                found.append(f"{name}.{field}")
    return found
