"""Hold writes through SQLAlchemy: Core with RETURNING, batches, flushes with Stripe's ids, and temporary tables."""

import pytest
import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.automap import automap_base, generate_relationship

from stripesql.simulator import Simulator

IS_OLD = sa.__version__.startswith("1.")


@pytest.fixture(scope="module")
def sim():
    return Simulator(scale=0.1)


@pytest.fixture
def connection(engine):
    with engine.begin() as connection:
        yield connection


@pytest.fixture
def customers(engine):
    return sa.Table("customers", sa.MetaData(), autoload_with=engine, resolve_fks=False)


def sent(sim, method="POST"):
    return [each.path for each in sim.log if each.method == method]


def emails(sim):
    return {each["id"]: each["email"] for each in sim.objects("customers") if not each.get("deleted")}


def test_insert_tells_the_key_in_one_request(connection, customers, sim):
    result = connection.execute(customers.insert().values(email="one@example.com", name="One"))
    assert sent(sim) == ["/v1/customers"]
    (identity,) = result.inserted_primary_key
    assert emails(sim)[identity] == "one@example.com"


def test_insert_gives_the_rows_that_it_made(connection, customers, sim):
    upper = sa.func.upper(customers.c.name).label("upper")
    statement = customers.insert().values(email="two@example.com", name="Two").returning(customers.c.id, customers.c.name, upper)
    row = connection.execute(statement).one()
    assert (row.name, row.upper) == ("Two", "TWO")
    assert emails(sim)[row.id] == "two@example.com"
    assert len(sim.log) == 1


def test_an_insert_may_say_what_happens_to_a_taken_id(engine, connection):
    products = sa.Table("products", sa.MetaData(), autoload_with=engine, resolve_fks=False)
    identity = "taken"
    connection.execute(products.insert().values(id=identity, name="first"))
    with pytest.raises(sa.exc.IntegrityError, match="already exists"):
        connection.execute(products.insert().values(id=identity, name="second"))
    connection.execute(insert(products).values(id=identity, name="third").on_conflict_do_nothing(index_elements=["id"]))
    name = sa.select(products.c.name).where(products.c.id == identity)
    assert connection.execute(name).scalar_one() == "first"
    statement = insert(products).values(id=identity, name="fourth")
    connection.execute(statement.on_conflict_do_update(index_elements=[products.c.id], set_={"name": statement.excluded.name}))
    assert connection.execute(name).scalar_one() == "fourth"


def test_a_list_of_parameters_is_a_batch(connection, customers, sim):
    result = connection.execute(customers.insert(), [{"email": f"batch{n}@example.com"} for n in range(7)])
    assert result.rowcount == 7
    assert sent(sim) == ["/v1/customers"] * 7
    assert {f"batch{n}@example.com" for n in range(7)} <= set(emails(sim).values())


def test_many_values_give_their_rows(connection, customers, sim):
    values = [{"email": f"many{n}@example.com"} for n in range(4)]
    rows = connection.execute(customers.insert().values(values).returning(customers.c.id, customers.c.email)).all()
    assert [row.email for row in rows] == [each["email"] for each in values]
    assert all(emails(sim)[row.id] == row.email for row in rows)


@pytest.mark.skipif(IS_OLD, reason="SQLAlchemy 1.4 has no RETURNING for a list of parameters")
def test_a_list_of_parameters_gives_its_rows(connection, customers, sim):
    values = [{"email": f"listed{n}@example.com"} for n in range(4)]
    rows = connection.execute(customers.insert().returning(customers.c.id, customers.c.email), values).all()
    assert {row.email for row in rows} == {each["email"] for each in values}
    assert all(emails(sim)[row.id] == row.email for row in rows)


def test_update_and_delete_count_and_give_rows(connection, customers, sim):
    connection.execute(customers.insert(), [{"email": "gone@example.com"} for _ in range(2)])
    mine = customers.c.email == "gone@example.com"
    assert connection.execute(customers.update().where(mine).values(name="Gone")).rowcount == 2
    rows = connection.execute(customers.update().where(mine).values(name="Going").returning(customers.c.id, customers.c.name)).all()
    assert [row.name for row in rows] == ["Going"] * 2
    first = rows[0].id
    assert connection.execute(customers.delete().where(customers.c.id == first).returning(customers.c.id)).all() == [(first,)]
    assert connection.execute(customers.delete().where(mine)).rowcount == 1


def test_update_once_per_set_of_parameters(connection, customers, sim):
    connection.execute(customers.insert(), [{"email": f"set{n}@example.com"} for n in range(2)])
    statement = customers.update().where(customers.c.email == sa.bindparam("of")).values(name=sa.bindparam("to"))
    result = connection.execute(statement, [{"of": f"set{n}@example.com", "to": f"Set {n}"} for n in range(2)])
    assert result.rowcount == 2
    assert {"Set 0", "Set 1"} <= {each.get("name") for each in sim.objects("customers")}


def test_update_from_another_table(connection, customers, engine, sim):
    charges = sa.Table("charges", sa.MetaData(), autoload_with=engine, resolve_fks=False)
    charge = next(each for each in sim.listed("charges") if each["customer"] in {row["id"] for row in sim.listed("customers")})
    statement = (
        customers.update().where(customers.c.id == charges.c.customer, charges.c.id == charge["id"]).values(description=charges.c.id)
    )
    assert connection.execute(statement).rowcount == 1
    assert next(each for each in sim.objects("customers") if each["id"] == charge["customer"])["description"] == charge["id"]


# -- ORM


@pytest.fixture
def base(engine):
    base = automap_base(metadata=sa.MetaData())

    @sa.event.listens_for(base.metadata, "column_reflect")
    def rename(inspector, table, column):
        if column["name"] in ("metadata", "registry"):
            column["key"] = column["name"] + "_"

    base.metadata.reflect(engine, only=["customers", "products", "prices"])
    base.prepare()
    return base


def test_a_flush_takes_ids_from_stripe(engine, base, sim):
    with orm.Session(engine) as session:
        customer = base.classes.customers(email="flush@example.com")
        session.add(customer)
        session.flush()
        assert emails(sim)[customer.id] == "flush@example.com"
        customer.name = "Flushed"
        session.commit()
        assert customer.name == "Flushed"
        assert sent(sim) == ["/v1/customers", f"/v1/customers/{customer.id}"]


def test_a_flush_sends_parents_first(engine, base, sim):
    products, prices = base.classes.products, base.classes.prices
    with orm.Session(engine) as session:
        price = prices(products=products(name="Thing"), currency="usd", unit_amount=100)
        session.add(price)
        session.commit()
        assert (price.product, price.products.name) == (price.products.id, "Thing")
    assert sent(sim) == ["/v1/products", "/v1/prices"]


def test_several_objects_learn_their_own_ids(engine, base, sim):
    with orm.Session(engine) as session:
        made = [base.classes.customers(email=f"several{n}@example.com") for n in range(3)]
        session.add_all(made)
        session.flush()
        known = emails(sim)
        assert [known[each.id] for each in made] == [f"several{n}@example.com" for n in range(3)]


def test_an_object_with_relationships_for_reading_is_deleted_alone(engine, sim):
    base = automap_base(metadata=sa.MetaData())

    @sa.event.listens_for(base.metadata, "column_reflect")
    def rename(inspector, table, column):
        if column["name"] in ("metadata", "registry"):
            column["key"] = column["name"] + "_"

    def for_reading(*given, **more):
        more = {name: value for name, value in more.items() if name not in ("cascade", "passive_deletes")}
        return generate_relationship(*given, viewonly=True, **more)

    base.metadata.reflect(engine, only=["customers", "charges"])
    base.prepare(generate_relationship=for_reading)
    with orm.Session(engine) as session:
        customer = base.classes.customers(email="deleted@example.com")
        session.add(customer)
        session.commit()
        identity = customer.id
        sim.clear_log()
        session.delete(customer)
        session.commit()
    assert identity not in emails(sim)
    assert sent(sim) == []
    assert sent(sim, "DELETE") == [f"/v1/customers/{identity}"]


def test_a_declared_class_says_that_ids_come_from_stripe(engine, sim):
    registry = orm.registry()

    @registry.mapped
    class Product:
        __tablename__ = "products"
        id = sa.Column(sa.String, primary_key=True, server_default=sa.FetchedValue())
        name = sa.Column(sa.String)

    with orm.Session(engine) as session:
        product = Product(name="Declared")
        session.add(product)
        session.commit()
        assert session.get(Product, product.id).name == "Declared"
        session.execute(sa.insert(Product), [{"name": f"Bulk {n}"} for n in range(3)])
        session.commit()
    assert sent(sim) == ["/v1/products"] * 4


# -- temporary tables


@pytest.fixture
def own():
    metadata = sa.MetaData()
    return sa.Table(
        "targets",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("goal", sa.Numeric(10, 2), server_default="5"),
        prefixes=["TEMPORARY"],
    )


def test_a_temporary_table_is_made_used_reflected_and_dropped(connection, own, engine, sim):
    own.create(connection)
    own.create(connection, checkfirst=True)
    connection.execute(own.insert(), [{"currency": "usd"}, {"currency": "eur"}])
    assert connection.execute(own.insert().values(currency="gbp")).inserted_primary_key == (3,)
    charges = sa.Table("charges", sa.MetaData(), autoload_with=engine, resolve_fks=False)
    query = sa.select(own.c.currency, sa.func.count()).join(charges, charges.c.currency == own.c.currency).group_by(own.c.currency)
    assert {row[0] for row in connection.execute(query)} <= {"usd", "eur", "gbp"}
    inspector = sa.inspect(connection)
    assert inspector.has_table("targets")
    assert inspector.get_temp_table_names() == ["targets"]
    assert "targets" not in inspector.get_table_names()
    columns = inspector.get_columns("targets")
    assert [(each["name"], each["nullable"]) for each in columns] == [("id", False), ("currency", False), ("goal", True)]
    assert (columns[2]["type"].precision, columns[2]["type"].scale) == (10, 2)
    assert inspector.get_pk_constraint("targets")["constrained_columns"] == ["id"]
    again = sa.Table("targets", sa.MetaData(), autoload_with=connection)
    assert connection.execute(sa.select(again).where(again.c.currency == "usd")).one().goal == 5
    assert connection.execute(own.update().where(own.c.id == 1).values(goal=7).returning(own.c.goal)).scalar_one() == 7
    assert connection.execute(own.delete()).rowcount == 3
    own.drop(connection)
    assert not sa.inspect(connection).has_table("targets")
    assert sent(sim) == []


def test_other_tables_cannot_be_made(connection):
    with pytest.raises(sa.exc.NotSupportedError, match="write CREATE TEMP TABLE"):
        sa.Table("mine", sa.MetaData(), sa.Column("n", sa.Integer)).create(connection)
