"""Define what an answer becomes: a ``Page`` of rows, or a ``DecodeFailure``.

In: nothing. Out: values that ``fetch`` reads to go on and that ``scan`` hands to the engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


class DecodeFailure(ValueError):
    """Report bytes that are not the JSON of a list or of an object; ``fetch.failures.unreadable`` makes it an error."""


@dataclass(frozen=True, slots=True)
class Page:
    """Hold the rows of one answer, and what is needed to ask for the next.

    Attributes:
        ids: row keys in order; ``""`` where an object has none.
        times: whole seconds of the time column, None where unknown or NULL; ``()`` when no time column was asked for.
        has_more: rows follow that this answer does not hold.
        next_url: v2's ``next_page_url``: path and query, or None.
        batch: exactly the projected columns, in order.
        rows: number of rows; ``batch`` cannot tell it when no column is projected.
        last_id: id of the last object of the answer, tombstones included: the cursor to go on from; ``""`` without any.
        next_page: Search's ``next_page``, the value for ``page``, or None.
    """

    ids: tuple[str, ...]
    times: tuple[int | None, ...]
    has_more: bool
    next_url: str | None
    batch: pa.RecordBatch
    rows: int
    last_id: str = ""
    next_page: str | None = None
