"""Run what can run of SQLAlchemy's dialect suite, as a process of its own: its plugin takes pytest over."""

import re
import subprocess
import sys
from pathlib import Path


def test_suite_of_sqlalchemy_passes():
    command = [sys.executable, "-m", "pytest", "-c", "pytest.ini", "-q"]
    done = subprocess.run(command, cwd=Path(__file__).parent / "suite", capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout[-5000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 0
