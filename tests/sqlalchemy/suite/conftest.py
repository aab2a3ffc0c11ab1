"""Run SQLAlchemy's own dialect suite, of which only what needs no table of its own can run.

Run it in this folder: ``python -m pytest -c pytest.ini``; ``-rs`` shows the reason of each skip. Never with
``--dropfirst``, which would ask for every table of Stripe's to be dropped (and be refused).
"""

from __future__ import annotations

import pytest
from sqlalchemy.testing.plugin.pytestplugin import *  # noqa: F403
from sqlalchemy.testing.plugin.pytestplugin import pytest_collection_modifyitems as suites_own_choice

NO_TABLES = "makes tables of its own, and the tables are Stripe's"
# They make a table inside the test, where the suite has no requirement for that alone.
MAKE_TABLES = {"test_percent_sign_round_trip", "test_nolength_string", "test_add_table_comment", "test_drop_table_comment"}
SKIPPED = {"test_dialect_user_setting_is_restored": "needs two isolation levels, and there is one"}
DIVIDES = "the engine divides decimals as doubles: 17 digits"


def pytest_collection_modifyitems(session, config, items):
    suites_own_choice(session, config, items)
    for item in items:
        if makes_tables(item):
            item.add_marker(pytest.mark.skip(reason=NO_TABLES))
        if item.originalname in SKIPPED:
            item.add_marker(pytest.mark.skip(reason=SKIPPED[item.originalname]))
        if "numeric_38_digit_divisor" in item.name:
            item.add_marker(pytest.mark.xfail(reason=DIVIDES, strict=True))


def makes_tables(item):
    from sqlalchemy.testing import fixtures  # usable only after the plugin has started

    if item.originalname in MAKE_TABLES:
        return True
    if issubclass(item.cls, fixtures.TablesTest):
        return item.cls.define_tables.__func__ is not fixtures.TablesTest.define_tables.__func__
    return "metadata" in item.fixturenames
