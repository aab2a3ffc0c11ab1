"""Lists without a range that surely holds all their rows are read page after page, whatever the crew."""

import importlib.util
from pathlib import Path

import pytest
from slicing.lists import NOW, hold, plan_of, read

from stripesql.catalogue.load import catalogue
from stripesql.scan.ranges import range_parameter, why_serial
from stripesql.simulator import Simulator

TOOL = Path(__file__).parents[2] / "tools" / "write_reading_page.py"


def filled(table: str, fields: list[dict]) -> Simulator:
    sim = Simulator(empty=True, now=NOW)
    for n, each in enumerate(fields):
        sim.insert(table, {"id": f"row_{n}", **each})
    return sim


COUNTER_EXAMPLES = {
    # Accounts that did not come from the platform's own API have no time of creation: no range would hold them.
    "accounts": [{"created": None if n % 3 else NOW - 60 * n} for n in range(40)],
    # The parameter is called created and compares date.
    "invoice_items": [{"date": NOW - 60 * n} for n in range(40)],
    "payment_links": [{} for _ in range(40)],
    "billing_meters": [{"created": NOW - 60 * n} for n in range(40)],
    "topups": [{"created": NOW - 60 * n} for n in range(40)],
    "apps_installs": [{"created": NOW - 60 * n} for n in range(40)],
    "identity_verification_reports": [{"created": NOW - 60 * n} for n in range(40)],
}


@pytest.mark.parametrize("table", COUNTER_EXAMPLES)
def test_no_range_is_asked_for_and_every_row_comes_once(table):
    if table == "topups" and range_parameter(catalogue().table(table)) is not None:
        pytest.skip("reviewed since")
    sim = filled(table, COUNTER_EXAMPLES[table])
    found = read(sim, plan_of(table), seed=1, workers=4)
    hold(found, {row["id"] for row in sim.listed(table)})
    assert len(found.ids) >= 40
    assert {name for asked in sim.log for name, _ in asked.params} <= {"limit", "starting_after"}
    assert [page for page in found.pages if page == 3] == found.pages[:-1], "in order, page after page"


def test_a_list_that_can_be_cut_is_cut():
    sim = filled("charges", [{"created": NOW - 60 * n} for n in range(40)])
    read(sim, plan_of("charges"), seed=1, workers=4)
    assert {name for asked in sim.log for name, _ in asked.params} >= {"created[gte]", "created[lte]"}


def test_every_list_is_cut_or_has_a_reason():
    for table in catalogue().tables():
        assert (range_parameter(table) is None) == (why_serial(table) is not None)
        if range_parameter(table) is not None:
            column = table.column("created")
            assert column is not None
            assert table.list.time_column == "created"


def test_the_page_of_the_documentation_says_what_is_done():
    spec = importlib.util.spec_from_file_location("write_reading_page", TOOL)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page(), "run tools/write_reading_page.py"
