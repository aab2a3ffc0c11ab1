"""Read the rows that keys name: those of another table, or those of a long list of values.

In: a plan with ``{key}`` in its reads and the rows that have the keys, or a plan with a read for each value. Out: pages. How
many keys there are is known only now: where a request for each would cost more than the table's own list, that is read
instead; ids that a full list does not show are then still looked up. What the list costs may be a guess: then it is given
up when it has cost what it may, and each key that it has shown lets it go on for one more page.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import quote, unquote

from stripesql.catalogue.model import Column
from stripesql.decode import Page
from stripesql.errors import InternalError
from stripesql.plan.rules.by_id import ids_at_once, is_segment, read_of_ids
from stripesql.plan.scans import KEY, AccessPath, Keys, Read, ScanPlan, read_for_key
from stripesql.plan.stakes import stake
from stripesql.rows import RowSource
from stripesql.scan.carry import Replan, Scan
from stripesql.scan.demand import Demand
from stripesql.scan.fanout import FanOut
from stripesql.scan.means import Means, ScanCounts
from stripesql.scan.pieces import taken

Note = Callable[[ScanPlan, int, int], None]
"""Takes a plan, its rows and its requests."""
_LOOKS_UP: Final = (AccessPath.LOOK_UP, AccessPath.RETRIEVE)


class Keyed:
    """Read one table by keys."""

    def __init__(
        self,
        plan: ScanPlan,
        columns: Sequence[Column],
        means: Means,
        replan: Replan,
        counts: ScanCounts,
        others: RowSource | None,
        *,
        note: Note | None = None,
    ) -> None:
        """Take what to read.

        Args:
            plan: how to read.
            columns: what is wanted of the rows.
            means: what to fetch with.
            replan: plans again without parameters that were refused.
            counts: counts the work.
            others: the rows that have the keys; None where the plan has a read for each of them.
            note: is told what a list took that was read to its end.
        """
        keys = plan.keys or plan.instead
        if keys is None or (plan.keys is not None and others is None):
            raise InternalError(f"{plan.table.name} has no keys in this plan")
        self._plan = plan
        self._keys: Keys = keys
        self._columns = tuple(columns)
        self._means = means
        self._replan = replan
        self._counts = counts
        self._others = others
        self._note = note
        self._looks_up = plan.path in _LOOKS_UP
        self._at_once = ids_at_once(plan.table) if plan.path is AccessPath.LOOK_UP else 0

    def pages(self) -> Iterator[Page]:
        """Yield the pages; all rows of the other table are read first."""
        fallback = self._keys.fallback
        keys, all_sent = self._constants() if self._others is None else self._of_others(self._others)
        if not all_sent and (self._plan.table.own_id or not self._looks_up) and fallback is not None:
            # A key that cannot be sent may still be a row's: an id that the account chose, an empty text. A list shows it.
            yield from self._own(fallback, Demand(everything=True))
            return
        if not keys:
            return
        risked = stake(self._cost(keys), self._keys.most, counted=self._keys.counted) if fallback is not None else 0
        if fallback is None or risked == 0:
            yield from self._by_keys(keys)
        else:
            yield from self._listed_and_missing(fallback, keys, risked)

    def _constants(self) -> tuple[list[str], bool]:
        """Return the keys for which the plan has reads: ids, or where those are of lists a name for each."""
        return [
            unquote(read.request.path.rpartition("/")[2]) if self._looks_up else str(n) for n, read in enumerate(self._plan.reads)
        ], True

    def _of_others(self, others: RowSource) -> tuple[list[str], bool]:
        """Return the keys that can be sent, and whether those are all."""
        batches = others.batches([self._keys.column])
        values = list(dict.fromkeys(value for batch in batches for value in batch.column(0).to_pylist() if value is not None))
        in_path = not self._at_once and (self._looks_up or any(quote(KEY, safe="") in read.request.path for read in self._plan.reads))
        keys = [key for value in values if (key := _key(value)) is not None and (is_segment(key) or not in_path)]
        return keys, len(keys) == len(values)

    def _cost(self, keys: Sequence[str]) -> int:
        """Return the requests that keys take, one page each."""
        if self._others is None:
            return len(keys)
        return -(-len(keys) // self._at_once) if self._at_once else len(keys) * max(len(self._plan.reads), 1)

    def _by_keys(self, keys: Sequence[str]) -> Iterator[Page]:
        path = AccessPath.RETRIEVE if self._looks_up and not self._at_once else AccessPath.FILTERED_LIST
        plan = replace(self._plan, path=path, reads=self._reads(keys), keys=None, instead=None)
        yield from Scan(plan, self._columns, self._means, self._replan, self._counts, reads_all=True).pages()

    def _reads(self, keys: Sequence[str]) -> tuple[Read, ...]:
        if self._others is None:
            names, _ = self._constants()
            wanted = frozenset(keys)
            return tuple(read for read, name in zip(self._plan.reads, names, strict=True) if name in wanted)
        if self._at_once:
            size, expand = self._at_once, self._plan.reads[0].request.params
            return tuple(read_of_ids(self._plan.table, keys[start : start + size], expand) for start in range(0, len(keys), size))
        return tuple(dict.fromkeys(read_for_key(read, key) for read in self._plan.reads for key in keys))

    def _own(self, plan: ScanPlan, demand: Demand) -> Generator[Page, None, None]:
        given = (plan, self._columns, self._means, self._replan, self._counts)
        if plan.parent is not None:
            yield from FanOut(*given, reads_all=demand.everything, demand=demand).pages()
        else:
            yield from Scan(*given, demand=demand).pages()

    def _is_serial(self, plan: ScanPlan, demand: Demand) -> bool:
        """Say whether the page at hand came of one list, read page after page: its last page is then the last of all."""
        alone = demand.taken < self._means.portions.alone and not self._counts.dropped
        return alone and len(plan.reads) == 1 and plan.parent is None

    def _listed_and_missing(self, plan: ScanPlan, keys: Sequence[str], most: int | None) -> Iterator[Page]:
        """Yield the table's own list, to its end or for ``most`` requests, then what is missing by its keys."""
        missing, given, before = dict.fromkeys(keys), set[str](), self._counts.requests
        demand = Demand(everything=most is None, most=most)
        found = self._own(plan, demand)
        ended, shown, rows = False, 0, 0
        while missing and not ended and (most is None or self._counts.requests - before < most + shown):
            page = next(found, None)
            ended = page is None or (not page.has_more and self._is_serial(plan, demand))
            if page is not None:
                rows += page.rows
                given.update(each for each in page.ids if each)
                yield page
                demand.took()
            if self._looks_up:
                left = {key: None for key in missing if key not in given}
                shown, missing = shown + len(missing) - len(left), left
                demand.most = None if most is None else most + shown
            if ended and self._note is not None:
                self._note(plan, rows, self._counts.requests - before)
        found.close()
        # A list that has ended shows every row, but for those that no list shows.
        beyond = self._looks_up and self._plan.table.beyond_list and plan.path is not AccessPath.RETRIEVE
        if ended and not beyond:
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
