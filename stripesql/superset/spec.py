"""Be Superset's engine spec for ``stripe://``.

In: what Superset asks of a database. Out: answers of ``times``, ``failures``, ``cost`` and ``form``.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

from sqlalchemy import types
from sqlalchemy.exc import DBAPIError
from superset.db_engine_specs.base import BaseEngineSpec
from superset.errors import SupersetErrorType
from superset.sql.parse import SQLGLOT_DIALECTS, LimitMethod
from superset.utils.core import GenericDataType

from stripesql.errors import Error
from stripesql.sql.functions import TABLE_FUNCTIONS
from stripesql.superset import cost, failures, form, times

_ENGINE: Final = "stripe"

# Superset looks the language up by the engine's name, in this dictionary alone; one that the administrator has set stays.
SQLGLOT_DIALECTS.setdefault(_ENGINE, SQLGLOT_DIALECTS["duckdb"])


class StripeEngineSpec(form.Form, BaseEngineSpec):
    """Tell Superset how to read a Stripe account."""

    engine = _ENGINE
    engine_aliases = {"stripesql"}  # noqa: RUF012  here and below: Superset's own form
    engine_name = "Stripe"
    default_driver = form.DRIVER
    drivers = {form.DRIVER: "SQL over the Stripe API"}  # noqa: RUF012
    sqlalchemy_uri_placeholder = "stripe://:rk_live_...@/?timezone=Europe/Berlin&cache_ttl_s=300"
    metadata = {  # noqa: RUF012
        "description": "The objects of a Stripe account as tables, read live from its API.",
        "homepage_url": "https://stripe.com/",
        "categories": ["Query Engines", "Open Source"],
        "pypi_packages": ["stripesql[sqlalchemy]"],
        "connection_string": "stripe://:{key}@/",
        "parameters": {"key": "Secret key, or better a restricted one that may only read"},
        "connection_examples": [{"description": "Demo account, no key", "connection_string": "stripe:///?demo=1"}],
        "notes": "The SQL is DuckDB's. Each query sends requests; SQL Lab's cost estimate counts them.",
    }

    # Rows are fetched as they are read, so that reading a part costs a part; statements stay as they were written.
    limit_method = LimitMethod.FETCH_MANY
    supports_file_upload = False
    disable_ssh_tunneling = True
    allows_alias_to_source_column = False
    _time_grain_expressions = times.GRAINS
    custom_errors: dict[Any, Any] = {pattern: ("%(said)s", SupersetErrorType(kind), {}) for pattern, kind in failures.KINDS}  # noqa: RUF012
    column_type_mappings = (
        (re.compile(r".*\[\d*\]$"), types.String(), GenericDataType.STRING),
        (re.compile(r"^(struct|map|json|union|enum|uuid)", re.IGNORECASE), types.String(), GenericDataType.STRING),
        (re.compile(r"^u?(tiny|small|big|huge)?int(eger)?\b", re.IGNORECASE), types.BigInteger(), GenericDataType.NUMERIC),
        (re.compile(r"^interval", re.IGNORECASE), types.String(), GenericDataType.STRING),
        (re.compile(r"^timestamp with time zone", re.IGNORECASE), types.TIMESTAMP(timezone=True), GenericDataType.TEMPORAL),
    )

    # -- times

    @classmethod
    def epoch_to_dttm(cls) -> str:
        """Return SQL that makes a time of seconds since 1970."""
        return times.EPOCH_SECONDS

    @classmethod
    def convert_dttm(cls, target_type: str, dttm: dt.datetime, db_extra: dict[str, Any] | None = None) -> str | None:
        """Return a bound of a time range as SQL."""
        return times.literal(target_type, dttm)

    # -- cost

    @classmethod
    def get_allow_cost_estimate(cls, extra: dict[str, Any]) -> bool:
        """Return True: a plan is free."""
        return True

    @classmethod
    def estimate_statement_cost(cls, database: Any, statement: str, cursor: Any) -> dict[str, Any]:
        """Return how many requests a statement will send; sends none."""
        return cost.estimate(cursor, statement)

    @classmethod
    def query_cost_formatter(cls, raw_cost: list[dict[str, Any]]) -> list[dict[str, str]]:
        """Return the estimates as people read them."""
        return [cost.lines(each) for each in raw_cost]

    # -- connecting

    @staticmethod
    def mutate_db_for_connection_test(database: Any) -> None:
        """Ask Stripe whether it takes the key, when someone tests the connection: to open one sends nothing.

        Raises:
            DBAPIError: it does not, or gives no answer.
        """
        try:
            form.check(database.sqlalchemy_uri_decrypted)
        except Error as problem:
            raise DBAPIError(str(problem), None, problem) from problem

    @classmethod
    def impersonate_user(
        cls, database: Any, username: str | None, user_token: str | None, url: Any, engine_kwargs: dict[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        """Return what was given: a Stripe account has no users that a key could stand in for."""
        return url, engine_kwargs

    # -- SQL Lab

    @classmethod
    def get_function_names(cls, database: Any) -> list[str]:
        """Return functions that Superset's own list has not."""
        return ["money", "date_trunc", "json_extract_string", "strftime", "list", *sorted(TABLE_FUNCTIONS)]
