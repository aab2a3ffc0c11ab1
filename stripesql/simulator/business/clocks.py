"""Make what lives on test clocks: objects that lists hide unless a parent is asked for.

In: billing. Out: customers, subscriptions, invoices appended to it; no money moves. One clock runs ahead of real time, so
that rows from the future exist.
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator.business.billing import Billing
from stripesql.simulator.business.dates import DAY, after_months
from stripesql.simulator.business.offers import Offers
from stripesql.simulator.business.people import People
from stripesql.simulator.business.records import Customer, InvoiceItem, Item, Loose, Method, Subscription
from stripesql.simulator.ids import Ids

CLOCKS = ("clock_1lantern0", "clock_1lantern1")
AHEAD_DAYS = (40, -10)
FIRST_INDEX = 1 << 22


def clocks(now: int) -> list[Loose]:
    """Return the clocks; the first is frozen in the future."""
    made = []
    for n, clock_id in enumerate(CLOCKS):
        created, frozen = now - 60 * DAY + n, now + AHEAD_DAYS[n] * DAY
        row: dict[str, Any] = {
            "id": clock_id,
            "object": "test_helpers.test_clock",
            "created": created,
            "deletes_after": created + 90 * DAY,
            "frozen_time": frozen,
            "livemode": False,
            "name": f"Clock {n}",
            "status": "ready",
            "status_details": {},
        }
        made.append(Loose(clock_id, created, row))
    return made


def _always_first() -> float:
    """Draw the first of everything: clocks leave nothing to chance."""
    return 0.0


def add_customers(ids: Ids, offers: Offers, billing: Billing, people: People, now: int) -> None:
    """Add four customers, each with a card that is declined, a subscription, two invoices and an item that waits."""
    for n in range(4):
        billing.start_serials(FIRST_INDEX + n)
        frozen = now + AHEAD_DAYS[n % 2] * DAY
        at = frozen - 50 * DAY
        customer = Customer(
            ids.short("cus_", FIRST_INDEX + n, 14), at, FIRST_INDEX + n, f"Clock Customer {n}", f"clock{n}@example.com", None, "US",
            ("1 Test St", "Reno", "NV", "89501"), "usd", None, {}, test_clock=CLOCKS[n % 2],
        )  # fmt: skip
        billing.customers.append(customer)
        method = Method(
            ids.make("pm_1", billing.next_serial()), at, customer, "card", "visa", "0341", 1, 2031, "credit", "US", "clockclockclock0"
        )
        people.methods.append(method)
        price = offers.plan_prices["usd", "month", 1]
        subscription = Subscription(
            ids.make("sub_1", billing.next_serial()), at + 60, customer, "active" if n < 3 else "canceled", "usd", at + 60, after_months(at + 60, 1),
            after_months(at + 60, 2), "send_invoice", None, {"clock": str(n)}, (price.id,), ended_at=None if n < 3 else frozen, canceled_at=None if n < 3 else frozen,
        )  # fmt: skip
        item = Item(ids.make("si_", billing.next_serial()), at + 60, subscription, price, 1)
        billing.subscriptions.append(subscription)
        billing.items.append(item)
        for k in range(2):
            start = after_months(at + 60, k)
            invoice = billing.open_invoice(
                subscription, start, start, after_months(at + 60, k + 1), "subscription_cycle" if k else "subscription_create"
            )
            billing.fill_invoice(invoice, [item], 0)
            invoice.finalized_at, invoice.due_date = start + 3600, start + 30 * DAY
            subscription.latest_invoice = invoice.id
            intent = billing.till.intend(customer, invoice, invoice.total, "usd", method, start + 3600, "Subscription update")
            billing.till.decline(intent, method, start + 3602, _always_first)
            billing.add_payment(invoice, intent, "open", None)
        waiting = InvoiceItem(
            ids.make("ii_1", billing.next_serial()), frozen - DAY, customer, None, None, 700, 1, "usd", price, "Clocked extra", False
        )
        billing.invoice_items.append(waiting)
