"""Run the builder's stages in order.

In: the path of a spec. Out: ``Built``, then files.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from catalogue_builder.actions import build_actions
from catalogue_builder.filters import Leaf
from catalogue_builder.quirks import Quirks, read_quirks
from catalogue_builder.spec import Spec, read_spec
from catalogue_builder.tables import TableBuilder
from stripesql.catalogue.model import Action, Table


@dataclass(frozen=True, slots=True)
class Built:
    """Hold a built catalogue and what the report needs.

    Attributes:
        spec: the file.
        quirks: the reviewed facts.
        tables: with their actions.
        actions: of no table.
        roles: table and role of each operation that a table took, by operation id.
        unreviewed: list parameters without review.
        decided: flatten decisions by resource.
    """

    spec: Spec
    quirks: Quirks
    tables: tuple[Table, ...]
    actions: tuple[Action, ...]
    roles: dict[str, tuple[str, str]]
    unreviewed: tuple[tuple[str, Leaf], ...]
    decided: dict[str, dict[str, str]]


def build(source: Path, quirks: Quirks | None = None) -> Built:
    """Build the catalogue of one spec."""
    spec = read_spec(source)
    quirks = quirks or read_quirks()
    builder = TableBuilder(spec, quirks)
    tables = builder.build()
    actions = build_actions(spec, quirks, builder.roles)
    names = {table.name for table in tables}
    with_actions = tuple(replace(table, actions=tuple(action for action in actions if action.table == table.name)) for table in tables)
    homeless = tuple(action for action in actions if action.table not in names)
    return Built(spec, quirks, with_actions, homeless, builder.roles, tuple(builder.unreviewed), builder.decided)


def lock_text(built: Built) -> str:
    """Return the lock with this build's decisions added to those of earlier ones."""
    lock = {resource: dict(decisions) for resource, decisions in built.quirks.lock.items()}
    for resource, decisions in built.decided.items():
        lock.setdefault(resource, {}).update(decisions)
    ordered = {resource: dict(sorted(decisions.items())) for resource, decisions in sorted(lock.items()) if decisions}
    return json.dumps(ordered, indent=1) + "\n"
