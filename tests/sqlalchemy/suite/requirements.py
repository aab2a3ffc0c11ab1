"""Say what the dialect can do, for SQLAlchemy's suite; what is not here is SQLAlchemy's own assumption.

The suite's tables are temporary ones; whole groups that need more of them are skipped by ``conftest``, with the reason.
"""

from __future__ import annotations

from sqlalchemy.testing import exclusions
from sqlalchemy.testing.requirements import SuiteRequirements


def _open(self):
    return exclusions.open()


def _closed(self):
    return exclusions.closed()


class Requirements(SuiteRequirements):
    # Temporary tables alone can be made: without indexes, views, comments, and without schemas of their own.
    index_ddl_if_exists = property(_closed)
    views = property(_closed)
    view_reflection = property(_closed)
    schemas = property(_closed)
    schema_reflection = property(_closed)
    foreign_key_constraint_reflection = property(_closed)
    implements_get_lastrowid = property(_closed)
    # Stripe has no transactions.
    savepoints = property(_closed)
    two_phase_transactions = property(_closed)
    # No field of the API is binary.
    binary_literals = property(_closed)
    binary_comparisons = property(_closed)
    # The engine divides decimals as doubles.
    precision_numerics_many_significant_digits = property(_closed)

    insert_returning = property(_open)
    update_returning = property(_open)
    delete_returning = property(_open)
    insert_executemany_returning = property(_open)
    update_from = property(_open)
    delete_from = property(_open)
    temporary_tables = property(_open)
    temp_table_reflection = property(_closed)
    supports_distinct_on = property(_open)
    supports_is_distinct_from = property(_open)
    window_functions = property(_open)
    ctes = property(_open)
    ctes_with_values = property(_open)
    table_value_constructor = property(_open)
    json_type = property(_open)
    array_type = property(_open)
    uuid_data_type = property(_open)
    datetime_timezone = property(_open)
    datetime_interval = property(_open)
    datetime_literals = property(_open)
    regexp_match = property(_open)
    regexp_replace = property(_open)
    fetch_first = property(_open)
    fetch_percent = property(_open)
    nullsordering = property(_open)
    except_ = property(_open)
    intersect = property(_open)
    standalone_binds = property(_open)
    tuple_in = property(_open)
    tuple_in_w_empty = property(_open)
    bound_limit_offset = property(_open)
    sql_expression_limit_offset = property(_open)
    aggregate_order_by = property(_open)
    supports_bitwise_or = property(_open)
    supports_bitwise_and = property(_open)
    supports_bitwise_not = property(_open)
    supports_bitwise_xor = property(_open)
    supports_bitwise_shift = property(_open)
    comment_reflection = property(_open)
    reflects_pk_names = property(_open)
    index_reflection = property(_open)
    unbounded_varchar = property(_open)
    unicode_data = property(_open)
    implicit_decimal_binds = property(_open)
    float_is_numeric = property(_closed)
    arraysize = property(_open)
    autocommit = property(_open)
    isolation_level = property(_open)
    get_isolation_level_values = property(_open)
    dialect_level_isolation_level_param = property(_open)

    def get_isolation_levels(self, config):
        return {"default": "AUTOCOMMIT", "supported": ["AUTOCOMMIT"]}
