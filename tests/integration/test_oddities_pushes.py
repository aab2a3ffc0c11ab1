"""A parameter that Stripe refuses costs requests, never rows; an id that is none costs nothing."""

from __future__ import annotations

import httpx
import pytest
from crafted import InFront, column, connected, lines, page, refusal, refusing

from stripesql import errors
from stripesql.simulator import Simulator

NOW = 1_790_000_000


@pytest.fixture(scope="module")
def sim():
    return Simulator(scale=0.3, now=NOW)


@pytest.fixture
def plain(sim):
    with connected(sim.transport()) as connection:
        yield connection


def dropped(sim, craft, sql, parameters=None):
    """Return the rows of a query whose pushes are refused, sorted, and what the cursor says was dropped."""
    with connected(InFront(sim, craft)) as connection:
        cursor = connection.execute(sql, parameters)
        return sorted(cursor.fetchall()), cursor.stats.pushes_dropped


def wanted(connection, sql, parameters=None):
    connection.execute("SET pushdown = off")
    return sorted(connection.execute(sql, parameters).fetchall())


# -- what is dropped


@pytest.mark.parametrize(
    ("sql", "refused", "named", "said"),
    [
        ("SELECT id FROM charges WHERE created >= '2026-06-01'", ("created[gte]",), None, ("charges.created",)),
        ("SELECT id FROM charges WHERE created >= '2026-06-01'", ("created[gte]",), "created", ("charges.created",)),
        ("SELECT id FROM prices WHERE recurring_interval = 'year'", ("recurring[interval]",), None, ("prices.recurring",)),
        ("SELECT id FROM prices WHERE recurring_interval = 'year'", ("recurring[interval]",), "recurring", ("prices.recurring",)),
        ("SELECT id FROM prices WHERE active AND currency = 'eur'", ("currency",), None, ("prices.currency",)),
        ("SELECT id FROM products WHERE id IN ('prod_1', 'prod_2')", ("ids[]",), "ids", ("products.ids",)),
        ("SELECT id FROM events WHERE type IN ('invoice.paid', 'charge.failed')", ("types[]",), "types[0]", ("events.types",)),
        ("SELECT id FROM invoices WHERE status = 'paid' AND due_date < '2026-09-01'", ("due_date[lt]",), None, ("invoices.due_date",)),
        (
            "SELECT id FROM invoices WHERE status = 'paid' AND collection_method = 'send_invoice'",
            ("status", "collection_method"),
            None,
            ("invoices.collection_method", "invoices.status"),
        ),
        ("SELECT id FROM invoice_items WHERE invoice IS NULL", ("pending",), None, ("invoice_items.pending",)),
        ("SELECT id FROM payment_methods WHERE type = 'card'", ("type",), None, ("payment_methods.type",)),
    ],
)
def test_a_refused_parameter_is_dropped_and_the_rows_are_the_same(sim, plain, sql, refused, named, said):
    found, pushes = dropped(sim, refusing(*refused, named=named), sql)
    assert found == wanted(plain, sql)
    assert tuple(sorted(pushes)) == said


def test_only_what_was_refused_is_dropped(sim):
    front = InFront(sim, refusing("collection_method"))
    with connected(front) as connection:
        connection.execute("SELECT id FROM invoices WHERE status = 'paid' AND collection_method = 'send_invoice'").fetchall()
    assert [dict(request.url.params) for request in front.seen][:2] == [
        {"status": "paid", "collection_method": "send_invoice", "limit": "100"},
        {"status": "paid", "limit": "100"},
    ]


def test_a_refused_value_leaves_the_scans_own_one(sim, plain):
    def craft(request):
        return refusal("status") if request.url.params.get("status") in ("canceled", "past_due") else None

    sql = "SELECT id FROM subscriptions WHERE status IN ('canceled', 'past_due')"
    found, pushes = dropped(sim, craft, sql)
    assert found == wanted(plain, sql)
    assert pushes == ("subscriptions.status",)


def test_a_limit_travels_no_more_when_its_predicate_was_dropped(sim, plain):
    sql = "SELECT count(*) FROM (SELECT id FROM charges WHERE customer = (SELECT min(customer) FROM charges) LIMIT 2)"
    customer = column(plain, "SELECT customer FROM charges WHERE customer IS NOT NULL GROUP BY 1 HAVING count(*) > 3 ORDER BY 1 LIMIT 1")[0]
    sql = "SELECT id FROM charges WHERE customer = ? LIMIT 2"
    front = InFront(sim, refusing("customer"))
    with connected(front) as connection:
        rows = column(connection, sql, [customer])
        assert len(rows) == 2
        assert set(rows) <= {row["id"] for row in sim.objects("charges") if row["customer"] == customer}
    assert "limit" in front.seen[1].url.params
    assert front.seen[1].url.params["limit"] == "100"


def test_the_newest_rows_are_right_when_their_predicate_was_dropped(sim):
    rows = [row for row in sim.listed("invoices") if row["collection_method"] == "send_invoice"]
    sql = "SELECT id FROM invoices WHERE collection_method = 'send_invoice' ORDER BY created DESC, id LIMIT 3"
    found, pushes = dropped(sim, refusing("collection_method"), sql)
    assert found == sorted((row["id"],) for row in sorted(rows, key=lambda row: (-row["created"], row["id"]))[:3])
    assert pushes == ("invoices.collection_method",)


def test_explain_analyze_says_what_was_dropped(sim):
    with connected(InFront(sim, refusing("customer"))) as connection:
        said = lines(connection, "EXPLAIN ANALYZE SELECT id FROM charges WHERE customer = 'cus_1'")
    assert "dropped: Stripe refused customer, the list was read without it" in said


def test_a_parameter_that_we_did_not_push_is_an_error(sim):
    with connected(InFront(sim, refusing("limit"))) as connection, pytest.raises(errors.InvalidRequest) as caught:
        connection.execute("SELECT id FROM charges WHERE currency = 'usd'").fetchall()
    assert caught.value.param == "limit"


def test_what_the_scan_itself_asks_for_is_not_dropped(sim):
    with connected(InFront(sim, refusing("status"))) as connection, pytest.raises(errors.InvalidRequest):
        connection.execute("SELECT id FROM subscriptions").fetchall()


def test_what_is_refused_without_its_parameter_too_is_an_error(sim):
    def craft(request):
        return refusal("customer") if request.url.path == "/v1/charges" else None

    with connected(InFront(sim, craft)) as connection, pytest.raises(errors.InvalidRequest) as caught:
        connection.execute("SELECT id FROM charges WHERE customer = 'cus_1'").fetchall()
    assert caught.value.param == "customer"


def test_a_filter_only_column_that_is_refused_is_stripes_error(sim, plain):
    manual = next(row["id"] for row in sim.objects("payouts") if not row["automatic"])
    with pytest.raises(errors.InvalidRequest) as caught:
        plain.execute("SELECT id FROM balance_transactions WHERE payout = ?", [manual]).fetchall()
    assert "can only be filtered on automatic payouts" in str(caught.value)
    assert caught.value.param == "payout"


# -- after some rows were given


def test_a_list_of_a_union_that_is_refused_after_others_were_read(sim, plain):
    customers = column(plain, "SELECT customer FROM charges WHERE customer IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 4")
    sql = f"SELECT id FROM charges WHERE customer IN ({', '.join('?' * 4)})"

    def craft(request):
        return refusal("customer") if request.url.params.get("customer") == customers[2] else None

    found, pushes = dropped(sim, craft, sql, customers)
    assert found == wanted(plain, sql, customers)
    assert pushes == ("charges.customer",)


def test_a_key_that_is_refused_after_others_were_looked_up(sim, plain):
    sql = (
        "SELECT r.id, c.id FROM refunds r JOIN charges c ON c.id = r.charge JOIN balance_transactions b ON b.source = r.id "
        "WHERE r.status = 'succeeded'"
    )
    asked = []

    def craft(request):
        keys = [value for name, value in request.url.params.multi_items() if name in ("charge", "source", "payment_intent")]
        asked.extend(keys)
        return refusal("source") if keys and len(asked) > 2 else None

    found, _ = dropped(sim, craft, sql)
    assert found == wanted(plain, sql)


def test_a_list_per_key_that_is_refused(sim, plain):
    sql = (
        "SELECT c.id, s.id FROM customers c JOIN subscriptions s ON s.customer = c.id WHERE c.email LIKE 'a%' AND c.created > '2026-05-01'"
    )
    customers = column(plain, "SELECT id FROM customers ORDER BY created DESC LIMIT 3")
    sql = f"SELECT c.id, s.id FROM customers c JOIN subscriptions s ON s.customer = c.id WHERE c.id IN ({', '.join('?' * 3)})"
    count = [0]

    def craft(request):
        if "customer" in request.url.params:
            count[0] += 1
            return refusal("customer") if count[0] == 2 else None
        return None

    found, pushes = dropped(sim, craft, sql, customers)
    assert count[0] >= 2
    assert found == wanted(plain, sql, customers)
    assert pushes == ("subscriptions.customer",)


def test_a_parameter_that_is_refused_in_a_fan_out(sim, plain):
    sql = "SELECT id FROM customer_payment_methods WHERE type = 'card'"
    front = InFront(sim, refusing("type", path="/payment_methods"))
    with connected(front) as connection:
        cursor = connection.execute(sql)
        assert sorted(cursor.fetchall()) == wanted(plain, sql)
        assert cursor.stats.pushes_dropped == ("customer_payment_methods.type",)
    refused = [request for request in front.seen if "type" in request.url.params]
    assert len(refused) < len([request for request in front.seen if request.url.path.endswith("/payment_methods")]) / 2


def test_a_parameter_that_is_refused_for_one_parent_only(sim, plain):
    sql = "SELECT id FROM customer_payment_methods WHERE type IN ('card', 'sepa_debit')"
    parents = column(plain, "SELECT id FROM customers")
    chosen = f"/v1/customers/{parents[len(parents) // 2]}/payment_methods"

    def craft(request):
        return refusal("type") if request.url.path == chosen and request.url.params.get("type") == "sepa_debit" else None

    found, pushes = dropped(sim, craft, sql)
    assert found == wanted(plain, sql)
    assert pushes == ("customer_payment_methods.type",)


def test_lists_of_one_parent_that_overlap_give_each_row_once(sim):
    empty = Simulator(empty=True, now=NOW)
    parent = empty.insert("radar_value_lists", {"alias": "words", "name": "words"})["id"]
    for value in ("card", "cardboard", "board", "ship"):
        empty.insert("radar_value_list_items", {"value_list": parent, "value": value})
    with connected(empty.transport()) as connection:
        # The parameter finds what is like the value: "card" finds cardboard too.
        rows = column(connection, "SELECT value FROM radar_value_list_items WHERE value IN ('card', 'board', 'cardboard')")
    assert sorted(rows) == ["board", "card", "cardboard"]


# -- keys that nobody has


@pytest.mark.parametrize(
    ("sql", "path"),
    [
        ("SELECT id FROM charges WHERE customer = 'cus_nobody'", "/v1/charges"),
        ("SELECT id FROM invoices WHERE subscription = 'sub_nobody'", "/v1/invoices"),
        ("SELECT id FROM refunds WHERE charge = 'ch_nobody'", "/v1/refunds"),
        ("SELECT id FROM balance_transactions WHERE payout = 'po_nobody'", "/v1/balance_transactions"),
        ("SELECT id FROM subscription_items WHERE subscription = 'sub_nobody'", "/v1/subscription_items"),
        ("SELECT id FROM invoice_line_items WHERE invoice = 'in_nobody'", "/v1/invoices/in_nobody/lines"),
        ("SELECT id FROM charges WHERE id = 'ch_nobody'", "/v1/charges/ch_nobody"),
    ],
)
def test_a_key_that_nobody_has_is_no_rows_in_one_request(sim, sql, path):
    front = InFront(sim, lambda request: None)
    with connected(front) as connection:
        cursor = connection.execute(sql)
        assert cursor.fetchall() == []
        assert cursor.stats.requests == 1
        assert cursor.stats.pushes_dropped == ()
    assert [request.url.path for request in front.seen] == [path]


def test_one_unknown_key_among_several_leaves_the_others(sim, plain):
    known = column(plain, "SELECT customer FROM charges WHERE customer IS NOT NULL LIMIT 1")[0]
    rows = column(plain, "SELECT id FROM charges WHERE customer IN ('cus_nobody', ?)", [known])
    assert sorted(rows) == sorted(row["id"] for row in sim.objects("charges") if row["customer"] == known)


def test_one_unknown_value_of_a_parameter_that_takes_several_leaves_the_others(sim):
    known = sim.listed("products")[0]["id"]

    def craft(request):
        wanted = [value for name, value in request.url.params.multi_items() if name.startswith("ids")]
        return refusal("ids[1]", status=404, code="resource_missing") if "prod_nobody" in wanted else None

    found, pushes = dropped(sim, craft, "SELECT id FROM products WHERE id IN (?, 'prod_nobody')", [known])
    assert found == [(known,)]
    assert pushes == ("products.ids",)


# -- ids that are none

ODD = [
    "",
    ".",
    "..",
    "search",
    "../x",
    "a/b",
    "?",
    "#",
    "%2e%2e",
    "a?b=c",
    "a#b",
    "\n",
    "a\nb",
    " ",
    "\t",
    "\0",
    "a\0b",
    "ü",
    "日本",
    "x" * 255,
    "x" * 300,
    ";",
    "{id}",
    "*",
    "'",
]


@pytest.mark.parametrize("table", ["customers", "charges", "prices", "subscriptions", "invoices", "credit_notes", "v2_core_accounts"])
def test_an_odd_id_asks_for_no_other_path_and_gives_no_rows(sim, plain, table):
    from urllib.parse import unquote

    from stripesql.catalogue.load import catalogue

    prefix = catalogue().table(table).list.path + "/"
    front = InFront(sim, lambda request: None)
    with connected(front) as connection:
        for odd in ODD:
            front.seen.clear()
            assert column(connection, f"SELECT id FROM {table} WHERE id = ?", [odd]) == []
            for request in front.seen:
                path, _, query = request.url.raw_path.decode().partition("?")
                assert path.startswith(prefix), odd
                assert "/" not in path.removeprefix(prefix), odd
                assert unquote(path.removeprefix(prefix)) == odd
                assert query == "", odd
        assert column(connection, f"SELECT id FROM {table} WHERE id IN ({', '.join('?' * len(ODD))})", ODD) == []


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_key_gives_no_rows(sim, plain, odd):
    for sql in (
        "SELECT id FROM charges WHERE customer = ?",
        "SELECT id FROM invoice_line_items WHERE invoice = ?",
        "SELECT id FROM customer_tax_ids WHERE customer = ? AND id = 'txi_1'",
        "SELECT id FROM customer_tax_ids WHERE customer = 'cus_1' AND id = ?",
        "SELECT id FROM subscription_items WHERE subscription = ?",
        "SELECT id FROM refunds WHERE charge = ?",
        "SELECT id FROM promotion_codes WHERE code = ?",
        "SELECT id FROM customers WHERE email = ?",
        "SELECT id FROM events WHERE type = ?",
        "SELECT id FROM prices WHERE lookup_key IN (?, 'x')",
    ):
        front = InFront(sim, lambda request: None)
        with connected(front) as connection:
            assert column(connection, sql, [odd]) == [], sql
        known = {"/v1/charges", "/v1/subscription_items", "/v1/refunds", "/v1/promotion_codes", "/v1/customers", "/v1/events", "/v1/prices"}
        for request in front.seen:
            path = request.url.raw_path.decode().partition("?")[0]
            parts = path.split("/")
            assert path in known or (len(parts) in (5, 6) and parts[2] in ("invoices", "customers") and parts[4] in ("lines", "tax_ids")), (
                path
            )


def test_a_key_of_another_table_that_is_no_id_is_never_a_path(sim):
    odd = Simulator(empty=True, now=NOW)
    real = odd.insert("customers", {"email": "a@example.com"})["id"]
    for text in [*ODD, "list", "preview", real]:
        odd.insert("products", {"name": "x", "description": text})
    front = InFront(odd, lambda request: None)
    with connected(front) as connection:
        rows = connection.execute("SELECT c.id FROM products p JOIN customers c ON c.id = p.description").fetchall()
    assert rows == [(real,)]
    paths = [request.url.raw_path.decode().partition("?")[0] for request in front.seen]
    assert all(path.count("/") == 3 or path in ("/v1/products", "/v1/customers") for path in paths)
    assert "/v1/customers/search" not in paths


def test_a_refused_id_of_odd_form_is_no_row(sim):
    def craft(request):
        return refusal(None, status=400, code=None, message="Invalid URL") if "%" in request.url.raw_path.decode() else None

    with connected(InFront(sim, craft)) as connection:
        assert column(connection, "SELECT id FROM customers WHERE id IN ('a/b', 'ü', ?)", ["a\nb"]) == []


def test_a_refusal_of_a_usual_id_is_an_error(sim):
    def craft(request):
        return refusal(None, status=404, code=None, message="Unrecognized request URL") if "cus_1" in request.url.path else None

    with connected(InFront(sim, craft)) as connection, pytest.raises(errors.InvalidRequest):
        column(connection, "SELECT id FROM customers WHERE id = 'cus_1'")


def test_pages_that_are_refused_in_mid_scan_are_an_error_and_not_fewer_rows(sim):
    def craft(request):
        return refusal("customer") if "starting_after" in request.url.params else None

    customer = max(
        (row["customer"] for row in sim.objects("charges") if row["customer"]),
        key=[row["customer"] for row in sim.objects("charges")].count,
    )
    many = Simulator(empty=True, now=NOW)
    many.insert("customers", {"id": customer})
    for _ in range(150):
        many.insert("charges", {"customer": customer})
    with connected(InFront(many, craft)) as connection, pytest.raises(errors.InvalidRequest):
        column(connection, "SELECT id FROM charges WHERE customer = ?", [customer])


def test_an_empty_page_that_says_more_follows_is_an_error_and_no_loop(sim):
    with connected(httpx.MockTransport(lambda request: page([], more=True))) as connection, pytest.raises(errors.InternalError):
        column(connection, "SELECT id FROM charges")
