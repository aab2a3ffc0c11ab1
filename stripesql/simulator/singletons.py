"""Make the objects that exist once: the account, its balance, its settings.

In: an account. Out: JSON documents. The balance is summed from the bookings each time, so that it always agrees.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from stripesql.catalogue.model import Table
from stripesql.simulator import shapes
from stripesql.simulator.account import Account


def document(account: Account, table: Table) -> dict[str, Any]:
    """Return the one object of a singleton table."""
    if table.name in account.settings:
        return account.settings[table.name]
    match table.name:
        case "balance":
            return balance(account)
        case "account":
            own = account.shelf("accounts").get(account.id)
            return account.render("accounts", own)
        case "tax_settings":
            return {
                **shapes.blank("tax_settings"),
                "object": "tax.settings",
                "status": "active",
                "status_details": {"active": {}},
                "defaults": _TAX_DEFAULTS,
            }
        case "balance_settings":
            return {**shapes.blank("balance_settings"), "object": "balance_settings", "payments": _PAYMENTS}
        case _:
            return shapes.filled(table.name, account.id, 1, account.world.now, account)


_TAX_DEFAULTS = {"provider": "stripe", "tax_behavior": "exclusive", "tax_code": "txcd_10103000"}
_PAYMENTS = {
    "debit_negative_balances": True,
    "payouts": {
        "minimum_balance_by_currency": None,
        "schedule": {"interval": "weekly", "weekly_payout_days": ["monday"]},
        "statement_descriptor": None,
        "status": "enabled",
    },
    "settlement_timing": {"delay_days": 2, "delay_days_override": None},
}


def balance(account: Account) -> dict[str, Any]:
    """Return available and pending amounts per currency; a payout leaves ``available`` when it is made."""
    now = account.now()
    shelf = account.shelf("balance_transactions")
    read = {name: shelf.reader(name) for name in ("available_on", "type", "currency", "net")}
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in shelf.all():
        pending = read["available_on"](row) > now and read["type"](row) != "payout"
        sums[read["currency"](row)][pending] += read["net"](row)
    currencies = sorted(sums) or ["usd"]

    def side(kind: int) -> list[dict[str, Any]]:
        return [
            {"amount": sums[currency][kind], "currency": currency, "source_types": {"card": sums[currency][kind]}}
            for currency in currencies
        ]

    return {
        "object": "balance",
        "available": side(0),
        "connect_reserved": [{"amount": 0, "currency": currency} for currency in currencies],
        "instant_available": [{"amount": 0, "currency": "usd", "source_types": {"card": 0}}],
        "livemode": False,
        "pending": side(1),
        "refund_and_dispute_prefunding": {"available": [], "pending": []},
    }
