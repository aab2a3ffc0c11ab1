"""Add objects from outside, for tests.

In: some fields. Out: a whole row. Books are not kept: a charge that is inserted has no balance transaction.
"""

from __future__ import annotations

import itertools
from typing import Any

from stripesql.catalogue.model import ColumnRole
from stripesql.simulator import shapes
from stripesql.simulator.account import Account
from stripesql.simulator.business.records import Loose
from stripesql.simulator.embedded import EMBEDDED, SAME_ROWS

_SERIAL = itertools.count(1 << 44)
PREFIXES = {
    "balance_transactions": "txn_1", "charges": "ch_3", "checkout_sessions": "cs_test_c1", "coupons": "coupon_", "customers": "cus_", "disputes": "du_1",
    "events": "evt_1", "invoice_items": "ii_1", "invoice_line_items": "il_1", "invoice_payments": "inpay_1", "invoices": "in_1", "payment_intents": "pi_3",
    "payment_links": "plink_1", "payment_methods": "pm_1", "payouts": "po_1", "plans": "plan_", "prices": "price_1", "products": "prod_",
    "promotion_codes": "promo_1", "quotes": "qt_1", "refunds": "re_3", "reviews": "prv_1", "setup_intents": "seti_1", "subscription_items": "si_",
    "subscription_schedules": "sub_sched_1", "subscriptions": "sub_1", "tax_ids": "txi_1", "tax_rates": "txr_1", "topups": "tu_1", "transfers": "tr_1",
    "test_helpers_test_clocks": "clock_1", "webhook_endpoints": "we_1", "files": "file_1", "accounts": "acct_1",
}  # fmt: skip
PLAIN: dict[str, dict[str, Any]] = {
    "balance_transactions": {"amount": 0, "fee": 0, "net": 0, "currency": "usd", "type": "charge", "status": "available", "reporting_category": "charge"},
    "charges": {
        "amount": 0, "amount_captured": 0, "amount_refunded": 0, "currency": "usd", "status": "succeeded", "paid": True, "captured": True,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}, "fraud_details": {},
    },
    "customers": {"balance": 0, "tax_exempt": "none", "invoice_settings": {"custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None}},
    "events": {"type": "ping", "data": {"object": {}}, "pending_webhooks": 0},
    "invoice_items": {"amount": 0, "currency": "usd", "quantity": 1, "discountable": True},
    "invoice_line_items": {"amount": 0, "currency": "usd", "quantity": 1, "subtotal": 0},
    "invoices": {
        "amount_due": 0, "amount_paid": 0, "amount_remaining": 0, "attempt_count": 0, "collection_method": "charge_automatically", "currency": "usd",
        "status": "draft", "subtotal": 0, "total": 0, "status_transitions": {"finalized_at": None, "marked_uncollectible_at": None, "paid_at": None, "voided_at": None},
    },
    "payment_intents": {"amount": 0, "currency": "usd", "status": "requires_payment_method", "capture_method": "automatic", "payment_method_types": ["card"]},
    "payment_methods": {"type": "card", "allow_redisplay": "unspecified"},
    "payouts": {"amount": 0, "currency": "usd", "status": "paid", "automatic": True, "method": "standard", "type": "bank_account", "source_type": "card"},
    "prices": {"active": True, "billing_scheme": "per_unit", "currency": "usd", "type": "one_time", "tax_behavior": "unspecified"},
    "products": {"active": True, "name": "Product", "type": "service"},
    "promotion_codes": {"active": True, "code": "CODE", "times_redeemed": 0},
    "refunds": {"amount": 0, "currency": "usd", "status": "succeeded"},
    "reviews": {"open": True, "reason": "rule"},
    "subscription_items": {"quantity": 1},
    "subscriptions": {"status": "active", "collection_method": "charge_automatically", "currency": "usd"},
    "tax_rates": {"active": True, "display_name": "VAT", "percentage": 20.0},
}  # fmt: skip
"""What a plain object of these tables says where nothing is given; other tables start blank."""


def insert(account: Account, name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Add a row and return it as a retrieve would show it; children in embedded lists become rows of their own."""
    name = SAME_ROWS[name][0] if name in SAME_ROWS else name
    table = shapes.known(name)
    parents = {column.name: given.pop(column.name) for column in table.columns if column.role is ColumnRole.PARENT and column.name in given}
    children = {entry: given.pop(entry.field) for entry in EMBEDDED.get(name, ()) if not entry.plain and entry.field in given}
    at, row_id = (
        _created(account, name, given),
        given.get("id") or account.world.ids.make(PREFIXES.get(name, f"{name[:6]}_"), next(_SERIAL)),
    )
    value = {**shapes.blank(name), **PLAIN.get(name, {}), **given, "id": row_id}
    own_time = shapes.tree(name).get("created") or shapes.tree(name).get("date")
    if own_time is not None:
        key = "created" if "created" in shapes.tree(name) else "date"
        value.setdefault(key, None)
        value[key] = given.get(key, shapes.iso(at) if table.v2 else at)
    row = Loose(row_id, at, value, parents, written=account.now())
    account.shelf(name).add(row)
    for entry, listed in children.items():
        for child in listed["data"] if isinstance(listed, dict) else listed:
            insert(account, entry.table, {**child, entry.column: row_id})
    return account.render(name, row)


def _created(account: Account, name: str, given: dict[str, Any]) -> int:
    at = given.get("created", given.get("date"))
    if isinstance(at, str):
        from datetime import datetime

        return int(datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp())
    return account.now() if at is None else int(at)
