"""Tax rates are named by id when they are set, and shown whole, as Stripe shows them."""

from __future__ import annotations

import pytest
from posting import Api

from stripesql.simulator import Simulator


@pytest.fixture(scope="module")
def api():
    return Api(Simulator(empty=True))


@pytest.fixture(scope="module")
def customer(api):
    return api.post("customers", email="ada@example.com")["id"]


@pytest.fixture
def rate(api):
    return api.post("tax_rates", display_name="VAT", percentage=19, inclusive=False)


def test_invoices_and_their_items_show_whole_rates(api, customer, rate):
    invoice = api.post("invoices", customer=customer, default_tax_rates=[rate["id"]])
    item = api.post("invoiceitems", customer=customer, invoice=invoice["id"], amount=1000, tax_rates=[rate["id"]])
    assert invoice["default_tax_rates"] == [rate]
    assert item["tax_rates"] == [rate]
    assert api.get(f"invoices/{invoice['id']}")["default_tax_rates"] == [rate]
    assert [row["tax_rates"] for row in api.get("invoiceitems", invoice=invoice["id"])["data"]] == [[rate]]
    told = [event["data"]["object"] for event in api.get("events", type="invoice.created", limit=100)["data"]]
    assert [each["default_tax_rates"] for each in told if each["id"] == invoice["id"]] == [[rate]]


def test_an_update_takes_ids_and_shows_rates(api, customer, rate):
    other = api.post("tax_rates", display_name="Half", percentage=9.5, inclusive=True)
    invoice = api.post("invoices", customer=customer, default_tax_rates=[rate["id"]])
    api.post("invoiceitems", customer=customer, invoice=invoice["id"], amount=1000)
    assert api.post(f"invoices/{invoice['id']}", default_tax_rates=[rate["id"], other["id"]])["default_tax_rates"] == [rate, other]
    renamed = api.post(f"tax_rates/{rate['id']}", display_name="USt")
    shown = api.post(f"invoices/{invoice['id']}", description="for the lamps")
    assert shown["default_tax_rates"] == [renamed, other]
    assert sum(tax["amount"] for tax in shown["total_taxes"] if tax["tax_behavior"] == "exclusive") == 190
    told = api.get("events", type="invoice.updated", limit=100)["data"]
    assert [rate] in [each["data"]["previous_attributes"].get("default_tax_rates") for each in told]


def test_subscriptions_and_their_items_show_whole_rates(api, customer, rate):
    price = api.post("prices", currency="usd", unit_amount=1000, recurring={"interval": "month"}, product_data={"name": "Plan"})["id"]
    subscription = api.post(
        "subscriptions",
        customer=customer,
        items=[{"price": price, "tax_rates": [rate["id"]]}],
        default_tax_rates=[rate["id"]],
        collection_method="send_invoice",
        days_until_due=30,
    )
    assert subscription["default_tax_rates"] == [rate]
    assert [item["tax_rates"] for item in subscription["items"]["data"]] == [[rate]]
    assert api.get(f"invoices/{subscription['latest_invoice']}")["total"] == 1190
    assert api.post("invoices/create_preview", subscription=subscription["id"])["default_tax_rates"] == [rate]


def test_an_invoice_shows_no_field_that_stripe_does_not_have(api, customer):
    account = api.post("accounts", type="express")["id"]
    plain = api.post("invoices", customer=customer)
    full = api.post("invoices", customer=customer, application_fee_amount=100, transfer_data={"destination": account})
    assert "application_fee_amount" not in plain
    assert "transfer_data" not in full
