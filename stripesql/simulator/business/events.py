"""Tell what happened in the last thirty days, as events.

In: the records of billing. Out: Event records, rendered on demand; the snapshot inside an event is the object without its
embedded lists. A record that changed since is shown as it is now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from stripesql.simulator.business import render_invoices, render_ledger, render_payments, render_people, render_subscriptions
from stripesql.simulator.business.dates import DAY
from stripesql.simulator.business.records import Charge, Customer, Dispute, Event, Invoice, Method, Payout, Refund, Subscription

if TYPE_CHECKING:
    from stripesql.simulator.business.world import World

KEPT_DAYS = 30
API_VERSION = "2026-10-28.endive"
_Happening = tuple[int, str, Any]

SNAPSHOTS: dict[type, Callable[[Any], dict[str, Any]]] = {
    Charge: render_payments.charge,
    Customer: render_people.customer,
    Dispute: render_payments.dispute,
    Invoice: render_invoices.invoice,
    Method: render_people.method,
    Refund: render_payments.refund,
    Subscription: render_subscriptions.subscription,
}


def recent(world: World) -> list[Event]:
    """Return the events of the last 30 days before ``world.now``."""
    oldest, newest = world.now - KEPT_DAYS * DAY, world.now
    found = [happening for happening in _all(world) if oldest <= happening[0] <= newest]
    found.sort(key=lambda happening: (happening[0], happening[1], happening[2].id))
    return [_row(world, *happening) for happening in found]


def _row(world: World, at: int, kind: str, subject: Any) -> Event:
    serial = int.from_bytes(blake2b(f"{subject.id} {kind} {at}".encode(), digest_size=5).digest(), "big")
    return Event(world.ids.make("evt_1", serial), at, serial, kind, subject)


def pending_webhooks(row: Event) -> int:
    """Return how many deliveries have not succeeded: one, for some events."""
    return 1 if row.serial % 17 == 3 else 0


def render(row: Event, bank: Callable[[str], str]) -> dict[str, Any]:
    """Return an ``event``."""
    subject = row.subject
    snapshot = render_ledger.payout(subject, bank(subject.currency)) if type(subject) is Payout else SNAPSHOTS[type(subject)](subject)
    return {
        "id": row.id,
        "object": "event",
        "account": None,
        "api_version": API_VERSION,
        "context": None,
        "created": row.created,
        "data": {"object": snapshot},
        "livemode": False,
        "pending_webhooks": pending_webhooks(row),
        "request": {"id": f"req_{row.id[-14:]}" if row.serial % 3 else None, "idempotency_key": None},
        "type": row.type,
    }


def _all(world: World) -> Iterable[_Happening]:
    billing = world.finished
    for customer in billing.customers:
        if customer.test_clock is None:
            yield customer.created, "customer.created", customer
    for method in world.people.methods:
        if method.customer is None or method.customer.test_clock is None:
            yield method.created, "payment_method.attached", method
    for sub in billing.subscriptions:
        if sub.customer.test_clock is None:
            yield sub.created, "customer.subscription.created", sub
            if sub.ended_at is not None:
                yield sub.ended_at, "customer.subscription.deleted", sub
    yield from _of_invoices(world)
    for charge in billing.till.charges:
        if charge.intent.customer is None or charge.intent.customer.test_clock is None:
            yield charge.created, f"charge.{charge.status}", charge
    for refund in billing.till.refunds:
        yield refund.created, "refund.created", refund
        yield refund.created, "charge.refunded", refund.charge
    for dispute in billing.till.disputes:
        yield dispute.created, "charge.dispute.created", dispute
    for payout in world.ledger.payouts:
        yield payout.created, "payout.created", payout
        if payout.status == "paid":
            yield payout.arrival, "payout.paid", payout


def _of_invoices(world: World) -> Iterable[_Happening]:
    for invoice in world.finished.invoices:
        if invoice.customer.test_clock is not None:
            continue
        steps = (
            ("created", invoice.created),
            ("finalized", invoice.finalized_at),
            ("paid", invoice.paid_at),
            ("payment_succeeded", invoice.paid_at),
            ("voided", invoice.voided_at),
            ("marked_uncollectible", invoice.uncollectible_at),
        )
        for step, at in steps:
            if at is not None:
                yield at, f"invoice.{step}", invoice
