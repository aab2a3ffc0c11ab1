"""State the list parameters of the rest: events, webhooks, radar, reporting, identity, terminal, treasury, ...

Sources: API reference of each list, 2026-06-24. ``events.type`` ends in ``.*`` for a whole family; ``types`` excludes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stripesql.simulator.filters.model import CREATED, Filter, Form, any_of, choice, flag, ignored, needed, ref, special, text, within

if TYPE_CHECKING:
    from stripesql.simulator.account import Account
    from stripesql.simulator.store import Test

_FINANCIAL_ACCOUNT = needed(ref("financial_account", "treasury_financial_accounts"))


def _matches(pattern: str, name: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def _type(account: Account, pattern: str) -> Test:
    read = account.shelf("events").reader("type")
    return lambda row: _matches(pattern, read(row))


def _types(account: Account, patterns: tuple[str, ...]) -> Test:
    read = account.shelf("events").reader("type")
    return lambda row: any(_matches(pattern, read(row)) for pattern in patterns)


def _delivered(account: Account, delivered: bool) -> Test:
    """All webhooks were delivered, or some were not."""
    read = account.shelf("events").reader("pending_webhooks")
    return lambda row: (read(row) == 0) == delivered


def _like(account: Account, value: str) -> Test:
    read = account.shelf("radar_value_list_items").reader("value")
    return lambda row: value.lower() in (read(row) or "").lower()


def _contains(account: Account, value: str) -> Test:
    items = account.shelf("radar_value_list_items")
    read, owner = items.reader("value"), items.reader("value_list")
    lists = {owner(item) for item in items.all() if read(item) == value}
    return lambda row: row.id in lists


def _debit_reversal_status(account: Account, status: str) -> Test:
    """The parameter's words are not the column's."""
    read = account.shelf("treasury_debit_reversals").reader("status")
    wanted = {"completed": "succeeded", "canceled": "failed"}.get(status, status)
    return lambda row: bool(read(row) == wanted)


def _treasury(*more: Any) -> tuple[Filter, ...]:
    return (_FINANCIAL_ACCOUNT, *more)


FILTERS: dict[str, tuple[Filter, ...]] = {
    "apps_secrets": (needed(choice("scope[type]", "account user")), text("scope[user]")),
    "climate_orders": (),
    "climate_products": (),
    "climate_suppliers": (),
    "events": (
        CREATED,
        special("delivery_success", Form.BOOLEAN, _delivered),
        special("type", Form.TEXT, _type),
        special("types", Form.TEXTS, _types, most=20),
    ),
    "financial_connections_account_owners": (needed(text("ownership")),),
    "financial_connections_accounts": (
        text("account_holder[account]"),
        text("account_holder[customer]"),
        text("account_holder[customer_account]"),
        ignored("session", Form.TEXT),
    ),
    "financial_connections_transactions": (
        needed(ref("account", "financial_connections_accounts")),
        within("transacted_at"),
        ignored("transaction_refresh[after]", Form.TEXT),
    ),
    "forwarding_requests": (CREATED,),
    "identity_verification_reports": (
        text("client_reference_id"),
        CREATED,
        choice("type", "document id_number"),
        text("verification_session"),
    ),
    "identity_verification_sessions": (
        text("client_reference_id"),
        CREATED,
        text("related_customer"),
        text("related_customer_account"),
        choice("status", "canceled processing requires_input verified"),
    ),
    "radar_value_list_items": (CREATED, special("value", Form.TEXT, _like), needed(ref("value_list", "radar_value_lists"))),
    "radar_value_lists": (text("alias"), special("contains", Form.TEXT, _contains), CREATED),
    "reporting_report_runs": (CREATED,),
    "reporting_report_types": (),
    "sigma_scheduled_query_runs": (),
    "terminal_configurations": (flag("is_account_default"),),
    "terminal_locations": (),
    "terminal_readers": (
        text("device_type"),
        ref("location", "terminal_locations"),
        text("serial_number"),
        choice("status", "offline online"),
    ),
    "treasury_credit_reversals": _treasury(text("received_credit"), choice("status", "canceled posted processing")),
    "treasury_debit_reversals": _treasury(
        text("received_debit"),
        ignored("resolution", Form.TEXT, "lost won"),
        special("status", Form.TEXT, _debit_reversal_status, "canceled completed processing"),
    ),
    "treasury_financial_accounts": (CREATED, choice("status", "closed open")),
    "treasury_inbound_transfers": _treasury(choice("status", "canceled failed processing succeeded")),
    "treasury_outbound_payments": _treasury(CREATED, text("customer"), choice("status", "canceled failed posted processing returned")),
    "treasury_outbound_transfers": _treasury(choice("status", "canceled failed posted processing returned")),
    "treasury_received_credits": _treasury(
        choice("linked_flows[source_flow_type]", "credit_reversal other outbound_payment outbound_transfer payout"),
        choice("status", "failed succeeded"),
    ),
    "treasury_received_debits": _treasury(choice("status", "failed succeeded")),
    "treasury_transaction_entries": _treasury(
        CREATED, within("effective_at"), ignored("order_by", Form.TEXT, "created effective_at"), ref("transaction", "treasury_transactions")
    ),
    "treasury_transactions": _treasury(
        CREATED,
        ignored("order_by", Form.TEXT, "created posted_at"),
        choice("status", "open posted void"),
        within("status_transitions[posted_at]", "status_transitions.posted_at"),
    ),
    "v2_money_management_financial_accounts": (ignored("include"), any_of("statuses", "status", 3)),
    "webhook_endpoints": (),
}
