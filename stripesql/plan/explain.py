"""Print a plan, for people as text and for programs as JSON.

In: the stages of a plan, what a second costs, and after a run what was done. Out: lines, or a JSON value. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from stripesql.catalogue.model import Table
from stripesql.plan.scans import KEY, AccessPath, Keys, Plan, Read, ScanPlan

_MOST_READS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Actual:
    """Say what a scan did: what it sent and got, how long it waited, parameters that Stripe refused.

    ``kept`` are the rows that pass every condition on the table alone; None where that was not counted.
    ``recalled`` are the rows that had been read before.
    """

    requests: int
    rows: int
    dropped: tuple[str, ...] = ()
    retries: int = 0
    waited_s: float = 0.0
    kept: int | None = None
    recalled: int = 0


def as_text(plan: Plan, aliases: Mapping[str, str], actual: Sequence[Actual] | None = None, *, per_second: float = 25.0) -> list[str]:
    """Return a few lines per scan, and the sum."""
    if not plan.stages:
        return ["no table of Stripe is read", "requests: 0"]
    lines: list[str] = []
    for index, stage in enumerate(plan.stages):
        names = " and ".join(dict.fromkeys(aliases.get(name, name) for name in stage.names))
        lines += _scan_lines(stage.scan, names, actual[index] if actual is not None else None, aliases)
    lines.append(_sum_line(plan, per_second))
    return lines


def _scan_lines(scan: ScanPlan, names: str, actual: Actual | None, aliases: Mapping[str, str]) -> list[str]:
    table = scan.table
    path = scan.path.value if scan.recalled_s is None else "cache"
    title = f"{table.name}: {path}" if names in (table.name, "") else f"{table.name} ({names}): {path}"
    lines = [title]
    if scan.recalled_s is not None:
        lines.append(f"  read {scan.recalled_s:.0f} s ago; otherwise a {scan.path.value}:")
    if scan.path is AccessPath.NOTHING:
        lines.append(f"  no row can satisfy {' AND '.join(scan.residual)}" if scan.residual else "  no row is asked for")
    lines += _source_lines(scan, aliases)
    lines += [f"  {_shown(read)}{_until(scan)}" for read in scan.reads[:_MOST_READS_SHOWN]]
    if len(scan.reads) > _MOST_READS_SHOWN:
        lines.append(f"  ... and {len(scan.reads) - _MOST_READS_SHOWN} more like these")
    lines += _fallback_lines(scan)
    for push in scan.pushed:
        kind = "exactly" if push.exact else "as a wider set, checked again here"
        texts = [text for text in push.texts if KEY not in text]
        if texts:
            lines.append(f"  pushed: {'; '.join(texts)} -> {', '.join(sorted(push.params))} ({kind})")
    if scan.path is AccessPath.RETRIEVE:
        lines.append("  pushed: the ids, one request each")
    if scan.may_miss_rows:
        lines.append("  may be a minute stale, and miss rows (allow_stale_search)")
    lines += [f"  checked here: {text}" for text in scan.residual if scan.path is not AccessPath.NOTHING]
    if scan.expand:
        lines.append(f"  asked for beside the usual fields: {', '.join(scan.expand)}")
    if scan.path in (AccessPath.FILTERED_LIST, AccessPath.FULL_LIST):
        lines += hidden_lines(table)
    if scan.parent is not None:
        lines += hidden_lines(scan.parent.scan.table)
    lines.append(f"  requests: {_requests_of(scan)}")
    if scan.estimate is not None and scan.estimate.alternatives:
        lines.append(f"  other ways: {'; '.join(f'{way}, perhaps {requests}' for way, requests in scan.estimate.alternatives)}")
    return lines + (_actual_lines(actual) if actual is not None else [])


def _actual_lines(actual: Actual) -> list[str]:
    more = f", {actual.retries} sent again" if actual.retries else ""
    waited = f", waited {actual.waited_s:.2f} s" if actual.waited_s >= 0.005 else ""
    kept = f", {actual.kept} returned" if actual.kept is not None else ""
    recalled = f", {actual.recalled} from the cache" if actual.recalled else ""
    lines = [f"  actual: {actual.requests} requests{more}, {actual.rows} rows fetched{recalled}{kept}{waited}"]
    return lines + [f"  dropped: Stripe refused {name}, the list was read without it" for name in actual.dropped]


def _source_lines(scan: ScanPlan, aliases: Mapping[str, str]) -> list[str]:
    """Return where a scan's keys, parents or objects come from."""
    if scan.keys is not None:
        other = _keys_from(scan.keys, aliases)
        if scan.path is AccessPath.EXPANDED:
            return [f"  each object comes in the place of its id in {other}"]
        return [f"  once for each value of {other}:"]
    if scan.parent is None:
        return []
    if scan.parent.other is not None:
        lines = [f"  for each row of {aliases.get(scan.parent.other, scan.parent.other)}"]
    else:
        lines = [f"  for each row of {scan.parent.scan.table.name}, read by"]
        lines += [f"    {_shown(read)}" for read in scan.parent.scan.reads]
    if scan.parent.embedded is not None:
        lines.append(f"  rows come with it, in {scan.parent.embedded.name}; a list that is longer than what comes is read from its start:")
    return lines


def _keys_from(keys: Keys, aliases: Mapping[str, str]) -> str:
    """Return the columns that have the keys."""
    said = [f"{aliases.get(name, name)}.{column}" for name, column in keys.givers]
    said += [f"{len(keys.values)} values"] if keys.values else []
    return " and ".join(said)


def _fallback_lines(scan: ScanPlan) -> list[str]:
    """Return what is done where there are many keys."""
    if scan.instead is not None and scan.instead.fallback is not None:
        reads = ", ".join(_shown(read) for read in scan.instead.fallback.reads[:_MOST_READS_SHOWN])
        then = ", then what is missing" if scan.path is AccessPath.RETRIEVE and scan.table.beyond_list else ""
        return [f"  or, while that may be shorter: {reads}{then}"]
    keys = scan.keys
    if keys is None or keys.fallback is None or not keys.most or scan.path is AccessPath.EXPANDED:
        return []
    reads = ", ".join(_shown(read) for read in keys.fallback.reads[:_MOST_READS_SHOWN])
    then = ", then what is missing" if scan.path is AccessPath.LOOK_UP and scan.table.beyond_list else ""
    return [f"  where that is more than {keys.most} requests: {reads}{then}"] if reads else []


def _shown(read: Read) -> str:
    return read.request.display().replace("%7Bkey%7D", KEY)


def _until(scan: ScanPlan) -> str:
    if scan.newest is not None:
        return f"  (newest {scan.newest} rows, and those of the same second as the last)"
    return "" if scan.limit is None else f"  (first {scan.limit} rows)"


def hidden_lines(table: Table) -> list[str]:
    """Return what the scan does about rows and values that the plain list leaves out."""
    lines = []
    for note in table.notes:
        how = f" ({note.seen_by})" if note.seen_by else ""
        if note.beyond_list:
            lines.append(f"  not listed: {note.rows}{how}")
        elif not note.seen_by and table.list is not None and table.list.variants != ((),):
            lines.append(f"  included: {note.rows}")
        else:
            lines.append(f"  left out: {note.rows}{how}")
    return lines


def _sum(plan: Plan) -> tuple[int, int | None]:
    least = sum(stage.scan.pages[0] for stage in plan.stages)
    most: int | None = 0
    for stage in plan.stages:
        known = stage.scan.path is AccessPath.EXPANDED or (stage.scan.keys is None and stage.scan.pages[1] is not None)
        most = most + (stage.scan.pages[1] or 0) if known and most is not None else None
    return least, most


def _likely(plan: Plan) -> int:
    """Return the requests that a plan is likely to take."""
    return sum(
        stage.scan.estimate.requests if stage.scan.estimate is not None else stage.scan.pages[1] or stage.scan.pages[0]
        for stage in plan.stages
    )


def _sum_line(plan: Plan, per_second: float) -> str:
    least, most = _sum(plan)
    requests = max(_likely(plan), least) if most is None else most
    said = _requests(least, most) if most is not None else f"{least} or more, perhaps {requests}"
    return f"requests: {said}; at {per_second:g} requests/s about {requests / per_second:.2f} s"


def _requests(least: int, most: int | None) -> str:
    if most is None:
        return f"{least} or more: one per 100 rows"
    return str(least) if least == most else f"{least} to {most}"


def _requests_of(scan: ScanPlan) -> str:
    if scan.path is AccessPath.EXPANDED:
        return "none of its own"
    if scan.recalled_s is not None:
        return "0"
    said = _requests(*scan.pages) if scan.estimate is None else "one per 100 rows"
    if scan.instead is not None:
        said = "one for each value, or one per 100 rows of the list"
    elif scan.keys is not None:
        said = "one or more for each value"
    elif scan.path is AccessPath.PER_PARENT and scan.parent is not None:
        said = f"one or more for each row of {scan.parent.scan.table.name}" + ("" if scan.parent.other else ", and those of its list")
    elif scan.path is AccessPath.EMBEDDED and scan.parent is not None:
        of_list = "" if scan.parent.other else f"those of the list of {scan.parent.scan.table.name}, and "
        said = f"{of_list}one or more for each longer list"
    if scan.estimate is None:
        return said
    if scan.estimate.seen:
        return f"{scan.estimate.requests} by the last scan"
    return f"perhaps {scan.estimate.requests}: {said}"


def as_json(plan: Plan, aliases: Mapping[str, str], actual: Sequence[Actual] | None = None, *, per_second: float = 25.0) -> dict[str, Any]:
    """Return the plan as a JSON value, ``{"scans": [...], "requests": {...}}``."""
    scans = []
    for index, stage in enumerate(plan.stages):
        entry = _scan_json(stage.scan, [aliases.get(name, name) for name in stage.names], aliases)
        if actual is not None:
            done = asdict(actual[index])
            entry["actual"] = {
                "requests": done.pop("requests"),
                "rows_fetched": done.pop("rows"),
                "rows_returned": done.pop("kept"),
                **done,
            }
        scans.append(entry)
    least, most = _sum(plan)
    likely = max(_likely(plan), least)
    return {
        "scans": scans,
        "requests": {"least": least, "most": most, "likely": likely},
        "requests_per_second": per_second,
        "likely_s": round(likely / per_second, 3),
    }


def _scan_json(scan: ScanPlan, names: Sequence[str], aliases: Mapping[str, str]) -> dict[str, Any]:
    estimate, keys, parent = scan.estimate, scan.keys, scan.parent
    return {
        "table": scan.table.name,
        "names": list(names),
        "path": scan.path.value if scan.recalled_s is None else "cache",
        "age_s": scan.recalled_s,
        "requests": [
            {"method": read.request.method, "path": read.request.path, "params": [list(pair) for pair in read.request.params]}
            for read in scan.reads
        ],
        "pushed": [{"predicates": list(push.texts), "params": sorted(push.params), "exact": push.exact} for push in scan.pushed],
        "residual": list(scan.residual),
        "may_miss_rows": scan.may_miss_rows,
        "limit": scan.limit,
        "newest": scan.newest,
        "expanded": list(scan.expand),
        "keys_from": None if keys is None else _keys_from(keys, aliases),
        "parent": None if parent is None else parent.scan.table.name,
        "hidden": [line.strip() for line in hidden_lines(scan.table)],
        "expected_requests": {
            "least": scan.pages[0],
            "most": scan.pages[1] if keys is None else None,
            "likely": scan.pages[1] if estimate is None else estimate.requests,
            "by_last_scan": estimate is not None and estimate.seen,
        },
        "alternatives": {} if estimate is None else dict(estimate.alternatives),
    }
