"""Play quotes: offers that become subscriptions or invoices.

In: create, update, finalize, accept, cancel. Out: rows.

    draft -> open -> accepted | canceled        draft -> canceled
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator.business.dates import DAY
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import discounts, invoice_items, invoices, lines, plain, subscribing
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.model import Handlers, Row, Write, wrong_state
from stripesql.simulator.writes.selling import NOTHING, add_items, items_of


def _quote_fields(hand: Hand, values: dict[str, Any], quote_id: str) -> Object:
    names = (
        "application_fee_amount",
        "application_fee_percent",
        "customer",
        "description",
        "footer",
        "header",
        "on_behalf_of",
        "test_clock",
        "transfer_data",
    )
    settings = values.get("invoice_settings") or {}
    data = values.get("subscription_data") or {}
    return {
        **{name: values.get(name) for name in names},
        "id": quote_id,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "collection_method": values.get("collection_method") or "charge_automatically",
        "default_tax_rates": values.get("default_tax_rates") or [],
        "discounts": discounts.made(hand, values.get("discounts"), {"customer": values.get("customer")}),
        "expires_at": values.get("expires_at") or hand.now + 30 * DAY,
        "invoice_settings": {"days_until_due": settings.get("days_until_due"), "issuer": {"type": "self"}},
        "metadata": values.get("metadata") or {},
        "status": "draft",
        "status_transitions": {"accepted_at": None, "canceled_at": None, "finalized_at": None},
        "subscription_data": {
            "billing_mode": {"type": "classic"},
            "description": data.get("description"),
            "effective_date": data.get("effective_date"),
            "metadata": data.get("metadata") or {},
            "trial_period_days": data.get("trial_period_days"),
        },
        "total_details": NOTHING,
    }


def create_quote(write: Write) -> Row:
    """Add a draft of a quote."""
    hand, values = write.hand, write.values
    if values.get("from_quote") is not None:
        raise ApiError(400, "The simulator does not play revisions of quotes.", code="simulator_not_played", param="from_quote")
    quote_id = hand.id_of("quotes")
    made = hand.add("quotes", _quote_fields(hand, values, quote_id))
    _priced(hand, made["id"], values.get("line_items") or [])
    return "quotes", made["id"]


def _priced(hand: Hand, quote_id: str, entries: list[Object]) -> None:
    """Give a quote its line items and their sums."""
    for old in items_of(hand, "quote_line_items", "quote", quote_id):
        hand.remove("quote_line_items", old["id"], event=False)
    prices = add_items(hand, "quote_line_items", "quote", quote_id, entries)
    rows = items_of(hand, "quote_line_items", "quote", quote_id)
    total = sum(row["amount_total"] for row in rows)
    upfront = {"amount_subtotal": total, "amount_total": total, "total_details": NOTHING}
    recurring = [row for row in rows if row["price"]["type"] == "recurring"]
    often = None
    if recurring:
        each = sum(row["amount_total"] for row in recurring)
        first = recurring[0]["price"]["recurring"]
        often = {
            "amount_subtotal": each,
            "amount_total": each,
            "interval": first["interval"],
            "interval_count": first["interval_count"],
            "total_details": NOTHING,
        }
    currency = prices[0]["currency"] if prices else None
    hand.change(
        "quotes",
        quote_id,
        {"amount_subtotal": total, "amount_total": total, "computed": {"recurring": often, "upfront": upfront}, "currency": currency},
        event=False,
    )


def update_quote(write: Write) -> Row:
    """Change a draft."""
    hand, values = write.hand, write.values
    quote = plain.target(write)
    if quote["status"] != "draft" and set(values) - {"metadata"}:
        raise wrong_state(f"You can only change drafts of quotes; this one has status {quote['status']}.", "quote_not_editable")
    kept = {name: value for name, value in values.items() if name not in ("line_items", "discounts")}
    row = plain.change(write, plain.overlaid("quotes", quote, kept))
    if "line_items" in values:
        entries = []
        for entry in values["line_items"]:
            known = hand.find("quote_line_items", entry.get("id"))
            entries.append(entry if known is None else {"price": known["price"]["id"], "quantity": known["quantity"], **entry})
        _priced(hand, write.id, entries)
    return row


def _stepped(hand: Hand, quote: Object, status: str, **more: Any) -> None:
    steps = {**quote["status_transitions"], f"{status if status != 'open' else 'finalized'}_at": hand.now}
    hand.change(
        "quotes", quote["id"], {"status": status, "status_transitions": steps, **more}, event={"open": "finalized"}.get(status, status)
    )


def finalize_quote(write: Write) -> Row:
    """Open a draft for the customer."""
    hand = write.hand
    quote = hand.get("quotes", write.id, "quote")
    if quote["status"] != "draft":
        raise wrong_state(f"This quote cannot be finalized because it has status {quote['status']}.", "quote_not_editable")
    if quote["customer"] is None:
        raise wrong_state("A quote needs a customer to be finalized.", "parameter_missing", "customer")
    if not items_of(hand, "quote_line_items", "quote", write.id):
        raise wrong_state("A quote needs line items to be finalized.", "parameter_missing", "line_items")
    number = f"QT-{write.id[-8:].upper()}-0001-1"
    _stepped(hand, quote, "open", number=number, expires_at=write.values.get("expires_at") or quote["expires_at"])
    return "quotes", write.id


def accept_quote(write: Write) -> Row:
    """Accept an open quote: a subscription begins, or an invoice is drawn up."""
    hand = write.hand
    quote = hand.get("quotes", write.id, "quote")
    if quote["status"] != "open":
        raise wrong_state(f"This quote cannot be accepted because it has status {quote['status']}.", "quote_not_editable")
    rows = items_of(hand, "quote_line_items", "quote", write.id)
    recurring = [row for row in rows if row["price"]["type"] == "recurring"]
    once = [{"price": row["price"]["id"], "quantity": row["quantity"]} for row in rows if row["price"]["type"] != "recurring"]
    more: Object = {}
    if recurring:
        data = quote["subscription_data"] or {}
        entries = [{"price": row["price"]["id"], "quantity": row["quantity"]} for row in recurring]
        values: Object = {
            "customer": quote["customer"],
            "items": entries,
            "collection_method": quote["collection_method"],
            "metadata": data.get("metadata"),
            "description": data.get("description"),
            "add_invoice_items": once,
            "payment_behavior": "default_incomplete",
        }
        values |= (
            {"days_until_due": quote["invoice_settings"]["days_until_due"] or 30} if quote["collection_method"] == "send_invoice" else {}
        )
        values |= {"trial_period_days": data["trial_period_days"]} if data.get("trial_period_days") else {}
        made = subscribing.begin(hand, values)
        more = {"subscription": made["id"], "invoice": made["latest_invoice"]}
    elif once:
        days = {"days_until_due": quote["invoice_settings"]["days_until_due"] or 30} if quote["collection_method"] == "send_invoice" else {}
        draft = invoices.draft(
            hand, quote["customer"], {"collection_method": quote["collection_method"], "currency": quote["currency"], **days}
        )
        for entry in once:
            item = invoice_items.add(hand, entry, quote["customer"], draft)
            lines.item_line(hand, draft, item)
        lines.reckon(hand, draft["id"])
        more = {"invoice": draft["id"]}
    _stepped(hand, quote, "accepted", **more)
    return "quotes", write.id


def cancel_quote(write: Write) -> Row:
    """Cancel a quote that is not accepted."""
    quote = write.hand.get("quotes", write.id, "quote")
    if quote["status"] not in ("draft", "open"):
        raise wrong_state(f"This quote cannot be canceled because it has status {quote['status']}.", "quote_not_editable")
    _stepped(write.hand, quote, "canceled")
    return "quotes", write.id


CREATE: Handlers = {"quotes": create_quote}
UPDATE: Handlers = {"quotes": update_quote}
ACTIONS: Handlers = {"quotes.finalize": finalize_quote, "quotes.accept": accept_quote, "quotes.cancel": cancel_quote}
