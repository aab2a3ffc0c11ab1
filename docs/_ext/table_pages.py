"""Word the reference page of a table: columns, filters, hidden rows, writes, procedures.

In: the catalogue. Out: Markdown, under ``reference/tables/``, written anew where it changed before the site is built. The
pages that list all tables get links to them; in the repository, where there are no such pages, they have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from parameter_table import parameter_rows

from stripesql.catalogue.load import catalogue
from stripesql.catalogue.model import Column, ColumnRole, Endpoint, Exactness, Filter, FilterShape, Note, Parameter, Table, TableShape
from stripesql.catalogue.procedures import ProcedureKind, procedures_of, sql_type
from stripesql.types import SqlType

MOST_VALUES: Final = 12
"""Longer lists of values or fields are cut; ``information_schema`` has them all."""

_LISTED: Final = {
    "reference/tables": (re.compile(r"^\| `(\w+)` \|", re.MULTILINE), r"| [`\1`](tables/\1.md) |"),
    "reference/parameters": (re.compile(r"^## (\w+)$", re.MULTILINE), r"## [\1](tables/\1.md)"),
    "reference/procedures": (re.compile(r"^## (\w+)$", re.MULTILINE), r"## [\1](tables/\1.md)"),
}
"""Where the pages with all tables name a table, and the link to its page."""


def write_pages(folder: Path) -> None:
    """Write a page for each table, and take away those of tables that are no more."""
    folder.mkdir(exist_ok=True)
    pages = {f"{table.name}.md": page(table) for table in catalogue().tables()}
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for path in folder.glob("*.md"):
        if path.name not in pages:
            path.unlink()


def page(table: Table) -> str:
    """Return the page of a table."""
    parts = [
        # Not in the navigation: 154 names would stand beside every page.
        "---\norphan: true\n---",
        f"# {table.name}",
        "\n".join(_facts(table)),
        *_section("Rows that the list does not show", [_hidden_rows(each) for each in table.notes]),
        *_grid("Columns", ("Column", "Type", "Remarks"), [_column(table, each) for each in table.visible]),
        *_grid("Hidden columns", ("Column", "Type", "What it is"), [_hidden_column(each) for each in table.columns if each.hidden]),
        *_filters(table),
        *_search(table),
        *_writes(table),
        *_procedures(table),
    ]
    return "\n\n".join(parts) + "\n"


def _facts(table: Table) -> Iterator[str]:
    yield "[All tables](../tables.md)\n"
    yield f"- Rows are {', '.join(f'`{each}`' for each in table.resource.split('|'))} objects of Stripe's API."
    read = table.list or table.retrieve
    if read is not None:
        yield f"- Read from `GET {read.path}`" + ("." if table.list is not None else "; there is no list.")
    yield f"- Key: {', '.join(f'`{each}`' for each in table.key)}."
    needs = [column for _, column in table.list.required] if table.list is not None else []
    if table.shape is TableShape.RETRIEVE_ONLY:
        needs = list(table.key)
    if needs:
        yield f"- A query compares {_and(f'`{each}`' for each in needs)}{_or_parents(table)}."
    if table.list is not None and table.list.time_column is not None:
        yield f"- The list is newest first by `{table.list.time_column}`."
    if children := [f"[`{each}`]({each}.md)" for each in _families().get(table.name, [])]:
        yield f"- Lists below each row: {', '.join(children)}."
    writes = [word for word, each in (("INSERT", table.create), ("UPDATE", table.update), ("DELETE", table.delete)) if each is not None]
    yield f"- Writes: {', '.join(f'`{each}`' for each in writes)}." if writes else "- Takes no `INSERT`, `UPDATE` or `DELETE`."


@cache
def _families() -> dict[str, list[str]]:
    """Return the tables of the lists that exist once per row of another table, by that table."""
    found: dict[str, list[str]] = {}
    for child in catalogue().tables():
        for parent in child.parents:
            found.setdefault(parent.table, []).append(child.name)
    return found


def _or_parents(table: Table) -> str:
    if not table.parents:
        return ""
    parents = " or ".join(f"[{each.table}]({each.table}.md)" for each in table.parents)
    return f"; without that, the rows of every row of {parents} are read"


def _hidden_rows(note: Note) -> str:
    if note.seen_by:
        return (
            f"- {note.rows}; reached {note.seen_by}" if note.seen_by.startswith(("by ", "with")) else f"- {note.rows}; see {note.seen_by}"
        )
    return f"- {note.rows}" if ":" in note.rows else f"- {note.rows}: only when asked for, and stripesql asks"


def _column(table: Table, column: Column) -> tuple[str, ...]:
    return f"`{column.name}`", _type(column.type.value), "; ".join(_remarks(table, column))


def _type(kind: str) -> str:
    return "TIMESTAMPTZ" if kind == SqlType.TIMESTAMPTZ.value else kind


def _sent(table: Table, column: Column) -> str:
    ways = ["`=`"] if column.name in table.key and table.retrieve is not None and table.retrieve.arguments else []
    for each in table.list.filters if table.list is not None else ():
        if each.column == column.name and each.exactness is not Exactness.NEVER:
            ways += _operators(each)
    if table.list is not None and column.name in (name for _, name in table.list.required):
        ways.append("`=`")
    return ", ".join(dict.fromkeys(ways))


def _operators(one: Filter) -> list[str]:
    match one.shape:
        case FilterShape.EQUALITY | FilterShape.NEGATED:
            return ["`=`", "`LIKE`"] if one.wildcard else ["`=`"]
        case FilterShape.RANGE:
            return ["range"]
        case FilterShape.IN_LIST:
            return ["`=`", "`IN`"]
        case FilterShape.IS_NULL:
            return ["`IS NULL`"]


def _remarks(table: Table, column: Column) -> Iterator[str]:
    if column.name in table.key:
        yield "key"
    if column.role is ColumnRole.PARENT:
        yield "the parent's id"
    if sent := _sent(table, column):
        yield f"sent to Stripe: {sent}"
    if column.references:
        yield "id of " + " or ".join(f"[`{each}`]({each}.md)" for each in column.references)
    if column.values and column.name != "object":
        yield _words(column.values, "values")
    if column.expand:
        yield "sent only when the query uses it"


def _hidden_column(column: Column) -> tuple[str, ...]:
    if column.role is ColumnRole.RAW:
        meaning = "the whole object"
    elif column.role is ColumnRole.FILTER_ONLY:
        meaning = "a parameter of the list, to compare with"
    elif column.same_as is not None:
        meaning = f"older name of `{column.same_as}`"
    else:
        meaning = f"the object whose fields are `{column.name}_...`"
    return f"`{column.name}`", _type(column.type.value), meaning


def _filters(table: Table) -> list[str]:
    if table.list is None or not table.list.filters:
        return []
    legend = "*exact*: no other rows come. *wider*: more may come, and are checked again. *no*: never sent. [More](../parameters.md)."
    return ["## List parameters", legend, "\n".join(parameter_rows(table))]


def _search(table: Table) -> list[str]:
    if table.search_path is None:
        return []
    fields = ", ".join(f"`{column}`" for column, _, _ in table.search_fields)
    says = f"`GET {table.search_path}` finds rows by {fields}. It lags, so it is asked only under [`allow_stale_search`](../settings.md)."
    return ["## Search", says]


def _writes(table: Table) -> list[str]:
    if table.create is None and table.update is None and table.delete is None:
        return []
    return [
        "## Writes",
        "How writes work: [](../../how-to/write-safely.md). A field of an object can be given by itself, its name joined with `_`.",
        "\n".join(_requests(table)),
        *_grid("", ("Parameter", "Type", "In", "Remarks"), [_written(table, *each) for each in _merged(table)]),
    ]


def _requests(table: Table) -> Iterator[str]:
    for word, endpoint in (("INSERT", table.create), ("UPDATE", table.update), ("DELETE", table.delete)):
        if endpoint is not None:
            yield f"- `{word}`: `{endpoint.method} {endpoint.path}`" + (
                "; you may choose the `id`" if word == "INSERT" and table.own_id else ""
            )


def _merged(table: Table) -> list[tuple[Parameter, bool, bool]]:
    """Return each parameter with whether INSERT and UPDATE take it; first those that INSERT puts into the path."""
    created, updated = _by_name(table.create), _by_name(table.update)
    columns = {each.argument: each.column for each in table.parents}
    above = [columns.get(each, each) for each in table.create.arguments] if table.create is not None else []
    return [(Parameter(each, "string", required=True), True, False) for each in above] + [
        (created.get(name) or updated[name], name in created, name in updated) for name in sorted({*created, *updated})
    ]


def _by_name(endpoint: Endpoint | None) -> dict[str, Parameter]:
    return {each.name: each for each in endpoint.parameters if each.name != "expand"} if endpoint is not None else {}


def _written(table: Table, parameter: Parameter, inserts: bool, updates: bool) -> tuple[str, ...]:
    where = ", ".join(word for word, has in (("INSERT", inserts), ("UPDATE", updates)) if has)
    remarks = [] if table.column(parameter.name) is not None else ["for writing only"]
    return f"`{parameter.name}`", _type(sql_type(parameter)), where, "; ".join([*_needed(parameter), *remarks, *_shape(parameter)])


def _needed(parameter: Parameter) -> list[str]:
    return ["**needed**"] if parameter.required else []


def _shape(parameter: Parameter) -> Iterator[str]:
    if parameter.kind == "map":
        yield "a map"
    shape = parameter.item if parameter.item is not None else parameter
    if parameter.kind == "array":
        yield "a list" if not shape.fields else "a list of objects"
    if shape.values:
        yield _words(shape.values, "values")
    if shape.fields:
        yield _words([each.name for each in shape.fields], "fields")


def _procedures(table: Table) -> list[str]:
    own = {id(each) for each in (table.create, table.update, table.delete) if each is not None}
    found = [each for each in procedures_of(table.name, catalogue()) if id(each.endpoint) not in own]
    if not found:
        return []
    parts = ["## Procedures", "How they are called: [](../../how-to/procedures.md)."]
    for each in found:
        answer = f", gives rows of `{each.answer}`" if each.answer else ""
        said = "gives bytes" if each.kind is ProcedureKind.DOWNLOAD else f"`{each.endpoint.method} {each.endpoint.path}`{answer}"
        arguments = [
            *((f"`{name}`", "VARCHAR", "**needed**; first, without a name") for name in each.endpoint.arguments),
            *(
                (f"`{one.name}`", _type(sql_type(one)), "; ".join([*_needed(one), *_shape(one)]))
                for one in each.endpoint.parameters
                if one.name != "expand"
            ),
        ]
        parts += [f"### {each.full_name}", said + ".", *_grid("", ("Argument", "Type", "Remarks"), arguments)]
    return parts


def _words(words: Sequence[str], what: str) -> str:
    shown = ", ".join(f"`{each}`" for each in words[:MOST_VALUES])
    return f"{what} {shown}" + (f" and {len(words) - MOST_VALUES} more" if len(words) > MOST_VALUES else "")


def _and(words: Iterator[str]) -> str:
    return " and ".join(words)


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [f"## {title}", "\n".join(lines)] if lines else []


def _grid(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return []
    lines = [f"| {' | '.join(each)} |" for each in (head, ["---"] * len(head), *rows)]
    return [*([f"## {title}"] if title else []), "\n".join(lines)]


def linked(text: str, page_name: str) -> str:
    """Return a page with links to the pages of the tables that it lists.

    >>> linked("| `refunds` | `GET /v1/refunds` |", "reference/tables")
    '| [`refunds`](tables/refunds.md) | `GET /v1/refunds` |'
    """
    if page_name not in _LISTED:
        return text
    name, link = _LISTED[page_name]
    return name.sub(lambda found: found.expand(link) if catalogue().table(found[1]) is not None else found[0], text)


def setup(app: Any) -> dict[str, Any]:
    """Have Sphinx write the pages before it looks for pages, and link to them."""
    app.connect("builder-inited", lambda app: write_pages(Path(app.srcdir) / "reference" / "tables"))
    app.connect("source-read", _link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _link(app: Any, page_name: str, source: list[str]) -> None:
    source[0] = linked(source[0], page_name)
