"""Hold reflection against the catalogue; no request may be sent for it."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import NoSuchTableError

from stripesql.catalogue.load import catalogue
from stripesql.sqlalchemy.types import DOUBLE
from stripesql.types import SqlType


@pytest.fixture
def inspector(engine, sim):
    yield sa.inspect(engine)
    assert sim.log == []


def test_schemas_and_their_relations(inspector):
    assert inspector.default_schema_name == "stripe"
    assert inspector.get_schema_names() == ["information_schema", "stripe"]
    assert inspector.get_table_names() == inspector.get_table_names(schema="stripe") == list(catalogue().table_names())
    assert inspector.get_view_names() == []
    assert {"tables", "columns"} <= set(inspector.get_view_names(schema="information_schema"))
    assert inspector.get_table_names(schema="nowhere") == []


def test_server_version_is_the_api_version(connection):
    assert "-".join(f"{part:02}" for part in connection.dialect.server_version_info) == catalogue().version.partition(".")[0]


EXPECTED = {
    SqlType.VARCHAR: (sa.String, {}),
    SqlType.BIGINT: (sa.BigInteger, {}),
    SqlType.BOOLEAN: (sa.Boolean, {}),
    SqlType.DOUBLE: (DOUBLE, {}),
    SqlType.DECIMAL: (sa.Numeric, {"precision": 38, "scale": 12}),
    SqlType.TIMESTAMPTZ: (sa.DateTime, {"timezone": True}),
    SqlType.DATE: (sa.Date, {}),
    SqlType.JSON: (sa.JSON, {}),
}


def test_every_table_reflects_its_visible_columns_with_their_types(engine, sim):
    metadata = sa.MetaData()
    metadata.reflect(engine)
    assert sim.log == []
    assert len(metadata.tables) == len(catalogue().table_names())
    for table in catalogue().tables():
        reflected = metadata.tables[table.name]
        assert list(reflected.columns.keys()) == [column.name for column in table.visible]
        assert [column.name for column in reflected.primary_key] == list(table.key)
        for column in table.visible:
            kind, attributes = EXPECTED[column.type]
            found = reflected.columns[column.name].type
            assert type(found) is kind
            assert {name: getattr(found, name) for name in attributes} == attributes


# No list, and a path with a parent's id: the driver does not reach their rows yet.
UNREACHABLE = {"customer_cash_balance", "treasury_financial_account_features", "v2_core_account_person_tokens"}


def test_every_reflected_table_can_be_selected(engine, sim):
    metadata = sa.MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        for table in metadata.tables.values():
            if table.name in UNREACHABLE:
                continue
            query = sa.select(table).where(*needed(catalogue().table(table.name)))
            text = query.compile(engine, compile_kwargs={"literal_binds": True})
            assert connection.exec_driver_sql(f"EXPLAIN {text}").fetchall()
    assert sim.log == []


def needed(table):
    """Return the predicates without which Stripe lists nothing; some are on hidden columns, which do not reflect."""
    names = [name for _, name in table.list.required] if table.list is not None else table.key
    times = {column.name for column in table.columns if column.type is SqlType.TIMESTAMPTZ}
    return [sa.column(name) == (dt.datetime(2026, 1, 1, tzinfo=dt.UTC) if name in times else "x") for name in names]


def test_id_has_a_server_default_so_that_an_insert_may_leave_it_out(tables):
    assert tables["customers"].c.id.server_default is not None
    assert not tables["customers"].c.id.nullable
    assert tables["customers"].c.email.server_default is None
    assert tables["customers"].c.email.nullable


def test_foreign_keys_lead_to_the_canonical_table(inspector):
    found = {each["constrained_columns"][0]: each for each in inspector.get_foreign_keys("charges")}
    assert found["customer"]["referred_table"] == "customers"
    assert found["customer"]["referred_columns"] == ["id"]
    assert found["payment_method"]["referred_table"] == "payment_methods"
    assert found["customer"]["referred_schema"] is None
    assert inspector.get_foreign_keys("charges", schema="stripe")[0]["referred_schema"] == "stripe"


def test_column_with_ids_of_several_kinds_has_no_foreign_key(inspector):
    found = [each["constrained_columns"] for each in inspector.get_foreign_keys("balance_transactions")]
    assert ["source"] not in found


def test_every_foreign_key_leads_to_a_column_that_exists(engine):
    metadata = sa.MetaData()
    metadata.reflect(engine)
    for table in metadata.tables.values():
        for key in table.foreign_keys:
            assert key.column.name == "id"


def test_indexes_are_what_stripe_filters(inspector):
    columns = [each["column_names"] for each in inspector.get_indexes("charges")]
    assert ["created"] in columns
    assert ["customer"] in columns
    assert ["amount"] not in columns
    assert [each["column_names"] for each in inspector.get_indexes("payment_link_line_items")] == [["payment_link"]]
    assert all(
        column in {c["name"] for c in inspector.get_columns("events")}
        for i in inspector.get_indexes("events")
        for column in i["column_names"]
    )


def test_comments_say_which_filters_save_requests_and_which_rows_no_list_shows(inspector):
    text = inspector.get_table_comment("prices")["text"]
    assert "Filtered by Stripe: " in text
    assert "Includes inactive prices." in text
    assert "Not listed: inline prices, made by price_data (reached by id)." in text
    comments = {column["name"]: column["comment"] for column in inspector.get_columns("charges")}
    assert comments["created"] == "Filtered by Stripe: =, <, <=, >, >=."
    assert comments["customer"] == "Filtered by Stripe: =. An id of customers."
    assert comments["id"] == "Filtered by Stripe: =, IN."
    assert comments["description"] is None


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1",
        "nothing",
        "",
        "%",
        "customers; DROP TABLE x",
        "information_schema.tables",
        "🙂",
        "x" * 100_000,
        "../index",
        "stripe.customers",
    ],
)
def test_any_text_that_names_no_table_is_no_table(inspector, text):
    assert inspector.has_table(text) is False
    assert inspector.has_table("customers") is True
    assert inspector.has_table("customers", schema="stripe") is True
    assert inspector.has_table("customers", schema="nowhere") is False
    assert inspector.has_table("tables", schema="information_schema") is True


@pytest.mark.parametrize(
    "method",
    [
        "get_columns",
        "get_pk_constraint",
        "get_foreign_keys",
        "get_indexes",
        "get_unique_constraints",
        "get_check_constraints",
        "get_table_comment",
        "get_view_definition",
    ],
)
def test_unknown_table_is_named_by_the_error(inspector, method):
    with pytest.raises(NoSuchTableError, match="custmers"):
        getattr(inspector, method)("custmers")
    with pytest.raises(NoSuchTableError, match=r"nowhere\.customers"):
        getattr(inspector, method)("customers", schema="nowhere")


def test_information_schema_reflects_and_can_be_read(engine, sim):
    table = sa.Table("columns", sa.MetaData(), autoload_with=engine, schema="information_schema")
    with engine.connect() as connection:
        query = sa.select(table.c.column_name).where(table.c.table_name == "balance", table.c.is_hidden == "NO")
        names = connection.execute(query.order_by(table.c.ordinal_position)).scalars().all()
    assert names == [column.name for column in catalogue().table("balance").visible]
    assert sim.log == []


def test_table_with_a_schema_keeps_it(engine):
    table = sa.Table("charges", sa.MetaData(), autoload_with=engine, schema="stripe", resolve_fks=False)
    with engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() > 0


def test_multi_reflection_gives_what_single_reflection_gives(inspector):
    if not hasattr(inspector, "get_multi_columns"):
        pytest.skip("SQLAlchemy 1.4 has no get_multi_*")
    names = ["charges", "prices"]
    for what in ("columns", "foreign_keys", "indexes", "unique_constraints", "check_constraints"):
        many = getattr(inspector, f"get_multi_{what}")(filter_names=names)
        assert {name: [str(each) for each in found] for (_, name), found in many.items()} == {
            name: [str(each) for each in getattr(inspector, f"get_{what}")(name)] for name in names
        }
    assert inspector.get_multi_pk_constraint(filter_names=names)[(None, "prices")]["constrained_columns"] == ["id"]
    assert inspector.get_multi_table_comment(filter_names=names)[(None, "prices")] == inspector.get_table_comment("prices")
