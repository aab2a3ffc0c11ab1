"""The order of a join and the way to each table, by price."""

from __future__ import annotations

import pytest

from stripesql.catalogue.load import catalogue
from stripesql.catalogue.model import Table
from stripesql.plan.joins import Joined, Way, choose
from stripesql.plan.planner import Question, plan_scan
from stripesql.plan.price import Known, Size, part_kept, signature, size_of
from stripesql.predicate import Comparison, Conjunct, Instant, NullTest, Opaque, Operator

Links = tuple[tuple[str, str, str], ...]


def table(name: str) -> Table:
    found = catalogue().table(name)
    assert found is not None
    return found


def equal(column: str, value: str | bool) -> Conjunct:
    return Conjunct(Comparison(column, Operator.EQ, value), f"{column} = {value}")


def joined(name: str, links: Links = (), *conjuncts: Conjunct, size: Size | None = None, kept: float = 1.0) -> Joined:
    plan = plan_scan(Question(table(name), conjuncts, find=catalogue().table))
    return Joined(name, plan, table(name), links, size or size_of(plan, Known()), kept)


CHARGES: Links = (("customer", "customers", "id"),)
CUSTOMERS: Links = (("id", "charges", "customer"),)


def ways(*tables: Joined) -> dict[str, Way]:
    return {name: reached.way for name, reached in choose(tables).items()}


def test_one_table_is_read_on_its_own() -> None:
    assert ways(joined("charges")) == {"charges": Way.ALONE}


def test_a_foreign_key_is_expanded() -> None:
    assert ways(joined("charges", CHARGES), joined("customers", CUSTOMERS)) == {"charges": Way.ALONE, "customers": Way.EXPAND}


def test_the_selective_side_is_first() -> None:
    found = ways(joined("charges", CHARGES), joined("customers", CUSTOMERS, equal("email", "a@x.example")))
    assert list(found.items()) == [("customers", Way.ALONE), ("charges", Way.PER_KEY)]


def test_the_side_that_an_outer_join_keeps_is_not_restricted() -> None:
    assert ways(joined("charges", CHARGES), joined("customers")) == {"charges": Way.ALONE, "customers": Way.ALONE}


def test_a_full_list_does_not_stand_in_for_look_ups_of_rows_that_it_does_not_show() -> None:
    found = choose([joined("charges", CHARGES, size=Size(9e6, 9e4)), joined("customers", CUSTOMERS, size=Size(5, 1))])
    assert {name: reached.way for name, reached in found.items()} == {"charges": Way.ALONE, "customers": Way.EXPAND}


def test_an_object_inside_an_expanded_one_is_expanded_through_it() -> None:
    found = choose(
        [
            joined("refunds"),
            joined("charges", (("id", "refunds", "charge"),)),
            joined("customers", (("id", "charges", "customer"),)),
        ]
    )
    assert (found["customers"].root, found["customers"].path) == ("refunds", ("charge", "customer"))


def test_expanding_goes_no_deeper_than_stripe_does() -> None:
    tables = [
        joined("refunds"),
        joined("charges", (("id", "refunds", "charge"),)),
        joined("payment_intents", (("id", "charges", "payment_intent"),)),
        joined("customers", (("id", "payment_intents", "customer"),)),
        joined("test_helpers_test_clocks", (("id", "customers", "test_clock"),)),
    ]
    found = choose(tables)
    assert found["customers"].way is Way.EXPAND
    assert found["test_helpers_test_clocks"].way is not Way.EXPAND


def test_rows_that_a_parameter_alone_knows_are_not_expanded() -> None:
    listed = joined("balance_transactions", (("id", "charges", "balance_transaction"),), equal("payout", "po_1"))
    found = choose([joined("charges"), Joined(listed.name, listed.plan, listed.table, listed.links, listed.size, listed_only=True)])
    assert found["balance_transactions"].way is Way.ALONE


def test_the_other_ways_have_their_prices() -> None:
    found = choose([joined("charges", CHARGES), joined("customers", CUSTOMERS, equal("email", "a@x.example"))])
    assert dict(found["charges"].alternatives) == {Way.ALONE: 50}
    assert found["charges"].price == 3


def test_keys_that_fail_a_test_are_not_counted() -> None:
    kept = part_kept((equal("name", "x"), Conjunct(Opaque(), "random() < 0.5")), ("name = x", "random() < 0.5"))
    assert 0 < kept < 1
    assert part_kept((equal("name", "x"),), ()) == 1.0
    assert part_kept((Conjunct(NullTest("name", negated=True), "name IS NOT NULL"),), ("name IS NOT NULL",)) == 1.0


# -- sizes


def sized(name: str, *conjuncts: Conjunct, known: Known | None = None) -> Size:
    return size_of(plan_scan(Question(table(name), conjuncts)), known or Known(now_s=1_790_000_000))


def test_a_retrieve_is_known() -> None:
    assert sized("charges", equal("id", "ch_1")) == Size(1, 1, known=True)


def test_what_was_seen_is_known() -> None:
    plan = plan_scan(Question(table("charges")))
    assert size_of(plan, Known({signature(plan): Size(2234, 23, known=True)})) == Size(2234, 23, known=True)


def test_what_is_expanded_makes_no_other_scan() -> None:
    plain, expanded = (plan_scan(Question(table("charges"), expand_paths=paths)) for paths in ((), ("customer",)))
    assert signature(plain) == signature(expanded)


def test_a_part_is_no_more_than_the_whole_that_was_seen() -> None:
    whole = plan_scan(Question(table("subscriptions")))
    known = Known({signature(whole): Size(150, 2, known=True)})
    assert sized("subscriptions", equal("status", "active"), known=known).requests <= 2


@pytest.mark.parametrize(
    ("fewer", "more"),
    [
        (equal("status", "past_due"), equal("status", "active")),
        (equal("customer", "cus_1"), equal("status", "active")),
        (
            Conjunct(Comparison("created", Operator.GE, Instant((1_790_000_000 - 86_400) * 1_000_000)), "a day"),
            Conjunct(Comparison("created", Operator.GE, Instant((1_790_000_000 - 400 * 86_400) * 1_000_000)), "a year"),
        ),
    ],
)
def test_narrower_parameters_leave_fewer_rows(fewer: Conjunct, more: Conjunct) -> None:
    assert sized("subscriptions", fewer).rows < sized("subscriptions", more).rows
