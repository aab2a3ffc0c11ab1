"""Run one subscription from its first period to its end, or to now.

In: a subscription with its items. Out: invoices and payments, appended to ``Billing``, and the subscription's final state.
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

from stripesql.simulator.business.dates import DAY, HOUR, after_months
from stripesql.simulator.business.records import Intent, Invoice, Item, Method, Subscription

if TYPE_CHECKING:
    from stripesql.simulator.business.billing import Billing
    from stripesql.simulator.business.till import Draw

RETRY_DAYS = (3, 5, 7)


class Cycle:
    """Bill period after period.

    States of a subscription that it knows: active, past_due (an attempt failed and more follow), unpaid or canceled (all
    failed), incomplete for 23 hours and then incomplete_expired (the first attempt failed), paused.
    """

    def __init__(
        self, billing: Billing, subscription: Subscription, items: list[Item], method: Method, rand: Draw, months: int, now: int
    ) -> None:
        self._billing = billing
        self._subscription = subscription
        self._items = items
        self._method = method
        self._rand = rand
        self._months = months
        self._now = now

    def run(self) -> None:
        """Bill until the customer leaves, stops paying, or now is reached."""
        sub, rand = self._subscription, self._rand
        churn = 0.04 if self._months == 1 else 0.25
        life = 1 + int(log(1.0 - rand()) / log(1.0 - churn))
        k = 0
        while True:
            start = after_months(sub.anchor, k * self._months)
            if start + 5 > self._now:
                break
            if k == life:
                self._end(start, "cancellation_requested", start - 9 * DAY)
                return
            sub.period_start, sub.period_end = start, after_months(sub.anchor, (k + 1) * self._months)
            if not self._bill(start, first=k == 0 and sub.trial_end is None):
                return
            k += 1
        self._leave_open(life == k)

    def _leave_open(self, last: bool) -> None:
        """Say what can still be said of a subscription that runs."""
        sub = self._subscription
        if sub.status != "active":
            return
        middle = (sub.period_start + sub.period_end) // 2
        if last and middle < self._now:
            sub.cancel_at_period_end, sub.canceled_at, sub.reason = True, middle, "cancellation_requested"
        elif sub.customer.index % 83 == 11:
            sub.paused = True

    def _end(self, at: int, reason: str, asked: int | None = None) -> None:
        sub = self._subscription
        sub.status, sub.ended_at, sub.reason = "canceled", at, reason
        sub.canceled_at = max(sub.created, at if asked is None else asked)

    def _bill(self, start: int, *, first: bool) -> bool:
        """Make the invoice of one period and collect it; False ends the subscription."""
        sub, rand, billing = self._subscription, self._rand, self._billing
        invoice = billing.open_invoice(
            sub, start, sub.period_start, sub.period_end, "subscription_create" if first else "subscription_cycle"
        )
        extra, fate = 0, rand()
        if fate < 0.06 and not first:
            extra = (self._items[0].price.object["unit_amount"] or 0) // 40 * (10 if fate < 0.03 else -10)
        billing.fill_invoice(invoice, self._items, extra)
        sub.latest_invoice = invoice.id
        due = start + 2 if first else start + HOUR
        if due + 5 > self._now:
            self._draft(invoice)
            return True
        invoice.finalized_at = due
        if invoice.total <= 0:
            invoice.status, invoice.paid_at = "paid", due
            return True
        intent = billing.till.intend(
            sub.customer, invoice, invoice.total, invoice.currency, self._method, due, f"Subscription {'creation' if first else 'update'}"
        )
        if sub.customer.index % 2:
            intent.metadata = sub.metadata
        if sub.collection_method == "send_invoice":
            return self._send(invoice, intent, due)
        return self._collect(invoice, intent, due + 2, first=first)

    def _draft(self, invoice: Invoice) -> None:
        invoice.status, invoice.number = "draft", None
        invoice.customer.invoices -= 1

    def _send(self, invoice: Invoice, intent: Intent, at: int) -> bool:
        """Wait for the customer to pay by the due date; one in fifty invoices is voided, one in forty never paid."""
        fate, rand = self._rand(), self._rand
        invoice.due_date = at + 30 * DAY
        paid = at + int((0.05 + rand()) * 35 * DAY)
        if fate < 0.02 and at + 2 * DAY < self._now:
            invoice.status, invoice.voided_at = "void", at + 2 * DAY
            intent.status, intent.canceled_at = "canceled", at + 2 * DAY
            self._billing.add_payment(invoice, intent, "canceled", None)
        elif fate < 0.045 and at + 60 * DAY < self._now:
            invoice.status, invoice.uncollectible_at = "uncollectible", at + 60 * DAY
            self._billing.add_payment(invoice, intent, "open", None)
        elif fate < 0.045 or paid > self._now:
            self._billing.add_payment(invoice, intent, "open", None)
        else:
            self._settle(invoice, intent, paid)
        return True

    def _collect(self, invoice: Invoice, intent: Intent, at: int, *, first: bool) -> bool:
        """Charge the payment method, again after 3, 5 and 7 days; False when the subscription ends here."""
        rand = self._rand
        for attempt in range(1 + len(RETRY_DAYS)):
            invoice.attempts = attempt + 1
            if rand() >= (0.04 if attempt == 0 else 0.45):
                self._settle(invoice, intent, at)
                return True
            self._billing.till.decline(intent, self._method, at, rand)
            if first:
                return self._incomplete(invoice, intent, at)
            if attempt == len(RETRY_DAYS):
                break
            at += RETRY_DAYS[attempt] * DAY
            if at + 5 > self._now:
                invoice.next_attempt, self._subscription.status = at, "past_due"
                self._billing.add_payment(invoice, intent, "open", None)
                self._subscription.customer.delinquent = True
                return False
        self._give_up(invoice, intent, at)
        return False

    def _settle(self, invoice: Invoice, intent: Intent, at: int) -> None:
        charge = self._billing.till.charge(intent, self._method, at, self._rand)
        if charge.status == "succeeded":
            self._billing.pay(invoice, intent, at)
        else:
            self._billing.add_payment(invoice, intent, "open", None)

    def _incomplete(self, invoice: Invoice, intent: Intent, at: int) -> bool:
        expires = at + 23 * HOUR
        if expires > self._now:
            self._subscription.status = "incomplete"
            self._billing.add_payment(invoice, intent, "open", None)
        else:
            self._subscription.status, self._subscription.ended_at = "incomplete_expired", expires
            invoice.status, invoice.voided_at = "void", expires
            intent.status, intent.canceled_at = "canceled", expires
            self._billing.add_payment(invoice, intent, "canceled", None)
        return False

    def _give_up(self, invoice: Invoice, intent: Intent, at: int) -> None:
        self._subscription.customer.delinquent = True
        self._billing.add_payment(invoice, intent, "open", None)
        if self._rand() < 0.6:
            self._end(at, "payment_failed")
            invoice.status, invoice.uncollectible_at = "uncollectible", at
        else:
            self._subscription.status = "unpaid"
