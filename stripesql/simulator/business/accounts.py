"""Make the account, the accounts that are connected to it, their persons and their banks.

In: ids and the time of the beginning. Out: Loose rows. No money moves here.
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator.business import money, words
from stripesql.simulator.business.dates import DAY
from stripesql.simulator.business.records import Loose
from stripesql.simulator.ids import Ids

CONNECTED = 6


class Accounts:
    """The own account first, then the connected ones."""

    def __init__(self, ids: Ids, account_id: str, start: int, *, alone: bool) -> None:
        self._ids, self._start = ids, start
        self.account_id = account_id
        self.accounts = [self._account(account_id, start - 90 * DAY, 0)]
        self.persons: list[Loose] = []
        self.banks = [self._bank(account_id, currency, start - 80 * DAY) for currency in money.CURRENCIES if currency != "cad"]
        for n in range(1, 1 if alone else CONNECTED + 1):
            self._connect(n)

    def _account(self, account_id: str, created: int, n: int) -> Loose:
        capable = n != CONNECTED
        row: dict[str, Any] = {
            "id": account_id,
            "object": "account",
            "business_profile": {"annual_revenue": None, "mcc": "5734", "name": "Lantern" if n == 0 else words.COMPANY[n], "product_description": None, "url": "https://lantern.example"},
            "business_type": "company" if n % 2 == 0 else "individual",
            "capabilities": {"card_payments": "active" if capable else "inactive", "transfers": "active"},
            "charges_enabled": capable,
            "controller": {"type": "application" if n else "account"},
            "country": ("US", "US", "GB", "DE", "JP", "CA", "FR")[n],
            "created": created,
            "default_currency": ("usd", "usd", "gbp", "eur", "jpy", "cad", "eur")[n],
            "details_submitted": capable,
            "email": f"owner{n}@example.com" if n else "owner@lantern.example",
            "future_requirements": {"alternatives": [], "currently_due": [], "disabled_reason": None, "errors": [], "eventually_due": [], "past_due": [], "pending_verification": []},
            "metadata": {"partner": str(n)} if n else {},
            "payouts_enabled": capable,
            "requirements": {"alternatives": [], "currently_due": [] if capable else ["individual.dob.day"], "disabled_reason": None, "errors": [], "eventually_due": [], "past_due": [], "pending_verification": []},
            "settings": {"dashboard": {"display_name": "Lantern", "timezone": "Etc/UTC"}, "payouts": {"debit_negative_balances": True, "statement_descriptor": None}},
            "tos_acceptance": {"date": created, "ip": None, "user_agent": None},
            "type": "express" if n else "standard",
        }  # fmt: skip
        return Loose(account_id, created, row)

    def _connect(self, n: int) -> None:
        # The last one is older than the platform: lists may hold objects from before an account's creation.
        created = self._start + n * 50 * DAY if n < CONNECTED else self._start - 200 * DAY
        account = self._account(self._ids.make("acct_1", n)[:21], created, n)
        self.accounts.append(account)
        self.banks.append(self._bank(account.id, account.object["default_currency"], created + 60))
        for k in range(1 + n % 3 if n > 1 else 11):
            person_id = self._ids.make("person_1", n * 100 + k)
            row: dict[str, Any] = {
                "id": person_id,
                "object": "person",
                "account": account.id,
                "created": created + k,
                "dob": {"day": 1 + k, "month": 1 + n, "year": 1980},
                "email": f"person{n}{k}@example.com",
                "first_name": words.FIRST[n + k],
                "last_name": words.LAST[n + k],
                "metadata": {},
                "relationship": {"authorizer": False, "director": k == 1, "executive": k == 0, "legal_guardian": False, "owner": k % 2 == 0, "percent_ownership": 25.0 if k == 0 else None, "representative": k == 0, "title": "CEO" if k == 0 else None},
            }  # fmt: skip
            self.persons.append(Loose(person_id, created + k, row))

    def _bank(self, account_id: str, currency: str, created: int) -> Loose:
        number = sum(currency.encode()) if account_id == self.account_id else sum(account_id.encode())
        row: dict[str, Any] = {
            "id": self._ids.make("ba_1", number),
            "object": "bank_account",
            "account": account_id,
            "account_holder_name": "Lantern",
            "account_holder_type": "company",
            "account_type": None,
            "available_payout_methods": ["standard"],
            "bank_name": "STRIPE TEST BANK",
            "country": {"usd": "US", "gbp": "GB", "jpy": "JP", "kwd": "KW"}.get(currency, "DE"),
            "currency": currency,
            "default_for_currency": True,
            "fingerprint": self._ids.make("", number)[-12:],
            "last4": "6789",
            "metadata": {},
            "routing_number": "110000000",
            "status": "new",
        }
        return Loose(row["id"], created, row)
