"""Write names as the engine reads them.

In: names. Out: text.
"""

from __future__ import annotations


def quoted(name: str) -> str:
    """Return a name in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def stored_name(name: str) -> str:
    """Return the temporary table of this name: a plain table of the engine's instance.

    >>> stored_name("targets")
    'main."targets"'
    """
    return f"main.{quoted(name)}"
