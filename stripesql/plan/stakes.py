"""Say how much of a table's own list is read before its keys are asked for one by one.

The pages of a list are rows and a probe at once: they show how long the list is, and which keys it holds. How many are
risked follows from what the list is thought to take. However wrong that is, the whole takes no more than twice what the
better of the two ways takes, and where the keys are thought to be fewer no more than a tenth beyond them.

In: numbers of requests. Out: a number of requests. Pure.
"""

from __future__ import annotations

from typing import Final

# A part of what the keys would cost is risked on a list that is thought to be longer: more where that is not by much.
_TRIED: Final = 10
_TRIED_ON_LONG: Final = 20
_FEW_PAGES: Final = 20


def stake(by_keys: int, of_list: int, *, counted: bool) -> int | None:
    """Return the requests to risk on the list; None reads it to its end, 0 does not begin.

    Args:
        by_keys: requests that the keys take.
        of_list: requests that the list takes: counted by an earlier scan, or guessed.
        counted: which of the two.
    """
    if counted:
        return None if of_list < by_keys else 0
    if by_keys <= 1:
        return 0
    if by_keys > of_list:
        return by_keys
    return by_keys // (_TRIED if of_list <= _FEW_PAGES else _TRIED_ON_LONG)
