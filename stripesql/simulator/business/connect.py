"""Move money outside sales: transfers to connected accounts, application fees, top-ups, Stripe's own fees.

In: the till and the accounts. Out: Loose rows; everything is booked in the till, so ``Platform`` is made before the ledger
pays out.
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator.business import money
from stripesql.simulator.business.accounts import Accounts
from stripesql.simulator.business.dates import DAY, after_months, midnight
from stripesql.simulator.business.records import Loose
from stripesql.simulator.business.till import Till
from stripesql.simulator.ids import Ids

TOPUP_FATES = ("succeeded", "succeeded", "failed", "succeeded", "canceled", "succeeded", "pending", "reversed")


class Platform:
    """The money between the account, its connected accounts and Stripe."""

    def __init__(self, ids: Ids, till: Till, accounts: Accounts, start: int, now: int) -> None:
        self._ids, self._till, self._start, self._now = ids, till, start, now
        self._partners = [row.id for row in accounts.accounts[1:]]
        self.transfers: list[Loose] = []
        self.reversals: list[Loose] = []
        self.fees: list[Loose] = []
        self.fee_refunds: list[Loose] = []
        self.topups: list[Loose] = []
        till.serial = 1 << 42
        self._monthly_fees()
        if self._partners:
            self._transfer()
            self._charge_fees()
            self._top_up()

    def _transfer(self) -> None:
        """Pass on most of every third marketplace sale; every ninth of those is partly taken back."""
        sold = [charge for charge in self._till.charges if charge.intent.transfer_group and charge.status == "succeeded" and charge.txn]
        for n, charge in enumerate(sold[::3]):
            booked, currency, rate = money.settled(charge.amount, charge.intent.currency)
            amount, at = booked * 7 // 10 // 10 * 10, charge.created + 2 * DAY + n % DAY
            if at + DAY > self._now:
                continue
            row_id, target = self._ids.make("tr_3", n), self._partners[n % (len(self._partners) - 1)]
            txn = self._till.book("transfer", -amount, 0, currency, row_id, at, None, available_on=midnight(at))
            row: dict[str, Any] = {
                "id": row_id,
                "object": "transfer",
                "amount": amount,
                "amount_reversed": 0,
                "balance_transaction": txn,
                "created": at,
                "currency": currency,
                "destination": target,
                "destination_payment": self._ids.make("py_1", n),
                "livemode": False,
                "metadata": {"rate": str(rate)} if rate else {},
                "reversed": False,
                "source_transaction": charge.id,
                "source_type": "card",
                "transfer_group": charge.intent.transfer_group,
            }
            self.transfers.append(Loose(row_id, at, row))
            if n % 9 == 4:
                self._reverse(self.transfers[-1], at + 3600, n)

    def _reverse(self, transfer: Loose, at: int, n: int) -> None:
        parts = 12 if n == 4 else 1
        for k in range(parts):
            amount = transfer.object["amount"] // 40 // 10 * 10
            row_id = self._ids.make("trr_1", n * 32 + k)
            currency = transfer.object["currency"]
            txn = self._till.book("transfer_refund", amount, 0, currency, row_id, at + k, None, available_on=midnight(at))
            row: dict[str, Any] = {
                "id": row_id,
                "object": "transfer_reversal",
                "amount": amount,
                "balance_transaction": txn,
                "created": at + k,
                "currency": currency,
                "destination_payment_refund": None,
                "metadata": {},
                "source_refund": None,
                "transfer": transfer.id,
            }
            self.reversals.append(Loose(row_id, at + k, row))
            transfer.object["amount_reversed"] += amount

    def _charge_fees(self) -> None:
        for n in range(24):
            at = self._now - (n * 13 + 2) * DAY
            row_id = self._ids.make("fee_1", n)
            txn = self._till.book("application_fee", 500 + n * 10, 0, "usd", row_id, at, None)
            row: dict[str, Any] = {
                "id": row_id,
                "object": "application_fee",
                "account": self._partners[n % len(self._partners)],
                "amount": 500 + n * 10,
                "amount_refunded": 0,
                "application": "ca_lantern",
                "balance_transaction": txn,
                "charge": self._ids.make("ch_1", n),
                "created": at,
                "currency": "usd",
                "fee_source": {"charge": self._ids.make("ch_1", n), "type": "charge"},
                "livemode": False,
                "originating_transaction": None,
                "refunded": False,
            }
            self.fees.append(Loose(row_id, at, row))
            if n % 8 == 3:
                self._refund_fee(self.fees[-1], at + DAY, n)

    def _refund_fee(self, fee: Loose, at: int, n: int) -> None:
        row_id = self._ids.make("fr_1", n)
        txn = self._till.book("application_fee_refund", -200, 0, "usd", row_id, at, None, available_on=midnight(at))
        row: dict[str, Any] = {
            "id": row_id,
            "object": "fee_refund",
            "amount": 200,
            "balance_transaction": txn,
            "created": at,
            "currency": "usd",
            "fee": fee.id,
            "metadata": {},
        }
        self.fee_refunds.append(Loose(row_id, at, row))
        fee.object["amount_refunded"] = 200

    def _top_up(self) -> None:
        for n in range(16):
            at, fate = self._now - (n * 40 + 3) * DAY, TOPUP_FATES[n % 8]
            row_id, amount = self._ids.make("tu_1", n), 20_000 + n * 1_000
            txn = self._till.book("topup", amount, 0, "usd", row_id, at, "Top-up") if fate == "succeeded" else None
            row: dict[str, Any] = {
                "id": row_id,
                "object": "topup",
                "amount": amount,
                "balance_transaction": txn,
                "created": at,
                "currency": "usd",
                "description": "Top-up",
                "expected_availability_date": at + 5 * DAY,
                "failure_code": "account_closed" if fate == "failed" else None,
                "failure_message": "The account is closed." if fate == "failed" else None,
                "livemode": False,
                "metadata": {},
                "source": None,
                "statement_descriptor": "TOP-UP",
                "status": fate,
                "transfer_group": None,
            }
            self.topups.append(Loose(row_id, at, row))

    def _monthly_fees(self) -> None:
        """Book what Stripe takes for billing, at the start of each month."""
        at = after_months(self._start, 1) + 3 * 3600
        while at < self._now:
            self._till.book("stripe_fee", -1250, 0, "usd", None, at, "Billing usage fee", available_on=midnight(at))
            at = after_months(at, 1)
