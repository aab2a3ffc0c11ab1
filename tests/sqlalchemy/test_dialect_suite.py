"""Run what can run of SQLAlchemy's dialect suite, as a process of its own: its plugin takes pytest over."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy

# Each release's suite is larger than the one before.
LEAST = {(1, 4): 380, (2, 0): 520, (2, 1): 700}


@pytest.mark.timeout(300)
def test_suite_of_sqlalchemy_passes():
    command = [sys.executable, "-m", "pytest", "-c", "pytest.ini", "-q"]
    done = subprocess.run(command, cwd=Path(__file__).parent / "suite", capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout[-5000:]
    release = tuple(int(part) for part in sqlalchemy.__version__.split(".")[:2])
    least = max(count for since, count in LEAST.items() if since <= release)
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= least
