"""Keep a list of charges in the simulator, let it change while it is read, and read it in slices."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

from slicing.turns import Turns
from stripesql.catalogue.load import catalogue
from stripesql.fetch import Client, Control
from stripesql.plan.planner import Question, plan_scan
from stripesql.plan.scans import ScanPlan
from stripesql.scan import carry
from stripesql.scan.means import Means, ScanCounts
from stripesql.scan.slices import Portions
from stripesql.settings import ApiKey, Settings
from stripesql.simulator import Simulator
from stripesql.stats import Stats

NOW = 1_760_000_000
SMALL = Portions(page=3, fewest=4, fewest_of_many=2, alone=1)
Bounds = tuple[tuple[str, int], ...]
MEETS: dict[str, Callable[[int, int], bool]] = {
    "gte": lambda at, bound: at >= bound,
    "gt": lambda at, bound: at > bound,
    "lte": lambda at, bound: at <= bound,
    "lt": lambda at, bound: at < bound,
}


def account(times: Sequence[int], table: str = "charges") -> Simulator:
    sim = Simulator(empty=True, now=NOW)
    for n, at in enumerate(times):
        sim.insert(table, {"created": at, "id": f"row_{n}"})
    return sim


def plan_of(table: str = "charges", bounds: Bounds = ()) -> ScanPlan:
    plan = plan_scan(Question(catalogue().table(table)))
    params = tuple((f"created[{name}]", str(bound)) for name, bound in bounds)
    reads = tuple(replace(read, request=read.request.with_params(*params), pushed=tuple(name for name, _ in params)) for read in plan.reads)
    return replace(plan, reads=reads)


@dataclass
class Reading:
    """What one scan gave, and what it cost."""

    ids: list[str] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    counts: ScanCounts = field(default_factory=ScanCounts)


def scan(
    sim: Simulator,
    plan: ScanPlan,
    *,
    workers: int = 4,
    portions: Portions = SMALL,
    everything: bool = True,
    counts: ScanCounts | None = None,
) -> Iterator[Any]:
    """Yield the pages of a scan with a crew of so many."""
    client = Client(Settings(demo=True), ApiKey("sk_test_slices"), transport=sim.transport(), default_version=catalogue().version)
    means = Means(client, Control(stats=Stats()), "https://api.stripe.com", workers=workers, portions=portions)
    columns = [column for name in ("id", "amount") if (column := plan.table.column(name)) is not None]
    made = carry.Scan(plan, columns, means, lambda _: plan, counts or ScanCounts(), reads_all=everything)
    return made.pages()


def read(sim: Simulator, plan: ScanPlan, *, seed: int | None = None, **how: Any) -> Reading:
    """Read it all; with a seed in the turns that it gives, else with threads."""
    found = Reading()

    def run() -> None:
        for page in scan(sim, plan, counts=found.counts, **how):
            found.ids += page.batch.column(0).to_pylist()
            found.pages.append(page.rows)

    if seed is None:
        run()
    else:
        with patch.object(carry, "Crew", type("SeededTurns", (Turns,), {"seed": seed})):
            run()
    return found


def listed(sim: Simulator, table: str = "charges", bounds: Bounds = ()) -> set[str]:
    return {row["id"] for row in sim.listed(table) if all(MEETS[name](row["created"], bound) for name, bound in bounds)}


def hold(found: Reading, always: set[str], sometimes: set[str] = frozenset()) -> None:
    """Assert that no row is doubled, none is lost that was there all the time, and none was made up."""
    doubled = {row: n for row, n in Counter(found.ids).items() if n > 1}
    assert not doubled, f"doubled: {doubled}"
    assert not always - set(found.ids), f"lost: {sorted(always - set(found.ids))}"
    assert set(found.ids) <= always | sometimes
