"""Invoices go from draft to their end; lines, totals, balances and payments agree at every step."""

import pytest
from posting import Api

from stripesql.simulator import Simulator

NOW = 1_790_000_000


@pytest.fixture
def sim():
    return Simulator(empty=True, now=NOW)


@pytest.fixture
def api(sim):
    return Api(sim)


@pytest.fixture
def customer(api):
    default = {"default_payment_method": "pm_card_visa"}
    return api.post("customers", name="Ada", email="ada@example.com", payment_method="pm_card_visa", invoice_settings=default)["id"]


@pytest.fixture
def price(api):
    return api.post("prices", product=api.post("products", name="Lamp")["id"], unit_amount=1000, currency="usd")["id"]


def draft(api, customer, *amounts, **more):
    made = api.post("invoices", customer=customer, **more)
    for amount in amounts:
        api.post("invoiceitems", customer=customer, invoice=made["id"], amount=amount, currency="usd")
    return api.get(f"invoices/{made['id']}")


def reconciles(invoice):
    lines = invoice["lines"]["data"]
    off = sum(part["amount"] for part in invoice["total_discount_amounts"])
    tax = sum(part["amount"] for part in invoice["total_taxes"] if part["tax_behavior"] == "exclusive")
    assert invoice["subtotal"] == sum(line["amount"] for line in lines)
    assert off == sum(part["amount"] for line in lines for part in line["discount_amounts"])
    assert invoice["total"] == invoice["subtotal"] - off + tax
    assert invoice["amount_remaining"] == (0 if invoice["status"] == "void" else invoice["amount_due"] - invoice["amount_paid"])
    return True


def test_pending_items_go_on_an_invoice_and_it_is_paid(sim, api, customer, price):
    loose = api.post("invoiceitems", customer=customer, amount=700, currency="usd", description="Postage")
    api.post("invoiceitems", customer=customer, pricing={"price": price}, quantity=3)
    assert loose["invoice"] is None
    assert len(api.get("invoiceitems", pending=True)["data"]) == 2
    invoice = api.post("invoices", customer=customer, pending_invoice_items_behavior="include", metadata={"run": "1"})
    assert (invoice["status"], invoice["subtotal"], invoice["total"], invoice["number"]) == ("draft", 3700, 3700, None)
    assert sorted(line["amount"] for line in invoice["lines"]["data"]) == [700, 3000]
    assert api.get("invoiceitems", pending=True)["data"] == []
    assert reconciles(invoice)
    path = f"invoices/{invoice['id']}"
    final = api.post(f"{path}/finalize")
    assert (final["status"], final["amount_due"], final["number"].endswith("-0001")) == ("open", 3700, True)
    assert final["status_transitions"]["finalized_at"] is not None
    assert api.get("invoice_payments", invoice=invoice["id"])["data"][0]["status"] == "open"
    done = api.post(f"{path}/pay", expand=["payments"])
    assert (done["status"], done["amount_paid"], done["amount_remaining"], done["attempt_count"]) == ("paid", 3700, 0, 1)
    assert reconciles(done)
    tie = done["payments"]["data"][0]
    intent = api.get(f"payment_intents/{tie['payment']['payment_intent']}")
    assert (tie["status"], tie["amount_paid"], intent["status"], intent["amount_received"]) == ("paid", 3700, "succeeded", 3700)
    assert sim.objects("charges")[0]["customer"] == customer
    assert {"invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded"} <= set(api.events())
    assert api.refused(f"{path}/pay")["message"] == "Invoice is already paid"


def test_without_asking_pending_items_stay(api, customer):
    api.post("invoiceitems", customer=customer, amount=700, currency="usd")
    assert api.post("invoices", customer=customer)["total"] == 0


def test_amounts_of_items(api, customer, price):
    assert api.post("invoiceitems", customer=customer, currency="usd", unit_amount_decimal="12.5", quantity=3)["amount"] == 38
    fraction = api.post("invoiceitems", customer=customer, pricing={"price": price}, quantity_decimal="1.5")
    assert (fraction["amount"], fraction["quantity_decimal"]) == (1500, "1.5")
    assert (
        api.refused("invoiceitems", customer=customer, pricing={"price": price}, quantity=1, quantity_decimal="1.5")["param"] == "quantity"
    )
    product = api.get(f"prices/{price}")["product"]
    inline = {"currency": "usd", "product": product, "unit_amount": 250}
    item = api.post("invoiceitems", customer=customer, price_data=inline, quantity=2)
    assert (item["amount"], item["pricing"]["price_details"]["product"]) == (500, product)
    assert [row["id"] for row in api.get("prices")["data"]] == [price]
    assert api.post(f"invoiceitems/{item['id']}", quantity=4)["amount"] == 1000
    assert api.post(f"invoiceitems/{item['id']}", amount=99)["amount"] == 99
    assert api.refused("invoiceitems", customer=customer, currency="usd")["code"] == "parameter_missing"
    assert api.refused("invoiceitems", amount=5)["param"] == "customer"
    both = {"amount": 5, "pricing": {"price": price}}
    assert "only specify one" in api.refused("invoiceitems", customer=customer, **both)["message"]
    assert api.delete(f"invoiceitems/{item['id']}")["object"] == "invoiceitem"


def test_items_of_a_draft_change_its_totals(api, customer):
    invoice = draft(api, customer, 500, 300)
    items = {item["amount"]: item["id"] for item in api.get("invoiceitems", invoice=invoice["id"])["data"]}
    assert invoice["total"] == 800
    api.post(f"invoiceitems/{items[300]}", amount=350, description="more")
    changed = api.get(f"invoices/{invoice['id']}")
    assert (changed["total"], {line["description"] for line in changed["lines"]["data"]}) == (850, {None, "more"})
    api.delete(f"invoiceitems/{items[500]}")
    assert api.get(f"invoices/{invoice['id']}")["total"] == 350
    api.post(f"invoices/{invoice['id']}/finalize")
    assert api.refused(f"invoiceitems/{items[300]}", amount=1)["code"] == "invoice_not_editable"
    assert api.refused(f"invoiceitems/{items[300]}", method="DELETE")["code"] == "invoice_not_editable"
    assert api.refused("invoiceitems", customer=customer, invoice=invoice["id"], amount=1)["code"] == "invoice_not_editable"


def test_lines_are_added_changed_and_removed(api, customer, price):
    invoice = draft(api, customer, 100)
    path = f"invoices/{invoice['id']}"
    more = api.post(f"{path}/add_lines", lines=[{"amount": 500, "description": "Postage"}, {"pricing": {"price": price}, "quantity": 2}])
    assert (more["total"], len(more["lines"]["data"])) == (2600, 3)
    postage = next(line for line in more["lines"]["data"] if line["description"] == "Postage")
    assert api.post(f"{path}/lines/{postage['id']}", amount=600, metadata={"k": "v"})["amount"] == 600
    changed = api.post(f"{path}/update_lines", lines=[{"id": postage["id"], "description": "Parcel"}])
    assert (changed["total"], reconciles(changed)) == (2700, True)
    left = api.post(f"{path}/remove_lines", lines=[{"id": postage["id"], "behavior": "unassign"}])
    assert (left["total"], len(api.get("invoiceitems", pending=True)["data"])) == (2100, 1)
    api.post(f"{path}/finalize")
    assert api.refused(f"{path}/add_lines", lines=[{"amount": 1}])["code"] == "invoice_not_editable"


def test_final_invoices_are_not_editable(api, customer):
    invoice = draft(api, customer, 500)
    path = f"invoices/{invoice['id']}"
    assert api.post(path, description="June", footer="thanks")["description"] == "June"
    api.post(f"{path}/finalize")
    error = api.refused(path, description="July")
    assert (error["code"], error["param"]) == ("invoice_not_editable", "description")
    assert api.post(path, metadata={"k": "v"}, auto_advance=True)["metadata"] == {"k": "v"}
    assert api.refused(f"{path}/finalize")["code"] == "invoice_not_editable"
    assert api.refused(path, method="DELETE")["code"] == "invoice_not_editable"


def test_only_drafts_are_deleted_with_everything_on_them(sim, api, customer):
    invoice = draft(api, customer, 500)
    assert api.delete(f"invoices/{invoice['id']}") == {"id": invoice["id"], "object": "invoice", "deleted": True}
    assert sim.objects("invoice_line_items") == sim.objects("invoice_items") == []
    assert api.refused(f"invoices/{invoice['id']}", method="GET", status=404)["code"] == "resource_missing"


def test_open_invoices_are_voided_or_given_up(api, customer):
    invoice = draft(api, customer, 500)
    path = f"invoices/{invoice['id']}"
    for call in ("void", "mark_uncollectible"):
        assert api.refused(f"{path}/{call}")["code"] == "invoice_not_editable"
    api.post(f"{path}/finalize")
    given_up = api.post(f"{path}/mark_uncollectible")
    assert (given_up["status"], given_up["status_transitions"]["marked_uncollectible_at"] is not None) == ("uncollectible", True)
    void = api.post(f"{path}/void")
    assert (void["status"], void["amount_remaining"], reconciles(void)) == ("void", 0, True)
    assert api.get("invoice_payments", invoice=invoice["id"])["data"][0]["status"] == "canceled"
    for call in ("void", "mark_uncollectible", "pay"):
        assert api.refused(f"{path}/{call}")
    other = draft(api, customer, 400)
    api.post(f"invoices/{other['id']}/finalize")
    api.post(f"invoices/{other['id']}/mark_uncollectible")
    assert api.post(f"invoices/{other['id']}/pay")["status"] == "paid"


def test_sent_invoices(api, customer):
    assert api.refused("invoices", customer=customer, collection_method="send_invoice")["param"] == "days_until_due"
    assert api.refused("invoices", customer=customer, days_until_due=5)["param"] == "days_until_due"
    charged = draft(api, customer, 500)["id"]
    assert api.refused(f"invoices/{charged}", days_until_due=5)["param"] == "days_until_due"
    assert api.refused(f"invoices/{charged}", due_date=1_999_999_999)["param"] == "due_date"
    invoice = draft(api, customer, 500, collection_method="send_invoice", days_until_due=30)
    assert invoice["due_date"] - invoice["created"] == 30 * 86_400
    sent = api.post(f"invoices/{invoice['id']}/send")
    assert (sent["status"], "invoice.sent" in api.events()) == ("open", True)
    assert api.refused(f"invoices/{draft(api, customer, 1)['id']}/send")["code"] == "invoice_not_sendable"


def test_paid_elsewhere_forgiven_and_declined(sim, api, customer):
    elsewhere = draft(api, customer, 500)
    done = api.post(f"invoices/{elsewhere['id']}/pay", paid_out_of_band=True)
    assert (done["status"], done["amount_remaining"], sim.objects("charges")) == ("paid", 0, [])
    poor = "pm_card_visa_chargeDeclinedInsufficientFunds"
    refused = draft(api, customer, 600)
    error = api.refused(f"invoices/{refused['id']}/pay", status=402, payment_method=poor)
    assert error["decline_code"] == "insufficient_funds"
    row = api.get(f"invoices/{refused['id']}")
    assert (row["status"], row["attempt_count"], row["amount_paid"], "invoice.payment_failed" in api.events()) == ("open", 1, 0, True)
    assert api.post(f"invoices/{refused['id']}/pay")["attempt_count"] == 2
    forgiven = draft(api, customer, 700)
    done = api.post(f"invoices/{forgiven['id']}/pay", payment_method=poor, forgive=True)
    assert (done["status"], done["amount_paid"]) == ("paid", 0)
    nobody = api.post("customers", name="No card")["id"]
    assert api.refused(f"invoices/{draft(api, nobody, 500)['id']}/pay")["param"] == "payment_method"


def test_confirming_the_intent_pays_the_invoice(api, customer):
    invoice = api.post(f"invoices/{draft(api, customer, 500)['id']}/finalize")
    intent = api.get("invoice_payments", invoice=invoice["id"])["data"][0]["payment"]["payment_intent"]
    path = f"payment_intents/{intent}"
    assert api.refused(f"{path}/cancel")["code"] == "payment_intent_unexpected_state"
    assert api.refused(f"{path}/confirm", status=402, payment_method="pm_card_chargeDeclined")["code"] == "card_declined"
    row = api.get(f"invoices/{invoice['id']}")
    assert (row["status"], row["attempt_count"]) == ("open", 1)
    api.post(f"{path}/confirm", payment_method="pm_card_visa")
    row = api.get(f"invoices/{invoice['id']}")
    assert (row["status"], row["amount_paid"], reconciles(row)) == ("paid", 500, True)
    assert api.get("invoice_payments", invoice=invoice["id"])["data"][0]["status"] == "paid"


def test_a_payment_made_elsewhere_is_attached(api, customer):
    invoice = api.post(f"invoices/{draft(api, customer, 500)['id']}/finalize")
    made = {"currency": "usd", "customer": customer, "payment_method": "pm_card_visa", "confirm": True}
    part = api.post("payment_intents", amount=200, **made)
    rest = api.post("payment_intents", amount=300, **made)
    path = f"invoices/{invoice['id']}"
    assert api.post(f"{path}/attach_payment", payment_intent=part["id"])["amount_remaining"] == 300
    done = api.post(f"{path}/attach_payment", payment_intent=rest["id"])
    assert (done["status"], done["amount_paid"], reconciles(done)) == ("paid", 500, True)
    assert api.refused(f"{path}/attach_payment", payment_intent=rest["id"])["code"] == "invoice_not_editable"


def test_what_is_on_a_test_clock_stays_out_of_full_lists(sim, api):
    clock = api.post("test_helpers/test_clocks", frozen_time=NOW)["id"]
    customer = api.post("customers", test_clock=clock)["id"]
    invoice = draft(api, customer, 500)
    api.post(f"invoices/{invoice['id']}/pay", payment_method="pm_card_visa")
    for path in ("invoices", "invoice_payments", "charges", "payment_intents", "invoiceitems", "payment_methods"):
        assert api.get(path)["data"] == [], path
    assert len(api.get("invoice_payments", invoice=invoice["id"])["data"]) == 1
    assert len(api.get("charges", customer=customer)["data"]) == 1
    assert sim.listed("invoice_payments") == []


def test_nothing_to_pay_is_paid_at_once(api, customer):
    invoice = api.post("invoices", customer=customer)
    assert api.post(f"invoices/{invoice['id']}/finalize")["status"] == "paid"


def test_the_balance_of_the_customer_is_used(api, customer):
    api.post(f"customers/{customer}/balance_transactions", amount=-300, currency="usd", description="credit")
    first = api.post(f"invoices/{draft(api, customer, 500)['id']}/finalize")
    assert (first["total"], first["starting_balance"], first["ending_balance"], first["amount_due"]) == (500, -300, 0, 200)
    api.post(f"customers/{customer}", balance=-900)
    second = api.post(f"invoices/{draft(api, customer, 500)['id']}/finalize")
    assert (second["status"], second["amount_due"], second["ending_balance"]) == ("paid", 0, -400)
    assert api.get(f"customers/{customer}")["balance"] == -400
    kinds = [row["type"] for row in api.get(f"customers/{customer}/balance_transactions")["data"]]
    assert sorted(kinds) == ["adjustment", "applied_to_invoice", "applied_to_invoice"]


def test_discounts_and_taxes_add_up(api, customer, price):
    api.post("coupons", id="THIRD", percent_off=33.3, duration="once")
    rate = api.post("tax_rates", display_name="VAT", percentage=19, inclusive=False)["id"]
    inclusive = api.post("tax_rates", display_name="VAT", percentage=19, inclusive=True)["id"]
    made = api.post("invoices", customer=customer, discounts=[{"coupon": "THIRD"}], default_tax_rates=[rate])
    for amount in (999, 501, 7):
        api.post("invoiceitems", customer=customer, invoice=made["id"], amount=amount)
    api.post("invoiceitems", customer=customer, invoice=made["id"], amount=119, discountable=False, tax_rates=[inclusive])
    invoice = api.get(f"invoices/{made['id']}", expand=["discounts"])
    assert reconciles(invoice)
    assert invoice["subtotal"] == 1626
    assert invoice["total_discount_amounts"][0]["amount"] == 502
    assert {tax["tax_behavior"] for tax in invoice["total_taxes"]} == {"exclusive", "inclusive"}
    assert next(tax["amount"] for tax in invoice["total_taxes"] if tax["tax_behavior"] == "inclusive") == 19
    assert invoice["discounts"][0]["source"]["coupon"] == "THIRD"
    assert api.get("coupons/THIRD")["times_redeemed"] == 1


def test_credit_notes_take_off_what_is_due_or_give_back_what_was_paid(api, customer):
    invoice = draft(api, customer, 1000)
    path = f"invoices/{invoice['id']}"
    assert api.refused("credit_notes", invoice=invoice["id"], amount=1)["code"] == "invoice_not_creditable"
    api.post(f"{path}/finalize")
    assert api.get("credit_notes/preview", invoice=invoice["id"], amount=400)["amount"] == 400
    assert api.get("credit_notes")["data"] == []
    note = api.post("credit_notes", invoice=invoice["id"], amount=400, reason="order_change")
    assert (note["type"], api.get(path)["amount_remaining"]) == ("pre_payment", 600)
    assert api.post(f"credit_notes/{note['id']}/void")["status"] == "void"
    assert api.get(path)["amount_remaining"] == 1000
    api.post(f"{path}/pay")
    assert api.refused("credit_notes", invoice=invoice["id"], amount=300)["param"] == "refund_amount"
    note = api.post("credit_notes", invoice=invoice["id"], amount=300, refund_amount=200, credit_amount=100)
    assert (note["refunds"][0]["amount_refunded"], api.get(f"customers/{customer}")["balance"]) == (200, -100)
    assert api.get("refunds")["data"][0]["amount"] == 200
    assert api.refused("credit_notes", invoice=invoice["id"], amount=701, out_of_band_amount=701)["param"] == "amount"
    assert api.get(f"credit_notes/{note['id']}/lines")["data"][0]["amount"] == 300


def test_a_credited_invoice_charges_only_what_is_left(sim, api, customer):
    invoice = api.post(f"invoices/{draft(api, customer, 1000)['id']}/finalize")
    api.post("credit_notes", invoice=invoice["id"], amount=400)
    done = api.post(f"invoices/{invoice['id']}/pay")
    assert (done["status"], done["amount_paid"], reconciles(done), sim.objects("charges")[0]["amount"]) == ("paid", 600, True, 600)
    other = api.post(f"invoices/{draft(api, customer, 300)['id']}/finalize")
    api.post("credit_notes", invoice=other["id"], amount=300)
    assert api.get(f"invoices/{other['id']}")["status"] == "paid"
    assert api.get("invoice_payments", invoice=other["id"])["data"][0]["status"] == "canceled"


def test_previews_show_what_would_come_and_leave_nothing(sim, api, customer):
    assert api.refused("invoices/create_preview", status=404, customer=customer)["code"] == "invoice_upcoming_none"
    api.post("invoiceitems", customer=customer, amount=700, currency="usd")
    before = {table: sim.objects(table) for table in ("invoices", "invoice_items", "invoice_line_items", "events", "customers")}
    shown = api.post(
        "invoices/create_preview", customer=customer, invoice_items=[{"amount": 50, "currency": "usd", "description": "extra"}]
    )
    assert (shown["total"], shown["id"].startswith("upcoming_in_"), len(shown["lines"]["data"])) == (750, True, 2)
    assert reconciles(shown)
    assert {table: sim.objects(table) for table in before} == before
    assert api.refused("invoices/create_preview")["code"] == "parameter_missing"


def test_generated_invoices_go_on():
    sim = Simulator(scale=0.2, now=NOW)
    api = Api(sim)
    processing = {row["id"] for row in sim.objects("payment_intents") if row["status"] == "processing"}
    busy = {row["invoice"] for row in sim.objects("invoice_payments") if row["payment"]["payment_intent"] in processing}
    row = next(row for row in sim.listed("invoices") if row["status"] == "open" and row["id"] not in busy)
    done = api.post(f"invoices/{row['id']}/pay", paid_out_of_band=True)
    assert (done["status"], done["amount_paid"], done["total"]) == ("paid", row["amount_due"], row["total"])
    assert [line["id"] for line in done["lines"]["data"]] == [line["id"] for line in row["lines"]["data"]]
