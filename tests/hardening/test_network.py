"""Every wait has a bound, clocks may differ, and the key goes where it was sent and nowhere else."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import battery
import httpx
import pytest
import wires

import stripesql
from stripesql.fetch import retries
from stripesql.simulator import Fault, Server, Simulator

KEY = "sk_test_" + "network1234567"
FAST = {"requests_per_second": 5000.0, "endpoint_requests_per_second": 5000.0}
LIST = "SELECT id FROM charges"
ALL = "SELECT sum(amount) FROM charges"


@pytest.fixture(scope="module", autouse=True)
def hurried() -> Iterator[None]:
    before = retries.FIRST_WAIT_S, retries.LONGEST_WAIT_S
    battery.hurry()
    yield
    retries.FIRST_WAIT_S, retries.LONGEST_WAIT_S = before


@pytest.fixture(scope="module")
def sim() -> Simulator:
    return Simulator(scale=0.03, now=battery.NOW)


# -- waits


@pytest.mark.parametrize("sql", [LIST, ALL, "SELECT id FROM charges WHERE id = 'ch_1'", "INSERT INTO customers (name) VALUES ('a')"])
def test_a_server_that_never_answers_is_given_up(sql: str) -> None:
    threads = set(threading.enumerate())
    with (
        wires.silent() as server,
        stripesql.connect(KEY, base_url=f"http://127.0.0.1:{server.port}", http_timeout_s=0.05, **FAST) as connection,
    ):
        with pytest.raises(
            stripesql.OperationalError, match=r"got no answer from 127\.0\.0\.1:\d+ in 6 attempts: no answer within 0\.05 s"
        ) as caught:
            connection.execute(sql).fetchall()
        assert isinstance(caught.value, stripesql.OutcomeUnknown if "INSERT" in sql else stripesql.ConnectionFailed)
        assert server.accepted == 6
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not battery.threads_left(threads)


@pytest.mark.parametrize("sql", [LIST, ALL])
def test_a_server_that_never_answers_does_not_outlast_the_statement(sql: str) -> None:
    with wires.silent() as server, stripesql.connect(KEY, base_url=f"http://127.0.0.1:{server.port}", **FAST) as connection:
        connection.execute("SET statement_timeout_s = 0.2")
        with pytest.raises(stripesql.QueryTimeout, match=r"statement_timeout_s=0\.2"):
            connection.execute(sql).fetchall()


def _page() -> tuple[bytes, bytes]:
    body = b'{"object":"list","data":[{"id":"ch_1","object":"charge","amount":5}],"has_more":false,"url":"/v1/charges"}'
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body), body


def test_an_answer_that_comes_in_drops_ends_with_the_statement() -> None:
    head, body = _page()
    drops = [body[at : at + 1] for at in range(len(body))]
    with (
        wires.dripping(head, drops, 0.05) as server,
        stripesql.connect(KEY, base_url=f"http://127.0.0.1:{server.port}", **FAST) as connection,
    ):
        connection.execute("SET statement_timeout_s = 0.3")
        with pytest.raises(stripesql.QueryTimeout):
            connection.execute(LIST).fetchall()


def test_an_answer_that_comes_in_drops_is_given_up_without_a_limit_on_the_statement() -> None:
    """Each drop is in time; the whole would take for ever."""
    head, body = _page()
    with (
        wires.dripping(head, [body[at : at + 1] for at in range(len(body))], 0.05) as server,
        stripesql.connect(KEY, base_url=f"http://127.0.0.1:{server.port}", http_timeout_s=0.2, **FAST) as connection,
        pytest.raises(stripesql.ConnectionFailed, match=r"the answer came too slowly: \d+ bytes in 0\.\d s"),
    ):
        connection.execute(LIST).fetchall()


def test_an_answer_that_takes_longer_than_the_time_out_and_moves_is_waited_for() -> None:
    head, body = _page()
    body = body[:-1] + b" " * 6000 + b"}"
    head = head.replace(b"Content-Length: %d" % (len(body) - 6000), b"Content-Length: %d" % len(body))
    pieces = [body[at : at + 1000] for at in range(0, len(body), 1000)]
    with (
        wires.dripping(head, pieces, 0.1) as server,
        stripesql.connect(KEY, base_url=f"http://127.0.0.1:{server.port}", http_timeout_s=0.5, **FAST) as connection,
    ):
        cursor = connection.execute("SELECT amount FROM charges")
        assert cursor.fetchall() == [(5,)]
        assert cursor.stats.retries == 0


def test_cancel_reaches_a_scan_whose_server_is_silent(sim: Simulator) -> None:
    with Server(sim) as server, stripesql.connect(KEY, base_url=server.url, http_timeout_s=1.0, **FAST) as connection:
        connection.execute("SELECT 1").fetchall()
        sim.faults.every(Fault.NO_ANSWER, 1)
        cursor = connection.cursor()
        threading.Timer(0.1, cursor.cancel).start()
        with pytest.raises(stripesql.QueryCancelled):
            cursor.execute(ALL).fetchall()
        sim.faults.clear()
        assert connection.execute("SELECT count(*) > 0 FROM charges").fetchone() == (True,)


@pytest.mark.parametrize("fault", [Fault.UNAUTHORIZED, Fault.FORBIDDEN])
@pytest.mark.parametrize("at", [2, 3])
def test_a_key_that_is_refused_in_mid_scan_fails_the_query_at_once(fault: Fault, at: int) -> None:
    made = Simulator(empty=True, now=battery.NOW)
    for n in range(450):
        made.insert("charges", {"amount": n})
    made.hooks.before(at, lambda: made.faults.every(fault, 1))
    with stripesql.connect(KEY, transport=made.transport(), **FAST) as connection:
        cursor = connection.cursor()
        with pytest.raises(stripesql.OperationalError) as caught:
            cursor.execute(LIST).fetchall()
        assert type(caught.value) is (stripesql.AuthenticationFailed if fault is Fault.UNAUTHORIZED else stripesql.PermissionDenied)
        assert cursor.stats.retries == 0
        made.faults.clear()
        made.hooks.clear()
        assert len(connection.execute(LIST).fetchall()) == 450


# -- clocks


class Undated(httpx.BaseTransport):
    """Answer without a ``Date``, or with one that is none."""

    def __init__(self, inner: httpx.BaseTransport, date: str | None) -> None:
        self._inner, self._date = inner, date

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        del answer.headers["date"]
        if self._date is not None:
            answer.headers["date"] = self._date
        return answer


TIMED = (
    "SELECT count(*), sum(amount) FROM charges WHERE created >= now() - INTERVAL '30 days'",
    "SELECT id FROM charges WHERE created BETWEEN now() - INTERVAL '90 minutes' AND now() + INTERVAL '90 minutes' ORDER BY id",
    "SELECT date_trunc('day', created) AS d, count(*) FROM charges WHERE created >= 'today-60d' GROUP BY d ORDER BY d",
    "SELECT id FROM charges ORDER BY created DESC, id LIMIT 30",
)


@pytest.mark.parametrize(
    ("skew_s", "date"),
    [
        *((skew_s, "kept") for skew_s in (0.0, 3600.0, -3600.0, 86_400.0)),
        *((0.0, date) for date in (None, "nonsense", "Thu, 01 Jan 1970 00:00:00 GMT")),
    ],
)
def test_clocks_that_differ_change_no_row(skew_s: float, date: str | None) -> None:
    now = int(time.time())
    made = Simulator(empty=True, now=now)
    for n in range(400):
        made.insert("charges", {"amount": n, "created": now + 3000 - n * n * 40})
    made.faults.clock_skew_s = skew_s
    transport = made.transport() if date == "kept" else Undated(made.transport(), date)
    with stripesql.connect(KEY, transport=transport, **FAST) as connection:
        assert connection.execute("SELECT count(*), sum(amount) FROM charges").fetchone() == (400, 400 * 399 // 2)
        for sql in TIMED:
            connection.execute("SET pushdown = on")
            pushed = connection.execute(sql).fetchall()
            connection.execute("SET pushdown = off")
            assert connection.execute(sql).fetchall() == pushed
        (told,) = connection.execute("SELECT epoch(now())").fetchone() or (0,)
    if date in ("kept", None, "nonsense"):
        assert abs(told - (now + skew_s)) < 120  # Stripe's time, where it says which


# -- where the key goes


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "http://127.0.0.1:{other}/v1/charges", "//127.0.0.1:{other}/v1/charges", "/v1/charges"]
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(target: str, status: int) -> None:
    with wires.silent() as other:
        head = f"HTTP/1.1 {status} Moved\r\nLocation: {target.format(other=other.port)}\r\nContent-Length: 0\r\n\r\n".encode()
        with (
            wires.dripping(head, [], 0) as server,
            stripesql.connect(KEY, base_url=f"http://127.0.0.1:{server.port}", **FAST) as connection,
        ):
            with pytest.raises(stripesql.ApiFailure, match="was redirected, and the key does not follow"):
                connection.execute(LIST).fetchall()
            assert server.accepted == 1
        assert other.accepted == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1@evil.example", "http://localhost:80@evil.example", "http://127.0.0.1.evil.example", "http://127.0.0.1.", "http://localhost.", "http://localhost.evil.example", "http://0.0.0.0", "http://10.0.0.1",
        "http://[::1]@evil.example", "http://[::1].evil.example", "http://[::1", "http://[::]", "http://[fe80::1]", "http://[::ffff:127.0.0.1.evil.example]", "http://127.0.0.1\\@evil.example", "http://127.0.0.1#@evil.example", "http://127.0.0.1?@evil.example", "http://evil.example#127.0.0.1",
        "http://evil.example/127.0.0.1", "http://127.1", "http://2130706433", "http://0x7f000001", "http://127.0.0.256", "http://127.0.0.1 .evil.example", "http://127.0.0.1\n.evil.example", "http://127.0.0.\u00b2", "HTTP://evil.example", "http:/127.0.0.1", "http:127.0.0.1", "//127.0.0.1", "file:///etc/passwd", "https:///x",
    ],
    ids=ascii,
)  # fmt: skip
def test_a_base_url_in_the_clear_that_is_not_this_machine_is_refused(url: str) -> None:
    with pytest.raises(stripesql.Error) as refused:
        stripesql.connect(KEY, base_url=url)
    assert "https" in str(refused.value)
    assert KEY not in str(refused.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost"])
def test_loopback_may_be_in_the_clear(sim: Simulator, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # must not be asked
    try:
        front = wires.Onward(host)
    except OSError:
        pytest.skip(f"{host} has to be set up here first")
    with Server(sim) as server, front:
        front.target = server.port
        with stripesql.connect(KEY, base_url=f"http://{host}:{front.port}", **FAST) as connection:
            assert connection.execute("SELECT count(*) > 0 FROM charges").fetchone() == (True,)


@pytest.mark.skipif(not socket.has_ipv6, reason="there is no IPv6 here")
def test_loopback_of_ipv6_may_be_in_the_clear(sim: Simulator) -> None:
    try:
        server = Server(sim, host="::1")
    except OSError:
        pytest.skip("there is no IPv6 here")
    with server, stripesql.connect(KEY, base_url=server.url, **FAST) as connection:
        assert connection.execute("SELECT count(*) > 0 FROM charges").fetchone() == (True,)


# -- proxies and certificates


@pytest.fixture(scope="module")
def secured(sim: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[wires.Secured, Path]]:
    """The simulator behind TLS as stripe.example and localhost, and the file of the authority."""
    pytest.importorskip("cryptography", reason="makes the certificates")
    authority, certificate = wires.certificates(tmp_path_factory.mktemp("tls"), "stripe.example", "localhost")
    with Server(sim) as server, wires.Secured(server.port, certificate) as front:
        yield front, authority


def _counted(**settings: Any) -> Any:
    with stripesql.connect(KEY, http_timeout_s=10.0, **FAST, **settings) as connection:
        return connection.execute("SELECT count(*) > 0 FROM charges").fetchone()


def test_an_authority_of_ones_own_is_trusted_where_it_is_named(secured: tuple[wires.Secured, Path]) -> None:
    front, authority = secured
    url = f"https://localhost:{front.port}"
    assert _counted(base_url=url, ca_bundle=str(authority)) == (True,)
    with pytest.raises(stripesql.ConnectionFailed, match="CERTIFICATE_VERIFY_FAILED"):
        _counted(base_url=url)
    with pytest.raises(stripesql.ConnectionFailed, match="CERTIFICATE_VERIFY_FAILED"):
        _counted(base_url=f"https://127.0.0.1:{front.port}", ca_bundle=str(authority))  # not the name of the certificate


@pytest.mark.parametrize("given_by", ["setting", "environment"])
def test_a_proxy_is_used_and_sees_no_key(secured: tuple[wires.Secured, Path], given_by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    front, authority = secured
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with wires.Proxy(front.port) as proxy:
        settings = {"proxy": f"http://127.0.0.1:{proxy.port}"}
        if given_by == "environment":
            monkeypatch.setenv("HTTPS_PROXY", settings.pop("proxy"))
        assert _counted(base_url="https://stripe.example", ca_bundle=str(authority), **settings) == (True,)
        assert set(proxy.asked) == {"CONNECT stripe.example:443"}
        assert KEY.encode() not in proxy.seen
        assert b"uthorization" not in proxy.seen


def test_a_proxy_that_wants_a_password_gets_it_and_nobody_else_does(secured: tuple[wires.Secured, Path]) -> None:
    front, authority = secured
    with wires.Proxy(front.port) as proxy:
        settings = {
            "proxy": f"http://ann:hunter2@127.0.0.1:{proxy.port}",
            "base_url": "https://stripe.example",
            "ca_bundle": str(authority),
        }
        assert _counted(**settings) == (True,)
        assert b"Proxy-Authorization: Basic YW5uOmh1bnRlcjI=" in proxy.seen
        assert KEY.encode() not in proxy.seen
    with pytest.raises(stripesql.ConnectionFailed) as caught:
        _counted(**settings)
    assert "hunter2" not in str(caught.value)
