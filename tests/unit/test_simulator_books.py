"""The business is believable: books balance, references exist, the same seed gives the same data."""

from collections import defaultdict

import pytest

from stripesql.catalogue.load import catalogue
from stripesql.catalogue.model import Column, ColumnKind
from stripesql.simulator import Simulator, demo_account, shapes
from stripesql.simulator.business import tables
from stripesql.simulator.embedded import EMBEDDED, EXPAND_ONLY
from stripesql.simulator.filters.lookup import STATED
from stripesql.simulator.store import walk

NOW = 1_790_000_000


@pytest.fixture(scope="module", params=[0.1, 1.0, 4.0])
def sim(request):
    return Simulator(scale=request.param, now=NOW)


@pytest.fixture(scope="module")
def demo():
    return Simulator(now=NOW)


def by_currency(rows, field, keep=lambda row: True):
    sums = defaultdict(int)
    for row in rows:
        if keep(row):
            sums[row["currency"]] += row[field]
    return dict(sums)


def test_balance_is_the_sum_of_the_bookings(sim):
    balance = sim.objects("balance")[0]
    held = by_currency([*balance["available"], *balance["pending"]], "amount")
    assert by_currency(sim.objects("balance_transactions"), "net") == held


def test_what_was_earned_is_held_or_paid_out(sim):
    balance = sim.objects("balance")[0]
    held = by_currency([*balance["available"], *balance["pending"]], "amount")
    paid = by_currency(sim.objects("payouts"), "amount", lambda row: row["status"] != "failed")
    earned = by_currency(sim.objects("balance_transactions"), "net", lambda row: row["type"] not in ("payout", "payout_failure"))
    assert earned == {currency: held[currency] + paid.get(currency, 0) for currency in held}


def test_paid_invoices_are_paid_by_their_charges(sim):
    charges = {row["id"]: row for row in sim.objects("charges")}
    intents = {row["id"]: row for row in sim.objects("payment_intents")}
    paid = defaultdict(int)
    for payment in sim.objects("invoice_payments"):
        if payment["status"] == "paid":
            charge = charges[intents[payment["payment"]["payment_intent"]]["latest_charge"]]
            assert charge["status"] == "succeeded"
            paid[payment["invoice"]] += charge["amount"]
    for invoice in sim.objects("invoices"):
        assert invoice["amount_paid"] == paid[invoice["id"]]
        if invoice["status"] == "paid":
            assert max(0, invoice["total"]) == invoice["amount_paid"]
            assert invoice["amount_remaining"] == 0


def test_what_invoices_brought_is_their_charges_less_their_refunds(sim):
    """An invoice's own amount_paid does not fall when its charge is refunded; what is left of it is in the books."""
    charges = {row["id"]: row for row in sim.objects("charges")}
    latest = {row["id"]: row["latest_charge"] for row in sim.objects("payment_intents")}
    listed = {row["id"] for row in sim.listed("invoices")}
    of_invoice = {
        latest[row["payment"]["payment_intent"]]: row["invoice"]
        for row in sim.objects("invoice_payments")
        if row["status"] == "paid" and row["invoice"] in listed
    }
    succeeded = [charges[each] for each in of_invoice]
    assert {row["status"] for row in succeeded} == {"succeeded"}
    refunds = [row for row in sim.objects("refunds") if row["charge"] in of_invoice and row["status"] == "succeeded"]
    paid = by_currency([row for row in sim.objects("invoices") if row["id"] in listed], "amount_paid", lambda row: row["amount_paid"])
    assert paid == by_currency(succeeded, "amount")
    returned = by_currency(refunds, "amount")
    assert returned
    assert returned == {currency: total for currency, total in by_currency(succeeded, "amount_refunded").items() if total}
    left = {currency: total - returned.get(currency, 0) for currency, total in paid.items()}
    assert left == {
        currency: total - by_currency(succeeded, "amount_refunded")[currency]
        for currency, total in by_currency(succeeded, "amount").items()
    }


def test_charges_know_their_refunds_and_bookings(sim):
    refunded = defaultdict(int)
    for refund in sim.objects("refunds"):
        refunded[refund["charge"]] += refund["amount"]
    bookings = {row["id"]: row for row in sim.objects("balance_transactions")}
    for charge in sim.objects("charges"):
        assert charge["amount_refunded"] == refunded[charge["id"]] <= charge["amount"]
        assert charge["refunded"] == (refunded[charge["id"]] == charge["amount"])
        if charge["balance_transaction"]:
            booking = bookings[charge["balance_transaction"]]
            assert booking["source"] == charge["id"]
            assert booking["net"] == booking["amount"] - booking["fee"]
            if booking["exchange_rate"] is None:
                assert (booking["amount"], booking["currency"]) == (charge["amount"], charge["currency"])
        else:
            assert charge["status"] != "succeeded"


def test_invoice_totals_are_the_sum_of_their_lines(sim):
    sums = defaultdict(int)
    for line in sim.objects("invoice_line_items"):
        sums[line["invoice"]] += line["amount"]
    for invoice in sim.objects("invoices"):
        assert invoice["subtotal"] == sums[invoice["id"]]
        discount = sum(entry["amount"] for entry in invoice["total_discount_amounts"])
        assert invoice["total"] <= invoice["subtotal"] + sum(tax["amount"] for tax in invoice["total_taxes"]) - discount + 9


def test_three_decimal_amounts_end_in_zero(sim):
    assert all(row["amount"] % 10 == 0 for row in sim.objects("charges") if row["currency"] == "kwd")


def test_demo_has_the_size_and_the_variety_that_is_promised(demo):
    assert 280 <= len(demo.objects("customers")) <= 340
    assert 2000 <= len(demo.objects("charges")) <= 3000
    assert {row["currency"] for row in demo.objects("charges")} >= {"usd", "eur", "gbp", "jpy", "kwd", "cad"}
    assert {row["status"] for row in demo.objects("charges")} >= {"succeeded", "failed"}
    assert {row["status"] for row in demo.objects("invoices")} >= {"paid", "open", "void"}
    assert {row["status"] for row in demo.objects("payouts")} >= {"paid", "failed"}
    assert {row["type"] for row in demo.objects("balance_transactions")} >= {
        "charge",
        "payment",
        "refund",
        "payout",
        "transfer",
        "topup",
        "stripe_fee",
        "adjustment",
    }
    for table in (
        "disputes",
        "credit_notes",
        "reviews",
        "quotes",
        "transfers",
        "topups",
        "subscription_schedules",
        "payment_links",
        "files",
    ):
        assert demo.objects(table), table


def test_nothing_but_test_clocks_is_younger_than_now(demo):
    for table in ("charges", "customers", "payment_intents", "refunds", "payouts", "balance_transactions", "events", "invoices"):
        assert max(row["created"] for row in demo.listed(table)) <= NOW, table
    assert max(row["created"] for row in demo.listed("charges")) > NOW - 2 * 86_400


def test_same_seed_gives_the_same_data_and_time_only_adds(demo):
    again, later, other = Simulator(now=NOW), Simulator(now=NOW + 4 * 3600), Simulator(seed=8, now=NOW)
    for table in ("customers", "charges", "invoices", "balance_transactions", "quotes", "issuing_cards"):
        assert again.objects(table) == demo.objects(table)
    assert NOW // 86_400 == (NOW + 4 * 3600) // 86_400
    before = {row["id"] for row in demo.objects("charges")}
    assert before <= {row["id"] for row in later.objects("charges")}
    assert not before & {row["id"] for row in other.objects("charges")}


def test_order_of_loading_does_not_matter(demo):
    backwards = Simulator(now=NOW)
    for table in reversed(catalogue().table_names()):
        backwards.objects(table)
    for table in ("charges", "invoices", "subscriptions", "customers", "events", "setup_attempts", "mandates"):
        assert backwards.objects(table) == demo.objects(table), table


def test_empty_account_has_nothing_but_itself():
    sim = Simulator(empty=True)
    for name in catalogue().table_names():
        rows = sim.objects(name)
        if name in ("account", "accounts"):
            assert [row["id"] for row in rows] == [sim.account_id]
        elif name not in ("balance", "balance_settings", "tax_settings"):
            assert rows == [], name


def test_no_table_is_dead(demo):
    for name in catalogue().table_names():
        assert demo.objects(name), name


def test_demo_accounts_are_one_per_name():
    assert demo_account(True) is demo_account(True)
    assert demo_account("unit") is demo_account("unit") is not demo_account(True)


def _faults(account, node, value, path):
    """Yield what is wrong with a value, by the catalogue's shape."""
    if value is None:
        return
    if not isinstance(node, Column):
        known = any(isinstance(inner, Column) and inner.references and key == "id" for key, inner in node.items())
        for key, inner in value.items():
            if key in node:
                yield from _faults(account, node[key], inner, f"{path}.{key}")
            elif not known and not any(part in path for part in ("details", "parent", "last_payment_error", "after_completion")):
                yield f"{path}.{key} is unknown"
        return
    types = {
        ColumnKind.INTEGER: int, ColumnKind.UNIX_TIME: int, ColumnKind.BOOLEAN: bool, ColumnKind.NUMBER: (int, float), ColumnKind.MAP: dict,
        ColumnKind.ARRAY: list, ColumnKind.LIST: dict, ColumnKind.OBJECT: dict,
    }  # fmt: skip
    if not isinstance(value, types.get(node.kind, str)):
        yield f"{path} is {value!r}, not {node.kind}"
    if node.kind is ColumnKind.ENUM and node.values and value not in node.values:
        yield f"{path} is {value!r}, outside its vocabulary"


@pytest.mark.parametrize("name", catalogue().table_names())
def test_every_object_has_the_catalogues_shape(demo, name):
    account = demo._own
    for row in account.members(name)[:300]:
        value = account.fields(name, row)
        assert list(_faults(account, shapes.tree(name), value, name)) == []
        assert value.keys() >= shapes.blank(name).keys()


def test_quick_readers_agree_with_what_is_rendered(demo):
    account = demo._own
    for name in tables.builders(account.world, account.now):
        shelf = account.shelf(name)
        kind = shelf.kind
        if kind.render is None:
            continue
        for row in list(shelf.all())[:400]:
            shown = kind.render(row)
            for path, read in kind.quick.items():
                if path.partition(".")[0] in shown:
                    assert read(row) == walk(shown, tuple(path.split("."))), (name, path)


def test_references_point_to_objects(demo):
    account = demo._own
    foreign = {("application_fees", "charge"), ("transfers", "destination_payment")}  # objects of connected accounts
    for name in (
        "charges",
        "invoices",
        "subscriptions",
        "payment_intents",
        "refunds",
        "balance_transactions",
        "checkout_sessions",
        "transfers",
        "payouts",
        "application_fees",
    ):
        for row in demo.objects(name):
            for key, node in shapes.tree(name).items():
                if isinstance(node, Column) and node.references and isinstance(row.get(key), str) and (name, key) not in foreign:
                    assert any(account.shelf(table).known(row[key]) for table in node.references), (name, key, row[key])


def test_names_stated_by_hand_are_in_the_catalogue(demo):
    known = set(catalogue().table_names())
    assert set(STATED) <= known
    assert set(EMBEDDED) | set(EXPAND_ONLY) | {entry.table for entries in EMBEDDED.values() for entry in entries} <= known
    assert set(tables.builders(demo._own.world, demo._own.now)) <= known
