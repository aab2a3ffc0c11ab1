"""Turn the balance object into a row per kind and currency.

In: the answer of ``/v1/balance``. Out: a ``Page``. Kinds are the object's lists of amounts: ``available``, ``pending``,
``connect_reserved``, ``instant_available``, and ``issuing`` and ``refund_and_dispute_prefunding`` by their inner lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from stripesql.catalogue.model import Column
from stripesql.decode import Page
from stripesql.decode.page import DecodeFailure
from stripesql.types import SqlType


def balance_page(body: bytes, columns: Sequence[Column]) -> Page:
    """Return the rows of a balance object, projected to ``columns``.

    Raises:
        DecodeFailure: the body is not the JSON of an object.
    """
    try:
        found = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.MsgspecError as problem:
        raise DecodeFailure(str(problem)) from problem
    raw = msgspec.json.encode(found).decode()
    rows = [{**row, "livemode": found.get("livemode"), "_raw": raw} for row in _rows(found, "")]
    arrays = [pa.array([_value(row.get(column.name), column) for row in rows], column.type.arrow()) for column in columns]
    schema = pa.schema([column.type.field(column.name) for column in columns])
    return Page(
        ("",) * len(rows), (), has_more=False, next_url=None, batch=pa.RecordBatch.from_arrays(arrays, schema=schema), rows=len(rows)
    )


def _rows(found: dict[str, Any], prefix: str) -> Iterator[dict[str, Any]]:
    for name, value in found.items():
        if isinstance(value, list):
            for entry in value:
                if isinstance(entry, dict) and "amount" in entry:
                    yield {
                        "kind": prefix + name,
                        "currency": entry.get("currency"),
                        "amount": entry["amount"],
                        "source_types": entry.get("source_types"),
                    }
        elif isinstance(value, dict):
            yield from _rows(value, f"{prefix}{name}_")


def _value(value: object, column: Column) -> object:
    return (
        msgspec.json.encode(value).decode() if column.type is SqlType.JSON and value is not None and not isinstance(value, str) else value
    )
