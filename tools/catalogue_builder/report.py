"""Word the coverage report and the list of tables.

In: a built catalogue and the findings of ``coverage``. Out: Markdown.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from catalogue_builder.build import Built
from catalogue_builder.coverage import Covered, Difference, covered, differences, maybe_expand_only, smells
from stripesql.catalogue.model import Exactness, Table, TableShape

ROLES = ("list", "retrieve", "create", "update", "delete", "search", "action")


def coverage_page(built: Built, reviewed: Path | None, by_hand: str) -> str:
    """Return ``docs/reference/coverage.md``.

    Args:
        built: the catalogue.
        reviewed: the reviewed column list of an older version, or None where it is not at hand.
        by_hand: the section on the checks by hand, which is kept from its own file.
    """
    every = covered(built)
    parts = [
        _head(built, every),
        _left_out(every),
        _actions(),
        _filters(built),
        _texts(built),
        _columns(built, differences(built, reviewed) if reviewed is not None else None),
        by_hand.strip(),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def tables_page(tables: Sequence[Table]) -> str:
    """Return ``docs/reference/tables.md``: one row per table."""
    rows = ["| Table | Read from | Columns | Needs | Writes |", "|---|---|---|---|---|"]
    rows += [_table_row(table) for table in tables]
    return "\n".join(
        [
            "# Tables",
            "",
            "Each of Stripe's lists is a table, under the name of its path, and so are the objects that can be read by their id.",
            "*Needs* names the columns that a query must compare, or whose values are taken from the parent table. Hidden columns",
            "(`_raw`, the JSON of flattened objects, filter-only columns, older names) are not counted. *Writes* names the statements",
            "that Stripe offers for the table; its procedures are in [](procedures.md). Written by `tools/build_catalogue.py`.",
            "",
            *rows,
            "",
        ]
    )


def _table_row(table: Table) -> str:
    path = table.list.path if table.list is not None else table.retrieve.path if table.retrieve is not None else ""
    needs = [column for _, column in table.list.required] if table.list is not None else []
    if table.shape is TableShape.RETRIEVE_ONLY:
        needs = list(table.key)
    writes = [name for name in ("create", "update", "delete") if getattr(table, name) is not None]
    words = {"create": "INSERT", "update": "UPDATE", "delete": "DELETE"}
    return " | ".join(
        [
            f"| `{table.name}`",
            f"`GET {path}`",
            str(len(table.visible)),
            ", ".join(f"`{name}`" for name in needs),
            ", ".join(words[name] for name in writes) + " |",
        ]
    )


def _head(built: Built, every: Sequence[Covered]) -> str:
    roles = Counter(_role(one) for one in every)
    lists = [table for table in built.tables if table.list is not None]
    visible = [len(table.visible) for table in built.tables]
    rows = [f"| {role} | {roles[role]} |" for role in ROLES]
    return "\n".join(
        [
            "# Coverage",
            "",
            f"Written by `tools/build_catalogue.py` from API {built.spec.version}; only the last section is kept by hand.",
            "",
            f"{len(built.tables)} tables, {len(lists)} of them lists; {sum(visible)} visible columns, at most {max(visible)} in a table.",
            "",
            "## Operations",
            "",
            "| Role | Operations |",
            "|---|---|",
            *rows,
            f"| left out | {roles['left out']} |",
            f"| **sum** | **{sum(roles.values())}** |",
            "",
            f"The spec has {len(built.spec.operations)} operations.",
        ]
    )


def _role(one: Covered) -> str:
    return one.role.partition(" ")[0] if one.place else "left out"


def _left_out(every: Sequence[Covered]) -> str:
    rows = [f"- `{one.operation.method} {one.operation.path}`: {one.role}." for one in every if not one.place]
    return "\n".join(["### Left out", "", *rows]) if rows else ""


def _actions() -> str:
    return "Which statement reaches which operation is in [](procedures.md)."


def _filters(built: Built) -> str:
    found = [(table.name, one) for table in built.tables if table.list is not None for one in table.list.filters]
    counts = Counter(one.exactness for _, one in found)
    never = [f"| `{name}` | `{one.param}` | {one.note} |" for name, one in found if one.exactness is Exactness.NEVER]
    superset = [f"| `{name}` | `{one.param}` | {one.note} |" for name, one in found if one.exactness is Exactness.SUPERSET]
    unreviewed = [f"- `{name}`: `{leaf.param}`" for name, leaf in built.unreviewed]
    return "\n".join(
        [
            "## List parameters",
            "",
            f"{len(found)} parameters: {counts[Exactness.EXACT]} exact, {counts[Exactness.SUPERSET]} superset, {counts[Exactness.NEVER]} never pushed.",
            "Parameters of API 2026-06-24 were reviewed then; the ones that came later on 2026-10-28 (`filters.toml`, last part).",
            "",
            "### Not reviewed",
            "",
            *(unreviewed or ["None."]),
            "",
            "### Never pushed",
            "",
            "| Table | Parameter | Why |",
            "|---|---|---|",
            *never,
            "",
            "### Checked again by the engine",
            "",
            "| Table | Parameter | Why |",
            "|---|---|---|",
            *superset,
        ]
    )


def _texts(built: Built) -> str:
    found = smells(built)
    rows = [f"| `{one.place}` | {one.answer or '**nothing: review**'} |" for one in found]
    open_ = sum(not one.answer for one in found)
    return "\n".join(
        [
            "## Texts that smell of a default filter",
            "",
            f"{len(found)} texts, {open_} of them without an answer.",
            "",
            "| Text of | Answered by |",
            "|---|---|",
            *rows,
        ]
    )


def _columns(built: Built, found: Sequence[Difference] | None) -> str:
    lines = ["## Columns"]
    maybe = maybe_expand_only(built)
    if maybe:
        lines += [
            "",
            "Fields that may be absent unless expanded, and that no quirk names: " + ", ".join(f"`{name}`" for name in maybe) + ".",
        ]
    if found is None:
        return "\n".join([*lines, "", "The reviewed column list of API 2026-06-24 was not at hand."])
    lines += ["", "Differences to the reviewed column list of API 2026-06-24, by reason."]
    by_reason: dict[str, list[Difference]] = defaultdict(list)
    for one in found:
        by_reason[one.reason].append(one)
    for reason, ones in sorted(by_reason.items()):
        lines += ["", f"### {reason[0].upper()}{reason[1:]}", ""]
        lines += [_difference(one) for one in ones]
    return "\n".join(lines)


def _difference(one: Difference) -> str:
    if not one.columns:
        return f"- `{one.table}`"
    shown = one.columns if len(one.columns) <= 12 else one.columns[:10]
    more = f" and {len(one.columns) - len(shown)} more" if len(shown) < len(one.columns) else ""
    return f"- `{one.table}`: {', '.join(f'`{name}`' for name in shown)}{more}"
