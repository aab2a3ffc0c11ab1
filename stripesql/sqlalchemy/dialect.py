"""Be SQLAlchemy's dialect for the driver.

In: what SQLAlchemy asks of a dialect. Out: answers of ``url``, ``compiler``, ``types`` and ``reflection``. There are no
transactions: every statement stands alone, and a rollback undoes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.engine.url import URL
from sqlalchemy.exc import ArgumentError, NoSuchTableError

from stripesql.catalogue.load import catalogue
from stripesql.catalogue.model import Table
from stripesql.catalogue.relations import Local
from stripesql.errors import InterfaceError
from stripesql.settings import ApiKey
from stripesql.sqlalchemy import comments, reflection
from stripesql.sqlalchemy.compiler import StripeCompiler, StripeDDLCompiler, StripePreparer, StripeTypeCompiler
from stripesql.sqlalchemy.reflection import Described, Reflected
from stripesql.sqlalchemy.types import COLSPECS, NAMES
from stripesql.sqlalchemy.url import connect_arguments, hidden

_ISOLATION: Final = "AUTOCOMMIT"


class StripeDialect(DefaultDialect):
    """Let SQLAlchemy 1.4, 2.0 and 2.1 read a Stripe account."""

    name = "stripe"
    driver = "stripesql"
    default_paramstyle = "qmark"
    supports_statement_cache = True

    statement_compiler = StripeCompiler
    ddl_compiler = StripeDDLCompiler
    type_compiler = StripeTypeCompiler
    type_compiler_cls = StripeTypeCompiler
    preparer = StripePreparer
    colspecs = COLSPECS
    ischema_names = NAMES

    default_schema_name = reflection.STRIPE_SCHEMA
    supports_native_boolean = True
    supports_native_decimal = True
    supports_native_uuid = True
    supports_comments = True
    inline_comments = True  # of temporary tables, where nobody would read them: they are left out
    supports_multivalues_insert = True
    supports_default_values = True
    supports_default_metavalue = True
    supports_empty_insert = False
    supports_sane_rowcount = True
    supports_sane_multi_rowcount = True
    # What SQLAlchemy 1.4 calls it, and what later releases do.
    implicit_returning = True
    full_returning = True
    insert_returning = True
    update_returning = True
    delete_returning = True
    update_returning_multifrom = True
    delete_returning_multifrom = True
    insert_executemany_returning = True
    use_insertmanyvalues = True
    postfetch_lastrowid = False
    div_is_floordiv = False

    # SQLAlchemy's JSON type asks the dialect for both; results arrive decoded.
    _json_serializer: Callable[[Any], str] | None = None
    _json_deserializer = None

    def __init__(self, isolation_level: str | None = None, json_serializer: Callable[[Any], str] | None = None, **kw: Any) -> None:
        """Take ``isolation_level`` too, which has one value, and what writes JSON parameters."""
        super().__init__(isolation_level=isolation_level, **kw)  # type: ignore[arg-type]  # 1.4 has no Literal for it
        self._isolation_level = isolation_level
        self._json_serializer = json_serializer

    # -- connecting

    @classmethod
    def import_dbapi(cls) -> ModuleType:
        """Return the driver."""
        import stripesql

        return stripesql

    @classmethod
    def dbapi(cls) -> ModuleType:  # type: ignore[override]
        """Return the driver; SQLAlchemy 1.4's name for it."""
        return cls.import_dbapi()

    def create_connect_args(self, url: URL) -> tuple[list[Any], dict[str, Any]]:
        """Return the arguments of ``connect``; the key among them shows itself to nobody."""
        return [], connect_arguments(url)

    def connect(self, *cargs: Any, **cparams: Any) -> Any:
        """Open a connection; nothing is sent."""
        key = cparams.pop("api_key", None)
        return self.import_dbapi().connect(key.reveal() if isinstance(key, ApiKey) else key, *cargs, **cparams)

    @classmethod
    def engine_created(cls, engine: Any) -> None:
        """Hide the key in the engine's URL, which SQLAlchemy 1.4 would print."""
        engine.url = hidden(engine.url)

    def on_connect(self) -> Callable[[Any], None] | None:
        """Return what checks the isolation level of ``create_engine``, which SQLAlchemy 1.4 does not do itself."""
        level = self._isolation_level
        return None if level is None else lambda connection: self.set_isolation_level(connection, level)

    def do_ping(self, dbapi_connection: Any) -> bool:
        """Say whether the connection can be used; sends nothing, because it holds nothing that Stripe could drop."""
        return _is_usable(dbapi_connection)

    def is_disconnect(self, e: Exception, connection: Any, cursor: Any) -> bool:
        """Say whether the error means that the connection was closed, or belongs to another process."""
        return isinstance(e, InterfaceError) and connection is not None and not _is_usable(connection)

    # -- transactions, of which there are none

    def get_isolation_level_values(self, dbapi_conn: Any) -> list[Any]:
        """Return the one level."""
        return [_ISOLATION]

    def get_isolation_level(self, dbapi_connection: Any) -> Any:
        """Return AUTOCOMMIT."""
        return _ISOLATION

    def set_isolation_level(self, dbapi_connection: Any, level: Any) -> None:
        """Take AUTOCOMMIT.

        Raises:
            ArgumentError: another level.
        """
        _check_isolation(level)

    def detect_autocommit_setting(self, dbapi_conn: Any) -> bool:
        """Return True."""
        return True

    # -- what the server is

    def _get_server_version_info(self, connection: Any) -> tuple[int, ...]:
        """Return the date of the API version."""
        return tuple(int(part) for part in catalogue().version.partition(".")[0].split("-"))

    def _get_default_schema_name(self, connection: Any) -> str:
        return reflection.STRIPE_SCHEMA

    # -- reflection

    def has_table(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> bool:
        """Say whether there is a table of this name; pandas asks it with whole statements."""
        return reflection.find(table_name, schema, _own(connection)) is not None

    def has_sequence(self, connection: Any, sequence_name: str, schema: str | None = None, **kw: Any) -> bool:
        """Return False: there are none."""
        return False

    def get_schema_names(self, connection: Any, **kw: Any) -> list[str]:
        """Return the schemas."""
        return list(reflection.SCHEMAS)

    def get_table_names(self, connection: Any, schema: str | None = None, **kw: Any) -> list[str]:
        """Return the tables."""
        return reflection.table_names(schema)

    def get_view_names(self, connection: Any, schema: str | None = None, **kw: Any) -> list[str]:
        """Return the views."""
        return reflection.view_names(schema)

    def get_materialized_view_names(self, connection: Any, schema: str | None = None, **kw: Any) -> list[str]:
        """Return nothing."""
        return []

    def get_temp_table_names(self, connection: Any, schema: str | None = None, **kw: Any) -> list[str]:
        """Return the temporary tables of this connection."""
        return [each.name for each in _own(connection)] if schema in (None, reflection.TEMP_SCHEMA) else []

    def get_temp_view_names(self, connection: Any, schema: str | None = None, **kw: Any) -> list[str]:
        """Return nothing."""
        return []

    def get_sequence_names(self, connection: Any, schema: str | None = None, **kw: Any) -> list[str]:
        """Return nothing."""
        return []

    def get_view_definition(self, connection: Any, view_name: str, schema: str | None = None, **kw: Any) -> str:
        """Return no text: the views of ``information_schema`` are made by the program."""
        _found(connection, view_name, schema)
        return ""

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the columns of ``*``."""
        return reflection.columns(_found(connection, table_name, schema))

    def get_pk_constraint(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the columns that name a row."""
        return reflection.primary_key(_found(connection, table_name, schema))

    def get_foreign_keys(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the columns that hold ids of another table."""
        return reflection.foreign_keys(_found(connection, table_name, schema), schema)

    def get_indexes(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the columns that Stripe can filter."""
        return reflection.indexes(_found(connection, table_name, schema))

    def get_unique_constraints(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return nothing."""
        _found(connection, table_name, schema)
        return []

    def get_check_constraints(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return nothing."""
        _found(connection, table_name, schema)
        return []

    def get_table_comment(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return which filters save requests, and which rows no list shows."""
        relation = _found(connection, table_name, schema)
        text: Described = {"text": comments.on_table(relation) or None if isinstance(relation, Table) else None}
        return text

    def get_table_options(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return nothing."""
        _found(connection, table_name, schema)
        return {}


def _own(connection: Any) -> list[Local]:
    """Return the temporary tables of a connection; none where only the engine is known."""
    raw = getattr(getattr(connection, "connection", None), "dbapi_connection", None)
    return [] if raw is None else [each for each in raw._own if each.is_table]


def _found(connection: Any, name: str, schema: str | None) -> Reflected:
    relation = reflection.find(name, schema, _own(connection))
    if relation is None:
        raise NoSuchTableError(name if schema is None else f"{schema}.{name}")
    return relation


def _check_isolation(level: str) -> None:
    if level != _ISOLATION:
        # The beginning is SQLAlchemy's own sentence.
        raise ArgumentError(
            f"Invalid value {level!r} for isolation_level. Valid isolation levels for 'stripe' are {_ISOLATION}; Stripe has no transactions"
        )


def _is_usable(connection: Any) -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.nextset()  # PEP 249's cheapest question to a cursor; it fails in a child process too
    except InterfaceError:
        return False
    return True
