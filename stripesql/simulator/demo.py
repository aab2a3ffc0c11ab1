"""Hand out the demo accounts: one per name and process, made on first use.

In: ``connect(demo=...)``. Out: a simulator that all connections of that name share, so that a pool sees its own writes.
"""

from __future__ import annotations

import threading
import zlib

from stripesql.simulator.simulator import Simulator

_ACCOUNTS: dict[str, Simulator] = {}
_LOCK = threading.Lock()
DEFAULT = "demo"


def demo_account(name: str | bool = True) -> Simulator:
    """Return the demo account of this name; True is the unnamed one. Each name has data of its own."""
    known = DEFAULT if name is True or name is False else name
    with _LOCK:
        if known not in _ACCOUNTS:
            seed = 7 if known == DEFAULT else zlib.crc32(known.encode()) % 100_000
            _ACCOUNTS[known] = Simulator(seed=seed)
        return _ACCOUNTS[known]
