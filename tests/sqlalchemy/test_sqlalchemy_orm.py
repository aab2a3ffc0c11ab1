"""Hold the ORM: mapped and automapped classes read, relationships load in few requests."""

from collections import Counter

import pytest
import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.ext.automap import automap_base


def own_names(metadata):
    """Keep the names that declarative classes use themselves away from columns."""

    @sa.event.listens_for(metadata, "column_reflect")
    def rename(inspector, table, column):
        if column["name"] in ("metadata", "registry"):
            column["key"] = column["name"] + "_"

    return metadata


@pytest.fixture(scope="module")
def base(module_engine):
    """Map a few tables and those that they refer to, with automap's own names for relationships."""
    names = ["customers", "charges", "invoices", "subscriptions", "products", "prices"]
    metadata = own_names(sa.MetaData())
    metadata.reflect(module_engine, only=names)
    base = automap_base(metadata=metadata)
    base.prepare()
    orm.configure_mappers()
    return base


@pytest.fixture
def session(engine):
    with orm.Session(engine) as session:
        yield session


def test_every_table_with_a_key_can_be_mapped(engine, sim):
    base = automap_base(metadata=own_names(sa.MetaData()))
    base.metadata.reflect(engine)
    base.prepare(
        name_for_scalar_relationship=lambda base, local, referred, key: key.column_keys[0] + "_row",
        name_for_collection_relationship=lambda base, local, referred, key: f"{referred.__name__}_by_{key.column_keys[0]}",
    )
    orm.configure_mappers()
    assert sim.log == []
    assert set(base.classes.keys()) == {table.name for table in base.metadata.tables.values() if len(table.primary_key)}
    charge = sim.listed("charges")[0]
    with orm.Session(engine) as session:
        found = session.get(base.classes.charges, charge["id"])
        assert found.balance_transaction_row.net == next(
            each["net"] for each in sim.objects("balance_transactions") if each["id"] == charge["balance_transaction"]
        )


def test_get_asks_for_one_object(session, base, sim):
    customer = sim.listed("customers")[0]
    sim.clear_log()
    found = session.get(base.classes.customers, customer["id"])
    assert (found.email, found.metadata_) == (customer["email"], customer["metadata"])
    assert [request.path for request in sim.log] == [f"/v1/customers/{customer['id']}"]
    assert session.get(base.classes.customers, customer["id"]) is found
    assert len(sim.log) == 1


def test_get_of_nothing_is_none(session, base):
    assert session.get(base.classes.customers, "cus_none") is None


def test_query_and_filter(session, base, sim):
    charges = base.classes.charges
    found = session.execute(sa.select(charges).where(charges.currency == "usd").order_by(charges.created.desc()).limit(5)).scalars().all()
    assert len(found) == 5
    assert {each.currency for each in found} == {"usd"}
    assert session.query(charges).filter_by(currency="usd").count() == sum(each["currency"] == "usd" for each in sim.listed("charges"))


def test_lazy_relationship(session, base, sim):
    charges = base.classes.charges
    known = {each["id"]: each for each in sim.listed("customers")}
    charge = next(each for each in sim.listed("charges") if each["customer"] in known)
    found = session.get(charges, charge["id"])
    assert found.customers.email == known[charge["customer"]]["email"]


@pytest.mark.parametrize("load", [orm.selectinload, orm.joinedload, orm.subqueryload])
def test_loaded_relationship_needs_few_requests(session, base, sim, load):
    subscriptions = base.classes.subscriptions
    expected = {each["id"]: each["customer"] for each in sim.listed("subscriptions")}
    sim.clear_log()
    found = session.execute(sa.select(subscriptions).options(load(subscriptions.customers))).unique().scalars().all()
    assert {each.id: each.customer for each in found} == expected
    known = {each["id"] for each in sim.objects("customers")}
    loaded = {each.id: each.customers.id for each in found if each.customers is not None}
    assert loaded == {name: customer for name, customer in expected.items() if customer in known}
    assert len(sim.log) <= 1 + len(set(expected.values()))


def test_collection(session, base, sim):
    counts = Counter(each["customer"] for each in sim.listed("charges"))
    customer, count = counts.most_common(1)[0]
    found = session.get(base.classes.customers, customer)
    assert len(found.charges_collection) == count


def test_join_along_a_relationship(session, base, sim):
    charges, customers = base.classes.charges, base.classes.customers
    query = sa.select(customers.id, sa.func.sum(charges.amount)).join(charges.customers).group_by(customers.id)
    known = {each["id"] for each in sim.listed("customers")}
    expected = Counter()
    for each in sim.listed("charges"):
        if each["customer"] in known:
            expected[each["customer"]] += each["amount"]
    assert {row[0]: row[1] for row in session.execute(query)} == expected


def test_yield_per_reads_as_it_goes(session, base, sim):
    charges = base.classes.charges
    sim.clear_log()
    rows = iter(session.execute(sa.select(charges.id, charges.amount).execution_options(yield_per=10)))
    assert next(rows)
    assert len(sim.log) <= 6  # of 23: the engine and the read-ahead are a few pages ahead, never at the end
    rest = list(rows)
    assert len(rest) == len(sim.listed("charges")) - 1


@pytest.mark.filterwarnings("ignore:Omitting index key")
def test_declared_class_with_the_columns_that_it_needs(engine, sim):
    registry = orm.registry()

    @registry.mapped
    class Product:
        __table__ = sa.Table(
            "products", registry.metadata, autoload_with=engine, resolve_fks=False, include_columns=["id", "name", "active"]
        )

    with orm.Session(engine) as session:
        assert {each.id: each.name for each in session.execute(sa.select(Product)).scalars()} == {
            each["id"]: each["name"] for each in sim.listed("products")
        }


def test_flush_gives_the_drivers_own_error(session, base):
    session.add(base.classes.products(active=True))
    with pytest.raises(sa.exc.IntegrityError, match="needs name, which Stripe requires"):
        session.flush()
    session.rollback()
