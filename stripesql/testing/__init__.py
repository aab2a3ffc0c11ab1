"""Test code that queries Stripe, against an embedded account of its own.

In: nothing, or what the account should hold. Out: connections, a URL, and the requests that arrived. ``fixtures`` has the
same for pytest.
"""

from __future__ import annotations

from stripesql.simulator import Fault, LoggedRequest
from stripesql.testing.account import TestAccount

__all__ = ["Fault", "LoggedRequest", "TestAccount"]
