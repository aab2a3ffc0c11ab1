"""Expanding: what is absent until asked for, what comes in the place of an id, where lists are cut."""

import httpx
import pytest

from stripesql.simulator import Simulator

NOW = 1_790_000_000


@pytest.fixture(scope="module")
def sim():
    return Simulator(now=NOW)


@pytest.fixture(scope="module")
def http(sim):
    with httpx.Client(
        transport=sim.transport(), base_url="https://api.stripe.com", headers={"Authorization": "Bearer sk_test_unit"}
    ) as client:
        yield client


def data(http, path, *expand, **params):
    answer = http.get(path, params=[("limit", "100"), *params.items(), *(("expand[]", one) for one in expand)])
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def one(http, path, *expand):
    answer = http.get(path, params=[("expand[]", field) for field in expand])
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/charges", "refunds"),
        ("/v1/customers", "subscriptions"),
        ("/v1/customers", "sources"),
        ("/v1/customers", "tax_ids"),
        ("/v1/customers", "tax"),
        ("/v1/customers", "cash_balance"),
        ("/v1/prices", "tiers"),
        ("/v1/prices", "currency_options"),
        ("/v1/plans", "tiers"),
        ("/v1/coupons", "currency_options"),
        ("/v1/coupons", "applies_to"),
        ("/v1/invoices", "payments"),
        ("/v1/checkout/sessions", "line_items"),
        ("/v1/payment_links", "line_items"),
        ("/v1/quotes", "line_items"),
    ],
)
def test_expand_only_fields_are_absent_unless_asked_for(http, path, field):
    assert all(field not in row for row in data(http, path))
    assert all(field in row for row in data(http, path, f"data.{field}"))


def test_references_become_objects_and_tombstones(sim, http):
    living = {row["id"]: row for row in sim.objects("customers")}
    seen = set()
    for customer in {row["customer"] for row in sim.objects("charges")} - {None}:
        row = data(http, "/v1/charges", "data.customer", customer=customer)[0]
        if customer in living:
            assert row["customer"] == living[customer]
        else:
            assert row["customer"] == {"id": customer, "object": "customer", "deleted": True}
        seen.add(customer in living)
    assert seen == {True, False}


def test_null_references_stay_null(http):
    guests = [row for row in data(http, "/v1/checkout/sessions", "data.customer") if row["customer"] is None]
    assert guests


def test_nested_expansion_to_depth_four(sim, http):
    row = data(http, "/v1/charges", "data.payment_intent.latest_charge.customer")[0]
    assert row["payment_intent"]["latest_charge"]["object"] == "charge"
    assert row["payment_intent"]["latest_charge"]["customer"]["object"] == "customer"


def test_paths_through_embedded_lists_and_objects(sim, http):
    row = one(
        http,
        f"/v1/subscriptions/{sim.objects('subscriptions')[5]['id']}",
        "items.data.price.product",
        "latest_invoice.payments",
        "customer",
    )
    assert row["items"]["data"][0]["price"]["product"]["object"] == "product"
    assert row["latest_invoice"]["payments"]["object"] == "list"
    assert row["customer"]["object"] == "customer"


def test_expanding_does_not_touch_the_truth(sim, http):
    before = sim.objects("subscriptions")
    data(http, "/v1/subscriptions", "data.latest_invoice", "data.customer")
    assert sim.objects("subscriptions") == before


def test_embedded_lists_are_cut_at_ten_and_say_where_the_rest_is(sim, http):
    long = [row for row in sim.objects("subscriptions") if row["items"]["has_more"]]
    assert long
    items = long[0]["items"]
    assert len(items["data"]) == 10
    rest = http.get(items["url"] + "&limit=100").json()["data"]
    assert len(rest) > 10
    assert [row["id"] for row in rest[:10]] == [row["id"] for row in items["data"]]


def test_charge_shows_its_refunds_on_demand(sim, http):
    refund = sim.objects("refunds")[0]
    row = one(http, f"/v1/charges/{refund['charge']}", "refunds", "refunds.data.balance_transaction")
    assert refund["id"] in [item["id"] for item in row["refunds"]["data"]]
    assert row["refunds"]["data"][0]["balance_transaction"]["object"] == "balance_transaction"
    assert row["amount_refunded"] == sum(item["amount"] for item in row["refunds"]["data"])


def test_truth_can_be_asked_for_with_expand_only_fields(sim):
    rows = sim.objects("prices", expand_fields=("tiers",))
    assert any(row["tiers"] for row in rows)


def test_discounts_are_objects_only_when_expanded(sim, http):
    row = next(row for row in sim.objects("subscriptions") if row["discounts"])
    got = one(http, f"/v1/subscriptions/{row['id']}", "discounts")
    assert [entry["id"] for entry in got["discounts"]] == row["discounts"]
    assert got["discounts"][0]["source"]["coupon"] in {coupon["id"] for coupon in sim.objects("coupons")}


def test_v2_leaves_some_fields_null_unless_they_are_included(sim, http):
    ids = [row["id"] for row in sim.objects("v2_core_accounts")]
    plain = [http.get(f"/v2/core/accounts/{one}").json() for one in ids]
    asked = [
        http.get(f"/v2/core/accounts/{one}", params={"include[0]": "identity", "include[1]": "configuration.customer"}).json()
        for one in ids
    ]
    assert all(row["identity"] is None and row["configuration"] is None for row in plain)
    assert any(row["identity"] for row in asked)
    assert any(row["configuration"] for row in asked)
    assert all(row["defaults"] is None for row in asked)
