"""Sell through pages: checkout sessions, payment links; and the line items that quotes have too.

In: create, update, expire. Out: rows with line items. Nobody comes to the checkout page here: a session stays open until it is
expired.
"""

from __future__ import annotations

from stripesql.simulator import errors
from stripesql.simulator.business.dates import DAY
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import invoice_items, lines, plain
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.model import Handlers, Row, Write, wrong_state

NOTHING = {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}


def add_items(hand: Hand, name: str, column: str, parent_id: str, entries: list[Object]) -> list[Object]:
    """Add the line items of a parent and return their prices."""
    prices: list[Object] = []
    for place, entry in enumerate(entries):
        where = f"line_items[{place}]"
        price = _price(hand, entry, where)
        quantity = entry.get("quantity", 1)
        if quantity < 1:
            raise ApiError(
                400, "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param=f"{where}[quantity]"
            )
        if prices and prices[0]["currency"] != price["currency"]:
            raise ApiError(400, "All line items must have the same currency.", param=f"{where}[price]")
        amount = lines.amount_of(price, quantity)
        product = hand.find("products", price["product"]) or {}
        fields = {
            "amount_discount": 0,
            "amount_subtotal": amount,
            "amount_tax": 0,
            "amount_total": amount,
            "currency": price["currency"],
            "description": product.get("name"),
            "price": lines.embedded_price(price),
            "quantity": quantity,
            "object": "item",
        }
        hand.add(name, {**fields, "id": hand.new_id("li_1")}, {column: parent_id}, event=False)
        prices.append(price)
    return prices


def _price(hand: Hand, entry: Object, where: str) -> Object:
    data = entry.get("price_data")
    if (data is None) == (entry.get("price") is None):
        if data is None:
            raise errors.missing_parameter(f"{where}[price]")
        raise ApiError(400, "You may only specify one of these parameters: price, price_data.", param=f"{where}[price]")
    if data is None:
        return lines.price_of(hand, entry["price"], f"{where}[price]")
    if data.get("product_data"):
        product = hand.add(
            "products", {**data["product_data"], "active": True, "type": "service", "metadata": data["product_data"].get("metadata") or {}}
        )["id"]
        data = {**{name: value for name, value in data.items() if name != "product_data"}, "product": product}
    return invoice_items.inline(hand, data, data.get("recurring"))


def items_of(hand: Hand, name: str, column: str, parent_id: str) -> list[Object]:
    """Return the line items of a parent, in order."""
    return hand.having(name, column, parent_id)


def create_session(write: Write) -> Row:
    """Open a checkout page."""
    hand, values = write.hand, write.values
    mode, entries = values.get("mode") or "payment", values.get("line_items") or []
    if mode != "setup" and not entries:
        raise errors.missing_parameter("line_items")
    hosted = (values.get("ui_mode") or "hosted_page") == "hosted_page"
    if hosted and values.get("success_url") is None:
        raise errors.missing_parameter("success_url")
    if values.get("customer") and values.get("customer_email"):
        raise ApiError(400, "You may only specify one of these parameters: customer, customer_email.", param="customer")
    expires = values.get("expires_at") or hand.now + DAY
    if not hand.now + 1800 <= expires <= hand.now + DAY:
        raise ApiError(400, "The `expires_at` timestamp must be between 30 minutes and 24 hours from now.", param="expires_at")
    session_id = hand.new_id("cs_test_c1")
    prices = add_items(hand, "checkout_session_line_items", "checkout_session", session_id, entries)
    often = [price["type"] == "recurring" for price in prices]
    if mode == "subscription" and not any(often):
        raise ApiError(400, "You must provide at least one recurring price in `subscription` mode.", param="line_items")
    if mode == "payment" and any(often):
        raise ApiError(
            400,
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.",
            param="line_items",
        )
    total = sum(row["amount_total"] for row in items_of(hand, "checkout_session_line_items", "checkout_session", session_id))
    kept = {name: value for name, value in values.items() if name not in ("line_items", "discounts")}
    fields = plain.overlaid("checkout_sessions", plain.made(Write(hand, write.route, {})), kept)
    fields |= {
        "id": session_id,
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "currency": prices[0]["currency"] if prices else values.get("currency"),
        "customer_creation": None if values.get("customer") else "always" if mode == "subscription" else "if_required",
        "expires_at": expires,
        "mode": mode,
        "payment_method_types": ["card"],
        "payment_status": "unpaid" if mode != "setup" else "no_payment_required",
        "status": "open",
        "total_details": NOTHING,
        "ui_mode": values.get("ui_mode") or "hosted_page",
        "url": f"https://checkout.stripe.com/c/pay/{session_id}" if hosted else None,
    }
    return "checkout_sessions", hand.add("checkout_sessions", fields)["id"]


def expire_session(write: Write) -> Row:
    """Close an open checkout page."""
    session = write.hand.get("checkout_sessions", write.id, "session")
    if session["status"] != "open":
        raise wrong_state(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This one has a status of {session["status"]}.',
            "checkout_session_not_open",
        )
    write.hand.change("checkout_sessions", write.id, {"status": "expired", "url": None}, event="expired")
    return "checkout_sessions", write.id


def create_link(write: Write) -> Row:
    """Add a payment link."""
    hand, values = write.hand, write.values
    link_id = hand.id_of("payment_links")
    prices = add_items(hand, "payment_link_line_items", "payment_link", link_id, values["line_items"])
    kept = {name: value for name, value in values.items() if name != "line_items"}
    start: Object = {
        "active": True,
        "after_completion": {"hosted_confirmation": {"custom_message": None}, "redirect": None, "type": "hosted_confirmation"},
        "automatic_tax": {"enabled": False, "liability": None},
        "billing_address_collection": "auto",
        "currency": prices[0]["currency"],
        "custom_text": {"after_submit": None, "shipping_address": None, "submit": None, "terms_of_service_acceptance": None},
        "customer_creation": "if_required",
        "payment_method_collection": "always",
        "phone_number_collection": {"enabled": False},
        "submit_type": "auto",
        "tax_id_collection": {"enabled": False, "required": "never"},
        "url": f"https://buy.stripe.com/test_{link_id[-14:]}",
    }
    fields = plain.overlaid("payment_links", {**plain.made(Write(hand, write.route, {})), **start}, kept)
    return "payment_links", hand.add("payment_links", {**fields, "id": link_id, "currency": prices[0]["currency"]})["id"]


def update_link(write: Write) -> Row:
    """Change a payment link, and the quantities of its lines."""
    for place, entry in enumerate(write.values.get("line_items") or []):
        row = write.hand.find("payment_link_line_items", entry.get("id"))
        if row is None:
            raise errors.no_such("line item", str(entry.get("id")), f"line_items[{place}][id]")
        amount = lines.amount_of(row["price"], entry.get("quantity", row["quantity"]))
        write.hand.change(
            "payment_link_line_items",
            row["id"],
            {"quantity": entry.get("quantity", row["quantity"]), "amount_subtotal": amount, "amount_total": amount},
            event=False,
        )
    kept = {name: value for name, value in write.values.items() if name != "line_items"}
    return plain.change(write, plain.overlaid("payment_links", plain.target(write), kept))


CREATE: Handlers = {"checkout_sessions": create_session, "payment_links": create_link}
UPDATE: Handlers = {"payment_links": update_link}
ACTIONS: Handlers = {"checkout_sessions.expire": expire_session}
