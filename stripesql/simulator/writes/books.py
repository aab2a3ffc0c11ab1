"""Book money: balance transactions, fees, and what is there to pay out.

In: an amount and its source. Out: a row of ``balance_transactions``. Funds of a sale are available on the second day after.
"""

from __future__ import annotations

from stripesql.simulator import singletons
from stripesql.simulator.business import money
from stripesql.simulator.business.dates import DAY, midnight
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes.hand import Hand

CATEGORY = {
    "payment": "charge", "payment_refund": "refund", "stripe_fee": "fee", "payout_cancel": "payout_reversal", "transfer_refund": "transfer_reversal",
    "application_fee_refund": "platform_earning_refund", "application_fee": "platform_earning", "payout_reversal": "payout_reversal",
}  # fmt: skip
_PERCENT, _FIXED = 0.029, 30


def book(
    hand: Hand, kind: str, amount: int, source: str, *, currency: str, fee: int = 0, description: str | None = None, at_once: bool = True,
    rate: float | None = None, category: str | None = None,
) -> str:  # fmt: skip
    """Add a balance transaction and return its id; ``at_once`` makes its funds available today."""
    details = [{"amount": fee, "application": None, "currency": currency, "description": "Stripe processing fees", "type": "stripe_fee"}]
    ready = midnight(hand.now) if at_once else midnight(hand.now) + 2 * DAY
    fields = {
        "amount": amount,
        "available_on": ready,
        "balance_type": "payments",
        "currency": currency,
        "description": description,
        "exchange_rate": rate,
        "fee": fee,
        "fee_details": details if fee else [],
        "net": amount - fee,
        "reporting_category": category or CATEGORY.get(kind, kind),
        "source": source,
        "status": "available" if at_once else "pending",
        "type": kind,
    }
    row_id: str = hand.add("balance_transactions", fields, event=False)["id"]
    return row_id


def fee_of(amount: int, currency: str) -> int:
    """Return the fee on a charge; currencies that the business does not use cost what dollars cost."""
    return money.fee(amount, currency) if currency in money.CURRENCIES and currency != "cad" else round(amount * _PERCENT) + _FIXED


def demand_funds(hand: Hand, amount: int, currency: str) -> None:
    """Refuse to send what is not there.

    Raises:
        ApiError: 400 ``balance_insufficient``.
    """
    available = singletons.balance(hand.account)["available"]
    there = next((entry["amount"] for entry in available if entry["currency"] == currency), 0)
    if amount > there:
        message = f"You have insufficient available funds in your {currency.upper()} account for {amount}: {there} are available."
        raise ApiError(400, message, code="balance_insufficient")
