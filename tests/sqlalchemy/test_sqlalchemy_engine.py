"""Hold engines, pools and errors: streams stay streams, a closed connection is replaced, errors keep their fields."""

import multiprocessing
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

import stripesql
from stripesql.simulator import Simulator


@pytest.fixture(scope="module")
def large():
    return Simulator(scale=1)


@pytest.fixture
def stream(large):
    large.clear_log()
    engine = sa.create_engine("stripe:///?demo=1", connect_args={"transport": large.transport()})
    yield engine
    engine.dispose()


def pages(sim):
    return len(sim.log)


@pytest.mark.parametrize("options", [{"stream_results": True}, {"yield_per": 50}, {"stream_results": True, "max_row_buffer": 100}])
def test_streamed_rows_are_fetched_as_they_are_read(stream, large, options):
    everything = -(-len(large.listed("charges")) // 100)
    with stream.connect().execution_options(**options) as connection:
        result = connection.execute(sa.text("SELECT id, amount FROM charges"))
        assert len(result.fetchmany(10)) == 10
        assert pages(large) < everything / 2
        result.close()
    assert pages(large) < everything / 2


def test_partitions_are_streamed(stream, large):
    everything = -(-len(large.listed("charges")) // 100)
    with stream.connect() as connection:
        result = connection.execution_options(yield_per=100).execute(sa.text("SELECT id FROM charges"))
        partition = next(iter(result.partitions()))
        assert len(partition) == 100
        assert pages(large) < everything / 2
        result.close()


def test_all_rows_of_a_stream_arrive_once(stream, large):
    with stream.connect().execution_options(yield_per=70) as connection:
        ids = [row[0] for row in connection.execute(sa.text("SELECT id FROM charges"))]
    assert sorted(ids) == sorted(each["id"] for each in large.listed("charges"))


def test_first_reads_one_page(stream, large):
    with stream.connect() as connection:
        assert connection.execute(sa.text("SELECT id FROM charges")).first() is not None
    assert pages(large) < -(-len(large.listed("charges")) // 100) / 2


def test_pre_ping_sends_nothing_and_replaces_a_closed_connection(sim):
    sim.clear_log()
    engine = sa.create_engine(
        "stripe:///?demo=1", pool_pre_ping=True, pool_size=1, max_overflow=0, connect_args={"transport": sim.transport()}
    )
    with engine.connect() as connection:
        first = driver_connection(connection)
    first.close()
    with engine.connect() as connection:
        assert driver_connection(connection) is not first
        assert connection.execute(sa.text("SELECT 1")).scalar() == 1
    with engine.connect() as connection:
        second = driver_connection(connection)
    with engine.connect() as connection:
        assert driver_connection(connection) is second
    assert sim.log == []
    engine.dispose()


def driver_connection(connection):
    return connection.connection.dbapi_connection


def test_closed_connection_is_a_disconnect_and_a_mistake_is_not(connection):
    with pytest.raises(sa.exc.ProgrammingError) as caught:
        connection.execute(sa.text("SELECT nothing FROM customers"))
    assert not caught.value.connection_invalidated
    driver_connection(connection).close()
    with pytest.raises(sa.exc.InterfaceError) as caught:
        connection.execute(sa.text("SELECT 1"))
    assert caught.value.connection_invalidated


def test_connection_of_another_process_is_replaced():
    engine = sa.create_engine("stripe:///?demo=1", pool_pre_ping=True)
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT 1"))
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    process = context.Process(target=lambda: answers.put(answer_of(engine)))
    process.start()
    assert answers.get(timeout=30) == 1
    process.join(30)
    engine.dispose()


def answer_of(engine):
    with engine.connect() as connection:
        return connection.execute(sa.text("SELECT 1")).scalar()


def test_threads_share_an_engine(engine):
    found, expected = [], set(range(8))

    def work(number):
        with engine.connect() as connection:
            found.append(connection.execute(sa.select(sa.literal(number), sa.text("count(*) FROM products"))).one()[0])

    threads = [threading.Thread(target=work, args=(number,)) for number in expected]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert set(found) == expected


def test_autocommit_is_the_one_isolation_level(engine):
    with engine.connect() as connection:
        assert connection.get_isolation_level() == "AUTOCOMMIT"
        assert connection.default_isolation_level == "AUTOCOMMIT"
        connection.execution_options(isolation_level="AUTOCOMMIT")
        with pytest.raises(ArgumentError):
            connection.execution_options(isolation_level="SERIALIZABLE")
    with sa.create_engine("stripe:///?demo=1", isolation_level="AUTOCOMMIT").connect() as connection:
        assert connection.get_isolation_level() == "AUTOCOMMIT"
    with pytest.raises(ArgumentError, match="AUTOCOMMIT"):
        sa.create_engine("stripe:///?demo=1", isolation_level="SERIALIZABLE").connect()


def test_transactions_are_empty_brackets(engine, sim):
    with engine.begin() as connection:
        assert connection.execute(sa.text("SELECT 1")).scalar() == 1
    with engine.connect() as connection:
        transaction = connection.begin()
        connection.execute(sa.text("SELECT 1"))
        transaction.rollback()
    assert sim.log == []


ERRORS = [
    ("SELECT nothing FROM customers", sa.exc.ProgrammingError, stripesql.UnknownName),
    ("SELECT id FROM custmers", sa.exc.ProgrammingError, stripesql.UnknownName),
    ("SELEC 1", sa.exc.DBAPIError, stripesql.Error),
    ("SELECT 1 +", sa.exc.ProgrammingError, stripesql.SqlSyntaxError),
    ("SELECT CAST('x' AS INTEGER)", sa.exc.DataError, stripesql.DataError),
    ("INSERT INTO events (type) VALUES ('a')", sa.exc.NotSupportedError, stripesql.NotSupportedError),
    ("CREATE TABLE x (a INTEGER)", sa.exc.NotSupportedError, stripesql.NotSupportedError),
]


@pytest.mark.parametrize(("statement", "wrapped", "original"), ERRORS)
def test_errors_are_wrapped_by_their_class(connection, statement, wrapped, original):
    with pytest.raises(wrapped) as caught:
        connection.execute(sa.text(statement)).fetchall()
    assert isinstance(caught.value.orig, original)


def test_errors_of_stripe_keep_their_fields():
    sim = Simulator(scale=0.05, keys={"sk_test_known": None})
    refused = sa.create_engine("stripe://:rk_test_not_a_key@/", connect_args={"transport": sim.transport()})
    with refused.connect() as connection, pytest.raises(sa.exc.OperationalError) as caught:
        connection.execute(sa.text("SELECT id FROM customers")).fetchall()
    assert isinstance(caught.value.orig, stripesql.AuthenticationFailed)
    assert caught.value.orig.status == 401
    assert "not_a_key" not in str(caught.value)


def test_ddl_is_refused_by_the_driver(connection, sim):
    with pytest.raises(sa.exc.NotSupportedError, match="is not available"):
        sa.MetaData().create_all(connection, tables=[sa.Table("mine", sa.MetaData(), sa.Column("a", sa.Integer))])
    assert sim.log == []


def test_statistics_and_arrow_are_behind_the_result(connection):
    result = connection.execute(sa.text("SELECT id, created FROM products"))
    table = result.cursor.fetch_arrow_table()
    assert table.num_rows > 0
    assert result.cursor.stats.requests >= 1


def test_connection_that_is_closed_when_the_interpreter_ends_prints_nothing():
    """Programs close theirs in callbacks that were registered before the driver was loaded, and so run after the driver's own."""
    program = """
import atexit
kept = []
atexit.register(lambda: [connection.close() for connection in kept])
import sqlalchemy
kept.append(sqlalchemy.create_engine("stripe:///?demo=1").connect())
kept[0].execute(sqlalchemy.text("SELECT count(*) FROM products"))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
