"""INSERT, UPDATE and DELETE through the public API: what was sent, what is there afterwards, what came back."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from crafted import column, connected, lines

from stripesql import errors
from stripesql.simulator import Simulator


@pytest.fixture
def sim():
    return Simulator(scale=0.05)


@pytest.fixture
def connection(sim):
    with connected(sim.transport(), requests_per_second=1e6, endpoint_requests_per_second=1e6) as opened:
        yield opened


def sent(sim, *methods):
    """Return what was asked: method, path and form of each request."""
    return [(each.method, each.path, dict(each.body)) for each in sim.log if each.method in (methods or ("POST", "DELETE"))]


def one(connection, statement, parameters=None):
    (row,) = connection.execute(statement, parameters).fetchall()
    return row


# -- INSERT


def test_insert_sends_one_post_per_row_and_tells_the_last_id(connection, sim):
    cursor = connection.execute(
        "INSERT INTO customers (email, name) VALUES ('a@example.com', 'A'), ('b@example.com', NULL), (lower('C@example.com'), DEFAULT)"
    )
    assert (cursor.rowcount, cursor.description, cursor.stats.requests) == (3, None, 3)
    assert sorted(str(form) for _, _, form in sent(sim)) == sorted(
        str(form) for form in ({"email": "a@example.com", "name": "A"}, {"email": "b@example.com"}, {"email": "c@example.com"})
    )
    assert one(connection, "SELECT email FROM customers WHERE id = ?", [cursor.lastrowid]) == ("c@example.com",)


def test_every_form_of_a_column_says_the_same(connection, sim):
    forms = ["address_city", '"address.city"', "address.city"]
    for form in forms:
        connection.execute(f"INSERT INTO customers ({form}) VALUES ('Berlin')")
    connection.execute('INSERT INTO customers (address) VALUES (\'{"city": "Berlin"}\')')
    connection.execute("INSERT INTO customers (address) VALUES ({'city': 'Berlin'})")
    assert [form for _, _, form in sent(sim)] == [{"address[city]": "Berlin"}] * 5


def test_maps_lists_and_lists_of_objects(connection, sim):
    price = one(
        connection,
        "INSERT INTO prices (currency, unit_amount, product_data, recurring_interval) VALUES ('eur', 1000, {'name': 'x'}, 'month') RETURNING id",
    )[0]
    customer = one(
        connection, "INSERT INTO customers (email, metadata.plan, metadata['a b']) VALUES ('a@example.com', 'pro', 'x') RETURNING id"
    )[0]
    connection.execute(
        "INSERT INTO subscriptions (customer, items, collection_method, days_until_due) VALUES (?, [{'price': ?, 'quantity': 2}], 'send_invoice', 30)",
        [customer, price],
    )
    connection.execute(
        "INSERT INTO products (name, images, metadata) VALUES ('P', ['https://example.com/1', 'https://example.com/2'], MAP {'k': 'v'})"
    )
    forms = [form for _, _, form in sent(sim)]
    assert forms[1] == {"email": "a@example.com", "metadata[plan]": "pro", "metadata[a b]": "x"}
    assert forms[2] == {
        "customer": customer,
        "items[0][price]": price,
        "items[0][quantity]": "2",
        "collection_method": "send_invoice",
        "days_until_due": "30",
    }
    assert forms[3] == {"name": "P", "images[0]": "https://example.com/1", "images[1]": "https://example.com/2", "metadata[k]": "v"}


def test_times_and_decimals_are_exact(sim):
    with connected(sim.transport(), timezone="Europe/Berlin") as connection:
        times = [dt.datetime(2031, 1, 2, tzinfo=dt.UTC), "2031-01-02 00:00:00+00", "2031-01-02 01:00:00"]
        for time in times:
            connection.execute("INSERT INTO coupons (percent_off, duration, redeem_by) VALUES (?, 'once', ?)", [Decimal("12.5"), time])
        connection.execute("INSERT INTO coupons (percent_off, duration, redeem_by) VALUES (5, 'once', 'yearend+1d')")
        connection.execute("INSERT INTO prices (currency, unit_amount_decimal, product_data) VALUES ('eur', 0.125, {'name': 'x'})")
        tomorrow = connection.execute("SELECT epoch(date_trunc('year', now()) + INTERVAL 1 YEAR)::BIGINT").fetchone()[0]
    forms = [form for _, _, form in sent(sim)]
    assert forms[:3] == [{"percent_off": "12.5", "duration": "once", "redeem_by": "1925078400"}] * 3
    assert forms[3]["redeem_by"] == str(tomorrow)
    assert forms[4]["unit_amount_decimal"] == "0.125"


def test_insert_select_reads_tables_and_frames(connection, sim):
    connection.register("people", {"mail": ["a@example.com", "b@example.com"], "score": [1, 2]})
    cursor = connection.execute(
        "INSERT INTO customers (email, metadata.score) SELECT mail, score FROM people ORDER BY mail RETURNING email, metadata.score"
    )
    assert sorted(cursor.fetchall()) == [("a@example.com", "1"), ("b@example.com", "2")]
    sim.log.clear()
    known = len(column(connection, "SELECT id FROM customers"))
    cursor = connection.execute("INSERT INTO customers BY NAME SELECT name, 'copy' AS description FROM customers")
    # What it writes it does not read: the source was read to its end first.
    assert cursor.rowcount == known
    methods = [each.method for each in sim.log]
    assert methods == sorted(methods)


def test_a_nested_row_names_its_parent(connection, sim):
    customer = one(connection, "INSERT INTO customers (email) VALUES ('a@example.com') RETURNING id")[0]
    cursor = connection.execute(
        "INSERT INTO customer_tax_ids (customer, type, value) VALUES (?, 'eu_vat', 'DE123456789') RETURNING id, customer, type", [customer]
    )
    tax_id, *rest = cursor.fetchone()
    assert rest == [customer, "eu_vat"]
    assert sent(sim)[1] == ("POST", f"/v1/customers/{customer}/tax_ids", {"type": "eu_vat", "value": "DE123456789"})
    with pytest.raises(errors.IntegrityError, match="customer_tax_ids needs customer, which names the object"):
        connection.execute("INSERT INTO customer_tax_ids (type, value) VALUES ('eu_vat', 'DE123456789')")
    assert connection.execute("DELETE FROM customer_tax_ids WHERE customer = ? AND id = ?", [customer, tax_id]).rowcount == 1
    assert sent(sim)[2] == ("DELETE", f"/v1/customers/{customer}/tax_ids/{tax_id}", {})


def test_default_values_and_returning_everything(connection):
    cursor = connection.execute("INSERT INTO customers DEFAULT VALUES RETURNING *")
    names = [each[0] for each in cursor.description]
    row = dict(zip(names, cursor.fetchone(), strict=True))
    assert (row["id"], row["object"], row["email"]) == (cursor.lastrowid, "customer", None)
    assert names == [each[0] for each in connection.execute("SELECT * FROM customers LIMIT 0").description]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO customers (email, address_city, metadata.k) VALUES ('a@example.com', 'Berlin', 'v')",
        "INSERT INTO products (id, name, images) VALUES ('p1', 'a', ['https://example.com/1'])",
        "INSERT INTO prices (currency, unit_amount_decimal, product_data) VALUES ('eur', 0.125, {'name': 'x'})",
        "INSERT INTO coupons (percent_off, duration, redeem_by) VALUES (12.5, 'once', '2031-01-02')",
    ],
)
def test_returning_gives_the_row_that_a_query_gives(connection, statement):
    table = statement.split()[2]
    returned = connection.execute(f"{statement} RETURNING *, metadata AS m, _raw->>'object' AS o").fetchall()
    assert (
        returned
        == connection.execute(f"SELECT *, metadata AS m, _raw->>'object' AS o FROM {table} WHERE id = ?", [returned[0][0]]).fetchall()
    )


def test_returning_asks_for_what_answers_leave_out(connection, sim):
    cursor = connection.execute("INSERT INTO customers (email) VALUES ('a@example.com') RETURNING email || '!' AS e, tax_ids IS NOT NULL")
    assert cursor.fetchall() == [("a@example.com!", True)]
    assert sent(sim)[0][2] == {"email": "a@example.com", "expand[0]": "tax_ids"}


def test_a_null_in_a_column_that_cannot_be_set_is_not_sent(connection, sim):
    connection.execute("INSERT INTO customers (email, created, livemode) VALUES ('a@example.com', NULL, NULL)")
    assert sent(sim)[0][2] == {"email": "a@example.com"}


# -- UPDATE


def test_update_computes_from_the_row(connection, sim):
    ids = [one(connection, "INSERT INTO customers (email, name) VALUES (?, 'n') RETURNING id", [f"{at}@update.test"])[0] for at in range(3)]
    cursor = connection.execute(
        "UPDATE customers SET name = name || '-' || email, metadata.seen = 'yes' WHERE email LIKE '%@update.test' AND email > '0' RETURNING id, name, metadata.seen"
    )
    assert cursor.rowcount == 3
    assert sorted(cursor.fetchall()) == sorted((key, f"n-{at}@update.test", "yes") for at, key in enumerate(ids))


def test_null_unsets_and_a_key_of_metadata_is_merged(connection):
    key = one(connection, "INSERT INTO customers (name, metadata.a, metadata.b) VALUES ('x', '1', '2') RETURNING id")[0]
    connection.execute("UPDATE customers SET name = NULL, metadata.a = NULL, metadata['c'] = '3' WHERE id = ?", [key])
    assert one(connection, "SELECT name, metadata FROM customers WHERE id = ?", [key]) == (None, {"b": "2", "c": "3"})
    connection.execute("UPDATE customers SET metadata = NULL WHERE id = ?", [key])
    assert one(connection, "SELECT metadata FROM customers WHERE id = ?", [key]) == ({},)


def test_update_from_a_join_takes_values_of_the_other_side(connection, sim):
    key = one(connection, "INSERT INTO customers (email) VALUES ('join@example.com') RETURNING id")[0]
    connection.register("names", {"mail": ["join@example.com", "join@example.com"], "name": ["J", "J"]})
    cursor = connection.execute("UPDATE customers AS c SET c.name = n.name FROM names n WHERE n.mail = c.email")
    assert (cursor.rowcount, cursor.lastrowid) == (1, key)
    connection.register("names", {"mail": ["join@example.com", "join@example.com"], "name": ["J", "K"]})
    sim.log.clear()
    with pytest.raises(errors.ProgrammingError, match="several different values"):
        connection.execute("UPDATE customers AS c SET name = n.name FROM names n WHERE n.mail = c.email")
    assert sent(sim) == []


def test_a_row_that_is_named_by_its_key_is_not_read(connection, sim):
    key = one(connection, "INSERT INTO customers (email) VALUES ('a@example.com') RETURNING id")[0]
    sim.log.clear()
    assert connection.execute("UPDATE customers SET name = upper('x') WHERE id = ?", [key]).rowcount == 1
    assert connection.execute("UPDATE customers SET name = 'x' WHERE id = 'cus_none'").rowcount == 0
    assert connection.execute("DELETE FROM customers WHERE customers.id = ?", [key]).rowcount == 1
    assert connection.execute("DELETE FROM customers WHERE id = ?", [key]).rowcount == 0
    assert connection.execute("UPDATE customers SET name = 'x' WHERE id = ?", [key]).rowcount == 0
    assert {each.method for each in sim.log} == {"POST", "DELETE"}
    assert len(sim.log) == 5


def test_rows_that_are_named_by_a_list_of_keys_are_not_read(connection, sim):
    connection.execute("INSERT INTO products (id, name) VALUES ('p1', 'a'), ('p2', 'b'), ('p3', 'c')")
    sim.log.clear()
    assert connection.execute("UPDATE products SET metadata.k = 'v' WHERE id IN ('p1', 'p3', 'p4', 'p1')").rowcount == 2
    assert connection.execute("DELETE FROM products WHERE products.id IN ('p1', 'p2', 'p4')").rowcount == 2
    assert [each.method for each in sim.log] == ["POST"] * 3 + ["DELETE"] * 3
    # Each row has a value of its own where the expression gives one.
    connection.execute("INSERT INTO products (id, name) VALUES ('p5', 'a'), ('p6', 'b')")
    rows = connection.execute(
        "UPDATE products SET metadata.k = gen_random_uuid()::VARCHAR WHERE id IN ('p5', 'p6') RETURNING metadata.k"
    ).fetchall()
    assert len(set(rows)) == 2


def test_another_object_that_is_missing_is_an_error(connection):
    key = one(connection, "INSERT INTO customers (email) VALUES ('a@example.com') RETURNING id")[0]
    with pytest.raises(errors.StripeError, match="pm_none"):
        connection.execute("UPDATE customers SET invoice_settings_default_payment_method = 'pm_none' WHERE id = ?", [key])


# -- DELETE


def test_delete_returns_the_rows_as_they_were(connection, sim):
    connection.execute("INSERT INTO customers (email, name) VALUES ('a@delete.test', 'A'), ('b@delete.test', 'B')")
    cursor = connection.execute("DELETE FROM customers WHERE email LIKE '%@delete.test' RETURNING email, name || '!' AS n")
    assert cursor.rowcount == 2
    assert sorted(cursor.fetchall()) == [("a@delete.test", "A!"), ("b@delete.test", "B!")]
    assert column(connection, "SELECT id FROM customers WHERE email LIKE '%@delete.test'") == []


def test_delete_using_another_relation(connection):
    connection.execute("INSERT INTO customers (email) VALUES ('a@using.test'), ('b@using.test')")
    connection.register("gone", {"mail": ["a@using.test", "a@using.test"]})
    assert connection.execute("DELETE FROM customers c USING gone g WHERE g.mail = c.email").rowcount == 1
    assert column(connection, "SELECT email FROM customers WHERE email LIKE '%@using.test'") == ["b@using.test"]


# -- ON CONFLICT


def test_on_conflict_do_nothing_leaves_what_is_there(connection):
    connection.execute("INSERT INTO coupons (id, percent_off, duration, name) VALUES ('A', 10, 'once', 'first')")
    cursor = connection.execute(
        "INSERT INTO coupons (id, percent_off, duration, name) VALUES ('A', 20, 'once', 'x'), ('B', 30, 'once', 'new') ON CONFLICT (id) DO NOTHING RETURNING id"
    )
    assert (cursor.rowcount, cursor.lastrowid, cursor.fetchall()) == (1, "B", [("B",)])
    assert one(connection, "SELECT name, percent_off FROM coupons WHERE id = 'A'") == ("first", 10.0)


def test_on_conflict_do_update_needs_no_read_unless_the_row_is_asked_for(connection, sim):
    connection.execute("INSERT INTO products (id, name) VALUES ('p1', 'one'), ('p2', 'two')")
    sim.log.clear()
    upsert = "INSERT INTO products (id, name) VALUES ('p1', 'I'), ('p3', 'III') ON CONFLICT (id) DO UPDATE SET "
    cursor = connection.execute(upsert + "name = EXCLUDED.name, metadata.again = 'yes' RETURNING id, name")
    assert sorted(cursor.fetchall()) == [("p1", "I"), ("p3", "III")]
    assert [each.method for each in sim.log] == ["POST"] * 3
    cursor = connection.execute(upsert + "name = products.name || '+' || EXCLUDED.name WHERE products.name <> 'III' RETURNING id, name")
    assert cursor.fetchall() == [("p1", "I+I")]
    assert one(connection, "SELECT name FROM products WHERE id = 'p3'") == ("III",)


def test_a_row_that_came_to_be_in_between_is_updated_all_the_same(connection, sim):
    def intrude(number, method, path):
        if method == "POST" and path == "/v1/products" and not intruders:
            intruders.append(number)
            with connected(sim.transport()) as other:
                other.execute("INSERT INTO products (id, name) VALUES ('race', 'theirs')")

    intruders = []
    sim.hooks.on_request(intrude)
    connection.execute("INSERT INTO products (id, name) VALUES ('race', 'ours') ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name")
    assert one(connection, "SELECT name FROM products WHERE id = 'race'") == ("ours",)


def test_a_taken_id_without_on_conflict_is_an_error(connection):
    connection.execute("INSERT INTO products (id, name) VALUES ('p1', 'one')")
    with pytest.raises(errors.AlreadyExists) as caught:
        connection.execute("INSERT INTO products (id, name) VALUES ('p1', 'one')")
    assert caught.value.code == "resource_already_exists"
    assert isinstance(caught.value, errors.IntegrityError)


# -- executemany


def test_executemany_is_one_batch(connection, sim):
    cursor = connection.cursor()
    cursor.executemany("INSERT INTO customers (email, balance) VALUES (?, ?)", [(f"{at}@many.test", at) for at in range(30)])
    assert (cursor.rowcount, cursor.stats.requests) == (30, 30)
    ids = column(connection, "SELECT id FROM customers WHERE email LIKE '%@many.test' ORDER BY balance")
    assert len(ids) == 30
    sim.log.clear()
    cursor.executemany("UPDATE customers SET name = :name WHERE id = :id", [{"name": f"n{at}", "id": key} for at, key in enumerate(ids)])
    assert (cursor.rowcount, len(sim.log)) == (30, 30)
    cursor.executemany("DELETE FROM customers WHERE id = ?", [[key] for key in [*ids, "cus_none"]])
    assert cursor.rowcount == 30
    cursor.executemany("DELETE FROM customers WHERE id = ?", [])
    assert cursor.rowcount == 0


def test_executemany_checks_every_set_before_the_first_is_sent(connection, sim):
    cursor = connection.cursor()
    with pytest.raises(errors.DataError, match="row 2, counted from 0"):
        cursor.executemany("INSERT INTO customers (balance) VALUES (?)", [[1], [2], ["three"], [4]])
    with pytest.raises(errors.ProgrammingError, match="1 placeholders"):
        cursor.executemany("INSERT INTO customers (balance) VALUES (?)", [[1], [2, 3]])
    assert sim.log == []


def test_executemany_reads_for_every_set_before_it_writes_for_the_first(connection, sim):
    connection.execute("INSERT INTO customers (email, name) VALUES ('a@sets.test', 'a'), ('b@sets.test', 'b'), ('b@sets.test', 'c')")
    sim.log.clear()
    cursor = connection.cursor()
    cursor.executemany("UPDATE customers SET name = name || ? WHERE email = ?", [["1", "a@sets.test"], ["2", "b@sets.test"], ["3", "none"]])
    assert cursor.rowcount == 3
    assert [each.method for each in sim.log] == ["GET"] * 3 + ["POST"] * 3
    assert sorted(column(connection, "SELECT name FROM customers WHERE email LIKE '%@sets.test'")) == ["a1", "b2", "c2"]
    with pytest.raises(errors.DataError, match="row 1, counted from 0"):
        cursor.executemany("INSERT INTO customers (balance) VALUES (abs(?))", [[1], [2.5], [3]])
    cursor.executemany("DELETE FROM customers WHERE email = ?", [["a@sets.test"], ["b@sets.test"]])
    assert cursor.rowcount == 3


def test_half_of_a_surrogate_pair_is_found_before_anything_is_sent(connection, sim):
    cursor = connection.cursor()
    for run in (
        lambda: cursor.executemany("INSERT INTO customers (name) VALUES (?)", [["a"], ["\ud800"]]),
        lambda: cursor.execute("INSERT INTO customers (name) VALUES ('a'), ('\ud800')"),
        lambda: cursor.execute("UPDATE customers SET name = '\ud800' WHERE id IN ('a', 'b')"),
        lambda: cursor.execute("DELETE FROM customers WHERE id IN ('a', '\ud800')"),
    ):
        with pytest.raises(errors.Error) as caught:
            run()
        assert not isinstance(caught.value, errors.InternalError)
    assert sim.log == []


def test_executemany_with_an_expression_around_the_placeholder(connection):
    cursor = connection.cursor()
    cursor.executemany("INSERT INTO customers (email, name) VALUES (lower(?), ?)", [["A@Example.com", "it's"], ["B@Example.com", None]])
    assert sorted(column(connection, "SELECT email FROM customers WHERE email LIKE '_@example.com'")) == ["a@example.com", "b@example.com"]


# -- what is refused, before anything is sent


REFUSED = [
    ("INSERT INTO customers (created, email) VALUES (now(), 'a')", errors.UnknownName, '"created" can be read and not set'),
    ("INSERT INTO customers (emial) VALUES ('a')", errors.UnknownName, 'did you mean "email"'),
    ("INSERT INTO customers VALUES ('a')", errors.ProgrammingError, "needs the names of its columns"),
    ("INSERT INTO customers (email) SELECT 1, 2", errors.ProgrammingError, "names 1 columns, and the query gives 2"),
    ("INSERT INTO custmers (email) VALUES ('a')", errors.UnknownName, 'did you mean "customers"'),
    ("INSERT INTO information_schema.tables (a) VALUES ('a')", errors.NotSupportedError, "cannot be written to"),
    ("INSERT INTO events (type) VALUES ('a')", errors.NotSupportedError, "Stripe makes these rows itself"),
    ("INSERT INTO products (active) VALUES (true)", errors.IntegrityError, "needs name, which Stripe requires"),
    ("INSERT INTO coupons (duration, percent_off) VALUES ('onec', 5)", errors.DataError, "did you mean 'once'"),
    ("INSERT INTO customers (email) VALUES ('a') ON CONFLICT (id) DO NOTHING", errors.NotSupportedError, "Keep your own key in metadata"),
    ("INSERT INTO coupons (name, id) VALUES ('a', 'b') ON CONFLICT (name) DO NOTHING", errors.ProgrammingError, "takes (id)"),
    ("INSERT INTO products (id, name) VALUES ('a', 'b'), ('a', 'c') ON CONFLICT DO UPDATE SET name = 'd'", errors.ProgrammingError, "twice"),
    ("INSERT INTO customers (email) VALUES ('a') RETURNING nme", errors.UnknownName, 'did you mean "name"'),
    ("INSERT INTO customers (email) VALUES ('a') RETURNING (SELECT count(*) FROM charges)", errors.NotSupportedError, "no other table"),
    ("UPDATE customers SET created = now() WHERE email = 'a'", errors.UnknownName, '"created" can be read and not set'),
    ("UPDATE customers SET name = 'a'", errors.WriteRefused, "it has no WHERE"),
    ("UPDATE customers SET name = 'a' WHERE 1 = 1", errors.WriteRefused, "its WHERE is always true"),
    ("UPDATE customers SET name = f.n FROM (VALUES ('a')) f(n)", errors.WriteRefused, "it has no WHERE"),
    ("DELETE FROM customers USING (VALUES ('a')) f(n)", errors.WriteRefused, "it has no WHERE"),
    ("UPDATE events SET type = 'a' WHERE id = 'b'", errors.NotSupportedError, "cannot change these rows"),
    ("UPDATE customers SET name = nam WHERE id = 'a'", errors.UnknownName, "(line 1, column 29)"),
    ("DELETE FROM customers", errors.WriteRefused, "allow_full_table_writes=True"),
    ("DELETE FROM subscriptions WHERE id = 'a'", errors.NotSupportedError, "CALL subscriptions.cancel"),
    ("DELETE FROM payment_methods WHERE id = 'a'", errors.NotSupportedError, "CALL payment_methods.detach"),
    ("DELETE FROM prices WHERE id = 'a'", errors.NotSupportedError, "SET active = false"),
    ("DELETE FROM payment_intents WHERE id = 'a'", errors.NotSupportedError, "CALL payment_intents.cancel"),
    ("DELETE FROM events WHERE id = 'a'", errors.NotSupportedError, "does not delete"),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "kind", "message"), REFUSED, ids=[each[0][:70] for each in REFUSED])
def test_what_is_wrong_is_told_before_anything_is_sent(connection, sim, statement, kind, message):
    with pytest.raises(kind) as caught:
        connection.execute(statement)
    assert message in str(caught.value)
    assert sim.log == []


def test_read_only_connections_and_live_keys_write_nothing(sim):
    from stripesql import connect

    for key, settings in (("sk_live_" + "a" * 16, {}), ("rk_" + "a" * 16, {}), ("sk_test_" + "a" * 16, {"read_only": True})):
        with connect(key, transport=sim.transport(), **settings) as connection, pytest.raises(errors.WriteRefused, match="read_only"):
            connection.execute("DELETE FROM customers WHERE id = 'cus_1'")
    assert sim.log == []
    with connect("sk_live_" + "a" * 16, transport=sim.transport(), read_only=False) as connection:
        assert connection.execute("DELETE FROM customers WHERE id = 'cus_none'").rowcount == 0


def test_max_write_rows_stops_before_the_first_write(sim):
    with connected(sim.transport(), max_write_rows=2) as connection:
        with pytest.raises(errors.WriteRefused, match="max_write_rows=2"):
            connection.execute("UPDATE customers SET name = 'a' WHERE created > '2001-01-01'")
        with pytest.raises(errors.WriteRefused, match="max_write_rows=2"):
            connection.execute("INSERT INTO customers (email) VALUES ('a@b.de'), ('b@b.de'), ('c@b.de')")
        with pytest.raises(errors.WriteRefused, match="max_write_rows=2"):
            connection.cursor().executemany("INSERT INTO customers (email) VALUES (?)", [["a"], ["b"], ["c"]])
        assert sent(sim) == []
        assert connection.execute("INSERT INTO customers (email) VALUES ('a@b.de'), ('b@b.de')").rowcount == 2


def test_a_whole_table_needs_the_setting(sim):
    with connected(sim.transport(), allow_full_table_writes=True) as connection:
        connection.execute("INSERT INTO radar_value_lists (alias, name, item_type) VALUES ('mine', 'Mine', 'email')")
        known = len(column(connection, "SELECT id FROM radar_value_lists"))
        assert connection.execute("UPDATE radar_value_lists SET name = 'x'").rowcount == known


def test_a_budget_counts_writes(sim):
    with connected(sim.transport(), max_requests=2) as connection:
        with pytest.raises(errors.BudgetExceeded, match="nothing was written"):
            connection.execute("INSERT INTO customers (email) VALUES ('a'), ('b'), ('c')")
        assert sim.log == []


# -- EXPLAIN


def test_explain_shows_the_requests_and_sends_nothing(connection, sim):
    assert lines(connection, "EXPLAIN INSERT INTO customers (email, address_city, metadata.k) VALUES ('a@example.com', 'Berlin', 'v')") == [
        "write INSERT INTO customers: 1 row of VALUES",
        "POST /v1/customers   once",
        "email = 'a@example.com'",
        "address[city] = 'Berlin'",
        "metadata[k] = 'v'",
        "idempotency key: random, one for each row",
    ]
    found = lines(connection, "EXPLAIN UPDATE customers SET name = upper(name) WHERE email = 'a@example.com'")
    assert found[:6] == [
        "write UPDATE customers: its rows are read first, to the end",
        "POST /v1/customers/{customer}   once for each row",
        "{customer} = customers.id",
        "name = upper(name)",
        "idempotency key: random, one for each row",
        "rows are read by:",
    ]
    assert "GET /v1/customers?email=a@example.com" in found[7]
    assert lines(connection, "EXPLAIN DELETE FROM customer_tax_ids WHERE customer = 'cus_1' AND id = 'txi_1'") == [
        "write DELETE FROM customer_tax_ids: its row is named by its key, and not read",
        "DELETE /v1/customers/{customer}/tax_ids/{id}   once",
        "{customer} = 'cus_1'",
        "{id} = 'txi_1'",
    ]
    assert any(
        line.startswith("would be refused: DELETE FROM customers would touch every row")
        for line in lines(connection, "EXPLAIN DELETE FROM customers")
    )
    assert sim.log == []


def test_explain_as_json(connection, sim):
    text = column(
        connection,
        "EXPLAIN (FORMAT JSON) INSERT INTO products (id, name) SELECT id, name FROM products ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name",
    )[0]
    found = json.loads(text)
    assert [(each["method"], each["path"]) for each in found["write"]["requests"]] == [
        ("POST", "/v1/products"),
        ("POST", "/v1/products/{id}"),
    ]
    assert found["write"]["requests"][1]["parameters"] == {"{id}": "EXCLUDED.id", "name": "EXCLUDED.name"}
    assert found["read"]["scans"][0]["table"] == "products"
    with pytest.raises(errors.NotSupportedError, match="EXPLAIN ANALYZE"):
        connection.execute("EXPLAIN ANALYZE DELETE FROM customers WHERE id = 'x'")
    assert sim.log == []


def test_a_write_never_reads_through_search(sim):
    with connected(sim.transport(), allow_stale_search=True) as connection:
        connection.execute("UPDATE customers SET name = 'x' WHERE email LIKE 'a%' AND metadata.k = 'v'")
    assert not [each for each in sim.log if "search" in each.path]
