"""Give the rows of EXPLAIN."""

from __future__ import annotations

import json

import pyarrow as pa

from stripesql.plan import explain
from stripesql.query.select import Running
from stripesql.query.stages import Planned
from stripesql.stats import Stats


def explain_table(planned: Planned, running: Running | None, stats: Stats | None, *, per_second: float, as_json: bool) -> pa.Table:
    """Return the plan as a table of one text column, a row per line; as JSON one row.

    Args:
        planned: what was planned.
        running: after a run, what was done; None where nothing ran.
        stats: the cost of that run, or None.
        per_second: requests per second on one endpoint.
        as_json: one JSON document instead of lines.
    """
    aliases = {each.name: each.alias for each in planned.analysis.occurrences}
    actual = running.actual() if running is not None else None
    if as_json:
        document = explain.as_json(planned.plan, aliases, actual, per_second=per_second)
        if stats is not None:
            document["actual"] = {
                "requests": stats.requests,
                "rows_fetched": stats.rows_fetched,
                "retries": stats.retries,
                "waited_s": round(stats.waited_s, 3),
                "elapsed_s": round(stats.elapsed_s, 3),
            }
        return pa.table({"explain": [json.dumps(document, indent=2)]})
    lines = explain.as_text(planned.plan, aliases, actual, per_second=per_second)
    if stats is not None:
        lines.append(
            f"actual: {stats.requests} requests, {stats.rows_fetched} rows fetched, {stats.retries} retries, "
            f"waited {stats.waited_s:.2f} s, took {stats.elapsed_s:.2f} s"
        )
    return pa.table({"explain": lines})
