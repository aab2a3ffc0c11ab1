"""Hold the cache from outside: what it saves, what ends it, and that statements say when it answers."""

import json

import pytest

import stripesql
from stripesql.simulator import Simulator
from stripesql.simulator.faults import Fault


@pytest.fixture
def sim():
    return Simulator(scale=0.2)


@pytest.fixture
def open_one(sim):
    transport = sim.transport()
    opened = []

    def opening(**settings):
        opened.append(stripesql.connect("sk_test_one", transport=transport, **{"cache_ttl_s": 300, **settings}))
        return opened[-1]

    yield opening
    for connection in opened:
        connection.close()


def cost(connection, text, parameters=None):
    """Run a query; return its rows and how many requests it took."""
    cursor = connection.execute(text, parameters)
    rows = cursor.fetchall()
    return rows, cursor.stats.requests


def test_it_is_off_unless_asked_for(open_one):
    connection = open_one(cache_ttl_s=0)
    costs = [cost(connection, "SELECT count(*) FROM products")[1] for _ in range(2)]
    assert costs == [1, 1]


QUERIES = [
    "SELECT count(*), sum(amount) FROM charges",
    "SELECT * FROM charges ORDER BY created DESC LIMIT 10",
    "SELECT id FROM charges LIMIT 7",
    "SELECT status, count(*) FROM subscriptions GROUP BY ALL",
    "SELECT count(*) FROM subscriptions WHERE status = 'active'",
    "SELECT c.email, sum(ch.amount) FROM charges ch JOIN customers c ON c.id = ch.customer GROUP BY 1",
    "SELECT count(*) FROM invoice_line_items",
    "SELECT count(*) FROM subscription_items",
    "SELECT * FROM balance",
    "SELECT name FROM products WHERE id = (SELECT min(id) FROM products)",
    "SELECT count(*) FROM prices WHERE active",
    "SELECT metadata->>'order' FROM customers",
    "SELECT count(*) FROM charges WHERE created >= now() - INTERVAL 30 DAY",
]


@pytest.mark.parametrize("text", QUERIES)
def test_a_second_reading_sends_nothing(open_one, text):
    connection = open_one()
    first, sent = cost(connection, text)
    assert sent > 0
    second, again = cost(connection, text)
    assert again == 0
    assert sorted(map(repr, second)) == sorted(map(repr, first))
    assert connection.execute(text).stats.cache_hits > 0 or text.endswith("LIMIT 7")


def test_one_reading_answers_narrower_queries(open_one):
    connection, plain = open_one(), open_one(cache_ttl_s=0)
    connection.execute("SELECT count(*) FROM charges").fetchall()
    for text in (
        "SELECT currency, sum(amount) FROM charges GROUP BY ALL ORDER BY ALL",
        "SELECT count(*) FROM charges WHERE created >= '2026-01-01' AND status = 'succeeded'",
        "SELECT id FROM charges ORDER BY created DESC, id LIMIT 3",
        "SELECT count(*) FROM charges a JOIN charges b ON a.id = b.id",
    ):
        rows, sent = cost(connection, text)
        assert sent == 0
        assert rows == cost(plain, text)[0]


def test_connections_with_one_key_share_it_and_others_do_not(sim, open_one):
    first, second = open_one(), open_one()
    first.execute("SELECT count(*) FROM products").fetchall()
    assert cost(second, "SELECT count(*) FROM products")[1] == 0
    with stripesql.connect("sk_test_two", transport=first._session.owned._transport, cache_ttl_s=300) as other:
        assert cost(other, "SELECT count(*) FROM products")[1] == 1
    with stripesql.connect("sk_test_one", transport=sim.transport(), cache_ttl_s=300) as other:
        assert cost(other, "SELECT count(*) FROM products")[1] == 1
    assert cost(open_one(cache_ttl_s=0), "SELECT count(*) FROM products")[1] == 1


def test_it_outlives_the_connection(open_one):
    connection = open_one()
    connection.execute("SELECT count(*) FROM products").fetchall()
    connection.close()
    assert cost(open_one(), "SELECT count(*) FROM products")[1] == 0


def test_headers_tell_entries_apart(open_one):
    connection = open_one()
    connection.execute("SELECT count(*) FROM products").fetchall()
    connection.execute("SET stripe_version = '2026-10-28.endive'")
    assert cost(connection, "SELECT count(*) FROM products")[1] == 1


def test_a_write_is_seen_at_once(open_one):
    connection, other = open_one(), open_one()
    query = "SELECT count(*) FROM customers WHERE email = 'new@example.com'"
    assert cost(connection, query) == ([(0,)], 1)
    assert cost(other, "SELECT count(*) FROM customers")[1] > 0
    connection.execute("INSERT INTO customers (email) VALUES ('new@example.com')")
    assert cost(connection, query) == ([(1,)], 1)
    assert cost(other, "SELECT count(*) FROM customers")[1] > 0
    connection.execute("UPDATE customers SET email = 'newer@example.com' WHERE email = 'new@example.com'")
    assert cost(connection, query) == ([(0,)], 1)


def test_a_write_reads_what_is_there_now(sim, open_one):
    connection = open_one()
    connection.execute("SELECT count(*) FROM customers").fetchall()
    sim.insert("customers", {"id": "cus_late", "email": "late@example.com", "created": 1_700_000_000})
    late = "WHERE created >= '2023-11-14' AND created < '2023-11-15'"
    assert cost(connection, f"SELECT count(*) FROM customers {late}") == ([(0,)], 0)
    assert connection.execute(f"UPDATE customers SET name = 'Late' {late}").rowcount == 1


def test_writes_of_temporary_tables_end_nothing(open_one):
    connection = open_one()
    connection.execute("SELECT count(*) FROM products").fetchall()
    connection.execute("CREATE TEMP TABLE t AS SELECT id FROM products")
    connection.execute("DELETE FROM t")
    assert cost(connection, "SELECT count(*) FROM products")[1] == 0


def test_a_query_that_failed_leaves_nothing(sim, open_one):
    connection = open_one()
    sim.hooks.before(2, lambda: sim.faults.next(Fault.BAD_JSON, times=30))
    with pytest.raises(stripesql.Error):
        connection.execute("SELECT count(*) FROM charges").fetchall()
    sim.faults.clear()
    assert cost(connection, "SELECT count(*) FROM charges")[1] >= -(-len(sim.listed("charges")) // 100)


def test_a_query_that_stopped_early_leaves_nothing(sim, open_one):
    connection = open_one()
    cursor = connection.execute("SELECT id FROM charges WHERE amount >= 0")
    cursor.fetchmany(5)
    cursor.close()
    assert connection.execute("SELECT count(*) FROM charges").fetchall() == [(len(sim.listed("charges")),)]


def test_without_pushdown_everything_is_read(open_one):
    connection = open_one()
    connection.execute("SELECT count(*) FROM products").fetchall()
    connection.execute("SET pushdown = off")
    assert cost(connection, "SELECT count(*) FROM products")[1] == 1


def test_too_little_room_keeps_nothing(open_one):
    connection = open_one(cache_bytes=1000)
    assert [cost(connection, "SELECT count(*) FROM products")[1] for _ in range(2)] == [1, 1]


def test_explain_shows_it(open_one):
    connection = open_one()
    connection.execute("SELECT count(*) FROM products").fetchall()
    lines = [line for (line,) in connection.execute("EXPLAIN SELECT name FROM products WHERE active").fetchall()]
    assert lines[0] == "products: cache"
    assert "ago" in lines[1]
    assert lines[-1].startswith("requests: 0;")
    (text,) = connection.execute("EXPLAIN (FORMAT JSON) SELECT name FROM products WHERE active").fetchone()
    (scan,) = json.loads(text)["scans"]
    assert scan["path"] == "cache"
    assert scan["age_s"] >= 0
    lines = [line for (line,) in connection.execute("EXPLAIN ANALYZE SELECT name FROM products WHERE active").fetchall()]
    assert any("0 requests, 0 rows fetched" in line and "from the cache" in line for line in lines)


def test_a_budget_of_nothing_is_enough_for_what_is_there(open_one):
    connection = open_one()
    connection.execute("SELECT count(*) FROM products").fetchall()
    connection.execute("SET max_requests = 0")
    assert cost(connection, "SELECT count(*) FROM products")[1] == 0


def test_sizes_that_were_seen_stay_what_stripe_took(open_one):
    connection = open_one()
    for _ in range(2):
        connection.execute("SELECT count(*) FROM charges").fetchall()
    connection.execute("SET cache_ttl_s = 0")
    lines = [line for (line,) in connection.execute("EXPLAIN SELECT count(*) FROM charges").fetchall()]
    assert any("by the last scan" in line and "requests: 0" not in line for line in lines)


def test_explain_does_not_promise_rows_whose_objects_were_read_with_more_inside(open_one):
    connection = open_one()
    join = "SELECT ch.id, c.email FROM charges ch JOIN customers c ON c.id = ch.customer"
    connection.execute(join.replace("c.email", "c.subscriptions")).fetchall()
    (text,) = connection.execute(f"EXPLAIN (FORMAT JSON) {join}").fetchone()
    _, requests = cost(connection, join)
    assert json.loads(text)["requests"]["most"] != 0 or requests == 0
    assert cost(connection, join)[1] == 0
