"""Hold pandas and polars: values and dtypes of what they read are the truth."""

import datetime as dt
from decimal import Decimal

import pytest
import sqlalchemy as sa

import stripesql
from stripesql.catalogue.load import catalogue
from stripesql.types import SqlType

TABLES = ["customers", "charges", "invoices", "subscriptions", "prices", "products", "balance", "events", "payouts", "coupons"]


@pytest.fixture
def pd():
    return pytest.importorskip("pandas")


@pytest.fixture
def pl():
    return pytest.importorskip("polars")


@pytest.fixture
def truth(sim):
    """Return what the driver says of a table, row by row; the driver's own tests hold that against the account."""

    def read(table, columns="*"):
        with stripesql.connect(demo=True, transport=sim.transport()) as connection:
            cursor = connection.execute(f"SELECT {columns} FROM {table}")
            return [each[0] for each in cursor.description], sorted(cursor.fetchall(), key=repr)

    return read


def rows_of(frame, pd):
    plain = frame.astype(object).where(frame.notna(), None)
    return sorted((tuple(to_python(value) for value in row) for row in plain.itertuples(index=False, name=None)), key=repr)


def to_python(value):
    return value.to_pydatetime() if hasattr(value, "to_pydatetime") else value


def same(found, expected):
    """Compare rows as sets, with times as instants and numbers by value."""
    return sorted(map(repr, map(comparable, found))) == sorted(map(repr, map(comparable, expected)))


def comparable(row):
    return [
        value.astimezone(dt.UTC) if isinstance(value, dt.datetime) else float(value) if isinstance(value, int | float | Decimal) else value
        for value in row
    ]


def named(table, *, json=True):
    """Return the columns by name: some fields come only when they are named, and not with ``*``."""
    return ", ".join(f'"{column.name}"' for column in catalogue().table(table).visible if json or column.type is not SqlType.JSON)


@pytest.mark.parametrize("table", TABLES)
def test_read_sql_gives_the_rows(engine, pd, truth, table):
    names, rows = truth(table)
    frame = pd.read_sql(f"SELECT * FROM {table}", engine)
    assert list(frame.columns) == names
    assert same(rows_of(frame, pd), rows)


@pytest.mark.parametrize("table", TABLES)
def test_read_sql_table_gives_the_rows_and_dtypes(engine, pd, truth, table):
    names, rows = truth(table, named(table))
    frame = pd.read_sql_table(table, engine)
    assert list(frame.columns) == names
    assert same(rows_of(frame, pd), rows)
    for column in catalogue().table(table).visible:
        if frame[column.name].notna().any():
            kind = frame[column.name].dtype
            if column.type is SqlType.TIMESTAMPTZ:
                assert str(kind).endswith(", UTC]")
            elif column.type is SqlType.BIGINT:
                assert kind.kind in "if"
            elif column.type is SqlType.BOOLEAN and frame[column.name].notna().all():
                assert kind.kind == "b"


def test_read_sql_reads_a_table_by_its_name(engine, pd, sim):
    assert len(pd.read_sql("products", engine, columns=["id", "name"])) == len(sim.listed("products"))


def test_read_sql_query_with_parameters(engine, pd, sim):
    expected = sum(each["currency"] == "usd" and each["amount"] > 2000 for each in sim.listed("charges"))
    query = "SELECT id FROM charges WHERE currency = ? AND amount > ?"
    assert len(pd.read_sql_query(query, engine, params=("usd", 2000))) == expected
    named = sa.text("SELECT id FROM charges WHERE currency = :currency AND amount > :amount")
    assert len(pd.read_sql_query(named, engine, params={"currency": "usd", "amount": 2000})) == expected


def test_times_are_aware_and_parse_as_an_index(engine, pd, sim):
    frame = pd.read_sql_query("SELECT id, created FROM charges", engine, index_col="created", parse_dates=["created"])
    assert str(frame.index.tz) == "UTC"
    assert sorted(frame.index.astype("int64")) is not None
    assert {int(each.timestamp()) for each in frame.index} == {each["created"] for each in sim.listed("charges")}


def test_times_come_in_the_sessions_zone(sim, pd):
    engine = sa.create_engine("stripe:///?demo=1&timezone=Europe/Berlin", connect_args={"transport": sim.transport()})
    with engine.connect() as connection:
        value = connection.execute(sa.text("SELECT created FROM charges LIMIT 1")).scalar()
        assert str(value.tzinfo) == "Europe/Berlin"
        frame = pd.read_sql_query("SELECT created FROM charges", connection)
    assert {int(each.timestamp()) for each in frame["created"]} == {each["created"] for each in sim.listed("charges")}


def test_chunks_are_read_as_they_are_asked_for(pd):
    from stripesql.simulator import Simulator

    sim = Simulator(scale=1)
    engine = sa.create_engine("stripe:///?demo=1", connect_args={"transport": sim.transport()})
    everything = -(-len(sim.listed("charges")) // 100)
    with engine.connect().execution_options(stream_results=True) as connection:
        chunks = pd.read_sql_query("SELECT id, amount FROM charges", connection, chunksize=50)
        first = next(chunks)
        assert len(first) == 50
        assert len(sim.log) < everything / 2
        assert len(first) + sum(len(each) for each in chunks) == len(sim.listed("charges"))


@pytest.mark.parametrize("backend", ["numpy_nullable", "pyarrow"])
def test_dtype_backends(engine, pd, sim, backend):
    frame = pd.read_sql_query(
        "SELECT id, amount, captured, created, amount / 2 AS half, failure_code FROM charges", engine, dtype_backend=backend
    )
    expected = {
        "numpy_nullable": {"amount": "Int64", "captured": "boolean", "half": "Float64"},
        "pyarrow": {"amount": "int64[pyarrow]", "captured": "bool[pyarrow]", "half": "double[pyarrow]"},
    }[backend]
    assert {name: str(frame[name].dtype) for name in expected} == expected
    assert str(frame["id"].dtype).startswith("string")
    assert int(frame["amount"].sum()) == sum(each["amount"] for each in sim.listed("charges"))
    assert {int(each.timestamp()) for each in frame["created"]} == {each["created"] for each in sim.listed("charges")}
    table = pd.read_sql_table("products", engine, columns=["id", "active"], dtype_backend=backend)
    assert str(table["active"].dtype) == {"numpy_nullable": "boolean", "pyarrow": "bool[pyarrow]"}[backend]


def test_to_sql_is_refused(engine, pd):
    with pytest.raises(sa.exc.NotSupportedError, match="is not available"):
        pd.DataFrame({"a": [1]}).to_sql("mine", engine, index=False)


POLARS = {
    SqlType.VARCHAR: "String",
    SqlType.BIGINT: "Int64",
    SqlType.BOOLEAN: "Boolean",
    SqlType.DOUBLE: "Float64",
    SqlType.DECIMAL: "Decimal(precision=38, scale=12)",
    SqlType.TIMESTAMPTZ: "Datetime(time_unit='us', time_zone='UTC')",
}


@pytest.mark.parametrize("table", TABLES)
def test_polars_takes_a_cursor_with_its_types(pl, sim, truth, table):
    names, rows = truth(table)
    with stripesql.connect(demo=True, transport=sim.transport()) as connection:
        frame = pl.DataFrame(connection.execute(f"SELECT * FROM {table}"))
    assert frame.columns == names
    for column in catalogue().table(table).visible:
        if column.type is not SqlType.JSON:
            assert str(frame.schema[column.name]) == POLARS[column.type]
    json = {column.name for column in catalogue().table(table).visible if column.type is SqlType.JSON}
    plain = [index for index, name in enumerate(names) if name not in json]
    assert same(frame.select([names[index] for index in plain]).rows(), [[row[index] for index in plain] for row in rows])


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("way", ["engine", "connection", "driver"])
def test_polars_read_database_gives_the_rows(engine, pl, sim, truth, table, way):
    query = f"SELECT {named(table, json=False)} FROM {table}"
    _, rows = truth(table, named(table, json=False))
    match way:
        case "engine":
            frame = pl.read_database(query, engine, infer_schema_length=None)
        case "connection":
            with engine.connect() as connection:
                frame = pl.read_database(query, connection, infer_schema_length=None)
        case _:
            with stripesql.connect(demo=True, transport=sim.transport()) as connection:
                frame = pl.read_database(query, connection, infer_schema_length=None)
    assert same(frame.rows(), rows)
    for column in catalogue().table(table).visible:
        if column.type is not SqlType.JSON and frame[column.name].is_not_null().any():
            assert str(frame.schema[column.name]) == POLARS[column.type]


def test_polars_takes_the_cursor_behind_a_result(engine, pl, sim):
    with engine.connect() as connection:
        frame = pl.DataFrame(connection.execute(sa.text("SELECT id, canceled_at, created FROM subscriptions")).cursor)
    assert [str(kind) for kind in frame.dtypes] == ["String", POLARS[SqlType.TIMESTAMPTZ], POLARS[SqlType.TIMESTAMPTZ]]
    assert set(frame["id"]) == {each["id"] for each in sim.listed("subscriptions")}
