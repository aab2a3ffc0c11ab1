"""Make what the business sells: products, prices, coupons, promotion codes, tax rates, shipping rates.

In: ids and the time of the beginning. Out: Loose rows, and look-ups for the billing of ``billing``.
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator.business import money
from stripesql.simulator.business.dates import DAY
from stripesql.simulator.business.records import Loose
from stripesql.simulator.ids import Ids

PLANS = (("Starter", 2900), ("Team", 9900), ("Business", 29900), ("Enterprise", 99900))
ADD_ONS = (
    ("Extra seats", 900), ("Priority support", 4900), ("Storage 100 GB", 1500), ("Single sign-on", 2500), ("Audit log", 1900),
    ("Sandbox", 1200), ("Data residency", 3900), ("White label", 4500), ("Custom domain", 500), ("Analytics", 2900), ("Backups", 1100),
    ("Webhooks plus", 700), ("Reports", 1700), ("Text messages", 600), ("Assistant", 3500), ("Uptime guarantee", 4100),
)  # fmt: skip
ONE_TIME = (("Onboarding", 49900), ("Training day", 120000), ("Migration", 80000), ("T-shirt", 2400))


class Offers:
    """Everything that is for sale, made at once (about 200 rows)."""

    def __init__(self, ids: Ids, start: int) -> None:
        self._ids = ids
        self._start = start
        self.products: list[Loose] = []
        self.prices: list[Loose] = []
        self.plan_prices: dict[tuple[str, str, int], Loose] = {}
        """(currency, interval, rank of the plan) to its price today."""
        self.old_prices: dict[tuple[str, int], Loose] = {}
        """(currency, rank of the plan) to the inactive monthly price of the first year."""
        self.add_ons: dict[str, list[Loose]] = {currency: [] for currency in money.CURRENCIES}
        self.one_time: dict[str, list[Loose]] = {currency: [] for currency in money.CURRENCIES}
        self._make()

    def _make(self) -> None:
        for rank, (name, cents) in enumerate(PLANS):
            product = self._product(name, {"tier": str(rank), "family": "plan"})
            for currency in money.CURRENCIES:
                amount = money.local(cents, currency)
                old = self._price(product, currency, money.local(cents * 8 // 10, currency), "month", active=False, nickname="first year")
                self.old_prices[currency, rank] = old
                month = self._price(product, currency, amount, "month", lookup=f"{name.lower()}_monthly_{currency}")
                self.plan_prices[currency, "month", rank] = month
                self.plan_prices[currency, "year", rank] = self._price(
                    product, currency, amount * 10, "year", lookup=f"{name.lower()}_yearly_{currency}"
                )
                if currency == "usd":
                    product.object["default_price"] = month.id
        for name, cents in ADD_ONS:
            product = self._product(name, {"family": "add-on"}, unit="seat" if name == "Extra seats" else None)
            for currency in money.CURRENCIES:
                self.add_ons[currency].append(self._price(product, currency, money.local(cents, currency), "month"))
        for name, cents in ONE_TIME:
            product = self._product(name, {"family": "service"}, shippable=True if name == "T-shirt" else None)
            for currency in money.CURRENCIES:
                self.one_time[currency].append(self._price(product, currency, money.local(cents, currency), None))
        usage = self._product("API usage", {"family": "usage"})
        self._tiered(usage)
        retired = self._product("Legacy desktop", {}, active=False)
        self._price(retired, "usd", 19900, None, active=False)
        self._product("Gift card", {"family": "gift"}, active=False)

    def _product(
        self, name: str, metadata: dict[str, str], *, active: bool = True, unit: str | None = None, shippable: bool | None = None
    ) -> Loose:
        n = len(self.products)
        created = self._start - 40 * DAY + n * 1800
        row: dict[str, Any] = {
            "id": self._ids.short("prod_", n, 14),
            "object": "product",
            "active": active,
            "created": created,
            "default_price": None,
            "description": f"{name} by Lantern" if n % 3 else None,
            "images": [],
            "livemode": False,
            "marketing_features": [{"name": feature} for feature in ("Fast", "Exact")[: n % 3]],
            "metadata": metadata,
            "name": name,
            "package_dimensions": {"height": 2.0, "length": 30.0, "weight": 6.5, "width": 25.0} if shippable else None,
            "shippable": shippable,
            "statement_descriptor": "LANTERN" if n % 5 == 0 else None,
            "tax_code": "txcd_10103001" if n % 2 else None,
            "type": "good" if shippable else "service",
            "unit_label": unit,
            "updated": created + n * 977,
            "url": f"https://lantern.example/{name.lower().replace(' ', '-')}" if n % 4 == 0 else None,
        }
        self.products.append(Loose(row["id"], created, row))
        return self.products[-1]

    def price_object(
        self, price_id: str, product: str, currency: str, amount: int | None, interval: str | None, created: int
    ) -> dict[str, Any]:
        """Return a per-unit price, expand-only fields included."""
        return {
            "id": price_id,
            "object": "price",
            "active": True,
            "billing_scheme": "per_unit",
            "created": created,
            "currency": currency,
            "currency_options": {currency: _option(amount)},
            "custom_unit_amount": None,
            "livemode": False,
            "lookup_key": None,
            "metadata": {},
            "nickname": None,
            "product": product,
            "recurring": None if interval is None else _recurring(interval),
            "tax_behavior": "unspecified",
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "one_time" if interval is None else "recurring",
            "unit_amount": amount,
            "unit_amount_decimal": None if amount is None else str(amount),
        }

    def _price(
        self,
        product: Loose,
        currency: str,
        amount: int,
        interval: str | None,
        *,
        active: bool = True,
        lookup: str | None = None,
        nickname: str | None = None,
    ) -> Loose:
        n = len(self.prices)
        created = product.created + 60 + n % 7
        row = self.price_object(self._ids.make("price_1", n), product.id, currency, amount, interval, created)
        row |= {"active": active, "lookup_key": lookup, "nickname": nickname, "metadata": {"list": "2024"} if lookup else {}}
        self.prices.append(Loose(row["id"], created, row))
        return self.prices[-1]

    def _tiered(self, product: Loose) -> None:
        for currency in ("usd", "eur"):
            row = self._price(product, currency, 0, "month", lookup=f"api_{currency}").object
            tiers = [
                {"flat_amount": None, "flat_amount_decimal": None, "unit_amount": 0, "unit_amount_decimal": "0", "up_to": 1000},
                {"flat_amount": None, "flat_amount_decimal": None, "unit_amount": None, "unit_amount_decimal": "0.125", "up_to": 100000},
                {"flat_amount": 500, "flat_amount_decimal": "500", "unit_amount": None, "unit_amount_decimal": "0.08", "up_to": None},
            ]
            row["recurring"] = {**_recurring("month"), "usage_type": "metered"}
            row["currency_options"][currency]["unit_amount"] = None
            row |= {"billing_scheme": "tiered", "tiers_mode": "graduated", "unit_amount": None, "unit_amount_decimal": None, "tiers": tiers}
        fraction = self._price(product, "usd", 0, "month", nickname="per call").object
        fraction |= {"unit_amount": None, "unit_amount_decimal": "0.000125"}
        pay_what_you_want = self._price(self.products[-1], "usd", 0, None, nickname="tip").object
        pay_what_you_want |= {
            "custom_unit_amount": {"maximum": 50000, "minimum": 100, "preset": 1000},
            "unit_amount": None,
            "unit_amount_decimal": None,
        }


def _option(amount: int | None) -> dict[str, Any]:
    decimal = None if amount is None else str(amount)
    return {"custom_unit_amount": None, "tax_behavior": "unspecified", "unit_amount": amount, "unit_amount_decimal": decimal}


def _recurring(interval: str) -> dict[str, Any]:
    return {"interval": interval, "interval_count": 1, "meter": None, "trial_period_days": None, "usage_type": "licensed"}
