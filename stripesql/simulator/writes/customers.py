"""Keep customers: what comes with them, what goes with them.

In: create, update, delete, and the lists below a customer. Out: rows. Deleting a customer cancels the subscriptions at once
and lets go of cards and tax ids; the tombstone can still be retrieved.
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator import errors
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import cards, plain, subscriptions
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.model import Handlers, Row, Write, wrong_state

APART = frozenset({"payment_method", "source", "tax_id_data", "cash_balance", "tax", "validate", "default_source"})


def create(write: Write) -> Row:
    """Add a customer with a payment method, a source, tax ids."""
    hand, values = write.hand, write.values
    start: Object = {"balance": 0, "next_invoice_sequence": 1, "tax_exempt": "none", "shipping": None, "address": None}
    settings = {"custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None}
    start["invoice_settings"] = settings
    start["cash_balance"] = None
    start["tax"] = {"automatic_tax": "unrecognized_location", "ip_address": None, "location": None, "provider": "stripe"}
    fields = plain.overlaid("customers", {**plain.made(Write(hand, write.route, {})), **start}, _plain(values))
    fields["tax_exempt"] = fields["tax_exempt"] or "none"
    customer_id = hand.id_of("customers")
    fields["invoice_prefix"] = values.get("invoice_prefix") or customer_id[-8:].upper()
    if values.get("invoice_prefix"):
        _check_prefix(hand, values["invoice_prefix"], customer_id)
    default = settings_method(values)
    made = hand.add(
        "customers",
        {
            **fields,
            "id": customer_id,
            "cash_balance": {
                "object": "cash_balance",
                "available": None,
                "customer": customer_id,
                "customer_account": None,
                "livemode": False,
                "settings": {"reconciliation_mode": "automatic", "using_merchant_default": True},
            },
        },
    )
    if values.get("payment_method") is not None:
        method = cards.attach_to(hand, values["payment_method"], customer_id)
        default = method["id"] if default == values["payment_method"] else default
    if values.get("source") is not None:
        cards.source(hand, customer_id, values["source"])
    for place, data in enumerate(values.get("tax_id_data") or []):
        tax_id(hand, customer_id, data, f"tax_id_data[{place}]")
    if default is not None:
        _set_default(hand, customer_id, default)
    return "customers", made["id"]


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in APART}


def settings_method(values: dict[str, Any]) -> str | None:
    """Return the default payment method that a call names."""
    settings = values.get("invoice_settings")
    found: str | None = settings.get("default_payment_method") if isinstance(settings, dict) else None
    return found


def _set_default(hand: Hand, customer_id: str, method_id: str) -> None:
    method = cards.resolved(hand, method_id, "invoice_settings[default_payment_method]")
    if method.get("customer") != customer_id:
        message = "The customer does not have a payment method with this ID. The payment method must be attached to the customer."
        raise ApiError(400, message, code="resource_missing", param="invoice_settings[default_payment_method]")
    customer = hand.get("customers", customer_id)
    hand.change(
        "customers",
        customer_id,
        {"invoice_settings": {**customer["invoice_settings"], "default_payment_method": method["id"]}},
        event=False,
    )


def _check_prefix(hand: Hand, prefix: str, own: str) -> None:
    if not (3 <= len(prefix) <= 12 and prefix.isalnum() and prefix == prefix.upper()):
        raise ApiError(400, "Invalid invoice_prefix: three to twelve upper-case letters and numbers.", param="invoice_prefix")
    if any(row["id"] != own for row in hand.having("customers", "invoice_prefix", prefix)):
        raise ApiError(400, "Invalid invoice_prefix: another customer has it.", param="invoice_prefix")


def update(write: Write) -> Row:
    """Change a customer."""
    hand, values = write.hand, write.values
    before = plain.target(write)
    if values.get("invoice_prefix"):
        _check_prefix(hand, values["invoice_prefix"], write.id)
    sequence = values.get("next_invoice_sequence")
    if sequence is not None and sequence < before["next_invoice_sequence"]:
        message = f"next_invoice_sequence must be at least {before['next_invoice_sequence']}."
        raise ApiError(400, message, param="next_invoice_sequence")
    default = settings_method(values)
    fields = plain.overlaid("customers", before, _plain(values))
    fields["tax_exempt"] = fields["tax_exempt"] or "none"
    if default is not None:
        fields["invoice_settings"] = {
            **fields["invoice_settings"],
            "default_payment_method": before["invoice_settings"]["default_payment_method"],
        }
    if values.get("default_source") is not None:
        if hand.find("customer_sources", values["default_source"]) is None:
            raise errors.no_such("source", values["default_source"], "default_source")
        fields["default_source"] = values["default_source"]
    if default is not None:
        _set_default(hand, write.id, default)
        fields["invoice_settings"] = hand.get("customers", write.id)["invoice_settings"]
    if values.get("source") is not None:
        fields["default_source"] = cards.source(hand, write.id, values["source"])["id"]
    return plain.change(write, fields)


def delete(write: Write) -> Object:
    """Delete a customer; subscriptions end now, cards and tax ids go."""
    hand = write.hand
    plain.target(write)
    for row in hand.having("subscriptions", "customer", write.id):
        if row["status"] not in subscriptions.ENDED:
            subscriptions.end(hand, row["id"], "cancellation_requested")
    for method in hand.having("payment_methods", "customer", write.id):
        hand.account.spent.add(method["id"])
        hand.change("payment_methods", method["id"], {"customer": None}, event="detached")
    for name in ("customer_sources", "tax_ids"):
        for row in hand.having(name, "customer", write.id):
            hand.remove(name, row["id"])
    for item in hand.having("invoice_items", "customer", write.id):
        if item["invoice"] is None:
            hand.remove("invoice_items", item["id"])
    return hand.remove("customers", write.id)


def delete_discount(write: Write) -> Object:
    """Take the discount from a customer."""
    customer = write.hand.get("customers", write.route.arguments[0], "customer")
    if customer.get("discount") is None:
        raise errors.no_such("discount", "", "customer", 404)
    write.hand.change("customers", customer["id"], {"discount": None})
    return {
        "id": customer["discount"]["id"],
        "object": "discount",
        "deleted": True,
        "customer": customer["id"],
        "start": customer["discount"]["start"],
    }


TAX_COUNTRY = {
    "eu_vat": None,
    "gb_vat": "GB",
    "us_ein": "US",
    "ch_vat": "CH",
    "au_abn": "AU",
    "ca_bn": "CA",
    "jp_cn": "JP",
    "no_vat": "NO",
    "in_gst": "IN",
}


def tax_id(hand: Hand, customer_id: str | None, data: Object, where: str = "") -> Object:
    """Add a tax id of a customer, or of the account itself."""
    kind, value = data["type"], data["value"]
    if len(value) < 4 or (kind == "eu_vat" and not value[:2].isalpha()):
        raise ApiError(400, f"Invalid value for {kind}.", code="tax_id_invalid", param=f"{where}[value]" if where else "value")
    country = TAX_COUNTRY.get(kind, kind[:2].upper()) or value[:2].upper()
    owner = {
        "account": None,
        "application": None,
        "customer": customer_id,
        "customer_account": None,
        "type": "customer" if customer_id else "self",
    }
    fields = {"country": country, "customer": customer_id, "owner": owner, "type": kind, "value": value}
    return hand.add("tax_ids", {**fields, "verification": {"status": "pending", "verified_address": None, "verified_name": None}})


def create_customer_tax_id(write: Write) -> Row:
    """Add a tax id to the customer of the path."""
    plain.known_parents(write, write.route.arguments)
    return "tax_ids", tax_id(write.hand, write.route.arguments[0], write.values)["id"]


def create_tax_id(write: Write) -> Row:
    """Add a tax id of the owner that is named, the account by default."""
    owner = write.values.get("owner") or {"type": "self"}
    if owner["type"] == "customer" and owner.get("customer") is None:
        raise errors.missing_parameter("owner[customer]")
    return "tax_ids", tax_id(write.hand, owner.get("customer"), write.values)["id"]


def create_balance_transaction(write: Write) -> Row:
    """Change what a customer has in credit (negative) or owes."""
    hand, values = write.hand, write.values
    customer = hand.get("customers", write.route.arguments[0], "customer")
    if customer["currency"] not in (None, values["currency"]):
        raise ApiError(400, f"The customer's balance is in {customer['currency']}.", param="currency")
    ending = customer["balance"] + values["amount"]
    fields = {
        "amount": values["amount"],
        "currency": values["currency"],
        "customer": customer["id"],
        "description": values.get("description"),
        "ending_balance": ending,
        "metadata": values.get("metadata") or {},
        "type": "adjustment",
    }
    made = hand.add("customer_balance_transactions", fields, event=False)
    hand.change("customers", customer["id"], {"balance": ending, "currency": values["currency"]})
    return "customer_balance_transactions", made["id"]


def update_cash_balance(write: Write) -> Object:
    """Change how payments into the cash balance are matched."""
    hand = write.hand
    customer = hand.get("customers", write.route.arguments[0], "customer")
    settings = write.values.get("settings")
    cash: Object = customer.get("cash_balance") or {
        "object": "cash_balance",
        "available": None,
        "customer": customer["id"],
        "customer_account": None,
        "livemode": False,
    }
    mode = settings.get("reconciliation_mode", "automatic") if isinstance(settings, dict) else "automatic"
    cash = {
        **cash,
        "settings": {
            "reconciliation_mode": "automatic" if mode == "merchant_default" else mode,
            "using_merchant_default": mode == "merchant_default",
        },
    }
    hand.change("customers", customer["id"], {"cash_balance": cash}, event=False)
    if hand.find("customer_cash_balance", customer["id"]) is not None:
        hand.change("customer_cash_balance", customer["id"], {"settings": cash["settings"]}, event=False)
    return cash


def refuse_clock(hand: Hand, clock_id: str) -> None:
    """Refuse a fourth customer on a test clock."""
    if len(hand.having("customers", "test_clock", clock_id)) >= 3:
        raise wrong_state("You may not create more than 3 customers on a test clock.", "test_clock_limit", "test_clock")


CREATE: Handlers = {
    "customers": create,
    "customer_tax_ids": create_customer_tax_id,
    "tax_ids": create_tax_id,
    "customer_balance_transactions": create_balance_transaction,
}
UPDATE: Handlers = {"customers": update, "customer_cash_balance": update_cash_balance}
DELETE: Handlers = {"customers": delete}
ACTIONS: Handlers = {"customers.delete_discount": delete_discount}
