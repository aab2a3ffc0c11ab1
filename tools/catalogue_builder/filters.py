"""Join the parameters of a list with their reviews.

In: a list operation, its entry in ``filters.toml``, the table's columns. Out: ``Filter`` values, and the hidden columns
that filter-only parameters need. A parameter without a review is never pushed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalogue_builder.column_types import sql_type
from catalogue_builder.parameters import RANGE_KEYS, parameter
from catalogue_builder.spec import Operation, Schema, Spec
from stripesql.catalogue.model import Column, ColumnKind, ColumnRole, Exactness, Filter, FilterShape, Parameter

Review = Mapping[str, Any]

UNREVIEWED = "not reviewed"
MISSING = "reviewed for a column that this version does not have"


@dataclass(frozen=True, slots=True)
class Leaf:
    """Say one thing that can be sent: a parameter, or one field of a nested one.

    Attributes:
        param: name as it is sent.
        shape: what its form can express.
        value: the parameter, of a list its element.
        operators: of a range.
        required: Stripe refuses the list without it.
        text: Stripe's description, for the report only.
    """

    param: str
    shape: FilterShape
    value: Parameter
    operators: tuple[str, ...] = ()
    required: bool = False
    text: str = ""

    @property
    def column(self) -> str:
        """Return the column that a parameter of this name would filter: ``recurring[interval]`` -> ``recurring_interval``."""
        return self.param.replace("[", "_").replace("]", "")


def leaves(spec: Spec, operation: Operation) -> list[Leaf]:
    """Return everything that can be sent to filter the list, in order of name."""
    found: list[Leaf] = []
    for raw in operation.filters:
        found += _leaves(spec, raw["name"], raw.get("schema", {}), raw.get("required", False), raw.get("description", ""))
    return sorted(found, key=lambda leaf: leaf.param)


def _leaves(spec: Spec, name: str, schema: Schema, required: bool, text: str) -> Iterator[Leaf]:
    options = [spec.resolve(option) for option in schema.get("anyOf", ())] or [spec.resolve(schema)]
    structure = next((option for option in options if option.get("properties")), None)
    if structure is None:
        value = parameter(spec, name, schema, text=text)
        is_array = value.kind == "array" and value.item is not None
        element = value.item if is_array and value.item is not None else value
        yield Leaf(name, FilterShape.IN_LIST if is_array else FilterShape.EQUALITY, element, required=required, text=text)
    elif set(structure["properties"]) <= set(RANGE_KEYS):
        bound = parameter(spec, name, next(iter(structure["properties"].values())), text=text)
        operators = tuple(key for key in RANGE_KEYS if key in structure["properties"])
        yield Leaf(name, FilterShape.RANGE, bound, operators, required=required, text=text)
    else:
        needed = structure.get("required", ())
        for key, raw in structure["properties"].items():
            yield from _leaves(spec, f"{name}[{key}]", raw, required and key in needed, raw.get("description", text))


def build_filter(leaf: Leaf, review: Review | str | None, columns: Mapping[str, Column]) -> Filter:
    """Return the filter; NEVER where there is no review, or where its column is not in ``columns``."""
    entry: Review = {"as": review} if isinstance(review, str) else review or {}
    shape = FilterShape(entry.get("shape", leaf.shape.value))
    note = entry.get("note", "")
    if review is None:
        return Filter(leaf.param, None, shape, Exactness.NEVER, operators=leaf.operators, note=UNREVIEWED)
    exactness = Exactness(entry["as"])
    column = columns.get(entry.get("column", leaf.column))
    if exactness is Exactness.NEVER or column is None:
        note = note if column is not None or exactness is Exactness.NEVER else MISSING
        return Filter(leaf.param, None, shape, Exactness.NEVER, operators=leaf.operators, note=note)
    return Filter(
        leaf.param,
        column.name,
        shape,
        exactness,
        values=_vocabulary(leaf, entry, column),
        max_values=entry.get("max", 1) if shape is FilterShape.IN_LIST else 1,
        wildcard=entry.get("wildcard", False),
        operators=leaf.operators,
        also_send=tuple(entry.get("send", {}).items()),
        excludes=tuple(entry.get("excludes", ())),
        note=note,
    )


def _vocabulary(leaf: Leaf, entry: Review, column: Column) -> tuple[str, ...]:
    if "values" in entry:
        return tuple(entry["values"])
    left_out = entry.get("without", ())
    # A token such as `all` is a value of the parameter and of no row.
    known = column.values or leaf.value.values
    return tuple(value for value in leaf.value.values if value not in left_out and value in known)


def filter_only_column(leaf: Leaf, review: Review | str | None) -> Column | None:
    """Return the hidden column of a parameter that no field of the row answers to."""
    if review is None or isinstance(review, str) or not review.get("filter_only", False):
        return None
    kind = ColumnKind(review.get("kind", leaf.value.kind))
    name = review.get("column", leaf.column)
    return Column(name, (), sql_type(kind), kind, ColumnRole.FILTER_ONLY, hidden=True, values=leaf.value.values)
