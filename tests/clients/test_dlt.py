"""Hold dlt's ``sql_database`` over the SQLAlchemy dialect: what arrives in DuckDB, and what the second load asks for."""

import datetime as dt

import pytest

pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture
def dlt(monkeypatch):
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    monkeypatch.setenv("RUNTIME__LOG_LEVEL", "ERROR")
    return pytest.importorskip("dlt")


def test_tables_are_loaded_and_new_rows_later(dlt, url, sim, tmp_path):
    import duckdb
    from dlt.sources.sql_database import sql_database

    start = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)

    def source():
        found = sql_database(url, schema="stripe", table_names=["customers", "charges", "products"])
        found.charges.apply_hints(
            incremental=dlt.sources.incremental("created", initial_value=start), primary_key="id", write_disposition="merge"
        )
        for name in ("customers", "products"):
            found.resources[name].apply_hints(write_disposition="replace")
        return found

    pipeline = dlt.pipeline("held", destination=dlt.destinations.duckdb(str(tmp_path / "warehouse.duckdb")), dataset_name="stripe")
    pipeline.run(source()).raise_on_failed_jobs()
    later = [each for each in sim.listed("charges") if each["created"] >= start.timestamp()]
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as warehouse:
        loaded = warehouse.execute("SELECT id, amount, epoch(created)::BIGINT FROM stripe.charges").fetchall()
        counts = [warehouse.execute(f"SELECT count(*) FROM stripe.{name}").fetchone()[0] for name in ("customers", "products")]
        kinds = dict(
            warehouse.execute("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'charges'").fetchall()
        )
    assert sorted(loaded) == sorted((each["id"], each["amount"], each["created"]) for each in later)
    assert counts == [len(sim.listed("customers")), len(sim.listed("products"))]
    assert (kinds["amount"], kinds["created"], kinds["metadata"]) == ("BIGINT", "TIMESTAMP WITH TIME ZONE", "JSON")
    sent = [params for each in sim.log if each.path == "/v1/charges" for params in each.params]
    assert ("created[gte]", str(int(start.timestamp()))) in [(name, str(value)) for name, value in sent]

    sim.clear_log()
    fresh = sim.insert("charges", {"amount": 4711, "currency": "usd"})
    pipeline.run(source()).raise_on_failed_jobs()
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as warehouse:
        assert warehouse.execute("SELECT count(*) FROM stripe.charges").fetchone() == (len(later) + 1,)
        assert warehouse.execute("SELECT amount FROM stripe.charges WHERE id = ?", [fresh["id"]]).fetchone() == (4711,)
    assert len([each for each in sim.log if each.path == "/v1/charges"]) == 1
