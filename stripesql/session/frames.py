"""Turn what users register into Arrow tables.

In: an Arrow table, a pandas or polars frame, a dict of columns, anything with an Arrow stream. Out: an Arrow table.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from stripesql.errors import InterfaceError


def arrow_table(name: object, frame: Any) -> pa.Table:
    """Return a frame as a table.

    Raises:
        InterfaceError: the object is not tabular, or the name is not one.
    """
    if not isinstance(name, str) or not name:
        raise InterfaceError("a frame is registered under a name: connection.register('orders', frame)")
    try:
        table = _table_of(frame)
    except (pa.ArrowException, ValueError, TypeError) as problem:
        raise InterfaceError(f"the frame {name} cannot be read as a table: {problem}") from problem
    if table is None:
        raise InterfaceError(
            f"{type(frame).__name__} is not a table; register an Arrow table, a pandas or polars frame, or a dict of columns"
        )
    return table


def _table_of(frame: Any) -> pa.Table | None:
    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, pa.RecordBatch):
        return pa.Table.from_batches([frame])
    if isinstance(frame, dict):
        return pa.table(frame)
    # Before the stream, which would give the index as a column.
    if type(frame).__module__.partition(".")[0] == "pandas" and hasattr(frame, "columns"):
        return pa.Table.from_pandas(frame, preserve_index=False)
    if hasattr(frame, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(frame).read_all()
    if hasattr(frame, "to_arrow"):
        return frame.to_arrow()
    return None
