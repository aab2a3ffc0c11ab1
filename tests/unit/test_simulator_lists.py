"""Lists answer as Stripe's do: order, paging, cursors, filters, hidden rows."""

import random
from itertools import pairwise

import httpx
import pytest

from stripesql.catalogue.load import catalogue
from stripesql.simulator import Simulator

KEY = {"Authorization": "Bearer sk_test_unit"}
NOW = 1_790_000_000


@pytest.fixture(scope="module")
def sim():
    return Simulator(now=NOW)


@pytest.fixture(scope="module")
def http(sim):
    with httpx.Client(transport=sim.transport(), base_url="https://api.stripe.com", headers=KEY) as client:
        yield client


@pytest.fixture
def empty():
    return Simulator(empty=True, now=NOW)


def client_of(sim):
    return httpx.Client(transport=sim.transport(), base_url="https://api.stripe.com", headers=KEY)


def page(http, path, **params):
    answer = http.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def every(http, path, **params):
    """All rows of a list, over all pages."""
    rows, after = [], {}
    for _ in range(1000):
        got = page(http, path, **{"limit": 100, **params, **after})
        rows += got["data"]
        if not got["has_more"]:
            return rows
        after = {"starting_after": got["data"][-1]["id"]}
    raise AssertionError("the list does not end")


def ids(rows):
    return [row["id"] for row in rows]


def test_list_is_newest_first_and_complete(sim, http):
    rows = every(http, "/v1/charges")
    assert ids(rows) == ids(sim.listed("charges"))
    assert all(newer["created"] >= older["created"] for newer, older in pairwise(rows))


def test_default_limit_is_ten(http):
    got = page(http, "/v1/charges")
    assert (len(got["data"]), got["has_more"], got["url"], got["object"]) == (10, True, "/v1/charges", "list")


def test_ties_within_a_second_are_stable_and_all_shown(empty):
    for n in range(25):
        empty.insert("charges", {"created": NOW - 100, "amount": n})
    with client_of(empty) as http:
        first = ids(every(http, "/v1/charges", limit=7))
        assert first == ids(every(http, "/v1/charges", limit=3))
        assert len(set(first)) == 25


def test_ending_before_pages_backwards(http):
    forward = page(http, "/v1/charges", limit=30)["data"]
    back = page(http, "/v1/charges", limit=10, ending_before=forward[20]["id"])
    assert ids(back["data"]) == ids(forward[10:20])
    assert back["has_more"]
    assert ids(page(http, "/v1/charges", limit=10, ending_before=forward[5]["id"])["data"]) == ids(forward[:5])


def test_random_filters_and_limits_agree_with_the_truth(sim, http):
    chance = random.Random(5)
    truth = sim.listed("charges")
    customers = [row["customer"] for row in truth if row["customer"]]
    for _ in range(60):
        low, high = sorted(chance.choice(truth)["created"] for _ in range(2))
        params, keep = {"created[gte]": low, "created[lt]": high, "limit": chance.randint(1, 100)}, lambda row: low <= row["created"] < high  # noqa: B023
        if chance.random() < 0.5:
            customer = chance.choice(customers)
            params["customer"] = customer
            wanted = [row["id"] for row in truth if keep(row) and row["customer"] == customer]
        else:
            wanted = [row["id"] for row in truth if keep(row)]
        assert ids(every(http, "/v1/charges", **params)) == wanted


@pytest.mark.parametrize(
    ("operator", "keep"),
    [
        ("created[gt]", lambda at, row: row > at),
        ("created[gte]", lambda at, row: row >= at),
        ("created[lt]", lambda at, row: row < at),
        ("created[lte]", lambda at, row: row <= at),
        ("created", lambda at, row: row == at),
    ],
)
def test_created_operators(sim, http, operator, keep):
    truth = sim.objects("invoices")
    shown = [row for row in truth if row["test_clock"] is None]
    at = truth[len(truth) // 2]["created"]
    assert ids(every(http, "/v1/invoices", **{operator: at})) == [row["id"] for row in shown if keep(at, row["created"])]


def test_deleted_cursor_is_an_error(empty):
    rows = [empty.insert("customers", {"created": NOW - n}) for n in range(5)]
    empty.delete("customers", rows[2]["id"])
    with client_of(empty) as http:
        answer = http.get("/v1/customers", params={"starting_after": rows[2]["id"]})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "resource_missing"
    assert answer.json()["error"]["param"] == "starting_after"


def test_window_moved_under_a_cursor_gives_an_empty_page(empty):
    rows = [empty.insert("charges", {"created": NOW - n // 4}) for n in range(40)]
    cursor = next(row for row in rows if row["created"] == NOW - 5)
    with client_of(empty) as http:
        moved = page(http, "/v1/charges", starting_after=cursor["id"], **{"created[lte]": cursor["created"]})
        assert (moved["data"], moved["has_more"]) == ([], False)
        outside = page(http, "/v1/charges", starting_after=cursor["id"], **{"created[lt]": cursor["created"]})
        assert outside["data"] == []
        empty.faults.empty_page_under_moved_window = False
        assert page(http, "/v1/charges", starting_after=cursor["id"], **{"created[lt]": cursor["created"]})["data"] != []


def test_window_that_stays_loses_nothing_even_at_its_edges(empty):
    for n in range(60):
        empty.insert("charges", {"created": NOW - n // 20})
    with client_of(empty) as http:
        for low, high in ((NOW - 2, NOW), (NOW - 1, NOW - 1), (NOW - 2, NOW - 1)):
            rows = every(http, "/v1/charges", limit=3, **{"created[gte]": low, "created[lte]": high})
            assert len(rows) == sum(low <= row["created"] <= high for row in empty.objects("charges"))


def test_rows_inserted_during_a_scan_are_not_seen_and_nothing_is_lost(empty):
    for n in range(30):
        empty.insert("charges", {"created": NOW - 1000 - n})
    before = ids(empty.objects("charges"))
    empty.hooks.before(2, lambda: empty.insert("charges", {"created": NOW}))
    with client_of(empty) as http:
        assert ids(every(http, "/v1/charges", limit=10)) == before


def test_subscriptions_hide_canceled_ones_unless_asked(sim, http):
    truth = [row for row in sim.objects("subscriptions") if row["test_clock"] is None]
    assert {row["status"] for row in truth} >= {"active", "canceled", "trialing", "incomplete_expired"}
    assert ids(every(http, "/v1/subscriptions")) == [row["id"] for row in truth if row["status"] != "canceled"]
    assert ids(every(http, "/v1/subscriptions", status="all")) == ids(truth)
    ended = [row["id"] for row in truth if row["status"] in ("canceled", "incomplete_expired")]
    assert ids(every(http, "/v1/subscriptions", status="ended")) == ended


@pytest.mark.parametrize("param", ["price", "plan"])
def test_subscriptions_by_price_look_at_every_item(sim, http, param):
    owners = {}
    for row in sim.objects("subscription_items"):
        owners.setdefault(row["price"]["id"], set()).add(row["subscription"])
    price, wanted = max(owners.items(), key=lambda pair: len(pair[1]))
    shown = {row["id"] for row in sim.objects("subscriptions") if row["test_clock"] is None}
    assert set(ids(every(http, "/v1/subscriptions", status="all", **{param: price}))) == wanted & shown


def test_subscriptions_by_period_use_the_earliest_end_and_the_latest_start(empty):
    row = empty.insert(
        "subscriptions",
        {
            "customer": "cus_x",
            "items": [{"current_period_start": 10, "current_period_end": 90}, {"current_period_start": 20, "current_period_end": 80}],
        },
    )
    with client_of(empty) as http:
        assert ids(page(http, "/v1/subscriptions", **{"current_period_end[lte]": 80})["data"]) == [row["id"]]
        assert page(http, "/v1/subscriptions", **{"current_period_end[gt]": 80})["data"] == []
        assert ids(page(http, "/v1/subscriptions", **{"current_period_start": 20})["data"]) == [row["id"]]


def test_prices_are_active_only_and_inline_ones_never_listed(sim, http):
    listed = {row["id"] for active in ("true", "false") for row in every(http, "/v1/prices", active=active)}
    assert all(row["active"] for row in every(http, "/v1/prices"))
    inline = {row["id"] for row in sim.objects("prices")} - listed
    assert inline
    assert all(http.get(f"/v1/prices/{price}").status_code == 200 for price in inline)


def test_closed_reviews_are_reached_by_id_only(sim, http):
    closed = [row for row in sim.objects("reviews") if not row["open"]]
    assert closed
    assert all(row["open"] for row in every(http, "/v1/reviews"))
    assert page(http, f"/v1/reviews/{closed[0]['id']}")["open"] is False


def test_objects_on_a_test_clock_need_a_parent(sim, http):
    clocked = [row for row in sim.objects("customers") if row["test_clock"]]
    assert clocked
    assert not {row["id"] for row in clocked} & set(ids(every(http, "/v1/customers")))
    clock = clocked[0]["test_clock"]
    assert set(ids(every(http, "/v1/customers", test_clock=clock))) == {row["id"] for row in clocked if row["test_clock"] == clock}
    for table, path in (("subscriptions", "/v1/subscriptions"), ("invoices", "/v1/invoices"), ("invoice_items", "/v1/invoiceitems")):
        hidden = [row for row in sim.objects(table) if row["test_clock"] and row["customer"] == clocked[0]["id"]]
        assert hidden
        assert not {row["id"] for row in hidden} & set(ids(every(http, path)))
        status = {"status": "all"} if table == "subscriptions" else {}
        assert set(ids(every(http, path, customer=clocked[0]["id"], **status))) == {row["id"] for row in hidden}


def test_payments_of_test_clocks_are_hidden_too(sim, http):
    clocked = {row["id"] for row in sim.objects("customers") if row["test_clock"]}
    for table in ("charges", "payment_intents", "payment_methods"):
        hidden = {row["id"] for row in sim.objects(table) if row["customer"] in clocked}
        assert hidden
        assert not hidden & set(ids(every(http, f"/v1/{table}")))
        assert hidden == {one for customer in clocked for one in ids(every(http, f"/v1/{table}", customer=customer))}


@pytest.mark.parametrize(
    "table", ["customers", "invoices", "reviews", "tax_ids", "accounts", "payment_methods", "quotes", "billing_alerts"]
)
def test_what_is_listed_is_the_truth_without_what_is_beyond(sim, http, table):
    path = catalogue().table(table).list.path
    assert ids(every(http, path)) == ids(sim.listed(table))
    assert len(sim.listed(table)) < len(sim.objects(table))


def test_test_clocks_run_ahead_of_the_server(sim):
    assert max(row["created"] for row in sim.objects("invoices")) > NOW


def test_custom_payment_methods_are_hidden_unless_asked(sim, http):
    custom = [row["id"] for row in sim.objects("payment_methods") if row["type"] == "custom"]
    assert custom
    assert not set(custom) & set(ids(every(http, "/v1/payment_methods")))
    assert ids(every(http, "/v1/payment_methods", type="custom")) == custom


def test_tax_ids_are_the_accounts_own_unless_an_owner_is_given(sim, http):
    assert {row["owner"]["type"] for row in every(http, "/v1/tax_ids")} == {"self"}
    customer = next(row["customer"] for row in sim.objects("tax_ids") if row["customer"])
    wanted = [row["id"] for row in sim.objects("tax_ids") if row["customer"] == customer]
    assert ids(every(http, "/v1/tax_ids", **{"owner[type]": "customer", "owner[customer]": customer})) == wanted
    assert ids(every(http, f"/v1/customers/{customer}/tax_ids")) == wanted


def test_events_are_kept_for_thirty_days(sim):
    young = Simulator(now=NOW)
    with client_of(young) as http:
        before = every(http, "/v1/events")
        assert before
        assert all(row["created"] >= NOW - 30 * 86_400 for row in before)
        young.clock.advance(20 * 86_400)
        after = every(http, "/v1/events")
        assert 0 < len(after) < len(before)
        assert http.get(f"/v1/events/{before[-1]['id']}").status_code == 404


def test_event_types(sim, http):
    truth = sim.objects("events")
    assert ids(every(http, "/v1/events", type="invoice.*")) == [row["id"] for row in truth if row["type"].startswith("invoice.")]
    assert ids(every(http, "/v1/events", **{"types[0]": "charge.failed", "types[1]": "invoice.paid"})) == [
        row["id"] for row in truth if row["type"] in ("charge.failed", "invoice.paid")
    ]
    assert ids(every(http, "/v1/events", delivery_success="false")) == [row["id"] for row in truth if row["pending_webhooks"]]


def test_own_account_is_not_in_the_list(sim, http):
    assert sim.account_id not in ids(every(http, "/v1/accounts"))
    assert sim.account_id in ids(sim.objects("accounts"))
    assert page(http, "/v1/account")["id"] == page(http, f"/v1/accounts/{sim.account_id}")["id"] == sim.account_id


def test_deleted_customers_are_tombstones_by_id(sim, http):
    gone = {row["customer"] for row in sim.objects("charges") if row["customer"]} - set(ids(sim.objects("customers")))
    assert gone
    one = sorted(gone)[0]
    assert page(http, f"/v1/customers/{one}") == {"id": one, "object": "customer", "deleted": True}
    assert every(http, "/v1/charges", customer=one)


def test_email_minds_case_and_codes_do_not(sim, http):
    email = next(row["email"] for row in sim.objects("customers") if row["email"] and row["email"] != row["email"].lower())
    assert every(http, "/v1/customers", email=email)
    assert not every(http, "/v1/customers", email=email.lower())
    codes = [row["code"] for row in every(http, "/v1/promotion_codes", code="SPRING")]
    assert sorted(codes) == ["SPRING", "Spring"]


def test_transfer_group_shows_no_more_than_a_hundred(sim, http):
    group = [row["id"] for row in sim.objects("charges") if row["transfer_group"] == "marketplace"]
    assert len(group) > 100
    assert ids(every(http, "/v1/charges", transfer_group="marketplace", limit=30)) == group[:100]


def test_payout_filter_gives_what_an_automatic_payout_consists_of(sim, http):
    payouts = sim.objects("payouts")
    one = next(row for row in payouts if row["automatic"] and row["status"] == "paid")
    rows = every(http, "/v1/balance_transactions", payout=one["id"])
    assert sum(row["net"] for row in rows) == 0
    assert {row["type"] for row in rows if row["source"] == one["id"]} == {"payout"}
    manual = next(row for row in payouts if not row["automatic"])
    assert http.get("/v1/balance_transactions", params={"payout": manual["id"]}).status_code == 400


def test_invoice_filters(sim, http):
    truth = [row for row in sim.objects("invoices") if row["test_clock"] is None]
    due = sorted(row["due_date"] for row in truth if row["due_date"])[3]
    assert ids(every(http, "/v1/invoices", **{"due_date[lte]": due})) == [
        row["id"] for row in truth if row["due_date"] and row["due_date"] <= due
    ]
    subscription = truth[50]["parent"]["subscription_details"]["subscription"]
    assert ids(every(http, "/v1/invoices", subscription=subscription)) == [
        row["id"] for row in truth if row["parent"]["subscription_details"]["subscription"] == subscription
    ]


def test_pending_invoice_items_are_those_without_an_invoice(sim, http):
    truth = [row for row in sim.objects("invoice_items") if row["test_clock"] is None]
    for pending in (True, False):
        wanted = [row["id"] for row in truth if (row["invoice"] is None) == pending]
        assert wanted
        assert ids(every(http, "/v1/invoiceitems", pending=str(pending).lower())) == wanted
    at = truth[10]["date"]
    assert ids(every(http, "/v1/invoiceitems", **{"created[gte]": at})) == [row["id"] for row in truth if row["date"] >= at]


def test_products_by_ids_refuse_cursors(sim, http):
    some = ids(sim.objects("products"))[:3]
    assert ids(page(http, "/v1/products", **{f"ids[{n}]": one for n, one in enumerate(some)})["data"]) == some
    assert http.get("/v1/products", params={"ids[]": some[0], "starting_after": some[1]}).status_code == 400


def test_price_filters(sim, http):
    assert [row["lookup_key"] for row in every(http, "/v1/prices", **{"lookup_keys[]": "team_monthly_usd"})] == ["team_monthly_usd"]
    assert all(row["recurring"]["interval"] == "year" for row in every(http, "/v1/prices", **{"recurring[interval]": "year"}))


def test_topups_by_amount(sim, http):
    wanted = [row["id"] for row in sim.objects("topups") if 21_000 <= row["amount"] < 25_000]
    assert wanted
    assert ids(every(http, "/v1/topups", **{"amount[gte]": 21_000, "amount[lt]": 25_000})) == wanted


def test_nested_lists_show_their_parents_rows(sim, http):
    invoice = next(row for row in sim.objects("invoices") if row["lines"]["has_more"])
    lines = every(http, f"/v1/invoices/{invoice['id']}/lines", limit=4)
    assert ids(lines)[:10] == ids(invoice["lines"]["data"])
    assert len(lines) > 10
    assert sum(row["amount"] for row in lines) == invoice["subtotal"]
    assert http.get("/v1/invoices/in_nope/lines").status_code == 404


def test_v2_lists_page_by_url(sim, http):
    first = page(http, "/v2/core/accounts", limit=2)
    rows, following = first["data"], first["next_page_url"]
    for _ in range(20):
        if following is None:
            break
        got = http.get(following).json()
        rows, following = rows + got["data"], got["next_page_url"]
    assert ids(rows) == [row["id"] for row in sim.objects("v2_core_accounts") if not row["closed"]]
    closed = page(http, "/v2/core/accounts", closed="true")["data"]
    assert ids(closed) == [row["id"] for row in sim.objects("v2_core_accounts") if row["closed"]]


def test_connected_accounts_have_data_of_their_own(sim, http):
    connected = next(row["id"] for row in sim.objects("accounts") if row["id"] != sim.account_id)
    mine = http.get("/v1/charges", headers={"Stripe-Account": connected}, params={"limit": 100}).json()["data"]
    assert mine
    assert not set(ids(mine)) & set(ids(sim.objects("charges")))
    assert ids(mine) == ids(sim.listed("charges", account=connected))[:100]
    assert http.get("/v1/account", headers={"Stripe-Account": connected}).json()["id"] == connected
    stranger = http.get("/v1/charges", headers={"Stripe-Account": "acct_nope"})
    assert (stranger.status_code, stranger.json()["error"]["code"]) == (403, "account_invalid")
