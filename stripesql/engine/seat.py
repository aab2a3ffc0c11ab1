"""Keep one DuckDB cursor with what it has learned, for one statement after another.

A new cursor, its settings, and above all the registration of a source cost about a millisecond together. So a cursor is
used again, and a name stays registered: only the rows behind it change, where the columns are the same. In: row
sources. Out: nothing; the cursor reads them by name.
"""

from __future__ import annotations

from typing import Any, Final

from stripesql.engine.dataset import SourceDataset
from stripesql.engine.quoting import quoted
from stripesql.rows import RowSource

FIRST_ZONE: Final = "UTC"
"""The zone of a new cursor."""
_MOST_NAMES: Final = 32


class Seat:
    """Hold a cursor of the engine, its time zone, and the names that it knows.

    Attributes:
        cursor: DuckDB's.
        zone: its time zone.
    """

    def __init__(self, cursor: Any) -> None:
        cursor.execute("SET streaming_buffer_size = '1KB'")  # rows leave the engine as pages come in
        self.cursor = cursor
        self.zone = FIRST_ZONE
        self._datasets: dict[str, SourceDataset] = {}
        self._views: set[str] = set()
        self._shown: list[SourceDataset] = []

    def set_zone(self, zone: str) -> None:
        """Set the time zone of casts, date_trunc and literals."""
        if zone != self.zone:
            self.cursor.execute(f"SET TimeZone = '{zone}'")
            self.zone = zone

    def show(self, name: str, rows: RowSource, mentioned: frozenset[str] | None) -> None:
        """Let statements read ``rows`` under a name; of ``mentioned``, see ``SourceDataset``."""
        own = getattr(rows, "text", None)
        if own is not None:
            self._show_own(name, own)
            return
        if name in self._views:
            self.cursor.execute(f"DROP VIEW IF EXISTS temp.{quoted(name)}")
            self._views.remove(name)
        dataset = self._datasets.get(name)
        if dataset is None or not dataset.schema.equals(rows.schema, check_metadata=True):
            if len(self._datasets) >= _MOST_NAMES:
                self._forget_names()
            dataset = SourceDataset(rows.schema)
            self.cursor.register(name, dataset)
            self._datasets[name] = dataset
        dataset.fill(rows, mentioned)
        self._shown.append(dataset)

    def _show_own(self, name: str, text: str) -> None:
        """Let statements read a query over the engine's own tables under a name."""
        if self._datasets.pop(name, None) is not None:
            self.cursor.unregister(name)
        self.cursor.execute(f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS {text}")
        self._views.add(name)

    def _forget_names(self) -> None:
        # Only under a statement of very many relations: each name is a view in the engine.
        idle = [name for name, dataset in self._datasets.items() if dataset not in self._shown]
        for name in idle:
            self.cursor.unregister(name)
            del self._datasets[name]

    @property
    def failure(self) -> BaseException | None:
        """Return the exception that ended a scan of the present statement, or None."""
        return next((dataset.failure for dataset in self._shown if dataset.failure is not None), None)

    @property
    def shows(self) -> bool:
        """Say whether a statement's sources are held."""
        return bool(self._shown)

    def clear(self) -> None:
        """Let go of the sources of the last statement."""
        for dataset in self._shown:
            dataset.empty()
        self._shown = []

    def engine_objects(self) -> list[Any]:
        """Return what must not be freed in a child process."""
        return [self.cursor, *self._datasets.values()]

    def close(self) -> None:
        """Close the cursor."""
        self.clear()
        self._datasets = {}
        self.cursor.close()
