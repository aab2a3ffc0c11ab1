"""Read the rows that the keys of another table name.

In: a plan with ``{key}`` in its reads, and the rows that have the keys. Out: pages. How many keys there are is known
only now: where a request for each would cost more than the table's own plan, that is carried out instead; ids that a
full list does not show are then still looked up. What the table's own plan costs may be a guess: then it is given up
when it has cost as much as the keys would.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from stripesql.catalogue.model import Column
from stripesql.decode import Page
from stripesql.errors import InternalError
from stripesql.plan.rules.by_id import is_segment
from stripesql.plan.scans import KEY, AccessPath, Keys, ScanPlan, read_for_key
from stripesql.rows import RowSource
from stripesql.scan.carry import Replan, Scan
from stripesql.scan.fanout import FanOut
from stripesql.scan.means import Means, ScanCounts
from stripesql.scan.pieces import taken

# A part of what the keys would cost is risked on a list that is thought to be this short.
_TRIED: Final = 10
_FEW_PAGES: Final = 20


class Keyed:
    """Read one table by the keys of another."""

    def __init__(
        self, plan: ScanPlan, columns: Sequence[Column], means: Means, replan: Replan, counts: ScanCounts, others: RowSource
    ) -> None:
        """Take what to read and the rows that have the keys."""
        if plan.keys is None:
            raise InternalError(f"{plan.table.name} has no keys in this plan")
        self._plan = plan
        self._keys: Keys = plan.keys
        self._columns = tuple(columns)
        self._means = means
        self._replan = replan
        self._counts = counts
        self._others = others

    def pages(self) -> Iterator[Page]:
        """Yield the pages; all rows of the other table are read first."""
        batches = self._others.batches([self._keys.column])
        values = list(dict.fromkeys(value for batch in batches for value in batch.column(0).to_pylist() if value is not None))
        looks_up = self._plan.path is AccessPath.LOOK_UP
        keys = [key for value in values if (key := _key(value)) is not None and (is_segment(key) or not (looks_up or self._in_path()))]
        fallback = self._keys.fallback
        if len(keys) < len(values) and (self._plan.table.own_id or not looks_up) and fallback is not None:
            # A key that cannot be sent may still be a row's: an id that the account chose, an empty text. A list shows it.
            yield from self._own(fallback, self._columns)
            return
        if not keys:
            return
        by_keys = len(keys) * max(len(self._plan.reads), 1)
        if fallback is None or by_keys == 1:
            yield from self._by_keys(keys)
        elif self._keys.counted:
            # An earlier scan counted what the table's own plan takes.
            yield from self._by_keys(keys) if by_keys <= self._keys.most else self._listed_and_missing(fallback, keys, None)
        elif by_keys <= self._keys.most:
            # A table that may be short is worth a few pages; where they are not all, little is lost.
            tried = by_keys // _TRIED if self._keys.most <= _FEW_PAGES else 0
            yield from self._listed_and_missing(fallback, keys, tried) if tried else self._by_keys(keys)
        else:
            # No more than the keys would have cost.
            yield from self._listed_and_missing(fallback, keys, by_keys)

    def _by_keys(self, keys: Sequence[str]) -> Iterator[Page]:
        reads = tuple(dict.fromkeys(read_for_key(read, key) for read in self._plan.reads for key in keys))
        path = AccessPath.RETRIEVE if self._plan.path is AccessPath.LOOK_UP else AccessPath.FILTERED_LIST
        plan = replace(self._plan, path=path, reads=reads, keys=None)
        yield from Scan(plan, self._columns, self._means, self._replan, self._counts, reads_all=True).pages()

    def _in_path(self) -> bool:
        return any(quote(KEY, safe="") in read.request.path for read in self._plan.reads)

    def _own(self, plan: ScanPlan, columns: Sequence[Column]) -> Generator[Page, None, None]:
        if plan.parent is not None:
            yield from FanOut(plan, columns, self._means, self._replan, self._counts, reads_all=True).pages()
        else:
            yield from Scan(plan, columns, self._means, self._replan, self._counts, reads_all=True).pages()

    def _listed_and_missing(self, plan: ScanPlan, keys: Sequence[str], most: int | None) -> Iterator[Page]:
        """Yield the table's own plan, to the end or for ``most`` requests, then what is missing by its keys."""
        missing, given, before = dict.fromkeys(keys), set[str](), self._counts.requests
        looks_up = self._plan.path is AccessPath.LOOK_UP
        found = self._own(plan, self._columns)
        ended = False
        while not ended and (most is None or self._counts.requests - before < most):
            page = next(found, None)
            ended = page is None
            if page is not None:
                given.update(each for each in page.ids if each)
                yield page
        found.close()
        if looks_up:
            beyond = self._plan.table.beyond_list and plan.path is not AccessPath.RETRIEVE
            missing = {key: None for key in missing if key not in given} if beyond or not ended else {}
        elif ended:
            missing = {}
        for page in self._by_keys(list(missing)) if missing else ():
            fresh = [index for index, each in enumerate(page.ids) if each not in given]
            yield page if len(fresh) == page.rows else taken(page, fresh)


def _key(value: object) -> str | None:
    """Return a value as a parameter takes it, None where it cannot be sent."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value) if isinstance(value, int) else value
    return text if isinstance(text, str) and text and "\0" not in text else None
