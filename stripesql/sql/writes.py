"""Read INSERT, UPDATE and DELETE: their clauses, each as the user's own text.

In: one statement with its parameters bound. Out: ``Insert``, ``Update`` or ``Delete``. What a write reads becomes a SELECT
that is made of these texts, so nothing here looks into an expression.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from stripesql.errors import NotSupportedError, SqlSyntaxError
from stripesql.sql.clauses import Clauses, Ends, depth_of, name_of, pieces, target_of
from stripesql.sql.lexer import Token, TokenKind, code, position

UPSERTS: Final = (
    "where you choose the id (coupons, plans, products), ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name; elsewhere UPDATE first, "
    "then INSERT ... SELECT ... WHERE NOT EXISTS (...)"
)
_QUERIES: Final = frozenset({"select", "with", "from", "values", "table"})


@dataclass(frozen=True, slots=True)
class Target:
    """Say what is written to.

    Attributes:
        schema: as written, or None.
        name: as written, without quotes.
        alias: its own or the name.
        text: table and alias as they can stand in FROM.
    """

    schema: str | None
    name: str
    alias: str
    text: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """Say one ``column = expression`` of SET.

    Attributes:
        name: the column, a path joined with dots, or a path with brackets.
        text: the expression; None for DEFAULT.
    """

    name: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Say ON CONFLICT.

    Attributes:
        columns: its target, in lower case; empty where there is none.
        updates: what DO UPDATE sets; None for DO NOTHING.
        where: the condition of DO UPDATE, or None.
    """

    columns: tuple[str, ...]
    updates: tuple[Assignment, ...] | None
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Insert:
    """Say INSERT.

    Attributes:
        target: the table.
        columns: as ``Assignment.name``; None where the statement names none.
        by_name: the labels of the query are the columns.
        rows: the cells of VALUES, None for DEFAULT; None where the source is a query. DEFAULT VALUES is one row without cells.
        query: the source, where it is no VALUES.
        conflict: ON CONFLICT, or None.
        returning: the select list of RETURNING, or None.
        ctes: ``WITH ...`` before the statement, or "".
    """

    target: Target
    columns: tuple[str, ...] | None
    by_name: bool
    rows: tuple[tuple[str | None, ...], ...] | None
    query: str | None
    conflict: Conflict | None
    returning: str | None
    ctes: str = ""


@dataclass(frozen=True, slots=True)
class Update:
    """Say UPDATE; clauses as in ``Insert``.

    Attributes:
        source: what stands after FROM, or None.
        where: the condition, or None.
    """

    target: Target
    sets: tuple[Assignment, ...]
    source: str | None
    where: str | None
    returning: str | None
    ctes: str = ""


@dataclass(frozen=True, slots=True)
class Delete:
    """Say DELETE; clauses as in ``Update``; ``source`` stands after USING."""

    target: Target
    source: str | None
    where: str | None
    returning: str | None
    ctes: str = ""


def read_write(text: str) -> Insert | Update | Delete:
    """Return what a write says.

    Raises:
        SqlSyntaxError: a clause is missing, or stands where it cannot.
        NotSupportedError: MERGE, INSERT OR REPLACE and their kin; the message says what to write instead.
    """
    stream = code(text)
    at, depth = 0, 0
    if stream[0].word == "with":
        for at, token in enumerate(stream):  # noqa: B007  the place is what is looked for
            depth += depth_of(token)
            if depth == 0 and token.word in ("insert", "update", "delete", "merge"):
                break
    verb = stream[at]
    ctes = text[: verb.start]
    reader = Clauses(text, stream, at + 1)
    match verb.word:
        case "insert":
            return _insert(reader, ctes)
        case "update":
            return _update(reader, ctes)
        case "delete":
            return _delete(reader, ctes)
    raise NotSupportedError(f"{verb.text.upper()} is not available: {UPSERTS}")


def _insert(reader: Clauses, ctes: str) -> Insert:
    if reader.takes("or"):
        raise NotSupportedError(f"INSERT OR {reader.word().upper()} is not available: {UPSERTS}")
    reader.demand("into", "INSERT INTO customers (email) VALUES ('a@example.com')")
    target = _target(reader, {"values", "default", "select", "with", "from", "by", "table"})
    by_name = False
    if reader.takes("by"):
        by_name = reader.takes("name")
        if not by_name:
            reader.demand("position", "INSERT INTO t BY NAME SELECT ...")
    columns = None
    if reader.symbol() == "(" and reader.word(1) not in _QUERIES and reader.symbol(1) != "(":
        columns = tuple(_column(reader.text, part) for part in pieces(reader.parentheses()))
    if columns is not None and (by_name or reader.word() == "by"):
        raise SqlSyntaxError("INSERT takes a list of columns or BY NAME, not both", position=reader.position())
    rows, query = _source(reader)
    conflict = _conflict(reader) if reader.takes("on") else None
    returning = _returning(reader)
    reader.end("INSERT")
    for index, row in enumerate(rows or ()):
        if columns is not None and len(row) != len(columns):
            raise SqlSyntaxError(f"row {index + 1} of VALUES has {len(row)} values for {len(columns)} columns")
    return Insert(target, columns, by_name, rows, query, conflict, returning, ctes)


def _source(reader: Clauses) -> tuple[tuple[tuple[str | None, ...], ...] | None, str | None]:
    if reader.takes("default"):
        reader.demand("values", "INSERT INTO customers DEFAULT VALUES")
        return ((),), None
    begins = reader.at
    if reader.takes("values"):
        rows: list[tuple[str | None, ...]] = []
        while reader.symbol() == "(":
            rows.append(tuple(_cell(reader.text, part) for part in pieces(reader.parentheses())))
            if reader.symbol() != ",":
                break
            reader.at += 1
        if rows and (reader.done or reader.word() in ("on", "returning")):
            return tuple(rows), None
        reader.at = begins  # VALUES ... UNION ...: a query
    query = reader.until(lambda word, following: word == "returning" or (word == "on" and following in ("conflict", "duplicate")))
    if not query:
        raise SqlSyntaxError("INSERT needs VALUES (...), DEFAULT VALUES or a query", position=reader.position())
    return None, query


def _conflict(reader: Clauses) -> Conflict:
    if reader.takes("duplicate"):
        raise NotSupportedError(f"ON DUPLICATE KEY is not available: {UPSERTS}")
    reader.demand("conflict", "ON CONFLICT (id) DO NOTHING")
    columns: tuple[str, ...] = ()
    if reader.symbol() == "(":
        columns = tuple(_column(reader.text, part).lower() for part in pieces(reader.parentheses()))
    reader.demand("do", "ON CONFLICT (id) DO NOTHING")
    if reader.takes("nothing"):
        return Conflict(columns, None)
    reader.demand("update", "ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name")
    reader.demand("set", "ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name")
    sets = _sets(reader, lambda word, _: word in ("where", "returning"))
    where = _where(reader)
    return Conflict(columns, sets, where)


def _update(reader: Clauses, ctes: str) -> Update:
    target = _target(reader, {"set"})
    reader.demand("set", "UPDATE customers SET name = 'New' WHERE id = 'cus_...'")
    sets = _sets(reader, lambda word, _: word in ("from", "where", "returning", "order", "limit"))
    source = _clause(reader, "FROM", _after_source) if reader.takes("from") else None
    where = _where(reader)
    returning = _returning(reader)
    reader.end("UPDATE")
    return Update(target, sets, source, where, returning, ctes)


def _delete(reader: Clauses, ctes: str) -> Delete:
    reader.demand("from", "DELETE FROM customers WHERE id = 'cus_...'")
    target = _target(reader, {"using", "where", "returning", "order", "limit"})
    source = _clause(reader, "USING", _after_source) if reader.takes("using") else None
    where = _where(reader)
    returning = _returning(reader)
    reader.end("DELETE")
    return Delete(target, source, where, returning, ctes)


def _where(reader: Clauses) -> str | None:
    return _clause(reader, "WHERE", _after_where) if reader.takes("where") else None


def _clause(reader: Clauses, name: str, ends: Ends) -> str:
    text = reader.until(ends)
    if not text:
        raise SqlSyntaxError(f"{name} needs something after it", position=reader.position())
    return text


def _after_source(word: str, _: str) -> bool:
    return word in ("where", "returning", "order", "limit")


def _after_where(word: str, _: str) -> bool:
    return word in ("returning", "order", "limit")


def _target(reader: Clauses, follows: set[str]) -> Target:
    schema, name, start, end = target_of(reader)
    alias = name
    if reader.takes("as") or (not reader.done and reader.token.kind in (TokenKind.WORD, TokenKind.QUOTED) and reader.word() not in follows):
        alias, end = name_of(reader.token), reader.token.end
        reader.at += 1
    return Target(schema, name, alias, reader.text[start:end])


def _returning(reader: Clauses) -> str | None:
    if not reader.takes("returning"):
        return None
    text = reader.until(lambda _word, _following: False)
    if not text:
        raise SqlSyntaxError("RETURNING needs expressions, or *", position=reader.position())
    return text


def _sets(reader: Clauses, ends: Ends) -> tuple[Assignment, ...]:
    begins = reader.at
    reader.until(ends)
    found: list[Assignment] = []
    for part in pieces(reader.stream[begins : reader.at]):
        equals = next((index for index, token in enumerate(part) if token.text == "="), 0)
        if not equals or equals + 1 == len(part):
            where = position(reader.text, part[0].start) if part else reader.position()
            raise SqlSyntaxError("SET takes column = value, with commas between", position=where)
        if part[0].text == "(":
            found += _row_of_sets(reader.text, part[:equals], part[equals + 1 :])
        else:
            found.append(Assignment(_column(reader.text, part[:equals]), _cell(reader.text, part[equals + 1 :])))
    if not found:
        raise SqlSyntaxError("SET needs column = value", position=reader.position())
    return tuple(found)


def _row_of_sets(text: str, left: list[Token], right: list[Token]) -> list[Assignment]:
    """Return the assignments of ``(a, b) = (1, 2)``."""
    right = right[1:] if right[0].word == "row" else right
    is_row = len(right) > 2 and right[0].text == "(" and right[-1].text == ")" and right[1].word not in _QUERIES
    names, values = pieces(left[1:-1]), pieces(right[1:-1]) if is_row else []
    if not names or len(names) != len(values):
        raise SqlSyntaxError("SET (a, b) takes as many expressions: SET (a, b) = (1, 2)", position=position(text, left[0].start))
    return [Assignment(_column(text, name), _cell(text, value)) for name, value in zip(names, values, strict=True)]


def _cell(text: str, part: list[Token]) -> str | None:
    if not part:
        raise SqlSyntaxError("an expression is missing between two commas")
    return None if len(part) == 1 and part[0].word == "default" else text[part[0].start : part[-1].end]


def _column(text: str, part: list[Token]) -> str:
    """Return a column, or a path into one, as one name: quotes taken off, brackets kept."""
    if not part:
        raise SqlSyntaxError("a column is missing between two commas")
    if part[0].kind not in (TokenKind.WORD, TokenKind.QUOTED):
        raise SqlSyntaxError(f"{part[0].text} is no column", position=position(text, part[0].start))
    found = ""
    for index, token in enumerate(part):
        if token.kind in (TokenKind.WORD, TokenKind.QUOTED) and (index == 0 or part[index - 1].text == "."):
            found += name_of(token)
        elif token.text in (".", "[", "]") or (token.kind in (TokenKind.STRING, TokenKind.NUMBER) and part[index - 1].text == "["):
            found += token.text
        else:
            raise SqlSyntaxError(f"{token.text} cannot be part of a column's name", position=position(text, token.start))
    return found


def equalities(condition: str, qualifiers: set[str]) -> dict[str, tuple[str, ...]] | None:
    """Return the values of ``a = 'x' AND b IN ('y', 'z')``, by column in lower case; None for any other condition.

    >>> equalities("c.id IN ('1', '2') AND customer = 'x'", {"c"})
    {'id': ('1', '2'), 'customer': ('x',)}
    """
    found: dict[str, tuple[str, ...]] = {}
    stream = code(condition)
    begins = 0
    for at in range(len(stream) + 1):
        if at < len(stream) and stream[at].word != "and":
            continue
        term = stream[begins:at]
        begins = at + 1
        if len(term) > 3 and term[1].text == "." and name_of(term[0]).lower() in qualifiers:
            term = term[2:]
        values = _texts(term[1:])
        if not values or term[0].kind not in (TokenKind.WORD, TokenKind.QUOTED) or name_of(term[0]).lower() in found:
            return None
        found[name_of(term[0]).lower()] = values
    return found


def _texts(tokens: list[Token]) -> tuple[str, ...]:
    """Return the texts of ``= 'x'`` or ``IN ('x', 'y')``, each once; nothing for anything else."""
    if len(tokens) == 2 and tokens[0].text == "=":
        cells = [tokens[1:]]
    elif len(tokens) > 3 and tokens[0].word == "in" and tokens[1].text == "(" and tokens[-1].text == ")":
        cells = pieces(tokens[2:-1])
    else:
        return ()
    if not all(len(cell) == 1 and cell[0].text[0] == "'" for cell in cells):
        return ()
    return tuple(dict.fromkeys(cell[0].text[1:-1].replace("''", "'") for cell in cells))


def excluded_name(text: str) -> str | None:
    """Return the column of ``EXCLUDED.column``, None for any other expression."""
    stream = code(text)
    if len(stream) < 3 or stream[0].word != "excluded" or stream[1].text != ".":
        return None
    try:
        return _column(text, stream[2:])
    except SqlSyntaxError:
        return None
