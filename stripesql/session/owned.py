"""Own what one connection owns: settings, key, engine, client, frames, temporary tables, and what it remembers.

In: settings and a key. Out: what a statement runs in. Safe to use from any thread.
"""

from __future__ import annotations

import datetime as dt
import threading
import weakref
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, Final

import httpx
import pyarrow as pa

from stripesql.catalogue.load import catalogue
from stripesql.engine.instance import Engine
from stripesql.engine.stored import Tables
from stripesql.errors import InterfaceError
from stripesql.fetch.client import Client
from stripesql.fetch.control import Control
from stripesql.fetch.limiter import rates_of
from stripesql.query.relations import Relations
from stripesql.query.select import Surroundings
from stripesql.scan.cache import cache_for, drop_all
from stripesql.scan.means import Means
from stripesql.scan.noted import Notebook
from stripesql.scan.recall import Recall
from stripesql.session import local
from stripesql.session.frames import arrow_table
from stripesql.session.outcome import Worker
from stripesql.settings import ApiKey, Settings, setting
from stripesql.sql.dialects import check_dialect

if TYPE_CHECKING:
    from stripesql.write.scene import Scene

_OF_THE_CLIENT: Final = ("stripe_account", "stripe_context", "stripe_version", "http_timeout_s")
"""Settings that a client is made with; the others that it reads cannot be SET."""


class Owned:
    """Hold the belongings of one connection.

    Attributes:
        key: the Stripe key.
        engine: the engine instance, made when it is first needed.
        tables: the connection's temporary tables.
    """

    def __init__(self, settings: Settings, api_key: ApiKey, *, transport: httpx.BaseTransport | None = None) -> None:
        """Take the settings and the key; nothing is opened or sent yet."""
        check_dialect(settings.sql_dialect)
        self.key = api_key
        self.engine = Engine(memory_limit=settings.memory_limit)
        self.tables = Tables(self.engine)
        self._defaults = self._settings = settings
        self._frames: dict[str, pa.Table] = {}
        self._transport = transport
        self._client = self._new_client(settings)
        # Statements that are under way keep the client that they began with, so all are kept until the end.
        self._clients = [self._client]
        self._finalizer = weakref.finalize(self, _close_clients, self._clients)
        self._finalizer.atexit = False
        self._notebook = Notebook()
        self._lock = threading.Lock()

    # -- settings

    @property
    def settings(self) -> Settings:
        """Return the settings as they are now."""
        return self._settings

    def set(self, name: str, value: str | None) -> None:
        """Change a setting; None goes back to what the connection began with.

        Raises:
            InterfaceError: no such setting, one that is not SET, or a value of the wrong kind.
        """
        chosen = setting(name)
        if "set" not in chosen.places:
            raise InterfaceError(f"{name} cannot be SET; it is given to connect()")
        with self._lock:
            settings = self._settings.changed(name, getattr(self._defaults, name) if value is None else value)
            check_dialect(settings.sql_dialect)
            self._settings = settings
            if name in _OF_THE_CLIENT:
                previous, self._client = self._client, self._new_client(settings)
                self._client.take_clock(previous)
                self._clients.append(self._client)
                # Another account or version has lists of other lengths.
                self._notebook = Notebook()

    def rate(self, settings: Settings) -> float:
        """Return the requests per second that the settings allow one endpoint."""
        return rates_of(settings, self.key.mode).endpoint

    # -- what a statement runs in

    def around(self, worker: Worker, settings: Settings) -> Surroundings:
        """Return what a query runs in, with the engine's cursor set to the statement's zone and time."""
        if worker.engine is None:
            worker.engine = self.engine.cursor()
        now = self.now()
        worker.engine.begin(settings.timezone, now)
        return Surroundings(worker.engine, self.relations(), settings, now, self._notebook)

    def now(self) -> dt.datetime:
        """Return the time of a statement that begins: the server's, as far as it is known."""
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self._client.clock_offset_s)

    def means(self, control: Control, settings: Settings, *, fresh: bool = False) -> Means:
        """Return what a statement fetches with; ``fresh`` never gives what was read before."""
        rates = rates_of(settings, self.key.mode)
        recall = None if fresh else self.recall(settings)
        return Means(self._client_of(settings), control, settings.base_url, min(rates.account, rates.endpoint), recall=recall)

    def scene(self, worker: Worker, settings: Settings, control: Control) -> Scene:
        """Return what a write runs in; it reads nothing that was kept."""
        from stripesql.write.scene import Scene  # with the write layer, by the first write

        return Scene(self.around(worker, settings), self.means(control, settings, fresh=True), self.key.mode)

    def relations(self) -> Relations:
        """Return what names in FROM stand for now."""
        return Relations(catalogue(), self._frames, self.tables)

    def _client_of(self, settings: Settings) -> Client:
        """Return the client of a statement that began under these settings: another thread may have changed them since."""
        wanted = [getattr(settings, name) for name in _OF_THE_CLIENT]
        for client in reversed(tuple(self._clients)):
            if [getattr(client.settings, name) for name in _OF_THE_CLIENT] == wanted:
                return client
        return self._client

    def _new_client(self, settings: Settings) -> Client:
        return Client(settings, self.key, transport=self._transport, default_version=catalogue().version)

    # -- what is remembered

    def recall(self, settings: Settings) -> Recall | None:
        """Return what knows earlier answers; None where the settings want none."""
        if not settings.cache_ttl_s or not settings.cache_bytes or not settings.pushdown:
            return None
        cache = cache_for(*self._place, self.key, settings.cache_bytes)
        return Recall(cache, (settings.stripe_account, settings.stripe_context, settings.stripe_version), settings.cache_ttl_s)

    def wrote(self) -> None:
        """Forget what was kept of Stripe: something may have been written."""
        drop_all(*self._place)

    @property
    def _place(self) -> tuple[Hashable, httpx.BaseTransport | None]:
        """Return what tells apart where requests go."""
        settings = self._defaults
        demo = "demo" if settings.demo is True else settings.demo
        return (settings.base_url, demo), None if settings.demo and settings.transport is None else self._transport

    # -- frames

    def register(self, name: str, frame: Any) -> None:
        """Make an Arrow table, or anything that becomes one, a relation of this connection.

        Raises:
            InterfaceError: the object is not tabular, or the name is not one.
        """
        table = arrow_table(name, frame)
        local.demand_free_name(name, self.relations())
        with self._lock:
            self._frames = {**self._frames, name.lower(): table}

    def unregister(self, name: str) -> None:
        """Forget a frame.

        Raises:
            InterfaceError: there is none of this name.
        """
        with self._lock:
            if not isinstance(name, str) or name.lower() not in self._frames:
                raise InterfaceError(f"no frame is registered as {name!r}")
            self._frames = {each: frame for each, frame in self._frames.items() if each != name.lower()}

    def close(self) -> None:
        """Let go of engine and client."""
        self.engine.close()
        self._finalizer.detach()
        _close_clients(self._clients)


def _close_clients(clients: Sequence[Client]) -> None:
    for client in clients:
        client.close()
