"""Run SQLAlchemy's own dialect suite; the tables that it makes are temporary ones of one connection.

Run it in this folder: ``python -m pytest -c pytest.ini``; ``-rs`` shows the reason of each skip. Never with
``--dropfirst``, which would ask for every table of Stripe's to be dropped (and be refused).
"""

from __future__ import annotations

import pytest
from sqlalchemy.pool import StaticPool
from sqlalchemy.testing import provision
from sqlalchemy.testing.plugin.pytestplugin import *  # noqa: F403
from sqlalchemy.testing.plugin.pytestplugin import pytest_collection_modifyitems as suites_own_choice

from stripesql.sqlalchemy.dialect import StripeDialect

REFLECTION = (
    "reads back indexes, constraints, comments and views of tables that it makes: of a temporary table only columns and key reflect"
)
GROUPS = {
    "AutocommitIsolationTest": "needs two isolation levels, and there is one",
    "BizarroCharacterTest": REFLECTION,
    "ComponentReflectionTest": REFLECTION,
    "ComponentReflectionTestExtra": REFLECTION,
    "CompositeKeyReflectionTest": REFLECTION,
    "HasIndexTest": REFLECTION,
    "HasTableTest": "looks from another connection than the one that made the table",
    "LongNameBlowoutTest": REFLECTION,
    "OneConnectionTablesTest": REFLECTION,
    "QuotedNameArgumentTest": REFLECTION,
    "ReflectionTest": REFLECTION,
    "TableNoColumnsTest": "makes tables without columns, which the engine has not",
}
COMMENTS = "comments a table that it makes, and temporary tables have no comments"
SKIPPED = {
    "test_add_table_comment": COMMENTS,
    "test_drop_table_comment": COMMENTS,
    "test_dialect_user_setting_is_restored": "needs two isolation levels, and there is one",
    "test_round_trip_custom_json": "gives a JSON decoder to the engine, and the driver decodes",
    "test_without_metadata": "CREATE TABLE AS without TEMPORARY",
}
BYTES = "no field of the API is binary: a parameter of bytes is refused"
DIVIDES = "the engine divides decimals as doubles: 17 digits"


class Temporary(StripeDialect.ddl_compiler):
    """Write every table of the suite as a temporary one."""

    def visit_create_table(self, create, **kw):
        create.element._prefixes = ["TEMPORARY"]
        return super().visit_create_table(create, **kw)


StripeDialect.ddl_compiler = Temporary
# Temporary tables are one connection's own.
StripeDialect.get_pool_class = classmethod(lambda cls, url: StaticPool)


@provision.temp_table_keyword_args.for_db("stripe")
def prefix(cfg, engine):
    return {"prefixes": ["TEMPORARY"]}


def make_anew(connection, cfg, metadata):
    """Empty the tables; the engine cannot delete rows that refer to each other at once."""
    for table in reversed(metadata.sorted_tables):
        table.drop(connection, checkfirst=True)
    for table in metadata.sorted_tables:
        table.create(connection)


if hasattr(provision, "delete_from_all_tables"):
    provision.delete_from_all_tables.for_db("stripe")(make_anew)
else:
    # SQLAlchemy 1.4 empties tables in one way only.
    GROUPS["CTETest"] = "deletes rows that refer to each other at once, which the engine cannot"
    SKIPPED["test_autoclose_on_insert"] = GROUPS["HasTableTest"]


def pytest_collection_modifyitems(session, config, items):
    suites_own_choice(session, config, items)
    for item in items:
        reason = GROUPS.get(item.cls.__name__.partition("_stripe")[0]) or SKIPPED.get(item.originalname)
        if "LargeBinary" in item.name:
            reason = BYTES
        if reason is not None:
            item.add_marker(pytest.mark.skip(reason=reason))
        if "numeric_38_digit_divisor" in item.name:
            item.add_marker(pytest.mark.xfail(reason=DIVIDES, strict=True))
