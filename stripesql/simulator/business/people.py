"""Make the customers and their payment methods.

In: ids, seed, scale, the span of time. Out: Customer and Method records; each customer draws from a generator of its own,
so that moving ``now`` within a day only adds rows at the end.
"""

from __future__ import annotations

from random import Random

from stripesql.simulator.business import words
from stripesql.simulator.business.dates import DAY
from stripesql.simulator.business.records import Customer, Method
from stripesql.simulator.ids import Ids

PER_SCALE = 320
BRANDS = (("visa", "4242"), ("mastercard", "4444"), ("amex", "0005"), ("visa", "1881"), ("discover", "1117"))


class People:
    """Customers in order of index, and every payment method."""

    def __init__(self, ids: Ids, seed: int, scale: float, start: int, end: int, now: int) -> None:
        self._ids = ids
        self.customers: list[Customer] = []
        self.methods: list[Method] = []
        self.chance: list[Random] = []
        """The generator of each customer, in the order of ``customers``; ``billing`` draws on."""
        for index in range(max(1, round(PER_SCALE * scale))):
            chance = Random(seed * 1_000_003 + index)
            at = start + int((end - start) * chance.random() ** 0.8)
            if at + 600 <= now:
                self._join(index, at, chance)

    def _join(self, index: int, at: int, chance: Random) -> None:
        rand = chance.random
        share = rand()
        country, currency = next((land, money) for most, land, money in words.HOME if share <= most)
        first, last = words.FIRST[int(rand() * 30)], words.LAST[int(rand() * 26)]
        company = rand() < 0.45
        name = f"{words.COMPANY[int(rand() * 22)]} {words.SUFFIX[int(rand() * 10)]}" if company else f"{first} {last}"
        metadata = {"tenant": str(10_000 + index), "segment": words.SEGMENTS[min(3, int(rand() * rand() * 5))]}
        if rand() < 0.3:
            metadata["channel"] = words.CHANNELS[int(rand() * 5)]
        places = words.PLACES[country]
        address = f"{first}.{last}".replace(" ", "").replace("'", "")
        customer = Customer(
            id=self._ids.short("cus_", index, 14),
            created=at,
            index=index,
            # A few have no name, no address, or one that is written with capitals: equality on email is case-sensitive.
            name=None if index % 37 == 5 else name,
            email=None if index % 29 == 3 else f"{address if index % 11 == 0 else address.lower()}{index % 97}@example.com",
            phone=f"+1415555{index % 10000:04d}" if index % 4 == 1 else None,
            country=country,
            place=places[int(rand() * len(places))],
            currency=currency,
            description=None if index % 3 else f"Customer {index}, 100% \"real\"",
            metadata=metadata if index % 13 else {},
            balance=-1500 if index % 41 == 9 else 0,
        )  # fmt: skip
        self.customers.append(customer)
        self.chance.append(chance)
        if index % 100 == 50:
            # A payment method of the caller's own kind: no unfiltered list shows it.
            self.methods.append(
                Method(self._ids.make("pm_1", index * 8 + 7), at + 9, customer, "custom", "", "", 1, 2030, "unknown", country, "")
            )
        for n in range(2 if rand() < 0.2 else 1):
            method = self._method(customer, n, at + 5 + n * 40 * DAY, rand())
            customer.default_method = customer.default_method or method.id

    def _method(self, customer: Customer, n: int, at: int, share: float) -> Method:
        kind = (
            "sepa_debit"
            if customer.currency == "eur" and share < 0.2
            else "us_bank_account"
            if customer.currency == "usd" and share < 0.06
            else "card"
        )
        brand, last4 = BRANDS[int(share * 50) % 5] if kind == "card" else ("", "6789")
        method = Method(
            id=self._ids.make("pm_1", customer.index * 8 + n),
            created=at if n == 0 else customer.created + 5,
            customer=customer,
            type=kind,
            brand=brand,
            last4=last4,
            exp_month=1 + customer.index % 12,
            exp_year=2027 + customer.index % 6,
            funding="credit" if share < 0.7 else "debit",
            country=customer.country,
            fingerprint=self._ids.make("", customer.index // 2 * 8 + n)[-8:] + "w3Kq81Zp",
        )
        self.methods.append(method)
        return method
