"""Hold JupySQL and marimo over the SQLAlchemy dialect."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.filterwarnings("default")

MARIMO = """
import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    import sqlalchemy

    engine = sqlalchemy.create_engine("{url}")
    return engine, mo


@app.cell
def _(engine, mo):
    charges = mo.sql(f"SELECT currency, count(*) AS n, max(created) AS latest FROM charges GROUP BY currency", engine=engine)
    return (charges,)


@app.cell
def _(charges):
    print(sum(charges["n"].to_list()), charges.shape[1])
    return


if __name__ == "__main__":
    app.run()
"""


@pytest.fixture
def shell(url):
    pytest.importorskip("sql.magic")
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "sql")
    shell.run_line_magic("config", "SqlMagic.displaycon = False")
    shell.run_line_magic("config", "SqlMagic.feedback = 0")
    shell.run_line_magic("sql", url)
    return shell


def test_jupysql(shell, sim):
    shell.user_ns["least"] = 5000
    result = shell.run_cell_magic("sql", "", "SELECT id, created, metadata FROM charges WHERE amount >= {{least}}")
    frame = result.DataFrame()
    assert sorted(frame["id"]) == sorted(each["id"] for each in sim.listed("charges") if each["amount"] >= 5000)
    assert str(frame["created"].dtype).endswith(", UTC]")
    shell.run_cell_magic("sql", "--save big --no-execute", "SELECT * FROM charges WHERE amount >= 5000")
    assert shell.run_cell_magic("sql", "", "SELECT count(*) AS n FROM big").DataFrame()["n"].tolist() == [len(frame)]
    assert "charges" in str(shell.run_line_magic("sqlcmd", "tables --schema stripe"))
    assert "Filtered by Stripe" in str(shell.run_line_magic("sqlcmd", "columns --table charges"))


def test_jupysql_shows_the_drivers_message(shell):
    from IPython.core.error import UsageError

    with pytest.raises(UsageError, match=r"there is no column .nme. in charges"):
        shell.run_cell_magic("sql", "", "SELECT nme FROM charges")


def test_marimo(url, sim, tmp_path):
    pytest.importorskip("marimo")
    pytest.importorskip("polars")
    (tmp_path / "notebook.py").write_text(MARIMO.replace("{url}", url))
    done = subprocess.run([sys.executable, "notebook.py"], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-2:] == [str(len(sim.listed("charges"))), "3"]


def test_marimo_lists_tables_under_the_database_of_the_url(url):
    engines = pytest.importorskip("marimo._sql.engines.sqlalchemy")
    import sqlalchemy as sa

    engine = engines.SQLAlchemyEngine(sa.create_engine(url.replace("@/", "@/stripe")), engine_name="stripe")
    (database,) = engine.get_databases(include_schemas=True, include_tables=True, include_table_details=False)
    tables = {schema.name: [table.name for table in schema.tables] for schema in database.schemas}
    assert {"charges", "customers"} <= set(tables["stripe"])
    details = engine.get_table_details(table_name="charges", schema_name="stripe", database_name=database.name)
    assert details.primary_keys == ["id"]
    assert "created" in details.indexes
