"""Serve the simulator in process, as an httpx transport.

In: httpx requests. Out: httpx responses, or the exceptions that httpx raises when a connection breaks.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx

from stripesql.simulator.answers import Asked
from stripesql.simulator.faults import Fault

if TYPE_CHECKING:
    from stripesql.simulator.simulator import Simulator

PIECES = 20


class SimulatorTransport(httpx.BaseTransport):
    """Answer every request from one simulator, whatever its host."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer.

        Raises:
            httpx.ReadError: a fault broke the connection.
            httpx.ReadTimeout: a fault kept the answer back; at once, because nobody sets this transport a time.
        """
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.headers.raw}
        answer, fault = self.simulator.handle(Asked(request.method, path, query, headers, request.read()))
        if fault in (Fault.RESET_BEFORE, Fault.RESET_AFTER):
            raise httpx.ReadError("the connection was reset", request=request)
        if fault is Fault.NO_ANSWER:
            raise httpx.ReadTimeout("timed out", request=request)
        sent = {**answer.headers, "Content-Length": str(len(answer.body))}
        if fault in (Fault.CUT_BODY, Fault.SLOW_DRIP):
            stream = _Pieces(answer.body, cut=fault is Fault.CUT_BODY, pause_s=self.simulator.faults.drip_s, request=request)
            return httpx.Response(answer.status, headers=sent, stream=stream, request=request)
        return httpx.Response(answer.status, headers=sent, content=answer.body, request=request)


class _Pieces(httpx.SyncByteStream):
    """A body that comes slowly, or only half of it."""

    def __init__(self, body: bytes, *, cut: bool, pause_s: float, request: httpx.Request) -> None:
        self._body, self._cut, self._pause_s, self._request = body, cut, pause_s, request

    def __iter__(self) -> Iterator[bytes]:
        if self._cut:
            yield self._body[: len(self._body) // 2]
            raise httpx.RemoteProtocolError("peer closed connection without sending complete message body", request=self._request)
        size = max(1, len(self._body) // PIECES)
        for start in range(0, len(self._body), size):
            time.sleep(self._pause_s)
            yield self._body[start : start + size]
