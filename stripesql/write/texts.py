"""Write Python values as text that every reader takes.

In: what ``json.loads`` gave, which may hold halves of surrogate pairs that no text can hold. Out: text.
"""

from __future__ import annotations

import json
from typing import Any


def json_text(value: Any) -> str:
    r"""Return a value as compact JSON, letters as they are; half a surrogate pair as its escape.

    >>> json_text({"a": "é"}), json_text("\ud800")
    ('{"a":"é"}', '"\\ud800"')
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if _is_text(text) else json.dumps(value, separators=(",", ":"))


def plain_text(value: str) -> str:
    """Return a text, half a surrogate pair replaced by a question mark."""
    return value if _is_text(value) else value.encode("utf-8", "replace").decode()


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
