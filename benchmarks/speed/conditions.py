"""Start the server, and set the conditions of each measurement."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import stripesql

KEY = "sk_test_benchmark"
_FREE = 1e6
"""Requests per second that nothing reaches."""


@dataclass(frozen=True)
class Conditions:
    """Say how the server answers, and what the driver is told of it.

    Attributes:
        name: for tables.
        latency_ms: of each answer, and ``jitter_ms`` more or less.
        rate: requests per second of the account, None without limit; ``endpoint_rate`` the same for one endpoint.
        told: settings of the connection; None leaves the defaults.
    """

    name: str
    latency_ms: float = 150
    jitter_ms: float = 50
    rate: float | None = None
    endpoint_rate: float | None = None
    told: dict[str, float] | None = None

    @property
    def allowed(self) -> float:
        """Return the requests per second that one endpoint gets at best."""
        settings = self.told or {"requests_per_second": 25.0, "endpoint_requests_per_second": 25.0}
        return min(settings.values())


ACCOUNT = Conditions("(a) 100/s, no endpoint limit", rate=100, told={"requests_per_second": 100.0, "endpoint_requests_per_second": 100.0})
ENDPOINT = Conditions(
    "(b) 25/s on the endpoint", rate=100, endpoint_rate=25, told={"requests_per_second": 100.0, "endpoint_requests_per_second": 25.0}
)
DEFAULT = Conditions("(c) default settings, test key", rate=25, endpoint_rate=25)
AT_ONCE = Conditions(
    "zero latency, no limit", latency_ms=0, jitter_ms=0, told={"requests_per_second": _FREE, "endpoint_requests_per_second": _FREE}
)


@dataclass
class Bench:
    """Hold the server.

    Attributes:
        url: where it is.
        charges: how many it has.
        times: creation of each thousandth, newest first.
    """

    process: subprocess.Popen[str]
    url: str
    charges: int
    times: list[int]
    seen: dict[str, int] = field(default_factory=dict)

    def set(self, conditions: Conditions) -> dict[str, int]:
        """Set the conditions; return what was asked since they were set last."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        told = {name: value for name, value in asdict(conditions).items() if name not in ("name", "told")}
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()
        answer: dict[str, int] = json.loads(self.process.stdout.readline())
        return answer

    def since(self, rows: int) -> int:
        """Return the second from which on there are ``rows`` rows, to the nearest thousand below."""
        return self.times[min(rows, self.charges) // 1000 - 1]

    def connect(self, conditions: Conditions, **more: Any) -> stripesql.Connection:
        """Return a new connection that knows the limits."""
        return stripesql.connect(KEY, base_url=self.url, **(conditions.told or {}), **more)


@contextmanager
def bench(charges: int) -> Iterator[Bench]:
    """Run a server process with so many charges."""
    command = [sys.executable, str(Path(__file__).with_name("server.py")), "--charges", str(charges)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        yield Bench(process, told["url"], told["charges"], told["times"])
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=30)
