"""Read the text of CALL: ``CALL invoices.pay('in_1', paid_out_of_band => true)``, with or without a FROM clause.

In: text. Out: ``CallText``: the procedure's name, and the SQL of each argument as it was written. What the arguments
mean to Stripe is decided in ``write``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from stripesql.errors import SqlSyntaxError
from stripesql.sql.lexer import Token, TokenKind, code, position
from stripesql.sql.splice import quoted

_NAME: Final = (TokenKind.WORD, TokenKind.QUOTED)
_DEPTH: Final = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_EXAMPLE: Final = "CALL invoices.pay('in_123', paid_out_of_band => true)"


@dataclass(frozen=True, slots=True)
class ArgumentText:
    """Say one argument: its name, None for a positional one, and its SQL."""

    name: str | None
    text: str


@dataclass(frozen=True, slots=True)
class CallText:
    """Say one CALL.

    Attributes:
        namespace: what stands before the last dot, without the schema; ``stripe`` for its generic procedure.
        name: what follows it.
        arguments: positional ones first.
        rest: FROM and all that follows it; one call for each row; "" for a single call.
    """

    namespace: str
    name: str
    arguments: tuple[ArgumentText, ...]
    rest: str = ""

    def query(self) -> str:
        """Return the SELECT whose rows hold the arguments of each call."""
        columns = ", ".join(f"({each.text}) AS {quoted(f'argument {at}')}" for at, each in enumerate(self.arguments, 1))
        return f"SELECT {columns or 'NULL AS nothing'}{' ' + self.rest if self.rest else ''}"


def read_call(text: str) -> CallText:
    """Return what a CALL says.

    Raises:
        SqlSyntaxError: it is not written as one.
    """
    stream = code(text)
    names, at = _names(text, stream)
    if at >= len(stream) or stream[at].text != "(":
        raise SqlSyntaxError(f"CALL needs the arguments in parentheses, even when there are none: {_EXAMPLE}")
    closing = _closing(text, stream, at)
    arguments = [_argument(text, part) for part in _parts(text, stream[at + 1 : closing], stream[closing])]
    rest = stream[closing + 1 :]
    if rest and rest[0].word != "from":
        raise SqlSyntaxError(
            f"after the arguments of CALL comes FROM or nothing, not {rest[0].text!r}", position=position(text, rest[0].start)
        )
    _check_order(text, arguments, stream)
    return CallText(
        ".".join(names[:-1]),
        names[-1],
        tuple(each for each in arguments if each.text.lower() != "default"),
        text[rest[0].start : rest[-1].end] if rest else "",
    )


def _names(text: str, stream: Sequence[Token]) -> tuple[list[str], int]:
    names: list[str] = []
    at = 1
    while at < len(stream) and stream[at].kind in _NAME:
        names.append(_unquoted(stream[at]))
        at += 1
        if at >= len(stream) or stream[at].text != ".":
            break
        at += 1
    if len(names) == 3 and names[0].lower() == "stripe":
        names.pop(0)
    if len(names) != 2:
        where = position(text, stream[1].start) if len(stream) > 1 else None
        raise SqlSyntaxError(f"a procedure is named table.action: {_EXAMPLE}", position=where)
    return names, at


def _unquoted(token: Token) -> str:
    if token.kind is TokenKind.QUOTED:
        quote = token.text[0]
        return token.text[1:-1].replace(quote * 2, quote)
    return token.text


def _closing(text: str, stream: Sequence[Token], opening: int) -> int:
    depth = 0
    for at in range(opening, len(stream)):
        depth += _depth(stream[at])
        if depth == 0:
            return at
    raise SqlSyntaxError("the arguments of CALL need a closing )", position=position(text, stream[opening].start))


def _depth(token: Token) -> int:
    return _DEPTH.get(token.text, 0) if token.kind is TokenKind.SYMBOL else 0


def _parts(text: str, stream: Sequence[Token], end: Token) -> list[list[Token]]:
    """Return the tokens of each argument."""
    if not stream:
        return []
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in stream:
        depth += _depth(token)
        if depth == 0 and token.text == "," and token.kind is TokenKind.SYMBOL:
            parts.append([])
        else:
            parts[-1].append(token)
    if any(not part for part in parts):
        raise SqlSyntaxError("an argument is missing beside a comma", position=position(text, end.start))
    return parts


def _argument(text: str, part: Sequence[Token]) -> ArgumentText:
    depth = 0
    for at, token in enumerate(part):
        depth += _depth(token)
        if depth == 0 and token.kind is TokenKind.SYMBOL and token.text in ("=>", ":="):
            if at == 0 or at + 1 == len(part):
                raise SqlSyntaxError(f"a named argument is written name {token.text} value", position=position(text, token.start))
            name = _unquoted(part[0]) if at == 1 else text[part[0].start : part[at - 1].end]
            return ArgumentText(name, text[part[at + 1].start : part[-1].end])
    return ArgumentText(None, text[part[0].start : part[-1].end])


def _check_order(text: str, arguments: Sequence[ArgumentText], stream: Sequence[Token]) -> None:
    seen = False
    for each in arguments:
        seen = seen or each.name is not None
        if seen and each.name is None:
            raise SqlSyntaxError(
                f"{each.text} has no name and stands behind a named argument; ids come first, then name => value",
                position=position(text, stream[0].start),
            )
