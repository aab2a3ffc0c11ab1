"""Define a list parameter: its name, its form, and the rows it lets through.

In: nothing. Out: ``Filter`` and a short constructor per form. Names may be nested (``recurring[interval]``). Where
``meaning`` is None a filter compares the field at ``path`` with the value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stripesql.simulator.account import Account
    from stripesql.simulator.store import Test

Meaning = Callable[["Account", Any], "Test"]
"""Makes the test of a row from the parsed value."""


class Form(Enum):
    """Say how a value is written."""

    TEXT = "text"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    RANGE = "range"
    """``[gt|gte|lt|lte]`` or a plain value, whole numbers"""
    TIMES = "times"
    """the same with RFC 3339 times (v2)"""
    TEXTS = "texts"
    ANY = "any"
    """taken as it is: the spec has the name and we have no meaning for it"""


@dataclass(frozen=True, slots=True)
class Filter:
    """Say one parameter of one list.

    Attributes:
        param: name with brackets.
        form: how the value is written.
        path: dotted path of the field that it is compared with; None with ``meaning``, or where it changes nothing.
        refers: table that must know the id.
        choices: vocabulary; other values are refused.
        required: the list cannot be read without it.
        most: most elements of an array.
        meaning: what it means where equality is not it.
        rows_at_most: all pages together show no more rows than this (``charges.transfer_group``).
        no_cursor: refuses ``starting_after`` and ``ending_before``.
    """

    param: str
    form: Form
    path: str | None = None
    refers: str | None = None
    choices: tuple[str, ...] = ()
    required: bool = False
    most: int = 1
    meaning: Meaning | None = None
    rows_at_most: int | None = None
    no_cursor: bool = False


def text(param: str, path: str | None = None) -> Filter:
    """Equal text, letter by letter."""
    return Filter(param, Form.TEXT, path or _path(param))


def ref(param: str, table: str, path: str | None = None) -> Filter:
    """The id of an object, which must exist."""
    return Filter(param, Form.TEXT, path or _path(param), refers=table)


def choice(param: str, choices: str, path: str | None = None) -> Filter:
    """One word of a vocabulary, written with blanks between."""
    return Filter(param, Form.TEXT, path or _path(param), choices=tuple(choices.split()))


def flag(param: str, path: str | None = None) -> Filter:
    """True or false."""
    return Filter(param, Form.BOOLEAN, path or _path(param))


def whole(param: str, path: str | None = None) -> Filter:
    """An equal integer."""
    return Filter(param, Form.INTEGER, path or _path(param))


def within(param: str, path: str | None = None) -> Filter:
    """A range of integers."""
    return Filter(param, Form.RANGE, path or param)


def any_of(param: str, path: str, most: int) -> Filter:
    """An array: the field is one of its elements."""
    return Filter(param, Form.TEXTS, path, most=most)


def special(param: str, form: Form, meaning: Meaning, choices: str = "", refers: str | None = None, most: int = 1) -> Filter:
    """A parameter with a meaning of its own."""
    return Filter(param, form, None, choices=tuple(choices.split()), refers=refers, meaning=meaning, most=most)


def ignored(param: str, form: Form = Form.ANY, choices: str = "") -> Filter:
    """A parameter that is accepted and lets every row through."""
    return Filter(param, form, None, choices=tuple(choices.split()))


def needed(entry: Filter) -> Filter:
    """The same filter, without which the list cannot be read."""
    return replace(entry, required=True)


def _path(param: str) -> str:
    return param.replace("[", ".").replace("]", "")


CREATED = within("created")
CUSTOMER = ref("customer", "customers")
ACCOUNT_OF_CUSTOMER = text("customer_account")
