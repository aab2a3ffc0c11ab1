"""Speak to the client as a scan or a write does, with a stand-in for the network below it."""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from stripesql.errors import (
    ApiFailure,
    BudgetExceeded,
    ConnectionFailed,
    DataError,
    Error,
    InterfaceError,
    InvalidRequest,
    NotFound,
    OutcomeUnknown,
    QueryCancelled,
    QueryTimeout,
    RateLimited,
)
from stripesql.fetch import Client, Control
from stripesql.fetch.retries import MOST_FAILURES, MOST_REFUSALS
from stripesql.request import Request
from stripesql.settings import ApiKey, Settings
from stripesql.stats import Stats

KEY = "sk_test_notarealkey"
LIST = Request("GET", "/v1/charges", (("created[gte]", "5"), ("email", "a+b@c d"), ("limit", "100")))
CREATE = Request("POST", "/v1/customers", body=(("name", "Zoë"), ("metadata[a]", "1")), idempotency_key="key_1")
DELETE = Request("DELETE", "/v1/customers/cus_1")
OK = httpx.Response(200, json={"data": []}, headers={"Request-Id": "req_1"})


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Network:
    """Answer requests with the given answers in turn, the last one for ever, and keep what was asked."""

    def __init__(self, *answers: httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
        return answer(request)


def client_of(network: Network, *, key: str = KEY, **settings: Any) -> Client:
    values: dict[str, Any] = {"demo": True} | settings
    return Client(
        Settings(**values), ApiKey(key), transport=httpx.MockTransport(network), default_version="2026-10-28.endive", chance=lambda: 1.0
    )


def control_of(clock: Clock | None = None, **limits: Any) -> Control:
    clock = clock or Clock()
    return Control(stats=Stats(), clock=clock, pause=clock.advance, **limits)


def error(status: int, code: str | None = None, kind: str = "invalid_request_error", **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"error": {"type": kind, "code": code, "message": "Nope."}}, headers=headers)


# What is sent.


def test_a_list_is_asked_for_as_stripe_wants_it() -> None:
    network = Network(OK)
    client_of(network).send(LIST, control_of())
    sent = network.requests[0]
    assert str(sent.url) == "https://api.stripe.com/v1/charges?created%5Bgte%5D=5&email=a%2Bb%40c+d&limit=100"
    assert sent.method == "GET"
    assert sent.headers["Authorization"] == f"Bearer {KEY}"
    assert sent.headers["Stripe-Version"] == "2026-10-28.endive"
    assert sent.headers["User-Agent"].startswith("stripesql/")
    assert sent.headers["Accept-Encoding"] == "gzip"
    assert not {"Stripe-Account", "Stripe-Context", "Idempotency-Key", "Content-Type", "Cookie"} & set(sent.headers)


def test_a_write_is_a_form_under_its_key() -> None:
    network = Network(OK)
    client_of(network).send(CREATE, control_of())
    sent = network.requests[0]
    assert parse_qsl(sent.content.decode()) == [("name", "Zoë"), ("metadata[a]", "1")]
    assert sent.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert sent.headers["Idempotency-Key"] == "key_1"


def test_the_request_goes_before_the_settings_and_these_before_the_default() -> None:
    network = Network(OK)
    client = client_of(network, stripe_account="acct_s", stripe_context="ctx_s", stripe_version="2025-01-01")
    client.send(LIST, control_of())
    client.send(replace(LIST, account="acct_r", context="ctx_r", version="2024-01-01"), control_of())
    names = ("Stripe-Account", "Stripe-Context", "Stripe-Version")
    assert [[sent.headers[name] for name in names] for sent in network.requests] == [
        ["acct_s", "ctx_s", "2025-01-01"],
        ["acct_r", "ctx_r", "2024-01-01"],
    ]


def test_encoded_ids_stay_encoded() -> None:
    network = Network(OK)
    client_of(network).send(Request("GET", "/v1/coupons/a%2F..%2Fb%3Fc"), control_of())
    assert network.requests[0].url.raw_path == b"/v1/coupons/a%2F..%2Fb%3Fc"


def test_files_have_their_own_host_only_at_stripe() -> None:
    network = Network(OK)
    files = Request("GET", "/v1/files/file_1/contents", base="files")
    client_of(network).send(files, control_of())
    client_of(network, base_url="http://127.0.0.1:12111").send(files, control_of())
    assert [sent.url.host for sent in network.requests] == ["files.stripe.com", "127.0.0.1"]


def test_the_answer_is_complete() -> None:
    response = client_of(
        Network(httpx.Response(200, content=b"{}", headers={"Request-Id": "req_9", "Date": "Tue, 15 Nov 1994 08:12:31 GMT"}))
    ).send(LIST, control_of())
    assert (response.status, response.body, response.request, response.request_id, response.date) == (200, b"{}", LIST, "req_9", 784887151)
    assert response.headers["request-id"] == "req_9"


def test_what_it_cost_is_counted() -> None:
    control = control_of()
    client_of(Network(error(500), OK)).send(LIST, control)
    stats = control.stats
    assert (stats.requests, stats.retries, stats.bytes, stats.waited_s) == (2, 1, len(error(500).content) + len(OK.content), 0.5)


# What is sent again.


@pytest.mark.parametrize(
    "setback", [error(500), error(503), error(409, "lock_timeout"), error(429), httpx.ReadError("reset"), httpx.ConnectTimeout("")]
)
@pytest.mark.parametrize("request_", [LIST, CREATE, DELETE])
def test_setbacks_that_pass_are_invisible(request_: Request, setback: httpx.Response | Exception) -> None:
    network = Network(setback, setback, OK)
    assert client_of(network).send(request_, control_of()).status == 200
    assert len(network.requests) == 3


def test_a_repeated_write_has_the_same_key_and_body() -> None:
    network = Network(error(500), OK)
    client_of(network).send(CREATE, control_of())
    assert network.requests[0].content == network.requests[1].content
    assert [sent.headers["Idempotency-Key"] for sent in network.requests] == ["key_1", "key_1"]


def test_a_write_without_a_key_is_sent_once() -> None:
    network = Network(error(500), OK)
    with pytest.raises(OutcomeUnknown):
        client_of(network).send(replace(CREATE, idempotency_key=None), control_of())
    assert len(network.requests) == 1


def test_attempts_end() -> None:
    network = Network(error(500))
    clock = Clock()
    with pytest.raises(ApiFailure):
        client_of(network).send(LIST, control_of(clock))
    assert (len(network.requests), clock.now) == (MOST_FAILURES + 1, 15.5)


def test_refusals_are_borne_longer() -> None:
    network = Network(error(429, kind="", **{"Stripe-Rate-Limited-Reason": "global-rate"}))
    with pytest.raises(RateLimited) as caught:
        client_of(network).send(LIST, control_of())
    assert len(network.requests) == MOST_REFUSALS + 1
    assert caught.value.reason == "global-rate"


def test_stripe_says_whether_to_send_again() -> None:
    stop, go = error(500, **{"Stripe-Should-Retry": "false"}), error(400, **{"Stripe-Should-Retry": "true"})
    network = Network(stop)
    with pytest.raises(ApiFailure):
        client_of(network).send(LIST, control_of())
    assert len(network.requests) == 1
    network = Network(go, OK)
    assert client_of(network).send(LIST, control_of()).status == 200


def test_retry_after_is_obeyed() -> None:
    clock = Clock()
    client_of(Network(error(429, **{"Retry-After": "7"}), OK)).send(LIST, control_of(clock))
    assert clock.now == 7.0


def test_refusals_to_think_about_are_final() -> None:
    for status in (400, 401, 402, 403, 404):
        network = Network(error(status))
        with pytest.raises(Error):
            client_of(network).send(LIST, control_of())
        assert len(network.requests) == 1


def test_a_redirect_is_not_followed() -> None:
    network = Network(httpx.Response(302, headers={"Location": "https://evil.example/"}))
    with pytest.raises(ApiFailure, match="GET /v1/charges was redirected, and the key does not follow; check base_url"):
        client_of(network).send(LIST, control_of())
    assert [sent.url.host for sent in network.requests] == ["api.stripe.com"]


def test_a_web_page_is_not_an_answer() -> None:
    with pytest.raises(
        ApiFailure, match="Stripe's answer is not JSON: GET /v1/charges gave 6 bytes of text/html; check base_url and the proxy"
    ):
        client_of(Network(httpx.Response(200, html="<html>"))).send(LIST, control_of())


def test_a_connection_that_never_works_names_host_and_reason() -> None:
    problem = httpx.ConnectError("[Errno 111] Connection refused")
    with pytest.raises(
        ConnectionFailed, match=r"GET /v1/charges got no answer from api\.stripe\.com in 6 attempts: \[Errno 111\]"
    ) as caught:
        client_of(Network(problem)).send(LIST, control_of())
    assert caught.value.__cause__ is problem


def test_a_web_page_does_not_tell_whether_a_write_happened() -> None:
    with pytest.raises(OutcomeUnknown, match="gave 6 bytes of text/html"):
        client_of(Network(httpx.Response(200, html="<html>"))).send(CREATE, control_of())


# Limits of the statement.


def test_the_budget_counts_what_is_sent_again() -> None:
    network = Network(error(500))
    with pytest.raises(BudgetExceeded):
        client_of(network).send(LIST, control_of(max_requests=3))
    assert len(network.requests) == 3


def test_time_ends_the_attempts() -> None:
    clock = Clock()
    with pytest.raises(QueryTimeout):
        client_of(Network(error(500))).send(LIST, control_of(clock, timeout_s=2))
    assert clock.now == 2.0


def test_a_wait_for_an_answer_is_no_longer_than_the_statement() -> None:
    network = Network(OK)
    client_of(network, http_timeout_s=30).send(LIST, control_of(timeout_s=2))
    client_of(network, http_timeout_s=1.5).send(LIST, control_of(timeout_s=2))
    assert [sent.extensions["timeout"]["read"] for sent in network.requests] == [2, 1.5]


def test_a_read_that_took_the_rest_of_the_time_is_a_timeout() -> None:
    clock = Clock()

    def hang(request: httpx.Request) -> httpx.Response:
        clock.advance(5)
        raise httpx.ReadTimeout("")

    with pytest.raises(QueryTimeout):
        client_of(Network(hang)).send(LIST, control_of(clock, timeout_s=5))


def test_cancel_ends_an_answer_that_trickles_in() -> None:
    control = control_of()

    class Trickle(httpx.SyncByteStream):
        closed = False

        def __iter__(self) -> Iterator[bytes]:
            yield b"{"
            control.cancel()
            yield b"}"
            raise AssertionError("read on after the cancellation")

        def close(self) -> None:
            self.closed = True

    body = Trickle()
    with pytest.raises(QueryCancelled):
        client_of(Network(lambda _: httpx.Response(200, stream=body))).send(LIST, control)
    assert body.closed


def test_a_cancelled_statement_sends_nothing() -> None:
    network, control = Network(OK), control_of()
    control.cancel()
    with pytest.raises(QueryCancelled):
        client_of(network).send(LIST, control)
    assert network.requests == []


# Writes whose outcome is not known.


@pytest.mark.parametrize(
    ("answers", "limits"),
    [
        ([error(500)], {}),
        ([httpx.ReadError("reset")], {}),
        ([httpx.ReadError("reset"), httpx.ConnectError("refused")], {}),
        ([httpx.ReadError("reset"), error(409, "idempotency_key_in_use")], {}),
        ([httpx.ReadError("reset"), error(429)], {}),
        ([error(500)], {"max_requests": 1}),
        ([error(500)], {"timeout_s": 0.1}),
    ],
)
@pytest.mark.parametrize("request_", [CREATE, DELETE])
def test_a_write_that_no_answer_tells_about_is_unknown(request_: Request, answers: list[Any], limits: dict[str, Any]) -> None:
    with pytest.raises(OutcomeUnknown, match=f"{request_.method} .* may or may not have happened: .*; ") as caught:
        client_of(Network(*answers)).send(request_, control_of(**limits))
    assert caught.value.idempotency_key == request_.idempotency_key
    assert isinstance(caught.value.__cause__, Error)


def test_an_unknown_write_says_how_to_find_out() -> None:
    with pytest.raises(OutcomeUnknown, match="repeat it under the idempotency key key_1 to find out"):
        client_of(Network(error(500))).send(CREATE, control_of())
    with pytest.raises(OutcomeUnknown, match="look whether it is there before you repeat it"):
        client_of(Network(error(500))).send(DELETE, control_of())


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        (httpx.ConnectError("refused"), ConnectionFailed),
        (error(400), InvalidRequest),
        (error(429), RateLimited),
        (error(404, "resource_missing"), NotFound),
    ],
)
def test_a_write_that_surely_did_not_happen_is_not_called_unknown(answer: Any, raised: type[Error]) -> None:
    with pytest.raises(raised):
        client_of(Network(answer)).send(CREATE, control_of())


def test_an_answer_after_a_lost_one_is_the_outcome() -> None:
    with pytest.raises(InvalidRequest):
        client_of(Network(httpx.ReadError("reset"), error(400))).send(CREATE, control_of())


def test_a_stored_500_is_not_asked_for_again() -> None:
    network = Network(error(500), error(500, **{"Idempotent-Replayed": "true"}))
    with pytest.raises(OutcomeUnknown):
        client_of(network).send(CREATE, control_of())
    assert len(network.requests) == 2


def test_a_cancelled_write_is_unknown() -> None:
    control = control_of()

    def cancel(request: httpx.Request) -> httpx.Response:
        control.cancel()
        return httpx.Response(200, json={})

    with pytest.raises(OutcomeUnknown) as caught:
        client_of(Network(cancel)).send(CREATE, control)
    assert isinstance(caught.value.__cause__, QueryCancelled)


def test_a_delete_that_finds_nothing_after_a_lost_answer_is_done() -> None:
    response = client_of(Network(httpx.ReadError("reset"), error(404, "resource_missing"))).send(DELETE, control_of())
    assert response.status == 404
    with pytest.raises(NotFound):
        client_of(Network(error(404, "resource_missing"))).send(DELETE, control_of())


def test_a_write_that_cannot_even_be_written_is_not_unknown() -> None:
    with pytest.raises(DataError, match="surrogate"):
        client_of(Network(OK)).send(replace(CREATE, body=(("name", "\ud800"),)), control_of())


# The key.


@pytest.mark.parametrize("key", ["sk_test_x\n", "sk test", "", "sk_test_é", "sk_test_\x00"])
def test_a_key_that_is_no_header_is_refused_unseen(key: str) -> None:
    with pytest.raises(InterfaceError, match="the Stripe key is empty, or holds a space") as caught:
        client_of(Network(OK), key=key).send(LIST, control_of())
    assert key == "" or key not in str(caught.value)


@pytest.mark.parametrize("name", ["stripe_account", "stripe_context", "stripe_version"])
def test_a_setting_that_is_no_header_is_refused(name: str) -> None:
    with pytest.raises(InterfaceError, match="a header holds plain ASCII text"):
        client_of(Network(OK), **{name: "a\r\nX: y"}).send(LIST, control_of())


def test_the_key_is_in_no_message_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = httpx.Response(401, json={"error": {"type": "invalid_request_error", "message": f"Invalid API Key provided: {KEY}"}})
    with pytest.raises(Error) as caught:
        client_of(Network(echo)).send(LIST, control_of())
    assert "***" in str(caught.value)
    with pytest.raises(Error) as lost:
        client_of(Network(httpx.LocalProtocolError(f"Illegal header value b'Bearer {KEY}'"))).send(LIST, control_of())
    for problem in (caught.value, lost.value):
        assert KEY not in f"{problem} {problem!r} {problem.__cause__!r} {problem.__context__!r}"
    assert KEY not in caplog.text


def test_cookies_of_one_key_do_not_reach_another() -> None:
    network = Network(httpx.Response(200, json={}, headers={"Set-Cookie": "session=1; Domain=stripe.com; Path=/"}))
    transport = httpx.MockTransport(network)
    for key in ("sk_test_a", "sk_test_b"):
        Client(Settings(demo=True), ApiKey(key), transport=transport).send(LIST, control_of())
    assert "Cookie" not in network.requests[1].headers


# Clock, closing, sharing.


def test_the_servers_clock_is_learned() -> None:
    network = Network(httpx.Response(200, json={}, headers={"Date": "Thu, 01 Jan 1970 01:00:00 GMT"}))
    client = Client(Settings(demo=True), ApiKey(KEY), transport=httpx.MockTransport(network), now=lambda: 100.25)
    assert client.clock_offset_s == 0.0
    client.send(LIST, control_of())
    assert client.clock_offset_s == 3600 - 100.25 + 0.5


def test_a_closed_client_sends_nothing() -> None:
    client = client_of(Network(OK))
    client.send(LIST, control_of())
    client.close()
    client.close()
    with pytest.raises(InterfaceError, match="the connection is closed"):
        client.send(LIST, control_of())


def test_demo_without_its_transport_does_not_reach_for_stripe() -> None:
    with pytest.raises(InterfaceError, match="demo needs the simulator's transport"):
        Client(Settings(demo=True), ApiKey(KEY)).send(LIST, control_of())


def test_the_transport_can_be_a_setting() -> None:
    network = Network(OK)
    Client(Settings(transport=httpx.MockTransport(network)), ApiKey("sk_test_setting")).send(LIST, control_of())
    assert len(network.requests) == 1


def test_many_threads_share_one_client() -> None:
    network = Network(OK)
    client, control = client_of(network), control_of()
    threads = [threading.Thread(target=lambda: [client.send(LIST, control) for _ in range(25)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (control.stats.requests, len(network.requests)) == (200, 200)


def test_clients_of_one_key_share_their_limits() -> None:
    network = Network(OK)
    shared = [client_of(network, key="sk_test_shared", demo=False, requests_per_second=0.01) for _ in range(2)]
    waits = []
    for client in [*shared, client_of(network, key="sk_test_alone", demo=False, requests_per_second=0.01)]:
        control = control_of()
        client.send(LIST, control)
        waits.append(control.stats.waited_s)
    assert waits[0] == 0.0
    assert 50 < waits[1] <= 100
    assert waits[2] == 0.0


def test_a_refusal_slows_the_bucket_that_it_names() -> None:
    refusal = error(429, **{"Stripe-Rate-Limited-Reason": "endpoint-rate"})
    client = client_of(Network(refusal, OK), key="sk_test_slow", demo=False, requests_per_second=1000.0, endpoint_requests_per_second=0.1)
    client.send(LIST, control_of())
    control = control_of()
    client.send(Request("GET", "/v1/refunds"), control)
    assert control.stats.waited_s == 0.0
    for _ in range(3):
        client.send(LIST, control)
    assert control.stats.waited_s > 20


def test_the_simulator_is_not_paced() -> None:
    control = control_of()
    client = client_of(Network(OK), requests_per_second=1.0, endpoint_requests_per_second=1.0)
    for _ in range(50):
        client.send(LIST, control)
    assert control.stats.waited_s == 0.0


def test_ctrl_c_passes_through() -> None:
    def interrupt(request: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    client = client_of(Network(interrupt, OK))
    with pytest.raises(KeyboardInterrupt):
        client.send(LIST, control_of())
    assert client.send(LIST, control_of()).status == 200
