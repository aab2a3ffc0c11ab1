"""Exchange one HTTP request for one answer, over connections that the whole process shares.

In: method, URL, headers, body. Out: an ``Answer``, or ``Lost``. Nothing here knows Stripe's rules: what to send,
whether to repeat it and what an answer means is decided above.
"""

from __future__ import annotations

import os
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import PackageNotFoundError, version
from typing import Final
from urllib.parse import urlsplit

import httpx

from stripesql.errors import InterfaceError

MOST_CONNECTIONS: Final = 64
LEAST_BYTES_A_SECOND: Final = 1024
"""What an answer must bring on average once its time-out has passed: a server that sends a byte now and then would never end."""
KEEP_ALIVE_S: Final = 30.0
"""Longer than httpx's 5 s: a person thinks between two queries, and a new TLS connection costs several round trips."""

_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
_LOOPBACK: Final = ("localhost", "::1")


@dataclass(frozen=True, slots=True)
class Route:
    """Say by which way requests travel; equal routes share connections.

    Attributes:
        base_url: scheme and host, and whatever stands before every path.
        proxy: URL of a proxy, or None for the environment's.
        ca_bundle: file of certificates to trust, or None for the usual ones.
        transport: stands in for the network; it belongs to whoever made it, and is not closed here.
    """

    base_url: str
    proxy: str | None = field(default=None, repr=False)  # its URL may hold a password
    ca_bundle: str | None = None
    transport: httpx.BaseTransport | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold what came back.

    Attributes:
        status: of HTTP.
        headers: names in lower case.
        body: complete and decompressed.
        opening_s: seconds that the way took to open, before anything was sent; known of the first answer of a channel.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    opening_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Lost:
    """Say that no complete answer came.

    Attributes:
        reason: what happened, for people.
        sent: the request may have reached the server.
        cause: the exception behind it, where its text is safe to show.
    """

    reason: str
    sent: bool
    cause: Exception | None = None


class Channel:
    """Hold the connections of one route while anyone uses them.

    ``Pool.open`` makes one; each opening asks for one ``release``.
    """

    def __init__(self, route: Route, shared: Pool) -> None:
        self.route = route
        self.pool = shared
        self._client: httpx.Client | None = None
        self._is_warm = False
        self._lock = threading.Lock()

    def release(self) -> None:
        """Let go; the last one to do so closes the connections."""
        # In a child after a fork, closing would say goodbye on the connections of the parent.
        if self.pool.pid == os.getpid() and self.pool.forget(self):
            with self._lock:
                client, self._client = self._client, None
            if client is not None and self.route.transport is None:
                client.close()

    def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, *, timeout_s: float, check: Callable[[], None]
    ) -> Answer | Lost:
        """Send a request, once, and return the answer, whatever its status; redirects are not followed.

        Args:
            method: HTTP method.
            target: path and query, encoded.
            headers: all that the request needs besides the usual ones.
            body: content, or None.
            timeout_s: longest wait to connect, to send, and for each part of the answer; for the whole of it as well, unless it
                brings ``LEAST_BYTES_A_SECOND``.
            check: called between the parts of the answer; what it raises ends the exchange.
        """
        opening = None if self._is_warm else _Opening()
        client = self._opened()
        try:
            request = client.build_request(
                method,
                self.route.base_url + target,
                headers=dict(headers),
                content=body,
                timeout=httpx.Timeout(timeout_s),
                extensions={} if opening is None else {"trace": opening.trace},
            )
            response = client.send(request, stream=True, follow_redirects=False)
            try:
                parts, size, began = [], 0, time.monotonic()
                for part in response.iter_bytes():
                    check()
                    parts.append(part)
                    size += len(part)
                    passed_s = time.monotonic() - began
                    if passed_s > timeout_s and size < passed_s * LEAST_BYTES_A_SECOND:
                        return Lost(f"the answer came too slowly: {size} bytes in {passed_s:.1f} s", sent=True)
            finally:
                response.close()
        except httpx.InvalidURL as problem:
            raise InterfaceError(f"{self.route.base_url} and {target.partition('?')[0]} make no URL") from problem
        except httpx.LocalProtocolError:
            # Its text quotes the header that is at fault, which may be the key.
            return Lost("the request cannot be written as HTTP", sent=False)
        except httpx.HTTPError as problem:
            return _lost(problem, timeout_s)
        self._is_warm = True
        lower = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, lower, b"".join(parts), 0.0 if opening is None else opening.seconds)

    def _opened(self) -> httpx.Client:
        with self._lock:
            if self._client is None:
                self._client = _client(self.route)
            return self._client


class _Opening:
    """Measure how long a connection takes to open, by what httpcore tells: whoever counts round trips leaves that out."""

    def __init__(self) -> None:
        self._began = self._open = time.monotonic()

    def trace(self, event: str, _: Mapping[str, object]) -> None:
        """Take note of an event."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._open = time.monotonic()

    @property
    def seconds(self) -> float:
        """Return the seconds from the beginning until the connection was open; 0.0 where none was opened."""
        return self._open - self._began


def _lost(problem: httpx.HTTPError, timeout_s: float) -> Lost:
    _forget_frames(problem)
    unsent = isinstance(problem, _NOT_SENT)
    if isinstance(problem, httpx.TimeoutException):
        return Lost(f"no {'connection' if unsent else 'answer'} within {timeout_s:.3g} s", sent=not unsent, cause=problem)
    return Lost(str(problem) or type(problem).__name__, sent=not unsent, cause=problem)


class Pool:
    """Hold the channels of this process, one for each route that is in use."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._lock = threading.Lock()
        self._channels: dict[Route, tuple[Channel, int]] = {}

    def open(self, route: Route) -> Channel:
        """Return the channel of a route, kept open until its ``release``; nothing is connected yet."""
        with self._lock:
            channel, users = self._channels.get(route) or (Channel(route, self), 0)
            self._channels[route] = (channel, users + 1)
            return channel

    def forget(self, channel: Channel) -> bool:
        """Take back one ``open``; say whether it was the last."""
        with self._lock:
            _, users = self._channels[channel.route]
            if users > 1:
                self._channels[channel.route] = (channel, users - 1)
                return False
            del self._channels[channel.route]
            return True


# One for each process id: a child after a fork starts anew, as two processes on one TLS connection would garble it. What
# the parent had stays here untouched, because closing it in the child would end the parent's connections.
_pools: Final[dict[int, Pool]] = {}


def pool() -> Pool:
    """Return the pool of this process."""
    # setdefault is atomic, where a lock might have been copied by a fork while another thread held it.
    return _pools.get(os.getpid()) or _pools.setdefault(os.getpid(), Pool())


def _client(route: Route) -> httpx.Client:
    """Return a new client; about 25 ms, most of it for the certificates."""
    try:
        return httpx.Client(
            transport=route.transport,
            proxy=None if route.transport is not None else route.proxy,
            verify=_certificates(route.ca_bundle),
            # The environment's proxy must not see what goes to this machine: the key would travel in the clear.
            trust_env=route.transport is None and not _is_loopback(route.base_url),
            http2=False,
            limits=httpx.Limits(
                max_connections=MOST_CONNECTIONS, max_keepalive_connections=MOST_CONNECTIONS, keepalive_expiry=KEEP_ALIVE_S
            ),
            headers={"User-Agent": _user_agent(), "Accept": "application/json", "Accept-Encoding": "gzip"},
            # Shared by all keys, so it must not remember anything of one of them.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )
    except (ValueError, httpx.InvalidURL) as problem:
        # Without the text: a proxy's URL may hold a password.
        raise InterfaceError("proxy is not a URL that can be used; write http://host:port") from problem


def _certificates(ca_bundle: str | None) -> ssl.SSLContext | bool:
    if ca_bundle is None:
        return True
    try:
        return ssl.create_default_context(cafile=ca_bundle)
    except OSError as problem:
        raise InterfaceError(f"ca_bundle {ca_bundle!r} cannot be read as certificates: {problem}") from problem


def _is_loopback(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    return host in _LOOPBACK or host.startswith("127.")


@cache
def _user_agent() -> str:
    try:
        return f"stripesql/{version('stripesql')}"
    except PackageNotFoundError:  # run from a source tree
        return "stripesql/0"


def _forget_frames(problem: BaseException | None) -> None:
    """Drop the frames of the libraries below: variables there hold the request with its key, and tracebacks may print them."""
    while problem is not None:
        problem.__traceback__ = None
        problem = problem.__cause__ or problem.__context__
