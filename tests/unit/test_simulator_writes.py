"""The simulator's writes: what Stripe refuses, what it makes of the rest, and that it can be read at once."""

import httpx
import pytest
from posting import KEY, Api

from stripesql.catalogue.load import catalogue
from stripesql.simulator import Simulator
from stripesql.simulator.writes import areas

NOW = 1_790_000_000


@pytest.fixture
def sim():
    return Simulator(empty=True, now=NOW)


@pytest.fixture
def api(sim):
    return Api(sim)


@pytest.mark.parametrize(
    ("path", "values", "code", "param"),
    [
        ("customers", {"foo": 1}, "parameter_unknown", "foo"),
        ("customers", {"address": {"planet": "x"}}, "parameter_unknown", "address[planet]"),
        ("customers", {"balance": "ten"}, "parameter_invalid_integer", "balance"),
        ("customers", {"balance": "1.5"}, "parameter_invalid_integer", "balance"),
        ("customers", {"balance": ""}, "parameter_invalid_empty", "balance"),
        ("customers", {"source": ""}, "parameter_invalid_empty", "source"),
        ("customers", {"address": "Berlin"}, None, "address"),
        ("customers", {"preferred_locales": "de"}, None, "preferred_locales"),
        ("customers", {"tax_exempt": "perhaps"}, None, "tax_exempt"),
        ("customers", {"email": "nobody"}, "email_invalid", "email"),
        ("customers", {"metadata": {"k" * 41: "v"}}, None, "metadata"),
        ("customers", {"metadata": {"k": "v" * 501}}, None, "metadata[k]"),
        ("customers", {"metadata": {f"k{n}": "v" for n in range(51)}}, None, "metadata"),
        ("customers", {"test_clock": "clock_nope"}, "resource_missing", "test_clock"),
        ("customers", {"payment_method": "pm_nope"}, "resource_missing", "payment_method"),
        ("products", {}, "parameter_missing", "name"),
        ("products", {"name": "x", "active": "yes"}, None, "active"),
        ("products", {"name": "x", "images": ["no address"]}, "url_invalid", "images[0]"),
        ("products", {"name": "x", "images": [f"https://a.example/{n}" for n in range(9)]}, None, "images"),
        ("products", {"name": "x", "package_dimensions": {"height": 1}}, "parameter_missing", "package_dimensions[length]"),
        ("prices", {"currency": "usd", "unit_amount": 1, "product": "prod_nope"}, "resource_missing", "product"),
        ("prices", {"unit_amount": 1, "product": "prod_nope"}, "parameter_missing", "currency"),
        ("prices", {"currency": "dollars", "unit_amount": 1}, None, "currency"),
        ("webhook_endpoints", {"url": "x", "enabled_events": ["*"]}, "url_invalid", "url"),
        ("invoiceitems", {"customer": "cus_nope", "amount": 1}, "resource_missing", "customer"),
        ("subscriptions", {"customer": "cus_nope", "items": [{"price": "p"}]}, "resource_missing", "customer"),
        ("tax_rates", {"display_name": "VAT", "inclusive": "true", "percentage": "x"}, None, "percentage"),
        ("coupons", {"percent_off": 5, "redeem_by": "tomorrow"}, "parameter_invalid_integer", "redeem_by"),
    ],
)
def test_bad_parameters_are_named(api, path, values, code, param):
    error = api.refused(path, **values)
    assert (error.get("code"), error.get("param"), error["type"]) == (code, param, "invalid_request_error")


def test_created_objects_are_whole_and_read_at_once(sim, api):
    made = api.post("customers", name="Ada", email="ada@example.com", address={"city": "London"}, metadata={"a": "1"})
    assert made["id"].startswith("cus_")
    assert (made["object"], made["livemode"]) == ("customer", False)
    assert made["address"] == {"city": "London", "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}
    assert (made["balance"], made["tax_exempt"], made["phone"]) == (0, "none", None)
    assert api.get(f"customers/{made['id']}") == made == api.get("customers", email="ada@example.com")["data"][0]
    assert sim.objects("customers") == [made]


def test_own_time_orders_the_list(sim, api):
    first = api.post("products", name="a")
    sim.clock.advance(5)
    second = api.post("products", name="b")
    assert [row["id"] for row in api.get("products")["data"]] == [second["id"], first["id"]]
    assert second["created"] >= first["created"] + 5


def test_metadata_merges_key_by_key_and_unsets(api):
    made = api.post("customers", metadata={"a": "1", "b": "2"}, description="x")
    path = f"customers/{made['id']}"
    assert api.post(path, metadata={"b": "", "c": "3"})["metadata"] == {"a": "1", "c": "3"}
    assert api.post(path, metadata="")["metadata"] == {}
    assert api.post(path, metadata={"7": "seven"})["metadata"] == {"7": "seven"}
    many = {f"k{n}": "v" for n in range(50)}
    assert api.refused(path, metadata=many)["param"] == "metadata"
    assert api.post(path, description="")["description"] is None


def test_nested_objects_are_merged_and_shipping_is_replaced(api):
    made = api.post("customers", address={"city": "Paris", "line1": "1"}, shipping={"name": "A", "phone": "1", "address": {"city": "X"}})
    path = f"customers/{made['id']}"
    changed = api.post(path, address={"line1": "2"}, shipping={"name": "B", "address": {"line1": "Y"}})
    assert (changed["address"]["city"], changed["address"]["line1"]) == ("Paris", "2")
    assert (changed["shipping"]["name"], changed["shipping"]["phone"], changed["shipping"]["address"]["city"]) == ("B", None, None)
    assert api.post(path, address="", shipping="")["address"] is None
    assert api.refused(path, shipping={"name": "C"})["param"] == "shipping[address]"


def test_arrays_come_in_three_notations(api):
    urls = ["https://a.example/1", "https://a.example/2"]
    for body in (
        f"name=x&images[0]={urls[0]}&images[1]={urls[1]}",
        f"name=x&images[]={urls[0]}&images[]={urls[1]}",
        f"name=x&images%5B1%5D={urls[1]}&images%5B0%5D={urls[0]}",
    ):
        answer = api.http.post("products", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert answer.json()["images"] == urls


def test_deleted_objects_leave_tombstones(api):
    made = api.post("customers", email="gone@example.com")
    tombstone = {"id": made["id"], "object": "customer", "deleted": True}
    assert api.delete(f"customers/{made['id']}") == tombstone == api.get(f"customers/{made['id']}")
    assert api.get("customers")["data"] == []
    assert api.refused(f"customers/{made['id']}", status=404, name="x")["code"] == "resource_missing"
    assert api.refused(f"customers/{made['id']}", method="DELETE", status=404)["code"] == "resource_missing"
    assert api.refused("invoiceitems", customer=made["id"], amount=1)["code"] == "resource_missing"
    product = api.post("products", name="x")
    assert api.delete(f"products/{product['id']}")["deleted"]
    assert api.refused(f"products/{product['id']}", method="GET", status=404)["code"] == "resource_missing"


def test_own_ids_are_taken_once(api):
    assert api.post("products", id="lamp", name="Lamp")["id"] == "lamp"
    assert api.refused("products", id="lamp", name="Lamp")["code"] == "resource_already_exists"
    api.delete("products/lamp")
    assert api.post("products", id="lamp", name="Lamp again")["name"] == "Lamp again"
    assert api.post("coupons", id="TEN", percent_off=10)["id"] == "TEN"
    assert api.refused("coupons", id="TEN", percent_off=10)["code"] == "resource_already_exists"
    plan = api.post("plans", id="gold", amount=100, currency="usd", interval="month", product="lamp")
    assert (plan["id"], api.get("prices/gold")["unit_amount"]) == ("gold", 100)


def test_events_tell_what_changed(sim, api):
    made = api.post("customers", name="A", metadata={"k": "old"}, email="a@example.com")
    api.post(f"customers/{made['id']}", name="B", metadata={"k": "new"})
    api.post(f"customers/{made['id']}", name="B")
    api.delete(f"customers/{made['id']}")
    events = {event["type"]: event for event in sim.objects("events")}
    assert sorted(event["type"] for event in sim.objects("events")) == ["customer.created", "customer.deleted", "customer.updated"]
    updated = events["customer.updated"]
    assert updated["data"]["previous_attributes"] == {"name": "A", "metadata": {"k": "old"}}
    assert updated["data"]["object"]["name"] == "B"
    assert events["customer.created"]["data"]["object"] == made
    assert updated["request"]["id"].startswith("req_")
    assert {event["id"] for event in api.get("events", type="customer.updated")["data"]} == {updated["id"]}


def test_search_lags_behind_writes(sim, api):
    made = api.post("customers", name="Newton")
    query = {"query": "name:'Newton'"}
    assert api.get("customers/search", **query)["data"] == []
    sim.clock.advance(61)
    assert [row["id"] for row in api.get("customers/search", **query)["data"]] == [made["id"]]
    api.post(f"customers/{made['id']}", name="Leibniz")
    assert [row["name"] for row in api.get("customers/search", **query)["data"]] == ["Leibniz"]
    assert api.get("customers/search", query="name:'Leibniz'")["data"] == []
    sim.clock.advance(61)
    assert api.get("customers/search", **query)["data"] == []


def test_answers_can_be_expanded(api):
    customer = api.post("customers", name="A")
    product = api.post("products", name="P")
    price = api.post("prices", product=product["id"], unit_amount=5, currency="usd", expand=["product", "currency_options"])
    assert price["product"]["name"] == "P"
    assert price["currency_options"]["usd"]["unit_amount"] == 5
    invoice = api.post("invoices", customer=customer["id"], expand=["customer"])
    assert invoice["customer"]["id"] == customer["id"]
    assert api.refused("products", name="x", expand=["nothing"])["param"] == "expand"
    assert len(api.get("products")["data"]) == 1


def test_nested_objects_belong_to_the_parent_of_the_path(api):
    one, other = api.post("customers")["id"], api.post("customers")["id"]
    tax_id = api.post(f"customers/{one}/tax_ids", type="eu_vat", value="DE123456789")
    assert (tax_id["customer"], tax_id["country"], tax_id["owner"]["type"]) == (one, "DE", "customer")
    assert api.get(f"customers/{one}/tax_ids")["data"] == [tax_id]
    assert api.get(f"customers/{other}/tax_ids")["data"] == []
    assert api.refused(f"customers/{other}/tax_ids/{tax_id['id']}", method="DELETE", status=404)["code"] == "resource_missing"
    assert api.delete(f"customers/{one}/tax_ids/{tax_id['id']}")["deleted"]
    assert api.refused("customers/cus_nope/tax_ids", status=404, type="eu_vat", value="DE1")["code"] == "resource_missing"
    assert api.refused(f"customers/{one}/tax_ids", type="eu_vat", value="1")["code"] == "tax_id_invalid"


def test_sources_have_a_default(api):
    customer = api.post("customers", source="tok_visa")
    first = customer["default_source"]
    second = api.post(f"customers/{customer['id']}/sources", source="tok_mastercard")
    assert second["object"] == "card"
    assert api.get(f"customers/{customer['id']}")["default_source"] == first
    assert api.delete(f"customers/{customer['id']}/sources/{first}") == {"id": first, "object": "card", "deleted": True}
    assert api.get(f"customers/{customer['id']}")["default_source"] == second["id"]
    assert api.refused(f"customers/{customer['id']}/sources", source="tok_nope")["code"] == "resource_missing"


def test_a_restricted_key_needs_the_write_permission():
    sim = Simulator(empty=True, keys={"rk_test_reader": frozenset({"customers:read"}), "rk_test_writer": frozenset({"customers:write"})})
    with httpx.Client(transport=sim.transport(), base_url="https://api.stripe.com") as http:
        refused = http.post("/v1/customers", data={"name": "x"}, headers={"Authorization": "Bearer rk_test_reader"})
        assert refused.status_code == 403
        assert "'customers:write'" in refused.json()["error"]["message"]
        writer = {"Authorization": "Bearer rk_test_writer"}
        made = http.post("/v1/customers", data={"name": "x"}, headers=writer)
        assert made.status_code == 200
        assert http.post("/v1/products", data={"name": "x"}, headers=writer).status_code == 403
        assert http.delete(f"/v1/customers/{made.json()['id']}", headers=writer).status_code == 200
        assert http.post("/v1/customers", data={"name": "x"}, headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_connected_accounts_have_rows_of_their_own(api):
    account = api.post("accounts", type="express", country="DE", email="partner@example.com")
    made = api.send("POST", "customers", {"name": "theirs"}, **{"Stripe-Account": account["id"]}).json()
    assert api.get("customers")["data"] == []
    assert api.send("GET", f"customers/{made['id']}", {}, **{"Stripe-Account": account["id"]}).json()["name"] == "theirs"
    assert api.send("POST", "customers", {}, **{"Stripe-Account": "acct_nope"}).status_code == 403
    assert api.delete(f"accounts/{account['id']}") == {"id": account["id"], "object": "account", "deleted": True}


def test_writes_are_limited_as_reads_are():
    sim = Simulator(empty=True, endpoint_rate=1)
    api = Api(sim)
    answers = [api.send("POST", "customers", {}) for _ in range(3)]
    assert answers[0].status_code == 200
    assert [answer.headers.get("Stripe-Rate-Limited-Reason") for answer in answers[1:]].count("endpoint-rate") >= 1
    assert len(sim.objects("customers")) == sum(answer.status_code == 200 for answer in answers)


def test_v2_takes_json(sim):
    with httpx.Client(transport=sim.transport(), base_url="https://api.stripe.com", headers=KEY) as http:
        made = http.post("/v2/core/accounts", json={"contact_email": "a@example.com", "metadata": {"k": "v"}})
        assert made.status_code == 200, made.text
        value = made.json()
        assert (value["object"], value["contact_email"], value["metadata"]) == ("v2.core.account", "a@example.com", {"k": "v"})
        assert isinstance(value["created"], str)
        changed = http.post(f"/v2/core/accounts/{value['id']}", json={"display_name": "B", "metadata": {"k": None, "j": "1"}}).json()
        assert (changed["display_name"], changed["metadata"]) == ("B", {"j": "1"})
        for body, param in (({"nonsense": 1}, "nonsense"), ({"contact_email": 5}, "contact_email")):
            assert http.post("/v2/core/accounts", json=body).json()["error"]["param"] == param
        broken = http.post("/v2/core/accounts", content=b"{", headers={"Content-Type": "application/json"})
        assert broken.status_code == 400


def test_files_come_back_as_they_went(sim, api):
    content = b"line\r\n\r\n--not a boundary\r\n\x00\xff"
    made = api.http.post("files", data={"purpose": "dispute_evidence"}, files={"file": ("proof.pdf", content)}).json()
    assert (made["filename"], made["size"], made["type"], made["purpose"]) == ("proof.pdf", len(content), "pdf", "dispute_evidence")
    assert api.http.get(f"files/{made['id']}/contents").content == content
    assert api.post("file_links", file=made["id"])["url"].startswith("https://")
    assert api.http.post("files", data={"purpose": "dispute_evidence"}).json()["error"]["param"] == "file"
    assert api.http.post("files", data={"purpose": "fun"}, files={"file": ("a", b"")}).json()["error"]["param"] == "purpose"
    assert api.refused("files/file_nope/contents", method="GET", status=404)["code"] == "resource_missing"


def test_singletons_keep_their_changes(api):
    assert api.post("tax/settings", defaults={"tax_behavior": "inclusive"})["defaults"]["tax_behavior"] == "inclusive"
    assert api.get("tax/settings")["defaults"]["tax_behavior"] == "inclusive"


def test_a_refused_write_leaves_nothing(sim, api):
    assert api.refused("customers", payment_method="pm_card_chargeDeclined", status=402)["code"] == "card_declined"
    assert api.refused("customers", tax_id_data=[{"type": "eu_vat", "value": "DE123456789"}, {"type": "eu_vat", "value": "1"}])
    assert sim.objects("tax_ids") == []


def test_every_rule_belongs_to_an_operation_of_the_api():
    tables = {table.name: table for table in catalogue().tables()}
    assert all(tables[name].create for name in areas.CREATE)
    assert all(tables[name].update for name in areas.UPDATE)
    assert all(tables[name].delete for name in areas.DELETE)
    assert set(areas.ACTIONS) <= {f"{action.table}.{action.name}" for action in catalogue().actions()}


def test_generated_objects_can_be_changed():
    sim = Simulator(scale=0.1, now=NOW)
    api = Api(sim)
    for table, path in (("customers", "customers"), ("charges", "charges"), ("invoices", "invoices"), ("subscriptions", "subscriptions")):
        row = sim.listed(table)[0]
        changed = api.post(f"{path}/{row['id']}", metadata={"touched": "yes"})
        assert changed == {**row, "metadata": {**row["metadata"], "touched": "yes"}}
        assert api.get(f"{path}/{row['id']}") == changed
        assert len(sim.objects(table)) == len({one["id"] for one in sim.objects(table)})
