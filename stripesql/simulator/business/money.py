"""Convert and price: what a charge costs in fees, what a list price is in another currency.

In: amounts in minor units. Out: amounts in minor units. Every currency settles in itself, except Canadian dollars, which
settle in US dollars, so that balance transactions with an exchange rate exist.
"""

from __future__ import annotations

CURRENCIES = ("usd", "eur", "gbp", "jpy", "cad", "kwd")
_FACTOR = {"usd": 1.0, "eur": 0.92, "gbp": 0.79, "jpy": 1.5, "cad": 1.36, "kwd": 3.08}
_STEP = {"jpy": 10, "kwd": 10}
_FIXED_FEE = {"usd": 30, "eur": 25, "gbp": 20, "jpy": 0, "kwd": 100}
_PERCENT = {"usd": 0.029, "eur": 0.015, "gbp": 0.015, "jpy": 0.036, "kwd": 0.025}
_DISPUTE_FEE = {"usd": 1500, "eur": 2000, "gbp": 2000, "jpy": 1500, "kwd": 5000}
RATE = 0.7312
"""Canadian to US dollars."""


def local(usd_cents: int, currency: str) -> int:
    """Return a list price in ``currency``; three-decimal amounts end in 0, as Stripe demands.

    >>> local(2900, "jpy"), local(2900, "kwd")
    (4350, 8930)
    """
    step = _STEP.get(currency, 1)
    return round(usd_cents * _FACTOR[currency] / step) * step


def settled(amount: int, currency: str) -> tuple[int, str, float | None]:
    """Return amount, currency and exchange rate as they are booked."""
    if currency == "cad":
        return round(amount * RATE), "usd", RATE
    return amount, currency, None


def fee(amount: int, currency: str) -> int:
    """Return the fee on a charge of ``amount`` in its settlement currency."""
    return round(amount * _PERCENT[currency]) + _FIXED_FEE[currency]


def dispute_fee(currency: str) -> int:
    """Return the fee on a dispute in its settlement currency."""
    return _DISPUTE_FEE[currency]
