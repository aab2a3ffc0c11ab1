"""Take money and give it back: intents, charges, refunds, disputes, and the booking of each.

In: what is owed and when. Out: records, and balance transactions that ``ledger`` pays out.
"""

from __future__ import annotations

from collections.abc import Callable

from stripesql.simulator.business import money, words
from stripesql.simulator.business.dates import DAY, midnight
from stripesql.simulator.business.records import Charge, Customer, Dispute, Intent, Invoice, Method, Refund, Txn
from stripesql.simulator.ids import Ids

Draw = Callable[[], float]
"""A number in [0, 1)."""

REFUND_REASONS = ("requested_by_customer", None, "duplicate", "fraudulent")
DISPUTE_REASONS = ("fraudulent", "product_not_received", "subscription_canceled", "duplicate")


class Till:
    """Collect the records of everything that is paid."""

    def __init__(self, ids: Ids, now: int) -> None:
        self._ids = ids
        self._now = now
        self.serial = 0
        """Set by ``Billing`` to the range of each customer."""
        self.intents: list[Intent] = []
        self.charges: list[Charge] = []
        self.refunds: list[Refund] = []
        self.disputes: list[Dispute] = []
        self.txns: list[Txn] = []

    def _id(self, prefix: str) -> str:
        self.serial += 1
        return self._ids.make(prefix, self.serial)

    def intend(
        self, customer: Customer | None, invoice: Invoice | None, amount: int, currency: str, method: Method, at: int, why: str
    ) -> Intent:
        """Append an intent that nobody has paid yet."""
        intent = Intent(self._id("pi_3"), at, customer, invoice, amount, currency, "requires_payment_method", method, why, {})
        self.intents.append(intent)
        return intent

    def decline(self, intent: Intent, method: Method, at: int, rand: Draw) -> Charge:
        """Append a charge that failed."""
        failure = words.FAILURES[int(rand() * 4)][0]
        charge = Charge(
            self._id("ch_3"), at, intent, "failed", method, intent.amount, 20 + int(rand() * 60), failure=failure, captured=False
        )
        intent.latest_charge, intent.failure = charge.id, failure
        self.charges.append(charge)
        return charge

    def charge(self, intent: Intent, method: Method, at: int, rand: Draw) -> Charge:
        """Append a charge that succeeded (or, for a young debit, is pending) and what follows from it."""
        debit = method.type != "card"
        charge = Charge(self._id("py_3" if debit else "ch_3"), at, intent, "succeeded", method, intent.amount, int(rand() * rand() * 70))
        intent.latest_charge = charge.id
        self.charges.append(charge)
        fate = rand()
        if debit and at + 3 * DAY > self._now:
            charge.status, intent.status = "pending", "processing"
            return charge
        intent.status, intent.received, intent.failure = "succeeded", intent.amount, None
        amount, currency, rate = money.settled(intent.amount, intent.currency)
        charge.txn = self.book(
            "payment" if debit else "charge", amount, money.fee(amount, currency), currency, charge.id, at, intent.description, rate=rate
        )
        if fate < 0.035:
            self._give_back(charge, rand, at + int((0.1 + rand()) * 20 * DAY))
        elif fate < 0.042 and not debit:
            self._dispute(charge, rand, at + int((0.2 + rand()) * 40 * DAY))
        return charge

    def _give_back(self, charge: Charge, rand: Draw, at: int) -> None:
        """Refund the charge: all of it, or a part, or two parts."""
        share = rand()
        parts = (1.0,) if share < 0.6 else (0.5,) if share < 0.85 else (0.25, 0.5)
        step = 10 if charge.intent.currency == "kwd" else 1
        for n, part in enumerate(parts):
            amount = int(charge.amount * part) // step * step
            if amount > 0 and at + n * DAY < self._now:
                self.refund(charge, amount, at + n * DAY, REFUND_REASONS[int(rand() * 4)])

    def refund(self, charge: Charge, amount: int, at: int, reason: str | None) -> Refund:
        """Append a refund and its booking."""
        refund_id = self._id("re_3")
        booked, currency, rate = money.settled(amount, charge.intent.currency)
        kind = "refund" if charge.txn and charge.method.type == "card" else "payment_refund"
        txn = self.book(kind, -booked, 0, currency, refund_id, at, f"REFUND FOR CHARGE ({charge.id})", rate=rate, available_on=midnight(at))
        row = Refund(refund_id, at, charge, amount, reason, "succeeded", txn)
        charge.refunded += amount
        self.refunds.append(row)
        return row

    def _dispute(self, charge: Charge, rand: Draw, at: int) -> None:
        fate = rand()
        if at > self._now:
            return
        row_id = self._id("du_1")
        amount, currency, rate = money.settled(charge.amount, charge.intent.currency)
        fee = money.dispute_fee(currency)
        taken = self.book(
            "adjustment",
            -amount,
            fee,
            currency,
            row_id,
            at,
            f"Chargeback withdrawal for {charge.id}",
            rate=rate,
            category="dispute",
            available_on=midnight(at),
        )
        txns, status = [taken], "needs_response" if at + 7 * DAY > self._now else "under_review"
        decided = at + 60 * DAY
        if decided < self._now:
            status = "won" if fate < 0.4 else "lost"
        if status == "won":
            words_ = f"Chargeback reversal for {charge.id}"
            txns.append(
                self.book(
                    "adjustment",
                    amount,
                    0,
                    currency,
                    row_id,
                    decided,
                    words_,
                    rate=rate,
                    category="dispute_reversal",
                    available_on=midnight(decided),
                )
            )
        charge.disputed = True
        reason = DISPUTE_REASONS[int(fate * 4)]
        self.disputes.append(Dispute(row_id, at, charge, charge.amount, reason, status, tuple(txns)))

    def book(
        self,
        kind: str,
        amount: int,
        fee: int,
        currency: str,
        source: str | None,
        at: int,
        description: str | None,
        *,
        rate: float | None = None,
        available_on: int | None = None,
        category: str | None = None,
    ) -> str:
        """Append a balance transaction and return its id; funds are available on the second day after."""
        ready = midnight(at) + 2 * DAY if available_on is None else available_on
        txn = Txn(self._id("txn_3"), at, ready, amount, fee, currency, kind, source, description, rate, None, category)
        self.txns.append(txn)
        return txn.id
