"""Join keys that no parameter may carry: the rows that have them are still rows."""

from __future__ import annotations

import pytest

import stripesql
from stripesql.simulator import Simulator

KEYS = ["", "a\0b", ".", "..", "x@example.com"]


@pytest.mark.parametrize("key", KEYS)
def test_rows_with_a_key_that_is_not_sent_are_found(key):
    sim = Simulator(empty=True)
    for email in (key, "other@example.com"):
        sim.insert("customers", {"email": email})
    sim.insert("issuing_cardholders", {"email": key})
    with stripesql.connect(demo=True, transport=sim.transport()) as connection:
        sql = "SELECT count(*) FROM issuing_cardholders h JOIN customers c ON c.email = h.email WHERE h.phone_number IS NULL OR h.status = 'active'"
        assert connection.execute(sql).fetchall() == [(1,)]
        sql = "SELECT count(*) FROM customers WHERE email IN (SELECT email FROM issuing_cardholders WHERE type = 'individual' OR true)"
        assert connection.execute(sql).fetchall() == [(1,)]


def test_keys_that_are_numbers_are_keys():
    sim = Simulator(empty=True)
    sim.insert("issuing_cards", {"exp_month": 5, "last4": "4242"})
    sim.insert("issuing_cards", {"exp_month": 6, "last4": "1111"})
    with stripesql.connect(demo=True, transport=sim.transport()) as connection:
        sql = "SELECT count(*) FROM issuing_cards a JOIN issuing_cards b ON a.exp_month = b.exp_month WHERE a.last4 = '4242'"
        assert connection.execute(sql).fetchall() == [(1,)]
