"""Be Harlequin's adapter: ``harlequin -a stripe`` shows the tables and runs SQL.

In: what Harlequin asks of an adapter. Out: answers of the driver, results as Arrow tables. Harlequin finds the adapter by its entry
point; only this module imports Harlequin.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import pyarrow as pa
from harlequin import HarlequinAdapter, HarlequinConnection, HarlequinCursor
from harlequin.catalog import Catalog, CatalogItem
from harlequin.exception import HarlequinConfigError, HarlequinConnectionError, HarlequinQueryError
from harlequin.options import FlagOption, TextOption

import stripesql
from stripesql.errors import Error, QueryCancelled
from stripesql.settings import SETTINGS, setting
from stripesql.sql.splice import quoted

_LABELS: Final = {
    "VARCHAR": "s",
    "BIGINT": "##",
    "HUGEINT": "###",
    "INTEGER": "#",
    "DOUBLE": "#.#",
    "DECIMAL": "#.#",
    "BOOLEAN": "t/f",
    "TIMESTAMP": "ts",
    "TIMESTAMP WITH TIME ZONE": "ttz",
    "DATE": "d",
    "TIME": "t",
    "INTERVAL": "|-|",
    "JSON": "{}",
    "STRUCT": "{}",
    "MAP": "{m}",
}
_OPTIONS: Final = ("timezone", "sql_dialect", "stripe_account", "max_requests", "cache_ttl_s")


class StripeAdapter(HarlequinAdapter):
    """Connect Harlequin to a Stripe account: the key comes from STRIPE_API_KEY."""

    ADAPTER_OPTIONS = [  # noqa: RUF012  Harlequin's own form
        FlagOption(name="demo", description="Use the embedded demo account; no key is needed."),
        *(TextOption(name=name, description=f"{setting(name).meaning}; {setting(name).kind}.") for name in _OPTIONS),
    ]
    IMPLEMENTS_CANCEL = True
    ADAPTER_DETAILS = "SQL over the Stripe API. Tables are Stripe's lists; `EXPLAIN` shows what a query will request."

    def __init__(self, conn_str: Sequence[str] = (), **options: Any) -> None:
        """Take at most one URL, and options; what else Harlequin gives is left alone.

        Raises:
            HarlequinConfigError: a key among the arguments, something that is not a URL, a wrong value.
        """
        given = [each for each in conn_str if each]
        if mistake := _mistake(given):
            raise HarlequinConfigError(mistake, title="The connection to Stripe")
        self._url = given[0] if given else None
        known = {each.name for each in SETTINGS if "url" in each.places}
        try:
            self._settings = {
                name: setting(name).read(value) for name, value in options.items() if name in known and value not in (None, "", False)
            }
        except Error as problem:
            raise HarlequinConfigError(str(problem), title="The connection to Stripe") from problem

    @property
    def connection_id(self) -> str:
        """Return what Harlequin keeps the history under: the same for the same account, and it does not give the key away."""
        digest = hashlib.sha256(repr((self._url, sorted(self._settings.items()), os.environ.get("STRIPE_API_KEY"))).encode())
        return f"stripe-{digest.hexdigest()[:16]}"

    def connect(self) -> StripeConnection:
        """Open a connection; nothing is sent.

        Raises:
            HarlequinConnectionError: there is no key, or the URL has a mistake.
        """
        try:
            return StripeConnection(stripesql.connect(self._url, **self._settings))
        except Error as problem:
            raise HarlequinConnectionError(str(problem), title="The connection to Stripe") from problem


class StripeConnection(HarlequinConnection):
    """Run statements for Harlequin."""

    def __init__(self, connection: stripesql.Connection, init_message: str = "") -> None:
        """Take the driver's connection."""
        self._connection = connection
        self.init_message = init_message

    def execute(self, query: str) -> StripeCursor | None:
        """Run a statement; None for one without rows, and for one that was cancelled.

        Raises:
            HarlequinQueryError: the driver refused it.
        """
        try:
            cursor = self._connection.execute(query)
        except QueryCancelled:
            return None
        except Error as problem:
            raise _query_error(problem) from problem
        return None if cursor.description is None else StripeCursor(cursor)

    def cancel(self) -> None:
        """Stop what runs."""
        self._connection.cancel()

    def get_catalog(self) -> Catalog:
        """Return schemas, their tables and the columns of ``*``; sends nothing."""
        tables = self._read("SELECT table_schema, table_name, table_type FROM information_schema.tables ORDER BY ALL")
        columns: dict[tuple[str, str], list[CatalogItem]] = {}
        for schema, table, name, kind in self._read(
            "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns "
            "WHERE is_hidden = 'NO' ORDER BY table_schema, table_name, ordinal_position"
        ):
            item = CatalogItem(f"{_path(schema, table)}.{quoted(name)}", quoted(name), name, _label(kind))
            columns.setdefault((schema, table), []).append(item)
        schemas: dict[str, list[CatalogItem]] = {}
        for schema, table, kind in tables:
            item = CatalogItem(_path(schema, table), _shortest(schema, table), table, "v" if kind == "VIEW" else "t")
            item.children = columns.get((schema, table), [])
            schemas.setdefault(schema, []).append(item)
        ordered = sorted(schemas, reverse=True)  # Stripe's own first
        return Catalog([CatalogItem(quoted(name), quoted(name), name, "sch", schemas[name]) for name in ordered])

    def _read(self, query: str) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            return cursor.execute(query).fetchall()

    def close(self) -> None:
        """Close the driver's connection."""
        self._connection.close()


class StripeCursor(HarlequinCursor):
    """Give the rows of a statement; with a limit, pages beyond it are not asked for."""

    def __init__(self, cursor: stripesql.Cursor) -> None:
        """Take the driver's cursor, after ``execute``."""
        self._cursor = cursor
        self._columns = [(name, _label(kind)) for name, kind, *_ in cursor.description or ()]
        self._limit: int | None = None

    def columns(self) -> list[tuple[str, str]]:
        """Return names, and types as a few signs."""
        return self._columns

    def set_limit(self, limit: int) -> StripeCursor:
        """Keep to so many rows."""
        self._limit = limit
        return self

    def fetchall(self) -> pa.Table | None:
        """Return the rows; None where the statement was cancelled.

        Raises:
            HarlequinQueryError: a page failed.
        """
        try:
            return self._rows()
        except QueryCancelled:
            return None
        except Error as problem:
            raise _query_error(problem) from problem
        finally:
            self._cursor.close()

    def _rows(self) -> pa.Table:
        reader = self._cursor.fetch_arrow()
        batches: list[pa.RecordBatch] = []
        wanted = self._limit
        while wanted is None or wanted > 0:
            batch = next(reader, None)
            if batch is None:
                break
            batches.append(batch if wanted is None else batch.slice(0, wanted))
            wanted = None if wanted is None else wanted - batch.num_rows
        return pa.Table.from_batches(batches, schema=reader.schema)


def _mistake(given: Sequence[str]) -> str:
    if len(given) > 1:
        return "one account at a time: give at most one URL, such as stripe:///?demo=1"
    for each in given:
        url = urlsplit(each)
        if url.scheme not in ("stripe", "stripesql") or url.username or url.password:
            # Not repeated in the message: it may be a key.
            return (
                "the argument is not a URL without a key, such as stripe:///?demo=1; others on this machine can read arguments, "
                "so the key belongs in the environment variable STRIPE_API_KEY"
            )
    return ""


def _query_error(problem: Error) -> HarlequinQueryError:
    return HarlequinQueryError(str(problem), title="stripesql refused or failed the query")


def _label(kind: str) -> str:
    if kind.endswith("[]"):
        return f"[{_label(kind[:-2])}]"
    return _LABELS.get(kind.partition("(")[0], "?")


def _path(schema: str, table: str) -> str:
    return f"{quoted(schema)}.{quoted(table)}"


def _shortest(schema: str, table: str) -> str:
    return quoted(table) if schema == "stripe" else _path(schema, table)
