"""Make what surrounds billing: credit notes, quotes, payment links, schedules, setup intents, clocks, reviews, files.

In: the records of ``billing``. Out: Loose rows.
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator.business.billing import Billing
from stripesql.simulator.business.dates import DAY
from stripesql.simulator.business.offers import Offers
from stripesql.simulator.business.records import Loose
from stripesql.simulator.business.render_subscriptions import price
from stripesql.simulator.ids import Ids

_ZERO_TAX = {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}


def line_item(ids: Ids, serial: int, row: Loose, quantity: int, at: int, parent: tuple[str, str]) -> Loose:
    """Return an ``item`` of a link or a quote; the parent's id is no field of it."""
    amount = (row.object["unit_amount"] or 0) * quantity
    value: dict[str, Any] = {
        "id": ids.make("li_1", serial),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": row.object["currency"],
        "description": row.object["nickname"] or "Lantern",
        "price": price(row),
        "quantity": quantity,
    }
    return Loose(value["id"], at, value, {parent[0]: parent[1]})


class Paperwork:
    """Everything that is made from what billing has recorded."""

    def __init__(self, ids: Ids, offers: Offers, billing: Billing, start: int, now: int) -> None:
        self._ids, self._offers, self._billing, self._start, self._now = ids, offers, billing, start, now
        self.link_lines: list[Loose] = []
        self.payment_links = [self._link(n) for n in range(3)]
        self.quote_lines: list[Loose] = []
        self.quotes = [self._quote(n) for n in range(min(14, len(billing.customers)))]
        self.setup_intents = self._setups()
        self.schedules = self._schedules()
        self.files: list[Loose] = []
        self.file_links: list[Loose] = []
        self._documents()
        self.webhooks = [self._webhook(n) for n in range(3)]

    def _link(self, n: int) -> Loose:
        link_id, at = self._ids.make("plink_1", n), self._start + n * DAY
        prices = self._offers.one_time["usd"]
        for k in range(12 if n == 1 else 2):
            self.link_lines.append(line_item(self._ids, n * 64 + k, prices[k % 4], 1 + k, at, ("payment_link", link_id)))
        row: dict[str, Any] = {
            "id": link_id,
            "object": "payment_link",
            "active": n != 2,
            "after_completion": {"hosted_confirmation": {"custom_message": None}, "redirect": None, "type": "hosted_confirmation"},
            "allow_promotion_codes": n == 0,
            "automatic_tax": {"enabled": False, "liability": None},
            "billing_address_collection": "auto",
            "currency": "usd",
            "custom_fields": [],
            "custom_text": {"after_submit": None, "shipping_address": None, "submit": None, "terms_of_service_acceptance": None},
            "customer_creation": "if_required",
            "livemode": False,
            "metadata": {"page": str(n)},
            "payment_method_collection": "always",
            "phone_number_collection": {"enabled": False},
            "submit_type": "auto",
            "tax_id_collection": {"enabled": False, "required": "never"},
            "url": f"https://buy.stripe.com/test_{n}",
        }
        return Loose(link_id, at, row)

    def _quote(self, n: int) -> Loose:
        customer = self._billing.customers[n]
        clock = "clock_1lantern0" if n == 13 else None
        quote_id, at = self._ids.make("qt_1", n), customer.created + 600
        prices = self._offers.add_ons[customer.currency]
        total = 0
        for k in range(13 if n == 2 else 1 + n % 3):
            line = line_item(self._ids, (1 << 20) + n * 64 + k, prices[k], 1, at, ("quote", quote_id))
            total += line.object["amount_total"]
            self.quote_lines.append(line)
        status = ("draft", "open", "accepted", "canceled")[n % 4]
        row: dict[str, Any] = {
            "id": quote_id,
            "object": "quote",
            "amount_subtotal": total,
            "amount_total": total,
            "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
            "collection_method": "charge_automatically",
            "computed": {"recurring": None, "upfront": {"amount_subtotal": total, "amount_total": total, "total_details": _ZERO_TAX}},
            "created": at,
            "currency": customer.currency,
            "customer": customer.id,
            "default_tax_rates": [],
            "discounts": [],
            "expires_at": at + 30 * DAY,
            "invoice_settings": {"days_until_due": None, "issuer": {"type": "self"}},
            "livemode": False,
            "metadata": {},
            "number": f"QT-{n:04d}" if status != "draft" else None,
            "status": status,
            "status_transitions": {
                "accepted_at": at + DAY if status == "accepted" else None,
                "canceled_at": at + DAY if status == "canceled" else None,
                "finalized_at": None if status == "draft" else at + 60,
            },
            "subscription_data": {
                "billing_mode": {"type": "classic"},
                "description": None,
                "effective_date": None,
                "metadata": {},
                "trial_period_days": None,
            },
            "test_clock": clock,
            "total_details": _ZERO_TAX,
        }
        return Loose(quote_id, at, row)

    def _setups(self) -> list[Loose]:
        made = []
        for n, sub in enumerate(self._billing.subscriptions[::6]):
            row_id, at = self._ids.make("seti_1", n), sub.created - 20
            row: dict[str, Any] = {
                "id": row_id,
                "object": "setup_intent",
                "attach_to_self": None,
                "automatic_payment_methods": None,
                "cancellation_reason": None,
                "client_secret": f"{row_id}_secret_{row_id[-8:]}",
                "created": at,
                "customer": sub.customer.id,
                "livemode": False,
                "metadata": {},
                "payment_method": sub.customer.default_method if n % 5 else None,
                "payment_method_options": {"card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}},
                "payment_method_types": ["card"],
                "status": "succeeded" if n % 5 else "requires_payment_method",
                "usage": "off_session",
            }
            made.append(Loose(row_id, at, row))
        return made

    def _schedules(self) -> list[Loose]:
        made = []
        for n, sub in enumerate(self._billing.subscriptions[3::17]):
            status = ("active", "not_started", "released", "completed", "canceled")[n % 5]
            row_id, at = self._ids.make("sub_sched_1", n), sub.created
            held = status == "active"
            if held:
                sub.schedule = row_id
            row: dict[str, Any] = {
                "id": row_id,
                "object": "subscription_schedule",
                "billing_mode": {"flexible": None, "type": "classic"},
                "canceled_at": at + 9 * DAY if status == "canceled" else None,
                "completed_at": at + 90 * DAY if status == "completed" else None,
                "created": at,
                "current_phase": {"end_date": sub.period_end, "start_date": sub.period_start} if held else None,
                "customer": sub.customer.id,
                "default_settings": {
                    "billing_cycle_anchor": "automatic",
                    "collection_method": "charge_automatically",
                    "default_payment_method": None,
                },
                "end_behavior": "release",
                "livemode": False,
                "metadata": {},
                "phases": [],
                "released_at": at + 5 * DAY if status == "released" else None,
                "released_subscription": sub.id if status == "released" else None,
                "status": status,
                "subscription": sub.id if held else None,
                "test_clock": None,
            }
            made.append(Loose(row_id, at, row))
        return made

    def _documents(self) -> None:
        for n in range(13):
            file_id, at = self._ids.make("file_1", n), self._start + n * 55 * DAY
            purpose = ("dispute_evidence", "business_logo", "tax_document_user_upload")[n % 3]
            row = {"id": file_id, "object": "file", "created": at, "expires_at": None, "filename": f"scan{n}.pdf", "purpose": purpose, "size": 1000 + n, "title": None, "type": "pdf", "url": f"https://files.stripe.com/v1/files/{file_id}/contents"}  # fmt: skip
            self.files.append(Loose(file_id, at, row))
            for k in range(12 if n == 0 else n % 2):
                link_id = self._ids.make("link_1", n * 16 + k)
                link = {"id": link_id, "object": "file_link", "created": at + k + 1, "expired": k % 3 == 2, "expires_at": None, "file": file_id, "livemode": False, "metadata": {}, "url": f"https://files.stripe.com/links/{link_id}"}  # fmt: skip
                self.file_links.append(Loose(link_id, at + k + 1, link))

    def _webhook(self, n: int) -> Loose:
        row_id, at = self._ids.make("we_1", n), self._start + n * DAY
        row: dict[str, Any] = {
            "id": row_id,
            "object": "webhook_endpoint",
            "api_version": None,
            "application": None,
            "created": at,
            "description": None,
            "enabled_events": ["*"] if n == 0 else ["invoice.paid", "charge.refunded"],
            "livemode": False,
            "metadata": {},
            "status": "enabled" if n != 2 else "disabled",
            "url": f"https://lantern.example/hooks/{n}",
        }
        return Loose(row_id, at, row)


def credit_notes(ids: Ids, billing: Billing) -> tuple[list[Loose], list[Loose]]:
    """Return a credit note for every second refund of an invoice, and its lines; the invoice counts what was credited."""
    notes: list[Loose] = []
    lines: list[Loose] = []
    for n, refund in enumerate(billing.till.refunds[::2]):
        invoice = refund.charge.intent.invoice
        if invoice is None:
            continue
        note_id, at = ids.make("cn_1", n), refund.created
        invoice.credited += refund.amount
        row: dict[str, Any] = {
            "id": note_id,
            "object": "credit_note",
            "amount": refund.amount,
            "amount_shipping": 0,
            "created": at,
            "currency": invoice.currency,
            "customer": invoice.customer.id,
            "customer_account": None,
            "customer_balance_transaction": None,
            "discount_amount": 0,
            "discount_amounts": [],
            "effective_at": at,
            "invoice": invoice.id,
            "livemode": False,
            "memo": None,
            "metadata": {},
            "number": f"{invoice.number}-CN-{n:02d}",
            "out_of_band_amount": None,
            "pdf": f"https://pay.stripe.com/credit_notes/{note_id}/pdf",
            "post_payment_amount": refund.amount,
            "pre_payment_amount": 0,
            "pretax_credit_amounts": [],
            "reason": "order_change" if n % 2 else None,
            "refunds": [{"amount_refunded": refund.amount, "payment_record_refund": None, "refund": refund.id, "type": "refund"}],
            "shipping_cost": None,
            "status": "issued",
            "subtotal": refund.amount,
            "subtotal_excluding_tax": refund.amount,
            "total": refund.amount,
            "total_excluding_tax": refund.amount,
            "total_taxes": [],
            "type": "post_payment",
            "voided_at": None,
        }
        notes.append(Loose(note_id, at, row))
        parts = 12 if n % 10 == 0 and refund.amount >= 120 else 1
        for k in range(parts):
            amount = refund.amount // parts + (refund.amount % parts if k == 0 else 0)
            line_id = ids.make("cnli_1", n * 16 + k)
            line = {"id": line_id, "object": "credit_note_line_item", "amount": amount, "description": f"Credit {k}", "discount_amount": 0, "discount_amounts": [], "invoice_line_item": None, "livemode": False, "metadata": {}, "pretax_credit_amounts": [], "quantity": 1, "tax_rates": [], "taxes": [], "type": "custom_line_item", "unit_amount": amount, "unit_amount_decimal": str(amount)}  # fmt: skip
            lines.append(Loose(line_id, at, line, {"credit_note": note_id}))
    return notes, lines


def reviews(ids: Ids, billing: Billing) -> list[Loose]:
    """Return a review per risky charge; three of four are closed, and no list shows those."""
    made = []
    for n, charge in enumerate(row for row in billing.till.charges if row.risk > 58 and row.status == "succeeded"):
        row_id, at, is_open = ids.make("prv_1", n), charge.created + 1, n % 4 == 0
        charge.review = row_id if is_open else None
        row: dict[str, Any] = {
            "id": row_id,
            "object": "review",
            "billing_zip": None,
            "charge": charge.id,
            "closed_reason": None if is_open else ("approved", "refunded", "redacted")[n % 3],
            "created": at,
            "ip_address": "203.0.113.7",
            "ip_address_location": None,
            "livemode": False,
            "open": is_open,
            "opened_reason": "rule",
            "payment_intent": charge.intent.id,
            "reason": "rule" if is_open else "approved",
            "session": None,
        }
        made.append(Loose(row_id, at, row))
    return made
