"""State the test cards and tokens, which exist everywhere without having been made.

In: an id such as ``pm_card_visa`` or ``tok_visa``. Out: what the card is like, and what happens when it is charged.
Source: docs, Testing, 2026-06.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Card:
    """Say a test card.

    Attributes:
        brand: visa, mastercard, ...
        last4: last four digits.
        funding: credit, debit, prepaid.
        country: of its bank.
        declines: decline code of every charge, or None.
        code: error code of a decline.
        attaches: it can be saved to a customer.
        asks: a charge must be authenticated first.
    """

    brand: str
    last4: str
    funding: str = "credit"
    country: str = "US"
    declines: str | None = None
    code: str = "card_declined"
    attaches: bool = True
    asks: bool = False


_DECLINES: dict[str, tuple[str, str, str]] = {
    "chargeDeclined": ("generic_decline", "card_declined", "0002"),
    "visa_chargeDeclined": ("generic_decline", "card_declined", "0002"),
    "visa_chargeDeclinedInsufficientFunds": ("insufficient_funds", "card_declined", "9995"),
    "chargeDeclinedInsufficientFunds": ("insufficient_funds", "card_declined", "9995"),
    "visa_chargeDeclinedLostCard": ("lost_card", "card_declined", "9987"),
    "visa_chargeDeclinedStolenCard": ("stolen_card", "card_declined", "9979"),
    "chargeDeclinedFraudulent": ("fraudulent", "card_declined", "0019"),
    "chargeDeclinedExpiredCard": ("expired_card", "expired_card", "0069"),
    "chargeDeclinedIncorrectCvc": ("incorrect_cvc", "incorrect_cvc", "0127"),
    "chargeDeclinedProcessingError": ("processing_error", "processing_error", "0119"),
    "visa_chargeDeclinedVelocityLimitExceeded": ("card_velocity_exceeded", "card_declined", "6975"),
    "radarBlock": ("fraudulent", "card_declined", "0101"),
}
CARDS: dict[str, Card] = {
    "visa": Card("visa", "4242"),
    "visa_debit": Card("visa", "5556", "debit"),
    "mastercard": Card("mastercard", "4444"),
    "mastercard_debit": Card("mastercard", "3222", "debit"),
    "mastercard_prepaid": Card("mastercard", "5100", "prepaid"),
    "amex": Card("amex", "8431"),
    "discover": Card("discover", "9424"),
    "diners": Card("diners", "0505"),
    "jcb": Card("jcb", "0505"),
    "unionpay": Card("unionpay", "0005"),
    "gb": Card("visa", "0000", country="GB"),
    "de": Card("visa", "0004", country="DE"),
    "fr": Card("visa", "0003", country="FR"),
    "jp": Card("visa", "0003", country="JP"),
    "ca": Card("visa", "0000", country="CA"),
    "bypassPending": Card("visa", "0077"),
    "createDispute": Card("visa", "0259"),
    "createDisputeInquiry": Card("visa", "1976"),
    "authenticationRequired": Card("visa", "3184", asks=True),
    "threeDSecure2Required": Card("visa", "3220", asks=True),
    "threeDSecureRequired": Card("visa", "3063", asks=True),
    "authenticationRequiredOnSetup": Card("visa", "3155", asks=True),
    "chargeCustomerFail": Card("visa", "0341", declines="generic_decline"),
    **{
        name: Card("visa", last4, declines=decline, code=code, attaches=False)
        for name, (decline, code, last4) in _DECLINES.items()
    },
}  # fmt: skip
MESSAGES = {
    "card_declined": "Your card was declined.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "insufficient_funds": "Your card has insufficient funds.",
}
NUMBERS = {
    "4242424242424242": "visa", "4000056655665556": "visa_debit", "5555555555554444": "mastercard", "378282246310005": "amex", "6011111111111117": "discover",
    "4000000000000002": "chargeDeclined", "4000000000009995": "visa_chargeDeclinedInsufficientFunds", "4000000000009987": "visa_chargeDeclinedLostCard",
    "4000000000009979": "visa_chargeDeclinedStolenCard", "4000000000000069": "chargeDeclinedExpiredCard", "4000000000000127": "chargeDeclinedIncorrectCvc",
    "4000000000000119": "chargeDeclinedProcessingError", "4000000000000341": "chargeCustomerFail", "4000000000000077": "bypassPending",
    "4000002500003155": "authenticationRequiredOnSetup", "4000002760003184": "authenticationRequired", "4000000000003220": "threeDSecure2Required",
    "4000000000000259": "createDispute",
}  # fmt: skip


def card_of(value: str) -> Card | None:
    """Return the test card that an id or a token names, or None."""
    for prefix in ("pm_card_", "tok_"):
        if value.startswith(prefix):
            return CARDS.get(value.removeprefix(prefix))
    return None


def is_magic(value: str) -> bool:
    """Say whether the id exists everywhere."""
    return card_of(value) is not None or value in BANKS


BANKS = {
    "pm_usBankAccount_success": "us_bank_account",
    "pm_sepaDebit": "sepa_debit",
    "btok_us_verified": "bank_account",
    "btok_us": "bank_account",
    "tok_bank": "bank_account",
}
