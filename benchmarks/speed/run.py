"""Run the benchmarks; print a table, and write the same as JSON.

In: which cases, how often. Out: medians, and ratios of measurements within this one run, because absolute times depend on the
machine and on who else uses it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from dataclasses import asdict
from pathlib import Path

from cases import CASES, Line
from conditions import bench


def machine() -> str:
    """Return what was measured on, in a few words."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}{load} at the start"


def shown(line: Line) -> str:
    figure = f"{line.figure:,.0f}" if abs(line.figure) >= 1000 else f"{line.figure:.2f}"
    verdict = {None: "", True: "met", False: "MISSED"}[line.met]
    return f"| {line.case} | {figure} {line.unit} | {line.target} | {verdict} | {line.detail} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", choices=[*CASES, []], default=[], help="all when none is named")
    parser.add_argument("--charges", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3, help="measurements of each figure; the median counts")
    parser.add_argument("--json", type=Path, default=Path("benchmarks.json"), help="file for the results")
    arguments = parser.parse_args()
    began, where = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()), machine()
    print(f"{began}; {where}\n\n| Case | Figure | Target | | Measured |\n|---|---|---|---|---|", flush=True)
    lines: list[Line] = []
    with bench(arguments.charges) as server:
        for name in arguments.cases or CASES:
            for line in CASES[name](server, arguments.repeat):
                lines.append(line)
                print(shown(line), flush=True)
    results = {"when": began, "machine": where, "lines": [{**asdict(each), "met": each.met} for each in lines]}
    arguments.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
