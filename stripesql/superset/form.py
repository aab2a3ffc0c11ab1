"""Be the form in which Superset asks for a connection: the key, and options.

In: the form's values. Out: a ``stripe://`` URL with the key in the password's place, and back; what is wrong with the values.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, fields
from sqlalchemy.engine.url import URL, make_url
from superset.errors import ErrorLevel, SupersetError, SupersetErrorType

import stripesql
from stripesql.errors import Error, PermissionDenied
from stripesql.superset import failures

DRIVER: Final = "stripesql"
_PATIENCE_S: Final = 15


class Parameters(Schema):
    """List the form's fields."""

    class Meta:
        """Take no notice of other fields."""

        unknown = EXCLUDE

    password = fields.String(allow_none=True, metadata={"description": gettext("Secret or restricted key")})
    query = fields.Dict(keys=fields.Str(), values=fields.Raw(), metadata={"description": gettext("Additional parameters")})


class Form:
    """Give an engine spec its form."""

    parameters_schema = Parameters()
    default_driver = DRIVER
    encryption_parameters: dict[str, str] = {}  # noqa: RUF012  Superset's own form; always encrypted, so nothing to switch on

    @classmethod
    def build_sqlalchemy_uri(cls, parameters: Mapping[str, Any] | None, encrypted_extra: Mapping[str, str] | None = None) -> str:
        """Return the URL for the form's values."""
        given = parameters or {}
        query = {name: str(value) for name, value in (given.get("query") or {}).items()}
        password = given.get("password") or None
        # Without a user's name, even an empty one, SQLAlchemy 1.4 writes no password.
        url = URL.create(f"stripe+{DRIVER}", username=password and "", password=password, host="", query=query)
        return url.render_as_string(hide_password=False)

    @classmethod
    def get_parameters_from_uri(cls, uri: str, encrypted_extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the form's values for a URL."""
        url = make_url(uri)
        return {"password": url.password, "query": dict(url.query)}

    @classmethod
    def validate_parameters(cls, properties: Mapping[str, Any]) -> list[SupersetError]:
        """Return what is wrong; sends one request where a key is given, to see whether Stripe takes it."""
        parameters = properties.get("parameters") or {}
        query = parameters.get("query") or {}
        if not parameters.get("password") and not query.get("demo") and not os.environ.get("STRIPE_API_KEY"):
            return [
                _problem(
                    "a key is missing", SupersetErrorType.CONNECTION_MISSING_PARAMETERS_ERROR, ErrorLevel.WARNING, missing=["password"]
                )
            ]
        try:
            check(cls.build_sqlalchemy_uri(parameters))
        except Error as problem:
            kind = failures.kind_of(str(problem))
            named = "password" if kind == "CONNECTION_INVALID_PASSWORD_ERROR" else "query"
            return [_problem(str(problem), SupersetErrorType(kind or "GENERIC_DB_ENGINE_ERROR"), ErrorLevel.ERROR, invalid=[named])]
        return []

    @classmethod
    def parameters_json_schema(cls) -> Any:
        """Return the form as OpenAPI."""
        spec = APISpec(title="Database Parameters", version="1.0.0", openapi_version="3.0.2", plugins=[MarshmallowPlugin()])
        spec.components.schema(cls.__name__, schema=cls.parameters_schema)
        return spec.to_dict()["components"]["schemas"][cls.__name__]


def check(uri: str) -> None:
    """Ask Stripe whether it takes the key: one request, whose answer may also be that the key may not see the balance.

    Raises:
        Error: there is no key, an option is wrong, or Stripe refused the key or gave no answer.
    """
    url = make_url(uri)
    text = url.set(drivername="stripe").render_as_string(hide_password=False)
    with stripesql.connect(text) as connection:
        if url.query.get("demo"):
            return
        connection.execute(f"SET statement_timeout_s = {_PATIENCE_S}")
        try:
            connection.execute("SELECT amount FROM balance").fetchall()
        except PermissionDenied:
            return  # a restricted key that Stripe knows


def _problem(message: str, kind: SupersetErrorType, level: ErrorLevel, **extra: Any) -> SupersetError:
    return SupersetError(message=message, error_type=kind, level=level, extra=extra)
