"""Give each test an engine over an account of its own; without SQLAlchemy there is nothing to test."""

from __future__ import annotations

import importlib.util

import pytest

from stripesql.simulator import Simulator

# SQLAlchemy's own suite runs as a process of its own: it takes pytest over.
collect_ignore = ["suite"]
if importlib.util.find_spec("sqlalchemy") is None:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="module")
def sim():
    return Simulator(scale=0.2)


@pytest.fixture(scope="module")
def module_engine(sim):
    import sqlalchemy as sa

    engine = sa.create_engine("stripe:///?demo=1", connect_args={"transport": sim.transport()})
    yield engine
    engine.dispose()


@pytest.fixture
def engine(module_engine, sim):
    sim.faults.clear()
    sim.clear_log()
    return module_engine


@pytest.fixture
def connection(engine):
    with engine.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def tables(module_engine):
    """Give a few tables, reflected."""
    import sqlalchemy as sa

    metadata = sa.MetaData()
    metadata.reflect(module_engine, only=["customers", "charges", "invoices", "subscriptions", "prices", "products", "invoice_line_items"])
    return metadata.tables
