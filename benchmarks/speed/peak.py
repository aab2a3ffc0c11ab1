"""Read charges in this process, and print how much memory that took at most.

In: URL, ``aggregate`` or ``fetchmany``, and the second to read from. Out: JSON: megabytes before the first row, and at most.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from conditions import AT_ONCE, KEY

import stripesql


def peak_mb() -> float:
    """Return the most memory that this program held; Linux counts in ru_maxrss what its parent held before."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1024 * 1024 if sys.platform == "darwin" else 1024)


def main() -> None:
    url, how, since = sys.argv[1:]
    where = f"WHERE created >= to_timestamp({since})"
    with stripesql.connect(KEY, base_url=url, **(AT_ONCE.told or {})) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT id FROM charges LIMIT 1").fetchall()
        base = peak_mb()
        if how == "aggregate":
            cursor.execute(f"SELECT currency, count(*), sum(amount) FROM charges {where} GROUP BY ALL").fetchall()
        else:
            cursor.execute(f"SELECT id, amount, currency, created FROM charges {where}")
            while cursor.fetchmany(1000):
                pass
        print(json.dumps({"base_mb": base, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
