"""Find placeholders in SQL text and replace each by the literal of its value.

Accepts ``?`` with a sequence, and ``:name`` or ``%(name)s`` with a mapping. Strings, comments, quoted names, ``::``
casts, slices (``x[1:n]``) and ``:=`` hold no placeholders. Without parameters the text is left alone, so that a ``%``
is a ``%`` and a ``?`` is an error of the parser.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from stripesql.errors import InterfaceError, ProgrammingError
from stripesql.sql.lexer import Token, TokenKind, position, tokens
from stripesql.sql.literals import literal
from stripesql.sql.parameter_labels import aliases

Parameters = Sequence[object] | Mapping[str, object]

# Words after which a value begins: what stands before any other word's colon is a name.
_KEYWORDS: Final = frozenset(
    {
        *("all", "and", "any", "as", "between", "by", "case", "distinct", "else", "escape", "exists", "for", "from", "glob", "having"),
        *("if", "ilike", "in", "interval", "is", "like", "limit", "not", "offset", "on", "or", "over", "select", "set", "similar"),
        *("some", "then", "to", "using", "values", "when", "where", "with"),
    }
)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Say where a placeholder stands.

    Attributes:
        start, end: its place in the text.
        name: None for ``?``.
        certain: False in ``x[:n]``, which is a slice unless a value for ``n`` was given.
    """

    start: int
    end: int
    name: str | None
    certain: bool = True

    def is_wanted(self, parameters: Parameters) -> bool:
        """Say whether it is one of the kind that ``parameters`` fill."""
        if not isinstance(parameters, Mapping):
            return self.name is None
        return self.name is not None and (self.certain or self.name in parameters)


def bind(text: str, parameters: Parameters | None, dialect: str = "duckdb", *, keep_labels: bool = False) -> str:
    """Return ``text`` with every placeholder replaced by a literal.

    Args:
        text: one statement.
        parameters: a sequence for ``?``, a mapping for names, or None.
        dialect: whose quotes the text uses.
        keep_labels: a select item that holds a placeholder gets its own text as its alias.

    Raises:
        ProgrammingError: a placeholder without a value, or values without a placeholder.
        InterfaceError: the parameters are neither a sequence nor a mapping.

    >>> bind("SELECT * FROM charges WHERE id = ? AND amount > ?::BIGINT", ["ch_1", 5])
    "SELECT * FROM charges WHERE id = 'ch_1' AND amount > 5::BIGINT"
    """
    if parameters is None:
        return text
    if isinstance(parameters, str | bytes) or not isinstance(parameters, Sequence | Mapping):
        raise InterfaceError(f"parameters must be a sequence or a mapping, not {type(parameters).__name__}; for one value write (value,)")
    if not parameters:
        return text
    found = [each for each in placeholders(text, dialect) if each.is_wanted(parameters)]
    if isinstance(parameters, Mapping):
        return _replace(text, [(each, _named(text, each, parameters)) for each in found], keep_labels)
    if len(found) != len(parameters):
        raise ProgrammingError(f"the statement has {len(found)} placeholders (?) and {len(parameters)} values were given")
    return _replace(text, [(each, literal(value)) for each, value in zip(found, parameters, strict=True)], keep_labels)


def _named(text: str, each: Placeholder, parameters: Mapping[str, object]) -> str:
    if each.name is None or each.name not in parameters:
        raise ProgrammingError(f"no value was given for the parameter {each.name!r}", position=position(text, each.start))
    return literal(parameters[each.name])


def _replace(text: str, values: Sequence[tuple[Placeholder, str]], keep_labels: bool) -> str:
    # As in every driver of the pyformat style: where %(name)s is used, a percent sign is written twice.
    halve = any(text[each.start] == "%" for each, _ in values)
    labels = dict(aliases(text, [(each.start, each.end) for each, _ in values])) if keep_labels else {}
    pieces = [(each.start, each.end, value) for each, value in values] + [(end, end, label) for end, label in labels.items()]
    parts, at = [], 0
    for start, end, value in sorted(pieces, key=lambda piece: (piece[0], piece[1])):
        # "WHERE:a" is two words, and stays two.
        before = " " if _is_wordy(text[start - 1 : start]) and _is_wordy(value[:1]) else ""
        after = " " if _is_wordy(text[end : end + 1]) and _is_wordy(value[-1:]) else ""
        parts += [_halved(text[at:start], halve), before, value, after]
        at = end
    return "".join([*parts, _halved(text[at:], halve)])


def _halved(text: str, halve: bool) -> str:
    return text.replace("%%", "%") if halve else text


def _is_wordy(character: str) -> bool:
    return character.isalnum() or character in ("_", "$")


def placeholders(text: str, dialect: str = "duckdb") -> Iterator[Placeholder]:
    """Yield the placeholders of ``text`` in order."""
    stream = [token for token in tokens(text, dialect) if token.kind is not TokenKind.COMMENT]
    openers: list[int] = []
    for index, token in enumerate(stream):
        if token.kind is not TokenKind.SYMBOL:
            continue
        if token.text in "([{":
            openers.append(index)
        elif token.text in ")]}" and openers:
            openers.pop()
        elif token.text == "?":
            yield Placeholder(token.start, token.end, None)
        elif token.text == ":":
            yield from _colon_name(stream, index, openers[-1] if openers else None)
        elif token.text == "%":
            yield from _percent_name(text, stream, index)


def _colon_name(stream: Sequence[Token], index: int, opener: int | None) -> Iterator[Placeholder]:
    """Yield the parameter that the colon at ``index`` begins; nothing for any other colon."""
    name = stream[index + 1] if index + 1 < len(stream) else None
    if name is None or name.kind is not TokenKind.WORD or name.start != stream[index].end:
        return
    after_value = index > 0 and _ends_value(stream[index - 1])
    found = Placeholder(stream[index].start, name.end, name.text)
    if opener is None or stream[opener].text == "(":
        # A prefix alias (SELECT total: amount) follows its name at once; a parameter never follows a name.
        if not after_value or stream[index - 1].end != stream[index].start:
            yield found
    elif not after_value:  # [1:n] and {'k':v}: a colon after a value separates
        is_subscript = stream[opener].text == "[" and opener > 0 and _ends_value(stream[opener - 1])
        yield replace(found, certain=not (is_subscript and index == opener + 1))


def _ends_value(token: Token) -> bool:
    if token.kind is TokenKind.SYMBOL:
        return token.text in (")", "]", "}")
    return token.word not in _KEYWORDS


def _percent_name(text: str, stream: Sequence[Token], index: int) -> Iterator[Placeholder]:
    """Yield ``%(name)s``; nothing for any other percent sign."""
    rest = stream[index + 1 : index + 5]
    if len(rest) == 4 and rest[1].kind is TokenKind.WORD and rest[3].text == "s":
        start, end = stream[index].start, rest[3].end
        if text[start:end] == f"%({rest[1].text})s":
            yield Placeholder(start, end, rest[1].text)
