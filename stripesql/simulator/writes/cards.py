"""Make payment methods, cards and tokens, and tie them to customers.

In: writes of payment methods, sources, tokens. Out: rows. A test card keeps its nature: a card that declines does so
whenever it is charged.
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator import errors
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import magic, plain
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.magic import Card
from stripesql.simulator.writes.model import Handlers, Row, Write, needed, wrong_state

NOBODY = {
    "address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
    "email": None,
    "name": None,
    "phone": None,
    "tax_id": None,
}


def card_of(hand: Hand, method_id: str) -> Card:
    """Return what the card behind a payment method, source or token is like; unknown ones are plain Visa cards."""
    name = hand.account.cards.get(method_id)
    return magic.CARDS[name] if name is not None else magic.CARDS["visa"]


def resolved(hand: Hand, method_id: str, param: str = "payment_method") -> Object:
    """Return the payment method of an id; a test card is made anew each time it is named.

    Raises:
        ApiError: 400, no such payment method.
    """
    if magic.is_magic(method_id):
        return make(hand, method_id)
    found = hand.find("payment_methods", method_id)
    if found is None:
        found = hand.find("customer_sources", method_id)
    if found is None:
        raise errors.no_such("PaymentMethod", method_id, param)
    return found


def make(hand: Hand, name: str, fields: Object | None = None) -> Object:
    """Add a payment method of a test card or bank account that belongs to nobody."""
    if name in magic.BANKS:
        bank = {
            "account_holder_type": "individual",
            "account_type": "checking",
            "bank_name": "STRIPE TEST BANK",
            "last4": "6789",
            "routing_number": "110000000",
        }
        return hand.add(
            "payment_methods",
            {"type": magic.BANKS[name], magic.BANKS[name]: bank, "billing_details": NOBODY, **(fields or {})},
            event=False,
        )
    card = magic.card_of(name) or magic.CARDS["visa"]
    made = hand.add(
        "payment_methods", {"type": "card", "card": instrument(hand, card), "billing_details": NOBODY, **(fields or {})}, event=False
    )
    hand.account.cards[made["id"]] = name.removeprefix("pm_card_").removeprefix("tok_")
    return made


def instrument(hand: Hand, card: Card, exp_month: int = 12, exp_year: int = 2034) -> Object:
    """Return the ``card`` of a payment method."""
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "unchecked"},
        "country": card.country,
        "display_brand": card.brand,
        "exp_month": exp_month,
        "exp_year": exp_year,
        "fingerprint": hand.account.world.ids.make("", sum(card.last4.encode()))[-16:],
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def create(write: Write) -> Row:
    """Make a payment method from a number, a token or bank details."""
    values, hand = write.values, write.hand
    kind = values.get("type")
    if kind is None:
        raise errors.missing_parameter("type")
    details = values.get("billing_details") or {}
    address = {**NOBODY["address"], **(details.get("address") or {})}  # type: ignore[dict-item]
    fields: Object = {"metadata": values.get("metadata") or {}, "billing_details": {**NOBODY, **details, "address": address}}
    if values.get("allow_redisplay"):
        fields["allow_redisplay"] = values["allow_redisplay"]
    if kind == "card":
        return "payment_methods", _from_card(hand, values.get("card"), fields)["id"]
    given = {key: value for key, value in (values.get(kind) or {}).items() if not key.endswith("_number") and key != "iban"}
    number = str(next((value for key, value in (values.get(kind) or {}).items() if key in ("account_number", "iban")), "000"))
    return "payment_methods", hand.add("payment_methods", {**fields, "type": kind, kind: {**given, "last4": number[-4:]}}, event=False)[
        "id"
    ]


def _from_card(hand: Hand, card: Any, fields: Object) -> Object:
    if not isinstance(card, dict):
        raise errors.missing_parameter("card")
    if card.get("token"):
        name = hand.account.cards.get(card["token"]) or str(card["token"])
        if magic.card_of(card["token"]) is None and card["token"] not in hand.account.cards:
            raise errors.no_such("token", card["token"], "card[token]")
        return make(hand, name if name.startswith("tok_") else f"pm_card_{name}", fields)
    for name in ("number", "exp_month", "exp_year"):
        if card.get(name) is None:
            raise errors.missing_parameter(f"card[{name}]")
    known = number_of(card["number"])
    made = make(hand, f"pm_card_{known}", fields)
    shown = instrument(hand, magic.CARDS[known], card["exp_month"], card["exp_year"])
    return hand.change("payment_methods", made["id"], {"card": shown}, event=False)


def number_of(number: str) -> str:
    """Return the name of the test card with this number.

    Raises:
        ApiError: 402: no test card has it.
    """
    found = magic.NUMBERS.get(number.replace(" ", ""))
    if found is None:
        raise ApiError(402, "Your card number is incorrect.", code="incorrect_number", param="number", type="card_error")
    return found


def attach_to(hand: Hand, method_id: str, customer: str, param: str = "payment_method") -> Object:
    """Save a payment method to a customer.

    Raises:
        ApiError: 400, it belongs to somebody, or cannot be used again; 402, the card declines.
    """
    method = resolved(hand, method_id, param)
    if method.get("object") != "payment_method" or method["customer"] == customer:
        return method
    if method["customer"] is not None:
        raise wrong_state(
            "The payment method you provided has already been attached to a customer.", "payment_method_unexpected_state", param
        )
    if method["id"] in hand.account.spent:
        message = "This PaymentMethod was used without being attached to a Customer or was detached from one, and may not be used again."
        raise wrong_state(message, "payment_method_unexpected_state", param)
    card = card_of(hand, method["id"])
    if card.declines and not card.attaches:
        raise declined(card)
    return hand.change("payment_methods", method["id"], {"customer": customer}, event="attached")


def declined(card: Card, extra: Object | None = None) -> ApiError:
    """Return the refusal of a card."""
    message = magic.MESSAGES.get(card.declines or "") or magic.MESSAGES[card.code]
    return ApiError(402, message, code=card.code, type="card_error", extra={"decline_code": card.declines, **(extra or {})}, keeps=True)


def attach(write: Write) -> Row:
    """Save a payment method to a customer."""
    needed(write.values, "customer")
    return "payment_methods", attach_to(write.hand, write.id, write.values["customer"])["id"]


def detach(write: Write) -> Row:
    """Take a payment method from its customer; it cannot be used again."""
    hand = write.hand
    method = hand.get("payment_methods", write.id, "payment_method")
    if method["customer"] is None:
        raise wrong_state(
            "The payment method you provided is not attached to a customer so detachment is impossible.", "payment_method_unexpected_state"
        )
    customer = hand.find("customers", method["customer"])
    if customer is not None and (customer["invoice_settings"] or {}).get("default_payment_method") == write.id:
        hand.change(
            "customers", customer["id"], {"invoice_settings": {**customer["invoice_settings"], "default_payment_method": None}}, event=False
        )
    hand.account.spent.add(write.id)
    hand.change("payment_methods", write.id, {"customer": None}, event="detached")
    return "payment_methods", write.id


def update(write: Write) -> Row:
    """Change billing details and metadata; only of a method that belongs to a customer."""
    method = write.hand.get("payment_methods", write.id, "payment_method")
    if method["customer"] is None:
        raise wrong_state("You must save this PaymentMethod to a customer before you can update it.", "payment_method_unexpected_state")
    card = write.values.pop("card", None)
    fields = plain.overlaid("payment_methods", method, write.values)
    if isinstance(card, dict):
        fields["card"] = {**(method.get("card") or {}), **{key: value for key, value in card.items() if key in ("exp_month", "exp_year")}}
    return plain.change(write, fields)


def source(hand: Hand, customer_id: str, given: Any, param: str = "source") -> Object:
    """Add a card or bank account of a token to a customer; the first one becomes the default."""
    name = hand.account.cards.get(given, given) if isinstance(given, str) else number_of(str(given.get("number", "")))
    card = magic.CARDS.get(str(name).removeprefix("tok_").removeprefix("pm_card_"))
    if card is None and name not in magic.BANKS:
        raise errors.no_such("token", str(given), param)
    if card is None:
        bank = {
            "object": "bank_account",
            "bank_name": "STRIPE TEST BANK",
            "last4": "6789",
            "routing_number": "110000000",
            "status": "new",
            "country": "US",
            "currency": "usd",
        }
        made = hand.add("customer_sources", {**bank, "id": hand.new_id("ba_1"), "customer": customer_id, "metadata": {}})
    else:
        if card.declines and not card.attaches:
            raise declined(card)
        shown = instrument(hand, card)
        fields = {key: shown[key] for key in ("country", "exp_month", "exp_year", "fingerprint", "funding", "last4")}
        made = hand.add(
            "customer_sources",
            {**fields, "object": "card", "brand": card.brand.title(), "customer": customer_id, "cvc_check": "pass", "metadata": {}},
        )
        hand.account.cards[made["id"]] = str(name).removeprefix("tok_").removeprefix("pm_card_")
    customer = hand.get("customers", customer_id)
    if customer["default_source"] is None:
        hand.change("customers", customer_id, {"default_source": made["id"]}, event=False)
    return made


def create_source(write: Write) -> Row:
    """Add a source to a customer."""
    plain.known_parents(write, write.route.arguments)
    return "customer_sources", source(write.hand, write.route.arguments[0], write.values["source"])["id"]


def detach_source(write: Write) -> Object:
    """Take a card or bank account from a customer for good; the next one becomes the default."""
    hand = write.hand
    target = plain.target(write)
    answer = hand.remove("customer_sources", write.id)
    customer = hand.get("customers", write.route.arguments[0])
    if customer["default_source"] == write.id:
        rest = hand.having("customer_sources", "customer", customer["id"])
        hand.change("customers", customer["id"], {"default_source": rest[0]["id"] if rest else None}, event=False)
    return {**answer, "object": target["object"]}


def create_token(write: Write) -> Row:
    """Make a token of a card number or of bank details."""
    values, hand = write.values, write.hand
    if isinstance(values.get("card"), dict):
        name = number_of(str(values["card"].get("number", "")))
        shown = {**instrument(hand, magic.CARDS[name]), "id": hand.new_id("card_1"), "object": "card"}
        made = hand.add("tokens", {"type": "card", "card": shown, "used": False}, event=False)
        hand.account.cards[made["id"]] = name
        return "tokens", made["id"]
    kind = next((name for name in ("bank_account", "account", "person", "pii") if values.get(name)), None)
    if kind is None:
        raise ApiError(400, "You must supply either a card, customer, PII data, bank account, or account legal entity to create a token.")
    made = hand.add("tokens", {"type": kind, "used": False}, event=False)
    hand.account.cards[made["id"]] = "tok_bank" if kind == "bank_account" else kind
    return "tokens", made["id"]


CREATE: Handlers = {"payment_methods": create, "customer_sources": create_source, "tokens": create_token}
UPDATE: Handlers = {"payment_methods": update}
ACTIONS: Handlers = {"payment_methods.attach": attach, "payment_methods.detach": detach, "customer_sources.detach": detach_source}
