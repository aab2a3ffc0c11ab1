"""Define the compact records of the business; ``render_*`` turns each into Stripe's object on demand.

In: nothing. Out: msgspec Structs. A record points only to older ones (charge to intent to invoice to customer), so that
there is no cycle and ``gc=False`` is safe; what points the other way is an id.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Loose(Struct):
    """Hold an object that is kept whole: small tables, and everything inserted or changed.

    Attributes:
        id: as in the object.
        created: unix seconds that order the list; not always a field of the object.
        object: the object, expand-only fields included, embedded lists and tombstone marks not.
        parents: parent ids that are not fields of the object, by column name.
        beyond_list: no list shows it, retrieve does.
        written: server time of the last write, None for the data of the beginning; search lags behind it.
        previous: what search still sees of a row that was changed, None for a new one.
    """

    id: str
    created: int
    object: dict[str, Any]
    parents: dict[str, str] = {}
    beyond_list: bool = False
    written: int | None = None
    previous: dict[str, Any] | None = None


class Customer(Struct, gc=False):
    """``cus_``; ``deleted`` ones are tombstones."""

    id: str
    created: int
    index: int
    name: str | None
    email: str | None
    phone: str | None
    country: str
    place: tuple[str, str, str, str]
    currency: str
    description: str | None
    metadata: dict[str, str]
    default_method: str | None = None
    test_clock: str | None = None
    deleted: bool = False
    delinquent: bool = False
    balance: int = 0
    invoices: int = 0


class Method(Struct, gc=False):
    """``pm_``: a card, or a debit with ``brand`` empty."""

    id: str
    created: int
    customer: Customer | None
    type: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    funding: str
    country: str
    fingerprint: str


class Subscription(Struct, gc=False):
    """``sub_``; its items are rows of their own."""

    id: str
    created: int
    customer: Customer
    status: str
    currency: str
    anchor: int
    period_start: int
    period_end: int
    collection_method: str
    method: Method | None
    metadata: dict[str, str]
    price_ids: tuple[str, ...]
    coupon: str | None = None
    trial_start: int | None = None
    trial_end: int | None = None
    cancel_at_period_end: bool = False
    canceled_at: int | None = None
    ended_at: int | None = None
    latest_invoice: str | None = None
    reason: str | None = None
    paused: bool = False
    schedule: str | None = None


class Item(Struct, gc=False):
    """``si_``: one price of a subscription."""

    id: str
    created: int
    subscription: Subscription
    price: Loose
    quantity: int


class Invoice(Struct, gc=False):
    """``in_``; its lines are rows of their own."""

    id: str
    created: int
    customer: Customer
    subscription: Subscription | None
    number: str | None
    status: str
    currency: str
    reason: str
    collection_method: str
    subtotal: int
    discount: int
    tax: int
    total: int
    period_start: int
    period_end: int
    metadata: dict[str, str]
    coupon: str | None = None
    amount_paid: int = 0
    attempts: int = 0
    next_attempt: int | None = None
    due_date: int | None = None
    finalized_at: int | None = None
    paid_at: int | None = None
    voided_at: int | None = None
    uncollectible_at: int | None = None
    credited: int = 0


class Line(Struct, gc=False):
    """``il_``, in the order of the invoice."""

    id: str
    created: int
    invoice: Invoice
    amount: int
    quantity: int
    price: Loose
    description: str
    period_start: int
    period_end: int
    item: str | None = None
    invoice_item: str | None = None
    discount: int = 0
    tax: int = 0


class InvoiceItem(Struct, gc=False):
    """``ii_``; pending while it has no invoice."""

    id: str
    created: int
    customer: Customer
    subscription: str | None
    invoice: str | None
    amount: int
    quantity: int
    currency: str
    price: Loose
    description: str
    proration: bool


class Intent(Struct, gc=False):
    """``pi_``."""

    id: str
    created: int
    customer: Customer | None
    invoice: Invoice | None
    amount: int
    currency: str
    status: str
    method: Method | None
    description: str
    metadata: dict[str, str]
    latest_charge: str | None = None
    received: int = 0
    canceled_at: int | None = None
    failure: str | None = None
    transfer_group: str | None = None


class Charge(Struct, gc=False):
    """``ch_`` (``py_`` for debits)."""

    id: str
    created: int
    intent: Intent
    status: str
    method: Method
    amount: int
    risk: int
    failure: str | None = None
    txn: str | None = None
    refunded: int = 0
    disputed: bool = False
    captured: bool = True
    review: str | None = None
    transfer: str | None = None
    application_fee: str | None = None


class Refund(Struct, gc=False):
    """``re_``."""

    id: str
    created: int
    charge: Charge
    amount: int
    reason: str | None
    status: str
    txn: str | None


class Dispute(Struct, gc=False):
    """``du_``."""

    id: str
    created: int
    charge: Charge
    amount: int
    reason: str
    status: str
    txns: tuple[str, ...]


class Payment(Struct, gc=False):
    """``inpay_``: what ties an invoice to an intent."""

    id: str
    created: int
    invoice: Invoice
    intent: Intent
    amount: int
    status: str
    paid_at: int | None


class Txn(Struct, gc=False):
    """``txn_``: one booking. ``rate`` is set where the source has another currency."""

    id: str
    created: int
    available_on: int
    amount: int
    fee: int
    currency: str
    type: str
    source: str | None
    description: str | None
    rate: float | None = None
    payout: str | None = None
    category: str | None = None

    @property
    def net(self) -> int:
        """Return what moves the balance."""
        return self.amount - self.fee


class Payout(Struct, gc=False):
    """``po_``."""

    id: str
    created: int
    amount: int
    currency: str
    arrival: int
    status: str
    automatic: bool
    txn: str
    failure_txn: str | None = None


class Event(Struct, gc=False):
    """``evt_``: what happened to ``subject``, a record whose snapshot is written when the event is read."""

    id: str
    created: int
    serial: int
    type: str
    subject: Any


class Session(Struct, gc=False):
    """``cs_test_``: a checkout; ``intent`` for payments, ``subscription`` for subscriptions."""

    id: str
    created: int
    customer: Customer | None
    mode: str
    status: str
    currency: str
    amount: int
    email: str | None
    price: Loose
    quantity: int
    intent: str | None = None
    subscription: str | None = None
    invoice: str | None = None
    payment_link: str | None = None
    metadata: dict[str, str] = {}
