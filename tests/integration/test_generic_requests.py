"""``CALL stripe.request``: any request to the connection's own host, a row for each match of a JSONPath."""

from __future__ import annotations

import datetime as dt
import json
from urllib.parse import parse_qsl

import httpx
import pytest
from crafted import InFront, column, connected

from stripesql import errors
from stripesql.simulator import Simulator
from stripesql.write.filters import matches


@pytest.fixture(scope="module")
def sim():
    return Simulator(scale=0.15)


def echo(request: httpx.Request) -> httpx.Response | None:
    """Answer writes, and all of v2, with what was asked."""
    if request.method == "GET" and request.url.path.startswith("/v1/"):
        return None
    return httpx.Response(200, json={"method": request.method, "path": request.url.path, "query": request.url.query.decode()})


def asked(sim, statement, parameters=None, **settings):
    """Return the requests that a statement sends."""
    front = InFront(sim, echo)
    with connected(front, **settings) as connection:
        connection.execute(statement, parameters).fetchall()
    return front.seen


# -- what leaves


def test_parameters_of_a_get_go_into_the_query(sim):
    statement = (
        "CALL stripe.request(method => 'get', path => '/v2/x?limit=3', "
        "params => {'created': {'gte': 1700000000}, 'expand': ['data.customer', 'data.invoice'], 'paid': true, 'none': NULL})"
    )
    (request,) = asked(sim, statement)
    sent = [("limit", "3"), ("created[gte]", "1700000000"), ("expand[0]", "data.customer"), ("expand[1]", "data.invoice"), ("paid", "true")]
    assert request.url.params.multi_items() == sent
    assert request.headers.get("Idempotency-Key") is None


def test_names_with_brackets_go_as_they_are(sim):
    (request,) = asked(sim, "CALL stripe.request('GET', '/v1/charges', {'created[gte]': TIMESTAMPTZ '2026-01-01 00:00:00+00'})")
    assert request.url.params.multi_items() == [("created[gte]", "1767225600")]


def test_a_post_of_v1_is_a_form_with_a_key(sim):
    statement = "CALL stripe.request(method => 'POST', path => '/v1/prices', body => ?)"
    body = {"currency": "eur", "unit_amount_decimal": "0.10", "recurring": {"interval": "month"}, "x": [{"a": 1.5}, {"a": None}], "e": ""}
    (request,) = asked(sim, statement, [json.dumps(body)])
    assert parse_qsl(request.content.decode(), keep_blank_values=True) == [
        ("currency", "eur"),
        ("unit_amount_decimal", "0.10"),
        ("recurring[interval]", "month"),
        ("x[0][a]", "1.5"),
        ("e", ""),
    ]
    assert request.headers["Idempotency-Key"]


def test_a_post_of_v2_is_json(sim):
    statement = "CALL stripe.request(method => 'POST', path => '/v2/core/accounts', body => {'a': 1.50, 'b': [{'x': 1}, {'y': true}], 'c': {'d': ?}})"
    (request,) = asked(sim, statement, [dt.datetime(2026, 1, 1, tzinfo=dt.UTC)])
    assert json.loads(request.content) == {"a": 1.5, "b": [{"x": 1}, {"y": True}], "c": {"d": "2026-01-01T00:00:00Z"}}
    assert request.headers["Content-Type"] == "application/json"
    (request,) = asked(sim, "CALL stripe.request(method => 'POST', path => '/v2/x', body => '{\"a\": null, \"b\": [null, {\"c\": null}]}')")
    assert json.loads(request.content) == {"a": None, "b": [None, {"c": None}]}


def test_a_delete_has_parameters_and_no_body(sim):
    (request,) = asked(sim, "CALL stripe.request(method => 'DELETE', path => '/v1/subscriptions/sub_1', params => {'prorate': false})")
    assert (request.method, request.url.path, dict(request.url.params)) == ("DELETE", "/v1/subscriptions/sub_1", {"prorate": "false"})
    with pytest.raises(errors.DataError, match="a DELETE has no body; give params"):
        asked(sim, "CALL stripe.request(method => 'DELETE', path => '/v1/x', body => {'a': 1})")


def test_headers_say_for_whom_in_which_version_and_under_which_key(sim):
    statement = (
        "CALL stripe.request(method => 'POST', path => '/v1/x', "
        "headers => {'stripe-account': 'acct_7', 'Stripe-Version': '2024-06-20', 'Idempotency-Key': 'once', 'Stripe-Context': 'a/b'})"
    )
    (request,) = asked(sim, statement)
    headers = {name: request.headers[name] for name in ("Stripe-Account", "Stripe-Version", "Idempotency-Key", "Stripe-Context")}
    assert headers == {"Stripe-Account": "acct_7", "Stripe-Version": "2024-06-20", "Idempotency-Key": "once", "Stripe-Context": "a/b"}


@pytest.mark.parametrize(
    "name", ["Authorization", "authorization", "Host", "Content-Type", "Cookie", "X-Forwarded-Host", "Transfer-Encoding"]
)
def test_no_other_header_can_be_set(sim, name):
    with pytest.raises(errors.NotSupportedError, match=f"the header {name} cannot be set"):
        asked(sim, "CALL stripe.request(path => '/v1/x', headers => ?)", [json.dumps({name: "x"})])


def test_a_header_is_one_line(sim):
    with pytest.raises(errors.DataError, match="Stripe-Account takes one line of ASCII text"):
        asked(sim, "CALL stripe.request(path => '/v1/x', headers => ?)", [json.dumps({"Stripe-Account": "a\r\nAuthorization: b"})])


PATHS = [
    *("https://example.com/v1/x", "//example.com/v1/x", "///example.com", "v1/customers", "", "http:/v1/x", "@example.com/"),
    *("/v1/../../x", "/v1/./x", "/..", "/v1/x/..", "/v1/%2e%2e/x", "/v1/%2E./x", "/v1/..%2fx", "/v1//x", "/v1\\x", "/v1/%5cx"),
    *("/v1/x y", "/v1/x\ny", "/v1/x\r\nHost: e", "/v1/x#y", "/v1/\tx", " /v1/x", "/v1/\x00"),
]


@pytest.mark.parametrize("path", PATHS, ids=ascii)
def test_a_path_stays_on_the_host(sim, path):
    front = InFront(sim, echo)
    with connected(front) as connection, pytest.raises(errors.NotSupportedError, match="it begins with one /, as in '/v1/customers'"):
        connection.execute("CALL stripe.request(path => ?)", [path])
    assert front.seen == []


@pytest.mark.parametrize("path", ["/v2/a:b@example.com", "/v2/é", "/v2/a%20b", "/v2/@example.com", "/v2/x.y..z"], ids=ascii)
def test_an_odd_path_goes_to_the_host_of_the_connection(sim, path):
    (request,) = asked(sim, "CALL stripe.request(path => ?)", [path])
    assert request.url.host == "api.stripe.com"


def test_a_redirect_is_an_error_and_the_key_does_not_follow(sim):
    front = InFront(sim, lambda request: httpx.Response(307, headers={"Location": "https://example.com/v1/x"}))
    with connected(front) as connection, pytest.raises(errors.ApiFailure, match="was redirected, and the key does not follow"):
        connection.execute("CALL stripe.request(path => '/v1/x')")
    assert {request.url.host for request in front.seen} == {"api.stripe.com"}


def test_read_only_lets_reads_and_previews_pass(sim):
    front = InFront(sim, echo)
    with connected(front, read_only=True) as connection:
        connection.execute("CALL stripe.request(path => '/v1/customers')")
        connection.execute("CALL stripe.request(method => 'POST', path => '/v1/invoices/create_preview', body => {'customer': 'cus_1'})")
        for method in ("POST", "DELETE"):
            with pytest.raises(errors.WriteRefused):
                connection.execute(f"CALL stripe.request(method => '{method}', path => '/v1/customers/cus_1')")
    assert [request.method for request in front.seen] == ["GET", "POST"]


def test_a_post_is_repeated_under_its_own_key(sim):
    answers = iter([httpx.Response(503, json={}), httpx.Response(200, json={"id": "x"})])
    front = InFront(sim, lambda request: next(answers))
    with connected(front) as connection:
        assert column(connection, "CALL stripe.request(method => 'POST', path => '/v1/x', filter => '$.id')") == ["x"]
    assert len({request.headers["Idempotency-Key"] for request in front.seen}) == 1
    assert len(front.seen) == 2


def test_a_batch_of_posts_that_stopped_goes_on(sim):
    down = [True]

    def craft(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("2") and down:
            return httpx.Response(400, json={"error": {"type": "invalid_request_error", "message": "no"}})
        return httpx.Response(200, json={"path": request.url.path})

    with connected(InFront(sim, craft)) as connection:
        cursor = connection.cursor()
        with pytest.raises(errors.BatchFailed) as caught:
            cursor.execute("CALL stripe.request('POST', '/v1/x' || n, filter => '$.path') FROM range(4) AS r(n)")
        down.clear()
        cursor.resume(caught.value, failed=True)
        left = sorted([*caught.value.failed, *caught.value.untried])
        assert cursor.fetchall() == [(f"/v1/x{number}", "$['path']", number + 1) for number in left]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ("path => '/v1/x', method => 'PATCH'", errors.DataError, "method takes GET, POST, DELETE, not 'PATCH'"),
        ("path => '/v1/x', params => 'a=b'", errors.DataError, "params takes an object, written as"),
        ("path => '/v1/x', params => [1]", errors.DataError, "params takes an object, not list"),
        ("path => '/v1/x', filter => 'data'", errors.ProgrammingError, "the filter 'data' is no JSONPath: it begins with $"),
        ("path => '/v1/x', filter => '$.a['", errors.ProgrammingError, "the filter '$.a[' is no JSONPath"),
        ("path => '/v1/x', method => 'POST', paginate => true", errors.DataError, "paginate reads a list on, which only GET does"),
        ("path => '/v1/x', headers => {'Idempotency-Key': 'a'}", errors.DataError, "only a POST has an Idempotency-Key"),
        ("url => '/v1/x'", errors.UnknownName, 'there is no "url"'),
        ("", errors.IntegrityError, "CALL stripe.request needs path"),
    ],
)
def test_misuse(sim, arguments, error, message):
    front = InFront(sim, echo)
    with connected(front) as connection, pytest.raises(error) as caught:
        connection.execute(f"CALL stripe.request({arguments})")
    assert message in str(caught.value)
    assert front.seen == []


# -- what comes back


def test_without_a_filter_the_whole_answer_is_one_row(sim):
    with connected(InFront(sim, echo)) as connection:
        cursor = connection.execute("CALL stripe.request(path => '/v1/customers', params => {'limit': 2})")
        assert [each[:2] for each in cursor.description] == [("value", "JSON"), ("path", "VARCHAR"), ("call", "BIGINT")]
        ((value, path, call),) = cursor.fetchall()
    assert (value["object"], len(value["data"]), path, call) == ("list", 2, "$", 1)


def test_each_match_is_a_row_with_its_place(sim):
    expected = [row["id"] for row in sim.listed("customers")][:3]
    with connected(InFront(sim, echo)) as connection:
        found = connection.execute("CALL stripe.request(path => '/v1/customers?limit=3', filter => '$.data[*].id')").fetchall()
    assert found == [(each, f"$['data'][{at}]['id']", 1) for at, each in enumerate(expected)]


def test_one_request_for_each_row_of_a_query(sim):
    emails = {row["id"]: row["email"] for row in sim.listed("customers")}
    front = InFront(sim, echo)
    with connected(front) as connection:
        ids = column(connection, "SELECT id FROM customers ORDER BY id LIMIT 9")
        found = connection.execute(
            "CALL stripe.request(path => '/v1/customers/' || id, filter => '$.email') FROM customers ORDER BY id LIMIT 9"
        ).fetchall()
    assert found == [(emails[each], "$['email']", at) for at, each in enumerate(ids, 1)]


def test_a_list_is_read_to_its_end(sim):
    expected = [row["id"] for row in sim.listed("charges")]
    assert len(expected) > 250
    front = InFront(sim, echo)
    with connected(front) as connection:
        assert column(connection, "CALL stripe.request('GET', '/v1/charges', filter => '$.data[*].id', paginate => true)") == expected
    assert len(front.seen) == -(-len(expected) // 100)
    with connected(InFront(sim, echo)) as connection:
        assert column(connection, "CALL stripe.request('GET', '/v1/charges?limit=7', filter => '$.data[*].id')") == expected[:7]


def test_lists_of_v2_and_of_search_are_read_to_their_end(sim):
    def craft(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params.get("page", 0))
        assert page or request.url.params["limit"] == "100"
        data = [{"id": f"x{page}"}]
        if request.url.path.startswith("/v2/"):
            return httpx.Response(200, json={"data": data, "next_page_url": f"/v2/x?page={page + 1}&limit=1" if page < 2 else None})
        return httpx.Response(200, json={"object": "search_result", "data": data, "has_more": page < 2, "next_page": str(page + 1)})

    for path in ("/v2/x", "/v1/charges/search?query=a"):
        with connected(InFront(sim, craft)) as connection:
            found = column(connection, "CALL stripe.request(path => ?, filter => '$.data[*].id', paginate => true)", [path])
        assert found == ["x0", "x1", "x2"]


def test_a_next_page_on_another_host_keeps_its_path_alone(sim):
    def craft(request: httpx.Request) -> httpx.Response:
        following = "https://example.com/v2/x?page=2" if "page" not in request.url.params else None
        return httpx.Response(200, json={"data": [{"id": "x"}], "next_page_url": following})

    front = InFront(sim, craft)
    with connected(front) as connection:
        assert column(connection, "CALL stripe.request(path => '/v2/x', filter => '$.data[*].id', paginate => true)") == ["x", "x"]
    assert {request.url.host for request in front.seen} == {"api.stripe.com"}


def test_an_answer_that_is_no_json_is_an_error(sim):
    front = InFront(sim, lambda request: httpx.Response(200, text="<a>", headers={"Content-Type": "application/xml"}))
    with connected(front) as connection, pytest.raises(errors.ApiFailure, match="is not JSON"):
        connection.execute("CALL stripe.request(path => '/v1/x')")


DOCUMENT = {
    "a": [{"name": "x", "price": 5}, {"name": "Xylo", "price": 15.5}, {"name": "y"}],
    "b": {"c": {"name": "x", "deep": [{"name": "x"}]}},
    "n": 12345678901234567890,
}


@pytest.mark.parametrize(
    ("path", "places"),
    [
        ("$.a[?(@.price<10)]", ["$['a'][0]"]),
        ("$.a[?@.price < 10 || @.price > 15].price", ["$['a'][0]['price']", "$['a'][1]['price']"]),
        ("$..[?(@.name=='x')]", ["$['a'][0]", "$['b']['c']", "$['b']['c']['deep'][0]"]),
        ("$.a[?(@.name =~ /x.*/i)]", ["$['a'][0]", "$['a'][1]"]),
        ("$.a[?match(@.name, '[xy]')]", ["$['a'][0]", "$['a'][2]"]),
        ("$.a[?search(@.name, 'yl')]", ["$['a'][1]"]),
        ("$.a[1:]", ["$['a'][1]", "$['a'][2]"]),
        ("$.a[-1]", ["$['a'][2]"]),
        ("$.a[::-2].name", ["$['a'][2]['name']", "$['a'][0]['name']"]),
        ("$['a'][0,2]['name']", ["$['a'][0]['name']", "$['a'][2]['name']"]),
        ("$.a[?(!@.price)]", ["$['a'][2]"]),
        ("$.a[?length(@.name) > 1]", ["$['a'][1]"]),
        ("$..deep[*].name", ["$['b']['c']['deep'][0]['name']"]),
        ("$.nothing[*]", []),
        ("$.n", ["$['n']"]),
    ],
)
def test_the_filter_is_jsonpath(path, places):
    assert [match.path for match in matches(path, DOCUMENT)] == places


def test_numbers_of_a_match_keep_their_digits():
    assert matches("$.n", DOCUMENT)[0].value == "12345678901234567890"
