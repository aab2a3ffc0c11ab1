"""Open connections: read the arguments, the URL and the environment.

In: what a caller gives. Out: a ``Connection``. Nothing is sent to Stripe.
"""

from __future__ import annotations

import os
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from stripesql.dbapi.connection import Connection
from stripesql.errors import InterfaceError
from stripesql.session.owned import Owned
from stripesql.session.session import Session
from stripesql.settings import ApiKey, Settings, from_keywords

_SCHEMES: Final = ("stripe", "stripesql")
_DEMO_KEY: Final = "sk_test_demo"
_FORM: Final = "write stripe://:sk_test_...@/ or stripe:///?demo=1"


def connect(api_key: str | None = None, **settings: object) -> Connection:
    """Open a connection to a Stripe account.

    Args:
        api_key: a secret or restricted key, or a URL such as ``stripe://:sk_test_...@/?timezone=Europe/Berlin``. Without
            it the environment's STRIPE_API_KEY is used.
        settings: see ``stripesql.settings.SETTINGS``.

    Returns:
        an open connection; nothing has been sent yet.

    Raises:
        InterfaceError: no key, an unknown setting, a URL that is not one.
        NotSupportedError: a ``base_url`` that would send the key in the clear.

    >>> with connect(demo=True) as connection:
    ...     connection.execute("SELECT count(*) > 0 FROM customers").fetchone()
    (True,)
    """
    if not isinstance(api_key, str | None):
        raise InterfaceError(f"a Stripe key is text, not {type(api_key).__name__}")
    # From here on no variable of a frame that may raise holds the key's text: programs print and send such variables.
    given, api_key = ApiKey(api_key or ""), None
    mistake, from_url = "", dict[str, object]()
    if "://" in given.reveal():
        given, from_url, mistake = _read_url(given)
    if mistake:
        raise InterfaceError(mistake)
    from_keywords(from_url, place="url")
    options = {**from_url, **settings}
    if "base_url" not in options and not options.get("demo") and os.environ.get("STRIPESQL_BASE_URL"):
        options["base_url"] = os.environ["STRIPESQL_BASE_URL"]
    return Connection(_session(given, from_keywords(options)))


def _session(key: ApiKey, settings: Settings) -> Session:
    if settings.demo:
        from stripesql.simulator import demo_account

        transport = settings.transport or demo_account(settings.demo).transport()
        return Session(Owned(settings, key if key.reveal() else ApiKey(_DEMO_KEY), transport=transport))
    if not key.reveal():
        key = ApiKey(os.environ.get("STRIPE_API_KEY", ""))
    mistake = _mistake(key)
    if mistake:
        raise InterfaceError(mistake)
    return Session(Owned(settings, key, transport=settings.transport))


def _mistake(key: ApiKey) -> str:
    """Return what is wrong with the form of a key, or nothing; does not raise, so that no traceback holds the text."""
    text = key.reveal()
    if not text:
        return "no Stripe key: pass connect('sk_test_...'), set STRIPE_API_KEY, or try connect(demo=True) without one"
    if not text.isascii() or not text.isprintable() or " " in text:
        return "the Stripe key holds characters that no key has; was something else pasted with it?"
    if text.startswith("pk_"):
        return "this is a publishable key (pk_...), which cannot read an account; use a secret (sk_...) or restricted key (rk_...)"
    return ""


def _read_url(url: ApiKey) -> tuple[ApiKey, dict[str, object], str]:
    """Return key and settings of a ``stripe://`` URL, and what is wrong with it, or nothing.

    It does not raise, and no message repeats the URL, which may hold a key.
    """
    none = ApiKey("")
    try:
        parts = urlsplit(url.reveal())
        username, password, hostname = parts.username, parts.password, parts.hostname
    except ValueError:
        return none, {}, f"the URL cannot be read; {_FORM}"
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if parts.scheme not in _SCHEMES:
        return none, {}, "the URL must begin with stripe://, for example stripe://:sk_test_...@/ or stripe:///?demo=1"
    if username or any(name.lower().replace("_", "") in ("key", "apikey", "secretkey") for name, _ in pairs):
        where = "in the user's place" if username else "among the options"
        return none, {}, f"the key stands {where} of the URL, which programs print; put it after a colon: stripe://:sk_test_...@/"
    if hostname or parts.path not in ("", "/") or parts.fragment:
        return none, {}, "the URL has a host or a path; write stripe://:KEY@/ and give another server as ?base_url=..."
    return ApiKey(unquote(password or "")), dict(pairs), ""
