"""Define what a scan is asked for.

In: nothing. Out: ``Question``, which ``query`` puts together and ``planner`` answers.
"""

from __future__ import annotations

from dataclasses import dataclass

from stripesql.catalogue.model import Table
from stripesql.catalogue.relations import FindTable
from stripesql.plan.price import NOTHING_KNOWN, Known
from stripesql.predicate import Conjunct


def _no_table(name: str) -> Table | None:
    return None


@dataclass(frozen=True, slots=True)
class Question:
    """Say what a scan is asked for.

    Attributes:
        table: the table.
        conjuncts: what its rows must satisfy.
        limit: rows that suffice if all conjuncts are pushed exactly, or None.
        newest: newest rows that suffice, with the ties of the last, under the same condition, or None.
        pushdown: False reads the plain list, needed arguments aside.
        used: lower-case names of filter-only columns that the query uses.
        dropped: parameters that Stripe refused and that are not pushed again.
        expand_paths: fields whose objects other tables of the query are taken from.
        find: gives a table by its name.
        expand: names of the columns that the query uses and that Stripe leaves out unless they are asked for.
        known: what scans have taken before.
        search: rows may be missed: Stripe's Search may give them.
    """

    table: Table
    conjuncts: tuple[Conjunct, ...] = ()
    limit: int | None = None
    newest: int | None = None
    pushdown: bool = True
    used: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    expand: tuple[str, ...] = ()
    find: FindTable = _no_table
    expand_paths: tuple[str, ...] = ()
    known: Known = NOTHING_KNOWN
    search: bool = False
