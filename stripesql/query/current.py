"""See to it that a statement has all rows of the temporary tables whose keys it was planned with.

Other cursors of the connection may change such a table between the planning and the moment when the engine begins.

In: sources, and the relations that gave the keys. Out: sources that give nothing where keys have changed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from stripesql.engine.cursor import Source
from stripesql.errors import OperationalError
from stripesql.query.relations import Relations
from stripesql.rows import RowSource


def if_current(sources: Mapping[str, Source], relations: Relations) -> dict[str, Source]:
    """Return the sources, the first of which that is read fails where the keys have changed."""
    current = _Current(relations)
    return {name: replace(source, rows=_IfCurrent(source.rows, current)) for name, source in sources.items()}


class _Current:
    """See to it once that the keys of temporary tables are those that the statement was planned with.

    The engine sees its own tables as they were when it began, which is before it asks for the first row of Stripe's.
    """

    def __init__(self, relations: Relations) -> None:
        self._relations = relations
        self._is_known = False
        self._lock = threading.Lock()

    def demand(self) -> None:
        """Return if they are, or were when this was asked first.

        Raises:
            OperationalError: another cursor has changed them.
        """
        with self._lock:
            if not self._is_known and not self._relations.are_keys_current():
                raise changed_meanwhile()
            self._is_known = True


@dataclass(frozen=True, slots=True)
class _IfCurrent:
    """Give the rows of a source, if the keys that it was planned with are current."""

    source: RowSource
    current: _Current

    @property
    def schema(self) -> pa.Schema:
        return self.source.schema

    def batches(self, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        self.current.demand()
        yield from self.source.batches(columns)


def changed_meanwhile() -> OperationalError:
    """Return the error for a statement that would miss rows."""
    return OperationalError("a temporary table that the statement reads was changed while the statement began; run it again")
