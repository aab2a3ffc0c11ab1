"""What the simulator states by its own hand agrees with the driver's quirks, or the difference has a reason here."""

from __future__ import annotations

import pytest

from stripesql.catalogue.load import catalogue
from stripesql.catalogue.model import TableShape
from stripesql.simulator import Simulator, hidden, shapes
from stripesql.simulator.embedded import EMBEDDED, EXPAND_ONLY, INCLUDE_ONLY

NOW = 1_790_000_000


@pytest.fixture(scope="module")
def sim():
    return Simulator(scale=0.1, now=NOW)


def tables():
    return [catalogue().table(name) for name in catalogue().table_names()]


def test_both_hide_rows_in_the_same_tables():
    stated = set(hidden.CLOCK_PARENTS) | set(hidden.RULES) | hidden.BEYOND
    noted = {
        table.name
        for table in tables()
        if table.list is not None
        and (table.beyond_list or table.list.variants != ((),) or any("they are gone" in n.rows for n in table.notes))
    }
    exceptions = {
        # Our caution: a booking names no customer, so the simulator cannot tell whose clock made it, and books nothing for clocks.
        "balance_transactions",
        # Not a rule of the list but of its parent: an expired calculation is not found.
        "tax_calculation_line_items",
    }
    assert noted - stated == exceptions
    assert stated - noted == set()


def test_defaults_are_answered_by_the_same_parameters(sim):
    """A parameter that the scan sends in a variant is one with which the simulator's list shows what it hides."""
    for table in tables():
        if table.list is None or table.list.variants == ((),):
            continue
        sent = {name.partition("[")[0] for variant in table.list.variants for name, _ in variant}
        assert sent <= hidden.ASKED_AWAY, table.name


def test_variants_together_list_each_row_once(sim):
    import httpx

    with httpx.Client(transport=sim.transport(), base_url="http://sim", headers={"Authorization": "Bearer sk_test_plain123"}) as http:
        for table in tables():
            if table.list is None or table.list.variants == ((),):
                continue
            found = []
            for variant in table.list.variants:
                after: list[tuple[str, str]] = []
                while True:
                    answer = http.get(table.list.path, params=[*variant, *after, ("limit", "100")]).json()
                    found += [row["id"] for row in answer["data"]]
                    if not answer.get("has_more"):
                        break
                    after = [("starting_after", found[-1])]
            assert sorted(found) == sorted(row["id"] for row in sim.listed(table.name)), table.name


def test_parents_that_show_what_is_on_a_clock_are_those_of_the_notes():
    for name, parents in hidden.CLOCK_PARENTS.items():
        table = catalogue().table(name)
        params = {each.param for each in table.list.filters}
        assert parents <= params, name
        notes = " ".join(note.seen_by for note in table.notes if "clock" in note.rows)
        said = {word for word in ("test_clock", "customer", "subscription") if f"{word} = " in notes}
        # The note of the billing objects speaks of parents in general; refunds and payments of invoices have other ones.
        assert parents & said or name in ("refunds", "invoice_payments"), name
        if name in ("customers", "quotes", "subscriptions", "subscription_schedules"):
            assert parents == said, name


def test_expand_only_fields_are_the_same():
    differ = {}
    for table in tables():
        if table.shape is TableShape.RETRIEVE_ONLY and table.list is None and table.retrieve is None:
            continue
        quirks = {each.expand.partition(".")[0] for each in table.columns if each.expand is not None}
        by_hand = set(EXPAND_ONLY.get(table.name, ())) | {each.field for each in EMBEDDED.get(table.name, ()) if each.on_demand}
        by_hand &= set(shapes.tree(table.name)) | set(EXPAND_ONLY.get(table.name, ()))
        if quirks != by_hand:
            differ[table.name] = (quirks - by_hand, by_hand - quirks)
    assert differ == {
        # The breakdown is expandable inside an object that is always there; the simulator writes it whole.
        "checkout_sessions": ({"total_details"}, set()),
        "quotes": ({"total_details"}, set()),
        # Card numbers are in no list, expanded or not: the driver must not ask for them, and the simulator holds them back.
        "issuing_cards": (set(), {"number", "cvc"}),
    }


def test_v2_fields_that_need_include_are_noted():
    for name in INCLUDE_ONLY:
        notes = [note.rows for note in catalogue().table(name).notes]
        assert [rows for rows in notes if "values of" in rows], name


def test_orders_are_the_same(sim):
    """Where the driver takes a list to be newest first, the simulator's rows descend by that very column."""
    for table in tables():
        if table.list is None or table.list.time_column is None or table.list.required:
            continue
        column = table.column(table.list.time_column)
        rows = sim.objects(table.name)
        times = []
        for row in rows:
            value = row
            for key in column.path:
                value = value[key]
            times.append(value)
        assert times == sorted(times, reverse=True), table.name


def test_line_items_are_in_item_order_and_the_driver_takes_no_order_for_granted(sim):
    for table in tables():
        if table.name.endswith("line_items") and table.list is not None:
            assert table.list.time_column is None, table.name


def test_what_lists_need_is_the_same():
    from stripesql.simulator.filters.lookup import STATED

    for name, filters in STATED.items():
        table = catalogue().table(name)
        stated = {each.param for each in filters if each.required}
        needed = {argument for argument, _ in table.list.required if "{" + argument + "}" not in table.list.path}
        assert stated == needed, name


def test_parameters_are_the_same():
    from stripesql.simulator.filters.lookup import STATED

    for name, filters in STATED.items():
        table = catalogue().table(name)
        stated = {each.param for each in filters if not each.required}
        known = {each.param for each in table.list.filters}
        arguments = {argument for argument, _ in table.list.required}
        pushed = {each.param for each in table.list.filters if each.column is not None and each.exactness.value != "never"}
        # An owner may be an application, in the reference; the spec beside the catalogue has no such field.
        assert stated - known - arguments == ({"owner[application]"} if name == "tax_ids" else set()), name
        assert pushed - stated - arguments == set(), name
