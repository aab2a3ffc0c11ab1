"""Write balance transactions and payouts as Stripe does.

In: records. Out: fields; what a record does not know is filled from the catalogue's shape by ``account``.
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator.business.records import Payout, Txn

_CATEGORY = {"payment": "charge", "payment_refund": "refund", "stripe_fee": "fee", "payout_failure": "payout_reversal"}


def txn(row: Txn, now: int) -> dict[str, Any]:
    """Return a ``balance_transaction``; it becomes available as time passes."""
    details = [
        {"amount": row.fee, "application": None, "currency": row.currency, "description": "Stripe processing fees", "type": "stripe_fee"}
    ]
    return {
        "id": row.id,
        "object": "balance_transaction",
        "amount": row.amount,
        "available_on": row.available_on,
        "balance_type": "payments",
        "created": row.created,
        "currency": row.currency,
        "description": row.description,
        "exchange_rate": row.rate,
        "fee": row.fee,
        "fee_details": details if row.fee else [],
        "net": row.amount - row.fee,
        "reporting_category": row.category or _CATEGORY.get(row.type, row.type),
        "source": row.source,
        "status": "pending" if row.available_on > now else "available",
        "type": row.type,
    }


def payout(row: Payout, bank: str) -> dict[str, Any]:
    """Return a ``payout`` to the bank account ``bank``."""
    failed = row.status == "failed"
    return {
        "id": row.id,
        "object": "payout",
        "amount": row.amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": row.arrival,
        "automatic": row.automatic,
        "balance_transaction": row.txn,
        "created": row.created,
        "currency": row.currency,
        "description": "STRIPE PAYOUT",
        "destination": bank,
        "failure_balance_transaction": row.failure_txn,
        "failure_code": "account_closed" if failed else None,
        "failure_message": "The bank account has been closed." if failed else None,
        "livemode": False,
        "metadata": {},
        "method": "standard" if row.automatic else "instant",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "completed" if row.automatic else "not_applicable",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": row.status,
        "trace_id": {"status": "supported", "value": row.id[-10:]} if row.status == "paid" else None,
        "type": "bank_account",
    }
