"""Say which columns a relation of a statement that is being typed has.

In: a name, what is visible, the catalogue. Out: ``Offered`` columns. Pure but for reading the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stripesql.catalogue.load import Catalogue
from stripesql.catalogue.model import Column, Table
from stripesql.catalogue.system import RELATIONS, SCHEMA, pushed_filter
from stripesql.cli.shell.scopes import Block, Scopes, is_name, name_of
from stripesql.sql.lexer import Token, TokenKind

_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Offered:
    """Say one column: its name, a phrase about it, and the catalogue's own where it is one."""

    name: str
    note: str
    column: Column | None = None


def columns_of(source: str | Block, scopes: Scopes, known: Catalogue, depth: int = 0) -> list[Offered]:
    """Return the columns of a source, in order; none where it is not known."""
    if depth > _DEEPEST:
        return []
    if isinstance(source, Block):
        return _columns_of_block(source, scopes, known, depth + 1)
    named = scopes.named.get(source)
    if named is not None:
        return _columns_of_block(named, scopes, known, depth + 1)
    frame = scopes.frames.get(source)
    if frame is not None:
        return [Offered(name, kind) for name, kind in frame]
    table = known.table(source)
    if table is not None:
        return [Offered(column.name, _note(table, column), column) for column in table.visible]
    system = RELATIONS.get(source.lower())
    return [Offered(name, kind.value) for name, kind in system.columns] if system is not None else []


def hidden_columns(source: str | Block, known: Catalogue) -> list[Offered]:
    """Return the columns of a table that ``*`` leaves out."""
    table = known.table(source) if isinstance(source, str) else None
    if table is None:
        return []
    return [Offered(column.name, f"{_note(table, column)}, hidden", column) for column in table.columns if column.hidden]


def fields_below(source: str | Block, path: Sequence[str], known: Catalogue) -> list[Offered]:
    """Return the next parts of dotted paths: ``city`` of ``address``."""
    table = known.table(source) if isinstance(source, str) else None
    if table is None:
        return []
    found: dict[str, Offered] = {}
    for column in table.columns:
        if len(column.path) > len(path) and column.path[: len(path)] == tuple(path):
            name = column.path[len(path)]
            found.setdefault(name, Offered(name, _note(table, column), column))
    return list(found.values())


def _note(table: Table, column: Column) -> str:
    parts = [column.type.value.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")]
    if column.references:
        parts.append(f"-> {column.references[0]}")
    if pushed_filter(table, column):
        parts.append("filtered by Stripe")
    return ", ".join(parts)


def _columns_of_block(block: Block, scopes: Scopes, known: Catalogue, depth: int) -> list[Offered]:
    if block.selected is None:
        return [each for source in block.sources.values() for each in columns_of(source, scopes, known, depth)]
    return [each for item in block.selected for each in _columns_of_item(item, block, scopes, known, depth)]


def _columns_of_item(item: list[Token], block: Block, scopes: Scopes, known: Catalogue, depth: int) -> Iterator[Offered]:
    if item and item[-1].text == "*" and (len(item) == 1 or item[0].word == "distinct" or item[-2].text == "."):
        owner = name_of(item[-3]) if len(item) >= 3 and item[-2].text == "." else None
        for name, source in block.visible().items() if owner else block.sources.items():
            if owner in (None, name):
                yield from columns_of(source, scopes, known, depth)
    elif item and (is_name(item[-1]) or item[-1].kind is TokenKind.QUOTED):
        yield Offered(name_of(item[-1]), "column")


def column_named(chain: Sequence[str], scopes: Scopes, known: Catalogue) -> tuple[Column, str] | None:
    """Return the catalogue's column that ``column``, ``alias.column`` or a dotted path means, and its table."""
    for table, path in _readings(chain, scopes, known):
        found = table.column("_".join(path)) or next((each for each in table.columns if each.path == tuple(path)), None)
        if found is not None:
            return found, table.name
    return None


def _readings(chain: Sequence[str], scopes: Scopes, known: Catalogue) -> Iterator[tuple[Table, Sequence[str]]]:
    visible = scopes.here.visible()
    if len(chain) > 1 and chain[0] in visible:
        source = visible[chain[0]]
        table = known.table(source) if isinstance(source, str) else None
        if table is not None:
            yield table, chain[1:]
    for source in visible.values():
        table = known.table(source) if isinstance(source, str) and source not in scopes.named else None
        if table is not None:
            yield table, chain


SCHEMAS = ("stripe", SCHEMA)
