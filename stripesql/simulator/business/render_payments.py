"""Write intents, charges, refunds and disputes as Stripe does.

In: records. Out: fields; what a record does not know is filled from the catalogue's shape by ``store``.
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator.business.dates import DAY
from stripesql.simulator.business.records import Charge, Dispute, Intent, Method, Refund
from stripesql.simulator.business.render_people import billing_details
from stripesql.simulator.business.render_people import method as render_method
from stripesql.simulator.business.words import FAILURES

_FAILURE_WORDS = dict(FAILURES)


def charge(row: Charge) -> dict[str, Any]:
    """Return a ``charge``."""
    intent, failed = row.intent, row.status == "failed"
    who = intent.customer
    return {
        "id": row.id,
        "object": "charge",
        "amount": row.amount,
        "amount_captured": row.amount if row.captured else 0,
        "amount_refunded": row.refunded,
        "application": None,
        "application_fee": row.application_fee,
        "application_fee_amount": None,
        "balance_transaction": row.txn,
        "billing_details": billing_details(row.method, who),
        "calculated_statement_descriptor": "LANTERN",
        "captured": row.captured,
        "created": row.created,
        "currency": intent.currency,
        "customer": None if who is None else who.id,
        "description": intent.description,
        "disputed": row.disputed,
        "failure_balance_transaction": None,
        "failure_code": row.failure,
        "failure_message": _FAILURE_WORDS[row.failure] if row.failure else None,
        "fraud_details": {"user_report": "fraudulent"} if row.risk > 68 and not failed else {},
        "livemode": False,
        "metadata": intent.metadata,
        "on_behalf_of": None,
        "outcome": _outcome(row, failed),
        "paid": row.status == "succeeded",
        "payment_intent": intent.id,
        "payment_method": row.method.id,
        "payment_method_details": _details(row, failed),
        "radar_options": {},
        "receipt_email": None if who is None else who.email,
        "receipt_number": None if row.risk % 3 else f"{row.risk + 1000}-{row.created % 10000:04d}",
        "receipt_url": None if failed else f"https://pay.stripe.com/receipts/payment/{row.id}",
        "refunded": row.refunded == row.amount and row.refunded > 0,
        "review": row.review,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": row.status,
        "transfer": row.transfer,
        "transfer_data": None,
        "transfer_group": intent.transfer_group,
    }


def _outcome(row: Charge, failed: bool) -> dict[str, Any]:
    return {
        "advice_code": "try_again_later" if failed else None,
        "network_advice_code": None,
        "network_decline_code": "51" if failed else None,
        "network_status": "declined_by_network" if failed else "approved_by_network",
        "reason": row.failure,
        "risk_level": "elevated" if row.risk > 64 else "normal",
        "risk_score": row.risk,
        "seller_message": "The bank did not return any further details with this decline." if failed else "Payment complete.",
        "type": "issuer_declined" if failed else "authorized",
    }


def _details(row: Charge, failed: bool) -> dict[str, Any]:
    method = row.method
    if method.type != "card":
        return {
            method.type: {
                "bank_code": "37040044",
                "branch_code": None,
                "country": method.country,
                "expected_debit_date": None,
                "fingerprint": method.fingerprint,
                "last4": method.last4,
                "mandate": None,
            },
            "type": method.type,
        }
    return {
        "card": {
            "amount_authorized": None if failed else row.amount,
            "authorization_code": None if failed else f"{row.created % 1_000_000:06d}",
            "brand": method.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": "pass", "cvc_check": None},
            "country": method.country,
            "exp_month": method.exp_month,
            "exp_year": method.exp_year,
            "extended_authorization": {"status": "disabled"},
            "fingerprint": method.fingerprint,
            "funding": method.funding,
            "incremental_authorization": {"status": "unavailable"},
            "installments": None,
            "last4": method.last4,
            "mandate": None,
            "multicapture": {"status": "unavailable"},
            "network": method.brand,
            "network_token": {"used": False},
            "network_transaction_id": f"{row.created}{row.risk:03d}",
            "overcapture": {"maximum_amount_capturable": row.amount, "status": "unavailable"},
            "regulated_status": "unregulated",
            "three_d_secure": None,
            "transaction_link_id": None,
            "wallet": None,
        },
        "type": "card",
    }


def intent(row: Intent) -> dict[str, Any]:
    """Return a ``payment_intent``."""
    return {
        "id": row.id,
        "object": "payment_intent",
        "amount": row.amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": row.received,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None if row.invoice else {"allow_redirects": "always", "enabled": True},
        "canceled_at": row.canceled_at,
        "cancellation_reason": None if row.canceled_at is None else "void_invoice" if row.invoice else "abandoned",
        "capture_method": "automatic",
        "client_secret": f"{row.id}_secret_{row.id[-12:]}",
        "confirmation_method": "automatic",
        "created": row.created,
        "currency": row.currency,
        "customer": None if row.customer is None else row.customer.id,
        "customer_account": None,
        "description": row.description,
        "excluded_payment_method_types": None,
        "last_payment_error": None if row.failure is None or row.method is None else _error(row, row.method),
        "latest_charge": row.latest_charge,
        "livemode": False,
        "metadata": row.metadata,
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": row.method.id if row.method and row.status in ("succeeded", "processing") else None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {"installments": None, "mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
        },
        "payment_method_types": ["card"] if row.method is None else [row.method.type],
        "processing": {"type": "card"} if row.status == "processing" else None,
        "receipt_email": None if row.customer is None else row.customer.email,
        "review": None,
        "setup_future_usage": "off_session" if row.invoice else None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": row.status,
        "transfer_data": None,
        "transfer_group": row.transfer_group,
    }


def _error(row: Intent, method: Method) -> dict[str, Any]:
    return {
        "charge": row.latest_charge,
        "code": "card_declined",
        "decline_code": row.failure,
        "doc_url": "https://stripe.com/docs/error-codes/card-declined",
        "message": _FAILURE_WORDS[row.failure or "card_declined"],
        "payment_method": render_method(method),
        "type": "card_error",
    }


def refund(row: Refund) -> dict[str, Any]:
    """Return a ``refund``."""
    intent = row.charge.intent
    card = row.charge.method.type == "card"
    return {
        "id": row.id,
        "object": "refund",
        "amount": row.amount,
        "balance_transaction": row.txn,
        "charge": row.charge.id,
        "created": row.created,
        "currency": intent.currency,
        "destination_details": {
            "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"},
            "type": "card",
        }
        if card
        else None,
        "metadata": {"ticket": str(row.created % 9000)} if row.amount % 2 == 0 else {},
        "payment_intent": intent.id,
        "reason": row.reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": row.status,
        "transfer_reversal": None,
    }


EVIDENCE = (
    "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure", "cancellation_rebuttal",
    "customer_communication", "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature",
    "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id", "product_description", "receipt",
    "refund_policy", "refund_policy_disclosure", "refund_refusal_explanation", "service_date", "service_documentation",
    "shipping_address", "shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number",
    "uncategorized_file", "uncategorized_text",
)  # fmt: skip


def dispute(row: Dispute) -> dict[str, Any]:
    """Return a ``dispute`` without its ``balance_transactions``, which ``embedded`` adds."""
    who = row.charge.intent.customer
    evidence: dict[str, Any] = dict.fromkeys(EVIDENCE)
    evidence |= {"customer_email_address": who.email if who else None, "customer_name": who.name if who else None, "enhanced_evidence": {}}
    return {
        "id": row.id,
        "object": "dispute",
        "amount": row.amount,
        "charge": row.charge.id,
        "created": row.created,
        "currency": row.charge.intent.currency,
        "enhanced_eligibility_types": [],
        "evidence": evidence,
        "evidence_details": {
            "due_by": row.created + 14 * DAY,
            "enhanced_eligibility": {},
            "has_evidence": row.status != "needs_response",
            "past_due": False,
            "submission_count": int(row.status != "needs_response"),
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": row.charge.intent.id,
        "payment_method_details": {
            "card": {"brand": row.charge.method.brand, "case_type": "chargeback", "network_reason_code": "10.4"},
            "type": "card",
        },
        "reason": row.reason,
        "status": row.status,
    }
