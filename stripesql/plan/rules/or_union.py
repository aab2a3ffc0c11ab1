"""Read ``a = 1 OR b = 2`` as two lists whose rows are told apart by their keys.

Each branch of the OR is planned as a query of its own, with everything else that holds beside it. Whether the lists
together take fewer requests than one wider list is for the planner to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from stripesql.plan.scans import AccessPath, ScanPlan
from stripesql.predicate import AnyOf, Conjunct

_MOST_READS: Final = 100
_READ_SO: Final = (AccessPath.FILTERED_LIST, AccessPath.FULL_LIST, AccessPath.RETRIEVE, AccessPath.SEARCH, AccessPath.NOTHING)


def unions(conjuncts: tuple[Conjunct, ...], plan: Callable[[tuple[Conjunct, ...]], ScanPlan]) -> Iterator[ScanPlan]:
    """Yield a plan for each OR among the conjuncts, where its branches can be lists.

    Args:
        conjuncts: what the rows must satisfy.
        plan: gives the plan of a narrower conjunction.
    """
    for each in conjuncts:
        if isinstance(each.predicate, AnyOf):
            others = tuple(other for other in conjuncts if other is not each)
            found = _together([plan((*others, *branch)) for branch in each.predicate.branches], conjuncts)
            if found is not None:
                yield found


def _together(branches: Sequence[ScanPlan], conjuncts: Sequence[Conjunct]) -> ScanPlan | None:
    reads = tuple(dict.fromkeys(read for branch in branches for read in branch.reads))
    if not reads or len(reads) > _MOST_READS or any(branch.path not in _READ_SO or branch.parent is not None for branch in branches):
        return None
    left = {text for branch in branches for text in branch.residual}
    # What a branch answers exactly says nothing of the rows of the other.
    residual = tuple(dict.fromkeys(c.text for c in conjuncts if isinstance(c.predicate, AnyOf) or c.text in left))
    pushed = tuple(dict.fromkeys(push for branch in branches for push in branch.pushed))
    path = AccessPath.SEARCH if any(branch.path is AccessPath.SEARCH for branch in branches) else AccessPath.FILTERED_LIST
    return ScanPlan(branches[0].table, path, reads, pushed, residual, overlapping=True, pages=(len(reads), None))
