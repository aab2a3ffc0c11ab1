"""Turn the arguments of a write into the body of its request, checked before anything is sent.

In: an operation, names and typed values. Out: ``Body``: bracketed form pairs for v1, a JSON text for v2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never

import msgspec

from stripesql.catalogue.model import Endpoint, Table
from stripesql.errors import IntegrityError, ProgrammingError
from stripesql.request import Params
from stripesql.write.paths import Step, place_of, spelled, top_parameters
from stripesql.write.scalars import When, plain
from stripesql.write.shapes import Branch, Check, Checked, Leaf, LocalFile, Nothing, fields_of


@dataclass(frozen=True, slots=True)
class Argument:
    """Say one argument.

    Attributes:
        name: as the user wrote it: a column (``address_city``), a path (``address.city``, ``images[0]``), a parameter.
        value: a typed Python value; None is not sent on create, and takes the value away on update.
        is_json: the value is JSON text that stands for an object, a list or a map.
    """

    name: str
    value: object
    is_json: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """Say the body of a request.

    Attributes:
        form: pairs with bracketed names, in order; None for v2.
        document: JSON text; None for v1.
        uploads: (field, path of a local file).
    """

    form: Params | None
    document: str | None = None
    uploads: Params = ()


def body_of(
    endpoint: Endpoint, arguments: Sequence[Argument], *, table: Table | None, updating: bool, what: str, when: When | None = None
) -> Body:
    """Return the body that the arguments make.

    Args:
        endpoint: the operation; its path arguments are not among ``arguments``.
        arguments: in the order in which they are sent.
        table: whose columns the names may be.
        updating: None takes a value away (``""``, in v2 ``null``) instead of being left out.
        what: the statement, for messages: ``INSERT INTO customers``.
        when: how times without an offset and symbolic dates are read; UTC, and not at all, when not given.

    Raises:
        UnknownName: there is no such parameter.
        IntegrityError: required ones are missing; the message names all of them.
        DataError: a value does not fit.
        ProgrammingError: two arguments give the same value.
    """
    tree = Branch()
    for argument in arguments:
        place = place_of(argument.name, endpoint, table, what)
        _put(tree, place.steps, Leaf(argument.name, argument.value, argument.is_json), what)
    check = Check(what, updating, endpoint.json_body, when or When())
    parameters = {each.name: each for each in top_parameters(endpoint)}
    in_order = [parameters[str(name)] for name in tree] + [each for each in parameters.values() if each.name not in tree]
    fields = fields_of(in_order, tree, "", check)
    missing = [*check.missing, *(_one_of(group) for group in endpoint.needs if not any(_is_given(fields, name) for name in group))]
    if missing:
        raise IntegrityError(f"{what} needs {' and '.join(missing)}, which Stripe requires")
    if endpoint.json_body:
        return Body(None, document_of(fields))
    return Body(
        tuple(pairs_of("", fields)), uploads=tuple((name, each.path) for name, each in fields.items() if isinstance(each, LocalFile))
    )


def _one_of(group: Sequence[str]) -> str:
    return group[0] if len(group) == 1 else f"one of {', '.join(group)}"


def _is_given(fields: Mapping[str, Checked], name: str) -> bool:
    return fields.get(name, "") not in ("", Nothing.UNSET)


def _put(tree: Branch, steps: Sequence[Step], leaf: Leaf, what: str) -> None:
    """Place a value.

    Raises:
        ProgrammingError: another argument gives the same value, or what it is part of.
    """
    at = tree
    for step in steps[:-1]:
        below = at.setdefault(step, Branch())
        if isinstance(below, Leaf):
            raise _twice(below.name, leaf.name, steps, what)
        at = below
    if (there := at.get(steps[-1])) is not None:
        raise _twice(_first(there).name, leaf.name, steps, what)
    at[steps[-1]] = leaf


def _first(node: Leaf | Branch) -> Leaf:
    return node if isinstance(node, Leaf) else _first(next(iter(node.values())))


def _twice(one: str, other: str, steps: Sequence[Step], what: str) -> ProgrammingError:
    names = f"{one} and {other} both give" if one != other else f"{one} is given twice: two values for"
    return ProgrammingError(f"{what}: {names} {spelled(steps)}; keep one of them")


def pairs_of(name: str, value: Checked) -> Iterator[tuple[str, str]]:
    """Yield the form fields of a value; https://docs.stripe.com/api writes nested ones in brackets."""
    match value:
        case dict():
            for key, each in value.items():
                yield from pairs_of(f"{name}[{key}]" if name else key, each)
        case list():
            for index, each in enumerate(value):
                yield from pairs_of(f"{name}[{index}]", each)
        case Nothing():
            yield name, ""
        case bool():
            yield name, "true" if value else "false"
        case str() | int():
            yield name, str(value)
        case Decimal():
            yield name, plain(value)
        case LocalFile():
            return
        case _:
            assert_never(value)


def document_of(fields: Checked) -> str:
    """Return a value as JSON text, decimals as they are."""
    return _ENCODER.encode(_native(fields)).decode()


_ENCODER = msgspec.json.Encoder(decimal_format="number")


def _native(value: Checked) -> object:
    if isinstance(value, dict):
        return {key: _native(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_native(each) for each in value]
    return None if isinstance(value, Nothing) else value
