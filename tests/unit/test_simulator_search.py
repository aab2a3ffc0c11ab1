"""Search has a language of its own and an index that lags behind."""

import httpx
import pytest

from stripesql.simulator import Simulator
from stripesql.simulator.search.grammar import parsed

NOW = 1_790_000_000


@pytest.fixture(scope="module")
def sim():
    return Simulator(now=NOW)


@pytest.fixture(scope="module")
def http(sim):
    with httpx.Client(
        transport=sim.transport(), base_url="https://api.stripe.com", headers={"Authorization": "Bearer sk_test_unit"}
    ) as client:
        yield client


def found(http, table, query, **params):
    """Ids of all results, over all pages."""
    rows, page = [], {}
    for _ in range(200):
        answer = http.get(f"/v1/{table}/search", params={"query": query, "limit": 100, **params, **page})
        assert answer.status_code == 200, answer.text
        got = answer.json()
        assert got["object"] == "search_result"
        rows += [row["id"] for row in got["data"]]
        if not got["has_more"]:
            assert got["next_page"] is None
            return rows
        page = {"page": got["next_page"]}
    raise AssertionError("the search does not end")


def where(sim, table, keep):
    return [row["id"] for row in sim.objects(table) if row["created"] <= NOW - 60 and keep(row)]


@pytest.mark.parametrize(
    ("table", "query", "keep"),
    [
        ("charges", 'status:"failed"', lambda row: row["status"] == "failed"),
        ("charges", 'status:"FAILED"', lambda row: row["status"] == "failed"),
        ("charges", 'amount>50000 AND currency:"usd"', lambda row: row["amount"] > 50_000 and row["currency"] == "usd"),
        ("charges", 'amount>50000 currency:"usd"', lambda row: row["amount"] > 50_000 and row["currency"] == "usd"),
        ("charges", 'currency:"jpy" OR currency:"kwd"', lambda row: row["currency"] in ("jpy", "kwd")),
        ("charges", '-currency:"usd"', lambda row: row["currency"] != "usd"),
        ("charges", "refunded:null", lambda row: row["amount_refunded"] == 0),
        ("charges", 'refunded:"false"', lambda row: 0 < row["amount_refunded"] < row["amount"]),
        ("charges", 'refunded:"true"', lambda row: row["refunded"]),
        (
            "charges",
            'payment_method_details.card.brand:"amex"',
            lambda row: row["payment_method_details"].get("card", {}).get("brand") == "amex",
        ),
        ("customers", 'metadata["channel"]:"ads"', lambda row: row["metadata"].get("channel") == "ads"),
        ("customers", '-metadata["channel"]:null', lambda row: "channel" in row["metadata"]),
        ("customers", "metadata['segment']:'smb'", lambda row: row["metadata"].get("segment") == "smb"),
        ("customers", 'email~"example"', lambda row: row["email"] is not None),
        ("customers", 'name:"hopper"', lambda row: row["name"] is not None and "hopper" in row["name"].lower().split()),
        ("customers", "name:null", lambda row: row["name"] is None),
        ("customers", f"created>={NOW - 86_400 * 90}", lambda row: row["created"] >= NOW - 86_400 * 90),
        ("subscriptions", 'status:"canceled"', lambda row: row["status"] == "canceled"),
        ("invoices", "total<2000", lambda row: row["total"] < 2000),
        ("prices", 'active:"false"', lambda row: not row["active"]),
        ("products", 'name~"suppor"', lambda row: "suppor" in row["name"].lower()),
        ("payment_intents", 'status:"canceled"', lambda row: row["status"] == "canceled"),
    ],
)
def test_operators(sim, http, table, query, keep):
    wanted = where(sim, table, keep)
    assert wanted
    assert found(http, table, query) == wanted


def test_search_sees_hidden_rows(sim, http):
    shown = set(found(http, "subscriptions", "created>0"))
    assert "canceled" in {row["status"] for row in sim.objects("subscriptions") if row["id"] in shown}


@pytest.mark.parametrize(
    "query",
    [
        "amount",
        "amount>",
        'amount~"10"',
        'status>"a"',
        "status:failed",
        'status:"a" AND status:"b" OR status:"c"',
        '(status:"a")',
        'name~"ab"',
        'metadata:"x"',
        'status["x"]:"y"',
        'amount:"ten"',
        'id:"ch_1"',
        "amount>null",
        " AND ".join(["amount>1"] * 11),
        'status:"open',
    ],
)
def test_queries_outside_the_language_are_refused(http, query):
    answer = http.get("/v1/charges/search", params={"query": query})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "query"


def test_ten_clauses_are_allowed():
    assert len(parsed(" AND ".join(["amount>1"] * 10)).clauses) == 10


def test_total_count_comes_on_demand(sim, http):
    got = http.get("/v1/charges/search", params={"query": "amount>0", "limit": 1, "expand[]": "total_count"}).json()
    assert got["total_count"] == len(where(sim, "charges", lambda row: row["amount"] > 0))
    assert "total_count" not in http.get("/v1/charges/search", params={"query": "amount>0"}).json()


def test_index_lags_a_minute_behind():
    sim = Simulator(empty=True, now=NOW)
    row = sim.insert("customers", {"name": "Fresh Start", "created": NOW - 5000})
    with httpx.Client(
        transport=sim.transport(), base_url="https://api.stripe.com", headers={"Authorization": "Bearer sk_test_unit"}
    ) as http:
        assert found(http, "customers", 'name:"fresh"') == []
        assert http.get("/v1/customers").json()["data"][0]["id"] == row["id"]
        sim.clock.advance(61)
        assert found(http, "customers", 'name:"fresh"') == [row["id"]]
