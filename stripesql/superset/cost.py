"""Tell what a statement will cost: requests to Stripe.

In: what EXPLAIN (FORMAT JSON) says. Out: lines for SQL Lab's cost estimate.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stripesql.dbapi.cursor import Cursor


def estimate(cursor: Cursor, statement: str) -> dict[str, Any]:
    """Return the sums of a statement's plan; sends nothing."""
    row = cursor.execute(f"EXPLAIN (FORMAT JSON) {statement.strip().rstrip(';')}").fetchone()
    document: dict[str, Any] = json.loads(row[0]) if row is not None else {}
    return {name: document[name] for name in ("requests", "requests_per_second", "likely_s") if name in document}


def lines(sums: Mapping[str, Any]) -> dict[str, str]:
    """Return the sums as people read them.

    >>> lines({"requests": {"least": 1, "most": None, "likely": 9}, "requests_per_second": 25.0, "likely_s": 0.36})
    {'Requests': 'perhaps 9', 'At least': '1', 'At most': 'not known', 'Time, at 25 requests/s': 'perhaps 0.36 s'}
    """
    requests = sums.get("requests") or {}
    least, most, likely = (requests.get(name) for name in ("least", "most", "likely"))
    if least is not None and least == most:
        found = {"Requests": str(least)}
    else:
        found = {
            "Requests": "not known" if likely is None else f"perhaps {likely}",
            "At least": "not known" if least is None else str(least),
            "At most": "not known" if most is None else str(most),
        }
    seconds = sums.get("likely_s")
    if seconds is not None:
        found[f"Time, at {sums.get('requests_per_second', 25):g} requests/s"] = f"perhaps {seconds:g} s"
    return found
