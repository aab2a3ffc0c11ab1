"""Serve the embedded Stripe over HTTP until Ctrl-C."""

from __future__ import annotations

import threading
from contextlib import suppress

from stripesql.cli.arguments import SimulateOptions, UsageError


def simulate(options: SimulateOptions) -> None:
    """Serve, print where and how to connect, and wait for Ctrl-C, which is how it ends.

    Raises:
        UsageError: the port cannot be had.
    """
    from stripesql.simulator import Simulator, serve

    simulator = Simulator(
        seed=options.seed,
        scale=options.scale,
        latency_ms=options.latency_ms,
        rate=options.rate,
        endpoint_rate=options.endpoint_rate,
    )
    try:
        server = serve(simulator, options.port)
    except (OSError, OverflowError) as problem:
        raise UsageError(f"cannot listen on 127.0.0.1:{options.port}: {getattr(problem, 'strerror', None) or problem}") from problem
    with server:
        # One line for programs that wait for it, then words for people.
        print(f"serving an embedded Stripe on {server.url}", flush=True)
        print(_HOW.format(url=server.url), flush=True)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


_HOW = """
  export STRIPE_API_KEY=sk_test_anything
  stripesql --base-url {url} -c "SELECT id, email FROM customers LIMIT 5"
  python:      stripesql.connect("sk_test_anything", base_url="{url}")
  sqlalchemy:  stripe://:sk_test_anything@/?base_url={url}
  curl {url}/v1/customers?limit=1 -u sk_test_anything:

Ctrl-C ends it; the data is made anew at the next start."""
