"""Give the examples an account of their own: the simulator over HTTP, so that nothing needs a key or a network."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stripesql.simulator import Simulator, serve


@pytest.fixture(scope="session")
def account_url() -> Iterator[str]:
    with serve(Simulator(), 0) as server:
        yield server.url


@pytest.fixture
def surroundings(account_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Make the key in the environment lead to the simulator, and the folder empty."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STRIPE_API_KEY", "rk_test_documentation")
    monkeypatch.setenv("STRIPESQL_BASE_URL", account_url)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    return dict(os.environ)
