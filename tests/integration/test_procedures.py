"""CALL and callproc: what leaves, what comes back as rows, and what is refused before anything leaves."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from crafted import KEY, InFront, column, connected

import stripesql
from stripesql import errors
from stripesql.catalogue.load import catalogue
from stripesql.simulator import Simulator

INVOICE = {"id": "in_1", "object": "invoice", "status": "paid", "amount_paid": 500, "currency": "eur", "created": 1767225600}


@pytest.fixture(scope="module")
def sim():
    return Simulator(scale=0.05)


class Playing(InFront):
    """Answer everything that is no plain read of the simulator by what ``answers`` has for it, else by the request itself."""

    def __init__(self, sim: Simulator, **answers: Any) -> None:
        super().__init__(sim, self._craft)
        self.answers = answers

    def _craft(self, request: httpx.Request) -> httpx.Response | None:
        name = request.url.path.rpartition("/")[2]
        answer = self.answers.get(name, None if request.method == "GET" else {"id": name, "object": "thing"})
        if callable(answer):
            answer = answer(request)
        return answer if isinstance(answer, httpx.Response | None) else httpx.Response(200, content=json.dumps(answer).encode())

    @property
    def writes(self) -> list[tuple[str, str, list[tuple[str, str]]]]:
        """Return method, path and fields of each request that is no GET, in order."""
        return [
            (each.method, each.url.raw_path.decode().partition("?")[0], parse_qsl(each.content.decode(), keep_blank_values=True))
            for each in self.seen
            if each.method != "GET"
        ]


# -- what leaves


def test_ids_go_into_the_path_and_names_into_the_body(sim):
    front = Playing(sim, pay=INVOICE)
    with connected(front) as connection:
        cursor = connection.execute("CALL invoices.pay('in_1', paid_out_of_band => true, payment_method := 'pm_1')")
    assert front.writes == [("POST", "/v1/invoices/in_1/pay", [("paid_out_of_band", "true"), ("payment_method", "pm_1")])]
    assert front.seen[0].headers["Idempotency-Key"]
    assert (cursor.rowcount, cursor.lastrowid) == (1, "in_1")


@pytest.mark.parametrize("name", ["invoice", "id", "INVOICE"])
def test_an_id_can_be_named(sim, name):
    front = Playing(sim, pay=INVOICE)
    with connected(front) as connection:
        connection.execute(f"CALL stripe.Invoices.PAY(forgive => false, {name} => 'in_1')")
    assert front.writes == [("POST", "/v1/invoices/in_1/pay", [("forgive", "false")])]


def test_nested_arguments_and_parameters(sim):
    front = Playing(sim, subscriptions={"id": "sub_1", "object": "subscription"})
    statement = (
        "CALL subscriptions.create(customer => ?, items => [{'price': ?, 'quantity': 1 + 1}], trial_end => 'now', "
        '"metadata.k" => \'v\', payment_settings => \'{"payment_method_types": ["card"]}\', description => NULL, currency => DEFAULT)'
    )
    with connected(front) as connection:
        connection.execute(statement, ["cus_1", "price_1"])
    assert front.writes[0][2] == [
        ("customer", "cus_1"),
        ("items[0][price]", "price_1"),
        ("items[0][quantity]", "2"),
        ("trial_end", "now"),
        ("metadata[k]", "v"),
        ("payment_settings[payment_method_types][0]", "card"),
    ]


def test_an_argument_can_be_a_query(sim):
    front = Playing(sim, pay=INVOICE)
    expected = max(row["id"] for row in sim.listed("invoices"))
    with connected(front) as connection:
        connection.execute("CALL invoices.pay((SELECT max(id) FROM invoices))")
    assert [path for _, path, _ in front.writes] == [f"/v1/invoices/{expected}/pay"]


def test_a_delete_sends_its_arguments_in_the_query(sim):
    front = Playing(sim)
    front.answers["sub_1"] = {"id": "sub_1", "object": "subscription", "status": "canceled"}
    with connected(front) as connection:
        row = connection.execute("CALL subscriptions.cancel('sub_1', invoice_now => true)").fetch_arrow_table()
    assert [(each.method, str(each.url.path), dict(each.url.params)) for each in front.seen] == [
        ("DELETE", "/v1/subscriptions/sub_1", {"invoice_now": "true"})
    ]
    assert row.column("status").to_pylist() == ["canceled"]


def test_a_get_sends_its_arguments_in_the_query_and_is_no_write(sim):
    front = Playing(sim, preview={"id": "cn_1", "object": "credit_note", "amount": 5})
    with connected(front, read_only=True) as connection:
        row = connection.execute("CALL credit_notes.preview(invoice => 'in_1', lines => [{'type': 'invoice_line_item', 'quantity': 1}])")
        assert row.fetch_arrow_table().column("amount").to_pylist() == [5]
    sent = [("invoice", "in_1"), ("lines[0][type]", "invoice_line_item"), ("lines[0][quantity]", "1")]
    assert sorted(front.seen[0].url.params.multi_items()) == sorted(sent)


def test_v2_sends_json(sim):
    front = Playing(sim, close={"id": "acct_1", "object": "v2.core.account", "closed": True})
    with connected(front) as connection:
        connection.execute("CALL v2_core_accounts.close('acct_1', applied_configurations => ['customer'])")
    (request,) = front.seen
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.content) == {"applied_configurations": ["customer"]}


def test_update_takes_a_value_away_with_null(sim):
    front = Playing(sim)
    with connected(front) as connection:
        connection.execute("CALL customers.update('cus_1', description => NULL, address => NULL, address_ => DEFAULT)")
    assert front.writes == [("POST", "/v1/customers/cus_1", [("description", ""), ("address", "")])]


@pytest.mark.parametrize(("given", "path"), [("a/../b", "a%2F..%2Fb"), ("é?x=1#y", "%C3%A9%3Fx%3D1%23y"), ("in_1 ", "in_1%20")])
def test_an_id_never_leads_to_another_path(sim, given, path):
    front = Playing(sim, pay=INVOICE)
    with connected(front) as connection:
        connection.execute("CALL invoices.pay(?)", [given])
    assert [each for _, each, _ in front.writes] == [f"/v1/invoices/{path}/pay"]


# -- one call for each row


def test_from_makes_one_call_for_each_row_and_the_answers_keep_the_order(sim):
    front = Playing(sim, pay=lambda request: {**INVOICE, "id": request.url.path.split("/")[3]})
    expected = sorted(row["id"] for row in sim.listed("invoices"))[:12]
    with connected(front) as connection:
        cursor = connection.execute("CALL invoices.pay(id, forgive => amount_due < 0) FROM invoices ORDER BY id LIMIT 12")
        assert [row[0] for row in cursor.fetchall()] == expected
        assert cursor.rowcount == 12
    assert sorted(path for _, path, _ in front.writes) == [f"/v1/invoices/{each}/pay" for each in expected]
    keys = {each.headers["Idempotency-Key"] for each in front.seen if each.method == "POST"}
    assert len(keys) == 12


def test_no_row_makes_no_call_and_still_has_columns(sim):
    front = Playing(sim)
    with connected(front) as connection:
        cursor = connection.execute("CALL invoices.pay(id) FROM invoices WHERE id IS NULL")
        assert cursor.fetchall() == []
        assert cursor.rowcount == 0
        columns = [name for name, *_ in connection.execute("SELECT * FROM invoices LIMIT 0").description]
        assert [name for name, *_ in cursor.description] == columns
        links = connection.execute("CALL account_links.create(account => id, type => 'account_onboarding') FROM customers WHERE id IS NULL")
        assert ([name for name, *_ in links.description], links.fetchall()) == (["id", "object", "_raw"], [])
    assert front.writes == []


def test_nothing_is_sent_where_one_row_is_wrong(sim):
    front = Playing(sim)
    connection = connected(front)
    connection.register("todo", {"invoice": ["in_1", "in_2", None], "way": ["pm_1", "pm_2", "pm_3"]})
    with connection, pytest.raises(errors.DataError, match=r"CALL invoices\.pay: invoice takes an id, not NULL"):
        connection.execute("CALL invoices.pay(invoice, payment_method => way) FROM todo")
    assert front.seen == []


def test_a_batch_that_stops_tells_how_far_it_came(sim):
    refused = httpx.Response(402, json={"error": {"type": "card_error", "code": "card_declined", "message": "Your card was declined."}})
    front = Playing(sim, pay=lambda request: refused if "in_2" in request.url.path else INVOICE)
    connection = connected(front)
    connection.register("todo", {"invoice": [f"in_{number}" for number in range(5)]})
    with connection, pytest.raises(errors.BatchFailed, match=r"card was declined.*of 5 rows") as caught:
        connection.execute("CALL invoices.pay(invoice) FROM todo")
    assert isinstance(caught.value, errors.OperationalError)
    assert caught.value.failed == (2,)
    assert sorted([*caught.value.done, *caught.value.failed, *caught.value.unknown, *caught.value.untried]) == list(range(5))
    assert len(front.writes) == len(caught.value.done) + 1


def test_a_batch_that_stopped_goes_on_with_what_is_left(sim):
    down = [True]

    def pay(request: httpx.Request) -> httpx.Response | dict[str, Any]:
        number = request.url.path.split("/")[3]
        if number == "in_2" and down[0]:
            return httpx.Response(402, json={"error": {"type": "card_error", "message": "Your card was declined."}})
        return {**INVOICE, "id": number}

    front = Playing(sim, pay=pay)
    connection = connected(front)
    connection.register("todo", {"invoice": [f"in_{number}" for number in range(5)]})
    with connection:
        cursor = connection.cursor()
        with pytest.raises(errors.BatchFailed) as caught:
            cursor.execute("CALL invoices.pay(invoice) FROM todo")
        down.clear()
        down.append(False)
        cursor.resume(caught.value, failed=True)
        assert {row[0] for row in cursor.fetchall()} == {f"in_{number}" for number in (*caught.value.failed, *caught.value.untried)}
    keys: dict[str, set[str]] = {}
    for request in front.seen:
        keys.setdefault(request.url.path, set()).add(request.headers["Idempotency-Key"])
    assert len(keys) == 5
    assert {len(each) for each in keys.values()} == {1}


def test_a_lost_answer_is_asked_for_again_under_the_same_key(sim):
    front = Playing(sim, pay=INVOICE)
    lost = [2]

    def craft(request: httpx.Request) -> httpx.Response | None:
        if lost[0]:
            lost[0] -= 1
            raise httpx.ReadError("reset", request=request)
        return Playing._craft(front, request)

    front._craft = craft  # type: ignore[method-assign]
    with connected(front) as connection:
        assert connection.execute("CALL invoices.pay('in_1')").rowcount == 1
    assert len(front.seen) == 3
    assert len({request.headers["Idempotency-Key"] for request in front.seen}) == 1


def test_a_prefix_makes_the_keys_of_calls_repeatable(sim):
    front = Playing(sim, pay=INVOICE)
    statement = "CALL invoices.pay(invoice) FROM (VALUES ('in_1'), ('in_2'), ('in_1')) AS todo(invoice)"
    with connected(front, idempotency_key_prefix="run7") as connection:
        connection.execute(statement)
        connection.execute(statement)
    keys = [each.headers["Idempotency-Key"] for each in front.seen]
    assert sorted(keys[:3]) == sorted(keys[3:])
    assert len(set(keys)) == 3
    assert all(key.startswith("run7-") for key in keys)


# -- what comes back


def test_a_row_has_the_columns_and_types_of_its_table(sim):
    front = Playing(sim, pay={**INVOICE, "metadata": {"a": "b"}, "customer": {"id": "cus_9", "object": "customer"}})
    with connected(front) as connection:
        called = connection.execute("CALL invoices.pay('in_1')")
        row = dict(zip([name for name, *_ in called.description], called.fetchone(), strict=True))
        assert called.description == connection.execute("SELECT * FROM invoices LIMIT 1").description
    assert (row["amount_paid"], row["metadata"], row["customer"]) == (500, {"a": "b"}, "cus_9")
    assert row["created"].isoformat() == "2026-01-01T00:00:00+00:00"


def test_expand_brings_the_whole_object_beside_the_columns(sim):
    front = Playing(sim, pay={**INVOICE, "customer": {"id": "cus_9", "object": "customer", "email": "e"}})
    with connected(front) as connection:
        found = connection.execute("CALL invoices.pay('in_1', expand => ['customer'])").fetch_arrow_table()
    assert front.writes[0][2] == [("expand[0]", "customer")]
    assert json.loads(found.column("_raw").to_pylist()[0])["customer"]["email"] == "e"


def test_an_answer_without_a_table_has_its_own_fields(sim):
    link = {"object": "account_link", "created": 1767225600, "expires_at": 1767225900, "url": "https://example.com/", "uses": 3, "on": True}
    front = Playing(sim, account_links={**link, "rate": 0.5, "more": {"a": [1], "é": "ü"}, "none": None, "half": "a\ud800"})
    with connected(front) as connection:
        cursor = connection.execute("CALL account_links.create(account => 'acct_1', type => 'account_onboarding')")
        kinds = {name: kind for name, kind, *_ in cursor.description}
        row = dict(zip(kinds, cursor.fetchone(), strict=True))
        cursor.execute("CALL account_links.create(account => 'acct_1', type => 'account_onboarding')")
        assert cursor.fetch_arrow_table().column("more").to_pylist() == ['{"a":[1],"é":"ü"}']
    times = "TIMESTAMP WITH TIME ZONE"
    assert kinds == {
        **{"object": "VARCHAR", "created": times, "expires_at": times, "url": "VARCHAR", "uses": "BIGINT", "on": "BOOLEAN"},
        **{"rate": "DOUBLE", "more": "JSON", "none": "VARCHAR", "half": "VARCHAR", "_raw": "JSON"},
    }
    assert (row["url"], row["uses"], row["on"], row["more"], row["none"]) == ("https://example.com/", 3, True, {"a": [1], "é": "ü"}, None)
    assert row["half"] == "a?"
    assert row["_raw"]["created"] == 1767225600


def test_a_tombstone_is_a_row_of_its_own(sim):
    front = Playing(sim)
    front.answers["cus_1"] = {"id": "cus_1", "object": "customer", "deleted": True}
    with connected(front) as connection:
        cursor = connection.execute("CALL customers.delete('cus_1')")
        assert cursor.fetchall() == [("cus_1", "customer", True, front.answers["cus_1"])]


def test_an_answer_of_nothing_is_no_row(sim):
    front = Playing(sim, meter_event_stream=httpx.Response(200, json={}))
    with connected(front) as connection:
        cursor = connection.execute("CALL v2_billing_meter_event_stream.create(events => [{'event_name': 'e', 'payload': {'a': '1'}}])")
    assert cursor.description is None
    assert cursor.rowcount == 1


def test_several_ids_and_the_columns_of_parents(sim):
    front = Playing(sim, verify={"id": "ba_1", "object": "bank_account", "last4": "6789"})
    with connected(front) as connection:
        found = connection.execute("CALL customer_sources.verify('cus_1', 'ba_1', amounts => [32, 45])").fetch_arrow_table()
    assert front.writes == [("POST", "/v1/customers/cus_1/sources/ba_1/verify", [("amounts[0]", "32"), ("amounts[1]", "45")])]
    assert found.select(["id", "last4"]).to_pylist() == [{"id": "ba_1", "last4": "6789"}]
    front = Playing(sim, features={"id": "prodft_1", "object": "product_feature"})
    with connected(front) as connection:
        found = connection.execute("CALL product_features.create('prod_1', entitlement_feature => 'feat_1')").fetch_arrow_table()
    assert front.writes == [("POST", "/v1/products/prod_1/features", [("entitlement_feature", "feat_1")])]
    assert found.select(["id", "product"]).to_pylist() == [{"id": "prodft_1", "product": "prod_1"}]


def test_the_lines_of_a_preview_are_read_to_their_end(sim):
    def lines(ids: list[str], more: bool) -> dict[str, Any]:
        data = [{"id": each, "object": "line_item", "amount": 5} for each in ids]
        return {"object": "list", "data": data, "has_more": more, "url": "/v1/invoices/upcoming_in_1/lines"}

    front = Playing(sim, create_preview={"id": "upcoming_in_1", "object": "invoice", "lines": lines(["il_1", "il_2"], True)})
    front.answers["lines"] = lambda request: lines(["il_3"], request.url.params["starting_after"] == "il_9")
    with connected(front, read_only=True) as connection:
        found = connection.execute("CALL invoices.create_preview_lines(customer => 'cus_1')").fetch_arrow_table()
    assert found.column("id").to_pylist() == ["il_1", "il_2", "il_3"]
    assert [(each.method, each.url.path) for each in front.seen] == [
        ("POST", "/v1/invoices/create_preview"),
        ("GET", "/v1/invoices/upcoming_in_1/lines"),
    ]


# -- what is refused

PAY = (
    "CALL invoices.pay(invoice VARCHAR, [forgive => BOOLEAN], [mandate => VARCHAR], [off_session => BOOLEAN], "
    "[paid_out_of_band => BOOLEAN], [payment_method => VARCHAR], [source => VARCHAR]); gives rows of invoices"
)
MISUSE = [
    ("CALL invoices.pay()", errors.IntegrityError, f"CALL invoices.pay needs invoice; {PAY}"),
    ("CALL invoices.pay('in_1', 'pm_1')", errors.ProgrammingError, f"invoices.pay takes one id, and 2 arguments have no name; name the others: {PAY}"),
    ("CALL invoices.pay('in_1', forgive_it => true)", errors.UnknownName, f'there is no "forgive_it"; did you mean "forgive"?; {PAY}'),
    ("CALL invoices.pay('in_1', forgive => 'x')", errors.DataError, "CALL invoices.pay: forgive takes true or false, not 'x'"),
    ("CALL invoices.pay('')", errors.DataError, "CALL invoices.pay: invoice takes an id, not ''"),
    ("CALL invoices.pay('..')", errors.DataError, "CALL invoices.pay: invoice='..' cannot be part of a path"),
    ("CALL invoices.pay(5)", errors.DataError, "CALL invoices.pay: invoice takes an id, not 5"),
    ("CALL invoices.pai('in_1')", errors.UnknownName, "there is no procedure invoices.pai; did you mean invoices.pay?"),
    ("CALL invoice.pay('in_1')", errors.UnknownName, "there is no procedure invoice.pay; did you mean invoices.pay?"),
    ("CALL balance.close()", errors.UnknownName, "there is no procedure balance.close; balance has none; SELECT routine_name FROM information_schema.routines lists the procedures"),
    ("CALL topups.reverse('x')", errors.UnknownName, "there is no procedure topups.reverse; topups has cancel, create, update"),
    ("CALL account_links.create('acct_1')", errors.ProgrammingError, "account_links.create takes no id, and 1 arguments have no name"),
    ("CALL account_links.create(account => 'a')", errors.IntegrityError, "CALL account_links.create needs type, which Stripe requires; CALL account_links.create(account => VARCHAR, type => VARCHAR (account_onboarding|account_update)"),
    ("CALL refunds.create(amount => 19.99)", errors.DataError, "whole numbers of the currency's minor unit (19.99 in a currency with cents is 1999)"),
    ("CALL invoices.pay(nope)", errors.UnknownName, "CALL invoices.pay: nope is no value; a text stands in quotes, as in 'nope', and a column needs FROM after the call"),
    ("CALL invoices.pay(nope) FROM invoices", errors.UnknownName, "nope"),
    ("CALL invoices.pay('in_1\n')", errors.DataError, "CALL invoices.pay: invoice takes an id, not 'in_1\\n'"),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "error", "message"), MISUSE, ids=[each[0] for each in MISUSE])
def test_misuse_shows_how_it_is_called_and_sends_nothing(sim, statement, error, message):
    front = Playing(sim)
    with connected(front) as connection, pytest.raises(error) as caught:
        connection.execute(statement)
    assert message in str(caught.value)
    assert front.seen == []


def test_read_only_refuses_before_anything_is_read(sim):
    front = Playing(sim, create_preview=INVOICE)
    with connected(front, read_only=True) as connection:
        with pytest.raises(
            errors.WriteRefused, match=r"CALL invoices\.pay was refused and nothing was sent: the connection has read_only=True"
        ):
            connection.execute("CALL invoices.pay(id) FROM invoices")
        with pytest.raises(errors.WriteRefused):
            connection.cursor().callproc("invoices.pay", ["in_1"])
        with pytest.raises(errors.WriteRefused):
            connection.execute("CALL subscriptions.cancel('sub_1')")
        assert front.seen == []
        # A preview stores nothing.
        assert connection.execute("CALL invoices.create_preview(customer => 'cus_1')").fetchall()


def test_a_live_key_may_not_write_until_it_is_said(sim):
    front = Playing(sim, pay=INVOICE)
    key = KEY.replace("_test_", "_live_")
    with stripesql.connect(key, transport=front) as connection, pytest.raises(errors.WriteRefused, match="read_only=False"):
        connection.execute("CALL invoices.pay('in_1')")
    assert front.seen == []
    with stripesql.connect(key, transport=front, read_only=False) as connection:
        connection.execute("CALL invoices.pay('in_1')")
    assert len(front.writes) == 1


def test_max_write_rows_counts_calls_that_write(sim):
    front = Playing(sim, pay=INVOICE, create_preview=INVOICE)
    with connected(front, max_write_rows=3) as connection:
        with pytest.raises(errors.WriteRefused, match="max_write_rows=3"):
            connection.execute("CALL invoices.pay(id) FROM invoices LIMIT 4")
        assert front.writes == []
        assert connection.execute("CALL invoices.pay(id) FROM invoices LIMIT 3").rowcount == 3
        assert connection.execute("CALL invoices.create_preview(customer => id) FROM customers LIMIT 4").rowcount == 4


# -- callproc


def test_callproc_takes_ids_and_names_and_python_values(sim):
    front = Playing(sim, pay=INVOICE, subscriptions={"id": "sub_1", "object": "subscription"})
    with connected(front) as connection:
        cursor = connection.cursor()
        given = ["in_1"]
        assert cursor.callproc("invoices.pay", given, off_session=True) is given
        assert cursor.fetchone()[0] == "in_1"
        # An argument may have the name of one of callproc's own.
        cursor.callproc("reporting_report_runs.create", report_type="balance.summary.1", parameters={"currency": "eur"})
        assert cursor.callproc("stripe.subscriptions.create", {"customer": "cus_1", "items": [{"price": "p", "quantity": 2}]})
        assert (cursor.rowcount, cursor.lastrowid) == (1, "sub_1")
    assert front.writes == [
        ("POST", "/v1/invoices/in_1/pay", [("off_session", "true")]),
        ("POST", "/v1/reporting/report_runs", [("report_type", "balance.summary.1"), ("parameters[currency]", "eur")]),
        ("POST", "/v1/subscriptions", [("customer", "cus_1"), ("items[0][price]", "p"), ("items[0][quantity]", "2")]),
    ]


def test_executemany_makes_the_calls_of_all_sets_as_one_batch(sim):
    front = Playing(sim, pay=lambda request: {**INVOICE, "id": request.url.path.split("/")[3]})
    with connected(front, max_write_rows=30) as connection:
        cursor = connection.cursor()
        cursor.executemany("CALL invoices.pay(?, forgive => ?)", [(f"in_{number}", number % 2 == 0) for number in range(30)])
        assert (cursor.rowcount, cursor.lastrowid) == (30, "in_29")
        assert [row[0] for row in cursor.fetchall()] == [f"in_{number}" for number in range(30)]
        assert len(front.writes) == 30
        with pytest.raises(errors.WriteRefused):
            cursor.executemany("CALL invoices.pay(?)", [(f"in_{number}",) for number in range(31)])
        with pytest.raises(errors.DataError):
            cursor.executemany("CALL invoices.pay(:id)", [{"id": "in_1"}, {"id": ""}])
        with pytest.raises(errors.ProgrammingError):
            cursor.executemany("CALL invoices.pay(:id)", [{"id": "in_1"}, {"ID": "in_2"}])
        with pytest.raises(errors.ProgrammingError):
            cursor.executemany("CALL invoices.pay(?)", [("in_1",), ()])
        with pytest.raises(errors.InterfaceError):
            cursor.executemany("CALL invoices.pay(?)", ["in_1"])
        cursor.executemany("CALL invoices.pay(?)", [])
        assert (cursor.rowcount, len(front.writes)) == (0, 30)


@pytest.mark.parametrize(
    ("arguments", "sets"),
    [
        ("?, payment_method => ?, forgive => 1 = 2", [("in_1", "it's"), ("in_2", None)]),
        (":a, payment_method => :b, forgive => false", [{"a": "in_1", "b": "it's"}, {"a": "in_2", "b": None}]),
        ("%(a)s, payment_method => %(b)s, forgive => false", [{"a": "in_1", "b": "it's"}, {"a": "in_2", "b": None}]),
        ("'in_' || ?, payment_method => lower(?), forgive => false", [(1, "IT'S"), (2, None)]),
        ("?, forgive => false, payment_method => ?) -- '?'\n FROM (VALUES (1)) AS one(n", [("in_1", "it's"), ("in_2", None)]),
    ],
)
def test_executemany_sends_the_same_however_it_is_written(sim, arguments, sets):
    front = Playing(sim, pay=INVOICE)
    with connected(front) as connection:
        connection.cursor().executemany(f"CALL invoices.pay({arguments})", sets)
    assert sorted((path, sorted(fields)) for _, path, fields in front.writes) == [
        ("/v1/invoices/in_1/pay", [("forgive", "false"), ("payment_method", "it's")]),
        ("/v1/invoices/in_2/pay", [("forgive", "false")]),
    ]


def test_callproc_reaches_the_generic_procedure(sim):
    with connected(Playing(sim)) as connection:
        cursor = connection.cursor()
        cursor.callproc("stripe.request", ["GET", "/v1/customers"], params={"limit": 2}, filter="$.data[*].object")
        assert [row[0] for row in cursor.fetchall()] == ["customer", "customer"]


@pytest.mark.parametrize(
    ("name", "parameters", "error"),
    [
        ("invoices.pay", "in_1", errors.InterfaceError),
        ("invoices.pay", 5, errors.InterfaceError),
        ("pay", ["in_1"], errors.UnknownName),
        ("invoices.pay", [], errors.IntegrityError),
        ("invoices.pay", ["in_1", "in_2"], errors.ProgrammingError),
        ("invoices.pay", {"id": "in_1", "nope": 1}, errors.UnknownName),
        ("invoices.pay", ["in_\ud800"], errors.DataError),
        ("stripe.request", {"path": "/v1/\ud800"}, errors.DataError),
        ("customers.create", {"name": "\ud800"}, errors.DataError),
    ],
)
def test_callproc_misused(sim, name, parameters, error):
    front = Playing(sim)
    with connected(front) as connection, pytest.raises(error):
        connection.cursor().callproc(name, parameters)
    assert front.seen == []


# -- what EXPLAIN and information_schema tell


def explained(connection: stripesql.Connection, statement: str) -> list[str]:
    return column(connection, f"EXPLAIN {statement}")


def test_explain_shows_the_request_and_sends_nothing(sim):
    front = Playing(sim)
    with connected(front, idempotency_key_prefix="run7") as connection:
        assert explained(connection, "CALL invoices.pay('in_1', paid_out_of_band => 1 = 1)") == [
            "call invoices.pay: 1 request, which writes",
            "  POST /v1/invoices/in_1/pay",
            "    paid_out_of_band=true",
            "  idempotency key: run7-<hash of the call>-<its number among equal ones>",
        ]
        assert explained(connection, "CALL credit_notes.preview(invoice => 'in_1')") == [
            "call credit_notes.preview: 1 request, which changes nothing",
            "  GET /v1/credit_notes/preview?invoice=in_1",
        ]
        assert "POST /v1/customers/x" in explained(connection, "CALL customers.update((SELECT 'x'), name => 'y')")[1]
        lines = explained(connection, "CALL customers.update('x', name => (SELECT max(name) FROM customers))")
        assert "name = (SELECT max(name) FROM customers)" in lines[3]
        lines = explained(connection, "CALL customers.update(id, address_city => upper(address_city)) FROM customers WHERE email = 'e'")
        assert lines[:5] == [
            "call customers.update: 1 request for each row of the query below, which writes",
            "  POST /v1/customers/{customer}",
            "    {customer} = id",
            "    address[city] = upper(address_city)",
            "  idempotency key: run7-<hash of the call>-<its number among equal ones>",
        ]
        assert any("GET /v1/customers?email=e" in line for line in lines[5:])
        document = json.loads(explained(connection.cursor().connection, "(FORMAT JSON) CALL invoices.pay(id) FROM invoices")[0])
        assert document["arguments"]["scans"][0]["table"] == "invoices"
        with pytest.raises(errors.NotSupportedError, match="would carry out the write"):
            explained(connection, "ANALYZE CALL invoices.pay('in_1')")
        with pytest.raises(errors.IntegrityError):
            explained(connection, "CALL invoices.pay()")
    with connected(front, read_only=True) as connection:
        assert "  would be refused: CALL invoices.pay was refused" in explained(connection, "CALL invoices.pay('in_1')")[-1]
        assert explained(connection, "CALL stripe.request('POST', '/v1/invoices/create_preview')")[0].endswith("which changes nothing")
    assert front.seen == []


def test_a_refusal_names_the_parameter_and_speaks_of_no_predicate(sim):
    error = {"type": "invalid_request_error", "message": "Invalid integer: x", "param": "amount_to_capture"}
    front = Playing(sim, capture=httpx.Response(400, json={"error": error}))
    with connected(front) as connection, pytest.raises(errors.InvalidRequest) as caught:
        connection.execute("CALL payment_intents.capture('pi_1', amount_to_capture => 5)")
    assert str(caught.value) == (
        "Stripe refused POST /v1/payment_intents/pi_1/capture: Invalid integer: x; check amount_to_capture; EXPLAIN shows what is sent"
    )


def test_show_procedures(sim):
    with connected(Playing(sim)) as connection:
        names = column(connection, "SHOW PROCEDURES")
    assert names == sorted(names)
    assert {"invoices.pay", "stripe.request", "customers.create"} < set(names)


def test_information_schema_lists_every_procedure_and_its_parameters(sim):
    front = Playing(sim)
    with connected(front) as connection:
        routines = dict(connection.execute("SELECT routine_name, routine_definition FROM information_schema.routines").fetchall())
        pay = connection.execute(
            "SELECT ordinal_position, parameter_name, data_type, is_positional, is_required FROM information_schema.parameters "
            "WHERE specific_name = 'invoices.pay' ORDER BY 1 LIMIT 2"
        ).fetchall()
        kinds = connection.execute(
            "SELECT allowed_values, fields FROM information_schema.parameters "
            "WHERE specific_name = 'customers.create' AND parameter_name IN ('tax_exempt', 'shipping') ORDER BY parameter_name"
        ).fetchall()
        access = dict(connection.execute("SELECT routine_name, sql_data_access FROM information_schema.routines").fetchall())
    assert {f"{each.table}.{each.name}" for each in catalogue().actions()} < set(routines)
    assert routines["invoices.pay"] == "POST /v1/invoices/{invoice}/pay"
    assert pay == [(1, "invoice", "VARCHAR", "YES", "YES"), (2, "forgive", "BOOLEAN", "NO", "NO")]
    assert kinds == [(None, "address, name, phone"), ("exempt, none, reverse", None)]
    assert access["invoices.pay"] == "MODIFIES SQL DATA"
    assert access["invoices.create_preview"] == access["credit_notes.preview"] == access["quotes.pdf"] == "READS SQL DATA"
    assert front.seen == []
