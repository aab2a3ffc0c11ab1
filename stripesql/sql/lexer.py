"""Cut SQL text into tokens with exact positions.

sqlglot's own tokenizer joins ``?::`` into one operator and reads ``:name`` inside slices, so parameters, statement
heads and semicolons are found with this one. It knows DuckDB's lexical rules and those quotes of other dialects that
could hide a placeholder.

In: text. Out: tokens in order; white space is left out, comments are kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from stripesql.errors import SqlSyntaxError


class TokenKind(Enum):
    """Say what a token is."""

    WORD = "word"
    QUOTED = "quoted"
    """an identifier in double quotes or backticks"""
    STRING = "string"
    NUMBER = "number"
    COMMENT = "comment"
    SYMBOL = "symbol"


@dataclass(frozen=True, slots=True)
class Token:
    """Say one token: ``text[start:end]``."""

    kind: TokenKind
    start: int
    end: int
    text: str

    @property
    def word(self) -> str:
        """Return the text in lower case where it is a bare word, else ""."""
        return self.text.lower() if self.kind is TokenKind.WORD else ""


_PATTERN: Final = re.compile(
    r"""
      (?P<COMMENT>--[^\n]*)
    | (?P<BLOCK>/\*)
    | (?P<STRING>[eE]'(?:[^'\\]|\\.|'')*'|[xXbB]?'(?:[^']|'')*')
    | (?P<QUOTED>"(?:[^"]|"")*"|`(?:[^`]|``)*`)
    | (?P<DOLLAR>\$(?:[A-Za-z_]\w*)?\$)
    | (?P<NUMBER>0[xX][0-9a-fA-F_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<WORD>[^\W\d][\w$]*)
    | (?P<SYMBOL>::|->>|->|=>|:=|==|<>|!=|<=|>=|\|\||//|\*\*|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_BACKSLASH_STRING: Final = re.compile(r"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*\"""", re.DOTALL)
_BACKSLASH_DIALECTS: Final = frozenset(
    {"bigquery", "clickhouse", "databricks", "doris", "hive", "mysql", "singlestore", "spark", "spark2", "starrocks", "snowflake"}
)


def tokens(text: str, dialect: str = "duckdb") -> list[Token]:
    """Return the tokens of ``text``, comments included.

    Raises:
        SqlSyntaxError: a string, a quoted name or a comment does not end.
    """
    found: list[Token] = []
    at = 0
    backslashes = dialect.lower() in _BACKSLASH_DIALECTS
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        if backslashes and text[at] in "'\"" and (match := _BACKSLASH_STRING.match(text, at)):
            found.append(Token(TokenKind.STRING, at, match.end(), match.group()))
            at = match.end()
            continue
        match = _PATTERN.match(text, at)
        if match is None or match.lastgroup is None:  # pragma: no cover  the last alternative takes any character
            raise SqlSyntaxError(f"cannot read {text[at]!r}", position=position(text, at))
        kind, end = match.lastgroup, match.end()
        if kind == "BLOCK":
            end = _end_of_comment(text, at)
            kind = "COMMENT"
        elif kind == "DOLLAR":
            closing = text.find(match.group(), end)
            if closing < 0:
                raise SqlSyntaxError(f"the string that begins with {match.group()} does not end", position=position(text, at))
            end = closing + len(match.group())
            kind = "STRING"
        elif kind == "SYMBOL" and match.group() in ("'", '"', "`"):
            raise SqlSyntaxError(f"the text that begins with {match.group()} does not end", position=position(text, at))
        found.append(Token(TokenKind[kind], at, end, text[at:end]))
        at = end
    return found


def _end_of_comment(text: str, start: int) -> int:
    depth, at = 0, start
    while at < len(text):
        if text.startswith("/*", at):
            depth, at = depth + 1, at + 2
        elif text.startswith("*/", at):
            depth, at = depth - 1, at + 2
            if depth == 0:
                return at
        else:
            at += 1
    raise SqlSyntaxError("the comment that begins with /* does not end", position=position(text, start))


def position(text: str, offset: int) -> tuple[int, int]:
    """Return (line, column) of ``offset``, both counted from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def code(text: str, dialect: str = "duckdb") -> list[Token]:
    """Return the tokens of ``text`` without comments."""
    return [token for token in tokens(text, dialect) if token.kind is not TokenKind.COMMENT]
