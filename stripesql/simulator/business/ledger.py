"""Pay out what has become available.

In: the bookings of ``till``. Out: payouts with their own bookings, so that for each currency the sum of ``net`` over all
bookings is what is available and pending; what was paid out is the rest.
"""

from __future__ import annotations

from collections import defaultdict

from stripesql.simulator.business.dates import DAY, midnight
from stripesql.simulator.business.records import Payout, Txn
from stripesql.simulator.business.till import Till
from stripesql.simulator.ids import Ids

EVERY_DAYS = {"usd": 7, "eur": 7, "gbp": 7}
OTHERWISE_DAYS = 28


class Ledger:
    """The payouts of each currency, weekly on Mondays or every four weeks."""

    def __init__(self, ids: Ids, till: Till, start: int, now: int) -> None:
        self._ids = ids
        self._now = now
        self.payouts: list[Payout] = []
        self.txns: list[Txn] = sorted(till.txns, key=lambda txn: (txn.available_on, txn.created))
        by_currency: dict[str, list[Txn]] = defaultdict(list)
        for txn in self.txns:
            by_currency[txn.currency].append(txn)
        for number, currency in enumerate(sorted(by_currency)):
            self._pay_out(currency, by_currency[currency], start, number << 20)

    def _pay_out(self, currency: str, txns: list[Txn], start: int, serial: int) -> None:
        step = EVERY_DAYS.get(currency, OTHERWISE_DAYS) * DAY
        at = midnight(start) - (midnight(start) // DAY + 3) % 7 * DAY + 900  # the epoch began on a Thursday
        waiting: list[Txn] = []
        position, owed = 0, 0
        returned: list[Txn] = []
        while at < self._now:
            while position < len(txns) and txns[position].available_on <= at and txns[position].created <= at:
                waiting.append(txns[position])
                owed += txns[position].net
                position += 1
            due = [txn for txn in returned if txn.available_on <= at]
            if due:
                waiting += due
                owed += sum(txn.net for txn in due)
                returned = [txn for txn in returned if txn.available_on > at]
            if owed > 0:
                serial += 1
                if serial % 30 == 11 and owed > 1000:
                    # Someone took a quarter by hand, a minute before the automatic payout.
                    manual = self._manual(currency, owed // 40 * 10, at - 60, serial)
                    owed += manual.net
                returned += self._one(currency, owed, waiting, at, serial)
                waiting, owed = [], 0
            at += step

    def _one(self, currency: str, amount: int, waiting: list[Txn], at: int, serial: int) -> list[Txn]:
        """Append one payout; the bank returns one in forty, and its failure is booked three days later."""
        arrival = midnight(at) + 2 * DAY
        payout = Payout(
            self._ids.make("po_1", serial), at, amount, currency, arrival, "paid" if arrival <= self._now else "in_transit", True, ""
        )
        booking = self._book(serial * 2, "payout", -amount, currency, payout.id, at, arrival, "STRIPE PAYOUT")
        payout.txn = booking.id
        for txn in (*waiting, booking):
            txn.payout = payout.id
        self.payouts.append(payout)
        if serial % 40 != 17 or arrival + DAY > self._now:
            return []
        failed = self._book(
            serial * 2 + 1, "payout_failure", amount, currency, payout.id, arrival + DAY - 3600, arrival + DAY, "STRIPE PAYOUT FAILED"
        )
        payout.status, payout.failure_txn = "failed", failed.id
        return [failed]

    def _manual(self, currency: str, amount: int, at: int, serial: int) -> Txn:
        """Append a payout by hand and return its booking, which belongs to no automatic payout."""
        serial = (1 << 30) + serial
        payout = Payout(
            self._ids.make("po_1", serial), at, amount, currency, at + 1800, "paid" if at + 1800 <= self._now else "pending", False, ""
        )
        booking = self._book(serial * 2, "payout", -amount, currency, payout.id, at, at + 1800, "STRIPE PAYOUT")
        payout.txn = booking.id
        self.payouts.append(payout)
        return booking

    def _book(self, serial: int, kind: str, amount: int, currency: str, source: str, at: int, available_on: int, words: str) -> Txn:
        txn = Txn(self._ids.make("txn_1", serial), at, available_on, amount, 0, currency, kind, source, words)
        self.txns.append(txn)
        return txn
