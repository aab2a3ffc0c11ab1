"""Write ``docs/reference/procedures.md``: every operation of the API, and the statement that carries it out.

The catalogue knows them all; the page is made anew with ``python tools/write_procedures_page.py``.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]

from stripesql.catalogue.load import catalogue  # noqa: E402  needs the path above
from stripesql.catalogue.model import Endpoint, Table, TableShape  # noqa: E402
from stripesql.catalogue.procedures import DOWNLOADS, EFFECT_FREE, PARTS, Procedure, namespaces, procedures_of  # noqa: E402

PAGE = ROOT / "docs" / "reference" / "procedures.md"
_HEAD = """# Operations and procedures

Written by `tools/write_procedures_page.py` from the catalogue. Each operation of Stripe's API, and the statement that carries
it out. [](../how-to/procedures.md) shows how CALL is written; `information_schema.parameters` has the arguments of each procedure
with their types and values.

`create`, `update` and `delete` can be called too: `CALL customers.create(name => 'Ann')`. What no statement here reaches,
`CALL stripe.request(...)` does: [](../how-to/generic-requests.md)."""


@dataclass(frozen=True)
class Operation:
    """Say one operation and its statement."""

    method: str
    path: str
    statement: str
    remark: str = ""


def operations() -> Iterator[tuple[str, Operation]]:
    """Yield every operation, with the table or namespace that it belongs to."""
    for name in namespaces(catalogue()):
        table = catalogue().table(name)
        if table is not None:
            yield from ((name, each) for each in _of_table(table))
        for each in procedures_of(name, catalogue()):
            if table is None or each.endpoint not in (table.create, table.update, table.delete):
                yield name, _called(each)


def _of_table(table: Table) -> Iterator[Operation]:
    if table.list is not None:
        needs = " AND ".join(f"{column} = ..." for _, column in table.list.required)
        yield Operation("GET", table.list.path, f"SELECT * FROM {table.name}" + (f" WHERE {needs}" if needs else ""))
    if table.retrieve is not None:
        keys = "" if table.shape in (TableShape.SINGLETON, TableShape.BALANCE) else " AND ".join(f"{key} = ..." for key in table.key)
        yield Operation("GET", table.retrieve.path, f"SELECT * FROM {table.name}" + (f" WHERE {keys}" if keys else ""))
    if table.search_path is not None:
        yield Operation("GET", table.search_path, f"SELECT * FROM {table.name} WHERE ...", "with `allow_stale_search`")
    for verb, endpoint in (("INSERT INTO", table.create), ("UPDATE", table.update), ("DELETE FROM", table.delete)):
        if endpoint is not None:
            yield Operation(endpoint.method, endpoint.path, f"{verb} {table.name}", _required(endpoint))


def _required(endpoint: Endpoint) -> str:
    needs = [f"`{each.name}`" for each in endpoint.parameters if each.required]
    needs += [" or ".join(f"`{name}`" for name in group) for group in endpoint.needs]
    return f"needs {', '.join(needs)}" if needs else ""


def _called(procedure: Procedure) -> Operation:
    endpoint = procedure.endpoint
    arguments = [*endpoint.arguments, *(f"{each.name} => ..." for each in endpoint.parameters if each.required)]
    remarks = []
    if procedure in DOWNLOADS:
        remarks.append("gives bytes, or saves them under `path`; not in the spec as JSON")
    if endpoint.path in EFFECT_FREE:
        remarks.append("changes nothing")
    if procedure.part:
        remarks.append(f"rows of `{procedure.answer}`")
    return Operation(endpoint.method, endpoint.path, f"CALL {procedure.full_name}({', '.join(arguments)})", "; ".join(remarks))


def page() -> str:
    """Return the page."""
    sections: dict[str, list[Operation]] = defaultdict(list)
    for name, each in operations():
        sections[name].append(each)
    count = len({(each.method, each.path) for found in sections.values() for each in found})
    extra = len(PARTS)
    parts = [_HEAD, f"{count} operations; {extra} of them is reached by two procedures."]
    parts += [_section(name, found) for name, found in sections.items()]
    return "\n\n".join(parts) + "\n"


def _section(name: str, found: list[Operation]) -> str:
    rows = ["| Operation | Statement | |", "|---|---|---|"]
    rows += [f"| `{each.method} {each.path}` | `{each.statement}` | {each.remark} |" for each in found]
    return "\n".join([f"## {name}", "", *rows])


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
