"""A write happens once per idempotency key, whatever goes wrong; in process and over HTTP."""

import threading

import httpx
import pytest
from posting import KEY

from stripesql.simulator import Fault, Simulator, serve

NOW = 1_790_000_000


@pytest.fixture
def sim():
    return Simulator(empty=True, now=NOW)


@pytest.fixture(params=["in process", "over http"])
def http(request, sim):
    if request.param == "in process":
        with httpx.Client(transport=sim.transport(), base_url="https://api.stripe.com", headers=KEY) as client:
            yield client
    else:
        with serve(sim) as server, httpx.Client(base_url=server.url, headers=KEY, trust_env=False) as client:
            yield client


def post(http, key, path="/v1/customers", **values):
    return http.post(path, data=values or {"name": "Ada"}, headers={"Idempotency-Key": key})


def test_the_same_request_is_answered_once(sim, http):
    first, second = post(http, "k1"), post(http, "k1")
    assert first.json() == second.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Original-Request"] == first.headers["Request-Id"] != second.headers["Request-Id"]
    assert first.headers["Idempotency-Key"] == "k1"
    assert post(http, "k2").json()["id"] != first.json()["id"]
    assert len(sim.objects("customers")) == 2
    assert [entry.replayed for entry in sim.log] == [False, True, False]
    assert (sim.log[0].body, sim.log[0].idempotency_key) == ((("name", "Ada"),), "k1")


def test_other_parameters_under_a_key_are_refused(sim, http):
    post(http, "k1")
    for answer in (post(http, "k1", name="Grace"), post(http, "k1", path="/v1/products")):
        assert (answer.status_code, answer.json()["error"]["type"]) == (400, "idempotency_error")
    assert len(sim.objects("customers")) == 1


def test_errors_of_carrying_out_are_kept_and_refused_parameters_are_not(sim, http):
    bad = post(http, "k1", nonsense="1")
    assert (bad.status_code, bad.json()["error"]["code"]) == (400, "parameter_unknown")
    assert post(http, "k1", name="Ada").status_code == 200
    kept = post(http, "k2", path="/v1/products", name="x", id="lamp")
    assert kept.status_code == 200
    first = post(http, "k3", path="/v1/products", name="x", id="lamp")
    assert first.json()["error"]["code"] == "resource_already_exists"
    http.delete("/v1/products/lamp")
    again = post(http, "k3", path="/v1/products", name="x", id="lamp")
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (first.json(), "true")


def test_v2_keeps_answers_and_tries_failures_again(sim, http):
    def send(key):
        return http.post("/v2/core/accounts", json={"contact_email": "a@example.com"}, headers={"Idempotency-Key": key})

    sim.faults.next(Fault.SERVER_ERROR_KEPT)
    assert [send("k").status_code, send("k").status_code] == [500, 200]
    sim.clock.advance(29 * 24 * 3600)
    assert send("k").headers["Idempotent-Replayed"] == "true"


def test_a_declined_payment_is_replayed(sim, http):
    values = {"amount": "500", "currency": "usd", "payment_method": "pm_card_chargeDeclined", "confirm": "true"}
    first, second = post(http, "k", "/v1/payment_intents", **values), post(http, "k", "/v1/payment_intents", **values)
    assert (first.status_code, first.json()["error"]["decline_code"]) == (402, "generic_decline")
    assert second.json() == first.json()
    assert len(sim.objects("payment_intents")) == 1


def test_keys_are_forgotten_after_a_day_and_belong_to_an_account(sim, http):
    first = post(http, "k")
    sim.clock.advance(24 * 3600 + 1)
    assert post(http, "k").json()["id"] != first.json()["id"]
    account = http.post("/v1/accounts", data={"type": "express"}).json()["id"]
    other = http.post("/v1/customers", data={"name": "Ada"}, headers={"Idempotency-Key": "k", "Stripe-Account": account})
    assert "Idempotent-Replayed" not in other.headers
    assert http.post("/v1/customers", data={}, headers={"Idempotency-Key": "k" * 256}).status_code == 400


class Slow(Simulator):
    """Hold the first request back until it is let go."""

    def __init__(self):
        super().__init__(empty=True, now=NOW)
        self.held, self.go = threading.Event(), threading.Event()

    def latency_s(self):
        if not self.held.is_set():
            self.held.set()
            self.go.wait(30)
        return 0.0


def test_a_key_in_use_is_a_conflict():
    sim, answers = Slow(), []
    with httpx.Client(transport=sim.transport(), base_url="https://api.stripe.com", headers=KEY) as http:
        first = threading.Thread(target=lambda: answers.append(post(http, "k")))
        first.start()
        assert sim.held.wait(30)
        answer = post(http, "k")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "idempotency_key_in_use")
        sim.go.set()
        first.join(30)
        assert answers[0].status_code == 200
        assert post(http, "k").json() == answers[0].json()


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.CUT_BODY])
def test_a_lost_answer_was_carried_out_and_is_replayed(sim, http, fault):
    sim.faults.next(fault, method="POST")
    with pytest.raises(httpx.TransportError):
        post(http, "k")
    assert len(sim.objects("customers")) == 1
    again = post(http, "k")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert [row["id"] for row in sim.objects("customers")] == [again.json()["id"]]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.RATE_LIMIT, 429),
        (Fault.ENDPOINT_RATE, 429),
        (Fault.LOCK_TIMEOUT, 429),
        (Fault.SERVER_ERROR, 500),
        (Fault.UNAVAILABLE, 503),
        (Fault.CONFLICT, 409),
    ],
)
def test_faults_before_a_write_leave_nothing_and_are_not_kept(sim, http, fault, status):
    sim.faults.next(fault)
    assert post(http, "k").status_code == status
    assert sim.objects("customers") == []
    again = post(http, "k")
    assert again.status_code == 200
    assert "Idempotent-Replayed" not in again.headers


def test_a_reset_before_a_write_leaves_nothing(sim, http):
    sim.faults.next(Fault.RESET_BEFORE)
    with pytest.raises(httpx.TransportError):
        post(http, "k")
    assert sim.objects("customers") == []
    assert post(http, "k").status_code == 200


@pytest.mark.parametrize(("fault", "written"), [(Fault.SERVER_ERROR_KEPT, 0), (Fault.SERVER_ERROR_AFTER, 1)])
def test_server_errors_of_begun_writes_are_kept(sim, http, fault, written):
    sim.faults.next(fault)
    assert post(http, "k").status_code == 500
    again = post(http, "k")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (500, "true")
    assert len(sim.objects("customers")) == written
    assert post(http, "other").status_code == 200


def test_deletes_have_no_key_and_meet_404_the_second_time(sim, http):
    made = post(http, "k").json()["id"]
    sim.faults.next(Fault.RESET_AFTER, method="DELETE")
    with pytest.raises(httpx.TransportError):
        http.delete(f"/v1/customers/{made}")
    assert sim.objects("customers") == []
    assert http.delete(f"/v1/customers/{made}").status_code == 404


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.RESET_BEFORE, Fault.SERVER_ERROR, Fault.RATE_LIMIT, Fault.CUT_BODY])
def test_faults_can_strike_every_nth_write_and_nothing_is_doubled(sim, http, fault):
    sim.faults.every(fault, 3, method="POST")
    for n in range(20):
        for _ in range(10):
            try:
                if post(http, f"k{n}", name=f"n{n}").status_code == 200:
                    break
            except httpx.TransportError:
                continue
        assert http.get("/v1/balance").status_code == 200
    assert sorted(row["name"] for row in sim.objects("customers")) == sorted(f"n{n}" for n in range(20))
