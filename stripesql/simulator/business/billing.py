"""Let the business run: subscriptions, invoices and what is bought without one.

In: offers and people. Out: ``Billing``, the records in the order in which they were made (the store sorts them). Money
that moves is handed to ``Till``.
"""

from __future__ import annotations

from random import Random

from stripesql.simulator.business.cycle import Cycle
from stripesql.simulator.business.dates import DAY, HOUR, after_months
from stripesql.simulator.business.offers import Offers
from stripesql.simulator.business.people import People
from stripesql.simulator.business.records import (
    Customer,
    Intent,
    Invoice,
    InvoiceItem,
    Item,
    Line,
    Loose,
    Method,
    Payment,
    Session,
    Subscription,
)
from stripesql.simulator.business.till import Draw, Till
from stripesql.simulator.ids import Ids

COUPON_PERCENT = {"WELCOME20": 20, "PARTNER10": 10}
AGENCY_EVERY = 40
"""Each 40th customer has a subscription of 14 items."""


class Billing:
    """Run every customer from the day of joining to ``now``."""

    def __init__(self, ids: Ids, offers: Offers, people: People, now: int) -> None:
        self._ids = ids
        self._offers = offers
        self._now = now
        self._serial = 0
        self.customers = people.customers
        self.till = Till(ids, now)
        self.subscriptions: list[Subscription] = []
        self.items: list[Item] = []
        self.invoices: list[Invoice] = []
        self.lines: list[Line] = []
        self.invoice_items: list[InvoiceItem] = []
        self.payments: list[Payment] = []
        self.sessions: list[Session] = []
        self.inline_prices: list[Loose] = []
        methods: dict[str, Method] = {method.id: method for method in people.methods}
        for customer, chance in zip(people.customers, people.chance, strict=True):
            self._live(customer, methods[customer.default_method or ""], chance)
        people.chance.clear()  # 2.5 kB each, and nobody draws again

    def next_serial(self) -> int:
        """Return a number that is unique in the account and does not depend on other customers."""
        self._serial += 1
        return self._serial

    def start_serials(self, index: int) -> None:
        """Number the objects of customer ``index`` from here on."""
        self._serial = self.till.serial = index << 14

    def _live(self, customer: Customer, method: Method, chance: Random) -> None:
        self.start_serials(customer.index)
        rand = chance.random
        started = customer.created + 60 + int(rand() * 2 * HOUR)
        if rand() < 0.9 and started + 600 <= self._now:
            self._subscribe(customer, method, rand, started)
        bought = customer.created + int(rand() * 200 * DAY)
        while rand() < 0.42 and bought + 600 <= self._now:
            self._buy(customer, method, rand, bought)
            bought += int((0.1 + rand()) * 150 * DAY)
        left = customer.created + int(rand() * 2000 * DAY)
        if customer.index % 5 == 4 and left < self._now and not self._has_live_subscription(customer):
            customer.deleted = True
        if rand() < 0.03:
            self._pending_item(customer)

    def _has_live_subscription(self, customer: Customer) -> bool:
        last = self.subscriptions[-1] if self.subscriptions else None
        return last is not None and last.customer is customer and last.status not in ("canceled", "incomplete_expired")

    def _subscribe(self, customer: Customer, method: Method, rand: Draw, at: int) -> None:
        currency, offers = customer.currency, self._offers
        yearly, agency = rand() < 0.15, customer.index % AGENCY_EVERY == 7
        rank = min(3, int(rand() * rand() * 5))
        if yearly:
            prices = [offers.plan_prices[currency, "year", rank]]
        elif rand() < 0.12:
            prices = [offers.old_prices[currency, rank]]
        else:
            prices = [offers.plan_prices[currency, "month", rank]]
            extras = 13 if agency else int(rand() * rand() * 4)
            first = int(rand() * 16)
            prices += [offers.add_ons[currency][(first + n) % 16] for n in range(extras)]
        if rand() < 0.04:
            prices[0] = self._inline(customer, prices[0])
        quantities = [1 + int(rand() * 9) if n else 1 for n in range(len(prices))]
        sends = rank >= 2 and rand() < 0.4
        trial_end = at + 14 * DAY if rand() < 0.3 else None
        subscription = Subscription(
            id=self._ids.make("sub_1", self.next_serial()),
            created=at,
            customer=customer,
            status="active",
            currency=currency,
            anchor=trial_end or at,
            period_start=at,
            period_end=trial_end or after_months(at, 12 if yearly else 1),
            collection_method="send_invoice" if sends else "charge_automatically",
            method=None if rand() < 0.5 else method,
            metadata={"order_id": f"o-{customer.index}", "plan": str(rank)} if rand() < 0.6 else {},
            price_ids=tuple(price.id for price in prices),
            coupon="WELCOME20" if rand() < 0.1 else "PARTNER10" if customer.metadata.get("channel") == "partner" else None,
            trial_start=at if trial_end else None,
            trial_end=trial_end,
        )  # fmt: skip
        self.subscriptions.append(subscription)
        items = [
            Item(self._ids.make("si_", self.next_serial()), at + n // 4, subscription, p, q)
            for n, (p, q) in enumerate(zip(prices, quantities, strict=True))
        ]
        self.items += items
        if rand() < 0.25:
            self._checkout(customer, subscription, items[0], rand)
        if trial_end:
            subscription.latest_invoice = self._trial_invoice(subscription, items).id
            if trial_end > self._now:
                subscription.status = "trialing"
                return
        Cycle(self, subscription, items, method, rand, 12 if yearly else 1, self._now).run()

    def _inline(self, customer: Customer, like: Loose) -> Loose:
        """Return a price made with ``price_data``: it exists by id and in no list."""
        template, created = like.object, customer.created + 60
        amount = int(template["unit_amount"] * 0.9) // 10 * 10
        interval = template["recurring"]["interval"]
        price_id = self._ids.make("price_1", (1 << 40) + customer.index)
        row = self._offers.price_object(price_id, template["product"], customer.currency, amount, interval, created)
        self.inline_prices.append(Loose(price_id, created, row, beyond_list=True))
        return self.inline_prices[-1]

    def _checkout(self, customer: Customer, subscription: Subscription, item: Item, rand: Draw) -> None:
        amount = (item.price.object["unit_amount"] or 0) * item.quantity
        session = Session(
            self._ids.make("cs_test_a1", self.next_serial()), subscription.created - 30, customer, "subscription", "complete",
            subscription.currency, amount, customer.email, item.price, item.quantity, subscription=subscription.id,
            metadata={"source": "pricing-page"} if rand() < 0.5 else {},
        )  # fmt: skip
        self.sessions.append(session)

    def _trial_invoice(self, subscription: Subscription, items: list[Item]) -> Invoice:
        at, end = subscription.created, subscription.trial_end or 0
        invoice = self.open_invoice(subscription, at, at, end, "subscription_create")
        for item in items:
            words = f"Trial period for {item.quantity} x item"
            self.lines.append(
                Line(self._ids.make("il_1", self.next_serial()), at, invoice, 0, item.quantity, item.price, words, at, end, item.id)
            )
        invoice.status, invoice.paid_at, invoice.finalized_at = "paid", at, at
        return invoice

    def open_invoice(self, subscription: Subscription, at: int, start: int, end: int, reason: str) -> Invoice:
        """Append an empty, numbered invoice and return it."""
        customer = subscription.customer
        customer.invoices += 1
        invoice = Invoice(
            id=self._ids.make("in_1", self.next_serial()),
            created=at,
            customer=customer,
            subscription=subscription,
            number=f"{customer.id[-8:].upper()}-{customer.invoices:04d}",
            status="open",
            currency=subscription.currency,
            reason=reason,
            collection_method=subscription.collection_method,
            subtotal=0,
            discount=0,
            tax=0,
            total=0,
            period_start=start,
            period_end=end,
            metadata={"run": str(at // DAY)} if customer.index % 3 == 0 else {},
            coupon=subscription.coupon,
        )
        self.invoices.append(invoice)
        return invoice

    def fill_invoice(self, invoice: Invoice, items: list[Item], extra: int) -> None:
        """Add a line per item and, where ``extra`` is not 0, an invoice item; then the totals."""
        rate = COUPON_PERCENT.get(invoice.coupon or "", 0)
        at, start, end = invoice.created, invoice.period_start, invoice.period_end
        ids = self._ids
        lines: list[Line] = []
        for item in items:
            unit = item.price.object["unit_amount"] or 0
            words = f"{item.quantity} x {item.price.object['nickname'] or 'Subscription'}"
            lines.append(
                Line(
                    ids.make("il_1", self.next_serial()),
                    at,
                    invoice,
                    unit * item.quantity,
                    item.quantity,
                    item.price,
                    words,
                    start,
                    end,
                    item.id,
                )
            )
        if extra:
            subscription = invoice.subscription
            row = InvoiceItem(
                ids.make("ii_1", self.next_serial()), at - 30, invoice.customer, subscription.id if subscription else None, invoice.id,
                extra, 1, invoice.currency, items[0].price, "Unused time" if extra < 0 else "Overage", extra < 0,
            )  # fmt: skip
            self.invoice_items.append(row)
            lines.append(
                Line(
                    ids.make("il_1", self.next_serial()),
                    at,
                    invoice,
                    extra,
                    1,
                    items[0].price,
                    row.description,
                    start,
                    end,
                    invoice_item=row.id,
                )
            )
        taxed = invoice.customer.country in ("GB", "DE", "FR", "IE") and invoice.customer.index % 2 == 0
        for line in lines:
            line.discount = max(0, line.amount) * rate // 100
            line.tax = (line.amount - line.discount) * 20 // 100 if taxed else 0
            invoice.subtotal += line.amount
            invoice.discount += line.discount
            invoice.tax += line.tax
        if invoice.currency == "kwd":
            # Three-decimal totals end in 0; the rounding goes into the first line's discount.
            odd = (invoice.subtotal - invoice.discount) % 10
            lines[0].discount += odd
            invoice.discount += odd
        invoice.total = invoice.subtotal - invoice.discount + invoice.tax
        self.lines += lines

    def _buy(self, customer: Customer, method: Method, rand: Draw, at: int) -> None:
        """Sell something once, through a checkout session; a fifth of them is never finished."""
        price = self._offers.one_time[customer.currency][int(rand() * 4)]
        quantity = 1 + int(rand() * 3)
        amount = price.object["unit_amount"] * quantity
        guest = rand() < 0.1
        session = Session(
            self._ids.make("cs_test_b1", self.next_serial()), at, None if guest else customer, "payment", "complete", customer.currency, amount,
            customer.email, price, quantity, payment_link=self._ids.make("plink_1", 0) if rand() < 0.3 else None, metadata={"order_id": f"w-{self._serial}"},
        )  # fmt: skip
        self.sessions.append(session)
        fate = rand()
        if fate < 0.2:
            session.status = "expired" if at + DAY < self._now else "open"
            return
        intent = self.till.intend(None if guest else customer, None, amount, customer.currency, method, at + 20, f"Order w-{self._serial}")
        intent.metadata = session.metadata
        intent.transfer_group = "marketplace" if rand() < 0.85 else None
        session.intent = intent.id
        if fate < 0.24:
            session.status = "expired"
            self.till.decline(intent, method, at + 30, rand)
            if fate < 0.22:
                intent.status, intent.canceled_at = "canceled", at + 40
        else:
            self.till.charge(intent, method, at + 40, rand)

    def _pending_item(self, customer: Customer) -> None:
        at = self._now - 5 * DAY - customer.index % DAY
        if at > customer.created:
            price = self._offers.one_time[customer.currency][3]
            row = InvoiceItem(
                self._ids.make("ii_1", self.next_serial()), at, customer, None, None,
                price.object["unit_amount"], 1, customer.currency, price, "One T-shirt, to be billed", False,
            )  # fmt: skip
            self.invoice_items.append(row)

    def pay(self, invoice: Invoice, intent: Intent, at: int) -> None:
        """Mark the invoice as paid in full by ``intent``."""
        invoice.status, invoice.paid_at, invoice.amount_paid = "paid", at, invoice.total
        invoice.next_attempt = None
        self.add_payment(invoice, intent, "paid", at)

    def add_payment(self, invoice: Invoice, intent: Intent, status: str, paid_at: int | None) -> None:
        """Tie an invoice to the intent that pays it."""
        self.payments.append(
            Payment(self._ids.make("inpay_1", self.next_serial()), intent.created, invoice, intent, invoice.total, status, paid_at)
        )
