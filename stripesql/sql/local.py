"""Read CREATE TEMP TABLE and DROP TABLE: the statements about what one connection holds for itself.

In: one statement with its parameters bound. Out: ``CreateTable`` or ``Drop``, their clauses as the user's own
text; or the error that says what to write instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from stripesql.errors import NotSupportedError, SqlSyntaxError
from stripesql.sql.clauses import Clauses, name_of, pieces, target_of
from stripesql.sql.functions import check_names
from stripesql.sql.lexer import Token, code

SCHEMA: Final = "temp"
"""Where the tables of a connection are; ``main``, the engine's own name for it, is understood too."""
_SCHEMAS: Final = (None, SCHEMA, "main", "pg_temp")
SERIAL: Final = "{serial}"
_SERIALS: Final = ("serial", "bigserial", "smallserial")
_EXAMPLE: Final = "CREATE TEMP TABLE x AS SELECT ..."


@dataclass(frozen=True, slots=True)
class CreateTable:
    """Say CREATE TEMP TABLE.

    Attributes:
        name: in lower case.
        replaces: OR REPLACE.
        if_not_exists: IF NOT EXISTS.
        query: the rows, or None.
        columns: names for the columns of the query, empty for its own.
        definition: the columns and constraints in parentheses, where there is no query; in the place of a SERIAL column's type
            stands ``{serial}``.
        with_data: False for WITH NO DATA.
    """

    name: str
    replaces: bool
    if_not_exists: bool
    query: str | None
    columns: tuple[str, ...] = ()
    definition: str = ""
    with_data: bool = True


@dataclass(frozen=True, slots=True)
class Drop:
    """Say DROP TABLE.

    Attributes:
        name: in lower case.
        if_exists: IF EXISTS.
    """

    name: str
    if_exists: bool


def read_local(text: str) -> CreateTable | Drop:
    """Return what a statement does to what the connection holds.

    Raises:
        NotSupportedError: it is about something else, or something that Stripe would have to do.
        SqlSyntaxError: a clause is missing, or stands where it cannot.
    """
    stream = code(text)
    check_names(text, stream)
    reader = Clauses(text, stream, 1)
    match stream[0].word:
        case "create":
            return _create(reader)
        case "drop":
            return _drop(reader)
        case "truncate":
            raise NotSupportedError("TRUNCATE is not available: the tables are Stripe's; DELETE FROM x empties a temporary table")
    raise NotSupportedError(
        f"{stream[0].text.upper()} is not available: the tables are Stripe's, and a temporary table is made anew: "
        "CREATE OR REPLACE TEMP TABLE x AS SELECT ... FROM x"
    )


def _create(reader: Clauses) -> CreateTable:
    replaces = reader.takes("or")
    if replaces:
        reader.demand("replace", "CREATE OR REPLACE TEMP TABLE x AS SELECT ...")
    reader.takes("local")
    is_temporary = reader.takes("temp") or reader.takes("temporary")
    kind = reader.word()
    if kind != "table":
        raise NotSupportedError(
            f"CREATE {(kind or reader.token.text).upper()} is not available; CREATE TEMP TABLE x AS SELECT ... keeps the rows of a query"
        )
    if not is_temporary:
        raise NotSupportedError(
            "CREATE TABLE is not available: the tables are Stripe's; write CREATE TEMP TABLE for one that this connection holds for "
            "itself until it is closed"
        )
    reader.at += 1
    if_not_exists = _if(reader, "not")
    name = _name(reader)
    columns: tuple[str, ...] = ()
    definition = ""
    if reader.symbol() == "(":
        inside = reader.parentheses()
        definition = f"({', '.join(_column(reader.text, each) for each in pieces(inside) if each)})"
        if reader.word() == "as":
            columns = tuple(name_of(each[0]) for each in pieces(inside))
            definition = ""
    if definition:
        if [reader.word(), reader.word(1)] == ["on", "commit"] and reader.word(2) != "drop":
            reader.at = len(reader.stream)  # PRESERVE ROWS: they last as long as the connection
        reader.end("CREATE TEMP TABLE")
        return CreateTable(name, replaces, if_not_exists, None, definition=definition)
    reader.demand("as", _EXAMPLE)
    query, with_data = _query(reader)
    return CreateTable(name, replaces, if_not_exists, query, columns, with_data=with_data)


def _column(text: str, part: Sequence[Token]) -> str:
    """Return a column's definition or a constraint as it is, but for the type SERIAL."""
    start, end = part[0].start, part[-1].end
    if len(part) > 1 and part[1].word in _SERIALS:
        return f"{_plain(text[start : part[1].start])}{SERIAL}{_plain(text[part[1].end : end])}"
    return _plain(text[start:end])


def _plain(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _query(reader: Clauses) -> tuple[str, bool]:
    """Return the query at the end of a statement, and whether its rows are wanted."""
    rest = list(reader.stream[reader.at :])
    with_data = True
    if [each.word for each in rest[-3:]] == ["with", "no", "data"]:
        rest, with_data = rest[:-3], False
    elif [each.word for each in rest[-2:]] == ["with", "data"]:
        rest = rest[:-2]
    if not rest:
        raise SqlSyntaxError(f"a query is missing after AS: {_EXAMPLE}", position=reader.position())
    return reader.text[rest[0].start : rest[-1].end], with_data


def _drop(reader: Clauses) -> Drop:
    kind = reader.word()
    if kind != "table":
        raise NotSupportedError(f"DROP {(kind or reader.token.text).upper()} is not available; DROP TABLE x drops a temporary table")
    reader.at += 1
    if_exists = _if(reader, "")
    name = _name(reader)
    _ = reader.takes("cascade") or reader.takes("restrict")
    if reader.symbol() == ",":
        raise NotSupportedError("DROP TABLE takes one name at a time")
    reader.end("DROP TABLE")
    return Drop(name, if_exists)


def _if(reader: Clauses, negation: str) -> bool:
    """Pass IF [NOT] EXISTS; say whether it was there."""
    if reader.word() != "if" or reader.word(2 if negation else 1) != "exists":
        return False
    reader.at += 3 if negation else 2
    return True


def _name(reader: Clauses) -> str:
    schema, name, _, _ = target_of(reader)
    if (schema.lower() if schema is not None else None) not in _SCHEMAS:
        raise NotSupportedError(
            f'schema "{schema}" is not this connection\'s: its own tables have no schema, or "{SCHEMA}", as in {SCHEMA}.{name}'
        )
    folded = name.lower()
    if folded.startswith("__"):
        raise NotSupportedError(f'the name "{name}" begins with two underscores, which are kept for the program; choose another')
    return folded
