"""Tell statements apart: split a text at semicolons, and say of each which kind it is.

In: text. Out: one value per statement, of the union ``Statement``. The heads of EXPLAIN, SET and CALL are read here,
because sqlglot leaves them as raw commands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from stripesql.errors import NotSupportedError, ProgrammingError, SqlSyntaxError
from stripesql.sql.lexer import Token, TokenKind, code, position


@dataclass(frozen=True, slots=True)
class Query:
    """Say a statement that gives rows and changes nothing."""

    text: str


@dataclass(frozen=True, slots=True)
class Explain:
    """Say EXPLAIN of another statement."""

    statement: Statement
    analyze: bool = False
    json: bool = False


@dataclass(frozen=True, slots=True)
class Set:
    """Say SET or RESET of a setting; ``value`` None resets."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class ShowSetting:
    """Say SHOW of a setting."""

    name: str


@dataclass(frozen=True, slots=True)
class Describe:
    """Say DESCRIBE of a relation; ``schema`` None where the text has none."""

    schema: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Write:
    """Say INSERT, UPDATE, DELETE or MERGE, by its first word."""

    verb: str
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """Say CALL of a procedure."""

    text: str


@dataclass(frozen=True, slots=True)
class LocalDDL:
    """Say CREATE TEMP TABLE, DROP TABLE and the like, by its first word."""

    verb: str
    text: str


@dataclass(frozen=True, slots=True)
class Transaction:
    """Say BEGIN, COMMIT or ROLLBACK, which mean nothing to Stripe."""

    verb: str


Statement = Query | Explain | Describe | Set | ShowSetting | Write | Call | LocalDDL | Transaction

_QUERY_HEADS: Final = frozenset({"select", "with", "from", "values", "table", "pivot", "unpivot", "summarize", "("})
_TRANSACTIONS: Final = frozenset({"begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release"})
_WRITES: Final = frozenset({"insert", "update", "delete", "merge", "replace", "upsert"})
_LOCAL: Final = frozenset({"create", "drop", "alter", "truncate"})
_REFUSED: Final = frozenset(
    {
        *("analyze", "attach", "checkpoint", "comment", "copy", "deallocate", "declare", "detach", "do", "execute", "export", "fetch"),
        *(
            "force",
            "grant",
            "import",
            "install",
            "kill",
            "load",
            "lock",
            "pragma",
            "prepare",
            "revoke",
            "update_extensions",
            "use",
            "vacuum",
        ),
    }
)


def split(text: str, dialect: str = "duckdb") -> list[str]:
    r"""Return the statements of a text, without their semicolons; empty ones are left out.

    >>> split("SELECT ';'; -- done\n SELECT 2;")
    ["SELECT ';'", '-- done\n SELECT 2']
    """
    parts: list[str] = []
    start = 0
    stream = code(text, dialect)
    has_code = False
    for token in stream:
        if token.text == ";" and token.kind is TokenKind.SYMBOL:
            if has_code:
                parts.append(text[start : token.start].strip())
            start, has_code = token.end, False
        else:
            has_code = True
    if has_code:
        parts.append(text[start:].strip())
    return parts


def classify(text: str) -> Statement:
    """Return what a single statement is.

    Raises:
        SqlSyntaxError: the text is empty, or does not begin like a statement.
        NotSupportedError: a statement that is none of Stripe's business.
    """
    stream = code(text)
    while stream and stream[-1].text == ";":
        stream.pop()
    if not stream:
        raise SqlSyntaxError("the statement is empty")
    text = text[: stream[-1].end]
    head = stream[0].word or stream[0].text
    if head == "with":
        return _with(text, stream)
    if head in _QUERY_HEADS:
        return Query(text)
    if head in ("explain",):
        return _explain(text, stream)
    if head in ("set", "reset"):
        return _set(text, stream)
    if head in ("show", "describe", "desc"):
        return _show(text, stream)
    if head in _WRITES:
        return Write(head, text)
    if head == "call":
        return Call(text)
    if head in _LOCAL:
        return LocalDDL(head, text)
    if head in _TRANSACTIONS:
        return Transaction(head)
    if head in _REFUSED:
        raise NotSupportedError(
            f"{head.upper()} is not available; stripesql runs SELECT, INSERT, UPDATE, DELETE, CALL, EXPLAIN, SHOW, DESCRIBE and SET"
        )
    raise SqlSyntaxError(f"a statement cannot begin with {stream[0].text!r}", position=position(text, stream[0].start))


def _with(text: str, stream: Sequence[Token]) -> Statement:
    """Tell WITH ... SELECT from WITH ... INSERT: by the first verb outside parentheses."""
    depth = 0
    for token in stream:
        depth += {"(": 1, ")": -1}.get(token.text, 0) if token.kind is TokenKind.SYMBOL else 0
        if depth == 0 and token.word in _WRITES - {"replace"}:
            return Write(token.word, text)
        if depth == 0 and token.word in ("select", "from", "values"):
            break
    return Query(text)


def _explain(text: str, stream: Sequence[Token]) -> Explain:
    at, analyze, json = 1, False, False
    while at < len(stream):
        token = stream[at]
        if token.word == "analyze":
            analyze, at = True, at + 1
        elif token.text == "(" and at + 1 < len(stream) and stream[at + 1].word in ("format", "analyze"):
            closing = next((i for i in range(at, len(stream)) if stream[i].text == ")"), None)
            if closing is None:
                raise SqlSyntaxError("EXPLAIN ( needs a closing )", position=position(text, token.start))
            words = [each.word for each in stream[at + 1 : closing] if each.word]
            analyze, json = analyze or "analyze" in words, json or "json" in words
            if set(words) - {"format", "json", "text", "analyze", "true", "on"}:
                raise SqlSyntaxError("EXPLAIN takes (FORMAT TEXT), (FORMAT JSON) and ANALYZE", position=position(text, token.start))
            at = closing + 1
        else:
            break
    if at >= len(stream):
        raise SqlSyntaxError("EXPLAIN needs a statement after it")
    inner = classify(text[stream[at].start :])
    if isinstance(inner, Explain):
        raise ProgrammingError("EXPLAIN of EXPLAIN explains nothing")
    if analyze and isinstance(inner, Write | Call):
        raise NotSupportedError("EXPLAIN ANALYZE would carry out the write; use EXPLAIN, which sends nothing that writes")
    return Explain(inner, analyze, json)


def _set(text: str, stream: Sequence[Token]) -> Set:
    reset = stream[0].word == "reset"
    rest = list(stream[1:])
    if rest and rest[0].word in ("session", "local", "global"):
        rest.pop(0)
    if len(rest) >= 2 and rest[0].word == "time" and rest[1].word == "zone":
        return Set("timezone", None if reset else _value(text, rest[2:]))
    if not rest or rest[0].kind not in (TokenKind.WORD, TokenKind.QUOTED):
        raise SqlSyntaxError("SET needs a setting: SET timezone = 'Europe/Berlin'")
    name = rest[0].text.strip('"').lower()
    if reset:
        return Set(name, None)
    if len(rest) < 3 or (rest[1].text != "=" and rest[1].word != "to"):
        raise SqlSyntaxError(f"SET {name} needs a value: SET {name} = ...", position=position(text, rest[0].start))
    return Set(name, _value(text, rest[2:]))


def _value(text: str, stream: Sequence[Token]) -> str | None:
    if not stream:
        raise SqlSyntaxError("SET needs a value")
    if len(stream) == 1 and stream[0].kind in (TokenKind.STRING, TokenKind.QUOTED):
        return stream[0].text[1:-1].replace("''", "'")
    raw = text[stream[0].start : stream[-1].end]
    return None if raw.lower() == "default" else raw


def _show(text: str, stream: Sequence[Token]) -> Statement:
    words = [token.word for token in stream]
    rest = stream[1:]
    if words[0] == "show":
        if words[1:] in (["tables"], ["all", "tables"]):
            return Query("SELECT table_name AS name FROM information_schema.tables WHERE table_schema IN ('stripe', 'temp') ORDER BY name")
        if words[1:] == ["procedures"]:
            return Query("SELECT routine_name AS name FROM information_schema.routines ORDER BY name")
        if words[1:] in (["schemas"], ["databases"]):
            return Query("SELECT schema_name AS name FROM information_schema.schemata ORDER BY name")
        if len(words) > 3 and words[1] == "columns" and words[2] in ("from", "in"):
            rest = stream[3:]
        elif len(words) == 2 and (near := get_close_matches(words[1], ("tables", "schemas", "columns", "procedures"), n=1, cutoff=0.7)):
            raise SqlSyntaxError(f"SHOW {words[1].upper()} is not known; did you mean SHOW {near[0].upper()}?")
        elif len(words) == 2 and words[1]:
            return ShowSetting(words[1])
        elif len(words) == 3 and words[1:] == ["time", "zone"]:
            return ShowSetting("timezone")
        else:
            raise SqlSyntaxError("SHOW takes TABLES, SCHEMAS, PROCEDURES, COLUMNS FROM <table> or a setting")
    if rest and (rest[0].word == "table"):
        rest = rest[1:]
    if not rest:
        raise SqlSyntaxError("DESCRIBE needs a table or a query")
    if rest[0].word in _QUERY_HEADS or rest[0].text == "(":
        return Query("DESCRIBE " + text[rest[0].start :])
    names = [token.text.strip('"') for token in rest if token.text != "."]
    if len(names) > 2 or any(token.kind not in (TokenKind.WORD, TokenKind.QUOTED) and token.text != "." for token in rest):
        raise SqlSyntaxError("DESCRIBE takes a table or a query", position=position(text, rest[0].start))
    return Describe(names[0] if len(names) == 2 else None, names[-1])
