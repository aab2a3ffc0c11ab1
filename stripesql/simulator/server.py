"""Serve the simulator over HTTP on this machine.

In: a simulator and a port. Out: a running server: threaded, loopback only, HTTP/1.1 with keep-alive. It parses requests by
hand, because ``http.server`` costs more than the answer.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, cast

from stripesql.simulator.answers import Answer, Asked
from stripesql.simulator.faults import Fault
from stripesql.simulator.transport import PIECES

if TYPE_CHECKING:
    from stripesql.simulator.simulator import Simulator

LONGEST_LINE = 64 * 1024
REASONS = {200: "OK", 302: "Found", 400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found", 409: "Conflict", 429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}  # fmt: skip


class Server:
    """Run until ``close``; a context manager that closes itself.

    Attributes:
        url: ``http://127.0.0.1:<port>``.
        port: the port that it listens on.
    """

    def __init__(self, simulator: Simulator, port: int = 0, host: str = "127.0.0.1") -> None:
        if host not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError(f"the simulator serves loopback only, not {host}")
        self._simulator = simulator
        self._listener = socket.create_server((host, port), family=socket.AF_INET6 if host == "::1" else socket.AF_INET, backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://{'[::1]' if host == '::1' else host}:{self.port}"
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._acceptor = threading.Thread(target=self._accept, name="stripesql-simulator", daemon=True)
        self._acceptor.start()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening and cut every connection; closing twice is harmless."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._acceptor.join(timeout=5)

    def _accept(self) -> None:
        while not self._closed:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb", buffering=64 * 1024) as stream, contextlib.suppress(OSError):
                while not self._closed and self._one(connection, cast("BinaryIO", stream)):
                    pass
        finally:
            with self._lock:
                self._open.discard(connection)

    def _one(self, connection: socket.socket, stream: BinaryIO) -> bool:
        """Answer one request; False closes the connection."""
        asked = _read(stream)
        if asked is None:
            return False
        answer, fault = self._simulator.handle(asked)
        if fault in (Fault.RESET_BEFORE, Fault.RESET_AFTER):
            # A linger of zero seconds makes close() send RST instead of FIN.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if fault is Fault.NO_ANSWER:
            stream.read(1)  # until whoever asked gives up and closes
            return False
        head = _head(answer)
        if fault is Fault.CUT_BODY:
            connection.sendall(head + answer.body[: len(answer.body) // 2])
            return False
        if fault is Fault.SLOW_DRIP:
            self._drip(connection, head, answer.body)
        else:
            connection.sendall(head + answer.body)
        return asked.headers.get("connection", "").lower() != "close"

    def _drip(self, connection: socket.socket, head: bytes, body: bytes) -> None:
        connection.sendall(head)
        size = max(1, len(body) // PIECES)
        for start in range(0, len(body), size):
            time.sleep(self._simulator.faults.drip_s)
            connection.sendall(body[start : start + size])


def _read(stream: BinaryIO) -> Asked | None:
    """Return the next request, None at the end of the connection or for a line that is no request."""
    parts = stream.readline(LONGEST_LINE).split()
    if len(parts) != 3:
        return None
    headers: dict[str, str] = {}
    while (line := stream.readline(LONGEST_LINE)) not in (b"\r\n", b"\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    body = stream.read(int(headers.get("content-length") or 0)) if headers.get("content-length") else b""
    path, _, query = parts[1].decode("latin-1").partition("?")
    return Asked(parts[0].decode("latin-1").upper(), path, query, headers, body)


def _head(answer: Answer) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Error')}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    lines.append(f"Content-Length: {len(answer.body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def serve(simulator: Simulator, port: int = 0, host: str = "127.0.0.1") -> Server:
    """Serve ``simulator`` on ``port`` (0 takes a free one) of a loopback host."""
    return Server(simulator, port, host)
