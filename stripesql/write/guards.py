"""Decide whether a write may begin.

In: settings, the key's mode, what the statement would do. Out: nothing, or ``WriteRefused`` before anything is sent. Pure.
"""

from __future__ import annotations

from stripesql.errors import WriteRefused
from stripesql.settings import Settings


def demand_writable(settings: Settings, mode: str, what: str, *, effect_free: bool = False) -> None:
    """Return if the connection may write.

    Args:
        settings: of the connection.
        mode: ``test``, ``live`` or ``unknown``, of the key.
        what: the statement, for the message.
        effect_free: it is a POST that changes nothing, such as a preview.

    Raises:
        WriteRefused: it may not; the message says what to set.
    """
    if effect_free or settings.read_only is False:
        return
    if settings.read_only:
        raise WriteRefused(f"{what} was refused and nothing was sent: the connection has read_only=True")
    if mode != "test" and not settings.demo:
        kind = "a live key" if mode == "live" else "a key that does not say whether it is a test key"
        raise WriteRefused(
            f"{what} was refused and nothing was sent: this is {kind}, and read_only is not set; "
            "connect with read_only=False to allow writes, or read_only=True to forbid them"
        )


def demand_where(settings: Settings, what: str, *, whole_table: bool, constant: bool = False) -> None:
    """Return if a write that names its rows by WHERE does so, or need not.

    Args:
        settings: of the connection.
        what: the statement, for the message.
        whole_table: no condition restricts the rows.
        constant: there is a WHERE, and it is always true.

    Raises:
        WriteRefused: it would touch the whole table.
    """
    if whole_table and not settings.allow_full_table_writes:
        reason = "its WHERE is always true" if constant else "it has no WHERE"
        raise WriteRefused(
            f"{what} would touch every row of the table, because {reason}; nothing was sent; "
            "name the rows, or connect with allow_full_table_writes=True"
        )


def demand_few(settings: Settings, what: str, rows: int) -> None:
    """Return if a write touches no more rows than ``max_write_rows``.

    Raises:
        WriteRefused: it touches more.
    """
    if settings.max_write_rows is not None and rows > settings.max_write_rows:
        raise WriteRefused(
            f"{what} would write more than max_write_rows={settings.max_write_rows} rows; nothing was written; "
            "narrow it, or connect with a larger max_write_rows"
        )
