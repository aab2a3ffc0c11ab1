"""Write one JSON array of objects, one object per line.

Keys are the labels; the second and later of equal labels get ``_2``, ``_3``, ...
"""

from __future__ import annotations

from typing import BinaryIO

from stripesql.outputs.json_values import objects
from stripesql.outputs.rows import PLAIN, Rows, Screen, Written


def write(rows: Rows, out: BinaryIO, screen: Screen = PLAIN) -> Written:
    """Write the array; streams, so that a reader has the first objects before the last are fetched."""
    count = 0
    out.write(b"[")
    for batch in rows.batches:
        # The comma stands before each object but the first, since nobody knows yet which is the last.
        lines = "".join([",\n" + line for line in objects(batch, rows)])
        out.write((lines if count else lines[1:]).encode())
        out.flush()
        count += batch.num_rows
    out.write(b"\n]\n" if count else b"]\n")
    return Written(count)
