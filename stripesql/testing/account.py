"""Hold one embedded account for a test: in this process, and over HTTP where a URL is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any
from urllib.parse import quote

from stripesql.dbapi.connect import connect
from stripesql.dbapi.connection import Connection
from stripesql.simulator import LoggedRequest, Server, Simulator, serve
from stripesql.simulator.faults import Faults

KEY = "sk_test_" + "simulated"
"""Opens every such account; any test key does."""


class TestAccount:
    """Be a Stripe account that only the test sees; a context manager that ends what it began.

    Args:
        empty: without any object but the account itself.
        scale: of the data; 1.0 is the demo, with about 300 customers and 2,400 charges.
        seed: another number makes another business.
        now: the server's time, unix seconds; None is the real clock.

    Attributes:
        faults: what goes wrong, and when: ``account.faults.next(Fault.RATE_LIMIT)``.

    >>> with TestAccount(empty=True) as account:
    ...     _ = account.insert("customers", {"email": "a@example.com"})
    ...     account.connect().execute("SELECT email FROM customers").fetchall()
    [('a@example.com',)]
    """

    # Test runners collect classes that begin like this one.
    __test__ = False

    def __init__(self, *, empty: bool = False, scale: float = 0.1, seed: int = 7, now: float | None = None) -> None:
        self._simulator = Simulator(empty=empty, scale=scale, seed=seed, now=now)
        self._connections: list[Connection] = []
        self._server: Server | None = None

    @property
    def id(self) -> str:
        """Return the account's id."""
        return self._simulator.account_id

    @property
    def faults(self) -> Faults:
        """Return the switches for what goes wrong."""
        return self._simulator.faults

    @property
    def requests(self) -> Sequence[LoggedRequest]:
        """Return the requests that arrived since the beginning, or since ``forget_requests``."""
        return tuple(self._simulator.log)

    def forget_requests(self) -> None:
        """Count requests anew."""
        self._simulator.clear_log()

    def connect(self, **settings: object) -> Connection:
        """Return a connection to the account, in this process, without rate limits; it is closed with the account."""
        opened = connect(None, demo=True, transport=self._simulator.transport(), **settings)
        self._connections.append(opened)
        return opened

    @property
    def url(self) -> str:
        """Return ``http://127.0.0.1:<port>``, where the account is served from the first time that this is asked for."""
        if self._server is None:
            self._server = serve(self._simulator)
        return self._server.url

    @property
    def sqlalchemy_url(self) -> str:
        """Return a URL for ``sqlalchemy.create_engine``; goes over HTTP."""
        return f"stripe://:{KEY}@/?base_url={quote(self.url, safe='')}"

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that lead ``stripesql.connect()`` without arguments, and the command, to the account."""
        return {"STRIPE_API_KEY": KEY, "STRIPESQL_BASE_URL": self.url}

    def insert(self, table: str, fields: Mapping[str, Any] | None = None, *, account: str | None = None) -> dict[str, Any]:
        """Put an object there, whatever Stripe's own rules are for making it; return it as the API shows it.

        Args:
            table: SQL name; a nested table's fields hold the parent's id.
            fields: of the API's object; ``created`` orders it, default now. What is not given is null.
            account: a connected account, or None for this one.
        """
        return self._simulator.insert(table, fields, account=account)

    def delete(self, table: str, object_id: str) -> None:
        """Delete an object; a tombstone stays.

        Raises:
            KeyError: no such object.
        """
        self._simulator.delete(table, object_id)

    def objects(self, table: str) -> list[dict[str, Any]]:
        """Return every object of a table as the API shows it, hidden ones included."""
        return self._simulator.objects(table)

    def close(self) -> None:
        """Close the connections and stop serving; a second call does nothing."""
        for connection in self._connections:
            connection.close()
        self._connections.clear()
        if self._server is not None:
            self._server.close()
            self._server = None

    def __enter__(self) -> TestAccount:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
