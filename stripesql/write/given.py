"""Turn what a Python caller gives into the values that SQL would have made of it.

In: an argument of ``callproc``: numpy scalars and arrays, UUIDs, pandas' missing values, also inside lists and dicts. Out: Python's
own values. Other types stay as they are; what they are given to says whether they fit.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Set
from typing import Any

_MISSING = ("NAType", "NaTType")


def natural(value: object) -> object:
    """Return a value as Python's own.

    >>> natural({"id": uuid.UUID(int=5), "tags": ("a",)})
    {'id': '00000000-0000-0000-0000-000000000005', 'tags': ['a']}
    """
    if type(value).__module__ == "numpy":
        return natural(_from_numpy(value))
    match value:
        case Mapping():
            return {key: natural(each) for key, each in value.items()}
        case list() | tuple() | Set():
            return [natural(each) for each in value]
        case uuid.UUID():
            return str(value)
    return None if type(value).__name__ in _MISSING else value


def _from_numpy(value: Any) -> object:
    """Return a numpy scalar or array as Python's own; the library itself is not imported."""
    if type(value).__name__ in ("datetime64", "timedelta64"):
        # item() of a finer unit than Python's would be a bare number.
        return value.astype(f"{type(value).__name__}[us]").item()
    return value.tolist()
