"""Hold the law for rows that no full list shows: by id, by a parent or by a key they may be reached, and never invented.

With L the rows that full lists show and T all true rows: not pushed down, a query gives exactly SQL over L. Pushed down,
a query whose answer grows with its tables gives at least SQL over L and at most SQL over T; so it does where Search may
answer, which knows every row.
"""

from collections import Counter

import pytest
from exactness.answers import Ways, report
from exactness.drawing import AT_NIGHT, CALM, examples
from exactness.queries import monotone
from exactness.tables import NOW
from exactness.worlds import completed, filled
from hypothesis import event, given, settings

OF_CLOCKS = ("subscriptions", "invoices", "invoice_items", "subscription_schedules", "charges", "payment_intents", "promotion_codes")
"""Tables whose rows a list leaves out when their customer is on a test clock."""
CHILDREN = {"subscription_items": "subscription", "invoice_line_items": "invoice", "refunds": "charge"}
"""Tables whose rows are hidden with their parent's."""


def twist(table: str, seed: int, found: dict) -> dict:
    """Make every fourth row one that no list shows."""
    if seed % 4 == 1:
        match table:
            case "reviews":
                found["open"] = False
            case "customers":
                found["test_clock"] = "clock_1"
            case "events":
                found["created"] = NOW - 31 * 86_400
    return found


def hidden_from_lists(account, inline: frozenset[str]):
    """Return the test that says whether a row is in T and not in L."""
    clocked = {each["id"] for each in account.objects("customers") if each["test_clock"] is not None}

    def is_hidden(table: str, found: dict) -> bool:
        if table in CHILDREN:
            parent_table = {"subscription": "subscriptions", "invoice": "invoices", "charge": "charges"}[CHILDREN[table]]
            parent = next((each for each in account.objects(parent_table) if each["id"] == found[CHILDREN[table]]), None)
            return parent is not None and is_hidden(parent_table, parent)
        match table:
            case "reviews":
                return not found["open"]
            case "customers":
                return found["id"] in clocked
            case "prices":
                return found["id"] in inline
        return table in OF_CLOCKS and found["customer"] in clocked

    return is_hidden


def made_inline(account, world) -> frozenset[str]:
    """Make every fourth price one that was made inline."""
    ids = frozenset(f"prices_{index}" for index, seed in enumerate(world.get("prices", ())) if seed % 4 == 1)
    for each in ids:
        account._account(None).shelf("prices").get(each).beyond_list = True  # insert has no such argument
    return ids


@pytest.fixture(scope="module")
def ways():
    return Ways()


@settings(CALM, max_examples=100)
@given(example=examples(monotone))
def test_rows_beyond_lists_are_reached_or_not_and_never_invented(ways, example):
    hold(ways, example)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@AT_NIGHT
@given(example=examples(monotone))
def test_many_more_rows_beyond_lists(ways, example):
    hold(ways, example)


def hold(ways, example):
    zone, query, world, informed = example
    account = filled(world, twist)
    account.insert("test_helpers_test_clocks", {"id": "clock_1"})
    is_hidden = hidden_from_lists(account, made_inline(account, completed(world)))
    ways.take(account, query.tables, zone, without=gone)
    most = ways.brute(query.sql.plain)
    ways.take(account, query.tables, zone, without=lambda table, found: gone(table, found) or is_hidden(table, found))
    least = ways.brute(query.sql.plain)
    for table in query.tables if informed else ():
        ways.ask(f"SELECT count(*) FROM {table}", pushdown=True)
    pushed, unpushed = ways.ask(query.sql.ours, pushdown=True), ways.ask(query.sql.ours, pushdown=False)
    if most.error or least.error:
        return
    event("a hidden row would be in the answer" if most.rows != least.rows else "no hidden row is involved")
    problems = [each.error for each in (pushed, unpushed) if each.error]
    problems += ["pushed: rows are missing"] * bool(Counter(least.rows) - Counter(pushed.rows))
    problems += ["pushed: rows are invented"] * bool(Counter(pushed.rows) - Counter(most.rows))
    searched = ways.search(query.sql.ours)
    problems += ["searched: rows are missing"] * bool(Counter(least.rows) - Counter(searched.rows))
    problems += ["searched: rows are invented"] * bool(Counter(searched.rows) - Counter(most.rows))
    problems += ["not pushed: not the rows of the lists"] * (Counter(unpushed.rows) != Counter(least.rows))
    assert not problems, report(query, world, zone, least, pushed, unpushed, problems)


def gone(table: str, found: dict) -> bool:
    """Say whether a row is an event that Stripe no longer has."""
    return table == "events" and found["created"] < NOW - 30 * 86_400
