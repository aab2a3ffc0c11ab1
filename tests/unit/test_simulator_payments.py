"""Payment intents, charges, refunds, disputes, setup intents and payment methods go through Stripe's states and no others."""

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


def paid(api, amount=2000, card="pm_card_visa", **more):
    return api.post("payment_intents", amount=amount, currency="usd", payment_method=card, confirm=True, **more)


def booked(sim, source):
    return [(row["type"], row["amount"], row["fee"], row["net"]) for row in sim.objects("balance_transactions") if row["source"] == source]


def test_an_intent_is_paid_step_by_step(sim, api):
    intent = api.post("payment_intents", amount=2000, currency="usd", description="Lamp", metadata={"order": "7"})
    assert (intent["status"], intent["client_secret"].startswith(intent["id"])) == ("requires_payment_method", True)
    path = f"payment_intents/{intent['id']}"
    assert api.refused(f"{path}/confirm")["code"] == "payment_intent_unexpected_state"
    assert api.post(path, amount=2500, payment_method="pm_card_mastercard")["status"] == "requires_confirmation"
    done = api.post(f"{path}/confirm", expand=["latest_charge"])
    charge = done["latest_charge"]
    assert (done["status"], done["amount_received"], done["last_payment_error"]) == ("succeeded", 2500, None)
    assert (charge["status"], charge["paid"], charge["captured"], charge["amount_captured"]) == ("succeeded", True, True, 2500)
    assert (charge["payment_method_details"]["card"]["brand"], charge["description"], charge["metadata"]) == (
        "mastercard",
        "Lamp",
        {"order": "7"},
    )
    assert booked(sim, charge["id"]) == [("charge", 2500, 102, 2398)]
    assert charge["balance_transaction"] in [row["id"] for row in sim.objects("balance_transactions")]
    assert sorted(api.events()) == ["charge.succeeded", "payment_intent.created", "payment_intent.succeeded"]
    for call, values in (("/confirm", {}), ("/cancel", {}), ("/capture", {}), ("", {"amount": 9900})):
        assert api.refused(path + call, **values)["code"] == "payment_intent_unexpected_state"
    assert api.post(path, description="Bulb")["description"] == "Bulb"


@pytest.mark.parametrize(
    ("card", "code", "decline"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
    ],
)
def test_test_cards_decline(sim, api, card, code, decline):
    error = api.refused("payment_intents", status=402, amount=900, currency="usd", payment_method=card, confirm=True)
    assert (error["type"], error["code"], error["decline_code"]) == ("card_error", code, decline)
    intent = sim.objects("payment_intents")[0]
    assert error["payment_intent"] == intent
    assert (intent["status"], intent["payment_method"], intent["amount_received"]) == ("requires_payment_method", None, 0)
    assert intent["last_payment_error"]["decline_code"] == decline
    charge = sim.objects("charges")[0]
    assert (charge["status"], charge["failure_code"], charge["id"]) == ("failed", code, error["charge"])
    assert sim.objects("balance_transactions") == []
    assert {"charge.failed", "payment_intent.payment_failed"} <= set(api.events())
    assert api.post(f"payment_intents/{intent['id']}/confirm", payment_method="pm_card_visa")["status"] == "succeeded"
    assert api.refused("refunds", charge=charge["id"])["code"] == "charge_not_refundable"


def test_authentication_is_asked_for(api):
    asked = paid(api, card="pm_card_authenticationRequired")
    assert (asked["status"], asked["next_action"]["type"]) == ("requires_action", "use_stripe_sdk")
    assert api.post(f"payment_intents/{asked['id']}/cancel", cancellation_reason="abandoned")["cancellation_reason"] == "abandoned"
    absent = {"amount": 500, "currency": "usd", "payment_method": "pm_card_authenticationRequired", "confirm": True, "off_session": True}
    assert api.refused("payment_intents", status=402, **absent)["code"] == "authentication_required"


def test_held_money_is_captured_in_part_and_the_rest_goes_back(sim, api):
    held = paid(api, capture_method="manual")
    path = f"payment_intents/{held['id']}"
    assert (held["status"], held["amount_capturable"], held["amount_received"]) == ("requires_capture", 2000, 0)
    assert sim.objects("charges")[0]["captured"] is False
    assert sim.objects("balance_transactions") == []
    assert api.refused(f"{path}/capture", amount_to_capture=2001)["code"] == "amount_too_large"
    assert api.post(f"{path}/increment_authorization", amount=2200)["amount_capturable"] == 2200
    done = api.post(f"{path}/capture", amount_to_capture=1500)
    charge = sim.objects("charges")[0]
    assert (done["status"], done["amount_received"], done["amount_capturable"]) == ("succeeded", 1500, 0)
    assert (charge["amount"], charge["amount_captured"], charge["amount_refunded"]) == (2200, 1500, 700)
    assert booked(sim, charge["id"])[0][1] == 1500
    assert "charge.captured" in api.events()


def test_canceling_lets_held_money_go(sim, api):
    held = paid(api, capture_method="manual")
    gone = api.post(f"payment_intents/{held['id']}/cancel")
    assert (gone["status"], gone["canceled_at"]) == ("canceled", sim.objects("events")[0]["created"])
    assert sim.objects("charges")[0]["refunded"] is True
    assert api.refused(f"payment_intents/{held['id']}/capture")["code"] == "payment_intent_unexpected_state"


@pytest.mark.parametrize(
    ("values", "code", "param"),
    [
        ({"amount": 10}, "amount_too_small", "amount"),
        ({"amount": -5}, "parameter_invalid_integer", "amount"),
        ({"amount": 100_000_000}, "amount_too_large", "amount"),
        ({"amount": 500, "payment_method": "pm_nope"}, "resource_missing", "payment_method"),
        ({"amount": 500, "off_session": True}, None, "off_session"),
    ],
)
def test_intents_that_cannot_be(sim, api, values, code, param):
    error = api.refused("payment_intents", currency="usd", **values)
    assert (error.get("code"), error["param"]) == (code, param)
    assert sim.objects("payment_intents") == []


def test_refunds_never_exceed_the_charge(sim, api):
    intent = paid(api)
    charge = intent["latest_charge"]
    first = api.post("refunds", charge=charge, amount=500, reason="duplicate", metadata={"a": "b"})
    assert (first["status"], first["payment_intent"], first["reason"]) == ("succeeded", intent["id"], "duplicate")
    assert "1500" in api.refused("refunds", payment_intent=intent["id"], amount=1501)["message"]
    assert api.refused("refunds", charge=charge, amount=0)["code"] == "parameter_invalid_integer"
    assert api.get(f"charges/{charge}")["refunded"] is False
    second = api.post("refunds", payment_intent=intent["id"])
    assert second["amount"] == 1500
    row = api.get(f"charges/{charge}", expand=["refunds"])
    assert (row["refunded"], row["amount_refunded"], len(row["refunds"]["data"])) == (True, 2000, 2)
    assert api.refused("refunds", charge=charge)["code"] == "charge_already_refunded"
    assert booked(sim, second["id"]) == [("refund", -1500, 0, -1500)]
    assert api.post(f"refunds/{first['id']}", metadata={"c": "d"})["metadata"] == {"a": "b", "c": "d"}
    assert api.refused(f"refunds/{first['id']}", amount=1)["code"] == "parameter_unknown"
    assert api.refused(f"refunds/{first['id']}/cancel")["code"] == "refund_not_cancelable"
    assert api.refused("refunds")["code"] == "parameter_missing"


def test_a_generated_charge_is_refunded():
    sim = Simulator(scale=0.1, now=NOW)
    api = Api(sim)
    row = next(row for row in sim.listed("charges") if row["status"] == "succeeded" and not row["amount_refunded"] and not row["disputed"])
    api.post("refunds", charge=row["id"], amount=10)
    assert api.get(f"charges/{row['id']}") == {**row, "amount_refunded": 10}
    assert [refund["amount"] for refund in api.get("refunds", charge=row["id"])["data"]] == [10]


def test_disputes_are_answered_or_given_up(sim, api):
    intent = paid(api, card="pm_card_createDispute")
    dispute = api.get("disputes")["data"][0]
    assert (dispute["status"], dispute["charge"], dispute["amount"]) == ("needs_response", intent["latest_charge"], 2000)
    assert [row["reporting_category"] for row in dispute["balance_transactions"]] == ["dispute"]
    assert api.refused("refunds", charge=intent["latest_charge"])["code"] == "charge_disputed"
    path = f"disputes/{dispute['id']}"
    assert api.post(path, evidence={"customer_name": "Ada"}, submit=False)["status"] == "needs_response"
    answered = api.post(path, evidence={"customer_name": "Grace"})
    assert (answered["status"], answered["evidence"]["customer_name"]) == ("under_review", "Grace")
    assert api.post(f"{path}/close")["status"] == "lost"
    assert api.refused(f"{path}/close")["code"] == "dispute_not_editable"


def test_charges_without_an_intent(api):
    customer = api.post("customers", source="tok_visa")["id"]
    charge = api.post("charges", amount=700, currency="usd", customer=customer)
    assert (charge["status"], charge["customer"], charge["source"]["object"]) == ("succeeded", customer, "card")
    held = api.post("charges", amount=700, currency="usd", source="tok_visa", capture=False)
    assert (held["captured"], api.post(f"charges/{held['id']}/capture", amount=300)["amount_captured"]) == (False, 300)
    assert api.refused(f"charges/{held['id']}/capture")["code"] == "charge_already_captured"
    assert api.refused("charges", status=402, amount=700, currency="usd", source="tok_chargeDeclined")["code"] == "card_declined"
    assert api.refused("charges", amount=700, currency="usd")["code"] == "parameter_missing"


def test_payment_methods_belong_to_one_customer_and_once(api):
    one, other = api.post("customers")["id"], api.post("customers")["id"]
    method = api.post("payment_methods", type="card", card={"number": "4242424242424242", "exp_month": 3, "exp_year": 2033})
    assert (method["customer"], method["card"]["last4"], method["card"]["exp_month"]) == (None, "4242", 3)
    path = f"payment_methods/{method['id']}"
    assert api.refused(path, metadata={"a": "b"})["code"] == "payment_method_unexpected_state"
    assert api.refused(f"{path}/detach")["code"] == "payment_method_unexpected_state"
    assert api.post(f"{path}/attach", customer=one)["customer"] == one
    assert [row["id"] for row in api.get(f"customers/{one}/payment_methods")["data"]] == [method["id"]]
    assert api.refused(f"{path}/attach", customer=other)["code"] == "payment_method_unexpected_state"
    settings = {"default_payment_method": method["id"]}
    assert api.refused(f"customers/{other}", invoice_settings=settings)["code"] == "resource_missing"
    assert api.post(f"customers/{one}", invoice_settings=settings)["invoice_settings"]["default_payment_method"] == method["id"]
    assert api.post(f"{path}/detach")["customer"] is None
    assert api.get(f"customers/{one}")["invoice_settings"]["default_payment_method"] is None
    assert api.refused(f"{path}/attach", customer=one)["code"] == "payment_method_unexpected_state"
    assert api.refused("payment_methods/pm_card_chargeDeclined/attach", status=402, customer=one)["code"] == "card_declined"
    assert (
        api.refused("payment_methods", status=402, type="card", card={"number": "1", "exp_month": 1, "exp_year": 2030})["code"]
        == "incorrect_number"
    )
    assert api.refused("payment_methods")["param"] == "type"


def test_a_test_card_is_made_anew_each_time(sim, api):
    paid(api)
    paid(api)
    assert len({row["payment_method"] for row in sim.objects("charges")}) == 2
    assert api.refused("payment_intents", amount=500, currency="usd", payment_method=sim.objects("charges")[0]["payment_method"])["code"]


def test_setup_intents(api):
    customer = api.post("customers")["id"]
    intent = api.post("setup_intents", customer=customer)
    assert intent["status"] == "requires_payment_method"
    done = api.post(f"setup_intents/{intent['id']}/confirm", payment_method="pm_card_visa")
    assert (done["status"], api.get(f"payment_methods/{done['payment_method']}")["customer"]) == ("succeeded", customer)
    assert api.refused(f"setup_intents/{intent['id']}/cancel")["code"] == "setup_intent_unexpected_state"
    error = api.refused("setup_intents", status=402, customer=customer, payment_method="pm_card_chargeDeclined", confirm=True)
    assert (error["type"], error["setup_intent"]["status"]) == ("card_error", "requires_payment_method")
    open_one = api.post("setup_intents", customer=customer)
    assert api.post(f"setup_intents/{open_one['id']}/cancel", cancellation_reason="duplicate")["status"] == "canceled"


def test_the_balance_is_the_sum_of_what_was_booked(sim, api):
    paid(api, 10_000, "pm_card_bypassPending")
    intent = paid(api, 5000)
    api.post("refunds", payment_intent=intent["id"], amount=1000)
    balance = api.get("balance")
    sums = {kind: balance[kind][0]["amount"] for kind in ("available", "pending")}
    rows = sim.objects("balance_transactions")
    assert sum(sums.values()) == sum(row["net"] for row in rows)
    assert sums["pending"] == sum(row["net"] for row in rows if row["status"] == "pending")
    sim.clock.advance(3 * 86_400)
    assert api.get("balance")["pending"][0]["amount"] == 0
    assert {row["status"] for row in api.get("balance_transactions")["data"]} == {"available"}


def test_payouts_topups_and_transfers_move_only_what_is_there(sim, api):
    assert api.refused("payouts", amount=500, currency="usd")["param"] == "currency"
    api.post(f"accounts/{sim.account_id}/external_accounts", external_account="btok_us_verified")
    assert api.refused("payouts", amount=500, currency="usd")["code"] == "balance_insufficient"
    assert api.post("topups", amount=10_000, currency="usd", description="cash")["status"] == "succeeded"
    payout = api.post("payouts", amount=4000, currency="usd")
    assert (payout["status"], payout["automatic"]) == ("pending", False)
    assert api.get("balance")["available"][0]["amount"] == 6000
    assert api.post(f"payouts/{payout['id']}/cancel")["status"] == "canceled"
    assert api.refused(f"payouts/{payout['id']}/cancel")["code"] == "payout_not_cancelable"
    assert api.get("balance")["available"][0]["amount"] == 10_000
    account = api.post("accounts", type="express")["id"]
    assert api.refused("transfers", amount=10_001, currency="usd", destination=account)["code"] == "balance_insufficient"
    assert api.refused("transfers", amount=1, currency="usd", destination="acct_nope")["code"] == "resource_missing"
    transfer = api.post("transfers", amount=3000, currency="usd", destination=account)
    path = f"transfers/{transfer['id']}"
    api.post(f"{path}/reversals", amount=1000)
    assert "2000" in api.refused(f"{path}/reversals", amount=2001)["message"]
    api.post(f"{path}/reversals")
    row = api.get(path)
    assert (row["reversed"], row["amount_reversed"], len(row["reversals"]["data"])) == (True, 3000, 2)
    assert api.refused(f"{path}/reversals")["code"] == "transfer_already_reversed"
    assert api.get("balance")["available"][0]["amount"] == 10_000
