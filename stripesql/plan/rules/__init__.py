"""Hold one pushdown rule per file.

A rule looks at one column's domain and at the parameters that filter that column, and answers with a ``Push`` or
None. ``RULES`` is the order in which they are asked; the first answer is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from stripesql.catalogue.model import Column, Filter
from stripesql.plan.domains import Domain
from stripesql.plan.rules import equality, in_list, like, nulls, ranges
from stripesql.plan.scans import Push

Rule = Callable[[Column, Domain, tuple[Filter, ...]], Push | None]

ONE_VALUE: Final[tuple[Rule, ...]] = (equality.push, in_list.push, ranges.push, nulls.push, like.push)
"""for a column that must have one value: the plain parameter is the narrowest and has the fewest side conditions"""

SEVERAL_VALUES: Final[tuple[Rule, ...]] = (in_list.push, equality.push, ranges.push, nulls.push, like.push)
"""for several values: one request that takes them all comes before one list each"""
