"""Search as a way to the rows: only where it is allowed, in pages of its own, at its own pace, and checked again."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from crafted import InFront, column, connected, lines, refusal
from test_requests_joins import steady

import stripesql
from stripesql.simulator import Simulator

NOW = 1_790_000_000


@pytest.fixture(scope="module")
def sim() -> Simulator:
    """Return an account of 650 customers, of whom 230 are gold, and a charge for each."""
    sim = Simulator(empty=True, now=NOW)
    for number in range(650):
        tier = "gold" if number < 230 else "GOLD" if number == 230 else "plain"
        sim.insert(
            "customers",
            {
                "id": f"cus_{number}",
                "email": f"c{number}@{'gold' if number % 2 else 'tin'}.example",
                "name": f'Say "{number}" \\ {number}',
                "created": NOW - 10_000 - number,
                "metadata": {"tier": tier, "note": f'"{number}\\'},
            },
        )
        sim.insert("charges", {"id": f"ch_{number}", "customer": f"cus_{number}", "amount": number, "created": NOW - 9000 - number})
    # Search knows of what was written before the last minute.
    sim.clock.advance(120)
    return sim


@pytest.fixture
def opened(sim: Simulator) -> Iterator[stripesql.Connection]:
    sim.clear_log()
    with steady(sim) as connection:
        connection.execute("SET allow_stale_search = on")
        yield connection


def paths(sim: Simulator) -> list[str]:
    return [each.path for each in sim.log]


def test_pages_go_on_by_their_token(sim: Simulator, opened: stripesql.Connection) -> None:
    found = column(opened, "SELECT id FROM customers WHERE metadata.tier = 'gold'")
    assert sorted(found) == sorted(f"cus_{number}" for number in range(230))
    assert paths(sim) == ["/v1/customers/search"] * 3
    assert [dict(each.params)["limit"] for each in sim.log] == ["100"] * 3
    assert ["page" in dict(each.params) for each in sim.log] == [False, True, True]


def test_nothing_is_searched_unless_it_is_allowed(sim: Simulator, opened: stripesql.Connection) -> None:
    opened.execute("SET allow_stale_search = off")
    assert len(column(opened, "SELECT id FROM customers WHERE metadata.tier = 'gold'")) == 230
    assert set(paths(sim)) == {"/v1/customers"}


def test_nothing_is_searched_where_nothing_is_pushed_down(sim: Simulator, opened: stripesql.Connection) -> None:
    opened.execute("SET pushdown = off")
    column(opened, "SELECT id FROM customers WHERE metadata.tier = 'gold'")
    assert set(paths(sim)) == {"/v1/customers"}


@pytest.mark.parametrize("number", [3, 17])
def test_quotes_and_backslashes_arrive_as_they_are(sim: Simulator, opened: stripesql.Connection, number: int) -> None:
    assert column(opened, "SELECT id FROM customers WHERE metadata.note = ?", [f'"{number}\\']) == [f"cus_{number}"]
    assert column(opened, "SELECT id FROM customers WHERE name = ?", [f'Say "{number}" \\ {number}']) == [f"cus_{number}"]
    assert column(opened, "SELECT id FROM customers WHERE name LIKE ?", [f'%"{number}" \\ {number}%']) == [f"cus_{number}"]
    assert set(paths(sim)) == {"/v1/customers/search"}


def test_the_case_of_letters_is_checked_here(sim: Simulator, opened: stripesql.Connection) -> None:
    assert column(opened, "SELECT id FROM customers WHERE metadata.tier = 'GOLD'") == ["cus_230"]
    assert column(opened, "SELECT id FROM customers WHERE email LIKE '%@GOLD.example'") == []
    assert len(column(opened, "SELECT id FROM customers WHERE email ILIKE '%@GOLD.example'")) == 325
    assert set(paths(sim)) == {"/v1/customers/search"}


def test_found_rows_give_keys_and_bring_what_is_expanded(sim: Simulator, opened: stripesql.Connection) -> None:
    sql = "SELECT c.id, h.id FROM charges h JOIN customers c ON h.customer = c.id WHERE h.amount >= 640 AND c.metadata.tier = 'plain'"
    assert sorted(opened.execute(sql).fetchall()) == sorted((f"cus_{n}", f"ch_{n}") for n in range(640, 650))
    assert set(paths(sim)) == {"/v1/charges/search"}
    assert dict(sim.log[0].params)["expand[]"] == "data.customer"


def test_a_row_that_comes_twice_is_one(sim: Simulator) -> None:
    def craft(request: httpx.Request) -> httpx.Response | None:
        if not request.url.path.endswith("/search"):
            return None
        rows = [{"id": f"cus_{n}", "object": "customer", "metadata": {"tier": "gold"}} for n in (1, 2)]
        second = "page" in request.url.params
        found = {"object": "search_result", "data": rows[1:] if second else rows, "has_more": not second, "next_page": "t"}
        return httpx.Response(200, json=found)

    with connected(InFront(sim, craft), allow_stale_search=True) as connection:
        assert column(connection, "SELECT id FROM customers WHERE metadata.tier = 'gold' LIMIT 50") == ["cus_1", "cus_2"]


@pytest.mark.parametrize("param", ["query", None])
def test_a_search_that_stripe_refuses_is_a_list(sim: Simulator, param: str | None) -> None:
    def craft(request: httpx.Request) -> httpx.Response | None:
        return refusal(param, message="Search is not available") if request.url.path.endswith("/search") else None

    with connected(InFront(sim, craft), allow_stale_search=True) as connection:
        cursor = connection.execute("SELECT id FROM customers WHERE metadata.tier = 'GOLD'")
        assert cursor.fetchall() == [("cus_230",)]
        assert cursor.stats.pushes_dropped == ("customers.query",)


def test_what_is_written_since_a_minute_may_be_missed(sim: Simulator, opened: stripesql.Connection) -> None:
    sim.insert("customers", {"id": "cus_fresh", "created": NOW + 115, "metadata": {"tier": "fresh"}})
    sql = "SELECT id FROM customers WHERE metadata.tier = 'fresh'"
    assert column(opened, sql) == []
    assert column(opened, sql.replace("id", "count(*)", 1)) == [1]
    opened.execute("SET allow_stale_search = off")
    assert column(opened, sql) == ["cus_fresh"]


def test_search_has_a_pace_of_its_own(sim: Simulator) -> None:
    from stripesql.fetch.limiter import SEARCH_RATE

    with stripesql.connect(
        "sk_test_search_pace1", transport=sim.transport(), requests_per_second=1000, allow_stale_search=True
    ) as connection:
        cursor = connection.execute("SELECT id FROM customers WHERE metadata.tier = 'gold'")
        cursor.fetchall()
        client = connection._session_or_raise().owned._client
        buckets = client._limiter(stripesql.request.Request("GET", "/v1/customers/search"))._buckets
        with buckets.held() as held:
            assert held["GET /v1/customers/search"].ceiling == SEARCH_RATE


def test_explain_says_what_search_may_do(opened: stripesql.Connection) -> None:
    sql = "SELECT id FROM customers WHERE metadata.tier = 'gold'"
    said = lines(opened, f"EXPLAIN {sql}")
    assert "customers: search" in said
    assert 'GET /v1/customers/search?query=metadata["tier"]:"gold"' in said
    assert "may be a minute stale, and miss rows (allow_stale_search)" in said
    assert "other ways: full list, perhaps 20" in said
    (document,) = opened.execute(f"EXPLAIN (FORMAT JSON) {sql}").fetchone()
    (scan,) = json.loads(document)["scans"]
    assert scan["may_miss_rows"] is True
    assert scan["alternatives"] == {"full list": 20}
    (document,) = opened.execute("EXPLAIN (FORMAT JSON) SELECT count(*) FROM customers WHERE metadata.tier = 'gold'").fetchone()
    assert json.loads(document)["scans"][0]["may_miss_rows"] is False


def test_what_a_search_took_is_known_afterwards(sim: Simulator, opened: stripesql.Connection) -> None:
    column(opened, "SELECT id FROM customers WHERE metadata.tier = 'gold'")
    assert "requests: 3 by the last scan" in lines(opened, "EXPLAIN SELECT id FROM customers WHERE metadata.tier = 'gold'")


def test_what_is_kept_in_a_table_of_ones_own_is_not_searched_for(sim: Simulator, opened: stripesql.Connection) -> None:
    opened.execute("CREATE TEMP TABLE gold AS SELECT id FROM customers WHERE metadata.tier = 'gold'")
    assert set(paths(sim)) == {"/v1/customers"}
    assert column(opened, "SELECT count(*) FROM gold") == [230]
