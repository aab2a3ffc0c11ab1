"""Hold one account's generated data, each part made when it is first asked for.

In: seed, scale, now. Out: the parts. Nothing is made at construction, so that a command that reads one small table is fast.
"""

from __future__ import annotations

from functools import cached_property

from stripesql.simulator.business import clocks, discounts, paperwork
from stripesql.simulator.business.accounts import Accounts
from stripesql.simulator.business.billing import Billing
from stripesql.simulator.business.connect import Platform
from stripesql.simulator.business.dates import DAY, midnight
from stripesql.simulator.business.ledger import Ledger
from stripesql.simulator.business.offers import Offers
from stripesql.simulator.business.paperwork import Paperwork
from stripesql.simulator.business.people import People
from stripesql.simulator.business.records import Loose
from stripesql.simulator.ids import Ids

HISTORY_DAYS = 730


class World:
    """Make offers, people, billing and ledger lazily, in that order of need.

    Attributes:
        account_id: id of the account that this is.
        now: server time at creation: nothing is younger, but for what a test clock made.
        empty: no objects at all.
        main: the platform's own data, with connected accounts; False for a connected account.
    """

    def __init__(self, seed: int, scale: float, now: int, *, empty: bool = False, account_id: str | None = None) -> None:
        self.seed, self.scale, self.now, self.empty = seed, scale, now, empty
        self.main = account_id is None
        self.ids = Ids(seed)
        self.account_id = account_id or self.ids.make("acct_1", 0)[:21]
        self.end = midnight(now) + DAY
        self.start = self.end - HISTORY_DAYS * DAY

    @cached_property
    def offers(self) -> Offers:
        """What is sold."""
        return Offers(self.ids, self.start)

    @cached_property
    def people(self) -> People:
        """Who buys. ``billing`` draws on from the same generators, and says who left and who owes."""
        return People(self.ids, self.seed, self.scale, self.start, self.end, self.now)

    @cached_property
    def billing(self) -> Billing:
        """What was bought and paid, reviewed and credited."""
        billing = Billing(self.ids, self.offers, self.people, self.now)
        if self.main:
            clocks.add_customers(self.ids, self.offers, billing, self.people, self.now)
        return billing

    @cached_property
    def credit_notes(self) -> tuple[list[Loose], list[Loose]]:
        """Notes and their lines."""
        return paperwork.credit_notes(self.ids, self.billing)

    @cached_property
    def reviews(self) -> list[Loose]:
        """Reviews, open and closed."""
        return paperwork.reviews(self.ids, self.billing)

    @cached_property
    def paperwork(self) -> Paperwork:
        """Quotes, links, schedules, files."""
        return Paperwork(self.ids, self.offers, self.billing, self.start, self.now)

    @cached_property
    def accounts(self) -> Accounts:
        """The account itself and, for a platform with data, those connected to it."""
        return Accounts(self.ids, self.account_id, self.start, alone=self.empty or not self.main)

    @cached_property
    def platform(self) -> Platform:
        """The money between accounts."""
        return Platform(self.ids, self.finished.till, self.accounts, self.start, self.now)

    @cached_property
    def finished(self) -> Billing:
        """Billing, after everything that marks its records: credited amounts, reviews, schedules."""
        billing = self.billing
        _ = self.credit_notes, self.reviews, self.paperwork
        return billing

    @cached_property
    def ledger(self) -> Ledger:
        """What was booked and paid out."""
        _ = self.platform
        return Ledger(self.ids, self.billing.till, self.start, self.now)

    @cached_property
    def tax_ids(self) -> list[Loose]:
        """Tax ids of the account and of customers."""
        return discounts.tax_ids(self.ids, self.people, self.account_id, self.start)

    def bank(self, currency: str) -> str:
        """Return the id of the bank account that payouts in ``currency`` go to."""
        return self.ids.make("ba_1", sum(currency.encode()))
