"""Give programs that use the driver an account over HTTP, so that their own way to connect is the one that is held.

They are no dependencies of ours: a test is skipped where its program is not installed. CONTRIBUTING says how to run them all.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from stripesql.simulator import Simulator, serve


@pytest.fixture(scope="module")
def sim():
    return Simulator(scale=0.2)


@pytest.fixture(scope="module")
def server(sim):
    with serve(sim, 0) as server:
        yield server.url


@pytest.fixture
def url(sim, server):
    """Return the URL of the account, with a key."""
    sim.clear_log()
    return f"stripe://:{'sk_test_' + 'clients'}@/?base_url={server}"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let no program read or write the real home, and none see a real key."""
    monkeypatch.chdir(tmp_path)
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "IPYTHONDIR", "DLT_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
        (tmp_path / name.lower()).mkdir(exist_ok=True)
    monkeypatch.delenv("STRIPE_API_KEY", raising=False)
    monkeypatch.delenv("STRIPESQL_BASE_URL", raising=False)
    return tmp_path
