"""State how new objects begin where the tables have no rules of their own: states and switches, by our own hand.

In: a table. Out: the fields of a new object that no parameter gives.
"""

from __future__ import annotations

from typing import Any

STARTS: dict[str, dict[str, Any]] = {
    "apps_installs": {"status": "active"},
    "billing_alerts": {"status": "active"},
    "billing_feedback_options": {"status": "active"},
    "billing_meters": {"status": "active"},
    "billing_portal_configurations": {"active": True},
    "climate_orders": {"status": "open"},
    "entitlements_features": {"active": True},
    "financial_connections_sessions": {"client_secret": "fcsess_client_secret"},
    "identity_verification_sessions": {"status": "requires_input"},
    "issuing_cardholders": {"status": "active"},
    "issuing_cards": {"status": "inactive"},
    "issuing_disputes": {"status": "unsubmitted"},
    "issuing_personalization_designs": {"status": "review"},
    "payment_method_configurations": {"active": True},
    "payment_method_domains": {"enabled": True},
    "product_catalog_trial_offers": {"active": True},
    "radar_value_lists": {"item_type": "string", "created_by": "API"},
    "radar_value_list_items": {"created_by": "API"},
    "reporting_report_runs": {"status": "pending"},
    "sources": {"status": "chargeable", "flow": "none", "usage": "reusable"},
    "tax_registrations": {"status": "active"},
    "terminal_readers": {"status": "offline"},
    "treasury_credit_reversals": {"status": "processing"},
    "treasury_debit_reversals": {"status": "processing"},
    "treasury_financial_accounts": {"status": "open"},
    "treasury_inbound_transfers": {"status": "processing"},
    "treasury_outbound_payments": {"status": "processing"},
    "treasury_outbound_transfers": {"status": "processing"},
    "v2_commerce_product_catalog_imports": {"status": "awaiting_upload"},
    "v2_core_accounts": {"closed": False, "applied_configurations": []},
    "v2_core_event_destinations": {"status": "enabled"},
    "v2_money_management_financial_addresses": {"status": "pending"},
    "v2_money_management_outbound_payments": {"status": "processing"},
    "v2_money_management_payout_intents": {"status": "pending"},
}


def of(table: str) -> dict[str, Any]:
    """Return what a new object of the table says of itself."""
    return STARTS.get(table, {})
