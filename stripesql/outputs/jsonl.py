"""Write one JSON object per line (JSON Lines, NDJSON).

Keys are the labels; the second and later of equal labels get ``_2``, ``_3``, ...
"""

from __future__ import annotations

from typing import BinaryIO

from stripesql.outputs.json_values import objects
from stripesql.outputs.rows import PLAIN, Rows, Screen, Written


def write(rows: Rows, out: BinaryIO, screen: Screen = PLAIN) -> Written:
    """Write one line per row; streams."""
    count = 0
    for batch in rows.batches:
        out.write("".join([line + "\n" for line in objects(batch, rows)]).encode())
        out.flush()
        count += batch.num_rows
    return Written(count)
