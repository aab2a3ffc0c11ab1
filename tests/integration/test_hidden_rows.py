"""Rows and values that Stripe's lists leave out: the scan shows them, or EXPLAIN says that it cannot and how else to reach them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from crafted import column, connected, ids, lines

from stripesql.catalogue.load import catalogue
from stripesql.simulator import Simulator

NOW = 1_790_000_000
Row = dict[str, Any]


@pytest.fixture(scope="module")
def sim():
    made = Simulator(scale=0.3, now=NOW)
    clock = made.objects("test_helpers_test_clocks")[0]["id"]
    customer = made.insert("customers", {"test_clock": clock})["id"]
    charge = made.insert("charges", {"customer": customer})["id"]
    made.insert("refunds", {"charge": charge})
    made.insert("setup_intents", {"customer": customer})
    made.insert("promotion_codes", {"customer": customer, "code": "CLOCK"})
    made.insert("subscription_schedules", {"customer": customer})
    made.insert("credit_notes", {"customer": customer, "invoice": made.insert("invoices", {"customer": customer})["id"]})
    made.insert("tax_ids", {"owner": {"type": "account", "account": "acct_other"}})
    return made


@pytest.fixture
def connection(sim):
    with connected(sim.transport()) as opened:
        yield opened


def clocked(sim: Simulator) -> set[str]:
    return {row["id"] for row in sim.objects("customers") if row["test_clock"]}


# -- rows that the list hides and the scan asks for


@dataclass(frozen=True)
class Included:
    table: str
    note: str
    hidden: Callable[[Row], bool]
    sent: tuple[str, ...]


INCLUDED = [
    Included("subscriptions", "canceled subscriptions", lambda row: row["status"] == "canceled", ("status=all",)),
    Included("prices", "inactive prices", lambda row: not row["active"], ("active=true", "active=false")),
    Included("tax_registrations", "registrations that are expired or scheduled", lambda row: row["status"] != "active", ("status=all",)),
    Included("v2_core_accounts", "closed accounts", lambda row: row["closed"], ("closed=false", "closed=true")),
    Included(
        "v2_money_management_financial_accounts", "closed financial accounts", lambda row: row["status"] == "closed", ("statuses[]=closed",)
    ),
]


@pytest.mark.parametrize("case", INCLUDED, ids=lambda case: case.table)
def test_what_the_list_hides_is_in_the_scan(sim, connection, case):
    hidden = {row["id"] for row in sim.listed(case.table) if case.hidden(row)}
    assert hidden
    shown = column(connection, f"SELECT id FROM {case.table}")
    assert hidden < set(shown)
    assert sorted(shown) == sorted(ids(sim.listed(case.table)))


@pytest.mark.parametrize("case", INCLUDED, ids=lambda case: case.table)
def test_the_plain_list_does_hide_it(sim, case):
    import httpx

    with httpx.Client(transport=sim.transport(), base_url="http://sim", headers={"Authorization": "Bearer sk_test_plain123"}) as http:
        rows = http.get(catalogue().table(case.table).list.path, params={"limit": 100}).json()["data"]
    assert rows
    assert not [row for row in rows if case.hidden(row)]


@pytest.mark.parametrize("case", INCLUDED, ids=lambda case: case.table)
def test_explain_says_that_it_is_included(connection, case):
    said = lines(connection, f"EXPLAIN SELECT id FROM {case.table}")
    assert f"included: {case.note}" in said
    assert [sent for sent in case.sent if not any(line.startswith("GET ") and line.endswith(sent) for line in said)] == []


def test_a_predicate_takes_the_place_of_what_the_scan_asks_for(sim, connection):
    sim.clear_log()
    rows = column(connection, "SELECT id FROM subscriptions WHERE status = 'canceled'")
    assert sorted(rows) == sorted(row["id"] for row in sim.listed("subscriptions") if row["status"] == "canceled")
    assert [dict(request.params)["status"] for request in sim.log] == ["canceled"]
    assert column(connection, "SELECT count(*) FROM prices WHERE NOT active") == [len([r for r in sim.listed("prices") if not r["active"]])]


# -- rows that no list of the whole table shows


@dataclass(frozen=True)
class Beyond:
    table: str
    note: str
    hidden: Callable[[Row, Simulator], bool]
    ways: tuple[tuple[str, Callable[[Row], Any]], ...] = ()
    """WHERE with one placeholder, and what to put there for a hidden row"""


def _customer(row: Row) -> Any:
    return row["customer"]


ON_A_CLOCK = "objects that a test clock made"
BEYOND = [
    Beyond(
        "customers", "customers on a test clock", lambda row, _: row["test_clock"], (("test_clock = ?", lambda row: row["test_clock"]),)
    ),
    Beyond(
        "subscriptions",
        "subscriptions on a test clock",
        lambda row, _: row["test_clock"],
        (("test_clock = ?", lambda row: row["test_clock"]), ("customer = ?", _customer)),
    ),
    Beyond(
        "quotes",
        "quotes on a test clock",
        lambda row, _: row["test_clock"],
        (("test_clock = ?", lambda row: row["test_clock"]), ("customer = ?", _customer)),
    ),
    Beyond(
        "invoices",
        ON_A_CLOCK,
        lambda row, sim: row["customer"] in clocked(sim) and bool(row["parent"]),
        (("customer = ?", _customer), ("subscription = ?", lambda row: row["parent"]["subscription_details"]["subscription"])),
    ),
    Beyond("invoice_items", ON_A_CLOCK, lambda row, sim: row["customer"] in clocked(sim), (("customer = ?", _customer),)),
    Beyond(
        "subscription_schedules",
        "schedules of customers on a test clock",
        lambda row, sim: row["customer"] in clocked(sim),
        (("customer = ?", _customer),),
    ),
    Beyond("charges", ON_A_CLOCK, lambda row, sim: row["customer"] in clocked(sim), (("customer = ?", _customer),)),
    Beyond("payment_intents", ON_A_CLOCK, lambda row, sim: row["customer"] in clocked(sim), (("customer = ?", _customer),)),
    Beyond("payment_methods", ON_A_CLOCK, lambda row, sim: row["customer"] in clocked(sim), (("customer = ?", _customer),)),
    Beyond("setup_intents", ON_A_CLOCK, lambda row, sim: row["customer"] in clocked(sim), (("customer = ?", _customer),)),
    Beyond("promotion_codes", ON_A_CLOCK, lambda row, sim: row["customer"] in clocked(sim), (("customer = ?", _customer),)),
    Beyond(
        "credit_notes",
        ON_A_CLOCK,
        lambda row, sim: row["customer"] in clocked(sim),
        (("customer = ?", _customer), ("invoice = ?", lambda row: row["invoice"])),
    ),
    Beyond(
        "refunds",
        ON_A_CLOCK,
        lambda row, sim: row["charge"] in {each["id"] for each in sim.objects("charges") if each["customer"] in clocked(sim)},
        (("charge = ?", lambda row: row["charge"]),),
    ),
    Beyond("prices", "inline prices, made by price_data", lambda row, sim: row["id"] not in ids(sim.listed("prices"))),
    Beyond("plans", "plans of inline prices may be missing", lambda row, sim: row["id"] not in ids(sim.listed("plans"))),
    Beyond("reviews", "closed reviews", lambda row, _: not row["open"]),
    Beyond("billing_alerts", "archived alerts", lambda row, _: row["status"] == "archived"),
    Beyond(
        "tax_ids",
        "tax ids of customers and of other accounts",
        lambda row, _: row["owner"]["type"] == "customer",
        (("owner_customer = ?", lambda row: row["owner"]["customer"]),),
    ),
    Beyond(
        "tax_ids",
        "tax ids of customers and of other accounts",
        lambda row, _: row["owner"]["type"] == "account",
        (("owner_account = ?", lambda row: row["owner"]["account"]),),
    ),
    Beyond(
        "payment_methods",
        "payment methods of type custom",
        lambda row, _: row["type"] == "custom",
        (("type = ?", lambda row: row["type"]),),
    ),
    Beyond("accounts", "one's own account; and there are rows only for a Connect platform", lambda row, sim: row["id"] == sim.account_id),
]
NAMES = [f"{case.table}-{case.note.partition(' ')[0]}-{n}" for n, case in enumerate(BEYOND)]


@pytest.mark.parametrize("case", BEYOND, ids=NAMES)
def test_no_scan_shows_it_and_explain_says_so(sim, connection, case):
    hidden = {row["id"] for row in sim.objects(case.table) if case.hidden(row, sim)}
    assert hidden
    shown = column(connection, f"SELECT id FROM {case.table}")
    assert not hidden & set(shown)
    assert sorted(shown) == sorted(ids(sim.listed(case.table)))
    said = lines(connection, f"EXPLAIN SELECT id FROM {case.table}")
    assert [line for line in said if line.startswith(f"not listed: {case.note} (by id")]


@pytest.mark.parametrize("case", BEYOND, ids=NAMES)
def test_it_is_reached_by_id(sim, connection, case):
    hidden = [row["id"] for row in sim.objects(case.table) if case.hidden(row, sim)][:3]
    assert column(connection, f"SELECT id FROM {case.table} WHERE id IN ({', '.join('?' * len(hidden))}) ORDER BY id", hidden) == sorted(
        hidden
    )


@pytest.mark.parametrize(
    "case", [case for case in BEYOND if case.ways], ids=[name for name, case in zip(NAMES, BEYOND, strict=True) if case.ways]
)
def test_it_is_reached_by_the_filters_that_the_note_names(sim, connection, case):
    row = next(row for row in sim.objects(case.table) if case.hidden(row, sim))
    for where, value in case.ways:
        shown = column(connection, f"SELECT id FROM {case.table} WHERE {where}", [value(row)])
        assert row["id"] in shown, where


def test_every_beyond_list_note_has_a_case(sim):
    noted = {(name, note.rows) for name in catalogue().table_names() for note in catalogue().table(name).notes if note.beyond_list}
    # A booking names no customer: what a test clock books cannot be told apart, and the simulator books nothing for it.
    # Rows of invoice_payments carry no customer of their own; the case below reads them by invoice.
    reasoned = {("balance_transactions", ON_A_CLOCK), ("invoice_payments", ON_A_CLOCK)}
    assert noted - {(case.table, case.note) for case in BEYOND} == reasoned


def test_payments_of_invoices_on_a_test_clock_are_reached_by_invoice(sim, connection):
    listed = set(ids(sim.listed("invoice_payments")))
    hidden = [row for row in sim.objects("invoice_payments") if row["id"] not in listed]
    assert hidden
    assert column(connection, "SELECT id FROM invoice_payments WHERE invoice = ?", [hidden[0]["invoice"]]) == [hidden[0]["id"]]
    assert column(connection, "SELECT id FROM invoice_payments WHERE id = ?", [hidden[0]["id"]]) == [hidden[0]["id"]]


def test_tax_ids_of_a_customer_are_in_their_own_table(sim, connection):
    owned = [row for row in sim.objects("tax_ids") if row["owner"]["type"] == "customer"]
    shown = column(connection, "SELECT id FROM customer_tax_ids")
    on_clock = clocked(sim)
    assert sorted(shown) == sorted(row["id"] for row in owned if row["customer"] not in on_clock)


def test_a_foreign_key_reaches_what_the_list_does_not_show(sim, connection):
    inline = set(ids(sim.objects("prices"))) - set(ids(sim.listed("prices")))
    rows = connection.execute("SELECT p.id FROM subscription_items i JOIN prices p ON p.id = i.price_id").fetchall()
    assert inline & {row[0] for row in rows}
    # Also where there are more keys than requests that the list takes.
    used = [row["price"]["id"] for row in sim.objects("subscription_items") if row["subscription"] in ids(sim.listed("subscriptions"))]
    assert sorted(row[0] for row in rows) == sorted(used)


@pytest.mark.parametrize(
    "beside",
    [
        "subscriptions s JOIN subscription_items i ON i.subscription = s.id",
        # More tables than orders are tried for.
        "subscriptions s JOIN subscription_items i ON i.subscription = s.id "
        + " ".join(f"JOIN (SELECT id AS r{n} FROM refunds LIMIT 1) r{n} ON true" for n in range(3))
        + " "
        + " ".join(f"LEFT JOIN customers c{n} ON c{n}.id = s.customer AND c{n}.email = '{n}'" for n in range(6)),
    ],
)
def test_a_foreign_key_of_a_table_that_is_joined_itself_reaches_them_too(sim, connection, beside):
    rows = connection.execute(f"SELECT p.id FROM {beside} JOIN prices p ON p.id = i.price_id").fetchall()
    used = [row["price"]["id"] for row in sim.objects("subscription_items") if row["subscription"] in ids(sim.listed("subscriptions"))]
    assert set(used) - set(ids(sim.listed("prices")))
    assert sorted(row[0] for row in rows) == sorted(used)


def test_the_own_account_is_a_table_of_one_row(sim, connection):
    assert column(connection, "SELECT id FROM account") == [sim.account_id]


# -- rows that are gone


@pytest.mark.parametrize("table", ["events", "v2_core_events"])
def test_events_older_than_thirty_days_are_gone(sim, connection, table):
    old = sim.insert(table, {"created": NOW - 40 * 86_400 if table == "events" else "2026-07-01T00:00:00Z", "type": "invoice.paid"})
    assert old["id"] not in column(connection, f"SELECT id FROM {table}")
    assert column(connection, f"SELECT id FROM {table} WHERE id = ?", [old["id"]]) == []
    assert "left out: events older than 30 days: they are gone" in lines(connection, f"EXPLAIN SELECT id FROM {table}")


def test_lines_of_an_expired_calculation_are_gone(sim, connection):
    calculations = sim.objects("tax_calculations")
    expired = next(row["id"] for row in calculations if row["expires_at"] and row["expires_at"] < NOW)
    alive = next(row["id"] for row in calculations if not row["expires_at"])
    assert column(connection, "SELECT id FROM tax_calculation_line_items WHERE tax_calculation = ?", [expired]) == []
    assert column(connection, "SELECT id FROM tax_calculations WHERE id = ?", [expired]) == []
    assert column(connection, "SELECT id FROM tax_calculations WHERE id = ?", [alive]) == [alive]
    said = lines(connection, "EXPLAIN SELECT id FROM tax_calculation_line_items WHERE tax_calculation = 'taxcalc_1'")
    assert "left out: lines of expired calculations: they are gone" in said


@pytest.mark.parametrize("table", ["customers", "terminal_configurations", "terminal_locations", "terminal_readers"])
def test_a_tombstone_is_no_row_not_even_by_id(sim, connection, table):
    made = Simulator(scale=0.05, now=NOW)
    gone = made.objects(table)[0]["id"]
    made.delete(table, gone)
    with connected(made.transport()) as opened:
        assert gone not in column(opened, f"SELECT id FROM {table}")
        assert column(opened, f"SELECT id FROM {table} WHERE id = ?", [gone]) == []
        assert "left out: deleted ones: by id they are tombstones, which are no rows" in lines(opened, f"EXPLAIN SELECT id FROM {table}")
    assert made.log[-1].status == 200


def test_a_reference_to_a_tombstone_joins_nothing(sim, connection):
    known = set(ids(sim.objects("customers")))
    gone = {row["customer"] for row in sim.listed("charges") if row["customer"] and row["customer"] not in known}
    assert gone
    sql = "SELECT ch.customer, cu.id FROM charges ch LEFT JOIN customers cu ON cu.id = ch.customer WHERE ch.customer IS NOT NULL"
    rows = connection.execute(sql).fetchall()
    assert {key for key, found in rows if found is None} == gone
    assert all(found in (None, key) for key, found in rows)


# -- values that are left out


EXPAND_ONLY = [
    (name, each.name, each.expand)
    for name in catalogue().table_names()
    for each in catalogue().table(name).columns
    if each.expand is not None
    and not each.hidden
    and catalogue().table(name).list is not None
    and not catalogue().table(name).list.required
]


@pytest.mark.parametrize(("table", "name", "expand"), EXPAND_ONLY, ids=[f"{table}.{name}" for table, name, _ in EXPAND_ONLY])
def test_a_column_that_is_absent_unless_expanded_is_expanded_when_it_is_used(sim, connection, table, name, expand):
    sim.clear_log()
    found = dict(connection.execute(f'SELECT id, "{name}" FROM {table}').fetchall())
    assert all(
        ("expand[]", f"data.{expand}") in request.params for request in sim.log if request.path == catalogue().table(table).list.path
    )
    path = next(each.path for each in catalogue().table(table).columns if each.name == name)
    for row in sim.objects(table, expand_fields=(expand,)):
        if row["id"] in found:
            value = row
            for key in path:
                value = value.get(key) if isinstance(value, dict) else None
            assert (found[row["id"]] is None) == (value is None)
    sim.clear_log()
    connection.execute(f"SELECT id FROM {table} LIMIT 1").fetchall()
    assert not [request for request in sim.log if "expand[]" in dict(request.params)]


@pytest.mark.parametrize("name", ["number", "cvc"])
def test_card_numbers_are_never_in_the_list_and_explain_says_so(sim, connection, name):
    assert set(column(connection, f"SELECT {name} FROM issuing_cards")) == {None}
    assert "left out: values of number and cvc (by id with expand; use CALL stripe.request)" in lines(
        connection, "EXPLAIN SELECT number FROM issuing_cards"
    )


@pytest.mark.parametrize(
    ("table", "name"), [("charges", "refunds"), ("invoices", "lines"), ("subscriptions", "items"), ("transfers", "reversals")]
)
def test_an_embedded_list_is_a_page_and_says_so(sim, connection, table, name):
    assert "left out: items of embedded lists beyond the first page, in the JSON column (the child table)" in lines(
        connection, f"EXPLAIN SELECT {name} FROM {table}"
    )


def test_a_long_embedded_list_is_whole_in_the_child_table(sim, connection):
    invoice = next(row for row in sim.listed("invoices") if row["lines"]["has_more"])
    assert len(column(connection, "SELECT id FROM invoice_line_items WHERE invoice = ?", [invoice["id"]])) > 10
    short = column(connection, "SELECT lines FROM invoices WHERE id = ?", [invoice["id"]])[0]
    assert len(short["data"]) == 10
    assert short["has_more"] is True
    counted = dict(connection.execute("SELECT invoice, count(*) FROM invoice_line_items GROUP BY 1").fetchall())
    truth = {row["id"] for row in sim.listed("invoices")}
    wanted: dict[str, int] = {}
    for row in sim.objects("invoice_line_items"):
        if row["invoice"] in truth:
            wanted[row["invoice"]] = wanted.get(row["invoice"], 0) + 1
    assert counted == wanted


def test_charges_of_a_transfer_group_are_not_cut_at_a_hundred():
    made = Simulator(empty=True, now=NOW)
    for _ in range(130):
        made.insert("charges", {"transfer_group": "g"})
    with connected(made.transport()) as connection:
        assert column(connection, "SELECT count(*) FROM charges WHERE transfer_group = 'g'") == [130]
    assert not [request for request in made.log if "transfer_group" in dict(request.params)]


def test_a_payout_filter_says_what_it_leaves_out(connection):
    said = lines(connection, "EXPLAIN SELECT id FROM balance_transactions")
    assert "left out: with payout = ...: transactions of manual payouts (without payout = ...)" in said


def test_values_of_v2_that_need_include_are_said_to_be_left_out(connection):
    said = lines(connection, "EXPLAIN SELECT id FROM v2_core_accounts")
    assert [line for line in said if line.startswith("left out: values of configuration, defaults, identity and requirements")]


# -- sources


def test_every_note_has_a_source():
    notes = [(name, note) for name in catalogue().table_names() for note in catalogue().table(name).notes]
    assert len(notes) > 40
    assert [(name, note.rows) for name, note in notes if not note.source] == []
