"""Make what changes a price: coupons, promotion codes, tax rates, tax ids, shipping rates.

In: a world's ids, start, customers. Out: Loose rows.
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator.business.dates import DAY
from stripesql.simulator.business.offers import Offers
from stripesql.simulator.business.people import People
from stripesql.simulator.business.records import Loose
from stripesql.simulator.ids import Ids

COUPONS = (
    ("WELCOME20", 20.0, None),
    ("PARTNER10", 10.0, None),
    ("TENOFF", None, 1000),
    ("half-year", 50.0, None),
    ("ZEROFIVE", 0.5, None),
    ("OLD", 15.0, None),
)


def coupons(offers: Offers, start: int) -> list[Loose]:
    """Return the coupons; their ids are chosen by the caller, as Stripe allows."""
    made = []
    for n, (code, percent, amount) in enumerate(COUPONS):
        at = start + n * 20 * DAY
        row: dict[str, Any] = {
            "id": code,
            "object": "coupon",
            "amount_off": amount,
            "applies_to": {"products": [offers.products[n].id]} if n % 3 == 0 else None,
            "created": at,
            "currency": "usd" if amount else None,
            "currency_options": {"eur": {"amount_off": 900}} if amount else None,
            "duration": ("forever", "repeating", "once")[n % 3],
            "duration_in_months": 6 if n % 3 == 1 else None,
            "livemode": False,
            "max_redemptions": 100 if n == 4 else None,
            "metadata": {"campaign": str(n)},
            "name": code.title(),
            "percent_off": percent,
            "redeem_by": None,
            "times_redeemed": n * 3,
            "valid": code != "OLD",
        }
        made.append(Loose(code, at, row))
    return made


def promotion_codes(ids: Ids, people: People, start: int) -> list[Loose]:
    """Return the codes; the same letters in another case are the same code for the list's filter."""
    made = []
    for n in range(18):
        at, coupon = start + n * 15 * DAY, COUPONS[n % 6][0]
        customer = people.customers[n].id if n % 6 == 5 and n < len(people.customers) else None
        row: dict[str, Any] = {
            "id": ids.make("promo_1", n),
            "object": "promotion_code",
            "active": n % 4 != 3,
            "code": ("Spring", "SPRING", "Launch", "FRIENDS", "friends", "Vip")[n % 6] + ("" if n < 6 else str(n)),
            "created": at,
            "customer": customer,
            "customer_account": None,
            "expires_at": at + 400 * DAY if n % 5 == 0 else None,
            "livemode": False,
            "max_redemptions": None,
            "metadata": {},
            "promotion": {"coupon": coupon, "type": "coupon"},
            "restrictions": {"first_time_transaction": n % 2 == 0, "minimum_amount": None, "minimum_amount_currency": None},
            "times_redeemed": n,
        }
        made.append(Loose(str(row["id"]), at, row))
    return made


def tax_rates(start: int) -> list[Loose]:
    """Return VAT and sales tax, one of them inactive, one inclusive."""
    rates = (
        ("txr_lantern_vat20", "VAT", 20.0, False, True, "GB"),
        ("txr_lantern_vat19", "USt", 19.0, True, True, "DE"),
        ("txr_lantern_sales", "Sales tax", 8.5, False, False, "US"),
    )
    made = []
    for n, (rate_id, name, percent, inclusive, active, country) in enumerate(rates):
        row: dict[str, Any] = {
            "id": rate_id,
            "object": "tax_rate",
            "active": active,
            "country": country,
            "created": start + n * 100,
            "description": None,
            "display_name": name,
            "effective_percentage": percent,
            "flat_amount": None,
            "inclusive": inclusive,
            "jurisdiction": country,
            "jurisdiction_level": "country",
            "livemode": False,
            "metadata": {},
            "percentage": percent,
            "rate_type": "percentage",
            "state": None,
            "tax_type": "vat" if name != "Sales tax" else "sales_tax",
        }
        made.append(Loose(rate_id, start + n * 100, row))
    return made


def tax_ids(ids: Ids, people: People, account_id: str, start: int) -> list[Loose]:
    """Return two of the account's own, and one or more of some European customers (the first has twelve)."""
    made = [_tax_id(ids.make("txi_1", n), start + n, None, account_id, "eu_vat", f"DE12345678{n}") for n in range(2)]
    european = [customer for customer in people.customers if customer.country in ("GB", "DE", "FR", "IE")][::4]
    for n, customer in enumerate(european):
        for k in range(12 if n == 0 else 1):
            kind = "gb_vat" if customer.country == "GB" else "eu_vat"
            made.append(
                _tax_id(
                    ids.make("txi_1", 100 + n * 16 + k),
                    customer.created + 30 + k,
                    customer.id,
                    account_id,
                    kind,
                    f"{customer.country}1{n:04d}{k:04d}",
                )
            )
    return made


def _tax_id(row_id: str, at: int, customer: str | None, account_id: str, kind: str, value: str) -> Loose:
    owner: dict[str, Any] = {
        "account": None,
        "application": None,
        "customer": customer,
        "customer_account": None,
        "type": "customer" if customer else "self",
    }
    verification = (
        {"status": "verified", "verified_address": None, "verified_name": "Lantern"}
        if at % 2
        else {"status": "pending", "verified_address": None, "verified_name": None}
    )
    row: dict[str, Any] = {
        "id": row_id,
        "object": "tax_id",
        "country": value[:2],
        "created": at,
        "customer": customer,
        "customer_account": None,
        "livemode": False,
        "owner": owner,
        "type": kind,
        "value": value,
        "verification": verification,
    }
    return Loose(row_id, at, row)


def shipping_rates(ids: Ids, start: int) -> list[Loose]:
    """Return flat rates, one of them with an option in another currency."""
    made = []
    for n in range(5):
        options = {"eur": {"amount": 450, "tax_behavior": "unspecified"}} if n == 1 else {}
        row: dict[str, Any] = {
            "id": ids.make("shr_1", n),
            "object": "shipping_rate",
            "active": n != 4,
            "created": start + n,
            "delivery_estimate": None,
            "display_name": f"Parcel {n}",
            "fixed_amount": {
                "amount": 500 + n,
                "currency": "usd" if n < 3 else "eur",
                **({"currency_options": options} if options else {}),
            },
            "livemode": False,
            "metadata": {},
            "tax_behavior": "unspecified",
            "tax_code": None,
            "type": "fixed_amount",
        }
        made.append(Loose(str(row["id"]), start + n, row))
    return made
