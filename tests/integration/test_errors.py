"""Every way to fail, in one table: the class, its fields, and a message that says what happened, to what, and what to do next.

Three kinds: what the statement says, what Stripe answers, and what happens to the connection.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from crafted import KEY, connected, page

import stripesql
from stripesql import errors
from stripesql.errors import (
    AlreadyExists,
    ApiFailure,
    ArgumentRequired,
    AuthenticationFailed,
    CardDeclined,
    ConnectionFailed,
    DataError,
    IdempotencyConflict,
    InterfaceError,
    InternalError,
    InvalidRequest,
    NotFound,
    NotSupportedError,
    OperationalError,
    PermissionDenied,
    ProgrammingError,
    RateLimited,
    SqlSyntaxError,
    UnknownName,
)
from stripesql.fetch import retries
from stripesql.simulator import Fault, Simulator

NOW = 1_790_000_000


@pytest.fixture(scope="module")
def sim():
    return Simulator(scale=0.05, now=NOW)


@pytest.fixture(autouse=True)
def _no_long_waits(monkeypatch):
    """Attempts follow each other at once; how long they wait is tested where it is decided."""
    monkeypatch.setattr(retries, "FIRST_WAIT_S", 0.001)
    monkeypatch.setattr(retries, "LONGEST_WAIT_S", 0.002)


def failure(connection: stripesql.Connection, sql: str, parameters: Any = None) -> errors.Error:
    with pytest.raises(errors.Error) as caught:
        connection.execute(sql, parameters).fetchall()
    return caught.value


# -- what the statement says


@dataclass(frozen=True)
class Said:
    sql: str
    error: type[errors.Error]
    message: str
    position: tuple[int, int] | None = None
    parameters: Any = None


SAID = [
    # names
    Said("SELECT * FROM custmers", UnknownName, 'there is no table "custmers"; did you mean "customers"? (line 1, column 15)', (1, 15)),
    Said("SELECT 1\nFROM   stripe.custmers", UnknownName, 'there is no table "stripe.custmers"; did you mean "customers"? (line 2, column 15)', (2, 15)),
    Said("SELECT * FROM qqqq", UnknownName, 'there is no table "qqqq"; SHOW TABLES lists the tables (line 1, column 15)', (1, 15)),
    Said("SELECT emial FROM customers", UnknownName, 'there is no column "emial" in customers; did you mean "email"? (line 1, column 8)', (1, 8)),
    Said("SELECT\n  c.emial\nFROM customers c", UnknownName, 'there is no column "emial" in customers; did you mean "email"? (line 2, column 5)', (2, 5)),
    Said("SELECT * FROM customers ORDER BY zzz", UnknownName, 'there is no column "zzz" in customers; DESCRIBE customers lists the columns (line 1, column 34)', (1, 34)),
    Said("SELECT * FROM charges JOIN customers ON charges.custmer = customers.id", UnknownName, 'there is no column "custmer"; did you mean "customer"? (line 1, column 49)', (1, 49)),
    Said("SELECT x.email FROM customers c", UnknownName, '"x" names no table of this FROM clause; did you mean "c"? (line 1, column 8)', (1, 8)),
    Said("SELECT dat_trunc('day', created) FROM charges", UnknownName, 'there is no function "dat_trunc"; did you mean "date_trunc"? (line 1, column 8)', (1, 8)),
    Said("SELECT qqqq(id) FROM charges", UnknownName, 'there is no function "qqqq" (line 1, column 8)', (1, 8)),
    Said("SELECT id FROM charges JOIN customers ON charges.customer = customers.id", ProgrammingError, "Ambiguous reference to column name \"id\" (use: 'charges.id' or 'customers.id')"),
    # syntax
    Said("", SqlSyntaxError, "the statement is empty"),
    Said("SELEC * FROM charges", SqlSyntaxError, "a statement cannot begin with 'SELEC' (line 1, column 1)", (1, 1)),
    Said("SELECT 'abc FROM charges", SqlSyntaxError, "the text that begins with ' does not end (line 1, column 8)", (1, 8)),
    Said("SELECT 1; SELECT 2", NotSupportedError, "one statement at a time, please: the text has 2; execute them one by one"),
    # values
    Said("SELECT * FROM charges WHERE created > 1700000000", ProgrammingError, "a time cannot be compared with a number; write to_timestamp(1700000000), or a date such as '2024-05-01' or 'monthstart'"),
    Said("SELECT * FROM charges WHERE created IN (1700000000)", ProgrammingError, "a time cannot be compared with a number; write to_timestamp(1700000000)"),
    Said("SELECT * FROM charges WHERE created BETWEEN 1 AND 2", ProgrammingError, "a time cannot be compared with a number; write to_timestamp(1700000000)"),
    Said("SELECT * FROM charges WHERE created > ?", ProgrammingError, "a time cannot be compared with a number; write to_timestamp(1700000000)", parameters=[1700000000]),
    Said("SELECT * FROM charges WHERE created > 'nonsense'", DataError, "the text 'nonsense' is no time; write a date such as '2024-05-01' or '2024-05-01 12:00:00', or a symbol such as 'monthstart-1d'"),
    Said("SELECT * FROM 'x.csv'", UnknownName, 'there is no table "x.csv"; SQL reads no files here: read it in Python, and connection.register(name, frame) makes it a table (line 1, column 15)'),
    Said("SELECT * FROM subscription_items WHERE price = 'price_1'", DataError, "the text 'price_1' is no JSON; compare it with a field of the JSON: price->>'id', or price_id where there is such a column"),
    Said("SELECT * FROM charges WHERE created > '1700000000'", DataError, "the text '1700000000' is no time; write a date such as '2024-05-01' or '2024-05-01 12:00:00', or to_timestamp(1700000000)"),
    Said("SELECT * FROM charges WHERE amount > 'abc'", DataError, "the text 'abc' is no number; write one without quotes, or compare text with text: CAST(... AS VARCHAR)"),
    Said("SELECT * FROM charges WHERE amount = ''", DataError, "the text '' is no number; write one without quotes"),
    Said("SELECT * FROM charges WHERE captured = 'maybe'", DataError, "the text 'maybe' is no true or false; write one without quotes"),
    Said("SELECT 9223372036854775807 + amount FROM charges", DataError, "Overflow in addition of INT64"),
    Said("SELECT (SELECT id FROM customers) FROM charges", DataError, "More than one row returned by a subquery used as an expression - scalar subqueries can only return a single row."),
    Said("SELECT sum(email) FROM customers", ProgrammingError, "No function matches the given name and argument types 'sum(VARCHAR)'. You might need to add explicit type casts."),
    Said("SELECT email, count(*) FROM customers", ProgrammingError, 'column "email" must appear in the GROUP BY clause or must be part of an aggregate function.'),
    Said("SELECT * FROM charges LIMIT -1", ProgrammingError, "LIMIT/OFFSET cannot be negative"),
    # parameters
    Said("SELECT * FROM charges WHERE id = ?", ProgrammingError, "the statement has placeholders, and no values were given for them"),
    Said("SELECT ?", ProgrammingError, "the statement has 1 placeholder", parameters=[1, 2]),
    Said("SELECT :a", ProgrammingError, "a", parameters={"b": 1}),
    # what Stripe needs
    Said("SELECT * FROM credit_notes_preview_lines", ArgumentRequired, "credit_notes_preview_lines is listed per invoice: Stripe needs it; add a predicate, for example WHERE invoice = '...'"),
    Said("SELECT * FROM mandates", ArgumentRequired, "mandates has no list: Stripe gives its rows by id alone; add WHERE id = '...'"),
    Said("SELECT payout FROM balance_transactions", ArgumentRequired, "balance_transactions.payout is a parameter of Stripe's list and no field of its rows: compare it with a constant by = or IN (...) at the top level of WHERE, for example WHERE payout = '...'"),
    # what is not available
    Said("DROP TABLE customers", NotSupportedError, "customers is a table of Stripe's and cannot be dropped"),
    Said("CREATE TABLE mine (a INT)", NotSupportedError, "CREATE TABLE is not available: the tables are Stripe's; write CREATE TEMP TABLE for one that this connection holds for itself until it is closed"),
    Said("SELECT * FROM read_csv('x')", NotSupportedError, "function read_csv is not available: SQL here reads Stripe, not files (line 1, column 15)"),
    Said("COPY customers TO 'x'", NotSupportedError, "COPY is not available; stripesql runs SELECT, INSERT, UPDATE, DELETE, CALL, EXPLAIN, SHOW, DESCRIBE and SET"),
    Said("EXPLAIN SET timezone = 'UTC'", NotSupportedError, "EXPLAIN is available for queries, INSERT, UPDATE, DELETE and CALL"),
    # settings
    Said("SET nope = 1", InterfaceError, "'nope' is not a setting; settings are "),
    Said("SET timezone = 'Mars/Phobos'", InterfaceError, "setting timezone takes an IANA time zone such as Europe/Berlin, not 'Mars/Phobos'"),
    Said("SET base_url = 'https://example.com'", InterfaceError, "base_url cannot be SET; it is given to connect()"),
]  # fmt: skip


@pytest.mark.parametrize("case", SAID, ids=[case.sql[:60] or "(empty)" for case in SAID])
def test_what_the_statement_says(sim, case):
    with connected(sim.transport()) as connection:
        problem = failure(connection, case.sql, case.parameters)
    assert type(problem) is case.error
    assert str(problem).startswith(case.message) if len(case.message) > 3 else case.message in str(problem)
    if case.position is not None:
        assert problem.position == case.position


def test_no_message_speaks_of_our_insides(sim):
    with connected(sim.transport()) as connection:
        for case in SAID:
            text = str(failure(connection, case.sql, case.parameters))
            assert not [
                word for word in ("__scan", "sqlglot", "duckdb", "DuckDB", "<class", "Traceback", "scalar_subquery_error") if word in text
            ], text


# -- what Stripe answers


def answer(status: int, headers: dict[str, str] | None = None, **error: Any) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: httpx.Response(status, json={"error": error}, headers={"Request-Id": "req_42", **(headers or {})})


def raw(status: int, body: bytes, kind: str | None = "application/json", **headers: str) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: httpx.Response(status, content=body, headers={**({"Content-Type": kind} if kind else {}), **headers})


@dataclass(frozen=True)
class Answered:
    name: str
    craft: Callable[[httpx.Request], httpx.Response]
    error: type[errors.Error]
    also: type[errors.Error]
    message: str
    fields: dict[str, Any] = field(default_factory=dict)
    requests: int = 1


STOP = {"Stripe-Should-Retry": "false"}
ANSWERED = [
    Answered(
        "a bad parameter that nobody pushed",
        answer(400, type="invalid_request_error", code="parameter_invalid_integer", param="limit", message="Invalid integer: x"),
        InvalidRequest, ProgrammingError,
        "Stripe refused GET /v1/charges: Invalid integer: x; check limit; EXPLAIN shows what is sent, and SET pushdown = off sends no predicate [req_42]",
        {"status": 400, "type": "invalid_request_error", "code": "parameter_invalid_integer", "param": "limit", "request_id": "req_42"},
    ),
    Answered(
        "a bad request without a parameter",
        answer(400, type="invalid_request_error", message="Bad."),
        InvalidRequest, ProgrammingError,
        "Stripe refused GET /v1/charges: Bad; check the values that are compared; EXPLAIN shows what is sent",
        {"status": 400, "code": None, "param": None},
    ),
    Answered(
        "a bad key",
        answer(401, type="invalid_request_error", message="Invalid API Key provided: sk_test_****3456"),
        AuthenticationFailed, OperationalError,
        "Stripe refused the key for GET /v1/charges: Invalid API Key provided: sk_test_****3456; check STRIPE_API_KEY, or the key given to connect() [req_42]",
        {"status": 401, "request_id": "req_42"},
    ),
    Answered(
        "a declined card",
        answer(402, type="card_error", code="card_declined", decline_code="insufficient_funds", message="Your card was declined."),
        CardDeclined, OperationalError,
        "Stripe refused GET /v1/charges: Your card was declined; the payment was declined; nothing is wrong with the statement",
        {"status": 402, "type": "card_error", "code": "card_declined"},
    ),
    Answered(
        "a missing permission",
        answer(403, type="invalid_request_error", message="The provided key 'rk_test_***' does not have the required permissions for this endpoint. Having the 'rak_charge_read' permission would allow this request to continue."),
        PermissionDenied, OperationalError,
        "the key may not GET /v1/charges: The provided key 'rk_test_***' does not have the required permissions for this endpoint. Having the 'rak_charge_read' permission would allow this request to continue; give the key this permission (Read for charges) in the Dashboard",
        {"status": 403},
    ),
    Answered(
        "a path that Stripe does not know",
        answer(404, type="invalid_request_error", message="Unrecognized request URL (GET: /v1/charges)."),
        InvalidRequest, ProgrammingError,
        "Stripe does not know GET /v1/charges: Unrecognized request URL (GET: /v1/charges); check stripe_version, and whether the account has this product",
        {"status": 404},
    ),
    Answered(
        "an id that is taken",
        answer(400, type="invalid_request_error", code="resource_already_exists", message="Product already exists.", param="id"),
        AlreadyExists, errors.IntegrityError,
        "Stripe refused GET /v1/charges: Product already exists; choose another, or say ON CONFLICT",
        {"status": 400, "code": "resource_already_exists", "param": "id"},
    ),
    Answered(
        "an idempotency key in use",
        answer(409, STOP, type="idempotency_error", code="idempotency_key_in_use", message="In use."),
        IdempotencyConflict, errors.IntegrityError,
        "Stripe refused GET /v1/charges: In use; the same write is still running; wait for it, then repeat the statement",
        {"status": 409, "type": "idempotency_error", "code": "idempotency_key_in_use"},
    ),
    Answered(
        "an idempotency key with other parameters",
        answer(400, type="idempotency_error", message="Keys for idempotent requests can only be used with the same parameters."),
        IdempotencyConflict, errors.IntegrityError,
        "Stripe refused GET /v1/charges: Keys for idempotent requests can only be used with the same parameters; the key was used with other parameters",
        {"status": 400},
    ),
    Answered(
        "a lock", answer(409, STOP, code="lock_timeout", message="Locked."),
        ApiFailure, OperationalError,
        "Stripe refused GET /v1/charges: Locked; another request kept the object locked; try again, with fewer requests on one object",
        {"status": 409},
    ),
    Answered(
        "a failure behind Stripe", answer(424, type="api_error", message="Bank."),
        ApiFailure, OperationalError, "GET /v1/charges failed at a service behind Stripe: Bank; try again later", {"status": 424},
    ),
    Answered(
        "too many requests", answer(429, {**STOP, "Stripe-Rate-Limited-Reason": "endpoint-rate"}, code="rate_limit", message="Too many."),
        RateLimited, OperationalError,
        "Stripe kept refusing GET /v1/charges as too frequent (endpoint-rate): Too many; other programs use the same limit; try again later, or lower requests_per_second",
        {"status": 429, "code": "rate_limit", "reason": "endpoint-rate"},
    ),
    Answered(
        "too many requests, again and again", answer(429, code="rate_limit", message="Too many."),
        RateLimited, OperationalError, "Stripe kept refusing GET /v1/charges as too frequent: Too many;", {"status": 429, "reason": None}, 21,
    ),
    Answered(
        "a failure of Stripe", answer(500, STOP, type="api_error", message="Oops."),
        ApiFailure, OperationalError, "Stripe failed at GET /v1/charges: Oops; try again later; https://status.stripe.com shows outages", {"status": 500, "type": "api_error"},
    ),
    Answered("a failure of Stripe, again and again", answer(503, message="Down."), ApiFailure, OperationalError, "Stripe failed at GET /v1/charges: Down;", {"status": 503}, 6),
    Answered(
        "a page of a proxy", raw(502, b"<html>Bad Gateway</html>", "text/html", **STOP),
        ApiFailure, OperationalError, "Stripe failed at GET /v1/charges: HTTP 502, text/html instead of Stripe's JSON; try again later", {"status": 502},
    ),
    Answered(
        "a page of a proxy that says it is fine", raw(200, b"<html>Sign in</html>", "text/html"),
        ApiFailure, OperationalError, "Stripe's answer is not JSON: GET /v1/charges gave 20 bytes of text/html; check base_url and the proxy, then try again", {"status": 200},
    ),
    Answered(
        "JSON that breaks off", raw(200, b'{"object": "list", "data": ['),
        ApiFailure, OperationalError, "Stripe's answer is not JSON: GET /v1/charges gave 28 bytes of application/json; check base_url and the proxy", {"status": 200},
    ),
    Answered("nothing at all", raw(200, b""), ApiFailure, OperationalError, "Stripe's answer is not JSON: GET /v1/charges gave 0 bytes of application/json;", {"status": 200}),
    Answered("no content", raw(204, b"", None), ApiFailure, OperationalError, "Stripe's answer is not JSON: GET /v1/charges gave 0 bytes of no content type;", {"status": 204}),
    Answered("JSON that is no list", raw(200, b'{"object": "charge"}'), ApiFailure, OperationalError, "Stripe's answer is JSON, and not what was asked for: GET /v1/charges gave 20 bytes", {"status": 200}),
    Answered("a bare array", raw(200, b"[]"), ApiFailure, OperationalError, "Stripe's answer is JSON, and not what was asked for: GET /v1/charges gave 2 bytes", {"status": 200}),
    Answered("a list of no objects", raw(200, b'{"object":"list","data":[3],"has_more":false}'), ApiFailure, OperationalError, "Stripe's answer is JSON, and not what was asked for", {"status": 200}),
    Answered(
        "a redirect", raw(302, b"", None, Location="https://example.com/"),
        ApiFailure, OperationalError, "GET /v1/charges was redirected, and the key does not follow", {"status": 302},
    ),
    Answered("an odd status", raw(418, b"tea", "text/plain"), InvalidRequest, ProgrammingError, "Stripe refused GET /v1/charges: HTTP 418, text/plain instead of Stripe's JSON;", {"status": 418}),
    Answered("more that never comes", lambda request: page([], more=True), InternalError, errors.DatabaseError, "Stripe answered /v1/charges with an empty page and says that more follows"),
]  # fmt: skip


@pytest.mark.parametrize("case", ANSWERED, ids=[case.name for case in ANSWERED])
def test_what_stripe_answers(case):
    with connected(httpx.MockTransport(case.craft)) as connection:
        cursor = connection.cursor()
        with pytest.raises(errors.Error) as caught:
            cursor.execute("SELECT id FROM charges").fetchall()
        assert type(caught.value) is case.error
        assert isinstance(caught.value, case.also)
        assert str(caught.value).startswith(case.message)
        assert {name: getattr(caught.value, name) for name in case.fields} == case.fields
        assert cursor.stats.requests == case.requests
        assert KEY not in str(caught.value)
        # The connection is as good as new.
        assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_a_message_about_an_object_that_is_not_there():
    from stripesql.fetch import failures
    from stripesql.fetch.response import Response
    from stripesql.request import Request

    body = (
        b'{"error": {"type": "invalid_request_error", "code": "resource_missing", "message": "No such customer: \'cus_1\'", "param": "id"}}'
    )
    problem = failures.failure_of(Response(404, {}, body, Request("POST", "/v1/customers/cus_1"), None))
    assert type(problem) is NotFound
    assert isinstance(problem, DataError)
    assert (
        "is about an object that is not there: No such customer: 'cus_1'; check the id, and whether key and object are both test or both live"
        in str(problem)
    )


def test_json_of_another_content_type_is_still_json():
    craft = raw(200, b'{"object":"list","data":[],"has_more":false}', "text/plain")
    with connected(httpx.MockTransport(craft)) as connection:
        assert connection.execute("SELECT id FROM charges").fetchall() == []


def test_a_missing_permission_names_permission_and_table():
    made = Simulator(scale=0.05, now=NOW, keys={"rk_test_reader123456": frozenset({"charges:read"})})
    with stripesql.connect("rk_test_reader123456", transport=made.transport()) as connection:
        connection.execute("SELECT id FROM charges LIMIT 1").fetchall()
        for sql, path, needs in (
            ("SELECT id FROM customers", "/v1/customers", "Read for customers"),
            ("SELECT c.id FROM charges c JOIN customers u ON u.id = c.customer", "/v1/c", "Read for c"),
            ("SELECT c.id, u.name FROM charges c JOIN customers u ON u.id = c.customer", "/v1/c", "Read for c"),
            ("SELECT id FROM customers WHERE id = 'cus_1'", "/v1/customers/cus_1", "Read for customers"),
            ("SELECT id FROM customer_tax_ids WHERE customer = 'cus_1'", "/v1/customers/cus_1/tax_ids", "Read for customer_tax_ids"),
            ("INSERT INTO customers (name) VALUES ('a')", "", "Write for customers"),
        ):
            problem = failure(connection, sql)
            assert type(problem) is PermissionDenied
            assert "permission would allow this request to continue" in str(problem)
            assert f"the key may not GET {path}" in str(problem) or not path
            assert f"give the key this permission ({needs}" in str(problem)
            assert ") in the Dashboard (Developers, API keys), or leave the table out" in str(problem)
            assert problem.status == 403


# -- what happens to the connection


@dataclass(frozen=True)
class Broken:
    name: str
    fault: Fault | Exception
    message: str
    error: type[errors.Error] = ConnectionFailed
    requests: int = 6


ADVICE = "; check the network, base_url and the proxy"
BROKEN = [
    Broken("refused", httpx.ConnectError("[Errno 111] Connection refused"), f"GET /v1/charges got no answer from api.stripe.com in 6 attempts: [Errno 111] Connection refused{ADVICE}"),
    Broken("no name", httpx.ConnectError("[Errno -2] Name or service not known"), f"GET /v1/charges got no answer from api.stripe.com in 6 attempts: [Errno -2] Name or service not known{ADVICE}"),
    Broken("no connection in time", httpx.ConnectTimeout(""), f"GET /v1/charges got no answer from api.stripe.com in 6 attempts: no connection within 30 s{ADVICE}"),
    Broken("no answer in time", httpx.ReadTimeout(""), f"GET /v1/charges got no answer from api.stripe.com in 6 attempts: no answer within 30 s{ADVICE}"),
    Broken("reset", httpx.ReadError("[Errno 104] Connection reset by peer"), "GET /v1/charges got no answer from api.stripe.com in 6 attempts: [Errno 104] Connection reset by peer"),
    Broken("a proxy that refuses", httpx.ProxyError("403 Forbidden"), "GET /v1/charges got no answer from api.stripe.com in 6 attempts: 403 Forbidden"),
    Broken("a body that cannot be unpacked", httpx.DecodingError("Error -3 while decompressing data"), "GET /v1/charges got no answer from api.stripe.com in 6 attempts: Error -3"),
    Broken("reset before", Fault.RESET_BEFORE, "GET /v1/charges got no answer from api.stripe.com in 6 attempts: "),
    Broken("reset after", Fault.RESET_AFTER, "GET /v1/charges got no answer from api.stripe.com in 6 attempts: "),
    Broken("a body that is cut", Fault.CUT_BODY, "GET /v1/charges got no answer from api.stripe.com in 6 attempts: "),
    Broken("no JSON", Fault.BAD_JSON, "Stripe's answer is not JSON: GET /v1/charges gave ", ApiFailure, 1),
    Broken("a web page", Fault.HTML, "Stripe failed at GET /v1/charges: HTTP 502, text/html instead of Stripe's JSON", ApiFailure),
    Broken("503", Fault.UNAVAILABLE, "Stripe failed at GET /v1/charges: The service is unavailable for a moment", ApiFailure),
    Broken("429 without a reason", Fault.LOCK_TIMEOUT, "GET /v1/charges met a locked object in every attempt: ", RateLimited, 21),
    Broken("429 for the account", Fault.RATE_LIMIT, "Stripe kept refusing GET /v1/charges as too frequent (global-rate): ", RateLimited, 21),
]  # fmt: skip


@pytest.mark.parametrize("case", BROKEN, ids=[case.name for case in BROKEN])
def test_what_happens_to_the_connection(sim, case):
    sim.faults.clear()
    if isinstance(case.fault, Fault):
        sim.faults.next(case.fault, times=30)
        transport = sim.transport()
    else:
        transport = httpx.MockTransport(_raising(case.fault))
    with connected(transport) as connection:
        cursor = connection.cursor()
        with pytest.raises(errors.Error) as caught:
            cursor.execute("SELECT id FROM charges").fetchall()
        assert type(caught.value) is case.error
        assert isinstance(caught.value, OperationalError)
        assert str(caught.value).startswith(case.message)
        assert cursor.stats.requests == case.requests
        assert cursor.stats.retries == case.requests - 1
    sim.faults.clear()


def _raising(problem: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def handler(request: httpx.Request) -> httpx.Response:
        raise problem

    return handler


@pytest.mark.parametrize(
    "fault", [Fault.RESET_BEFORE, Fault.RESET_AFTER, Fault.CUT_BODY, Fault.UNAVAILABLE, Fault.RATE_LIMIT, Fault.CONFLICT, Fault.HTML]
)
def test_what_passes_is_not_seen(sim, fault):
    sim.faults.clear()
    with connected(sim.transport()) as connection:
        wanted = connection.execute("SELECT id FROM charges ORDER BY id").fetchall()
        sim.faults.every(fault, 2)
        cursor = connection.execute("SELECT id FROM charges ORDER BY id")
        assert cursor.fetchall() == wanted
        assert cursor.stats.retries > 0
    sim.faults.clear()


def test_a_real_port_that_nobody_listens_on():
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with stripesql.connect(KEY, base_url=f"http://127.0.0.1:{port}") as connection:
        problem = failure(connection, "SELECT id FROM charges")
    assert type(problem) is ConnectionFailed
    assert f"got no answer from 127.0.0.1:{port} in 6 attempts" in str(problem)


def test_a_failed_page_in_mid_scan_fails_the_query():
    made = Simulator(empty=True, now=NOW)
    for _ in range(250):
        made.insert("charges", {})
    made.hooks.before(2, lambda: made.faults.next(Fault.BAD_JSON, times=30))
    with connected(made.transport()) as connection:
        problem = failure(connection, "SELECT id FROM charges")
    assert type(problem) is ApiFailure


# -- budgets, time, and the end


def test_a_budget_stops_the_query_before_the_request_that_would_exceed_it():
    made = Simulator(empty=True, now=NOW)
    for _ in range(450):
        made.insert("charges", {})
    with connected(made.transport(), max_requests=3) as connection:
        problem = failure(connection, "SELECT id FROM charges")
        assert len(made.log) == 3
        connection.execute("SET max_requests = none")
        assert len(connection.execute("SELECT id FROM charges").fetchall()) == 450
    assert type(problem) is errors.BudgetExceeded
    assert (
        "the query needs more requests than max_requests=3 allows; EXPLAIN shows what it would send; narrow it, or SET max_requests to more, or to none"
        in str(problem)
    )


def test_time_that_is_over():
    made = Simulator(scale=0.05, now=NOW, latency_ms=400)
    with connected(made.transport(), statement_timeout_s=0.05) as connection:
        problem = failure(
            connection, "SELECT a.id FROM charges a JOIN customers c ON c.id = a.customer JOIN invoices i ON i.customer = c.id"
        )
    assert type(problem) is errors.QueryTimeout
    assert "the query took longer than statement_timeout_s=0.05; narrow it, or SET statement_timeout_s to more" in str(problem)


def test_a_query_that_is_cancelled():
    made = Simulator(scale=0.05, now=NOW)
    with connected(made.transport()) as connection:
        cursor = connection.cursor()
        made.hooks.on_request(lambda *_: cursor.cancel())
        with pytest.raises(errors.QueryCancelled) as caught:
            cursor.execute("SELECT id FROM charges").fetchall()
        assert str(caught.value) == "the query was cancelled"
        made.hooks.clear()
        assert cursor.execute("SELECT count(*) > 0 FROM charges").fetchall() == [(True,)]


def test_a_connection_that_is_cancelled_from_another_thread():
    made = Simulator(scale=0.05, now=NOW)
    with connected(made.transport()) as connection:
        reached = threading.Event()

        def cancel(*_: object) -> None:
            if not reached.is_set():
                reached.set()
                stopper = threading.Thread(target=connection.cancel)
                stopper.start()
                stopper.join()

        made.hooks.on_request(cancel)
        with pytest.raises(errors.QueryCancelled):
            connection.execute("SELECT id FROM charges").fetchall()


@pytest.mark.parametrize("use", ["execute", "fetchone", "fetchmany", "fetchall", "fetch_arrow"])
def test_a_closed_cursor(sim, use):
    with connected(sim.transport()) as connection:
        cursor = connection.execute("SELECT 1")
        cursor.close()
        with pytest.raises(InterfaceError, match="the cursor is closed"):
            getattr(cursor, use)(*(["SELECT 1"] if use == "execute" else []))


def test_a_closed_connection(sim):
    connection = connected(sim.transport())
    cursor = connection.cursor()
    connection.close()
    with pytest.raises(InterfaceError, match="closed"):
        connection.execute("SELECT 1")
    with pytest.raises(InterfaceError, match="closed"):
        cursor.execute("SELECT 1")
    with pytest.raises(InterfaceError, match="closed"):
        connection.cursor()


def test_rows_before_a_query(sim):
    with connected(sim.transport()) as connection, pytest.raises(InterfaceError, match="there are no rows: execute a query first"):
        connection.cursor().fetchone()


# -- the key


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (
            "pk_test_123456",
            "this is a publishable key (pk_...), which cannot read an account; use a secret (sk_...) or restricted key (rk_...)",
        ),
        ("sk_test_12 34", "the Stripe key holds characters that no key has; was something else pasted with it?"),
        ("sk_test_12\n", "the Stripe key holds characters that no key has"),
        ("postgres://x", "the URL must begin with stripe://"),
        (
            "stripe://sk_test_1@/",
            "the key stands in the user's place of the URL, which programs print; put it after a colon: stripe://:sk_test_...@/",
        ),
        (
            "stripe://:sk_test_1@example.com/",
            "the URL has a host or a path; write stripe://:KEY@/ and give another server as ?base_url=...",
        ),
    ],
)
def test_a_key_that_cannot_be_one(key, message):
    with pytest.raises(InterfaceError) as caught:
        stripesql.connect(key)
    assert str(caught.value).startswith(message)
    assert "sk_test_1" not in str(caught.value).replace("sk_test_...", "")


def test_no_key_at_all(monkeypatch):
    monkeypatch.delenv("STRIPE_API_KEY", raising=False)
    with pytest.raises(InterfaceError) as caught:
        stripesql.connect()
    assert str(caught.value) == "no Stripe key: pass connect('sk_test_...'), set STRIPE_API_KEY, or try connect(demo=True) without one"


def test_a_host_that_would_see_the_key_in_the_clear():
    with pytest.raises(NotSupportedError):
        stripesql.connect(KEY, base_url="http://example.com")


# -- all of it


def test_every_class_of_the_tree_is_in_the_tables_above_or_has_its_reason():
    every = {each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.Error)}
    raised = {case.error for case in SAID} | {case.error for case in ANSWERED} | {case.error for case in BROKEN}
    raised |= {NotFound, errors.QueryTimeout, errors.QueryCancelled, errors.BudgetExceeded, PermissionDenied}
    roots = {errors.Error, errors.DatabaseError, errors.StripeError, OperationalError, errors.IntegrityError}
    # These are of writes, and held by the tests of writes.
    writes = {errors.OutcomeUnknown, errors.WriteRefused, errors.BatchFailed, *errors.BatchFailed.__subclasses__()}
    assert every - raised - roots == writes
    for each in every:
        assert issubclass(each, stripesql.Error)
