"""The simulator refuses what Stripe refuses, in Stripe's form."""

import httpx
import pytest

from stripesql.simulator import Simulator

NOW = 1_790_000_000
KEY = "Bearer sk_test_unit"


@pytest.fixture(scope="module")
def sim():
    return Simulator(now=NOW)


@pytest.fixture(scope="module")
def http(sim):
    with httpx.Client(transport=sim.transport(), base_url="https://api.stripe.com", headers={"Authorization": KEY}) as client:
        yield client


def refused(http, url, status=400, **headers):
    answer = http.get(url, headers=headers)
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert error["message"]
    assert error["request_log_url"].endswith(answer.headers["Request-Id"])
    return error.get("code"), error.get("param")


@pytest.mark.parametrize(
    ("url", "code", "param"),
    [
        ("/v1/charges?foo=1", "parameter_unknown", "foo"),
        ("/v1/charges?status=failed", "parameter_unknown", "status"),
        ("/v1/charges?customer[x]=1", None, "customer"),
        ("/v1/charges?customer=", "parameter_invalid_empty", "customer"),
        ("/v1/charges?customer=cus_nope", "resource_missing", "customer"),
        ("/v1/charges?payment_intent=pi_nope", "resource_missing", "payment_intent"),
        ("/v1/charges?created[gte]=yesterday", "parameter_invalid_integer", "created[gte]"),
        ("/v1/charges?created[gte]=1.5", "parameter_invalid_integer", "created[gte]"),
        ("/v1/charges?created[after]=1", "parameter_unknown", "created[after]"),
        ("/v1/charges?created=", "parameter_invalid_empty", "created"),
        ("/v1/charges?limit=0", "parameter_invalid_integer", "limit"),
        ("/v1/charges?limit=101", "parameter_invalid_integer", "limit"),
        ("/v1/charges?limit=ten", "parameter_invalid_integer", "limit"),
        ("/v1/charges?starting_after=ch_nope", "resource_missing", "starting_after"),
        ("/v1/charges?ending_before=ch_nope", "resource_missing", "ending_before"),
        ("/v1/subscriptions?status=dead", None, "status"),
        ("/v1/subscriptions?status=", "parameter_invalid_empty", "status"),
        ("/v1/subscriptions?automatic_tax=true", None, "automatic_tax"),
        ("/v1/subscriptions?automatic_tax[on]=true", "parameter_unknown", "automatic_tax[on]"),
        ("/v1/prices?active=yes", None, "active"),
        ("/v1/prices?lookup_keys=a", None, "lookup_keys"),
        ("/v1/prices?" + "&".join(f"lookup_keys[]={n}" for n in range(11)), None, "lookup_keys"),
        ("/v1/events?type=a.b&types[]=c.d", None, "type"),
        ("/v1/subscription_items", "parameter_missing", "subscription"),
        ("/v1/setup_attempts", "parameter_missing", "setup_intent"),
        ("/v1/reporting/report_types?limit=3", "parameter_unknown", "limit"),
        ("/v1/charges?expand=data.customer", None, "expand"),
        ("/v1/charges?expand[]=customer", None, "expand"),
        ("/v1/charges?expand[]=data.amount", None, "expand"),
        ("/v1/charges?expand[]=data.nothing", None, "expand"),
        ("/v1/charges?expand[]=data.payment_intent.latest_charge.customer.x", None, "expand"),
        ("/v1/account?foo=1", "parameter_unknown", "foo"),
        ("/v1/charges/search", "parameter_missing", "query"),
        ("/v1/charges/search?query=x", None, "query"),
        ("/v2/core/accounts?starting_after=x", "parameter_unknown", "starting_after"),
        ("/v2/core/accounts?page=zzz", None, "page"),
    ],
)
def test_bad_parameters_are_named(http, url, code, param):
    assert refused(http, url) == (code, param)


def test_both_cursors_exclude_each_other(sim, http):
    one = sim.objects("charges")[3]["id"]
    assert refused(http, f"/v1/charges?starting_after={one}&ending_before={one}") == (None, "ending_before")


@pytest.mark.parametrize(
    "path", ["/v1/chargess", "/v1", "/", "/v1/charges/", "/v1/customers//sources", "/v3/charges", "/v1/charges/ch_1/nothing"]
)
def test_unknown_paths_are_404(http, path):
    assert refused(http, path, 404) == (None, None)


@pytest.mark.parametrize(
    "path", ["/v1/charges/ch_nope", "/v1/customers/cus_nope", "/v1/invoices/in%2F..%2Fx", "/v2/core/accounts/acct_nope"]
)
def test_unknown_ids_are_404_resource_missing(http, path):
    assert refused(http, path, 404) == ("resource_missing", "id")


def test_wrong_method_is_404(http):
    assert http.put("/v1/charges").status_code == 404
    assert http.patch("/v1/charges").status_code == 404


def test_writes_that_the_api_does_not_have_or_the_simulator_does_not_play_are_refused(http):
    for answer in (http.post("/v1/balance"), http.post("/v1/nothing"), http.delete("/v1/charges/ch_1")):
        assert answer.status_code == 404
    unplayed = http.post("/v1/forwarding/requests/x")
    assert unplayed.status_code == 404
    refused = http.post("/v1/payment_intents/pi_1/apply_customer_balance")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "simulator_not_played")


def test_added_routes_are_served(sim):
    own = Simulator(empty=True)
    own.routes.add("POST", "/v1/things/{thing}/close", lambda call, arguments: {"id": arguments[0], "sent": call.body})
    with httpx.Client(transport=own.transport(), base_url="https://api.stripe.com", headers={"Authorization": KEY}) as http:
        assert http.post("/v1/things/a%20b/close", data={"x[y]": "1"}).json() == {"id": "a b", "sent": {"x": {"y": "1"}}}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Bearer pk_test_abc", "Basic !!!"])
def test_keys_of_implausible_form_are_401(sim, header):
    with httpx.Client(transport=sim.transport(), base_url="https://api.stripe.com") as http:
        answer = http.get("/v1/charges", headers={"Authorization": header})
    assert answer.status_code == 401


def test_basic_authorization_works(sim):
    with httpx.Client(transport=sim.transport(), base_url="https://api.stripe.com", auth=("rk_live_something", "")) as http:
        assert http.get("/v1/balance").status_code == 200


def test_errors_never_show_the_key():
    secret = "sk_live_verysecretkeyverysecret"
    sim = Simulator(empty=True, keys={"sk_test_known": None})
    with httpx.Client(transport=sim.transport(), base_url="https://api.stripe.com", headers={"Authorization": f"Bearer {secret}"}) as http:
        answer = http.get("/v1/charges")
    assert answer.status_code == 401
    assert secret not in answer.text


def test_missing_permission_is_named():
    keys = {"rk_test_a": frozenset({"charges:read", "invoices:write"})}
    sim = Simulator(keys=keys, now=NOW)
    with httpx.Client(transport=sim.transport(), base_url="https://api.stripe.com", headers={"Authorization": "Bearer rk_test_a"}) as http:
        assert http.get("/v1/charges").status_code == 200
        assert http.get("/v1/invoices").status_code == 200
        invoice = sim.objects("invoices")[0]["id"]
        assert http.get(f"/v1/invoices/{invoice}/lines").status_code == 200
        for url in ("/v1/customers", "/v1/charges?expand[]=data.customer"):
            answer = http.get(url)
            assert answer.status_code == 403
            assert "customers:read" in answer.json()["error"]["message"]


def test_answers_carry_request_id_date_and_version(http):
    answer = http.get("/v1/balance", headers={"Stripe-Version": "2026-10-28.endive"})
    assert answer.headers["Request-Id"].startswith("req_")
    assert answer.headers["Date"].endswith("GMT")
    assert answer.headers["Stripe-Version"] == "2026-10-28.endive"


def test_log_has_every_request_with_decoded_parameters():
    sim = Simulator(empty=True)
    with httpx.Client(transport=sim.transport(), base_url="https://api.stripe.com", headers={"Authorization": KEY}) as http:
        http.get("/v1/charges", params={"created[gte]": "1", "limit": "3"})
        http.get("/v1/nope", headers={"Stripe-Account": "acct_1"})
    first, second = sim.log
    assert (first.method, first.path, first.params, first.status, first.account) == (
        "GET",
        "/v1/charges",
        (("created[gte]", "1"), ("limit", "3")),
        200,
        None,
    )
    assert (second.status, second.account) == (403, "acct_1")
    sim.clear_log()
    assert sim.log == []
