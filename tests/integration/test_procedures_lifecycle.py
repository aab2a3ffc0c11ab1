"""CALL against the simulator that plays Stripe: what happens to the objects is what the answers say, once and no more."""

from __future__ import annotations

import pytest
from crafted import KEY, column

import stripesql
from stripesql import errors
from stripesql.simulator import Simulator
from stripesql.simulator.faults import Fault


@pytest.fixture
def sim():
    return Simulator(scale=0.03)


@pytest.fixture
def connection(sim):
    with stripesql.connect(KEY, transport=sim.transport(), requests_per_second=10_000, endpoint_requests_per_second=10_000) as opened:
        yield opened


def object_of(sim, table, key):
    return next(row for row in sim.objects(table) if row["id"] == key)


def called(connection, statement, parameters=()):
    """Return the columns of the only row of a call, by name."""
    (row,) = connection.execute(statement, parameters).fetch_arrow_table().to_pylist()
    return row


@pytest.fixture
def customer(connection):
    return called(connection, "CALL customers.create(email => 'life@example.com', name => 'Ann')")["id"]


def test_an_invoice_goes_from_draft_to_paid(sim, connection, customer):
    invoice = called(connection, "CALL invoices.create(customer => ?, currency => 'eur', auto_advance => false)", [customer])["id"]
    called(connection, "CALL invoice_items.create(customer => ?, invoice => ?, amount => 500, currency => 'eur')", [customer, invoice])
    assert called(connection, "CALL invoices.add_lines(?, lines => [{'amount': 250, 'description': 'x'}])", [invoice])["total"] == 750
    opened = called(connection, "CALL invoices.finalize(?, auto_advance => false)", [invoice])
    assert (opened["status"], opened["amount_due"]) == ("open", 750)
    paid = called(connection, "CALL invoices.pay(?, paid_out_of_band => true)", [invoice])
    assert (paid["status"], paid["amount_paid"]) == ("paid", 750)
    truth = object_of(sim, "invoices", invoice)
    assert (truth["status"], truth["amount_paid"]) == ("paid", 750)
    assert column(connection, "SELECT status FROM invoices WHERE id = ?", [invoice]) == ["paid"]
    with pytest.raises(
        errors.InvalidRequest, match="already paid; check the values that are set, and whether the state of the object allows it"
    ):
        connection.execute("CALL invoices.pay(?, paid_out_of_band => true)", [invoice])


def test_a_payment_is_captured_in_part_and_refunded(sim, connection, customer):
    made = called(
        connection,
        "CALL payment_intents.create(amount => 1999, currency => 'eur', customer => ?, payment_method => 'pm_card_visa', "
        "confirm => true, capture_method => 'manual')",
        [customer],
    )
    assert made["status"] == "requires_capture"
    captured = called(connection, "CALL payment_intents.capture(?, amount_to_capture => 1200)", [made["id"]])
    assert (captured["status"], captured["amount_received"]) == ("succeeded", 1200)
    called(connection, "CALL refunds.create(payment_intent => ?, amount => 200)", [made["id"]])
    with pytest.raises(errors.InvalidRequest):
        connection.execute("CALL refunds.create(payment_intent => ?, amount => 1001)", [made["id"]])
    assert [row["amount"] for row in sim.objects("refunds") if row["payment_intent"] == made["id"]] == [200]


def test_a_declined_card_is_a_declined_card(connection, customer):
    statement = "CALL payment_intents.create(amount => 500, currency => 'eur', payment_method => 'pm_card_chargeDeclined', confirm => true)"
    with pytest.raises(errors.CardDeclined, match="declined") as caught:
        connection.execute(statement)
    assert caught.value.code == "card_declined"


def test_subscriptions_are_cancelled_by_a_query(sim, connection):
    wanted = sorted(row["id"] for row in sim.listed("subscriptions") if row["status"] == "active")
    assert len(wanted) >= 3
    cursor = connection.execute("CALL subscriptions.cancel(id) FROM subscriptions WHERE status = 'active' ORDER BY id")
    assert [row[0] for row in cursor.fetchall()] == wanted
    assert {object_of(sim, "subscriptions", each)["status"] for each in wanted} == {"canceled"}
    assert column(connection, "SELECT count(*) FROM subscriptions WHERE status = 'active'") == [0]


def test_the_lines_of_a_preview_store_nothing(sim, connection):
    before = len(sim.objects("invoices")), len(sim.objects("invoice_items"))
    lines = connection.execute(
        "CALL invoices.create_preview_lines(customer => (SELECT customer FROM subscriptions WHERE status = 'active' LIMIT 1))"
    ).fetch_arrow_table()
    assert lines.num_rows
    assert all(lines.column("amount").to_pylist())
    assert (len(sim.objects("invoices")), len(sim.objects("invoice_items"))) == before


@pytest.mark.parametrize(
    "fault", [Fault.RESET_AFTER, Fault.RESET_BEFORE, Fault.CUT_BODY, Fault.RATE_LIMIT, Fault.UNAVAILABLE, Fault.CONFLICT]
)
def test_what_goes_wrong_on_the_way_never_doubles_a_call(sim, connection, fault):
    sim.faults.every(fault, 4, method="POST")
    cursor = connection.cursor()
    cursor.executemany("CALL customers.create(email => ?)", [(f"once{number}@example.com",) for number in range(6)])
    assert cursor.rowcount == 6
    found = sorted(row["email"] for row in sim.objects("customers") if (row["email"] or "").startswith("once"))
    assert found == sorted(f"once{number}@example.com" for number in range(6))


def test_a_prefix_carries_a_statement_out_once(sim):
    for _ in range(2):
        with stripesql.connect(KEY, transport=sim.transport(), idempotency_key_prefix="monday") as connection:
            called(connection, "CALL customers.create(email => 'monday@example.com')")
    assert sum(row["email"] == "monday@example.com" for row in sim.objects("customers")) == 1
