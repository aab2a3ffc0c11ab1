"""Hold the second click: a dashboard that is refreshed sends nothing, whatever the pool does."""

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool, QueuePool

from stripesql.simulator import Simulator

CHARTS = (
    "SELECT date_trunc('month', created) AS month, currency, sum(amount) FROM charges WHERE status = 'succeeded' GROUP BY 1, 2 ORDER BY 1",
    "SELECT status, count(*) FROM subscriptions GROUP BY status ORDER BY 2 DESC LIMIT 50",
    "SELECT c.email, sum(i.amount_paid) AS paid FROM invoices i JOIN customers c ON c.id = i.customer GROUP BY 1 ORDER BY 2 DESC LIMIT 10",
    "SELECT id, amount, currency, created FROM charges ORDER BY created DESC LIMIT 100",
    "SELECT count(*) FROM customers WHERE created >= now() - INTERVAL 90 DAY",
    "SELECT p.name, count(*) FROM prices pr JOIN products p ON p.id = pr.product WHERE pr.active GROUP BY 1 ORDER BY 2 DESC",
)


@pytest.mark.parametrize("pool", [QueuePool, NullPool])
def test_a_dashboard_of_six_charts_is_refreshed_for_nothing(pool):
    sim = Simulator(scale=0.2)
    engine = sa.create_engine("stripe:///?demo=1&cache_ttl_s=300", poolclass=pool, connect_args={"transport": sim.transport()})

    def refresh():
        rows = []
        for text in CHARTS:
            with engine.connect() as connection:
                rows.append(sorted(map(repr, connection.execute(sa.text(text)))))
        return rows

    first = refresh()
    sent = len(sim.log)
    assert sent > 0
    assert refresh() == first
    assert len(sim.log) == sent
    engine.dispose()
