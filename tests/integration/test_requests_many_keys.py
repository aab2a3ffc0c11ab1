"""Long lists of ids and keys: a request for each, or the list that holds them, whichever is shorter; never much more than that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from crafted import column, lines
from test_requests_joins import steady

import stripesql
from stripesql.simulator import Simulator

NOW = 1_790_000_000


@pytest.fixture(scope="module")
def world() -> Simulator:
    """Return an account of 450 events, 30 coupons, 60 products and 2,600 charges of 300 customers."""
    sim = Simulator(empty=True, now=NOW)
    for number in range(300):
        sim.insert("customers", {"id": f"cus_{number}", "created": NOW - 1000 - number})
    for number in range(2600):
        sim.insert("charges", {"id": f"ch_{number}", "customer": f"cus_{number % 300}", "created": NOW - number, "amount": number})
    for number in range(450):
        sim.insert("events", {"id": f"evt_{number}", "type": "ping", "created": NOW - number})
    for number in range(30):
        sim.insert("coupons", {"id": f"c{number}", "created": NOW - number})
    for number in range(250):
        sim.insert("products", {"id": f"prod_{number}", "name": f"p{number}", "created": NOW - number, "active": number % 2 == 0})
    for number in range(300):
        product = f"prod_{number % 150}"
        sim.insert("prices", {"id": f"price_{number}", "product": product, "active": True, "created": NOW - number, "metadata": {}})
    clock = sim.insert("test_helpers_test_clocks", {"id": "clock_1"})["id"]
    sim.insert("customers", {"id": "cus_clock", "test_clock": clock})
    sim.insert("charges", {"id": "ch_clock", "customer": "cus_clock", "created": NOW - 5, "amount": 1})
    return sim


@pytest.fixture
def opened(world: Simulator) -> Iterator[stripesql.Connection]:
    world.clear_log()
    with steady(world) as connection:
        yield connection


def listed(table: str, ids: list[str], more: str = "") -> str:
    return f"SELECT id FROM {table} WHERE id IN ({', '.join(repr(each) for each in ids)}){more}"


def spread(prefix: str, number: int, of: int) -> list[str]:
    """Return ids that are spread over a whole list."""
    return [f"{prefix}_{index * of // number}" for index in range(number)]


@pytest.mark.parametrize(
    ("table", "ids", "most"),
    [
        ("coupons", [f"c{number}" for number in range(3)], 3),
        ("coupons", [f"c{number}" for number in range(20)], 1),
        ("events", spread("evt", 40, 450), 5),
        ("charges", spread("ch", 9, 2600), 9),
        ("charges", spread("ch", 100, 2600), 27),
        # All ids are new ones: the first page has them.
        ("charges", [f"ch_{number}" for number in range(60)], 1),
        # All ids are old ones: what was risked is lost, and no more.
        ("charges", [f"ch_{number}" for number in range(2580, 2600)], 21),
        ("charges", ["ch_none", *(f"ch_{number}" for number in range(2561, 2600))], 42),
        ("products", [f"prod_{number}" for number in range(240)], 3),
    ],
    ids=["few", "a short list", "spread", "nine", "a hundred", "new", "old", "old and none", "several at once"],
)
def test_ids_cost_no_more_than_the_better_way_and_what_was_risked(
    world: Simulator, opened: stripesql.Connection, table: str, ids: list[str], most: int
) -> None:
    assert sorted(column(opened, listed(table, ids))) == sorted(each for each in ids if not each.endswith("none"))
    assert len(world.log) <= most


def test_what_no_list_shows_is_still_looked_up(world: Simulator, opened: stripesql.Connection) -> None:
    ids = ["ch_clock", *spread("ch", 60, 2600)]
    assert sorted(column(opened, listed("charges", ids))) == sorted(ids)
    assert Counter(each.path for each in world.log)["/v1/charges/ch_clock"] == 1
    assert len(world.log) <= 28


def test_a_list_that_was_counted_is_read_at_once_or_never(world: Simulator, opened: stripesql.Connection) -> None:
    column(opened, "SELECT count(*) FROM charges")
    world.clear_log()
    assert len(column(opened, listed("charges", spread("ch", 26, 2600)))) == 26
    assert {each.path.count("/") for each in world.log} == {3}
    world.clear_log()
    assert len(column(opened, listed("charges", [f"ch_{number}" for number in range(2570, 2600)]))) == 30
    assert len(world.log) == 26


def test_a_list_that_stood_in_for_keys_is_counted(world: Simulator, opened: stripesql.Connection) -> None:
    column(opened, listed("events", [*spread("evt", 200, 450), "evt_none"]))
    assert "requests: 5 by the last scan" in lines(opened, "EXPLAIN SELECT count(*) FROM events")


def test_what_else_is_asked_for_narrows_the_list(world: Simulator, opened: stripesql.Connection) -> None:
    ids = [f"ch_{number}" for number in range(200, 400)]
    found = column(opened, listed("charges", ids, f" AND created > to_timestamp({NOW - 250})"))
    assert sorted(found) == sorted(f"ch_{number}" for number in range(200, 250))
    lists = [each for each in world.log if each.path == "/v1/charges"]
    assert {dict(each.params).get("created[gt]") for each in lists} == {str(NOW - 250)}


def test_two_long_lists_of_ids_with_other_terms_are_two_scans(world: Simulator, opened: stripesql.Connection) -> None:
    ids = ", ".join(f"'ch_{number}'" for number in range(60))
    sql = (
        f"SELECT a.id FROM charges a WHERE a.id IN ({ids}) AND a.created > to_timestamp({NOW - 3}) "
        f"UNION ALL SELECT b.id FROM charges b WHERE b.id IN ({ids})"
    )
    assert len(column(opened, sql)) == 63


def test_a_limit_reads_ids_one_by_one(world: Simulator, opened: stripesql.Connection) -> None:
    assert len(column(opened, listed("charges", spread("ch", 100, 2600), " LIMIT 2"))) == 2
    assert {each.path.count("/") for each in world.log} == {3}


def test_many_values_of_a_key_are_one_list_where_that_is_shorter(world: Simulator, opened: stripesql.Connection) -> None:
    values = ", ".join(f"'cus_{number}'" for number in range(70))
    rows = column(opened, f"SELECT id FROM charges WHERE customer IN ({values})")
    assert len(rows) == len(set(rows)) == sum(number % 300 < 70 for number in range(2600))
    assert len(world.log) <= 27


def test_look_ups_of_a_list_that_takes_ids_are_a_request_for_a_hundred(world: Simulator, opened: stripesql.Connection) -> None:
    opened.register("wanted", {"id": [f"price_{number}" for number in range(300)]})
    sql = "SELECT t.n, p.name FROM (SELECT product, count(*) AS n FROM prices GROUP BY product LIMIT 140) t LEFT JOIN products p ON p.id = t.product"
    column(opened, "SELECT count(*) FROM products")
    world.clear_log()
    assert len(column(opened, sql)) == 140
    ways = Counter(each.path for each in world.log)
    assert ways["/v1/products"] <= 3
    assert sum(count for path, count in ways.items() if path.startswith("/v1/products/")) == 0


def test_a_frame_gives_keys(world: Simulator, opened: stripesql.Connection) -> None:
    opened.register("mine", {"id": ["cus_1", None, "cus_7", "cus_1", "nope"], "n": [1, 2, 3, 4, 5]})
    assert len(column(opened, "SELECT c.id FROM charges c JOIN mine ON c.customer = mine.id")) == 9 + 9 + 9
    assert sorted(dict(each.params)["customer"] for each in world.log) == ["cus_1", "cus_7", "nope"]
    world.clear_log()
    assert sorted(column(opened, "SELECT id FROM customers WHERE id IN (SELECT id FROM mine WHERE n < 4)")) == ["cus_1", "cus_7"]
    assert sorted(each.path for each in world.log) == ["/v1/customers/cus_1", "/v1/customers/cus_7", "/v1/customers/nope"]


def test_an_empty_frame_asks_for_nothing(world: Simulator, opened: stripesql.Connection) -> None:
    import pyarrow as pa

    opened.register("none", pa.table({"id": pa.array([], pa.string())}))
    assert column(opened, "SELECT c.id FROM charges c JOIN none ON c.customer = none.id") == []
    assert world.log == []


def test_sides_of_a_union_give_keys_together(world: Simulator, opened: stripesql.Connection) -> None:
    opened.register("mine", {"id": ["cus_1", "cus_2"]})
    sql = "SELECT id FROM charges WHERE customer IN (SELECT id FROM mine UNION SELECT customer FROM charges WHERE id = 'ch_7')"
    assert len(column(opened, sql)) == 27
    asked = [dict(each.params).get("customer", each.path) for each in world.log]
    assert sorted(asked) == ["/v1/charges/ch_7", "cus_1", "cus_2", "cus_7"]
    assert "once for each value of charges.customer and 2 values:" in lines(opened, f"EXPLAIN {sql}")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT x.id, y.id FROM customers x JOIN customers y ON x.id = y.id WHERE x.id IN ({ids}) AND true",
        "SELECT x.id, y.id FROM customers x JOIN customers y ON x.id = y.id AND y.id IN ({ids}) WHERE x.id IN ({ids}, 'cus_99')",
        "SELECT x.id, y.id FROM customers x LEFT JOIN customers y ON x.id = y.id AND y.created > to_timestamp(0) WHERE x.id IN ({ids})",
        "SELECT c.id, h.id FROM charges h JOIN customers c ON h.customer = c.id WHERE c.id IN ({ids}) AND h.amount < 12",
        "SELECT c.id, h.id FROM charges h JOIN customers c ON h.customer = c.id WHERE c.id = 'cus_3' AND starts_with(h.customer, 'cus') AND h.amount < 12",
    ],
)
def test_keys_that_are_named_in_a_join_too_lose_no_row(world: Simulator, opened: stripesql.Connection, sql: str) -> None:
    text = sql.format(ids=", ".join(f"'cus_{number}'" for number in range(12)))
    found = sorted(opened.execute(text).fetchall())
    assert found
    opened.execute("SET pushdown = off")
    assert found == sorted(opened.execute(text).fetchall())
