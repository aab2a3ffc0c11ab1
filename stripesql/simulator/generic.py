"""Make a handful of shape-true objects for each table that has no hand-made data, so that no table is dead.

In: a table and its account. Out: Loose rows. Ids depend only on seed, table and number, so that rows can refer to rows of
tables that are not loaded yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stripesql.catalogue.model import ColumnRole, Table, TableShape
from stripesql.simulator import shapes
from stripesql.simulator.business.dates import DAY
from stripesql.simulator.business.records import Loose

if TYPE_CHECKING:
    from stripesql.simulator.account import Account

ROWS = 12
"""More than the default page."""
PARENTS = 3
PREFIXES = {
    "billing_alerts": "alrt_1", "billing_credit_grants": "credgr_", "billing_meters": "mtr_", "climate_orders": "climorder_", "confirmation_tokens": "ctoken_1",
    "credit_notes": "cn_1", "entitlements_features": "feat_", "financial_connections_accounts": "fca_1", "forwarding_requests": "fwdreq_1",
    "identity_verification_reports": "vr_1", "identity_verification_sessions": "vs_1", "issuing_authorizations": "iauth_1", "issuing_cardholders": "ich_1",
    "issuing_cards": "ic_1", "issuing_disputes": "idp_1", "issuing_transactions": "ipi_1", "mandates": "mandate_1", "payment_method_configurations": "pmc_1",
    "payment_method_domains": "pmd_1", "payment_records": "pr_", "radar_early_fraud_warnings": "issfr_1", "radar_value_lists": "rsl_1", "reporting_report_runs": "frr_1",
    "radar_value_list_items": "rsli_1", "setup_attempts": "setatt_1", "sources": "src_1", "tax_calculations": "taxcalc_1", "tax_registrations": "taxreg_",
    "tax_transactions": "tax_1", "terminal_configurations": "tmc_", "terminal_locations": "tml_", "terminal_readers": "tmr_", "tokens": "tok_1",
    "treasury_financial_accounts": "fa_1", "treasury_transactions": "trxn_1", "v2_core_accounts": "acct_1", "v2_core_events": "evt_",
}  # fmt: skip
NAMED: dict[str, tuple[str, ...]] = {
    "account_capabilities": ("card_payments", "transfers", "sepa_debit_payments"),
    "country_specs": ("US", "GB", "DE", "FR", "IE", "CA", "JP", "AU", "NL", "SE", "ES", "IT"),
    "exchange_rates": ("usd", "eur", "gbp", "jpy", "cad", "aud", "chf", "sek", "nok", "dkk", "pln", "inr"),
    "reporting_report_types": (
        "balance.summary.1",
        "balance_change_from_activity.itemized.3",
        "payouts.itemized.3",
        "ending_balance_reconciliation.itemized.4",
    ),
    "tax_codes": tuple(f"txcd_{10103000 + n}" for n in range(ROWS)),
}


def object_id(account: Account, name: str, serial: int) -> str:
    """Return the id of row ``serial`` of a table without hand-made data."""
    names = NAMED.get(name)
    if names is not None and name != "account_capabilities":
        return names[serial % len(names)]
    prefix = PREFIXES.get(name) or "".join(word[:3] for word in name.split("_"))[:12] + "_1"
    return account.world.ids.make(prefix, serial)


def count(name: str) -> int:
    """Return how many rows a table without parents has."""
    return len(NAMED[name]) if name in NAMED else ROWS


def rows(account: Account, name: str) -> list[Loose]:
    """Return the rows of the beginning, oldest first."""
    table = shapes.known(name)
    if account.world.empty or table.shape in (TableShape.SINGLETON, TableShape.BALANCE):
        return []
    if table.parents:
        return _children(account, table)
    return [_row(account, table, serial, object_id(account, name, serial), {}) for serial in range(count(name))]


def _children(account: Account, table: Table) -> list[Loose]:
    parent = table.parents[0]
    single = table.shape is TableShape.RETRIEVE_ONLY and parent.column in table.key and len(table.key) == 1
    made: list[Loose] = []
    for place, parent_id in enumerate(account.some_ids(parent.table, PARENTS)):
        for n in range(1 if single else len(NAMED.get(table.name, ())) or 1 + (place == 0) * 11 + place % 2):
            row_id = NAMED[table.name][n] if table.name in NAMED else object_id(account, table.name, place * 100 + n)
            made.append(_row(account, table, place * 100 + n, parent_id if single else row_id, {parent.column: parent_id}))
    return made


def _row(account: Account, table: Table, serial: int, row_id: str, parents: dict[str, str]) -> Loose:
    at = account.world.now - 3600 - serial % 100 * 3 * DAY - serial * 611
    value = shapes.filled(table.name, row_id, serial, at, account)
    for name, parent_id in parents.items():
        column = table.column(name)
        if column is not None and column.role is ColumnRole.FIELD:
            value[column.path[0]] = parent_id if len(column.path) == 1 else value.get(column.path[0])
    return Loose(row_id, at, value, parents)
