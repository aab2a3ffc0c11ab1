"""What goes wrong on purpose: limits, failures, broken connections; in process and over HTTP."""

import json
import time
from email.utils import parsedate_to_datetime

import httpx
import pytest

from stripesql.simulator import Fault, Simulator, serve

KEY = {"Authorization": "Bearer sk_test_unit"}
NOW = 1_790_000_000


@pytest.fixture
def sim():
    made = Simulator(empty=True, now=NOW)
    for n in range(30):
        made.insert("charges", {"created": NOW - n})
    return made


@pytest.fixture(params=["in process", "over http"])
def http(request, sim):
    if request.param == "in process":
        with httpx.Client(transport=sim.transport(), base_url="https://api.stripe.com", headers=KEY) as client:
            yield client
    else:
        with serve(sim) as server, httpx.Client(base_url=server.url, headers=KEY, trust_env=False) as client:
            yield client


@pytest.mark.parametrize(
    ("fault", "status", "reason"),
    [
        (Fault.RATE_LIMIT, 429, "global-rate"),
        (Fault.ENDPOINT_RATE, 429, "endpoint-rate"),
        (Fault.LOCK_TIMEOUT, 429, None),
        (Fault.SERVER_ERROR, 500, None),
        (Fault.UNAVAILABLE, 503, None),
        (Fault.GATEWAY_TIMEOUT, 504, None),
        (Fault.UNAUTHORIZED, 401, None),
        (Fault.FORBIDDEN, 403, None),
        (Fault.REDIRECT, 302, None),
        (Fault.CONFLICT, 409, None),
    ],
)
def test_failures_that_are_answers(sim, http, fault, status, reason):
    sim.faults.next(fault, 2)
    sim.faults.retry_after, sim.faults.should_retry = "3", "true"
    for _ in range(2):
        answer = http.get("/v1/charges")
        assert answer.status_code == status
        assert answer.headers.get("Stripe-Rate-Limited-Reason") == reason
        assert answer.headers["Stripe-Should-Retry"] == "true"
        assert (answer.headers.get("Retry-After") == "3") == (status in (429, 503))
        assert answer.json()["error"]["message"]
    assert http.get("/v1/charges").status_code == 200


@pytest.mark.parametrize("fault", [Fault.RESET_BEFORE, Fault.RESET_AFTER, Fault.CUT_BODY])
def test_broken_connections(sim, http, fault):
    sim.faults.next(fault)
    with pytest.raises(httpx.TransportError):
        http.get("/v1/charges")
    assert len(sim.log) == 1
    assert sim.log[0].status == (0 if fault is Fault.RESET_BEFORE else 200)
    assert http.get("/v1/charges").status_code == 200


def test_an_answer_that_never_comes(sim, http):
    sim.faults.next(Fault.NO_ANSWER)
    with pytest.raises(httpx.ReadTimeout):
        http.get("/v1/charges", timeout=0.05)
    assert sim.log[0].status == 200
    assert http.get("/v1/charges").status_code == 200


def test_bodies_that_are_not_json(sim, http):
    sim.faults.next(Fault.BAD_JSON)
    with pytest.raises(json.JSONDecodeError):
        http.get("/v1/charges").json()
    sim.faults.next(Fault.HTML)
    answer = http.get("/v1/charges")
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")


def test_slow_body_arrives_whole(sim, http):
    sim.faults.drip_s = 0.001
    sim.faults.next(Fault.SLOW_DRIP)
    assert len(http.get("/v1/charges", params={"limit": 30}).json()["data"]) == 30


def test_every_nth_request_and_chosen_paths(sim, http):
    sim.faults.every(Fault.SERVER_ERROR, 3)
    assert [http.get("/v1/charges").status_code for _ in range(6)] == [200, 200, 500, 200, 200, 500]
    sim.faults.clear()
    sim.faults.next(Fault.SERVER_ERROR, path="/v1/customers")
    assert [http.get(path).status_code for path in ("/v1/charges", "/v1/customers", "/v1/customers")] == [200, 500, 200]


def test_clock_is_the_servers_and_can_be_skewed(sim, http):
    sim.faults.clock_skew_s = -3600
    date = parsedate_to_datetime(http.get("/v1/balance").headers["Date"]).timestamp()
    assert NOW - 3600 <= date <= NOW - 3600 + 60


def test_rates_are_kept_per_account_and_endpoint():
    sim = Simulator(empty=True, now=NOW, endpoint_rate=5, rate=8)
    with httpx.Client(transport=sim.transport(), base_url="https://api.stripe.com", headers=KEY) as http:
        started = time.monotonic()
        answers = [http.get("/v1/charges") for _ in range(8)]
        slow = time.monotonic() - started > 0.15
        reasons = [answer.headers.get("Stripe-Rate-Limited-Reason") for answer in answers]
        assert reasons[:5] == [None] * 5
        if not slow:
            assert reasons[5:] == ["endpoint-rate"] * 3
            assert [http.get("/v1/customers").status_code for _ in range(3)] == [200, 200, 200]
            assert http.get("/v1/invoices").headers["Stripe-Rate-Limited-Reason"] == "global-rate"


def test_hooks_run_before_the_chosen_request(sim, http):
    seen = []
    sim.hooks.before(2, lambda: seen.append(len(sim.log)))
    sim.hooks.on_request(lambda number, method, path: seen.append((number, method, path)))
    for _ in range(3):
        http.get("/v1/balance")
    assert seen == [(1, "GET", "/v1/balance"), 1, (2, "GET", "/v1/balance"), (3, "GET", "/v1/balance")]


def test_deleting_the_cursor_in_mid_scan(sim, http):
    page = http.get("/v1/charges").json()["data"]
    sim.hooks.before(1, lambda: sim.delete("charges", page[-1]["id"]))
    answer = http.get("/v1/charges", params={"starting_after": page[-1]["id"]})
    assert answer.status_code == 400
    assert http.get("/v1/charges", params={"starting_after": page[-2]["id"]}).status_code == 200


def test_server_keeps_connections_and_closes_cleanly(sim):
    with serve(sim) as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
        with httpx.Client(base_url=server.url, headers=KEY, trust_env=False) as http:
            for _ in range(5):
                assert http.get("/v1/charges", params={"limit": "2"}).json()["has_more"]
            server.close()
            with pytest.raises(httpx.TransportError):
                http.get("/v1/charges")


def test_server_serves_loopback_only(sim):
    with pytest.raises(ValueError, match="loopback"):
        serve(sim, host="0.0.0.0")


def test_inserted_objects_are_whole_and_nested_ones_find_their_parent(sim):
    sub = sim.insert("subscriptions", {"customer": "cus_1", "items": [{"quantity": n} for n in range(12)]})
    assert len(sub["items"]["data"]) == 10
    assert sub["items"]["has_more"]
    assert len(sim.objects("subscription_items")) == 12
    line = sim.insert("checkout_session_line_items", {"checkout_session": "cs_1", "description": "x"})
    assert "checkout_session" not in line
    assert sim.parent_ids("checkout_session_line_items", "checkout_session") == ["cs_1"]
    charge = sim.insert("charges", {"amount": 5, "customer": None})
    assert (charge["currency"], charge["status"], charge["metadata"], charge.get("invoice", None)) == (
        "usd",
        "succeeded",
        {},
        None,
    )
    assert charge in sim.objects("charges")
