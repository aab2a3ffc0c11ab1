"""Run statements that nobody would write for some minutes, and report every ending that is no PEP 249 error.

In: minutes, a seed. Out: findings on standard output, exit status 1 if there are any. With atheris installed, coverage of our
code guides what is tried (``pip install atheris``); without it, chance does.

    python tools/fuzz.py --minutes 10
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "hardening"))


def main() -> int:
    options = _arguments()
    if options.engine == "atheris":
        return _guided(options)
    return _by_chance(options)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Fuzz connection.execute.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--engine", choices=["atheris", "chance"], default="atheris" if _has_atheris() else "chance")
    return parser.parse_args()


def _has_atheris() -> bool:
    try:
        import atheris  # noqa: F401
    except ImportError:
        return False
    return True


class _Findings:
    """Run statements until the time is over, and count what was found."""

    def __init__(self, minutes: float) -> None:
        from sentences import Fuzzed

        self.fuzzed = Fuzzed()
        self.until = time.monotonic() + minutes * 60
        self.runs = 0
        self.kinds: Counter[str] = Counter()

    def one(self, throw: Any) -> None:
        from sentences import parameters, sentence

        text, given = sentence(throw), parameters(throw)
        self.runs += 1
        wrong = self.fuzzed.run(text, given)
        if wrong is not None:
            kind = wrong[:60]
            self.kinds[kind] += 1
            if self.kinds[kind] == 1:
                print(f"FOUND {wrong[:500]}\n  statement: {text!r}\n  parameters: {given!r}", flush=True)

    @property
    def over(self) -> bool:
        return time.monotonic() > self.until

    def report(self) -> int:
        self.fuzzed.close()
        print(f"{self.runs} statements, {sum(self.kinds.values())} findings of {len(self.kinds)} kinds", flush=True)
        return 1 if self.kinds else 0


def _by_chance(options: argparse.Namespace) -> int:
    chance = random.Random(options.seed)
    findings = _Findings(options.minutes)
    while not findings.over:
        findings.one(chance.randrange)
    return findings.report()


def _guided(options: argparse.Namespace) -> int:
    import atheris

    with atheris.instrument_imports(include=["stripesql.sql", "stripesql.session", "stripesql.query", "stripesql.plan", "stripesql.write"]):
        import stripesql
        import stripesql.session.session
    assert stripesql

    findings = _Findings(options.minutes)

    def test(data: bytes) -> None:
        if findings.over:
            status = findings.report()
            sys.stdout.flush()
            # libFuzzer has no way to stop from inside but to end the process.
            import os

            os._exit(status)
        provider = atheris.FuzzedDataProvider(data)
        findings.one(lambda below: provider.ConsumeIntInRange(0, below - 1))

    atheris.Setup(
        [
            sys.argv[0],
            f"-seed={options.seed or 1}",
            "-max_len=512",
            "-len_control=0",
            f"-timeout={60}",
            "-print_final_stats=0",
            "-verbosity=0",
        ],
        test,
    )
    atheris.Fuzz()
    return findings.report()


if __name__ == "__main__":
    sys.exit(main())
