"""Stand between a connection and the simulator, on loopback: a proxy, a server with TLS, servers that are slow or silent.

In: sockets. Out: context managers with a ``port``, whose threads end with them.
"""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any


class Listening:
    """Hand each connection to ``serve`` in a thread of its own."""

    def __init__(self, serve: Callable[[socket.socket], None], host: str = "127.0.0.1") -> None:
        self._serve = serve
        self._listener = socket.create_server((host, 0))
        self.port: int = self._listener.getsockname()[1]
        self.accepted = 0
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                taken, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            self._open.append(taken)
            thread = threading.Thread(target=self._one, args=(taken,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _one(self, taken: socket.socket) -> None:
        with taken, contextlib.suppress(OSError):
            self._serve(taken)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join(timeout=5)


def request_of(taken: socket.socket) -> bytes:
    """Return the head of the next request, empty at the end."""
    head = b""
    while b"\r\n\r\n" not in head:
        part = taken.recv(65536)
        if not part:
            return b""
        head += part
    return head


def silent() -> Listening:
    """Read and never answer."""

    def serve(taken: socket.socket) -> None:
        while taken.recv(65536):
            pass

    return Listening(serve)


def dripping(head: bytes, pieces: list[bytes], pause_s: float) -> Listening:
    """Answer each request with a head and then a piece after each pause."""

    def serve(taken: socket.socket) -> None:
        while request_of(taken):
            taken.sendall(head)
            for piece in pieces:
                time.sleep(pause_s)
                taken.sendall(piece)

    return Listening(serve)


def _pipe(one: socket.socket, other: socket.socket, seen: bytearray | None = None) -> None:
    def copy(source: socket.socket, target: socket.socket, keep: bytearray | None) -> None:
        with contextlib.suppress(OSError):
            while part := source.recv(65536):
                if keep is not None:
                    keep += part
                target.sendall(part)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    back = threading.Thread(target=copy, args=(other, one, None), daemon=True)
    back.start()
    copy(one, other, seen)
    back.join(timeout=5)


class Onward(Listening):
    """Forward every connection to the port ``target``."""

    def __init__(self, host: str) -> None:
        self.target = 0
        super().__init__(self._forward, host)

    def _forward(self, taken: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self.target)) as onward:
            _pipe(taken, onward)


class Proxy(Listening):
    """Forward by CONNECT to one port, whatever host is asked for; remember the hosts and all bytes that clients sent."""

    def __init__(self, port: int) -> None:
        self.asked: list[str] = []
        self.seen = bytearray()
        self._target = port
        super().__init__(self._forward)

    def _forward(self, taken: socket.socket) -> None:
        head = request_of(taken)
        self.seen += head
        method, host, _ = head.decode("latin-1").split(" ", 2)
        self.asked.append(f"{method} {host}")
        if method != "CONNECT":
            taken.sendall(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", self._target)) as onward:
            taken.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _pipe(taken, onward, self.seen)


class Secured(Listening):
    """Speak TLS, with a certificate of a self-made authority, in front of a server that does not."""

    def __init__(self, port: int, certificate: Path) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._target = port
        super().__init__(self._unwrap)

    def _unwrap(self, taken: socket.socket) -> None:
        with self._context.wrap_socket(taken, server_side=True) as plain, socket.create_connection(("127.0.0.1", self._target)) as onward:
            _pipe(plain, onward)


def certificates(folder: Path, *names: str) -> tuple[Path, Path]:
    """Write a self-made authority, and a certificate with its key for some host names; return both files."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    now = datetime.datetime.now(datetime.UTC)

    def made(subject: str, issuer: str, public: Any, signer: Any, extension: Any, *, authority: bool) -> Any:
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if extension is not None:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(signer, hashes.SHA256())

    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = made("a test's authority", "a test's authority", ca_key.public_key(), ca_key, None, authority=True)
    host = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    leaf = made(names[0], "a test's authority", key.public_key(), ca_key, host, authority=False)
    pem = serialization.Encoding.PEM
    authority_file, server_file = folder / "authority.pem", folder / "server.pem"
    authority_file.write_bytes(ca.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    server_file.write_bytes(private + leaf.public_bytes(pem))
    return authority_file, server_file
