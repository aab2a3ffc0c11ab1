"""Hold the driver against PEP 249, sentence by sentence, in the order of the PEP."""

import datetime as dt
import inspect
import math
import time
import uuid
from decimal import Decimal

import pytest

import stripesql
from stripesql.simulator import Simulator


@pytest.fixture(scope="module")
def sim():
    return Simulator(scale=0.2)


@pytest.fixture
def connection(sim):
    sim.faults.clear()
    sim.hooks.clear()
    sim.clear_log()
    with stripesql.connect(demo=True, transport=sim.transport()) as connection:
        yield connection


@pytest.fixture
def cursor(connection):
    with connection.cursor() as cursor:
        yield cursor


# -- module interface


def test_module_globals_say_level_threads_and_style():
    assert (stripesql.apilevel, stripesql.threadsafety, stripesql.paramstyle) == ("2.0", 2, "qmark")


def test_connect_returns_a_connection_and_sends_nothing(sim):
    sim.clear_log()
    with stripesql.connect(demo=True, transport=sim.transport()) as connection:
        assert isinstance(connection, stripesql.Connection)
    assert sim.log == []


TREE = {
    "Warning": Exception,
    "Error": Exception,
    "InterfaceError": stripesql.Error,
    "DatabaseError": stripesql.Error,
    "DataError": stripesql.DatabaseError,
    "OperationalError": stripesql.DatabaseError,
    "IntegrityError": stripesql.DatabaseError,
    "InternalError": stripesql.DatabaseError,
    "ProgrammingError": stripesql.DatabaseError,
    "NotSupportedError": stripesql.DatabaseError,
}


@pytest.mark.parametrize(("name", "parent"), TREE.items())
def test_exceptions_form_the_tree_of_the_pep(name, parent):
    assert getattr(stripesql, name).__bases__ == (parent,)


@pytest.mark.parametrize("name", TREE)
def test_exceptions_are_attributes_of_the_connection(connection, name):
    assert getattr(connection, name) is getattr(stripesql, name)
    assert getattr(type(connection), name) is getattr(stripesql, name)


def test_all_other_errors_of_the_package_belong_to_the_tree():
    from stripesql import errors

    ours = [each for each in vars(errors).values() if inspect.isclass(each) and issubclass(each, Exception)]
    assert all(issubclass(each, stripesql.Error) for each in ours if each is not stripesql.Warning)


# -- connection objects


def test_close_makes_the_connection_unusable(connection):
    cursor = connection.cursor()
    connection.close()
    for use in (
        connection.cursor,
        connection.commit,
        connection.rollback,
        lambda: connection.execute("SELECT 1"),
        lambda: connection.register("a", {"a": [1]}),
    ):
        with pytest.raises(stripesql.InterfaceError, match="connection is closed"):
            use()
    for use in (
        lambda: cursor.execute("SELECT 1"),
        cursor.fetchone,
        cursor.fetchmany,
        cursor.fetchall,
        cursor.nextset,
        lambda: next(cursor),
    ):
        with pytest.raises(stripesql.InterfaceError, match="closed"):
            use()


def test_closing_twice_is_harmless(connection):
    cursor = connection.cursor()
    cursor.close()
    cursor.close()
    connection.close()
    connection.close()


def test_commit_and_rollback_do_nothing_and_return_none(connection, sim):
    assert connection.commit() is None
    assert connection.rollback() is None
    assert sim.log == []


def test_autocommit_is_on_and_cannot_be_changed(connection):
    assert connection.autocommit is True
    connection.autocommit = True
    with pytest.raises(stripesql.NotSupportedError):
        connection.autocommit = False


@pytest.mark.parametrize("statement", ["BEGIN", "COMMIT", "ROLLBACK", "START TRANSACTION"])
def test_transaction_statements_are_accepted_without_effect(cursor, statement):
    assert cursor.execute(statement).description is None


def test_connection_is_a_context_manager_that_closes(sim):
    with stripesql.connect(demo=True, transport=sim.transport()) as connection:
        pass
    with pytest.raises(stripesql.InterfaceError):
        connection.cursor()


def test_two_cursors_of_one_connection_are_read_in_turns(connection):
    left, right = connection.cursor(), connection.cursor()
    left.execute("SELECT id FROM customers")
    right.execute("SELECT id, amount FROM charges")
    lefts, rights = [], []
    while True:
        a, b = left.fetchmany(7), right.fetchmany(11)
        lefts += a
        rights += b
        if not a and not b:
            break
    assert lefts == connection.execute("SELECT id FROM customers").fetchall()
    assert rights == connection.execute("SELECT id, amount FROM charges").fetchall()


# -- cursor attributes


def test_description_is_none_before_a_statement_and_after_one_without_rows(cursor):
    assert cursor.description is None
    cursor.execute("SELECT 1")
    assert cursor.description is not None
    cursor.execute("SET timezone = 'UTC'")
    assert cursor.description is None


def test_description_holds_sevens_that_outlive_the_rows(cursor):
    cursor.execute("SELECT id, created, metadata, livemode AS live FROM customers LIMIT 2")
    before = list(cursor.description)
    assert [len(column) for column in before] == [7] * 4
    assert [column[:2] for column in before] == [
        ("id", "VARCHAR"),
        ("created", "TIMESTAMP WITH TIME ZONE"),
        ("metadata", "JSON"),
        ("live", "BOOLEAN"),
    ]
    cursor.fetchall()
    assert cursor.description == before


def test_description_is_none_after_a_statement_that_failed(cursor):
    cursor.execute("SELECT 1")
    with pytest.raises(stripesql.UnknownName):
        cursor.execute("SELECT nothing FROM customers")
    assert cursor.description is None


def test_description_is_there_when_no_row_is(cursor):
    cursor.execute("SELECT id FROM customers WHERE id = 'cus_none'")
    assert [column[0] for column in cursor.description] == ["id"]
    assert cursor.fetchall() == []


@pytest.mark.parametrize(
    ("expression", "group"),
    [
        ("'a'", "STRING"), ("'[]'::JSON", "STRING"), ("uuid()", "STRING"), ("'a'::ENUM('a')", "STRING"),
        ("1", "NUMBER"), ("1::HUGEINT", "NUMBER"), ("1.5", "NUMBER"), ("1::DOUBLE", "NUMBER"), ("true", "NUMBER"), ("1::UTINYINT", "NUMBER"),
        ("now()", "DATETIME"), ("current_date", "DATETIME"), ("TIME '10:00'", "DATETIME"), ("TIMESTAMP '2020-01-01'", "DATETIME"), ("INTERVAL 1 DAY", "DATETIME"),
        ("'a'::BLOB", "BINARY"),
    ],
)  # fmt: skip
def test_type_codes_compare_equal_to_one_type_object(cursor, expression, group):
    kind = cursor.execute(f"SELECT {expression}").description[0][1]
    groups = ["STRING", "BINARY", "NUMBER", "DATETIME", "ROWID"]
    assert [name for name in groups if getattr(stripesql, name) == kind] == [group]
    assert [name for name in groups if kind == getattr(stripesql, name)] == [group]
    assert [name for name in groups if getattr(stripesql, name) != kind] == [name for name in groups if name != group]


def test_type_objects_are_hashable():
    assert len({stripesql.STRING, stripesql.BINARY, stripesql.NUMBER, stripesql.DATETIME, stripesql.ROWID}) == 5
    assert {stripesql.STRING: 1}[stripesql.STRING] == 1


def test_rowcount_is_minus_one_until_it_is_known(cursor):
    assert cursor.rowcount == -1
    cursor.execute("SELECT id FROM customers LIMIT 3")
    assert cursor.rowcount == -1
    cursor.fetchall()
    assert cursor.rowcount == 3
    cursor.execute("SELECT 1")
    assert cursor.rowcount == -1


# -- cursor methods


def test_callproc_tells_an_unknown_procedure(cursor):
    with pytest.raises(stripesql.ProgrammingError, match=r"refunds\.create"):
        cursor.callproc("refunds.create", ["ch_1"])


def test_close_makes_the_cursor_unusable(connection):
    cursor = connection.execute("SELECT 1")
    cursor.close()
    for use in (
        lambda: cursor.execute("SELECT 1"),
        lambda: cursor.executemany("SET timezone = ?", [["UTC"]]),
        lambda: cursor.callproc("a"),
        cursor.fetchone,
        cursor.fetchmany,
        cursor.fetchall,
        cursor.fetch_arrow,
        cursor.fetch_arrow_table,
        cursor.nextset,
        lambda: iter(cursor),
        lambda: next(cursor),
    ):
        with pytest.raises(stripesql.InterfaceError, match="cursor is closed"):
            use()
    assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_execute_takes_operation_and_parameters_by_name(cursor):
    assert list(inspect.signature(cursor.execute).parameters) == ["operation", "parameters"]
    assert cursor.execute(operation="SELECT ?", parameters=[1]).fetchall() == [(1,)]


def test_execute_returns_the_cursor(cursor):
    assert cursor.execute("SELECT 1") is cursor


def test_executing_again_drops_the_rows_of_before(cursor):
    cursor.execute("SELECT id FROM customers")
    cursor.fetchone()
    assert cursor.execute("SELECT 2").fetchall() == [(2,)]


def test_executemany_runs_once_per_set_of_parameters(connection, cursor):
    assert cursor.executemany("SET timezone = ?", iter([["Europe/Berlin"], ["Asia/Tokyo"]])) is cursor
    assert connection.execute("SHOW timezone").fetchone() == ("Asia/Tokyo",)
    cursor.executemany("SET timezone = 'UTC'", [])


@pytest.mark.parametrize("statement", ["SELECT ?", "SHOW timezone", "EXPLAIN SELECT 1", "DESCRIBE customers"])
def test_executemany_refuses_statements_with_rows(cursor, statement):
    with pytest.raises(stripesql.ProgrammingError, match="executemany"):
        cursor.executemany(statement, [[1]])


def test_fetchone_gives_a_row_then_none(cursor):
    cursor.execute("SELECT 1, 'a'")
    assert cursor.fetchone() == (1, "a")
    assert cursor.fetchone() is None
    assert cursor.fetchone() is None


def test_fetchmany_follows_arraysize(cursor):
    assert inspect.signature(cursor.fetchmany).parameters["size"].default is None
    cursor.execute("SELECT unnest([1, 2, 3, 4, 5])")
    cursor.arraysize = 2
    assert cursor.fetchmany() == [(1,), (2,)]
    assert cursor.fetchmany(size=1) == [(3,)]
    assert cursor.fetchmany(0) == []
    assert cursor.fetchmany(10) == [(4,), (5,)]
    assert cursor.fetchmany(10) == []


@pytest.mark.parametrize("size", [-1, "3", 1.5])
def test_fetchmany_refuses_what_is_no_number_of_rows(cursor, size):
    cursor.execute("SELECT 1")
    with pytest.raises(stripesql.InterfaceError, match="number of rows"):
        cursor.fetchmany(size)


def test_fetchall_gives_the_rest_then_nothing(cursor):
    cursor.execute("SELECT unnest([1, 2, 3])")
    cursor.fetchone()
    assert cursor.fetchall() == [(2,), (3,)]
    assert cursor.fetchall() == []


def test_rows_are_tuples(cursor):
    cursor.execute("SELECT unnest([1, 2, 3])")
    assert [type(row) for row in [cursor.fetchone(), *cursor.fetchmany(1), *cursor.fetchall()]] == [tuple] * 3


@pytest.mark.parametrize("fetch", ["fetchone", "fetchmany", "fetchall", "fetch_arrow", "fetch_arrow_table", "__iter__"])
def test_fetching_fails_before_any_statement_and_after_one_without_rows(cursor, fetch):
    with pytest.raises(stripesql.Error, match="execute a query first"):
        getattr(cursor, fetch)()
    cursor.execute("SET timezone = 'UTC'")
    with pytest.raises(stripesql.Error, match="gives no rows"):
        getattr(cursor, fetch)()


def test_nextset_has_no_other_set(cursor):
    cursor.execute("SELECT 1")
    assert cursor.nextset() is None


def test_setinputsizes_and_setoutputsize_are_free_to_do_nothing(cursor):
    assert cursor.setinputsizes([str, 10, None]) is None
    assert cursor.setoutputsize(1000) is None
    assert cursor.setoutputsize(1000, 1) is None


# -- type objects and constructors


def test_constructors_give_values_that_parameters_take(cursor):
    values = (
        stripesql.Date(2024, 2, 29),
        stripesql.Time(1, 2, 3),
        stripesql.Timestamp(2024, 2, 29, 1, 2, 3),
        stripesql.DateFromTicks(0),
        stripesql.TimeFromTicks(0),
        stripesql.TimestampFromTicks(0),
    )
    assert cursor.execute("SELECT ?, ?, ?, ?, ?, ?", values).fetchone() == values


def test_ticks_are_read_in_local_time():
    ticks = 1_700_000_000.75
    local = time.localtime(ticks)
    assert stripesql.DateFromTicks(ticks) == dt.date(*local[:3])
    assert stripesql.TimeFromTicks(ticks) == dt.time(*local[3:6])
    assert stripesql.TimestampFromTicks(ticks) == dt.datetime(*local[:6])


def test_binary_takes_bytes():
    assert stripesql.Binary(b"abc") == b"abc"


def test_sql_null_is_none_both_ways(cursor):
    assert cursor.execute("SELECT NULL, ? IS NULL", [None]).fetchone() == (None, True)


# -- optional extensions


def test_rownumber_counts_rows_from_zero(cursor):
    assert cursor.rownumber is None
    cursor.execute("SELECT unnest([1, 2, 3])")
    assert cursor.rownumber == 0
    cursor.fetchone()
    assert cursor.rownumber == 1
    cursor.fetchall()
    assert cursor.rownumber == 3


def test_cursor_knows_its_connection(connection, cursor):
    assert cursor.connection is connection


def test_cursor_is_an_iterator(cursor):
    cursor.execute("SELECT unnest([1, 2, 3])")
    assert iter(cursor) is cursor
    assert next(cursor) == (1,)
    assert list(cursor) == [(2,), (3,)]
    with pytest.raises(StopIteration):
        next(cursor)


def test_cursor_is_a_context_manager_that_closes(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    with pytest.raises(stripesql.InterfaceError):
        cursor.fetchone()


# -- parameters


PARAMETERS = [
    "text", "O'Brien", "", "a\0b", "ünï☃", "%s ? :x", "'; DROP TABLE customers; --", "\\", "$$",
    0, -5, 2**31, 2**63 - 1, -(2**63), 2**100, True, False, None,
    1.5, -0.25, 1e300, 5e-324, math.inf, -math.inf, Decimal("1.50"), Decimal("-12345678901234567890.123456789012"), Decimal("1E+3"),
    dt.date(2024, 2, 29), dt.date(1, 1, 1), dt.datetime(2024, 2, 29, 1, 2, 3, 456789), dt.time(23, 59, 59, 999999),
    dt.datetime(2024, 2, 29, 1, 2, 3, tzinfo=dt.UTC), dt.timedelta(days=2, microseconds=1), -dt.timedelta(seconds=1), [1, 2], ["a", None],
]  # fmt: skip
STYLES = [
    ("SELECT ?", lambda value: [value]),
    ("SELECT ?", lambda value: (value,)),
    ("SELECT :value", lambda value: {"value": value, "unused": 1}),
    ("SELECT %(value)s", lambda value: {"value": value}),
]


@pytest.mark.parametrize(("statement", "given"), STYLES)
@pytest.mark.parametrize("value", PARAMETERS, ids=repr)
def test_parameters_come_back_as_they_went(cursor, statement, given, value):
    found = cursor.execute(statement, given(value)).fetchone()[0]
    assert found == value
    assert isinstance(found, type(value))


def test_nan_is_a_parameter(cursor):
    assert math.isnan(cursor.execute("SELECT ?", [math.nan]).fetchone()[0])


def test_uuid_parameter_is_the_text_that_stripe_holds(cursor):
    value = uuid.UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")
    assert cursor.execute("SELECT ?", [value]).fetchone() == (str(value),)


def test_aware_datetime_keeps_its_instant(cursor):
    value = dt.datetime(2024, 2, 29, 1, 2, 3, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30)))
    assert cursor.execute("SELECT ?", [value]).fetchone() == (value,)


@pytest.mark.parametrize("value", [b"abc", bytearray(b"a"), memoryview(b"a"), {"a": 1}, object()])
def test_parameters_without_a_literal_are_refused_clearly(cursor, value):
    with pytest.raises(stripesql.NotSupportedError, match="parameter"):
        cursor.execute("SELECT ?", [value])


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("1e39"), "\ud800"])
def test_parameters_that_sql_cannot_hold_are_data_errors(cursor, value):
    with pytest.raises(stripesql.DataError):
        cursor.execute("SELECT ?", [value])


@pytest.mark.parametrize("parameters", ["abc", b"abc", 5, {1, 2}, iter([1])])
def test_parameters_that_are_no_sequence_or_mapping_are_refused(cursor, parameters):
    with pytest.raises(stripesql.InterfaceError, match="sequence or a mapping"):
        cursor.execute("SELECT ?", parameters)


@pytest.mark.parametrize("parameters", [None, [], (), {}])
def test_percent_is_a_percent_without_parameters(cursor, parameters):
    assert cursor.execute("SELECT 7 % 4, 'a%', '%(x)s', ':y'", parameters).fetchone() == (3, "a%", "%(x)s", ":y")


@pytest.mark.parametrize("parameters", [None, [], (), {}])
@pytest.mark.parametrize("statement", ["SELECT ?", "SELECT id FROM customers WHERE id = ?"])
def test_placeholder_without_values_is_a_programming_error(cursor, statement, parameters):
    with pytest.raises(stripesql.ProgrammingError, match="placeholder"):
        cursor.execute(statement, parameters)


@pytest.mark.parametrize(
    ("statement", "parameters"), [("SELECT ?, ?", [1]), ("SELECT 1", [1]), ("SELECT :a", {"b": 1}), ("SELECT %(a)s", {"b": 1})]
)
def test_numbers_of_placeholders_and_values_must_agree(cursor, statement, parameters):
    with pytest.raises(stripesql.ProgrammingError):
        cursor.execute(statement, parameters)


def test_parameters_filter_rows(connection, sim):
    customer = sim.objects("customers")[3]
    for statement, parameters in (
        ("id = ?", [customer["id"]]),
        ("id = :id", {"id": customer["id"]}),
        ("id = %(id)s", {"id": customer["id"]}),
    ):
        assert connection.execute(f"SELECT id FROM customers WHERE {statement}", parameters).fetchall() == [(customer["id"],)]


# -- errors


@pytest.mark.parametrize(
    ("statement", "kind", "message", "position"),
    [
        ("", stripesql.SqlSyntaxError, "empty", None),
        (" ; ", stripesql.SqlSyntaxError, "empty", None),
        ("SELEC 1", stripesql.SqlSyntaxError, "SELEC", (1, 1)),
        ("SELECT 'abc", stripesql.SqlSyntaxError, "does not end", (1, 8)),
        ("SELECT id\nFROM custmers", stripesql.UnknownName, 'did you mean "customers"', (2, 6)),
        ("SELECT id,\n  emial FROM customers", stripesql.UnknownName, 'did you mean "email"', (2, 3)),
        ("SELECT lowr(id) FROM customers", stripesql.UnknownName, 'did you mean "lower"', (1, 8)),
    ],
)
def test_errors_tell_place_and_near_name(cursor, statement, kind, message, position):
    with pytest.raises(kind, match=message) as caught:
        cursor.execute(statement)
    assert caught.value.position == position


WRONG = [
    "SELECT", "SELECT FROM", "SELECT 1 FROM", "SELECT * FROM customers WHERE", "SELECT * FROM customers GROUP BY", "SELECT (", "SELECT )", "SELECT 1 +",
    "SELECT 'a'::INT", "SELECT CAST('x' AS DATE)", "SELECT 1/'a'", "SELECT error('x')", "SELECT 9223372036854775807 + 1", "SELECT 2::TINYINT * 100::TINYINT",
    "SELECT nothing()", "SELECT a.b.c.d.e FROM customers", "SELECT * FROM a.b.c.d", "SELECT * FROM customers c JOIN charges", "SELECT sum(id) FROM customers",
    "SELECT id FROM customers GROUP BY email", "SELECT id FROM customers HAVING id", "SELECT id, id FROM customers ORDER BY 5", "SELECT count(count(*)) FROM customers",
    "SELECT id FROM customers UNION SELECT id, email FROM customers", "SELECT * FROM range(10)", "SELECT * FROM read_csv('x')", "SELECT * FROM 'x.csv'",
    "COPY customers TO 'x'", "ATTACH 'x'", "INSTALL httpfs", "PRAGMA version", "CREATE TABLE a (b INT)", "INSERT INTO customers VALUES (1)", "DELETE FROM customers",
    "UPDATE customers SET email = 'a'", "CALL a()", "SELECT 1; SELECT 2", "SELECT created = 5 FROM customers", "SELECT \x00", "SELECT \ud800", "\ud800", "SELECT '\ud800'",
    "SET", "SET x", "SET x = 1", "RESET", "SHOW", "SHOW x", "DESCRIBE", "DESCRIBE nothing", "EXPLAIN", "EXPLAIN EXPLAIN SELECT 1", "WITH a AS SELECT 1", "VALUES", "SELECT $1",
    "SELECT " + "(" * 3000 + "1" + ")" * 3000, "SELECT " + " + ".join(["1"] * 20000), "SELECT " + "NOT " * 5000 + "true", "SELECT getvariable('x')", "SELECT current_setting('x')",
]  # fmt: skip


@pytest.mark.parametrize("statement", WRONG, ids=lambda text: repr(text[:40]))
def test_nothing_but_our_errors_comes_out(cursor, statement):
    try:
        cursor.execute(statement).fetchall()
    except stripesql.Error as problem:
        found = problem
    else:
        found = None  # some of them may work
    assert not isinstance(found, stripesql.InternalError), found
    assert "__scan" not in str(found)
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]


@pytest.mark.parametrize("statement", [None, 5, b"SELECT 1", ["SELECT 1"]])
def test_a_statement_is_text(cursor, statement):
    for run in (cursor.execute, lambda text: cursor.executemany(text, [])):
        with pytest.raises(stripesql.InterfaceError, match="text"):
            run(statement)


def test_an_error_in_mid_scan_leaves_the_cursor_usable(cursor, sim):
    cursor.execute("SELECT id FROM charges")
    cursor.fetchone()
    sim.faults.every(stripesql_fault("BAD_JSON"), 1)
    with pytest.raises(stripesql.Error):
        cursor.fetchall()
    sim.faults.clear()
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]


def stripesql_fault(name):
    from stripesql.simulator.faults import Fault

    return Fault[name]
