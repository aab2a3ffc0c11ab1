"""Stripe's own Python library, pointed at the simulator over HTTP, can create, change, pay, refund and delete."""

import io

import pytest
import stripe

from stripesql.simulator import Fault, Simulator, serve


@pytest.fixture
def sim():
    return Simulator(empty=True)


@pytest.fixture
def server(sim):
    with serve(sim) as running:
        yield running


def connected(server, retries=0):
    return stripe.StripeClient("sk_test_sdk", base_addresses={"api": server.url, "files": server.url}, max_network_retries=retries)


@pytest.fixture
def client(server):
    return connected(server)


def test_customers_are_created_changed_and_deleted(sim, client):
    made = client.v1.customers.create({"name": "Ada", "address": {"city": "London"}, "metadata": {"a": "1"}, "preferred_locales": ["en"]})
    changed = client.v1.customers.update(made.id, {"metadata": {"a": "", "b": "2"}, "address": {"line1": "x"}, "description": "d"})
    assert (changed.metadata.to_dict(), changed.address.city, changed.address.line1) == ({"b": "2"}, "London", "x")
    assert client.v1.customers.retrieve(made.id).description == "d"
    assert client.v1.customers.delete(made.id).deleted
    assert client.v1.customers.retrieve(made.id).deleted
    assert sim.objects("customers") == []


def test_a_sale_from_product_to_refund(client):
    product = client.v1.products.create({"name": "Lamp", "images": ["https://a.example/1"], "id": "lamp"})
    price = client.v1.prices.create({"product": product.id, "unit_amount": 1500, "currency": "usd", "expand": ["product"]})
    assert price.product.name == "Lamp"
    intent = client.v1.payment_intents.create({"amount": 1500, "currency": "usd", "capture_method": "manual"})
    held = client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert held.status == "requires_capture"
    done = client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 1200})
    refund = client.v1.refunds.create({"payment_intent": done.id, "amount": 200})
    assert client.v1.charges.retrieve(refund.charge).amount_refunded == 500
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        client.v1.refunds.create({"payment_intent": done.id, "amount": 5000})
    with pytest.raises(stripe.InvalidRequestError, match="user-created prices"):
        client.v1.products.delete("lamp")


def test_declines_are_card_errors(client):
    with pytest.raises(stripe.CardError) as declined:
        client.v1.payment_intents.create({"amount": 900, "currency": "usd", "payment_method": "pm_card_chargeDeclined", "confirm": True})
    assert (declined.value.http_status, declined.value.code) == (402, "card_declined")
    assert declined.value.error.decline_code == "generic_decline"
    assert declined.value.error.payment_intent.status == "requires_payment_method"


def test_a_subscription_with_its_invoice(client):
    settings = {"default_payment_method": "pm_card_visa"}
    customer = client.v1.customers.create({"payment_method": "pm_card_visa", "invoice_settings": settings})
    product = client.v1.products.create({"name": "Plan"})
    price = client.v1.prices.create({"product": product.id, "unit_amount": 900, "currency": "usd", "recurring": {"interval": "month"}})
    sub = client.v1.subscriptions.create(
        {"customer": customer.id, "items": [{"price": price.id, "quantity": 2}], "expand": ["latest_invoice"]}
    )
    assert (sub.status, sub.latest_invoice.total) == ("active", 1800)
    item = sub["items"].data[0]
    assert client.v1.subscription_items.update(item.id, {"quantity": 3}).quantity == 3
    assert client.v1.invoices.create_preview({"subscription": sub.id}).total >= 2700
    assert client.v1.subscriptions.cancel(sub.id).status == "canceled"


def test_an_invoice_is_created_finalized_and_paid(client):
    customer = client.v1.customers.create({"email": "a@example.com"})
    client.v1.invoice_items.create({"customer": customer.id, "amount": 700, "currency": "usd"})
    invoice = client.v1.invoices.create({"customer": customer.id, "pending_invoice_items_behavior": "include"})
    assert client.v1.invoices.finalize_invoice(invoice.id).status == "open"
    assert client.v1.invoices.pay(invoice.id, {"payment_method": "pm_card_visa"}).status == "paid"
    with pytest.raises(stripe.InvalidRequestError, match="draft"):
        client.v1.invoices.delete(invoice.id)


def test_files_go_up(client):
    made = client.v1.files.create({"purpose": "dispute_evidence", "file": io.BytesIO(b"proof")})
    assert (made.size, made.purpose) == (5, "dispute_evidence")


def test_v2_accounts(client):
    made = client.v2.core.accounts.create({"contact_email": "a@example.com"})
    assert client.v2.core.accounts.update(made.id, {"display_name": "Ada"}).display_name == "Ada"
    assert client.v2.core.accounts.retrieve(made.id).contact_email == "a@example.com"


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.RESET_BEFORE, Fault.SERVER_ERROR, Fault.CONFLICT])
def test_retries_of_the_library_write_once(sim, server, fault):
    client = connected(server, retries=2)
    sim.faults.next(fault, method="POST")
    made = client.v1.customers.create({"name": "once"})
    assert [row["id"] for row in sim.objects("customers")] == [made.id]
    assert len(sim.log) == 2
    assert len({entry.idempotency_key for entry in sim.log}) == 1
