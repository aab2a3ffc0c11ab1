"""CALL through SQLAlchemy: with bound parameters, and with rows."""

from __future__ import annotations

import sqlalchemy as sa


def test_call_takes_parameters_and_gives_rows():
    engine = sa.create_engine("stripe:///?demo=procedures_of_sqlalchemy")
    with engine.connect() as connection:
        made = connection.execute(
            sa.text('CALL customers.create(name => :name, "metadata.k" => :value)'), {"name": "Ann: 7%", "value": "v"}
        )
        (row,) = made.mappings().all()
        assert (row["name"], row["metadata"]) == ("Ann: 7%", {"k": "v"})
        found = connection.execute(sa.text("CALL stripe.request(path => '/v1/customers/' || :id, filter => '$.name')"), {"id": row["id"]})
        assert found.scalar_one() == "Ann: 7%"
    engine.dispose()


def test_callproc_through_the_raw_connection():
    engine = sa.create_engine("stripe:///?demo=procedures_of_sqlalchemy")
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.callproc("customers.create", {"name": "Ben"})
        assert cursor.lastrowid.startswith("cus_")
    finally:
        raw.close()
    engine.dispose()
