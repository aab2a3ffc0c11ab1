"""Reach the write layer: what carries out INSERT, UPDATE, DELETE and CALL, and what EXPLAIN says of them.

Imported by the first statement that writes, so that what only reads starts sooner.
"""

from __future__ import annotations

import json

import pyarrow as pa

from stripesql.session.explain import explain_table
from stripesql.write.call import call_procedure, run_call, run_calls
from stripesql.write.call_plan import CallPlan, plan_call
from stripesql.write.explain import WritePlan, plan_write
from stripesql.write.statement import run, run_many
from stripesql.write.work import resume

__all__ = ["call_procedure", "call_table", "plan_call", "plan_write", "resume", "run", "run_call", "run_calls", "run_many", "write_table"]


def write_table(write: WritePlan, *, per_second: float, as_json: bool) -> pa.Table:
    """Return what a write would send, then the plan of the query that reads its rows; nothing was sent."""
    texts: list[str] = []
    if write.planned is not None:
        texts = explain_table(write.planned, None, None, per_second=per_second, as_json=as_json).column("explain").to_pylist()
    if as_json:
        return pa.table({"explain": [json.dumps({"write": write.document(), "read": json.loads(texts[0]) if texts else None}, indent=2)]})
    return pa.table({"explain": [*write.lines(), *texts]})


def call_table(call: CallPlan, *, per_second: float, as_json: bool) -> pa.Table:
    """Return what a CALL would send, then the plan of the query that gives its arguments; nothing was sent."""
    if call.planned is None:
        return pa.table({"explain": [json.dumps({"call": call.lines}, indent=2)] if as_json else list(call.lines)})
    query = explain_table(call.planned, None, None, per_second=per_second, as_json=as_json)
    texts = query.column("explain").to_pylist()
    if as_json:
        return pa.table({"explain": [json.dumps({"call": call.lines, "arguments": json.loads(texts[0])}, indent=2)]})
    return pa.table({"explain": [*call.lines, "arguments are read by:", *texts]})
