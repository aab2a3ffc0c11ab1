"""Write ``docs/reference/parameters.md``: every list parameter of the API, and what it does for a query.

The catalogue knows them all; the page is made anew with ``python tools/parameter_table.py``.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]

from stripesql.catalogue.load import catalogue  # noqa: E402  needs the path above
from stripesql.catalogue.model import ColumnRole, Exactness, Filter, FilterShape, Table  # noqa: E402

PAGE = ROOT / "docs" / "reference" / "parameters.md"
_HEAD = """# List parameters

Written by `tools/parameter_table.py` from the catalogue. Each parameter of each list, the condition that it answers, and how:

- **exact**: the list has the rows for which the condition is true, and no others. `LIMIT` may go with it.
- **wider**: the list may have more; the condition is checked again after the fetch.
- **no**: never sent, for the reason given.

A *parameter alone* is no field of the rows: its hidden column can be compared by `=` and `IN`, and holds what was asked for.
A value outside a parameter's vocabulary is never sent; such rows are found by reading the wider list. Conditions that are not
here (on other columns, `<>`, `NOT IN`, expressions) are checked after the fetch."""


def page() -> str:
    """Return the page."""
    tables = [table for name in catalogue().table_names() if (table := catalogue().table(name)) is not None and table.list is not None]
    parts = [_HEAD, _counts(tables)]
    parts += [_section(table) for table in tables if table.list is not None and table.list.filters]
    without = [f"`{table.name}`" for table in tables if table.list is not None and not table.list.filters]
    parts.append(f"## Lists without parameters\n\n{', '.join(without)}.")
    return "\n\n".join(parts) + "\n"


def _counts(tables: list[Table]) -> str:
    counts = Counter(one.exactness for table in tables if table.list is not None for one in table.list.filters)
    exact, wider, never = (counts[each] for each in (Exactness.EXACT, Exactness.SUPERSET, Exactness.NEVER))
    return f"{exact + wider + never} parameters of {len(tables)} lists: {exact} exact, {wider} wider, {never} never sent."


def _section(table: Table) -> str:
    return "\n".join([f"## {table.name}", "", *parameter_rows(table)])


def parameter_rows(table: Table) -> list[str]:
    """Return the lines of a table's own table: a row for each parameter of its list."""
    rows = ["| Parameter | Condition | Sent | Remarks |", "|---|---|---|---|"]
    filters = table.list.filters if table.list is not None else ()
    rows += [f"| `{one.param}` | {_condition(table, one)} | {_sent(one)} | {'; '.join(_remarks(table, one))} |" for one in filters]
    return rows


def _condition(table: Table, one: Filter) -> str:
    if one.exactness is Exactness.NEVER or one.column is None:
        return ""
    match one.shape:
        case FilterShape.EQUALITY | FilterShape.NEGATED:
            return f"`{one.column} = ...`, `IN`" + (f"; `{one.column} LIKE 'a.%'`" if one.wildcard else "")
        case FilterShape.RANGE:
            return f"`{one.column}` {', '.join(f'`{_OPERATORS[each]}`' for each in one.operators)}"
        case FilterShape.IN_LIST:
            return f"`{one.column} IN (...)`, {one.max_values} at once"
        case FilterShape.IS_NULL:
            return f"`{one.column} IS NULL`, `IS NOT NULL`"


_OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_SENT = {Exactness.EXACT: "exact", Exactness.SUPERSET: "wider", Exactness.NEVER: "no"}


def _sent(one: Filter) -> str:
    return _SENT[Exactness.NEVER if one.column is None else one.exactness]


def _remarks(table: Table, one: Filter) -> Iterator[str]:
    column = table.column(one.column) if one.column is not None else None
    required = dict(table.list.required) if table.list is not None else {}
    if one.param in required:
        yield "needed"
    if column is not None and column.role is ColumnRole.FILTER_ONLY:
        yield "a parameter alone"
    if one.shape is FilterShape.NEGATED:
        yield "sent as the opposite"
    if one.values:
        yield "values " + ", ".join(f"`{value}`" for value in one.values) if len(one.values) <= 12 else f"{len(one.values)} values"
    if one.also_send:
        yield "with " + ", ".join(f"`{name}={value}`" for name, value in one.also_send)
    if one.excludes:
        yield "not with " + ", ".join(f"`{name}`" for name in one.excludes)
    if one.note:
        yield one.note.replace("|", "\\|")


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
