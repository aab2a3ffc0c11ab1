"""Write Parquet: every column with its type, compressed with zstd.

JSON stays text; its field keeps the ``arrow.json`` mark where the batch has it. Types that Parquet lacks (intervals,
unions, empty structs) become text. Equal labels get ``_2``, ``_3``, ..., since readers find columns by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from stripesql.outputs.rows import PLAIN, Rows, Screen, Written, unique_labels
from stripesql.outputs.texts import texts

if TYPE_CHECKING:
    import pyarrow as pa

GROUP_ROWS = 65_536

GROUP_BYTES = 32 * 1024 * 1024
"""A row group is held in memory until it is written; whole objects in it make rows of several kB."""


def write(rows: Rows, out: BinaryIO, screen: Screen = PLAIN) -> Written:
    """Write one file; memory holds one row group."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = unique_labels(rows.columns)
    schema = pa.schema(
        [
            field.with_name(name) if _is_storable(field.type) else pa.field(name, pa.string())
            for name, field in zip(names, rows.schema, strict=True)
        ]
    )
    count = 0
    with pq.ParquetWriter(pa.PythonFile(out, mode="w"), schema, compression="zstd") as writer:
        for group in _groups(rows.batches):
            writer.write_table(pa.Table.from_batches([_stored(batch, rows, schema) for batch in group], schema))
            count += sum(batch.num_rows for batch in group)
    return Written(count)


def _groups(batches: Iterator[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """Yield runs of batches; a page of 100 rows would make a poor row group."""
    group: list[pa.RecordBatch] = []
    held_rows = held_bytes = 0
    for batch in batches:
        group.append(batch)
        held_rows += batch.num_rows
        held_bytes += batch.nbytes
        if held_rows >= GROUP_ROWS or held_bytes >= GROUP_BYTES:
            yield group
            group, held_rows, held_bytes = [], 0, 0
    if group:
        yield group


def _is_storable(kind: pa.DataType) -> bool:
    import pyarrow as pa

    if pa.types.is_interval(kind) or pa.types.is_union(kind):
        return False
    if pa.types.is_struct(kind) and not kind.num_fields:
        return False
    return all(_is_storable(kind.field(i).type) for i in range(kind.num_fields)) if pa.types.is_nested(kind) else True


def _stored(batch: pa.RecordBatch, rows: Rows, schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    arrays = [
        array if _is_storable(array.type) else pa.array(texts(array, column), pa.string())
        for array, column in zip(batch.columns, rows.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
