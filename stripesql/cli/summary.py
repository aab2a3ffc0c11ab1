"""Say in words what a statement gave and what it cost."""

from __future__ import annotations

from stripesql.outputs.rows import Written
from stripesql.stats import Stats


def of_rows(written: Written, stats: Stats) -> str:
    """Return the line under a result: ``3 rows · 2 requests · 0.21 s``, then one line per note."""
    return "\n".join([_joined(counted(written.rows, "row"), stats), *_notes(stats), *written.notes])


def of_change(rowcount: int, stats: Stats) -> str:
    """Return the line for a statement without a result; a negative ``rowcount`` is an unknown one."""
    done = "done" if rowcount < 0 else f"{counted(rowcount, 'row')} written"
    return "\n".join([_joined(done, stats), *_notes(stats)])


def of_cost(stats: Stats) -> str:
    """Return requests and seconds, and between them what is not always there: pages that a cache answered, time that was waited."""
    parts = [counted(stats.requests, "request")]
    if stats.cache_hits:
        parts.append(counted(stats.cache_hits, "cached page"))
    if stats.waited_s >= 0.05:
        parts.append(f"{stats.waited_s:.2f} s waited")
    return " · ".join([*parts, f"{stats.elapsed_s:.2f} s"])


def of_costs(stats: Stats) -> str:
    """Return every figure, for ``--stats``."""
    parts = [
        counted(stats.requests, "request"),
        f"{counted(stats.rows_fetched, 'row')} fetched",
        counted(stats.bytes, "byte"),
        f"{counted(stats.retries, 'retry', 'retries')}",
        f"{stats.waited_s:.2f} s waited",
        counted(stats.cache_hits, "cache hit"),
        f"{counted(stats.pages_discarded, 'page')} discarded",
        f"{stats.elapsed_s:.2f} s",
    ]
    return " · ".join(parts)


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return ``1 row`` or ``1,234 rows``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _joined(first: str, stats: Stats) -> str:
    return f"{first} · {of_cost(stats)}"


def _notes(stats: Stats) -> list[str]:
    return [f"Stripe refused to filter by {push}; the rows were filtered here" for push in stats.pushes_dropped]
