"""Subscriptions begin, change and end with the invoices that follow from it."""

import pytest
from posting import Api

from stripesql.simulator import Simulator

NOW = 1_790_000_000
DAY = 86_400


@pytest.fixture
def sim():
    return Simulator(empty=True, now=NOW)


@pytest.fixture
def api(sim):
    return Api(sim)


@pytest.fixture
def payer(api):
    default = {"default_payment_method": "pm_card_visa"}
    return api.post("customers", payment_method="pm_card_visa", invoice_settings=default)["id"]


@pytest.fixture
def prices(api):
    product = api.post("products", name="Lamp")["id"]

    def price(amount, **recurring):
        return api.post("prices", product=product, unit_amount=amount, currency="usd", recurring={"interval": "month", **recurring})["id"]

    return {"small": price(3000), "big": price(6000), "metered": price(5, usage_type="metered"), "yearly": price(30_000, interval="year")}


def test_a_subscription_is_billed_and_paid_at_once(sim, api, payer, prices):
    sub = api.post("subscriptions", customer=payer, items=[{"price": prices["small"], "quantity": 2}], metadata={"a": "b"})
    item = sub["items"]["data"][0]
    assert (sub["status"], item["quantity"], item["price"]["id"], sub["metadata"]) == ("active", 2, prices["small"], {"a": "b"})
    assert item["current_period_start"] == sub["created"]
    assert 28 * DAY <= item["current_period_end"] - sub["created"] <= 31 * DAY
    invoice = api.get(f"invoices/{sub['latest_invoice']}")
    assert (invoice["status"], invoice["billing_reason"], invoice["total"]) == ("paid", "subscription_create", 6000)
    assert invoice["parent"]["subscription_details"]["subscription"] == sub["id"]
    assert invoice["lines"]["data"][0]["parent"]["subscription_item_details"]["subscription_item"] == item["id"]
    assert [row["id"] for row in api.get("invoices", subscription=sub["id"])["data"]] == [invoice["id"]]
    assert [row["id"] for row in api.get("subscriptions", price=prices["small"])["data"]] == [sub["id"]]
    assert "customer.subscription.created" in api.events()


def test_cards_decide_how_it_begins(sim, api, prices):
    items = [{"price": prices["small"]}]
    nobody = api.post("customers")["id"]
    assert "no attached payment source" in api.refused("subscriptions", customer=nobody, items=items)["message"]
    assert sim.objects("subscriptions") == sim.objects("invoices") == []
    waiting = api.post("subscriptions", customer=nobody, items=items, payment_behavior="default_incomplete", expand=["latest_invoice"])
    assert (waiting["status"], waiting["latest_invoice"]["status"]) == ("incomplete", "open")
    api.post(f"invoices/{waiting['latest_invoice']['id']}/pay", payment_method="pm_card_visa")
    assert api.get(f"subscriptions/{waiting['id']}")["status"] == "active"
    poor = api.post("customers", source="tok_chargeCustomerFail")["id"]
    assert api.post("subscriptions", customer=poor, items=items)["status"] == "incomplete"
    count = len(sim.objects("invoices"))
    error = api.refused("subscriptions", status=402, customer=poor, items=items, payment_behavior="error_if_incomplete")
    assert (error["code"], len(sim.objects("invoices"))) == ("card_declined", count)


def test_trials_and_sent_invoices(api, prices):
    customer = api.post("customers")["id"]
    trial = api.post(
        "subscriptions", customer=customer, items=[{"price": prices["small"]}], trial_period_days=14, expand=["latest_invoice"]
    )
    assert (trial["status"], trial["trial_end"] - trial["created"], trial["latest_invoice"]["total"]) == ("trialing", 14 * DAY, 0)
    assert trial["items"]["data"][0]["current_period_end"] == trial["trial_end"]
    sent = {"customer": customer, "items": [{"price": prices["yearly"]}], "collection_method": "send_invoice"}
    assert api.refused("subscriptions", **sent)["param"] == "days_until_due"
    sub = api.post("subscriptions", **sent, days_until_due=30, expand=["latest_invoice"])
    assert (sub["status"], sub["latest_invoice"]["status"], sub["latest_invoice"]["total"]) == ("active", "draft", 30_000)
    assert api.refused(f"invoices/{sub['latest_invoice']['id']}", method="DELETE")["code"] == "invoice_not_editable"
    method = api.post("payment_methods/pm_card_visa/attach", customer=customer)["id"]
    ended = api.post(f"subscriptions/{trial['id']}", trial_end="now", default_payment_method=method, expand=["latest_invoice"])
    assert (ended["status"], ended["latest_invoice"]["total"], ended["latest_invoice"]["status"]) == ("active", 3000, "paid")


@pytest.mark.parametrize(
    ("items", "param"),
    [
        ([], "items"),
        ([{"quantity": 1}], "items[0][price]"),
        ([{"price": "price_nope"}], "items[0][price]"),
        ([{"price": "metered", "quantity": 2}], "quantity"),
        ([{"price": "small"}, {"price": "small"}], "items"),
    ],
)
def test_items_that_cannot_be(api, payer, prices, items, param):
    named = [{**item, **({"price": prices.get(item["price"], item["price"])} if "price" in item else {})} for item in items]
    assert api.refused("subscriptions", customer=payer, items=named)["param"] == param


def test_one_time_and_inactive_prices_are_refused(api, payer, prices):
    product = api.get(f"prices/{prices['small']}")["product"]
    once = api.post("prices", product=product, unit_amount=1, currency="usd")["id"]
    assert "type=recurring" in api.refused("subscriptions", customer=payer, items=[{"price": once}])["message"]
    api.post(f"prices/{prices['big']}", active=False)
    assert api.refused("subscriptions", customer=payer, items=[{"price": prices["big"]}])["code"] == "price_inactive"
    extra = [{"price": once, "quantity": 7}]
    sub = api.post(
        "subscriptions", customer=payer, items=[{"price": prices["metered"]}], add_invoice_items=extra, expand=["latest_invoice"]
    )
    assert (sub["items"]["data"][0].get("quantity"), sub["latest_invoice"]["total"]) == (None, 7)


def test_changes_in_mid_period_are_prorated(sim, api, payer, prices):
    sub = api.post("subscriptions", customer=payer, items=[{"price": prices["small"]}])
    item = sub["items"]["data"][0]
    middle = (item["current_period_start"] + item["current_period_end"]) // 2
    api.post(f"subscriptions/{sub['id']}", items=[{"id": item["id"], "price": prices["big"]}], proration_date=middle)
    pending = api.get("invoiceitems", pending=True)["data"]
    assert sorted(row["amount"] for row in pending) == [-1500, 3000]
    assert all(row["proration"] for row in pending)
    preview = api.post("invoices/create_preview", subscription=sub["id"])
    assert preview["total"] == 6000 + 1500
    assert api.post(f"subscription_items/{item['id']}", quantity=3, proration_behavior="none")["quantity"] == 3
    assert len(api.get("invoiceitems", pending=True)["data"]) == 2
    added = api.post("subscription_items", subscription=sub["id"], price=prices["small"], proration_behavior="always_invoice")
    row = api.get(f"subscriptions/{sub['id']}", expand=["latest_invoice"])
    assert (row["latest_invoice"]["billing_reason"], row["latest_invoice"]["status"]) == ("subscription_update", "paid")
    assert api.get("invoiceitems", pending=True)["data"] == []
    assert len(api.get("subscription_items", subscription=sub["id"])["data"]) == 2
    assert api.delete(f"subscription_items/{added['id']}", proration_behavior="none")["deleted"]
    assert api.refused(f"subscription_items/{item['id']}", method="DELETE")["code"] == "subscription_item_last"


def test_previews_of_changes_leave_nothing(sim, api, payer, prices):
    sub = api.post("subscriptions", customer=payer, items=[{"price": prices["small"]}])
    item = sub["items"]["data"][0]["id"]
    before = {table: sim.objects(table) for table in ("subscriptions", "subscription_items", "invoices", "invoice_items", "events")}
    details = {"items": [{"id": item, "price": prices["big"], "quantity": 2}], "proration_behavior": "none"}
    assert api.post("invoices/create_preview", subscription=sub["id"], subscription_details=details)["total"] == 12_000
    assert api.post("invoices/create_preview", customer=payer)["total"] == 3000
    fresh = api.post("invoices/create_preview", subscription_details={"items": [{"price": prices["yearly"]}]}, customer=payer)
    assert fresh["total"] == 30_000
    assert {table: sim.objects(table) for table in before} == before


def test_canceling_now_or_at_the_end(sim, api, payer, prices):
    sub = api.post("subscriptions", customer=payer, items=[{"price": prices["small"]}])
    path = f"subscriptions/{sub['id']}"
    later = api.post(path, cancel_at_period_end=True)
    assert (later["status"], later["cancel_at"]) == ("active", sub["items"]["data"][0]["current_period_end"])
    assert api.refused("invoices/create_preview", status=404, subscription=sub["id"])["code"] == "invoice_upcoming_none"
    assert api.post(path, cancel_at_period_end=False)["cancel_at"] is None
    gone = api.delete(path, prorate=True, invoice_now=True, cancellation_details={"feedback": "too_expensive"})
    assert (gone["status"], gone["object"], gone["cancellation_details"]["feedback"]) == ("canceled", "subscription", "too_expensive")
    assert gone["ended_at"] == gone["canceled_at"]
    assert api.get(f"customers/{payer}")["balance"] == -3000
    assert api.refused(path, method="DELETE", status=404)["code"] == "resource_missing"
    assert api.refused(path, items=[{"price": prices["big"]}])["code"] == "subscription_canceled"
    assert api.post(path, metadata={"why": "price"})["metadata"] == {"why": "price"}
    assert api.get("subscriptions")["data"] == []
    assert [row["id"] for row in api.get("subscriptions", status="all")["data"]] == [sub["id"]]
    assert "customer.subscription.deleted" in api.events()


def test_paused_ones_are_resumed_and_no_others(api, payer, prices):
    sub = api.post("subscriptions", customer=payer, items=[{"price": prices["small"]}])
    path = f"subscriptions/{sub['id']}"
    assert api.refused(f"{path}/resume")["code"] == "subscription_not_paused"
    assert api.post(path, pause_collection={"behavior": "void"})["pause_collection"]["behavior"] == "void"
    assert api.post(path, pause_collection="")["pause_collection"] is None
    assert api.post(f"{path}/pause")["status"] == "paused"
    assert api.post(f"{path}/resume")["status"] == "active"


def test_coupons_on_subscriptions(api, payer, prices):
    api.post("coupons", id="HALF", percent_off=50, duration="forever")
    sub = api.post(
        "subscriptions", customer=payer, items=[{"price": prices["small"]}], discounts=[{"coupon": "HALF"}], expand=["discounts"]
    )
    assert sub["discounts"][0]["source"]["coupon"] == "HALF"
    assert api.get(f"invoices/{sub['latest_invoice']}")["total"] == 1500
    assert api.delete(f"subscriptions/{sub['id']}/discount")["deleted"]
    assert api.post("invoices/create_preview", subscription=sub["id"])["total"] == 3000


def test_a_once_coupon_counts_for_the_first_invoice_only(api, payer, prices):
    api.post("coupons", id="ONCE", percent_off=50, duration="once")
    sub = api.post("subscriptions", customer=payer, items=[{"price": prices["small"]}], discounts=[{"coupon": "ONCE"}])
    assert api.get(f"invoices/{sub['latest_invoice']}")["total"] == 1500
    assert api.post("invoices/create_preview", subscription=sub["id"])["total"] == 3000


def test_discounts_of_generated_subscriptions_outlive_a_change():
    sim = Simulator(scale=0.5, now=NOW)
    api = Api(sim)
    row = next(row for row in sim.listed("subscriptions") if row["discounts"])
    before = api.get(f"subscriptions/{row['id']}", expand=["discounts"])["discounts"]
    after = api.post(f"subscriptions/{row['id']}", metadata={"k": "v"}, expand=["discounts"])["discounts"]
    assert after == before
    assert after[0]["object"] == "discount"


def test_deleting_a_customer_ends_everything(sim, api, payer, prices):
    sub = api.post("subscriptions", customer=payer, items=[{"price": prices["small"]}])
    api.post(f"customers/{payer}/tax_ids", type="eu_vat", value="DE123456789")
    api.post("invoiceitems", customer=payer, amount=5, currency="usd")
    api.delete(f"customers/{payer}")
    assert api.get(f"subscriptions/{sub['id']}")["status"] == "canceled"
    assert sim.objects("tax_ids") == sim.objects("invoice_items") == []
    assert {row["customer"] for row in sim.objects("payment_methods")} == {None}
    assert api.get(f"subscriptions/{sub['id']}", expand=["customer"])["customer"] == {"id": payer, "object": "customer", "deleted": True}


def test_schedules_begin_and_let_go(api, payer, prices):
    phases = [{"items": [{"price": prices["small"]}]}]
    waiting = api.post("subscription_schedules", customer=payer, phases=phases, start_date=NOW + 90 * DAY)
    assert (waiting["status"], waiting["subscription"]) == ("not_started", None)
    running = api.post("subscription_schedules", customer=payer, phases=phases, start_date="now")
    assert api.get(f"subscriptions/{running['subscription']}")["schedule"] == running["id"]
    released = api.post(f"subscription_schedules/{running['id']}/release")
    assert (released["status"], api.get(f"subscriptions/{running['subscription']}")["schedule"]) == ("released", None)
    assert api.refused(f"subscription_schedules/{running['id']}/cancel")["code"] == "subscription_schedule_not_active"
    assert api.post(f"subscription_schedules/{waiting['id']}/cancel")["status"] == "canceled"


def test_generated_subscriptions_go_on():
    sim = Simulator(scale=0.2, now=NOW)
    api = Api(sim)
    row = next(row for row in sim.listed("subscriptions") if row["status"] == "active" and not row["cancel_at_period_end"])
    preview = api.post("invoices/create_preview", subscription=row["id"])
    assert len(preview["lines"]["data"]) >= len(row["items"]["data"])
    assert api.post(f"subscriptions/{row['id']}", metadata={"k": "v"})["items"] == row["items"]
    assert api.delete(f"subscriptions/{row['id']}")["status"] == "canceled"
