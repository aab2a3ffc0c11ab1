"""Whatever is sent to whatever operation, the simulator answers or refuses as Stripe would, and its books stay true."""

import json
from random import Random
from urllib.parse import quote, urlencode

import httpx
import pytest

from stripesql.catalogue.load import catalogue
from stripesql.simulator import Simulator

KEY = {"Authorization": "Bearer sk_test_unit"}
REFERS = {
    "customer": "customers",
    "price": "prices",
    "product": "products",
    "invoice": "invoices",
    "charge": "charges",
    "coupon": "coupons",
}
REFERS |= {
    "subscription": "subscriptions",
    "payment_method": "payment_methods",
    "payment_intent": "payment_intents",
    "destination": "accounts",
}


class Chance:
    """Make parameters of an endpoint at random: all that it needs, some of the rest."""

    def __init__(self, sim, seed):
        self.sim, self.random = sim, Random(seed)

    def some_id(self, name):
        rows = self.sim.objects(REFERS[name])[:5] if name in REFERS else []
        return self.random.choice(rows)["id"] if rows else "text"

    def text(self, name):
        known = {"currency": "usd", "email": "a@example.com"}
        return known.get(name) or ("https://a.example/b" if "url" in name else self.some_id(name))

    def value(self, parameter, depth=0):
        match parameter.kind:
            case "enum":
                return self.random.choice(parameter.values or ("text",))
            case "integer":
                return self.random.choice((1, 100, 1000))
            case "unix-time":
                return self.sim.clock.now() + self.random.choice((-1000, 100_000))
            case "boolean":
                return self.random.choice((True, False))
            case "number" | "decimal":
                return "1.5"
            case "map":
                return {"a": "b"}
            case "array":
                return [
                    self.text(parameter.name)
                    if parameter.item is None or parameter.item.kind == "string"
                    else self.value(parameter.item, depth)
                ]
            case "object":
                return self.fields(parameter.fields, depth + 1)
            case _:
                return self.text(parameter.name)

    def fields(self, parameters, depth=0):
        chosen = [one for one in parameters if depth < 6 and (one.required or self.random.random() < 0.15)]
        return {one.name: self.value(one, depth) for one in chosen if one.kind != "file" and one.name != "expand"}


def pairs(name, value):
    if isinstance(value, dict):
        return [pair for key, inner in value.items() for pair in pairs(f"{name}[{key}]", inner)]
    if isinstance(value, list):
        return [pair for place, inner in enumerate(value) for pair in pairs(f"{name}[{place}]", inner)]
    return [(name, str(value).lower() if isinstance(value, bool) else str(value))]


def send(http, endpoint, path, values):
    if endpoint.json_body:
        return http.request(endpoint.method, path, content=json.dumps(values), headers={"Content-Type": "application/json"})
    form = urlencode([pair for name, value in values.items() for pair in pairs(name, value)])
    if endpoint.method == "DELETE":
        return http.request("DELETE", f"{path}?{form}")
    return http.post(path, content=form, headers={"Content-Type": "application/x-www-form-urlencoded"})


def operations():
    for table in catalogue().tables():
        yield from ((table, endpoint) for endpoint in (table.create, table.update, table.delete) if endpoint is not None)
        yield from ((table, action.endpoint) for action in table.actions if action.endpoint.method != "GET")


def path_of(sim, table, endpoint):
    rows = sim.objects(table.name)
    arguments = ["x"] * len(endpoint.arguments)
    if rows and arguments and "id" in rows[0]:
        arguments[-1] = rows[0]["id"]
    if table.parents and len(arguments) > 1:
        arguments[0] = sim.parent_ids(table.name, table.parents[0].column)[0] if rows else "x"
    elif table.parents and arguments and endpoint is table.create:
        parents = sim.objects(table.parents[0].table)
        arguments[0] = parents[0]["id"] if parents else "x"
    path = endpoint.path
    for name, given in zip(endpoint.arguments, arguments, strict=True):
        path = path.replace("{" + name + "}", quote(str(given), safe=""))
    return path


@pytest.mark.parametrize("seed", range(2))
def test_every_operation_answers_or_refuses(seed):
    sim = Simulator(scale=0.05, now=1_790_000_000)
    chance, statuses = Chance(sim, seed), []
    with httpx.Client(transport=sim.transport(), base_url="https://api.stripe.com", headers=KEY) as http:
        for table, endpoint in operations():
            answer = send(http, endpoint, path_of(sim, table, endpoint), chance.fields(endpoint.parameters))
            assert answer.status_code in (200, 400, 402, 404), (table.name, endpoint.path, answer.text)
            assert answer.status_code == 200 or answer.json()["error"]["message"]
            statuses.append(answer.status_code)
    assert statuses.count(200) > len(statuses) / 3
    for name in catalogue().table_names():
        rows = sim.objects(name)
        assert all(isinstance(row, dict) for row in rows)
    _books_are_true(sim)


def _books_are_true(sim):
    refunded: dict[str, int] = {}
    for refund in sim.objects("refunds"):
        refunded[refund["charge"]] = refunded.get(refund["charge"], 0) + refund["amount"]
    for charge in sim.objects("charges"):
        assert 0 <= charge["amount_refunded"] <= charge["amount"]
        if charge["captured"] and charge["amount_captured"] == charge["amount"]:
            assert charge["amount_refunded"] == refunded.get(charge["id"], 0)
    lines: dict[str, int] = {}
    for line in sim.objects("invoice_line_items"):
        lines[line["invoice"]] = lines.get(line["invoice"], 0) + line["amount"]
    for invoice in sim.objects("invoices"):
        assert invoice["subtotal"] == lines.get(invoice["id"], 0)
    for row in sim.objects("balance_transactions"):
        assert row["net"] == row["amount"] - row["fee"]


@pytest.mark.parametrize("seed", range(3))
def test_random_payments_keep_the_books(seed):
    sim, random = Simulator(empty=True, now=1_790_000_000), Random(seed)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with httpx.Client(transport=sim.transport(), base_url="https://api.stripe.com/v1/", headers={**KEY, **form}) as http:
        customer = http.post("customers", content="name=x").json()["id"]
        for _ in range(60):
            intents, invoices = sim.objects("payment_intents"), sim.objects("invoices")
            intent = random.choice(intents)["id"] if intents else "x"
            invoice = random.choice(invoices)["id"] if invoices else "x"
            card = random.choice(("visa", "mastercard", "chargeDeclined", "createDispute", "bypassPending"))
            amount = random.randint(1, 3000)
            manual = random.choice(("automatic", "manual"))
            path, content = random.choice((
                ("payment_intents", f"amount={amount}&currency=usd&payment_method=pm_card_{card}&confirm=true&capture_method={manual}"),
                (f"payment_intents/{intent}/capture", f"amount_to_capture={amount}"),
                (f"payment_intents/{intent}/cancel", ""),
                ("refunds", f"payment_intent={intent}&amount={amount}"),
                ("invoiceitems", f"customer={customer}&amount={amount}&currency=usd"),
                ("invoices", f"customer={customer}&pending_invoice_items_behavior=include"),
                (f"invoices/{invoice}/finalize", ""),
                (f"invoices/{invoice}/pay", f"payment_method=pm_card_{card}"),
                (f"invoices/{invoice}/void", ""),
                ("credit_notes", f"invoice={invoice}&amount={amount}&credit_amount={amount}"),
            ))  # fmt: skip
            assert http.post(path, content=content).status_code in (200, 400, 402, 404)
        _books_are_true(sim)
        balance = http.get("balance").json()
    booked = sum(row["net"] for row in sim.objects("balance_transactions"))
    assert sum(balance[kind][0]["amount"] for kind in ("available", "pending")) == booked
    for intent in sim.objects("payment_intents"):
        assert (intent["status"] == "succeeded") == (intent["amount_received"] > 0)
    paid: dict[str, int] = {}
    for tie in sim.objects("invoice_payments"):
        paid[tie["invoice"]] = paid.get(tie["invoice"], 0) + (tie["amount_paid"] or 0)
    for invoice in sim.objects("invoices"):
        assert invoice["status"] != "paid" or invoice["amount_remaining"] == 0
        assert invoice["amount_paid"] == paid.get(invoice["id"], 0)
        assert invoice["status"] == "void" or invoice["amount_remaining"] == invoice["amount_due"] - invoice["amount_paid"]
