"""List every setting once: its name, type, default and where it may be given.

In: keyword arguments, ``stripe://`` URLs, SET, environment. Out: a frozen ``Settings``. Nothing here talks to Stripe.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from typing import Any, Final
from zoneinfo import ZoneInfo

from stripesql.errors import InterfaceError, NotSupportedError

API_URL: Final = "https://api.stripe.com"
FILES_URL: Final = "https://files.stripe.com"
# Nothing but these: what reads like them may be a name that somebody else owns.
_LOOPBACK: Final = re.compile(r"(?:localhost|\[::1\]|127(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3})(?::\d{1,5})?", re.ASCII)


class ApiKey:
    """Hold a Stripe key so that no repr, log, traceback or pickle can show it."""

    __slots__ = ("_reveal",)

    def __init__(self, key: str) -> None:
        # A closure keeps the text out of vars(), of dataclass reprs and of tracebacks that show locals.
        self._reveal: Callable[[], str] = lambda: key

    def reveal(self) -> str:
        """Return the key itself; for the request header alone."""
        return self._reveal()

    @property
    def mode(self) -> str:
        """Return ``test``, ``live`` or ``unknown``, by the key's prefix."""
        prefix = self._reveal()[:8]
        return next((mode for mode in ("test", "live") if prefix[2:].startswith(f"_{mode}_")), "unknown")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ApiKey) and other._reveal() == self._reveal()

    def __hash__(self) -> int:
        return hash(self._reveal())

    def __repr__(self) -> str:
        return "ApiKey('***')"

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a Stripe key is not pickled; connect again in the other process")


@dataclass(frozen=True, slots=True)
class Settings:
    """Hold the settings of one connection; ``SETTINGS`` says what each means."""

    base_url: str = API_URL
    demo: bool | str = False
    stripe_account: str | None = None
    stripe_context: str | None = None
    stripe_version: str | None = None
    read_only: bool | None = None
    timezone: str = "UTC"
    sql_dialect: str = "duckdb"
    requests_per_second: float | None = None
    endpoint_requests_per_second: float = 25.0
    shared_limits: bool = False
    max_requests: int | None = None
    statement_timeout_s: float | None = None
    http_timeout_s: float = 30.0
    allow_stale_search: bool = False
    pushdown: bool = True
    cache_ttl_s: float = 0.0
    cache_bytes: int = 256 * 1024 * 1024
    allow_full_table_writes: bool = False
    max_write_rows: int | None = None
    idempotency_key_prefix: str | None = None
    local_files: bool = False
    memory_limit: str | None = None
    proxy: str | None = field(default=None, repr=False)  # its URL may hold a password
    ca_bundle: str | None = None
    transport: Any = None

    def changed(self, name: str, value: object) -> Settings:
        """Return the settings with one value replaced, checked and converted.

        Raises:
            InterfaceError: no such setting, or a value of the wrong kind.
        """
        return replace(self, **{name: setting(name).read(value)})


@dataclass(frozen=True, slots=True)
class Setting:
    """Say one setting.

    Attributes:
        name: as it is written everywhere.
        kind: what values it takes, for messages: ``number``, ``true or false``, ...
        places: of ``connect``, ``url``, ``set``: where it may be given.
        meaning: one phrase for the reference.
        convert: turns text or a Python value into the stored value; raises ValueError or TypeError.
    """

    name: str
    kind: str
    places: frozenset[str]
    meaning: str
    convert: Callable[[Any], Any]

    def read(self, value: object) -> Any:
        """Return the stored value for what a user wrote.

        Raises:
            InterfaceError: the value is of the wrong kind.
        """
        try:
            return self.convert(value)
        except (ValueError, TypeError, KeyError) as problem:
            raise InterfaceError(f"setting {self.name} takes {self.kind}, not {value!r}") from problem


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "on": True, "1": True, "yes": True, "false": False, "off": False, "0": False, "no": False}[
        str(value).strip().lower()
    ]


def _optional(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read(value: object) -> Any:
        return None if value is None or (isinstance(value, str) and value.lower() in ("", "none", "null")) else convert(value)

    return read


def _positive(value: object) -> float:
    number = float(str(value))
    if not (number > 0 and math.isfinite(number)):
        raise ValueError("not a positive number")
    return number


def _not_negative(value: object) -> float:
    number = float(str(value))
    if not (number >= 0 and math.isfinite(number)):
        raise ValueError("negative")
    return number


def _count(value: object) -> int:
    if isinstance(value, bool):
        raise TypeError("a truth value is not a count")
    number = int(str(value))
    if number < 0:
        raise ValueError("negative")
    return number


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value


def _zone(value: object) -> str:
    ZoneInfo(_text(value))
    return _text(value)


def _demo(value: object) -> bool | str:
    try:
        return _boolean(value)
    except KeyError:
        return _text(value)


_EVERYWHERE = frozenset({"connect", "url", "set"})
_CONNECT_URL = frozenset({"connect", "url"})
_CONNECT = frozenset({"connect"})

SETTINGS: Final = (
    Setting("base_url", "an https URL, or http on loopback", _CONNECT_URL, "where Stripe is", lambda v: _text(v).rstrip("/")),
    Setting("demo", "true, false or a name", _CONNECT_URL, "the embedded simulator instead of the network; a name makes or joins an account of its own", _demo),
    Setting("stripe_account", "an account id", _EVERYWHERE, "connected account that requests act for", _optional(_text)),
    Setting("stripe_context", "a context path", _EVERYWHERE, "Stripe-Context header", _optional(_text)),
    Setting("stripe_version", "an API version", _EVERYWHERE, "Stripe-Version header; the catalogue's own when not given", _optional(_text)),
    Setting("read_only", "true, false or none", _CONNECT_URL, "true refuses writes; none refuses them for live and unknown keys", _optional(_boolean)),
    Setting("timezone", "an IANA time zone such as Europe/Berlin", _EVERYWHERE, "zone of casts, date_trunc and literals without an offset", _zone),
    Setting("sql_dialect", "a dialect that sqlglot knows", _EVERYWHERE, "dialect that statements are written in", _text),
    Setting("requests_per_second", "a positive number", _CONNECT_URL, "requests per second on the account; half of the live limit or the whole test limit when not given", _optional(_positive)),
    Setting("endpoint_requests_per_second", "a positive number", _CONNECT_URL, "requests per second on one endpoint", _positive),
    Setting("shared_limits", "true or false", _CONNECT_URL, "share both limits with other processes on this machine", _boolean),
    Setting("max_requests", "a whole number or none", _EVERYWHERE, "most requests that one statement may send", _optional(_count)),
    Setting("statement_timeout_s", "a positive number of seconds or none", _EVERYWHERE, "longest time of one statement", _optional(_positive)),
    Setting("http_timeout_s", "a positive number of seconds", _EVERYWHERE, "longest wait for one answer", _positive),
    Setting("allow_stale_search", "true or false", _EVERYWHERE, "let Stripe's Search, which may lag, answer predicates", _boolean),
    Setting("pushdown", "on or off", frozenset({"connect", "set"}), "off reads plain lists and filters here", _boolean),
    Setting("cache_ttl_s", "a number of seconds", _EVERYWHERE, "how long answers may be reused; 0 is never", _not_negative),
    Setting("cache_bytes", "a whole number of bytes", _EVERYWHERE, "most memory of the cache", _count),
    Setting("allow_full_table_writes", "true or false", _CONNECT_URL, "allow UPDATE and DELETE without WHERE", _boolean),
    Setting("max_write_rows", "a whole number or none", _CONNECT_URL, "most rows that one write may touch", _optional(_count)),
    Setting("idempotency_key_prefix", "text or none", _CONNECT_URL, "makes idempotency keys repeatable", _optional(_text)),
    Setting("local_files", "true or false", _CONNECT, "CALL may upload local files and save downloads; SQL itself never reads or writes files", _boolean),
    Setting("memory_limit", "a size such as 2GB", _CONNECT, "memory limit of the engine", _optional(_text)),
    Setting("proxy", "a URL", _CONNECT, "proxy for requests; the environment's when not given", _optional(_text)),
    Setting("ca_bundle", "a file of certificates", _CONNECT, "certificates to trust instead of the system's", _optional(_text)),
    Setting("transport", "an httpx transport", _CONNECT, "how requests travel, for tests", lambda value: value),
)  # fmt: skip

_BY_NAME: Final[Mapping[str, Setting]] = {each.name: each for each in SETTINGS}
if set(_BY_NAME) != {each.name for each in fields(Settings)}:  # pragma: no cover  a slip in this file
    raise AssertionError("SETTINGS and Settings name different settings")


def setting(name: str) -> Setting:
    """Return the setting of this name.

    Raises:
        InterfaceError: there is none; the message offers a near name.
    """
    found = _BY_NAME.get(name)
    if found is None:
        near = get_close_matches(name, _BY_NAME, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; settings are {', '.join(_BY_NAME)}"
        raise InterfaceError(f"{name!r} is not a setting{hint}")
    return found


def from_keywords(values: Mapping[str, object], *, place: str = "connect") -> Settings:
    """Return the settings that ``values`` give, the rest at their defaults.

    Raises:
        InterfaceError: an unknown name, a wrong value, or a setting that cannot be given in ``place``.
    """
    settings = Settings()
    for name, value in values.items():
        if place not in setting(name).places:
            raise InterfaceError(f"setting {name} cannot be given here; it can be given in {', '.join(sorted(setting(name).places))}")
        settings = settings.changed(name, value)
    _check_base_url(settings.base_url)
    return settings


def _check_base_url(url: str) -> None:
    scheme, _, rest = url.partition("://")
    authority = rest.partition("/")[0]
    loopback = scheme == "http" and _LOOPBACK.fullmatch(authority) is not None
    if not authority or "@" in authority or not (scheme == "https" or loopback):
        raise NotSupportedError(
            "base_url must be https, or http on loopback (127.0.0.1, localhost, ::1), so that a key never travels in the clear"
        )
