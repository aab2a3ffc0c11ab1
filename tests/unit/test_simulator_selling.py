"""Products, prices, coupons, quotes, checkout sessions, payment links: what can be made, changed and deleted."""

import pytest
from posting import Api

from stripesql.simulator import Simulator

NOW = 1_790_000_000


@pytest.fixture
def sim():
    return Simulator(empty=True, now=NOW)


@pytest.fixture
def api(sim):
    return Api(sim)


@pytest.fixture
def product(api):
    return api.post("products", name="Lamp")["id"]


def test_products_with_prices_stay(api, product):
    price = api.post("prices", product=product, unit_amount=500, currency="usd")
    assert "user-created prices" in api.refused(f"products/{product}", method="DELETE")["message"]
    assert api.post(f"products/{product}", active=False)["active"] is False
    assert api.post(f"prices/{price['id']}", active=False)["active"] is False
    assert api.get("prices")["data"] == []
    assert [row["id"] for row in api.get("prices", active=False)["data"]] == [price["id"]]
    assert api.refused(f"prices/{price['id']}", method="DELETE", status=404)
    assert api.refused(f"prices/{price['id']}", unit_amount=1)["code"] == "parameter_unknown"


def test_a_product_comes_with_its_first_price(api):
    made = api.post("products", name="Lamp", default_price_data={"unit_amount": 700, "currency": "EUR"}, expand=["default_price"])
    assert (made["default_price"]["unit_amount"], made["default_price"]["currency"]) == (700, "eur")
    other = api.post("products", name="Desk")["id"]
    assert api.refused(f"products/{other}", default_price=made["default_price"]["id"])["param"] == "default_price"


def test_prices_are_whole_fractions_tiers_or_free_to_choose(api, product):
    def price(**values):
        return api.post("prices", product=product, currency="usd", **values)

    assert price(unit_amount_decimal="0.125")["unit_amount"] is None
    assert price(unit_amount_decimal="12.50")["unit_amount_decimal"] == "12.5"
    assert price(unit_amount_decimal="7")["unit_amount"] == 7
    assert price(custom_unit_amount={"enabled": True, "minimum": 100})["custom_unit_amount"]["minimum"] == 100
    tiers = [{"up_to": 10, "unit_amount": 100}, {"up_to": "inf", "unit_amount": 50}]
    tiered = price(billing_scheme="tiered", tiers_mode="graduated", tiers=tiers, recurring={"interval": "month"}, expand=["tiers"])
    assert [tier["up_to"] for tier in tiered["tiers"]] == [10, None]
    assert (tiered["type"], api.get(f"plans/{tiered['id']}")["interval"]) == ("recurring", "month")
    for values in (
        {},
        {"unit_amount": 1, "unit_amount_decimal": "1"},
        {"unit_amount": -1},
        {"unit_amount_decimal": "1e3"},
        {"tiers": tiers},
    ):
        assert api.refused("prices", product=product, currency="usd", **values)
    assert api.refused("prices", currency="usd", unit_amount=1)["param"] == "product"
    along = api.post("prices", currency="usd", unit_amount=1, product_data={"name": "Made along"}, expand=["product"])
    assert along["product"]["name"] == "Made along"
    too_long = {"interval": "year", "interval_count": 4}
    assert api.refused("prices", product=product, currency="usd", unit_amount=1, recurring=too_long)["param"] == "recurring[interval_count]"


def test_lookup_keys_belong_to_one_price(api, product):
    first = api.post("prices", product=product, currency="usd", unit_amount=1, lookup_key="gold")
    error = api.refused("prices", product=product, currency="usd", unit_amount=2, lookup_key="gold")
    assert error["param"] == "lookup_key"
    second = api.post("prices", product=product, currency="usd", unit_amount=2, lookup_key="gold", transfer_lookup_key=True)
    assert [row["id"] for row in api.get("prices", lookup_keys=["gold"])["data"]] == [second["id"]]
    assert api.get(f"prices/{first['id']}")["lookup_key"] is None


def test_plans_are_prices_and_can_be_deleted(sim, api, product):
    plan = api.post("plans", amount=900, currency="usd", interval="month", product=product, nickname="Gold")
    assert api.get(f"prices/{plan['id']}")["recurring"]["interval"] == "month"
    assert api.post(f"plans/{plan['id']}", nickname="Silver")["nickname"] == api.get(f"prices/{plan['id']}")["nickname"] == "Silver"
    assert api.delete(f"plans/{plan['id']}") == {"id": plan["id"], "object": "plan", "deleted": True}
    assert sim.objects("prices") == []
    assert api.delete(f"products/{product}")["deleted"]


@pytest.mark.parametrize(
    ("values", "param"),
    [
        ({}, "percent_off"),
        ({"percent_off": 10, "amount_off": 5, "currency": "usd"}, "percent_off"),
        ({"percent_off": 101}, "percent_off"),
        ({"amount_off": 5}, "currency"),
        ({"percent_off": 5, "duration": "repeating"}, "duration_in_months"),
        ({"percent_off": 5, "duration_in_months": 3}, "duration_in_months"),
    ],
)
def test_coupons_that_cannot_be(api, values, param):
    assert api.refused("coupons", **values)["param"] == param


def test_coupons_are_used_up_and_deleted(api):
    coupon = api.post("coupons", amount_off=500, currency="usd", max_redemptions=1, name="Five")
    assert api.post(f"coupons/{coupon['id']}", name="Cinq", metadata={"k": "v"})["name"] == "Cinq"
    assert api.refused(f"coupons/{coupon['id']}", percent_off=5)["code"] == "parameter_unknown"
    customer = api.post("customers")["id"]
    made = api.post("invoices", customer=customer, currency="usd", discounts=[{"coupon": coupon["id"]}])
    assert api.get(f"coupons/{coupon['id']}")["valid"] is False
    error = api.refused("invoices", customer=customer, discounts=[{"coupon": coupon["id"]}])
    assert (error["code"], error["param"]) == ("coupon_expired", "discounts[0][coupon]")
    assert api.delete(f"coupons/{coupon['id']}")["deleted"]
    assert api.get(f"invoices/{made['id']}")["discounts"] == made["discounts"]


def test_promotion_codes_are_unique_while_active(api):
    api.post("coupons", id="TEN", percent_off=10)
    promotion = {"type": "coupon", "coupon": "TEN"}
    code = api.post("promotion_codes", promotion=promotion, code="SPRING")
    assert api.refused("promotion_codes", promotion=promotion, code="spring")["param"] == "code"
    assert api.post(f"promotion_codes/{code['id']}", active=False)["active"] is False
    assert api.post("promotion_codes", promotion=promotion, code="spring")["code"] == "spring"
    customer = api.post("customers")["id"]
    error = api.refused("invoices", customer=customer, discounts=[{"promotion_code": code["id"]}])
    assert error["code"] == "promotion_code_not_active"
    assert api.refused("promotion_codes", promotion={"type": "coupon", "coupon": "NOPE"})["code"] == "resource_missing"


def test_quotes_become_subscriptions_or_invoices(api, product):
    customer = api.post("customers")["id"]
    monthly = api.post("prices", product=product, currency="usd", unit_amount=1000, recurring={"interval": "month"})["id"]
    once = api.post("prices", product=product, currency="usd", unit_amount=300)["id"]
    quote = api.post("quotes", line_items=[{"price": monthly, "quantity": 2}, {"price": once}])
    path = f"quotes/{quote['id']}"
    assert (quote["status"], quote["amount_total"], quote["computed"]["recurring"]["amount_total"]) == ("draft", 2300, 2000)
    assert api.refused(f"{path}/finalize")["param"] == "customer"
    assert api.refused(f"{path}/accept")["code"] == "quote_not_editable"
    api.post(path, customer=customer)
    final = api.post(f"{path}/finalize")
    assert (final["status"], final["number"] is not None) == ("open", True)
    assert api.refused(path, description="x")["code"] == "quote_not_editable"
    accepted = api.post(f"{path}/accept", expand=["subscription", "invoice"])
    assert (accepted["status"], accepted["invoice"]["total"], accepted["subscription"]["status"]) == ("accepted", 2300, "incomplete")
    assert api.refused(f"{path}/cancel")["code"] == "quote_not_editable"
    plain = api.post("quotes", customer=customer, line_items=[{"price": once, "quantity": 2}])
    api.post(f"quotes/{plain['id']}/finalize")
    assert api.post(f"quotes/{plain['id']}/accept", expand=["invoice"])["invoice"]["total"] == 600
    assert api.post(f"quotes/{api.post('quotes', customer=customer)['id']}/cancel")["status"] == "canceled"
    assert [row["quantity"] for row in api.get(f"{path}/line_items")["data"]] == [2, 1]


def test_a_final_quote_has_a_pdf(api, product):
    customer = api.post("customers")["id"]
    once = api.post("prices", product=product, currency="usd", unit_amount=300)["id"]
    path = f"quotes/{api.post('quotes', customer=customer, line_items=[{'price': once}])['id']}"
    assert api.refused(f"{path}/pdf", method="GET")["param"] == "quote"
    number = api.post(f"{path}/finalize")["number"]
    page = api.http.get(f"{path}/pdf")
    assert (page.headers["Content-Type"], page.content[:5], number.encode() in page.content) == ("application/pdf", b"%PDF-", True)


def test_secrets_are_found_by_name_and_scope(api):
    mine = {"name": "token", "scope": {"type": "user", "user": "usr_1"}}
    made = api.post("apps/secrets", **mine, payload="x")
    assert api.get("apps/secrets/find", **mine)["id"] == made["id"]
    assert api.refused("apps/secrets/find", method="GET", status=404, name="token", scope={"type": "account"})["code"] == "resource_missing"
    assert api.post("apps/secrets/delete", **mine)["deleted"]
    assert api.refused("apps/secrets/delete", status=404, **mine)["code"] == "resource_missing"


def test_links_and_sessions_are_handed_out(sim, api):
    account, customer = api.post("accounts", type="express")["id"], api.post("customers")["id"]
    assert api.post("account_links", account=account, type="account_onboarding")["object"] == "account_link"
    assert api.post("billing_portal/sessions", customer=customer, return_url="https://a.example")["customer"] == customer
    assert api.post(f"accounts/{account}/login_links")["object"] == "login_link"
    assert api.refused("account_links", account="acct_nope", type="account_onboarding")["code"] == "resource_missing"
    meter = api.post("billing/meters", display_name="Calls", event_name="calls", default_aggregation={"formula": "sum"})
    event = {"event_name": "calls", "payload": {"value": "5", "stripe_customer_id": customer}}
    assert api.post("billing/meter_events", **event)["event_name"] == "calls"
    api.post(f"billing/meters/{meter['id']}/deactivate")
    assert api.refused("billing/meter_events", **event)["param"] == "event_name"
    assert api.refused(f"billing/meters/{meter['id']}/deactivate")["code"] == "resource_unexpected_state"


def test_checkout_sessions_are_opened_and_expired(api, product):
    once = api.post("prices", product=product, currency="usd", unit_amount=300)["id"]
    often = api.post("prices", product=product, currency="usd", unit_amount=300, recurring={"interval": "month"})["id"]
    page = {"mode": "payment", "success_url": "https://a.example/done"}
    inline = {"currency": "usd", "unit_amount": 50, "product_data": {"name": "Gift"}}
    session = api.post("checkout/sessions", **page, line_items=[{"price": once, "quantity": 2}, {"price_data": inline, "quantity": 1}])
    assert (session["status"], session["amount_total"], session["payment_status"]) == ("open", 650, "unpaid")
    assert len(api.get(f"checkout/sessions/{session['id']}/line_items")["data"]) == 2
    path = f"checkout/sessions/{session['id']}"
    assert api.post(f"{path}/expire")["status"] == "expired"
    assert api.refused(f"{path}/expire")["code"] == "checkout_session_not_open"
    assert api.refused("checkout/sessions", **page)["param"] == "line_items"
    assert api.refused("checkout/sessions", **page, line_items=[{"price": often, "quantity": 1}])["param"] == "line_items"
    assert api.refused("checkout/sessions", mode="payment", line_items=[{"price": once, "quantity": 1}])["param"] == "success_url"
    assert api.refused("checkout/sessions", **page, line_items=[{"price": "price_nope", "quantity": 1}])["code"] == "resource_missing"


def test_payment_links(api, product):
    once = api.post("prices", product=product, currency="usd", unit_amount=300)["id"]
    link = api.post("payment_links", line_items=[{"price": once, "quantity": 2}], metadata={"page": "1"})
    assert (link["active"], link["currency"], link["url"].startswith("https://")) == (True, "usd", True)
    assert api.post(f"payment_links/{link['id']}", active=False)["active"] is False
    assert api.get(f"payment_links/{link['id']}/line_items")["data"][0]["amount_total"] == 600


def test_webhook_endpoints_show_their_secret_once(api):
    made = api.post("webhook_endpoints", url="https://a.example/hook", enabled_events=["invoice.paid"])
    assert (made["secret"].startswith("whsec_"), made["status"]) == (True, "enabled")
    path = f"webhook_endpoints/{made['id']}"
    assert api.get(path)["secret"] is None
    assert api.post(path, disabled=True)["status"] == "disabled"
    assert api.delete(path)["deleted"]


def test_connected_accounts_persons_and_banks(sim, api):
    account = api.post("accounts", type="custom", country="DE", email="a@example.com", capabilities={"transfers": {"requested": True}})
    path = f"accounts/{account['id']}"
    assert (account["country"], account["charges_enabled"], account["capabilities"]) == ("DE", False, {"transfers": "inactive"})
    person = api.post(f"{path}/persons", first_name="Ada", relationship={"owner": True})
    assert (person["account"], person["relationship"]["owner"]) == (account["id"], True)
    assert api.delete(f"{path}/persons/{person['id']}")["object"] == "person"
    bank = api.post(
        f"{path}/external_accounts",
        external_account={"object": "bank_account", "country": "DE", "currency": "eur", "account_number": "DE89370400440532013000"},
    )
    assert (bank["last4"], bank["default_for_currency"]) == ("3000", True)
    assert api.post(path, business_profile={"name": "Ada Ltd"})["business_profile"]["name"] == "Ada Ltd"
    assert api.refused(f"accounts/{sim.account_id}", method="DELETE")["param"] == "account"


def test_test_clocks_take_their_customers_along(sim, api):
    clock = api.post("test_helpers/test_clocks", frozen_time=NOW)["id"]
    customer = api.post("customers", test_clock=clock)["id"]
    assert api.get("customers")["data"] == []
    assert [row["id"] for row in api.get("customers", test_clock=clock)["data"]] == [customer]
    assert api.post(f"test_helpers/test_clocks/{clock}/advance", frozen_time=NOW + 5)["frozen_time"] == NOW + 5
    assert api.refused(f"test_helpers/test_clocks/{clock}/advance", frozen_time=NOW)["param"] == "frozen_time"
    assert api.delete(f"test_helpers/test_clocks/{clock}")["deleted"]
    assert sim.objects("customers") == []
