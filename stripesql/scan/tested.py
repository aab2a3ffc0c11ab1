"""Leave out the rows of a source that fail what the query asks of them, before their keys are used.

The engine tests all rows itself; here fewer keys are fewer requests. A test that is not understood lets every row pass.

In: a source and conjuncts. Out: a source.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from stripesql.predicate import AnyOf, Comparison, Conjunct, Contains, InList, Instant, NullTest, Operator, Prefix, Span, Value
from stripesql.rows import RowSource

_COMPARE = {
    Operator.EQ: pc.equal,
    Operator.NE: pc.not_equal,
    Operator.LT: pc.less,
    Operator.LE: pc.less_equal,
    Operator.GT: pc.greater,
    Operator.GE: pc.greater_equal,
}


class Tested:
    """Give the rows of a source that pass."""

    def __init__(self, source: RowSource, conjuncts: Sequence[Conjunct]) -> None:
        """Take the source, which must have ``tested_columns(conjuncts)``, and what its rows must satisfy."""
        self._source = source
        self._conjuncts = tuple(conjuncts)
        self.schema = source.schema

    def batches(self, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """Yield the batches without the rows that fail."""
        names = list(self.schema.names if columns is None else columns)
        wanted = [*names, *(name for name in tested_columns(self._conjuncts) if name not in names)]
        for batch in self._source.batches(wanted):
            kept = _mask(batch, self._conjuncts)
            yield (batch if kept is None else batch.filter(kept)).select(names)


def tested_columns(conjuncts: Sequence[Conjunct]) -> tuple[str, ...]:
    """Return the columns that the tests read, in lower case."""
    found: list[str] = []
    for conjunct in conjuncts:
        match conjunct.predicate:
            case Comparison() | InList() | NullTest() | Prefix() | Span() | Contains(any_case=False) as predicate:
                found.append(predicate.column.lower())
            case AnyOf(branches):
                found += [name for branch in branches for name in tested_columns(branch)]
    return tuple(dict.fromkeys(found))


def _mask(batch: pa.RecordBatch, conjuncts: Sequence[Conjunct]) -> pa.Array | None:
    """Return which rows may satisfy a conjunction; None for all."""
    masks = [mask for conjunct in conjuncts if (mask := _of_one(batch, conjunct)) is not None]
    return reduce(pc.and_kleene, masks) if masks else None


def _of_one(batch: pa.RecordBatch, conjunct: Conjunct) -> pa.Array | None:
    predicate = conjunct.predicate
    if isinstance(predicate, AnyOf):
        branches = [_mask(batch, branch) for branch in predicate.branches]
        known = [mask for mask in branches if mask is not None]
        return reduce(pc.or_kleene, known) if known and len(known) == len(branches) else None
    if not isinstance(predicate, Comparison | InList | NullTest | Prefix | Span | Contains) or (
        isinstance(predicate, Contains) and predicate.any_case
    ):
        return None
    column = batch.column(batch.schema.get_field_index(predicate.column.lower()))
    match predicate:
        case NullTest(_, negated):
            return pc.is_valid(column) if negated else pc.is_null(column)
        case Prefix(_, prefix) if pa.types.is_string(column.type):
            return pc.starts_with(column, pattern=prefix)
        case Contains(_, part) if pa.types.is_string(column.type):
            return pc.match_substring(column, pattern=part)
        case Comparison(_, operator, value):
            scalar = _scalar(value, column.type)
            return _COMPARE[operator](column, scalar) if scalar is not None else None
        case InList(_, values):
            scalars = [_scalar(value, column.type) for value in values]
            return pc.is_in(column, pa.array(scalars, column.type)) if scalars and all(each is not None for each in scalars) else None
        case Span(name, low, high, _):
            ends = [(Operator.GE, low), (Operator.LT, high)]
            return _mask(batch, [Conjunct(Comparison(name, operator, end), "") for operator, end in ends if end is not None])
    return None


def _scalar(value: Value, kind: pa.DataType) -> pa.Scalar | None:
    """Return the value as the column has it; None where the two are not plainly of one type."""
    if isinstance(value, Instant):
        return pa.scalar(value.us, pa.int64()).cast(kind) if kind == pa.timestamp("us", tz="UTC") else None
    if isinstance(value, bool):
        return pa.scalar(value) if pa.types.is_boolean(kind) else None
    if isinstance(value, str):
        return pa.scalar(value) if pa.types.is_string(kind) else None
    fits = isinstance(value, int) and kind == pa.int64() and -(2**63) <= value < 2**63
    return pa.scalar(value, pa.int64()) if fits else None
