"""State which rows a list does not show, by our own hand.

In: the list and the parameters that were given. Out: tests that a row must pass. Sources: parameter and endpoint texts of
the API reference (2026-06-24); the test-clock rule is in "Test clock objects omitted in list all results".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stripesql.simulator.account import Account
    from stripesql.simulator.store import Test

EVENT_DAYS = 30
Given = frozenset[str]
"""Names of the parameters that were sent, without their brackets."""

CLOCK_PARENTS: dict[str, frozenset[str]] = {
    "customers": frozenset({"test_clock"}),
    "subscriptions": frozenset({"test_clock", "customer"}),
    "quotes": frozenset({"test_clock", "customer"}),
    "invoices": frozenset({"customer", "subscription"}),
    "invoice_items": frozenset({"customer", "invoice"}),
    "subscription_schedules": frozenset({"customer"}),
    "charges": frozenset({"customer", "payment_intent"}),
    "payment_intents": frozenset({"customer"}),
    "invoice_payments": frozenset({"invoice"}),
    "payment_methods": frozenset({"customer"}),
    "credit_notes": frozenset({"customer", "invoice"}),
    "promotion_codes": frozenset({"customer"}),
    "setup_intents": frozenset({"customer"}),
    "refunds": frozenset({"charge", "payment_intent"}),
}
"""Objects on a test clock are shown only when one of these parents is asked for. Which those are, their ``test_clock`` says, or
their customer's, or their charge's."""

_Rule = Callable[["Account", "Given"], "Test | None"]


def tests(account: Account, name: str, given: Given) -> list[Test]:
    """Return the tests that say which rows this list shows."""
    found: list[Test] = [lambda row: not getattr(row, "beyond_list", False)] if name in BEYOND else []
    parents = CLOCK_PARENTS.get(name)
    if parents is not None and not given & parents:
        found.append(_off_clock(account, name))
    rule = RULES.get(name)
    test = rule(account, given) if rule is not None else None
    return found if test is None else [*found, test]


def _off_clock(account: Account, name: str) -> Test:
    """Let through what is on no test clock."""
    shelf, clocked = account.shelf(name), _clocked_customers(account)
    clock, customer, charge = shelf.reader("test_clock"), shelf.reader("customer"), shelf.reader("charge")
    if name != "refunds":
        return lambda row: clock(row) is None and (not clocked or customer(row) not in clocked)
    charges = {row.id for one in clocked for row in account.shelf("charges").having("customer", one)}
    return lambda row: charge(row) not in charges


def _clocked_customers(account: Account) -> frozenset[str]:
    customers = account.shelf("customers")
    clocks = [row.id for row in account.shelf("test_helpers_test_clocks").all()]
    return frozenset(row.id for clock in clocks for row in customers.having("test_clock", clock))


def complete(account: Account, name: str) -> list[Test]:
    """Return the tests of the rows that all ways of listing the whole table show together."""
    return tests(account, name, ASKED_AWAY)


ASKED_AWAY = frozenset({"status", "statuses", "active", "closed"})
"""Parameters with which a list shows what it hides by default: ``status=all``, each of ``statuses``, both values of ``active`` and
``closed``."""


def _unless(param: str | None, name: str, field: str, shown: Callable[[Any], bool]) -> _Rule:
    """Show rows whose ``field`` passes, unless ``param`` is given."""

    def rule(account: Account, given: Given) -> Test | None:
        if param is not None and param in given:
            return None
        read = account.shelf(name).reader(field)
        return lambda row: shown(read(row))

    return rule


def _recent(name: str) -> _Rule:
    def rule(account: Account, given: Given) -> Test:
        oldest = account.now() - EVENT_DAYS * 86_400
        return lambda row: row.created >= oldest

    return rule


def _not_own(account: Account, given: Given) -> Test:
    return lambda row: row.id != account.id


def _own_tax_ids(account: Account, given: Given) -> Test | None:
    if "owner" in given:
        return None
    read = account.shelf("tax_ids").reader("owner")
    return lambda row: (read(row) or {}).get("type") == "self"


BEYOND = frozenset({"prices", "plans"})
"""Lists of tables that hold rows which no list shows (prices made inline)."""

RULES: dict[str, _Rule] = {
    "accounts": _not_own,
    "billing_alerts": _unless(None, "billing_alerts", "status", lambda status: status != "archived"),
    "events": _recent("events"),
    "payment_methods": _unless("type", "payment_methods", "type", lambda kind: kind != "custom"),
    "prices": _unless("active", "prices", "active", bool),
    "reviews": _unless(None, "reviews", "open", bool),
    "subscriptions": _unless("status", "subscriptions", "status", lambda status: status != "canceled"),
    "tax_ids": _own_tax_ids,
    "tax_registrations": _unless("status", "tax_registrations", "status", lambda status: status == "active"),
    "v2_core_accounts": _unless("closed", "v2_core_accounts", "closed", lambda closed: not closed),
    "v2_core_events": _recent("v2_core_events"),
    "v2_money_management_financial_accounts": _unless(
        "statuses", "v2_money_management_financial_accounts", "status", lambda status: status != "closed"
    ),
}
