"""Simulate Stripe: an embedded account for trying and testing without a network."""

from __future__ import annotations

from stripesql.simulator.answers import LoggedRequest
from stripesql.simulator.demo import demo_account
from stripesql.simulator.faults import Fault
from stripesql.simulator.server import Server, serve
from stripesql.simulator.simulator import Simulator

__all__ = ["Fault", "LoggedRequest", "Server", "Simulator", "demo_account", "serve"]
