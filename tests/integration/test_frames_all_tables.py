"""Hold pandas, polars, pyarrow and DuckDB on every table of the demo account: values and types are those of Stripe's own objects.

The truth is read from the simulator's objects by the catalogue's paths, and turned into Python values here, apart from the driver.
"""

import datetime as dt
import json
from decimal import Decimal

import pyarrow as pa
import pytest

import stripesql
from stripesql.catalogue.load import catalogue
from stripesql.catalogue.model import ColumnKind, ColumnRole, TableShape
from stripesql.simulator import Simulator
from stripesql.types import SqlType

ARROW = {
    SqlType.VARCHAR: pa.string(),
    SqlType.BIGINT: pa.int64(),
    SqlType.BOOLEAN: pa.bool_(),
    SqlType.DOUBLE: pa.float64(),
    SqlType.DECIMAL: pa.decimal128(38, 12),
    SqlType.TIMESTAMPTZ: pa.timestamp("us", tz="UTC"),
    SqlType.JSON: pa.string(),
}
POLARS = {
    SqlType.VARCHAR: "String",
    SqlType.BIGINT: "Int64",
    SqlType.BOOLEAN: "Boolean",
    SqlType.DOUBLE: "Float64",
    SqlType.DECIMAL: "Decimal(precision=38, scale=12)",
    SqlType.TIMESTAMPTZ: "Datetime(time_unit='us', time_zone='UTC')",
    SqlType.JSON: "String",
}

SIM = Simulator(scale=0.03)


def names_of_tables():
    """Return the tables that have a plain list, and rows in the account."""
    for table in catalogue().tables():
        if table.shape is TableShape.LIST and table.list is not None and not table.list.required and _is_known(table.name):
            yield table.name


def _is_known(name):
    try:
        return bool(SIM.listed(name))
    except (KeyError, LookupError, ValueError):
        return False


TABLES = list(names_of_tables())


def test_most_of_the_demo_account_is_covered():
    assert len(TABLES) >= 30
    assert {"customers", "charges", "invoices", "subscriptions", "events", "balance_transactions", "prices"} <= set(TABLES)


@pytest.fixture(scope="module")
def connection():
    with stripesql.connect(demo=True, transport=SIM.transport()) as connection:
        yield connection


@pytest.fixture(scope="module")
def engine():
    sa = pytest.importorskip("sqlalchemy")
    engine = sa.create_engine("stripe:///?demo=1", connect_args={"transport": SIM.transport()})
    yield engine
    engine.dispose()


def columns_of(table, *, json=True):
    visible = catalogue().table(table).visible
    fields = [column for column in visible if column.role is ColumnRole.FIELD and column.expand is None]
    return [column for column in fields if json or column.type is not SqlType.JSON]


def query(table, *, json=True):
    return f"SELECT {', '.join(_quoted(column.name) for column in columns_of(table, json=json))} FROM {table}"


def _quoted(name):
    return f'"{name}"'


def truth(columns, table):
    """Return the rows as Python values."""
    return [[value(column, found(column.path, each)) for column in columns] for each in SIM.listed(table)]


def found(path, node):
    for step in path:
        if not isinstance(node, dict):
            return None
        node = node.get(step)
    return node


def value(column, raw):
    if raw is None:
        return None
    match column.kind:
        case ColumnKind.UNIX_TIME:
            return dt.datetime.fromtimestamp(raw, dt.UTC)
        case ColumnKind.ISO_TIME:
            return dt.datetime.fromisoformat(raw)
        case ColumnKind.DECIMAL:
            return Decimal(raw)
        case ColumnKind.EXPANDABLE:
            return raw["id"] if isinstance(raw, dict) else raw
        case ColumnKind.INTEGER:
            return int(raw)
        case ColumnKind.NUMBER:
            return float(raw)
    return raw


def same(table, rows, columns=None, *, text_of_json=False):
    """Hold rows against the truth; where JSON arrives as text, it is read first."""
    columns = columns or columns_of(table)
    is_json = [text_of_json and column.type is SqlType.JSON for column in columns]
    read = [[json.loads(cell) if text and cell is not None else cell for cell, text in zip(row, is_json, strict=True)] for row in rows]
    assert sorted(map(_comparable, read)) == sorted(map(_comparable, truth(columns, table)))


def _comparable(row):
    return repr([_plain(cell) for cell in row])


def _plain(cell):
    if isinstance(cell, Decimal):
        return f"{cell:.12f}"
    if isinstance(cell, dt.datetime):
        return cell.astimezone(dt.UTC).isoformat()
    return cell


@pytest.mark.parametrize("table", TABLES)
def test_pyarrow(connection, table):
    found = connection.execute(query(table)).fetch_arrow_table()
    assert found.schema.types == [ARROW[column.type] for column in columns_of(table)]
    same(table, [list(row.values()) for row in found.to_pylist()], text_of_json=True)


@pytest.mark.parametrize("table", TABLES)
def test_polars_takes_the_cursor(connection, table):
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame(connection.execute(query(table)))
    assert [str(kind) for kind in frame.dtypes] == [POLARS[column.type] for column in columns_of(table)]
    same(table, frame.rows(), text_of_json=True)


@pytest.mark.parametrize("table", TABLES)
def test_duckdb_reads_the_stream(connection, table):
    import duckdb

    reader = connection.execute(query(table)).fetch_arrow()  # noqa: F841  DuckDB finds it by its name
    with duckdb.connect() as other:
        other.execute("SET TimeZone = 'UTC'")
        relation = other.sql("SELECT * FROM reader")
        assert relation.columns == [column.name for column in columns_of(table)]
        same(table, relation.fetchall(), text_of_json=True)


# With these types pandas makes text of dictionaries and lists, so that JSON is left out.
BACKENDS = {
    "numpy_nullable": {SqlType.VARCHAR: "string", SqlType.BIGINT: "Int64", SqlType.BOOLEAN: "boolean", SqlType.DOUBLE: "Float64"},
    "pyarrow": {SqlType.VARCHAR: "string[pyarrow]", SqlType.BIGINT: "int64[pyarrow]", SqlType.BOOLEAN: "bool[pyarrow]"},
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("table", TABLES)
def test_pandas_with_types_that_know_null(engine, table, backend):
    pd = pytest.importorskip("pandas")
    columns = columns_of(table, json=False)
    frame = pd.read_sql(query(table, json=False), engine, dtype_backend=backend, coerce_float=False)
    for column in columns:
        if column.type in BACKENDS[backend] and frame[column.name].notna().any():
            assert str(frame[column.name].dtype).replace("large_", "") == BACKENDS[backend][column.type], column.name
    same(table, _rows(frame), columns)


@pytest.mark.parametrize("table", TABLES)
def test_pandas_as_it_is(engine, table):
    pd = pytest.importorskip("pandas")
    frame = pd.read_sql(query(table), engine, coerce_float=False)  # else pandas makes floats of decimals
    for column in columns_of(table):
        kind = frame[column.name].dtype
        if column.type is SqlType.TIMESTAMPTZ and frame[column.name].notna().any():
            assert str(kind).endswith(", UTC]"), column.name
        elif column.type is SqlType.BIGINT and frame[column.name].notna().all():
            assert str(kind) == "int64", column.name
        elif column.type is SqlType.BOOLEAN and frame[column.name].notna().all():
            assert str(kind) == "bool", column.name
    same(table, _rows(frame, columns_of(table)))


def _rows(frame, columns=()):
    """Return the rows as Python values; integers that pandas made floats of, because of NULLs, as integers again."""
    whole = {column.name for column in columns if column.type is SqlType.BIGINT}
    cells = [[_cell(value, name in whole) for value in frame[name].tolist()] for name in frame.columns]
    return [list(row) for row in zip(*cells, strict=True)]


def _cell(value, is_whole):
    if isinstance(value, dict | list):
        return value
    if value is None or type(value).__name__ in ("NAType", "NaTType") or value != value:
        return None
    if type(value).__name__ == "Timestamp":
        return value.to_pydatetime()
    return int(value) if is_whole else value
