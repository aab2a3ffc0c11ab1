"""Memory is bounded by what is read ahead, not by the table: measured in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from stripesql.simulator import Simulator, serve

FEW, MANY = 25_000, 100_000
NEWEST = 1_760_000_000
READER = """
import json, sys, stripesql
url, how, since = sys.argv[1:]
# Not ru_maxrss, which on Linux has what the parent held before.
used_mb = lambda: int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0]) / 1024
rates = {"requests_per_second": 1e6, "endpoint_requests_per_second": 1e6}
with stripesql.connect("sk_test_memory", base_url=url, **rates) as connection:
    cursor = connection.execute("SELECT id, amount, currency FROM charges LIMIT 1")
    cursor.fetchall()
    base_mb, rows = used_mb(), 0
    if how == "aggregate":
        text = "SELECT count(*), sum(amount) FROM charges WHERE created >= to_timestamp(?)"
        rows = cursor.execute(text, [int(since)]).fetchone()[0]
    else:
        cursor.execute("SELECT id, amount, currency, created FROM charges WHERE created >= to_timestamp(?)", [int(since)])
        while found := cursor.fetchmany(500):
            rows += len(found)
    print(json.dumps({"rows": rows, "base_mb": base_mb, "peak_mb": used_mb()}))
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak where Linux tells it")


@pytest.fixture(scope="module")
def url():
    """Serve MANY charges, one a second, as large as real ones and quick to send."""
    charge = Simulator(scale=0.05).listed("charges")[0]
    before, _, after = msgspec.json.encode({**charge, "id": "ID", "created": 0}).partition(b'"ID"')
    head, _, tail = after.partition(b'"created":0')

    def page(call, _):
        bounds = call.sent.get("created", {})
        newest, oldest = NEWEST, NEWEST - MANY + 1
        newest, oldest = min(newest, int(bounds.get("lte", newest))), max(oldest, int(bounds.get("gte", oldest)))
        if "starting_after" in call.sent:
            newest = min(newest, int(call.sent["starting_after"][3:]) - 1)
        shown = range(newest, max(oldest, newest - int(call.sent["limit"]) + 1) - 1, -1)
        data = [msgspec.Raw(b'%s"ch_%d"%s"created":%d%s' % (before, at, head, at, tail)) for at in shown]
        return {"object": "list", "data": data, "has_more": bool(shown) and shown[-1] > oldest, "url": "/v1/charges"}

    sim = Simulator(empty=True)
    sim.routes.add("GET", "/v1/charges", page)
    with serve(sim) as server:
        yield server.url


def used(url: str, how: str, rows: int) -> dict[str, float]:
    command = [sys.executable, "-c", READER, url, how, str(NEWEST - rows + 1)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=110).stdout)
    assert found["rows"] == rows
    assert found["peak_mb"] > found["base_mb"], "nothing was measured"
    return found


def test_an_aggregate_over_25000_rows_takes_less_than_60_mb(url):
    found = used(url, "aggregate", FEW)
    assert found["peak_mb"] - found["base_mb"] < 60


@pytest.mark.parametrize("how", ["aggregate", "fetchmany"])
def test_four_times_the_rows_take_no_more_memory(url, how):
    few, many = used(url, how, FEW), used(url, how, MANY)
    assert many["peak_mb"] < 1.2 * few["peak_mb"]
