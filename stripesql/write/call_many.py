"""Give the arguments of a CALL for many sets of parameters.

Where each placeholder is a whole argument, the values need no SQL at all: they are what the caller gave, and the other
arguments are computed once.

In: the text with its placeholders. Out: the arguments of each call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from stripesql.sql.calls import CallText
from stripesql.sql.parameters import Parameters, placeholders
from stripesql.write.arguments import Argument
from stripesql.write.many import is_plain
from stripesql.write.requests import Slot

Key = str | int
"""The name of a placeholder, or its number."""


def keys_of_arguments(call: CallText, text: str) -> list[Key | None] | None:
    """Return the placeholder that each argument is, None for a constant; None where one is part of an expression, or of FROM."""
    found = list(placeholders(text))
    if call.rest or not found or "%%" in text:
        return None
    wanted = {text[each.start : each.end]: each.name for each in found}
    keys: list[Key | None] = []
    number = 0
    for argument in call.arguments:
        if argument.text not in wanted:
            keys.append(None)
        elif (name := wanted[argument.text]) is not None:
            keys.append(name)
        else:
            keys.append(number)
            number += 1
    return keys if sum(key is not None for key in keys) == len(found) else None


def constants_of(call: CallText, keys: Sequence[Key | None]) -> CallText:
    """Return the call with its constant arguments alone."""
    return replace(call, arguments=tuple(each for each, key in zip(call.arguments, keys, strict=True) if key is None))


def with_values(
    slots: Sequence[Slot], keys: Sequence[Key | None], constants: Sequence[Argument], sets: Sequence[Parameters]
) -> list[list[Argument]] | None:
    """Return the arguments of each call; None where a set or a value must be read by SQL, also to be refused there."""
    named = any(isinstance(key, str) for key in keys)
    count = sum(key is not None for key in keys)
    calls: list[list[Argument]] = []
    for given in sets:
        if isinstance(given, str | bytes) or isinstance(given, Mapping) is not named or (not named and len(given) != count):
            return None
        rest = iter(constants)
        arguments: list[Argument] = []
        for slot, key in zip(slots, keys, strict=True):
            if key is None:
                arguments.append(next(rest))
                continue
            value: object = given.get(str(key), ...) if isinstance(given, Mapping) else given[int(key)]
            if not is_plain(value):
                return None
            arguments.append(Argument(slot.name, value))
        calls.append(arguments)
    return calls
