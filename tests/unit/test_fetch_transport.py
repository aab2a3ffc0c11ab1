import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from stripesql.errors import InterfaceError
from stripesql.fetch.transport import Answer, Channel, Lost, Pool, Route
from stripesql.simulator import Simulator, serve

HOST = "https://api.stripe.com"


def exchange(channel: Channel, timeout_s: float = 30.0) -> Answer | Lost:
    return channel.exchange("GET", "/v1/x", {}, None, timeout_s=timeout_s, check=lambda: None)


def failing(problem: Exception) -> Channel:
    def handle(request: httpx.Request) -> httpx.Response:
        raise problem

    return Pool().open(Route(HOST, transport=httpx.MockTransport(handle)))


class Closable(httpx.BaseTransport):
    closed = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200)

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("problem", "sent"),
    [
        (httpx.ConnectError("refused"), False),
        (httpx.ConnectTimeout("slow"), False),
        (httpx.PoolTimeout("full"), False),
        (httpx.ProxyError("407"), False),
        (httpx.UnsupportedProtocol("ftp"), False),
        (httpx.LocalProtocolError("illegal"), False),
        (httpx.ReadTimeout("slow"), True),
        (httpx.WriteTimeout("slow"), True),
        (httpx.ReadError("reset"), True),
        (httpx.WriteError("reset"), True),
        (httpx.RemoteProtocolError("peer closed connection"), True),
        (httpx.DecodingError("gzip"), True),
    ],
)
def test_a_loss_says_whether_the_server_may_have_seen_the_request(problem: httpx.HTTPError, sent: bool) -> None:
    lost = exchange(failing(problem))
    assert isinstance(lost, Lost)
    assert lost.sent is sent


def test_a_timeout_says_how_long() -> None:
    for problem, words in ((httpx.ReadTimeout(""), "no answer within 30 s"), (httpx.ConnectTimeout(""), "no connection within 30 s")):
        lost = exchange(failing(problem))
        assert isinstance(lost, Lost)
        assert lost.reason == words


def test_a_loss_without_a_text_has_a_name() -> None:
    lost = exchange(failing(httpx.ReadError("")))
    assert isinstance(lost, Lost)
    assert lost.reason == "ReadError"


def test_channels_of_one_route_are_one_while_anyone_holds_it() -> None:
    shared = Pool()
    route = Route(HOST, transport=Closable())
    first, second = shared.open(route), shared.open(route)
    assert first is second
    first.release()
    assert shared.open(route) is first
    first.release()
    first.release()
    assert shared.open(route) is not first


def test_another_route_is_another_channel() -> None:
    shared, transport = Pool(), Closable()
    routes = [
        Route(HOST),
        Route(HOST, proxy="http://p"),
        Route(HOST, ca_bundle="x"),
        Route(HOST, transport=transport),
        Route("https://files.stripe.com"),
    ]
    assert len({id(shared.open(route)) for route in routes}) == len(routes)


def test_a_transport_that_was_given_is_not_closed() -> None:
    transport = Closable()
    channel = Pool().open(Route(HOST, transport=transport))
    exchange(channel)
    channel.release()
    assert not transport.closed


def test_a_channel_is_opened_by_its_first_request() -> None:
    channel = Pool().open(Route(HOST, ca_bundle="/no/such/file"))
    with pytest.raises(InterfaceError, match="ca_bundle '/no/such/file' cannot be read as certificates"):
        exchange(channel)


def test_a_proxy_that_is_no_url_is_refused_without_its_password() -> None:
    channel = Pool().open(Route(HOST, proxy="foo://user:hunter2@host"))
    with pytest.raises(InterfaceError, match="proxy is not a URL that can be used") as caught:
        exchange(channel)
    assert "hunter2" not in str(caught.value)


def test_what_a_child_process_inherits_is_left_alone() -> None:
    shared = Pool()
    channel = shared.open(Route(HOST, transport=Closable()))
    shared.pid = os.getpid() + 1
    channel.release()
    assert shared.open(channel.route) is channel


class Server(BaseHTTPRequestHandler):
    """Answer over real sockets, with the connection's port as the body."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = str(self.client_address[1]).encode()
        self.send_response(200)
        cut = self.path.endswith("/cut")
        self.send_header("Content-Length", str(len(body) + (10 if cut else 0)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = cut

    def log_message(self, *args: object) -> None:
        pass


def test_connections_are_kept_and_the_environments_proxy_is_not_asked_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        channel = Pool().open(Route(f"http://127.0.0.1:{server.server_port}"))
        try:
            first, second = exchange(channel), exchange(channel)
            assert isinstance(first, Answer)
            assert isinstance(second, Answer)
            assert first.body == second.body
            cut = channel.exchange("GET", "/v1/cut", {}, None, timeout_s=30, check=lambda: None)
            assert isinstance(cut, Lost)
            assert cut.sent
        finally:
            channel.release()
            server.shutdown()
            thread.join()


def test_the_opening_of_a_connection_is_no_part_of_the_round_trip():
    simulator = Simulator(empty=True)
    with serve(simulator) as server:
        channel = Pool().open(Route(server.url))
        first, second = exchange(channel), exchange(channel)
        channel.release()
    assert isinstance(first, Answer)
    assert isinstance(second, Answer)
    assert first.opening_s > 0
    assert second.opening_s == 0
