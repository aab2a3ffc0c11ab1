"""Turn the parameters of a list into what its rows must be.

In: parameters and the filters of the list. Out: ``Wish``; refusals for everything that Stripe refuses. It reads no rows
except to see whether an id in a parameter exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stripesql.simulator import errors, params, shapes
from stripesql.simulator.filters.model import Filter, Form
from stripesql.simulator.params import Params, Value

if TYPE_CHECKING:
    from stripesql.simulator.account import Account
    from stripesql.simulator.store import Test

Window = tuple[int, int]
"""Closed bounds in whole seconds."""
FAR = 1 << 60
OPERATORS = {"gt": (1, None), "gte": (0, None), "lt": (None, -1), "lte": (None, 0)}
"""What each operator adds to a lower or an upper closed bound."""

Names = dict[str, "Filter | Names"]


@dataclass(slots=True)
class Wish:
    """Say what the rows of a list must be.

    Attributes:
        equal: field and value that an index can find.
        window: of the second that orders the list.
        tests: everything else.
        given: names of the parameters that were sent, brackets cut off.
        rows_at_most: see ``Filter``.
        no_cursor: parameter that refuses cursors, or None.
    """

    equal: list[tuple[str, Any]] = field(default_factory=list)
    window: Window | None = None
    tests: list[Test] = field(default_factory=list)
    given: frozenset[str] = frozenset()
    rows_at_most: int | None = None
    no_cursor: str | None = None


def read(account: Account, name: str, filters: tuple[Filter, ...], sent: Params) -> Wish:
    """Return the wish of a request to the list ``name``; paging and expand are not among ``sent``.

    Raises:
        ApiError: unknown, missing, empty, ill-typed parameters, unknown ids.
    """
    wish = Wish(given=frozenset(sent))
    found = list(_walk(_names(filters), sent, ""))
    for entry in filters:
        if entry.required and all(entry is not known for known, _, _ in found):
            raise errors.missing_parameter(entry.param)
    if "type" in sent and "types" in sent and name == "events":
        raise errors.invalid_value("type", "You may only specify one of these parameters: type, types.")
    for entry, value, written in found:
        _apply(account, name, entry, _parsed(entry, value, written), wish)
    return wish


def _names(filters: tuple[Filter, ...]) -> Names:
    root: Names = {}
    for entry in filters:
        *parents, last = entry.param.replace("]", "").split("[")
        node = root
        for key in parents:
            inner = node.setdefault(key, {})
            assert isinstance(inner, dict)
            node = inner
        node[last] = entry
    return root


def _walk(names: Names, sent: Params, prefix: str) -> Iterator[tuple[Filter, Value, str]]:
    for key, value in sent.items():
        written = f"{prefix}[{key}]" if prefix else key
        node = names.get(key)
        if node is None:
            raise errors.unknown_parameter(written)
        if isinstance(node, Filter):
            yield node, value, written
        elif isinstance(value, dict):
            yield from _walk(node, value, written)
        elif value == "":
            raise errors.empty_parameter(written)
        else:
            raise errors.invalid_value(written, "Invalid object")


def _parsed(entry: Filter, value: Value, written: str) -> Any:
    match entry.form:
        case Form.TEXT:
            found = params.text(value, written)
            if entry.choices and found not in entry.choices:
                raise errors.invalid_choice(written, entry.choices)
            return found
        case Form.BOOLEAN:
            return params.boolean(value, written)
        case Form.INTEGER:
            return params.integer(value, written)
        case Form.TEXTS:
            return params.texts(value, written, entry.most)
        case Form.RANGE:
            return window_of(value, written)
        case Form.TIMES:
            return _times(value, written)
        case Form.ANY:
            return None


def window_of(value: Value, written: str) -> Window:
    """Return the closed bounds that a range, or a plain value, stands for."""
    if not isinstance(value, dict):
        exact = params.integer(value, written)
        return exact, exact
    low, high = -FAR, FAR
    for operator, bound in value.items():
        if operator not in OPERATORS:
            raise errors.unknown_parameter(f"{written}[{operator}]")
        at = params.integer(bound, f"{written}[{operator}]")
        up, down = OPERATORS[operator]
        if up is not None:
            low = max(low, at + up)
        if down is not None:
            high = min(high, at + down)
    return low, high


def _times(value: Value, written: str) -> list[tuple[str, str]]:
    if not isinstance(value, dict):
        return [("eq", params.text(value, written))]
    for operator in value:
        if operator not in OPERATORS:
            raise errors.unknown_parameter(f"{written}[{operator}]")
    return [(operator, params.text(bound, f"{written}[{operator}]")) for operator, bound in value.items()]


def _apply(account: Account, name: str, entry: Filter, value: Any, wish: Wish) -> None:
    if entry.refers is not None and not account.shelf(entry.refers).known(value):
        raise errors.no_such(shapes.known(entry.refers).resource.rpartition(".")[2], value, entry.param)
    wish.rows_at_most = entry.rows_at_most or wish.rows_at_most
    wish.no_cursor = entry.param if entry.no_cursor else wish.no_cursor
    if entry.meaning is not None:
        wish.tests.append(entry.meaning(account, value))
        return
    if entry.path is None:
        return
    read_field = account.shelf(name).reader(entry.path)
    match entry.form:
        case Form.RANGE:
            if entry.param == "created":
                wish.window = value
            else:
                low, high = value
                wish.tests.append(lambda row: (at := read_field(row)) is not None and low <= at <= high)
        case Form.TEXTS:
            wish.tests.append(lambda row: read_field(row) in value)
        case Form.TIMES:
            wish.tests += [_time_test(read_field, operator, bound) for operator, bound in value]
        case Form.ANY:
            pass
        case Form.TEXT | Form.BOOLEAN | Form.INTEGER:
            wish.equal.append((entry.path, value))


def _time_test(read_field: Any, operator: str, bound: str) -> Test:
    """Compare RFC 3339 texts as instants."""
    from datetime import datetime

    def instant(written: str) -> datetime:
        return datetime.fromisoformat(written.replace("Z", "+00:00"))

    try:
        limit = instant(bound)
    except ValueError:
        raise errors.invalid_value("created", f"Invalid time: {bound}") from None

    def test(row: Any) -> bool:
        at = instant(read_field(row))
        return {"eq": at == limit, "gt": at > limit, "gte": at >= limit, "lt": at < limit, "lte": at <= limit}[operator]

    return test
