"""Check the parameters of a write against what the endpoint takes, and give them their types.

In: a tree of texts (forms) or JSON values, and the endpoint's parameters. Out: typed values; None unsets. The first
mistake is refused, in the order in which Stripe looks: unknown names, then values, then what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stripesql.catalogue.model import Parameter
from stripesql.simulator import errors
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes.bodies import Tree

MOST_KEYS, LONGEST_KEY, LONGEST_VALUE = 50, 40, 500
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]{1,12})?")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_CURRENCY = re.compile(r"[a-zA-Z]{3}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_URL = re.compile(r"https?://[^\s/?#]+[^\s]*")
URLS = frozenset({"success_url", "cancel_url", "return_url", "refresh_url", "url", "images", "links"})
"""Names whose texts must be addresses; ``images`` are."""
UNSETTABLE = frozenset({"description", "email", "name", "phone", "nickname", "footer", "default_payment_method", "statement_descriptor"})
"""Texts that ``""`` clears although the spec does not say so (seen with customers, 2024 to 2026)."""
VARIED = frozenset({"external_account"})
"""Objects of several kinds, a card or a bank account, of which the spec's shape tells one."""
MESSY = frozenset({"address", "shipping", "billing_details"})
"""Objects in which an empty text is a text that is not there."""


@dataclass(frozen=True, slots=True)
class Check:
    """Say under which circumstances values are checked.

    Attributes:
        now: what ``now`` stands for.
        typed: JSON, where an integer is a number and not a text.
        updating: ``""`` may unset.
    """

    now: int
    typed: bool = False
    updating: bool = False


def checked(given: Tree, parameters: tuple[Parameter, ...], check: Check, where: str = "") -> dict[str, Any]:
    """Return the values by name; a parameter that was not given is not there.

    Raises:
        ApiError: 400.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in known:
            raise errors.unknown_parameter(_written(where, name))
    values = {name: _value(value, known[name], check, _written(where, name)) for name, value in given.items()}
    for parameter in parameters:
        if parameter.required and parameter.name not in given:
            raise errors.missing_parameter(_written(where, parameter.name))
    return values


def _written(where: str, name: str) -> str:
    return f"{where}[{name}]" if where else name


def _value(value: Any, parameter: Parameter, check: Check, written: str) -> Any:
    if value is None or value == "":
        return _empty(parameter, check, written)
    match parameter.kind:
        case "object":
            return _object(value, parameter, check, written)
        case "array":
            return _array(value, parameter, check, written)
        case "map":
            return _map(value, parameter, written)
        case _ if isinstance(value, dict | list):
            raise errors.invalid_value(written, f"Invalid {_NOUNS.get(parameter.kind, 'string')}: {written}")
        case _:
            return _scalar(value, parameter, check, written)


_NOUNS = {"integer": "integer", "boolean": "boolean", "number": "decimal", "decimal": "decimal", "unix-time": "timestamp"}


def _empty(parameter: Parameter, check: Check, written: str) -> None:
    name = parameter.name or written.rpartition("[")[0]
    if parameter.accepts_empty or (name in UNSETTABLE and parameter.kind == "string") or written.partition("[")[0] in MESSY:
        return
    raise errors.empty_parameter(written)


def _object(value: Any, parameter: Parameter, check: Check, written: str) -> Any:
    if isinstance(value, str) and parameter.accepts_text:
        return value
    if not isinstance(value, dict):
        raise errors.invalid_value(written, f"Invalid object: {written}")
    if not parameter.fields or parameter.name in VARIED:
        return value
    return checked(value, parameter.fields, check, written)


def _array(value: Any, parameter: Parameter, check: Check, written: str) -> list[Any]:
    if isinstance(value, dict):
        if not all(key.isdecimal() for key in value):
            raise errors.invalid_value(written, f"Invalid array: {written}")
        value = [value[key] for key in sorted(value, key=int)]
    if not isinstance(value, list):
        raise errors.invalid_value(written, f"Invalid array: {written}")
    if parameter.item is None:
        return value
    return [_value(item, parameter.item, check, f"{written}[{place}]") for place, item in enumerate(value)]


def _map(value: Any, parameter: Parameter, written: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise errors.invalid_value(written, f"Invalid object: {written}")
    if not written.endswith("metadata") and not written.endswith("metadata]"):
        return value
    for key, item in value.items():
        _check_entry(key, item, written)
    if len(value) > MOST_KEYS:
        raise too_many_keys(written)
    return {key: None if item in ("", None) else item for key, item in value.items()}


def _check_entry(key: str, item: Any, written: str) -> None:
    param = f"{written}[{key}]"
    if len(key) > LONGEST_KEY:
        message = f"Metadata keys can have up to {LONGEST_KEY} characters, but the key '{key}' has {len(key)}."
        raise errors.invalid_value(written, message)
    if item is not None and not isinstance(item, str):
        raise errors.invalid_value(param, f"Invalid string: {param}")
    if item is not None and len(item) > LONGEST_VALUE:
        raise errors.invalid_value(param, f"Metadata values can have up to {LONGEST_VALUE} characters, but '{key}' has {len(item)}.")


def too_many_keys(written: str = "metadata") -> ApiError:
    """Refuse more keys than an object can hold."""
    return errors.invalid_value(written, f"You cannot have more than {MOST_KEYS} metadata keys on an object.")


def _scalar(value: Any, parameter: Parameter, check: Check, written: str) -> Any:
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    if text in parameter.values and parameter.kind != "enum":
        return text
    match parameter.kind:
        case "boolean":
            if text not in ("true", "false"):
                raise errors.invalid_value(written, f"Invalid boolean: {text}")
            return text == "true"
        case "integer":
            return _integer(text, written)
        case "unix-time":
            return check.now if text == "now" and parameter.accepts_now else _time(text, written)
        case "number" | "decimal":
            return _decimal(text, parameter.kind, written)
        case "enum":
            if parameter.values and text not in parameter.values:
                raise errors.invalid_choice(written, parameter.values)
            return text
        case "file":
            raise errors.invalid_value(written, "Invalid file: send it as a part of a multipart form.")
        case _:
            if check.typed and not isinstance(value, str):
                raise errors.invalid_value(written, f"Invalid string: {written}")
            return _text(text, parameter.name or written.split("[")[0], written)


def _integer(text: str, written: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise errors.invalid_integer(written, text)
    number = int(text)
    if not -(1 << 63) <= number < 1 << 63:
        raise errors.invalid_integer(written, text)
    return number


def _time(text: str, written: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise ApiError(
            400, f"Invalid timestamp: must be an integer Unix timestamp, not {text}", code="parameter_invalid_integer", param=written
        )
    return int(text)


def _decimal(text: str, kind: str, written: str) -> str | float:
    if not (_DECIMAL if kind == "decimal" else _NUMBER).fullmatch(text):
        raise errors.invalid_value(written, f"Invalid decimal: {text}; it has at most 12 decimal places.")
    if kind == "number":
        return float(text)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _text(text: str, name: str, written: str) -> str:
    if name == "currency":
        if not _CURRENCY.fullmatch(text):
            raise errors.invalid_value(written, f"Invalid currency: {text}. It is a three-letter ISO code, in lower case.")
        return text.lower()
    if name == "email" and not _EMAIL.fullmatch(text):
        raise ApiError(400, f"Invalid email address: {text}", code="email_invalid", param=written)
    if name in URLS and not _URL.fullmatch(text):
        raise ApiError(400, f"Not a valid URL: {text}", code="url_invalid", param=written)
    if len(text) > 5000 * 10:
        raise ApiError(400, f"Invalid string: {written} is too long.", code="parameter_invalid_string", param=written)
    return text


def merged(old: Mapping[str, str] | None, new: Mapping[str, str | None] | None, written: str = "metadata") -> dict[str, str]:
    """Return metadata after an update: key by key, None deletes the key, and no map at all deletes every key.

    Raises:
        ApiError: 400, more keys than an object can hold.
    """
    if new is None:
        return {}
    found = {key: value for key, value in {**(old or {}), **new}.items() if value is not None}
    if len(found) > MOST_KEYS:
        raise too_many_keys(written)
    return found
