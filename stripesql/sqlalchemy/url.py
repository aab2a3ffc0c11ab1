"""Read ``stripe://`` URLs as SQLAlchemy parsed them.

In: SQLAlchemy's URL. Out: arguments of ``stripesql.connect``, or the error that shows how to write the URL. No message
repeats a key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.engine.url import URL
from sqlalchemy.exc import ArgumentError

from stripesql.errors import Error
from stripesql.settings import ApiKey, from_keywords

_RIGHT: Final = "stripe://:sk_test_...@/"
_DATABASE: Final = "stripe"
"""What ``information_schema`` calls the catalogue; some programs list tables only under a database that the URL names."""
_KEY_NAMES: Final = ("key", "apikey", "secretkey", "password")


class HiddenUrl(URL):
    """Hide the key in ``str(url)`` too, as SQLAlchemy itself does from 2.0 on."""

    def __str__(self) -> str:
        return self.render_as_string(hide_password=True)


def hidden(url: URL) -> URL:
    """Return the URL as one whose text does not show the key."""
    if url.password is None or str(url.password) not in str(url):
        return url
    return HiddenUrl._make(url)


def connect_arguments(url: URL) -> dict[str, Any]:
    """Return the keyword arguments for ``stripesql.connect``; the key, if there is one, as an ``ApiKey``.

    Raises:
        ArgumentError: a key in a place that programs print, a host, an unknown option or a wrong value.
    """
    if url.username:
        raise ArgumentError(f"the key stands in the user's place of the URL, which programs print; put it after a colon: {_RIGHT}")
    if any(name.lower().replace("_", "") in _KEY_NAMES for name in url.query):
        raise ArgumentError(f"the key stands among the options of the URL, which programs print; put it after a colon: {_RIGHT}")
    if url.host or url.port or url.database not in (None, "", _DATABASE):
        raise ArgumentError(f"the URL has a host or a path; write {_RIGHT} and give another server as ?base_url=...")
    arguments = _options(url.query)
    if url.password:
        arguments["api_key"] = ApiKey(str(url.password))
    return arguments


def _options(query: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in query.items():
        if not isinstance(value, str):
            raise ArgumentError(f"the URL gives the option {name} more than once")
    try:
        settings = from_keywords(query, place="url")
    except Error as problem:
        raise ArgumentError(str(problem)) from problem
    return {name: getattr(settings, name) for name in query}
